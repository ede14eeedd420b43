// Everything but GLB and video, read back with code of its own.
#include "export_fixture.h"
#include "read_back.h"

#include "base/error.h"
#include "base/files.h"
#include "base/npz.h"
#include "body/body_keypoints.h"
#include "export/bvh_writer.h"
#include "export/exporter.h"
#include "video/video_writer.h"

#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>

#include <cstring>
#include <set>
#include <unistd.h>
#include <sstream>

using namespace body4d;
using namespace body4d::test;
using Json = nlohmann::json;

namespace {

std::filesystem::path pathOf(const QTemporaryDir& dir) {
    return dir.path().toStdString();
}

ExportResult write(const ExportScene& scene, const char* format, const std::filesystem::path& dir,
                   const ExportOptions& options = {}) {
    const std::vector<std::string> formats = {format};
    return exportAll(scene, formats, dir, options, {}, {});
}

RigidTransform worldAt(const ExportScene& scene, std::int64_t frame) {
    return scene.world.worldFromCam[static_cast<std::size_t>(frame - scene.world.firstFrame)];
}

std::shared_ptr<const BodyModel> anyBody() {
    const auto anny = annyOrNull();
    return anny ? anny : std::make_shared<const TubeBody>();
}

} // namespace

class FilesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void plyHoldsTheMeshInEveryAxisChoice_data();
    void plyHoldsTheMeshInEveryAxisChoice();
    void objHoldsTheMesh();
    void filesOfAKilledExportGo();
    void npzHoldsPosesFlagsAndMeasurements();
    void npzHoldsEveryShotsLens();
    void masksComeBackBitEqual();
    void cocoComesBack();
    void bvhJointsAreTheBodys_data();
    void bvhJointsAreTheBodys();
    void eulerAnglesGoOnWithoutJumps();
    void csvHasARowAFrame();
    void formatsAreListedAndMisspellingsFound();
    void emptyAndUnknownChoicesAreRefused();
    void failedWritesSayWhyAndLeaveNothing();
    void estimatesAreNearTheTruth();
    void namesBecomeFileNames();
    void pagesAreReadOnceAndHeld();
    void pagesGiveTheSameFilesAsMemory();
};

void FilesTest::plyHoldsTheMeshInEveryAxisChoice_data() {
    QTest::addColumn<int>("axes");
    QTest::addColumn<int>("space");
    for (int axes = 0; axes < 3; ++axes) {
        for (int space = 0; space < 2; ++space) {
            QTest::addRow("axes %d space %d", axes, space) << axes << space;
        }
    }
}

void FilesTest::plyHoldsTheMeshInEveryAxisChoice() {
    QFETCH(int, axes);
    QFETCH(int, space);
    QTemporaryDir dir;
    const ExportScene scene = makeScene(anyBody());
    ExportOptions options;
    options.mesh.axes = static_cast<ExportAxes>(axes);
    options.mesh.space = static_cast<ExportSpace>(space);
    options.beginFrame = 18;
    options.endFrame = 28;
    const ExportResult result = write(scene, "ply", pathOf(dir), options);
    QCOMPARE(result.files.size(), std::size_t{10 + 4}); // Ben is hidden in [20, 26)
    QVERIFY(std::filesystem::exists(pathOf(dir) / "ply" / "Street_walk_3_000027.ply"));
    QVERIFY(!std::filesystem::exists(pathOf(dir) / "ply" / "Street_walk_3_000022.ply"));
    const Ply ply = readPly(pathOf(dir) / "ply" / "Street_walk_3_000027.ply");
    const ExportTarget& ben = scene.targets[1];
    const RestBody rest = ben.model->shaped(ben.body->shape);
    std::vector<Vec3f> vertices;
    ben.model->pose(rest, ben.body->frames[22].pose, vertices);
    QCOMPARE(ply.vertices.size(), vertices.size());
    QCOMPARE(ply.faces.size(), ben.model->topology().triangles.size());
    double worst = 0, facing = 0;
    for (std::size_t v = 0; v < vertices.size(); ++v) {
        const Vec3 cam{vertices[v].x, vertices[v].y, vertices[v].z};
        // y up in the chosen space first, then the axes.
        const Vec3 up = space == 0 ? worldAt(scene, 27) * cam : Vec3{cam.x, -cam.y, -cam.z};
        const Vec3 want = axes == 0 ? up : axes == 1 ? Vec3{up.x, -up.y, -up.z} : Vec3{up.x, -up.z, up.y};
        worst =
            std::max(worst, norm(want - Vec3{ply.vertices[v][0], ply.vertices[v][1], ply.vertices[v][2]}));
    }
    QVERIFY2(worst < 1e-5, qPrintable(QString::number(worst)));
    for (const auto& face : ply.faces) { // normals and winding say the same
        const auto at = [&](int k) {
            const auto& v = ply.vertices[static_cast<std::size_t>(face[static_cast<std::size_t>(k)])];
            return Vec3{v[0], v[1], v[2]};
        };
        const Vec3 a = at(1) - at(0), b = at(2) - at(0);
        const Vec3 n{a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
        const auto& first = ply.vertices[static_cast<std::size_t>(face[0])];
        facing += dot(n, {first[3], first[4], first[5]}) >= 0;
    }
    QVERIFY(facing > 0.97 * static_cast<double>(ply.faces.size()));
    std::string all;
    for (const std::string& line : ply.comments) {
        all += line + "\n";
    }
    for (const char* part : {"units m", "axes ", "frame 27", "time ", "target 3 Ben", "state completed",
                             "Body4D Studio 0.1.0", "anny 0.6.2"}) {
        QVERIFY2(all.find(part) != std::string::npos, part);
    }
}

void FilesTest::filesOfAKilledExportGo() {
    QTemporaryDir dir;
    // No process has the largest number; this one's own files are under way.
    const auto dead = pathOf(dir) / ".clip.glb.999999999-3.tmp.glb.bin",
               alive = pathOf(dir) / (".clip.glb." + std::to_string(::getpid()) + "-3.tmp.glb"),
               foreign = pathOf(dir) / ".notes.tmp";
    for (const auto& file : {dead, alive, foreign}) {
        writeFileAtomically(file, std::string("x"));
    }
    (void)write(makeScene(std::make_shared<TubeBody>()), "csv", pathOf(dir));
    QVERIFY(!std::filesystem::exists(dead));
    QVERIFY(std::filesystem::exists(alive));
    QVERIFY(std::filesystem::exists(foreign));
}

void FilesTest::objHoldsTheMesh() {
    QTemporaryDir dir;
    const ExportScene scene = makeScene(std::make_shared<TubeBody>());
    ExportOptions options;
    options.beginFrame = 12;
    options.endFrame = 13;
    options.targets = {1};
    write(scene, "obj", pathOf(dir), options);
    std::istringstream in(readTextFile(pathOf(dir) / "obj" / "Street_walk_1_000012.obj"));
    const ExportTarget& target = scene.targets[0];
    const RestBody rest = target.model->shaped(target.body->shape);
    std::vector<Vec3f> vertices;
    target.model->pose(rest, target.body->frames[7].pose, vertices);
    std::string line;
    std::size_t v = 0, faces = 0, materials = 0;
    while (std::getline(in, line)) {
        std::istringstream words(line);
        std::string key;
        words >> key;
        if (key == "v") {
            Vec3 p;
            words >> p.x >> p.y >> p.z;
            QVERIFY(norm(p - worldAt(scene, 12) * Vec3{vertices[v].x, vertices[v].y, vertices[v].z}) < 1e-4);
            ++v;
        } else if (key == "f") {
            int corners = 0, a = 0, b = 0, c = 0;
            char slash = 0;
            while (words >> a >> slash >> b >> slash >> c) {
                QVERIFY(a >= 1 && a <= static_cast<int>(vertices.size()) && c == a && b >= 1);
                ++corners;
            }
            QCOMPARE(corners, 3);
            ++faces;
        } else if (key == "usemtl") {
            ++materials;
        }
    }
    QCOMPARE(v, vertices.size());
    QCOMPARE(faces, target.model->topology().triangles.size());
    QCOMPARE(materials, std::size_t{3});
    const std::string mtl = readTextFile(pathOf(dir) / "obj" / "Street_walk_1.mtl");
    QVERIFY(mtl.find("newmtl suit\n") != std::string::npos);
}

void FilesTest::npzHoldsPosesFlagsAndMeasurements() {
    QTemporaryDir dir;
    const ExportScene scene = makeScene(anyBody());
    const ExportResult result = write(scene, "npz", pathOf(dir));
    QCOMPARE(result.files.size(), std::size_t{2});
    const auto npz = readNpz(pathOf(dir) / "Street_walk_3.npz");
    const ExportTarget& ben = scene.targets[1];
    const auto joints = static_cast<std::int64_t>(ben.model->joints().size());
    const auto rotations = npz.at("pose_rotations").as<float>();
    QCOMPARE(npz.at("pose_rotations").shape, (std::vector<std::int64_t>{40, joints, 3, 3}));
    const auto index = npz.at("frame_index").as<std::int64_t>();
    const auto times = npz.at("pts_s").as<double>();
    const auto state = npz.at("state").as<std::uint8_t>();
    const auto translation = npz.at("translation").as<float>(), raw = npz.at("raw_translation").as<float>();
    const auto inPicture = npz.at("keypoints_2d").as<float>(), landmarks = npz.at("landmarks_2d").as<float>();
    const auto box = npz.at("bbox").as<float>();
    for (std::size_t i = 0; i < 40; ++i) {
        const BodyFrame& frame = ben.body->frames[i];
        QCOMPARE(index[i], frame.frame);
        QCOMPARE(times[i], scene.source.frameTimes[i + 5]);
        QCOMPARE(static_cast<FrameState>(state[i]), frame.state);
        const bool absent = frame.state == FrameState::Absent;
        QCOMPARE(std::isnan(translation[3 * i]), absent);
        QCOMPARE(landmarks[(i * kPoseLandmarkCount + 4) * 2], 14.F);
        QCOMPARE(landmarks[(i * kPoseLandmarkCount + 4) * 2 + 1], 20.F + static_cast<float>(frame.frame));
        QCOMPARE(box[4 * i], 426.F); // measured boxes are there in every frame
        QCOMPARE(box[4 * i + 2], 446.F + static_cast<float>(frame.frame));
        QCOMPARE(box[4 * i + 1], 180.F);
        QCOMPARE(box[4 * i + 3], 360.F);
        if (absent) {
            continue;
        }
        QVERIFY(std::fabs(raw[3 * i] - translation[3 * i] - 0.01F) < 1e-6F);
        for (std::size_t j = 0; j < static_cast<std::size_t>(joints); ++j) {
            for (std::size_t k = 0; k < 9; ++k) {
                QVERIFY(std::fabs(rotations[(i * static_cast<std::size_t>(joints) + j) * 9 + k] -
                                  frame.pose.rotations[j].m[k]) < 1e-6);
            }
        }
        const Vec2 px = project(ben.body->camera, frame.keypoints[3]);
        QVERIFY(std::fabs(inPicture[(i * kBodyKeypointCount + 3) * 2] - px.x) < 1e-2);
    }
}

void FilesTest::npzHoldsEveryShotsLens() {
    QTemporaryDir dir;
    const ExportScene scene = withLongLensFrom(makeScene(anyBody()), 25);
    write(scene, "npz", pathOf(dir));
    const auto npz = readNpz(pathOf(dir) / "Street_walk_1.npz");
    const auto focal = npz.at("focal_px").as<float>(), joints = npz.at("joints_2d").as<float>(),
               inCam = npz.at("joints_cam").as<float>(), points = npz.at("keypoints_2d").as<float>(),
               points3d = npz.at("keypoints_3d").as<float>();
    const Intrinsics lens = scene.targets[0].body->camera;
    const auto count = npz.at("joints_2d").shape[1];
    for (std::size_t i = 0; i < 40; ++i) {
        const double wanted = (i + 5 < 25 ? 1 : 2) * lens.focalPx;
        QCOMPARE(focal[i], static_cast<float>(wanted));
        const auto near = [&](const std::vector<float>& px, const std::vector<float>& at, std::size_t k) {
            const auto x = static_cast<double>(px[2 * k]) - lens.centreX, y = static_cast<double>(px[2 * k + 1]) - lens.centreY;
            const double X = at[3 * k], Y = at[3 * k + 1], Z = at[3 * k + 2];
            return std::hypot(x - wanted * X / Z, y - wanted * Y / Z) < 0.01;
        };
        QVERIFY(near(joints, inCam, i * static_cast<std::size_t>(count) + 3));
        QVERIFY(near(points, points3d, i * kBodyKeypointCount + 3));
    }
}

void FilesTest::masksComeBackBitEqual() {
    QTemporaryDir dir;
    ExportScene scene = makeScene(std::make_shared<TubeBody>());
    scene.targets[0].amodalMask =
        scene.targets[0].observed
            ? [observed = scene.targets[0].observed](std::int64_t frame) { return observed(frame + 3).mask; }
            : std::function<RleMask(std::int64_t)>();
    ExportOptions options;
    options.beginFrame = 10;
    options.endFrame = 14;
    const ExportResult result = write(scene, "masks", pathOf(dir), options);
    QCOMPARE(result.files.size(), std::size_t{4 + 4 + 4 + 1});
    for (std::int64_t frame = 10; frame < 14; ++frame) {
        char name[32];
        std::snprintf(name, sizeof name, "%06d.png", static_cast<int>(frame));
        const auto same = [&](const std::filesystem::path& path, const RleMask& want) {
            const Image image = readImage(path);
            const Mask mask = decodeRle(want);
            bool equal = image.width == mask.width && image.height == mask.height;
            for (std::size_t i = 0; equal && i < mask.values.size(); ++i) {
                equal = image.rgb[3 * i] == mask.values[i];
            }
            return equal;
        };
        QVERIFY(same(pathOf(dir) / "masks" / "Street_walk_1" / name, scene.targets[0].observed(frame).mask));
        QVERIFY(same(pathOf(dir) / "masks_amodal" / "Street_walk_1" / name,
                     scene.targets[0].observed(frame + 3).mask));
    }
    const Json meta = Json::parse(readTextFile(pathOf(dir) / "masks" / "Street_walk.json"));
    QCOMPARE(meta["version"].get<std::string>(), std::string("0.1.0"));
    QCOMPARE(meta["targets"].size(), std::size_t{2});
}

void FilesTest::cocoComesBack() {
    QTemporaryDir dir;
    const ExportScene scene = makeScene(anyBody());
    write(scene, "coco", pathOf(dir));
    const Json coco = Json::parse(readTextFile(pathOf(dir) / "Street_walk_coco.json"));
    QCOMPARE(coco["images"].size(), std::size_t{40});
    QCOMPARE(coco["annotations"].size(), std::size_t{80});
    QCOMPARE(coco["categories"][0]["keypoints"].size(), std::size_t{17});
    QCOMPARE(coco["categories"][0]["keypoints"][16].get<std::string>(), std::string("right_ankle"));
    std::set<std::int64_t> ids;
    for (const Json& entry : coco["annotations"]) {
        QVERIFY(ids.insert(entry["id"].get<std::int64_t>()).second);
        const auto frame = entry["image_id"].get<std::int64_t>();
        const ExportTarget& target = scene.targets[entry["track_id"] == 1 ? 0 : 1];
        const RleMask want = target.observed(frame).mask;
        const RleMask got = fromCocoString(entry["segmentation"]["counts"], entry["segmentation"]["size"][1],
                                           entry["segmentation"]["size"][0]);
        QCOMPARE(got, want);
        QCOMPARE(entry["area"].get<std::int64_t>(), area(want));
        QCOMPARE(entry["bbox"][2].get<double>(), 20.0 + static_cast<double>(frame));
        const BodyFrame& body = target.body->frames[static_cast<std::size_t>(frame - 5)];
        QCOMPARE(entry["state"].get<std::string>(), std::string(name(body.state)));
        QCOMPARE(entry.contains("keypoints"), body.state != FrameState::Absent);
        if (entry.contains("keypoints")) {
            const Vec2 knee = project(target.body->camera, body.keypoints[keypoint::kLeftKnee]);
            QVERIFY(std::fabs(entry["keypoints"][3 * 13].get<double>() - knee.x) <= 0.0051);
        }
    }
}

void FilesTest::bvhJointsAreTheBodys_data() {
    QTest::addColumn<bool>("mixamo");
    QTest::addColumn<bool>("variable");
    QTest::newRow("own") << false << false;
    QTest::newRow("mixamo") << true << false;
    QTest::newRow("own, variable rate") << false << true;
}

void FilesTest::bvhJointsAreTheBodys() {
    QFETCH(bool, mixamo);
    QFETCH(bool, variable);
    const std::shared_ptr<const BodyModel> model = anyBody();
    if (mixamo && model->name() == "tube") {
        QSKIP("The body model's data is not there; run packaging/setup.sh.");
    }
    QTemporaryDir dir;
    ExportScene scene = makeScene(model);
    if (variable) {
        for (std::size_t i = 0; i < scene.source.frameTimes.size();
             ++i) { // every fifth frame lasts three times as long
            scene.source.frameTimes[i] = 0.04 * static_cast<double>(i) + 0.08 * static_cast<double>(i / 5);
        }
    }
    ExportOptions options;
    options.bvhRig = mixamo ? RigPreset::Mixamo : RigPreset::Own;
    const ExportResult result = write(scene, "bvh", pathOf(dir), options);
    QCOMPARE(result.files.size(), std::size_t{4});
    const Bvh bvh = readBvh(pathOf(dir) / "Street_walk_1.bvh");
    QVERIFY(bvh.names.size() >= 5 && bvh.endSites >= 1);
    QCOMPARE(bvh.positions.size(), std::size_t{40});
    const auto& times = scene.source.frameTimes;
    QVERIFY(std::fabs(bvh.frameTime - (times[44] - times[5]) / 39) < 1e-8);
    const ExportTarget& target = scene.targets[0];
    const RestBody rest = target.model->shaped(target.body->shape);
    const auto joints = target.model->joints();
    double worst = 0;
    for (std::size_t i = 0; i < 40; ++i) {
        // The frame shown at that time; between frames the pose must lie near both.
        const double t = times[5] + static_cast<double>(i) * bvh.frameTime;
        std::size_t k = 0;
        while (k + 1 < 40 && std::fabs(times[k + 6] - t) <= std::fabs(times[k + 5] - t)) {
            ++k;
        }
        const double apart = std::fabs(times[k + 5] - t);
        if (variable && apart > 1e-6) {
            continue;
        }
        const PosedSkeleton posed = target.model->skeleton(rest, target.body->frames[variable ? k : i].pose);
        const std::int64_t frame = 5 + static_cast<std::int64_t>(variable ? k : i);
        for (std::size_t j = 0; j < joints.size(); ++j) {
            const std::string& name = joints[j].name;
            const std::string wanted = !mixamo             ? name
                                       : name == "wrist.L" ? "mixamorig:LeftHand"
                                       : name == "foot.R"  ? "mixamorig:RightFoot"
                                                           : "";
            const auto found = std::find(bvh.names.begin(), bvh.names.end(), wanted);
            if (found != bvh.names.end()) {
                const Vec3 cm = 100.0 * (worldAt(scene, frame) * posed.joints[j]);
                worst = std::max(
                    worst, norm(cm - bvh.positions[i][static_cast<std::size_t>(found - bvh.names.begin())]));
            }
        }
    }
    QVERIFY2(worst < 0.1, qPrintable(QString("%1 cm").arg(worst)));
    const Json meta = Json::parse(readTextFile(pathOf(dir) / "Street_walk_1.bvh.json"));
    QCOMPARE(meta["units"].get<std::string>(), std::string("cm"));
    const Json ben = Json::parse(readTextFile(pathOf(dir) / "Street_walk_3.bvh.json"));
    QVERIFY(ben["held_frames"].get<int>() >= (variable ? 5 : 10));
}

void FilesTest::eulerAnglesGoOnWithoutJumps() {
    std::array<double, 3> last{};
    for (int i = 0; i <= 400; ++i) {
        // Through the pole of the angles, where x is a right angle, and once around.
        const double a = 0.02 * i;
        const Mat3 r = rotationAbout({0, 1, 0}, 0.3) * rotationAbout({1, 0, 0}, a);
        const auto angles = eulerZxy(r, i > 0 ? &last : nullptr);
        const Mat3 back = rotationAbout({0, 0, 1}, angles[0]) * rotationAbout({1, 0, 0}, angles[1]) *
                          rotationAbout({0, 1, 0}, angles[2]);
        for (std::size_t k = 0; k < 9; ++k) {
            QVERIFY2(std::fabs(back.m[k] - r.m[k]) < 1e-6, qPrintable(QString("step %1").arg(i)));
        }
        last = angles;
    }
    const Mat3 pole = rotationAbout({1, 0, 0}, std::numbers::pi / 2) * rotationAbout({0, 1, 0}, 0.4);
    const auto angles = eulerZxy(pole, nullptr);
    const Mat3 back = rotationAbout({0, 0, 1}, angles[0]) * rotationAbout({1, 0, 0}, angles[1]) *
                      rotationAbout({0, 1, 0}, angles[2]);
    for (std::size_t k = 0; k < 9; ++k) {
        QVERIFY(std::fabs(back.m[k] - pole.m[k]) < 1e-6);
    }
    // Slow turns stay slow: the other way to write the rotation, or a whole turn, would jump by half a
    // circle.
    last = eulerZxy(rotationAbout({0, 0, 1}, 0), nullptr);
    for (int i = 1; i < 700; ++i) {
        const auto now = eulerZxy(rotationAbout({0, 0, 1}, 0.02 * i), &last);
        QVERIFY(std::fabs(now[0] - last[0]) < 0.03);
        last = now;
    }
    QVERIFY(last[0] > 13);
}

void FilesTest::csvHasARowAFrame() {
    QTemporaryDir dir;
    const ExportScene scene = makeScene(std::make_shared<TubeBody>());
    write(scene, "csv", pathOf(dir));
    const auto rows = [&](const char* name) {
        std::vector<std::vector<std::string>> out;
        std::istringstream in(readTextFile(pathOf(dir) / name));
        std::string line;
        while (std::getline(in, line)) {
            if (!line.starts_with("#")) {
                auto& row = out.emplace_back(1);
                for (const char c : line) {
                    if (c == ',') {
                        row.emplace_back();
                    } else {
                        row.back() += c;
                    }
                }
            }
        }
        return out;
    };
    const auto joints = rows("Street_walk_3_joints.csv"), metrics = rows("Street_walk_metrics.csv");
    QCOMPARE(joints.size(), std::size_t{1 + 30}); // hidden frames have no joints
    QCOMPARE(metrics.size(), std::size_t{1 + 80});
    for (const auto& row : joints) {
        QCOMPARE(row.size(), std::size_t{3 + 15});
    }
    for (const auto& row : metrics) {
        QCOMPARE(row.size(), metrics[0].size());
    }
    const ExportTarget& ben = scene.targets[1];
    const PosedSkeleton posed =
        ben.model->skeleton(ben.model->shaped(ben.body->shape), ben.body->frames[39].pose);
    const Vec3 head = worldAt(scene, 44) * posed.joints[4];
    QCOMPARE(joints.back()[0], std::string("44"));
    QVERIFY(std::fabs(std::stod(joints.back()[15]) - head.x) < 1e-4);
    QVERIFY(std::fabs(std::stod(joints.back()[17]) - head.z) < 1e-4);
}

void FilesTest::formatsAreListedAndMisspellingsFound() {
    QVERIFY(exportFormats().size() >= 9);
    std::set<std::string> names;
    for (const ExportFormat& format : exportFormats()) {
        QVERIFY(names.insert(format.name).second);
        QVERIFY(!format.description.empty() && format.fileNames.find("<project>") != std::string::npos);
    }
    try {
        (void)exportFormat("glbb");
        QFAIL("a misspelled format passed");
    } catch (const Error& error) {
        QCOMPARE(error.code(), ErrorCode::Usage);
        QVERIFY(error.remedy().find("'glb'") != std::string::npos);
    }
}

void FilesTest::emptyAndUnknownChoicesAreRefused() {
    QTemporaryDir dir;
    const auto codeOf = [&](const ExportScene& scene, const ExportOptions& options) {
        try {
            write(scene, "csv", pathOf(dir) / "out", options);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::Internal;
    };
    const ExportScene scene = makeScene(std::make_shared<TubeBody>());
    ExportOptions options;
    options.targets = {2};
    QCOMPARE(codeOf(scene, options), ErrorCode::Usage);
    options.targets.clear();
    options.beginFrame = 500;
    QCOMPARE(codeOf(scene, options), ErrorCode::Input);
    QCOMPARE(codeOf(ExportScene(), ExportOptions()), ErrorCode::Input);
    QVERIFY(!std::filesystem::exists(pathOf(dir) / "out"));
}

void FilesTest::failedWritesSayWhyAndLeaveNothing() {
    QTemporaryDir dir;
    const ExportScene scene = makeScene(std::make_shared<TubeBody>());
    writeFileAtomically(pathOf(dir) / "taken", std::string_view("a file where a folder should be"));
    for (const char* format : {"glb", "ply", "npz", "bvh", "csv", "coco", "obj", "masks"}) {
        try {
            write(scene, format, pathOf(dir) / "taken" / "out");
            QFAIL(format);
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Output);
            QVERIFY(!error.remedy().empty());
        }
    }
    QCOMPARE(std::distance(std::filesystem::directory_iterator(pathOf(dir)),
                           std::filesystem::directory_iterator()),
             1);
}

void FilesTest::estimatesAreNearTheTruth() {
    QTemporaryDir dir;
    const ExportScene scene = makeScene(anyBody());
    for (const char* format : {"glb", "ply", "npz", "bvh", "csv", "obj"}) {
        const ExportResult result = write(scene, format, pathOf(dir) / format);
        double bytes = 0;
        for (const auto& file : result.files) {
            bytes += static_cast<double>(std::filesystem::file_size(file));
        }
        const auto estimate = static_cast<double>(estimateBytes(scene, format, ExportOptions()));
        QVERIFY2(estimate > 0.5 * bytes && estimate < 2 * bytes,
                 qPrintable(QString("%1: %2 for %3").arg(format).arg(estimate).arg(bytes)));
    }
}

void FilesTest::namesBecomeFileNames() {
    QCOMPARE(fileNamePart("Anna 2"), std::string("Anna_2"));
    QCOMPARE(fileNamePart("../../etc/passwd"), std::string("etc_passwd"));
    QCOMPARE(fileNamePart("a/b\\c:d"), std::string("a_b_c_d"));
    QCOMPARE(fileNamePart(" ... "), std::string("export"));
    QCOMPARE(fileNamePart("Zoë"), std::string("Zoë"));
}

void FilesTest::pagesAreReadOnceAndHeld() {
    auto track = std::make_shared<BodyTrack>();
    for (int i = 0; i < 1000; ++i) {
        track->frames.emplace_back().frame = i;
        track->frames.back().state = i % 3 == 0 ? FrameState::Occluded : FrameState::Visible;
    }
    track->frames[999].confidence[4] = 0.1F;
    std::size_t most = 0, frames = 0;
    const auto paged = std::make_shared<const BodyFrames>(track->frames.size(), [&](std::size_t begin, std::size_t end) {
        most = std::max(most, end - begin);
        frames += end - begin;
        return std::vector<BodyFrame>(track->frames.begin() + static_cast<std::ptrdiff_t>(begin),
                                      track->frames.begin() + static_cast<std::ptrdiff_t>(end));
    });
    const auto held = paged->at(7);
    for (std::size_t i = 0; i < paged->count(); ++i) {
        QCOMPARE(paged->at(i)->frame, static_cast<std::int64_t>(i));
    }
    QCOMPARE(frames, track->frames.size()); // each once, in pieces
    QVERIFY(most < 200);
    for (std::size_t i = paged->count(); i-- > 0;) {
        QCOMPARE(paged->brief(i).state, track->frames[i].state);
        QCOMPARE(paged->brief(i).measured, i == 999);
    }
    QCOMPARE(held->frame, 7); // though its page has long gone
    QVERIFY_EXCEPTION_THROWN((void)paged->at(1000), std::out_of_range);

    const BodyFrames shifted(paged, [](BodyFrame& frame) { frame.boxSidePx = static_cast<float>(frame.frame) + 1; });
    QCOMPARE(shifted.count(), paged->count());
    QCOMPARE(shifted.at(640)->boxSidePx, 641.0F);
    QCOMPARE(paged->at(640)->boxSidePx, 0.0F);
}

void FilesTest::pagesGiveTheSameFilesAsMemory() {
    QTemporaryDir dir;
    const ExportScene memory = makeScene(anyBody(), true, 150);
    ExportScene pages = memory;
    for (auto& target : pages.targets) {
        auto head = std::make_shared<BodyTrack>(*target.body);
        head->frames.clear();
        target.paged = std::make_shared<const BodyFrames>(
            target.body->frames.size(), [track = target.body](std::size_t begin, std::size_t end) {
                return std::vector<BodyFrame>(track->frames.begin() + static_cast<std::ptrdiff_t>(begin),
                                              track->frames.begin() + static_cast<std::ptrdiff_t>(end));
            });
        target.body = std::move(head);
    }
    const auto textOf = [](const std::filesystem::path& file) {
        auto text = QByteArray::fromStdString(readTextFile(file));
        for (auto at = text.indexOf("\"date\":"); at >= 0; at = text.indexOf("\"date\":", at + 1)) {
            text.replace(at, 31, QByteArray(31, '-')); // when it was written
        }
        return text;
    };
    for (const char* format : {"glb", "ply", "npz", "obj", "bvh", "csv", "coco"}) {
        ExportOptions options;
        options.endFrame = std::string(format) == "ply" || std::string(format) == "obj" ? 10 : -1;
        const auto a = write(memory, format, pathOf(dir) / "memory", options), b = write(pages, format, pathOf(dir) / "pages", options);
        QCOMPARE(a.notes, b.notes);
        QCOMPARE(a.files.size(), b.files.size());
        for (std::size_t i = 0; i < a.files.size(); ++i) {
            QCOMPARE(a.files[i].filename(), b.files[i].filename());
            if (std::string(format) != "npz") {
                QVERIFY2(textOf(a.files[i]) == textOf(b.files[i]), a.files[i].c_str());
                continue;
            }
            const auto one = readNpz(a.files[i]), other = readNpz(b.files[i]);
            QCOMPARE(one.size(), other.size());
            for (const auto& [name, array] : one) {
                QVERIFY2(array.bytes == other.at(name).bytes && array.shape == other.at(name).shape, name.c_str());
            }
        }
    }
    ExportOptions exact;
    exact.glb.mesh = GlbMesh::Exact;
    exact.endFrame = 12;
    QVERIFY(textOf(write(memory, "glb", pathOf(dir) / "memory", exact).files[0]) ==
            textOf(write(pages, "glb", pathOf(dir) / "pages", exact).files[0]));
}

QTEST_GUILESS_MAIN(FilesTest)
#include "test_export_files.moc"
