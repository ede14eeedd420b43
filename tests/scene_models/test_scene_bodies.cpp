// A person walks through the rendered room before a camera that walks, too. The room's maps are in units of
// their own, the person was fitted without knowing the room, perhaps through a wrong lens: both must come
// together.
#include "base/error.h"
#include "base/files.h"
#include "body/rasterizer.h"
#include "pipeline/scene_bodies.h"
#include "pipeline/scene_folder.h"
#include "scene/view_store.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

#include "../export/export_fixture.h"
#include "../export/glb_reader.h"
#include "../scene/synthetic_scene.h"

using namespace body4d;
using namespace body4d::test;
using namespace body4d::testing;
namespace fs = std::filesystem;

namespace {

constexpr int kFrames = 12, kWidth = 840, kHeight = 560, kShrunk = 5;
constexpr double kMetresPerUnit = 2.5, kFps = 25;
constexpr std::array<std::uint8_t, 3> kPersonColour = {255, 0, 255};

/// Where the person's root stands on the floor of the room, which lies at y = 1.
Vec3 rootAt(std::int64_t frame) {
    return {-0.3 + 0.12 * static_cast<double>(frame), 1,
            2.4 + 0.3 * std::sin(0.4 * static_cast<double>(frame))};
}

RigidTransform cameraAt(std::int64_t frame) {
    return renderView(frame, 28, 14).cameraFromWorld;
}

Intrinsics lensOf(double focal) {
    return {focal, kWidth / 2.0, kHeight / 2.0, kWidth, kHeight};
}

/// The upright person in camera space.
BodyPose poseAt(std::int64_t frame) {
    BodyPose pose;
    const auto camera = cameraAt(frame);
    pose.translation = camera * rootAt(frame);
    pose.rotations.resize(5);
    pose.rotations[0] = camera.rotation;
    return pose;
}

class Stage {
public:
    /// @param lens the bodies' focal length over the true one  @param floor false: the floor cannot be seen
    Stage(const fs::path& folder, double lens, bool floor) : folder_(folder) {
        const double focal = 0.9 * kWidth;
        const auto model = std::make_shared<const TubeBody>();
        auto track = std::make_shared<BodyTrack>();
        track->id = 1;
        track->engine = "test";
        track->bodyModel = "tube";
        track->camera = lensOf(lens * focal);
        track->fps = kFps;
        const auto rest = model->shaped(track->shape);
        DepthImage person;
        std::vector<Vec3f> vertices;
        std::vector<SceneView> views;
        for (std::int64_t i = 0; i < kFrames; ++i) {
            BodyFrame frame;
            frame.frame = i;
            frame.state = FrameState::Visible;
            frame.pose = poseAt(i);
            // The measured mask, and the map of room and person as a network would give it.
            model->pose(rest, frame.pose, vertices);
            auto mask = silhouette(vertices, model->topology(), lensOf(focal));
            masks_.push_back(encodeRle(mask));
            auto view = renderView(i, kWidth / kShrunk, kHeight / kShrunk);
            view.camera = {focal / kShrunk, focal / kShrunk,   view.camera.cx,
                           view.camera.cy,  view.camera.width, view.camera.height};
            auto image = std::make_shared<Image>(*view.image);
            redraw(view, *image);
            rasterize(
                vertices, model->topology(),
                {focal / kShrunk, view.camera.cx, view.camera.cy, view.camera.width, view.camera.height},
                person);
            for (std::size_t p = 0; p < view.depth.size(); ++p) {
                const bool onFloor = image->rgb[3 * p] == 120;
                if (person.z[p] < view.depth[p]) {
                    view.depth[p] = person.z[p];
                    std::copy(kPersonColour.begin(), kPersonColour.end(),
                              image->rgb.begin() + static_cast<std::ptrdiff_t>(3 * p));
                } else if (onFloor && !floor) {
                    view.depth[p] = 0;
                }
            }
            view.image = image;
            Sim3 units;
            units.scale = 1 / kMetresPerUnit;
            transformView(view, units);
            views.push_back(std::move(view));
            // Through a wrong lens the fit finds the person nearer or farther.
            frame.pose.translation.z *= lens;
            frame.rawPose = frame.pose;
            track->frames.push_back(frame);
        }
        writeScene(views);
        ExportTarget target;
        target.target.id = 1;
        target.target.name = "Ada";
        target.target.colour = "#56B4E9";
        target.body = track;
        target.model = model;
        target.observed = [this](std::int64_t frame) {
            TargetFrame seen;
            seen.frame = frame;
            seen.state = FrameState::Visible;
            seen.mask = masks_.at(static_cast<std::size_t>(frame));
            return seen;
        };
        bodies.name = "Room";
        bodies.programVersion = "0.1.0";
        bodies.source.fileName = "room.mp4";
        bodies.source.width = kWidth;
        bodies.source.height = kHeight;
        bodies.source.fps = kFps;
        bodies.targets = {target};
        // Of its own the person's world knows how the camera turns, not how it moves; and it errs.
        const Mat3 flip{{1, 0, 0, 0, -1, 0, 0, 0, -1}};
        const auto tilt = rotationAbout({1, 0, 0.3}, kTilt);
        for (std::int64_t i = 0; i < kFrames; ++i) {
            bodies.world.worldFromCam.push_back(
                {tilt * flip * transpose(cameraAt(i).rotation), {0, kWrongHeight, 0}});
        }
        bodies.world.focalPx = track->camera.focalPx;
        bodies.world.cameraMoves = true;
    }

    static constexpr double kTilt = 0.05, kWrongHeight = 1.4;
    ExportScene bodies;

private:
    /// The room as this camera sees it, which has other pixels than renderView()'s.
    static void redraw(SceneView& view, Image& image) {
        const auto world = inverse(view.cameraFromWorld);
        for (int y = 0; y < view.camera.height; ++y) {
            for (int x = 0; x < view.camera.width; ++x) {
                // Pixels of the rasteriser have their middle at a half, those of the maps at whole numbers:
                // the difference is that of official depth maps, and part of what must be survived.
                const Vec3 ray{(x - view.camera.cx) / view.camera.fx, (y - view.camera.cy) / view.camera.fy,
                               1};
                const auto hit = castRay(world.translation, world.rotation * ray);
                view.depth[static_cast<std::size_t>(y) * static_cast<std::size_t>(view.camera.width) +
                           static_cast<std::size_t>(x)] = static_cast<float>(hit.distance);
                std::copy(hit.colour.begin(), hit.colour.end(), image.row(y) + 3 * x);
            }
        }
    }

    void writeScene(std::vector<SceneView>& views) {
        detail::SceneFolder scene;
        scene.folder = folder_;
        scene.key = "test";
        scene.variant = "rendered";
        scene.mapping = {kWidth / kShrunk, kHeight / kShrunk, 1.0 / kShrunk, 1.0 / kShrunk, 0, 0};
        scene.originalWidth = kWidth;
        scene.originalHeight = kHeight;
        for (std::int64_t i = 0; i < kFrames; ++i) {
            scene.frames.push_back(i);
            scene.names.push_back(std::to_string(i) + ".png");
        }
        fs::create_directories(folder_ / "chunks");
        // Two passes that share four frames, each in a world of its own; the first one's units count.
        for (const auto& [begin, end] : {std::pair(0, 8), std::pair(4, kFrames)}) {
            std::vector<SceneView> part(views.begin() + begin, views.begin() + end);
            for (auto& view : part) {
                if (begin > 0) {
                    transformView(view, someWorld(3));
                } else {
                    transformView(view, {1, turnedAboutY(0.7), {1, 2, 3}});
                }
            }
            const auto name = "chunks/" + std::to_string(begin) + ".npz";
            writeViews(folder_ / name, part);
            scene.passes.push_back({begin, end, name});
        }
        scene.write();
    }

    fs::path folder_;
    std::vector<RleMask> masks_;
};

int nodeNamed(const GlbReader& glb, const std::string& name) {
    const auto& nodes = glb.json.at("nodes");
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].value("name", "") == name) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

} // namespace

class SceneBodiesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bodiesStandInThePlace_data();
    void bodiesStandInThePlace();
    void blenderShowsBoth();
    void otherScenesAreRefused();

private:
    QTemporaryDir folder_;
    [[nodiscard]] fs::path path(const std::string& name) const {
        return fs::path(folder_.path().toStdString()) / name;
    }
};

void SceneBodiesTest::bodiesStandInThePlace_data() {
    QTest::addColumn<double>("lens");
    QTest::addColumn<bool>("floor");
    QTest::newRow("as fitted") << 1.0 << true;
    QTest::newRow("wrong lens") << 1.15 << true;
    QTest::newRow("no floor in sight") << 1.0 << false;
}

void SceneBodiesTest::bodiesStandInThePlace() {
    QFETCH(double, lens);
    QFETCH(bool, floor);
    const auto folder = path(QTest::currentDataTag());
    const Stage stage(folder, lens, floor);
    SceneExport wanted;
    wanted.confThreshPercentile = 0;
    const auto report = placeBodies(stage.bodies, {}, folder, wanted, {}, {});
    const auto& scale = report.scale;
    QVERIFY2(std::abs(scale.metresPerUnit / kMetresPerUnit - 1) < 0.01,
             std::to_string(scale.metresPerUnit).c_str());
    QCOMPARE(scale.frames, kFrames);
    // Nobody told how tall she is: that is most of what is not known.
    QVERIFY(scale.relativeError > 0.05 && scale.relativeError < 0.08 && scale.measuredError < 0.01);
    QVERIFY2(std::abs(report.lens * lens - 1) < 1e-3, std::to_string(report.lens).c_str());
    QCOMPARE(report.ground, std::string(floor ? "place" : "feet"));
    QVERIFY(report.groundSpreadMetres < 0.08);
    if (floor) {
        QVERIFY2(std::abs(report.groundTiltRadians - Stage::kTilt) < 0.01,
                 std::to_string(report.groundTiltRadians).c_str());
    }
    QVERIFY(report.files.size() == 2);
    const auto json = nlohmann::json::parse(readTextFile(folder / "bodies_in_scene.json"));
    QVERIFY(json.at("metres_per_unit") == scale.metresPerUnit &&
            json.at("relative_error") == scale.relativeError);

    GlbReader glb(report.files.front());
    glb.validate();
    QVERIFY2(glb.errors.empty(), glb.errors.empty() ? "" : glb.errors.front().c_str());
    const int root = nodeNamed(glb, "root"), camera = nodeNamed(glb, "camera"),
              place = nodeNamed(glb, "place");
    QVERIFY(root >= 0 && camera >= 0 && place >= 0);
    // Distances do not depend on where the world's origin is: they are those of the room.
    std::vector<Vec3> roots, cameras;
    for (std::int64_t i = 0; i < kFrames; ++i) {
        const auto nodes = glb.nodesAt(static_cast<double>(i) / kFps);
        roots.push_back(nodes[static_cast<std::size_t>(root)].translation);
        cameras.push_back(nodes[static_cast<std::size_t>(camera)].translation);
    }
    const double upright = floor ? 0.02 : 0.2; // metres; without a floor its tilt stays
    for (std::size_t i = 0; i < roots.size(); ++i) {
        const auto frame = static_cast<std::int64_t>(i);
        const auto eye = inverse(cameraAt(frame)).translation, first = inverse(cameraAt(0)).translation;
        const auto close = [](double a, double b) { return std::abs(a - b) < 0.02 * b + 0.005; };
        QVERIFY(close(norm(roots[i] - roots[0]), norm(rootAt(frame) - rootAt(0))));
        QVERIFY(close(norm(cameras[i] - cameras[0]), norm(eye - first)));
        QVERIFY(close(norm(cameras[i] - roots[i]), norm(eye - rootAt(frame))));
        QVERIFY2(std::abs(roots[i].y) < upright, std::to_string(roots[i].y).c_str());
        QVERIFY2(std::abs(cameras[i].y - (1 - eye.y)) < upright, std::to_string(cameras[i].y).c_str());
    }
    // Points: the room without the person, its floor at 0.
    const auto& primitive =
        glb.json["meshes"][glb.json["nodes"][place]["mesh"].get<std::size_t>()]["primitives"][0];
    const auto positions = glb.read(primitive["attributes"]["POSITION"]);
    const auto colours = glb.read(primitive["attributes"]["COLOR_0"]);
    QCOMPARE(positions.size(), 3 * report.points);
    QVERIFY(report.points > 100'000);
    std::size_t people = 0, floorPoints = 0;
    double worst = 0;
    for (std::size_t i = 0; i < report.points; ++i) {
        const double red = colours[3 * i], green = colours[3 * i + 1], blue = colours[3 * i + 2];
        people += red > 0.95 && green < 0.05 && blue > 0.95 ? 1 : 0;
        if (std::abs(red - 0.1878) < 0.01 && std::abs(green - 0.1022) < 0.01) { // 120, 90, 60, made linear
            ++floorPoints;
            worst = std::max(worst, std::abs(positions[3 * i + 1]));
        }
    }
    QCOMPARE(people, std::size_t{0});
    QVERIFY(floor == (floorPoints > 1000));
    QVERIFY2(!floor || worst < 0.02, std::to_string(worst).c_str());
    qInfo("scale %.4f, lens %.4f, ground %s: tilt %.4f, spread %.4f m; floor within %.4f m",
          scale.metresPerUnit, report.lens, report.ground.c_str(), report.groundTiltRadians,
          report.groundSpreadMetres, worst);
}

void SceneBodiesTest::blenderShowsBoth() {
    const auto python = qEnvironmentVariable("BODY4D_TEST_PYTHON");
    QProcess probe;
    if (!python.isEmpty()) {
        probe.start(python, {"-c", "import bpy"});
        probe.waitForFinished(120'000);
    }
    if (python.isEmpty() || probe.exitCode() != 0) {
        QSKIP("BODY4D_TEST_PYTHON is not set to a Python with bpy.");
    }
    const auto folder = path("blender");
    const Stage stage(folder, 1, true);
    const auto report = placeBodies(stage.bodies, {}, folder, {}, {}, {});
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(python,
                  {"-c", R"(
import sys, os, bpy
try:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = 25
    bpy.ops.import_scene.gltf(filepath=sys.argv[1])
    kinds = {}
    for o in scene.objects: kinds.setdefault(o.type, []).append(o)
    assert len(kinds["ARMATURE"]) == 1 and len(kinds["CAMERA"]) == 1, kinds
    place = [o for o in kinds["MESH"] if o.name.startswith("place")][0]
    assert len(place.data.vertices) == int(sys.argv[2]), len(place.data.vertices)
    camera, armature = kinds["CAMERA"][0], kinds["ARMATURE"][0]
    def at(frame):
        scene.frame_set(frame); bone = armature.pose.bones["root"]
        return camera.matrix_world.translation.copy(), armature.matrix_world @ bone.head
    (c0, r0), (c1, r1) = at(0), at(11)
    assert (c1 - c0).length > 1.5 and (r1 - r0).length > 0.5, (c0, c1, r0, r1)
    assert abs(r0.z) < 0.03 and abs(r1.z) < 0.03 and 0.5 < c0.z < 2, (r0, r1, c0)
    print("read")
except Exception as error:
    print("failed", error); sys.stdout.flush(); os._exit(1)
)",
                   QString::fromStdString(report.files.front().string()), QString::number(report.points)});
    QVERIFY(process.waitForFinished(240'000));
    const auto said = process.readAll();
    QVERIFY2(process.exitCode() == 0 && said.contains("read"), said.constData());
}

void SceneBodiesTest::otherScenesAreRefused() {
    const auto folder = path("other");
    Stage stage(folder, 1, true);
    auto larger = stage.bodies;
    larger.source.width *= 2;
    QVERIFY_EXCEPTION_THROWN((void)placeBodies(larger, {}, folder, {}, {}, {}), Error);
    auto nobody = stage.bodies;
    nobody.targets.clear();
    QVERIFY_EXCEPTION_THROWN((void)placeBodies(nobody, {}, folder, {}, {}, {}), Error);
    auto away = stage.bodies;
    away.targets[0].observed = {};
    try {
        (void)placeBodies(away, {}, folder, {}, {}, {});
        QFAIL("a scale from nobody");
    } catch (const Error& e) {
        QVERIFY(QString::fromStdString(e.remedy()).contains("--fps"));
    }
}

QTEST_GUILESS_MAIN(SceneBodiesTest)
#include "test_scene_bodies.moc"
