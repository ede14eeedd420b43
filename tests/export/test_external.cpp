// Other people's programs open our files: Blender (bpy), numpy, trimesh, F3D. Each part runs where its
// program is there.
#include "export_fixture.h"

#include "base/files.h"
#include "body/rasterizer.h"
#include "export/exporter.h"
#include "export/mannequin_palette.h"
#include "video/video_writer.h"

#include <QImage>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>

using namespace body4d;
using namespace body4d::test;
using Json = nlohmann::json;

namespace {

std::filesystem::path pathOf(const QTemporaryDir& dir) {
    return dir.path().toStdString();
}

struct Outcome {
    int code = -1;
    QString output;
};
Outcome run(const QString& program, const QStringList& arguments) {
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(program, arguments);
    if (!process.waitForStarted() || !process.waitForFinished(240000)) {
        process.kill();
        process.waitForFinished();
        return {-1, "did not start or did not end"};
    }
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAllStandardOutput())};
}

/// A Python that has the module: BODY4D_TEST_PYTHON, else python3. Empty where there is none.
QString pythonWith(const char* module) {
    for (const QString& candidate : {qEnvironmentVariable("BODY4D_TEST_PYTHON"), QStringLiteral("python3")}) {
        if (!candidate.isEmpty() && run(candidate, {"-c", QString("import %1").arg(module)}).code == 0) {
            return candidate;
        }
    }
    return {};
}

QString script(const char* name) {
    return QString(BODY4D_SOURCE_DIR "/tests/export/") + name;
}

std::shared_ptr<const BodyModel> anyBody() {
    const auto anny = annyOrNull();
    return anny ? anny : std::make_shared<const TubeBody>();
}

Json blenderExpectation(const ExportScene& scene, std::int64_t begin, std::int64_t end) {
    const auto& times = scene.source.frameTimes;
    Json out = {
        {"size", {1280, 720}},
        {"clip_seconds", times[static_cast<std::size_t>(end - 1)] - times[static_cast<std::size_t>(begin)]},
        {"people", Json::array()}};
    for (const ExportTarget& target : scene.targets) {
        const RestBody rest = target.model->shaped(target.body->shape);
        Json person = {{"name", target.target.name}, {"joints", Json::array()}, {"frames", Json::array()}};
        for (const BodyJoint& joint : target.model->joints()) {
            person["joints"].push_back(joint.name);
        }
        for (const BodyFrame& frame : target.body->frames) {
            if (frame.frame % 3 != 0) {
                continue;
            }
            const bool shown = frame.state == FrameState::Visible || frame.state == FrameState::Completed;
            Json entry = {{"seconds", times[static_cast<std::size_t>(frame.frame)] -
                                          times[static_cast<std::size_t>(begin)]},
                          {"shown", shown},
                          {"points", Json::array()},
                          {"pixels", Json::array()}};
            const PosedSkeleton posed = target.model->skeleton(rest, frame.pose);
            for (const Vec3 joint : posed.joints) {
                const Vec3 p =
                    scene.world.worldFromCam[static_cast<std::size_t>(frame.frame - scene.world.firstFrame)] *
                    joint;
                const Vec2 px = project(target.body->camera, joint);
                entry["points"].push_back({p.x, p.y, p.z});
                entry["pixels"].push_back({px.x, px.y});
            }
            person["frames"].push_back(entry);
        }
        out["people"].push_back(person);
    }
    return out;
}

} // namespace

class ExternalTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void blenderFindsTheSameJoints_data();
    void blenderFindsTheSameJoints();
    void blenderConvertsToFbx();
    void numpyAndTrimeshReadTheSame();
    void f3dShowsTheSameSilhouette();
};

void ExternalTest::blenderFindsTheSameJoints_data() {
    QTest::addColumn<bool>("leafBones");
    QTest::addColumn<int>("influences");
    QTest::newRow("as written by default") << false << 4;
    QTest::newRow("end joints, eight influences") << true << 8;
}

void ExternalTest::blenderFindsTheSameJoints() {
    QFETCH(bool, leafBones);
    QFETCH(int, influences);
    const QString python = pythonWith("bpy");
    if (python.isEmpty()) {
        QSKIP("No Python with the package bpy; packaging/setup.sh --tests installs one.");
    }
    QTemporaryDir dir;
    const ExportScene scene = makeScene(anyBody());
    ExportOptions options;
    options.glb.leafBones = leafBones;
    options.glb.influences = influences;
    const std::vector<std::string> formats = {"glb"};
    const ExportResult result = exportAll(scene, formats, pathOf(dir), options, {}, {});
    writeFileAtomically(pathOf(dir) / "expected.json", blenderExpectation(scene, 5, 45).dump());
    const Outcome outcome =
        run(python, {script("check_blender.py"), QString::fromStdString(result.files[0].string()),
                     dir.filePath("expected.json")});
    QVERIFY2(outcome.code == 0, qPrintable(outcome.output));
    qInfo("%s", qPrintable(outcome.output.section("blender", -1).prepend("blender").trimmed()));
}

// One of the two is hidden in the first frame and again later.
void ExternalTest::blenderConvertsToFbx() {
    const QString python = pythonWith("bpy");
    if (python.isEmpty()) {
        QSKIP("No Python with the package bpy; packaging/setup.sh --tests installs one.");
    }
    QTemporaryDir dir;
    const ExportScene scene = makeScene(anyBody());
    const std::vector<std::string> formats = {"glb"};
    const ExportResult result = exportAll(scene, formats, pathOf(dir), {}, {}, {});
    writeFileAtomically(pathOf(dir) / "expected.json", blenderExpectation(scene, 5, 45).dump());
    const Outcome outcome =
        run(python, {script("check_fbx.py"), BODY4D_SOURCE_DIR "/packaging/blender/glb_to_fbx.py",
                     QString::fromStdString(result.files[0].string()), dir.filePath("out.fbx"),
                     dir.filePath("expected.json")});
    QVERIFY2(outcome.code == 0, qPrintable(outcome.output));
    qInfo("%s", qPrintable(outcome.output.section("fbx: ", -1).prepend("fbx: ").trimmed()));
}

void ExternalTest::numpyAndTrimeshReadTheSame() {
    const QString python = pythonWith("numpy,trimesh");
    if (python.isEmpty()) {
        QSKIP("No Python with numpy and trimesh; packaging/setup.sh --tests installs one.");
    }
    QTemporaryDir dir;
    const ExportScene scene = makeScene(anyBody());
    ExportOptions options;
    const std::vector<std::string> formats = {"npz", "ply"};
    exportAll(scene, formats, pathOf(dir), options, {}, {});
    Json expected = {{"npz", Json::array()}, {"ply", Json::array()}};
    for (const ExportTarget& target : scene.targets) {
        const RestBody rest = target.model->shaped(target.body->shape);
        const std::string stem = "Street_walk_" + std::to_string(target.target.id);
        Json npz = {{"file", stem + ".npz"},
                    {"frames", 40},
                    {"joints", target.model->joints().size()},
                    {"focal", target.body->camera.focalPx},
                    {"points", Json::array()}};
        for (const std::size_t i : {std::size_t{7}, std::size_t{31}}) {
            const BodyFrame& frame = target.body->frames[i];
            const PosedSkeleton posed = target.model->skeleton(rest, frame.pose);
            for (std::size_t j = 0; j < posed.joints.size(); ++j) {
                npz["points"].push_back(
                    {frame.frame, j, posed.joints[j].x, posed.joints[j].y, posed.joints[j].z});
            }
            std::vector<Vec3f> vertices;
            target.model->pose(rest, frame.pose, vertices);
            char number[16];
            std::snprintf(number, sizeof number, "_%06d", static_cast<int>(frame.frame));
            const MeshTopology& topology = target.model->topology();
            Json ply = {{"file", "ply/" + stem + number + ".ply"},
                        {"vertices", vertices.size()},
                        {"triangles", topology.triangles.size()},
                        {"points", Json::array()},
                        {"rgb", Json::array()}};
            for (std::size_t v = 0; v < vertices.size(); v += vertices.size() / 17) {
                const Vec3 p =
                    scene.world.worldFromCam[i] * Vec3{vertices[v].x, vertices[v].y, vertices[v].z};
                const Rgb c = regionColour(static_cast<BodyRegion>(topology.region[v]), target.target.colour);
                ply["points"].push_back({v, p.x, p.y, p.z});
                ply["rgb"].push_back({v, c[0], c[1], c[2]});
            }
            expected["ply"].push_back(ply);
        }
        expected["npz"].push_back(npz);
    }
    writeFileAtomically(pathOf(dir) / "expected.json", expected.dump());
    const Outcome outcome =
        run(python, {script("check_arrays.py"), dir.path(), dir.filePath("expected.json")});
    QVERIFY2(outcome.code == 0, qPrintable(outcome.output));
    qInfo("%s", qPrintable(outcome.output.trimmed()));
}

void ExternalTest::f3dShowsTheSameSilhouette() {
    const QString f3d = QStandardPaths::findExecutable("f3d");
    if (f3d.isEmpty()) {
        QSKIP("F3D is not installed (Debian package f3d).");
    }
    // F3D draws through OpenGL on a display; where there is none, Xvfb lends one.
    const QString xvfb = QStandardPaths::findExecutable("xvfb-run");
    const bool display = !qEnvironmentVariableIsEmpty("DISPLAY");
    if (!display && xvfb.isEmpty()) {
        QSKIP("F3D needs a display or xvfb-run (Debian package xvfb).");
    }
    QTemporaryDir dir;
    const ExportScene scene = makeScene(anyBody());
    const std::vector<std::string> formats = {"glb"};
    for (const std::int64_t frame : {6, 27, 40}) {
        // Old versions cannot be told a time, so the frame is exported on its own: the same nodes, skin and
        // camera. They also clip a skin by its bind pose unless the geometry is posed by their reader
        // (--geometry-only).
        ExportOptions options;
        options.beginFrame = frame;
        options.endFrame = frame + 1;
        options.glb.ground = false; // its lines are no silhouette
        const ExportResult result =
            exportAll(scene, formats, pathOf(dir) / std::to_string(frame), options, {}, {});
        const RigidTransform& world = scene.world.worldFromCam[static_cast<std::size_t>(frame - 5)];
        const Vec3 eye = world.translation, along = world.rotation * Vec3{0, 0, 1},
                   up = world.rotation * Vec3{0, -1, 0};
        const double yfov =
            2 * std::atan(360.0 / scene.targets[0].body->camera.focalPx) * 180 / std::numbers::pi;
        const auto triple = [](Vec3 v) {
            return QString("%1,%2,%3").arg(v.x, 0, 'f', 9).arg(v.y, 0, 'f', 9).arg(v.z, 0, 'f', 9);
        };
        const QString picture = dir.filePath(QString("f3d_%1.png").arg(frame));
        QStringList arguments = {"-a",
                                 f3d,
                                 QString::fromStdString(result.files[0].string()),
                                 "--output=" + picture,
                                 "--resolution=1280,720",
                                 "--camera-position=" + triple(eye),
                                 "--camera-focal-point=" + triple(eye + 4.0 * along),
                                 "--camera-view-up=" + triple(up),
                                 QString("--camera-view-angle=%1").arg(yfov, 0, 'f', 9),
                                 "--no-background",
                                 "--up=+Y",
                                 "--geometry-only"};
        if (display) {
            arguments = arguments.mid(2);
        }
        const Outcome outcome = run(display ? f3d : xvfb, arguments);
        QVERIFY2(outcome.code == 0, qPrintable(outcome.output));
        const QImage image(picture);
        QVERIFY2(image.width() == 1280 && image.height() == 720, qPrintable(outcome.output));
        Mask ours(1280, 720);
        for (const ExportTarget& target : scene.targets) {
            const BodyFrame& body = target.body->frames[static_cast<std::size_t>(frame - 5)];
            if (body.state != FrameState::Absent) {
                std::vector<Vec3f> vertices;
                target.model->pose(target.model->shaped(target.body->shape), body.pose, vertices);
                const Mask one = silhouette(vertices, target.model->topology(), target.body->camera);
                for (std::size_t i = 0; i < one.values.size(); ++i) {
                    ours.values[i] = std::max(ours.values[i], one.values[i]);
                }
            }
        }
        double both = 0, either = 0;
        for (int y = 0; y < 720; ++y) {
            for (int x = 0; x < 1280; ++x) {
                const bool a = ours.row(y)[x] != 0, b = qAlpha(image.pixel(x, y)) > 127;
                both += a && b;
                either += a || b;
            }
        }
        qInfo("frame %d: IoU %.4f of %.0f pixels", static_cast<int>(frame), both / either, either);
        if (const char* folder = std::getenv("BODY4D_KEEP_PICTURES")) {
            image.save(QString("%1/f3d_%2.png").arg(folder).arg(frame));
        }
        QVERIFY2(both / either >= 0.95,
                 qPrintable(QString("frame %1: IoU %2").arg(frame).arg(both / either)));
    }
}

QTEST_GUILESS_MAIN(ExternalTest)
#include "test_external.moc"
