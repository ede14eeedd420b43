#include "export_fixture.h"
#include "glb_reader.h"

#include "base/error.h"
#include "body/measured_body.h"
#include "export/exporter.h"
#include "export/rig.h"

#include <QTemporaryDir>
#include <QtTest>

#include <map>
#include <tuple>

using namespace body4d;
using namespace body4d::test;

namespace {

std::filesystem::path pathOf(const QTemporaryDir& dir) {
    return dir.path().toStdString();
}

ExportResult write(const ExportScene& scene, const ExportOptions& options, const std::filesystem::path& dir) {
    const std::vector<std::string> formats = {"glb"};
    return exportAll(scene, formats, dir, options, {}, {});
}

/// The rules of the specification, all at once.
void verifyValid(const std::filesystem::path& file) {
    GlbReader glb(file);
    glb.validate();
    std::string all;
    for (const std::string& error : glb.errors) {
        if (all.find(error) == std::string::npos) {
            all += error + "; ";
        }
    }
    QVERIFY2(glb.errors.empty(), (file.filename().string() + ": " + all).c_str());
}

RigidTransform worldAt(const ExportScene& scene, std::int64_t frame) {
    if (scene.world.worldFromCam.empty()) {
        return {Mat3{{1, 0, 0, 0, -1, 0, 0, 0, -1}}, {}};
    }
    return scene.world.worldFromCam[static_cast<std::size_t>(frame - scene.world.firstFrame)];
}

/// The node of the camera that took a frame.
std::size_t cameraNode(const GlbReader& glb, std::int64_t frame) {
    const auto& nodes = glb.json["nodes"];
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].contains("camera")) {
            const auto& frames = nodes[i]["extras"]["frames"];
            if (frames[0] <= frame && frame < frames[1]) {
                return i;
            }
        }
    }
    throw std::runtime_error("no camera took frame " + std::to_string(frame));
}

/// Position of a point in pixels, through the file's own camera.
Vec2 throughFileCamera(const GlbReader& glb, const std::vector<GlbReader::Transform>& nodes,
                       std::int64_t frame, Vec3 world, int height) {
    const auto camera = cameraNode(glb, frame);
    const Vec3 q = transpose(nodes[camera].matrix) * (world - nodes[camera].translation);
    const auto& perspective = glb.json["cameras"][glb.json["nodes"][camera]["camera"].get<std::size_t>()]["perspective"];
    const double tangent = std::tan(perspective["yfov"].get<double>() / 2),
                 aspect = perspective["aspectRatio"];
    const double ndcX = q.x / (-q.z * tangent * aspect), ndcY = q.y / (-q.z * tangent);
    return {(ndcX + 1) / 2 * height * aspect, (1 - ndcY) / 2 * height};
}

/// Joints, skin and camera of a file against the body model, at every frame.
void verifyMotion(const ExportScene& scene, const std::filesystem::path& file, double skinMm) {
    const GlbReader glb(file);
    const double start = scene.source.frameTimes[5];
    for (std::size_t t = 0; t < scene.targets.size(); ++t) {
        const ExportTarget& target = scene.targets[t];
        const RestBody rest = target.model->shaped(target.body->shape);
        const int meshNode = glb.findNode(target.target.name + " mesh"),
                  person = glb.findNode(target.target.name);
        QVERIFY(meshNode >= 0 && person >= 0);
        const auto& skin = glb.json["skins"][glb.json["nodes"][meshNode]["skin"].get<std::size_t>()];
        // File vertices are body vertices in another order, some of them twice: found by their place at rest,
        // after the bind pose's own place is taken off. The grid is finer than any two vertices are near.
        const auto key = [](double x, double y, double z) {
            return std::tuple(std::lround(x * 2e4), std::lround(y * 2e4), std::lround(z * 2e4));
        };
        Vec3 restLow{1e9, 1e9, 1e9};
        for (const Vec3f& p : rest.vertices) {
            restLow = {std::min(restLow.x, double(p.x)), std::min(restLow.y, double(-p.y)),
                       std::min(restLow.z, double(-p.z))};
        }
        std::map<std::tuple<long, long, long>, std::size_t> atRest;
        for (std::size_t v = 0; v < rest.vertices.size(); ++v) {
            for (int n = 0; n < 27; ++n) { // neighbours too: rounding may fall either way
                const auto [x, y, z] = key(rest.vertices[v].x, -rest.vertices[v].y, -rest.vertices[v].z);
                const auto place = std::tuple(x + n % 3 - 1, y + n / 3 % 3 - 1, z + n / 9 - 1);
                if (n == 13) {
                    atRest[place] = v;
                } else {
                    atRest.try_emplace(place, v);
                }
            }
        }
        const auto& primitive =
            glb.json["meshes"][glb.json["nodes"][meshNode]["mesh"].get<std::size_t>()]["primitives"][0];
        const auto points = glb.read(primitive["attributes"]["POSITION"].get<int>());
        const auto& low =
            glb.json["accessors"][primitive["attributes"]["POSITION"].get<std::size_t>()]["min"];
        const Vec3 bindPlace = Vec3{low[0], low[1], low[2]} - restLow;
        std::vector<Vec3f> exact;
        double worstJoint = 0, worstVertex = 0, worstPixel = 0;
        int compared = 0;
        for (const BodyFrame& frame : target.body->frames) {
            const double time =
                static_cast<float>(scene.source.frameTimes[static_cast<std::size_t>(frame.frame)] - start);
            const auto nodes = glb.nodesAt(time);
            const bool shown = frame.state == FrameState::Visible || frame.state == FrameState::Completed;
            const double scale = nodes[static_cast<std::size_t>(person)].matrix(0, 0);
            QCOMPARE(scale, shown ? 1.0 : 0.0);
            if (!shown) {
                continue;
            }
            ++compared;
            const RigidTransform world = worldAt(scene, frame.frame);
            const PosedSkeleton posed = target.model->skeleton(rest, frame.pose);
            for (std::size_t j = 0; j < posed.joints.size(); ++j) {
                const auto node = skin["joints"][j].get<std::size_t>();
                QCOMPARE(glb.json["nodes"][node]["name"].get<std::string>(), target.model->joints()[j].name);
                const Vec3 at = nodes[node].translation;
                worstJoint = std::max(worstJoint, norm(at - world * posed.joints[j]));
                worstPixel = std::max(worstPixel, norm(throughFileCamera(glb, nodes, frame.frame, at, 720) -
                                                       project(target.body->cameraAt(frame.frame),
                                                               posed.joints[j])));
            }
            if (frame.frame % 7 == 0) {
                target.model->pose(rest, frame.pose, exact);
                const auto skinned = glb.skinnedVertices(static_cast<std::size_t>(meshNode), nodes);
                for (std::size_t v = 0; v < skinned.size(); ++v) {
                    const auto it =
                        atRest.find(key(points[3 * v] - bindPlace.x, points[3 * v + 1] - bindPlace.y,
                                        points[3 * v + 2] - bindPlace.z));
                    QVERIFY(it != atRest.end());
                    const Vec3f e = exact[it->second];
                    worstVertex = std::max(worstVertex, norm(skinned[v] - world * Vec3{e.x, e.y, e.z}));
                }
            }
        }
        QVERIFY(compared >= 20);
        qInfo("%s: joints within %.4f mm, skin within %.3f mm, camera within %.4f px",
              target.target.name.c_str(), 1000 * worstJoint, 1000 * worstVertex, worstPixel);
        QVERIFY2(worstJoint < 1e-3, qPrintable(QString("joints %1 mm").arg(1000 * worstJoint)));
        QVERIFY2(worstVertex < skinMm / 1000, qPrintable(QString("skin %1 mm").arg(1000 * worstVertex)));
        QVERIFY2(worstPixel < 0.5, qPrintable(QString("camera %1 px").arg(worstPixel)));
    }
    QVERIFY(std::fabs(glb.clipLength() - (scene.source.frameTimes[44] - start)) < 1e-6);
}

} // namespace

class GlbTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tubeKeepsTheRulesAndTheMotion();
    void annyKeepsTheRulesAndTheMotion();
    void everyShotHasItsCamera();
    void jointsInOnePlaceKeepTheirAxes();
    void camerasStandAtTheOriginWithoutWorld();
    void everyVariantKeepsTheRules_data();
    void everyVariantKeepsTheRules();
    void oneFrameIsAPosedBodyWithoutClip();
    void nothingIsBlendedAcrossACut();
    void exactMeshIsTheMeshOfEachFrame();
    void mixamoNamesStandForTheRightJoints();
    void aPersonNeverShownIsLeftOutAndNoted();
    void theGroundIsUnderEverybody();
    void metadataSaysWhatTheFileIs();
    void cancellingLeavesNothing();
};

void GlbTest::tubeKeepsTheRulesAndTheMotion() {
    QTemporaryDir dir;
    const ExportScene scene = makeScene(std::make_shared<TubeBody>());
    ExportOptions options;
    options.glb.influences = 8;
    const ExportResult result = write(scene, options, pathOf(dir));
    QCOMPARE(result.files.size(), std::size_t{1});
    QCOMPARE(result.files[0].filename().string(), std::string("Street_walk.glb"));
    verifyValid(result.files[0]);
    verifyMotion(scene, result.files[0], 0.01); // five influences fit into eight: exact but for rounding
    for (const auto& entry : std::filesystem::directory_iterator(pathOf(dir))) {
        QCOMPARE(entry.path(), result.files[0]); // no scratch file is left
    }
}

void GlbTest::annyKeepsTheRulesAndTheMotion() {
    const auto anny = annyOrNull();
    if (!anny) {
        QSKIP("The body model's data is not there; run packaging/setup.sh.");
    }
    QTemporaryDir dir;
    const ExportScene scene = makeScene(anny);
    ExportOptions options;
    const ExportResult four = write(scene, options, pathOf(dir) / "4");
    verifyValid(four.files[0]);
    verifyMotion(scene, four.files[0], 12);
    options.glb.influences = 8;
    const ExportResult eight = write(scene, options, pathOf(dir) / "8");
    verifyValid(eight.files[0]);
    verifyMotion(scene, eight.files[0], 1);
    QVERIFY(four.notes.size() == 2 && four.notes[0].find("mean") != std::string::npos);
    qInfo("%s", four.notes[0].c_str());
    qInfo("%s", eight.notes[0].c_str());
}

void GlbTest::everyShotHasItsCamera() {
    QTemporaryDir dir;
    const ExportScene scene = withLongLensFrom(makeScene(std::make_shared<const TubeBody>()), 25);
    const ExportResult result = write(scene, ExportOptions(), dir.path().toStdString());
    verifyValid(result.files.front());
    verifyMotion(scene, result.files.front(), 1);
    const GlbReader glb(result.files.front());
    QCOMPARE(glb.json["cameras"].size(), std::size_t{2});
    const auto fov = [&](std::size_t i) {
        return std::tan(glb.json["cameras"][i]["perspective"]["yfov"].get<double>() / 2);
    };
    QVERIFY(std::fabs(fov(0) - 2 * fov(1)) < 1e-9);
    QVERIFY(glb.findNode("camera_1") >= 0 && glb.findNode("camera_2") >= 0);
    const auto& shots = glb.json["asset"]["extras"]["camera"]["shots"];
    QCOMPARE(shots.size(), std::size_t{2});
    QCOMPARE(shots[1]["first_frame"].get<int>(), 25);
}

/// Like MHR's wrists, which lie where the twist before them does and have several fingers.
void GlbTest::jointsInOnePlaceKeepTheirAxes() {
    RestBody rest;
    rest.joints = {{0, 0, 0}, {0.3, 0.1, 0}, {0.3, 0.1, 0}, {0.3, 0.1, 0}, {0.3, 0.4, 0}, {0.3, 0.1, 0.2}};
    rest.vertices = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}};
    const auto model = makeMeasuredBody(
        "hand", {{"arm", -1}, {"twist", 0}, {"wrist", 1}, {"palm", 2}, {"finger", 2}, {"thumb", 2}},
        {{0, 1, 2}}, rest);
    const Rig rig = makeRig(*model, rest, RigPreset::Own, false);
    QCOMPARE(rig.joints.size(), std::size_t{6});
    for (const RigJoint& joint : rig.joints) {
        const Mat3 product = joint.bind * transpose(joint.bind);
        for (std::size_t k = 0; k < 9; ++k) {
            QVERIFY2(std::fabs(product.m[k] - (k % 4 == 0 ? 1 : 0)) < 1e-9, joint.name.c_str());
        }
    }
}

void GlbTest::camerasStandAtTheOriginWithoutWorld() {
    QTemporaryDir dir;
    const ExportScene scene = makeScene(std::make_shared<TubeBody>(), false);
    ExportOptions options;
    options.glb.influences = 8;
    const ExportResult result = write(scene, options, pathOf(dir));
    verifyValid(result.files[0]);
    verifyMotion(scene, result.files[0], 0.01);
    const GlbReader glb(result.files[0]);
    const auto nodes = glb.nodesAt(0.3);
    const auto camera = static_cast<std::size_t>(glb.findNode("camera"));
    QVERIFY(norm(nodes[camera].translation) < 1e-9);
    for (int r = 0; r < 3; ++r) {
        for (int c = 0; c < 3; ++c) {
            QCOMPARE(nodes[camera].matrix(r, c), r == c ? 1.0 : 0.0);
        }
    }
}

void GlbTest::everyVariantKeepsTheRules_data() {
    QTest::addColumn<bool>("anny");
    QTest::addColumn<int>("variant");
    for (const bool anny : {false, true}) {
        for (int variant = 0; variant < 7; ++variant) {
            if (variant == 1 && !anny) {
                continue; // the tube has no Mixamo joints
            }
            QTest::addRow("%s %d", anny ? "anny" : "tube", variant) << anny << variant;
        }
    }
}

void GlbTest::everyVariantKeepsTheRules() {
    QFETCH(bool, anny);
    QFETCH(int, variant);
    const std::shared_ptr<const BodyModel> model = anny ? annyOrNull() : std::make_shared<TubeBody>();
    if (!model) {
        QSKIP("The body model's data is not there; run packaging/setup.sh.");
    }
    QTemporaryDir dir;
    ExportOptions options;
    options.endFrame = 15;
    options.glb.leafBones = variant == 0 || variant == 1;
    options.glb.rig = variant == 1 ? RigPreset::Mixamo : RigPreset::Own;
    options.glb.mesh = variant == 2 ? GlbMesh::Exact : GlbMesh::Skinned;
    options.glb.separateFiles = variant == 3;
    options.glb.camera = variant != 4;
    options.targets = variant == 5 ? std::vector<TargetId>{3} : std::vector<TargetId>{};
    options.beginFrame = variant == 6 ? 12 : 0;
    const ExportResult result = write(makeScene(model), options, pathOf(dir));
    QCOMPARE(result.files.size(), std::size_t{variant == 3 ? 2U : 1U});
    for (const auto& file : result.files) {
        verifyValid(file);
    }
}

void GlbTest::oneFrameIsAPosedBodyWithoutClip() {
    QTemporaryDir dir;
    ExportScene scene = makeScene(std::make_shared<TubeBody>());
    ExportOptions options;
    options.beginFrame = 12;
    options.endFrame = 13;
    options.glb.influences = 8;
    const ExportResult result = write(scene, options, pathOf(dir));
    verifyValid(result.files[0]);
    const GlbReader glb(result.files[0]);
    QVERIFY(!glb.json.contains("animations"));
    const ExportTarget& target = scene.targets[0];
    const RestBody rest = target.model->shaped(target.body->shape);
    const auto nodes = glb.nodesAt(0);
    const PosedSkeleton posed = target.model->skeleton(rest, target.body->frames[7].pose);
    const auto& skin = glb.json["skins"][0];
    for (std::size_t j = 0; j < posed.joints.size(); ++j) {
        QVERIFY(norm(nodes[skin["joints"][j].get<std::size_t>()].translation -
                     worldAt(scene, 12) * posed.joints[j]) < 1e-4);
    }
}

void GlbTest::nothingIsBlendedAcrossACut() {
    QTemporaryDir dir;
    ExportScene scene = makeScene(std::make_shared<TubeBody>());
    scene.cuts = {17};
    auto jumped = std::make_shared<BodyTrack>(*scene.targets[0].body);
    for (BodyFrame& frame : jumped->frames) {
        frame.pose.translation.x += frame.frame >= 17 ? 5 : 0;
    }
    scene.targets[0].body = jumped;
    const ExportResult result = write(scene, ExportOptions(), pathOf(dir));
    verifyValid(result.files[0]);
    const GlbReader glb(result.files[0]);
    const auto root = static_cast<std::size_t>(glb.findNode("root"));
    const auto& times = scene.source.frameTimes;
    const auto placeAt = [&](double seconds) { return glb.nodesAt(seconds - times[5])[root].translation; };
    const double half = 0.5 * (times[16] + times[17]);
    QVERIFY(norm(placeAt(half) - placeAt(times[16])) < 0.01);
    QVERIFY(norm(placeAt(times[17]) - placeAt(times[16])) > 4);
}

void GlbTest::exactMeshIsTheMeshOfEachFrame() {
    QTemporaryDir dir;
    const ExportScene scene = makeScene(std::make_shared<TubeBody>());
    ExportOptions options;
    options.glb.mesh = GlbMesh::Exact;
    const ExportResult result = write(scene, options, pathOf(dir));
    verifyValid(result.files[0]);
    const GlbReader glb(result.files[0]);
    QVERIFY(!glb.json.contains("skins"));
    const ExportTarget& target = scene.targets[1];
    const RestBody rest = target.model->shaped(target.body->shape);
    std::vector<Vec3f> exact;
    int visible = 0;
    for (const std::int64_t frame : {9, 17, 28, 44}) {
        const auto nodes = glb.nodesAt(scene.source.frameTimes[static_cast<std::size_t>(frame)] -
                                       scene.source.frameTimes[5]);
        for (std::int64_t other = 5; other < 45; ++other) {
            const int node = glb.findNode("Ben " + std::to_string(other));
            if (node >= 0) {
                QCOMPARE(nodes[static_cast<std::size_t>(node)].matrix(1, 1), other == frame ? 1.0 : 0.0);
                visible += other == frame;
            }
        }
        const auto node = static_cast<std::size_t>(glb.findNode("Ben " + std::to_string(frame)));
        const auto& primitive =
            glb.json["meshes"][glb.json["nodes"][node]["mesh"].get<std::size_t>()]["primitives"][0];
        const auto points = glb.read(primitive["attributes"]["POSITION"].get<int>());
        target.model->pose(rest, target.body->frames[static_cast<std::size_t>(frame - 5)].pose, exact);
        // Every body vertex is somewhere in the file.
        for (std::size_t v = 0; v < exact.size(); v += 11) {
            const Vec3 want = worldAt(scene, frame) * Vec3{exact[v].x, exact[v].y, exact[v].z};
            double nearest = 1;
            for (std::size_t k = 0; k < points.size(); k += 3) {
                nearest = std::min(nearest, norm(want - Vec3{points[k], points[k + 1], points[k + 2]}));
            }
            QVERIFY(nearest < 1e-5);
        }
    }
    QCOMPARE(visible, 4);
    QCOMPARE(glb.findNode("Ben 22"), -1); // hidden there
}

void GlbTest::mixamoNamesStandForTheRightJoints() {
    const auto anny = annyOrNull();
    if (!anny) {
        QSKIP("The body model's data is not there; run packaging/setup.sh.");
    }
    QTemporaryDir dir;
    const ExportScene scene = makeScene(anny);
    ExportOptions options;
    options.glb.rig = RigPreset::Mixamo;
    const ExportResult result = write(scene, options, pathOf(dir));
    const GlbReader glb(result.files[0]);
    const ExportTarget& target = scene.targets[0];
    const RestBody rest = target.model->shaped(target.body->shape);
    const auto joints = target.model->joints();
    const std::map<std::string, std::string> names = {
        {"mixamorig:Hips", "root"},
        {"mixamorig:LeftArm", "upperarm01.L"},
        {"mixamorig:RightForeArm", "lowerarm01.R"},
        {"mixamorig:LeftHand", "wrist.L"},
        {"mixamorig:RightUpLeg", "upperleg01.R"},
        {"mixamorig:LeftLeg", "lowerleg01.L"},
        {"mixamorig:RightFoot", "foot.R"},
        {"mixamorig:Head", "head"},
    };
    for (const BodyFrame& frame : target.body->frames) {
        const PosedSkeleton posed = target.model->skeleton(rest, frame.pose);
        const auto nodes = glb.nodesAt(scene.source.frameTimes[static_cast<std::size_t>(frame.frame)] -
                                       scene.source.frameTimes[5]);
        for (const auto& [mixamo, own] : names) {
            const auto joint =
                std::find_if(joints.begin(), joints.end(), [&](const BodyJoint& j) { return j.name == own; });
            QVERIFY(joint != joints.end());
            const int node = glb.findNode(mixamo);
            QVERIFY2(node >= 0, mixamo.c_str());
            const Vec3 want =
                worldAt(scene, frame.frame) * posed.joints[static_cast<std::size_t>(joint - joints.begin())];
            QVERIFY2(norm(nodes[static_cast<std::size_t>(node)].translation - want) < 1e-3, mixamo.c_str());
        }
    }
}

void GlbTest::aPersonNeverShownIsLeftOutAndNoted() {
    QTemporaryDir dir;
    ExportOptions options;
    options.beginFrame = 21;
    options.endFrame = 25; // Ben is hidden in [20, 26)
    const ExportResult result = write(makeScene(std::make_shared<TubeBody>()), options, pathOf(dir));
    verifyValid(result.files[0]);
    const GlbReader glb(result.files[0]);
    QCOMPARE(glb.findNode("Ben"), -1);
    QVERIFY(std::any_of(result.notes.begin(), result.notes.end(),
                        [](const std::string& note) { return note.starts_with("Ben is not shown"); }));
}

void GlbTest::theGroundIsUnderEverybody() {
    QTemporaryDir dir;
    const ExportScene scene = makeScene(std::make_shared<TubeBody>());
    const ExportResult result = write(scene, ExportOptions(), pathOf(dir));
    const GlbReader glb(result.files[0]);
    const int node = glb.findNode("ground");
    QVERIFY(node >= 0);
    const auto& primitive =
        glb.json["meshes"][glb.json["nodes"][node]["mesh"].get<std::size_t>()]["primitives"][0];
    QCOMPARE(primitive["mode"].get<int>(), 1);
    const auto& bounds = glb.json["accessors"][primitive["attributes"]["POSITION"].get<std::size_t>()];
    QVERIFY(bounds["min"][1] == 0 && bounds["max"][1] == 0);
    for (const ExportTarget& target : scene.targets) {
        for (const BodyFrame& frame : target.body->frames) {
            const Vec3 root = worldAt(scene, frame.frame) * frame.pose.translation;
            QVERIFY(root.x - 1 > bounds["min"][0].get<double>() &&
                    root.x + 1 < bounds["max"][0].get<double>());
            QVERIFY(root.z - 1 > bounds["min"][2].get<double>() &&
                    root.z + 1 < bounds["max"][2].get<double>());
        }
    }
    ExportOptions options;
    options.glb.ground = false;
    QCOMPARE(GlbReader(write(scene, options, pathOf(dir)).files[0]).findNode("ground"), -1);
    // Without a world nobody knows where the ground is.
    const ExportScene floating = makeScene(std::make_shared<TubeBody>(), false);
    QCOMPARE(GlbReader(write(floating, ExportOptions(), pathOf(dir)).files[0]).findNode("ground"), -1);
}

void GlbTest::metadataSaysWhatTheFileIs() {
    QTemporaryDir dir;
    ExportScene scene = makeScene(std::make_shared<TubeBody>());
    scene.source.path = "/home/somebody/private/street.mp4";
    const ExportResult result = write(scene, ExportOptions(), pathOf(dir));
    const GlbReader glb(result.files[0]);
    const auto& extras = glb.json["asset"]["extras"];
    QCOMPARE(extras["version"].get<std::string>(), std::string("0.1.0"));
    QCOMPARE(extras["units"].get<std::string>(), std::string("m"));
    QVERIFY(extras["axes"].get<std::string>().find("y up") != std::string::npos);
    QCOMPARE(extras["source"]["file"].get<std::string>(), std::string("street.mp4"));
    QCOMPARE(extras["engines"]["body"].get<std::string>(), std::string("anny 0.6.2"));
    QVERIFY(glb.json.dump().find("somebody") == std::string::npos);
    const auto& runs =
        glb.json["nodes"][static_cast<std::size_t>(glb.findNode("Ben"))]["extras"]["frame_states"];
    bool completed = false;
    for (const auto& run : runs) {
        completed = completed || (run["state"] == "completed" && run["begin"] == 26 && run["end"] == 30);
    }
    QVERIFY(completed);
}

void GlbTest::cancellingLeavesNothing() {
    QTemporaryDir dir;
    std::stop_source stop;
    const std::vector<std::string> formats = {"glb"};
    const ProgressFn progress = [&](const Progress&) { stop.request_stop(); };
    QVERIFY_EXCEPTION_THROWN(exportAll(makeScene(std::make_shared<TubeBody>()), formats, pathOf(dir),
                                       ExportOptions(), stop.get_token(), progress),
                             Cancelled);
    QVERIFY(std::filesystem::is_empty(pathOf(dir)));
}

QTEST_GUILESS_MAIN(GlbTest)
#include "test_glb.moc"
