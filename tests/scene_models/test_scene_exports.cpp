// What runs of scenes write: read again by us, by programs of others, and written where memory runs out.
#include "scene_run_fixture.h"

#include "base/files.h"
#include "base/npz.h"
#include "device/memory_budget.h"
#include "scene/colmap.h"
#include "scene/foreign_scene.h"
#include "video/video_reader.h"

#include <QProcess>
#include <QStandardPaths>
#include <QtTest>

#include <fstream>

using namespace body4d;
using namespace body4d::testing;
namespace fs = std::filesystem;

class SceneExportsTest : public SceneRunFixture {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { makePictures(); }
    void exportsHoldTheSurfaces();
    void pointMapsBecomeThePoints();
    void featuresAreShown();
    void writersRunOutOfMemory_data();
    void writersRunOutOfMemory();
    void exportsAreReadByOthers();
    void colmapReadsTheModel();
    void f3dAndBlenderShowTheCloud();
};

void SceneExportsTest::pointMapsBecomeThePoints() {
    RenderingEstimator estimator;
    settings_.usePointHead = true;
    SceneExport wanted;
    wanted.formats = {"npz", "ply"};
    const auto folder = path("point maps");
    const auto report = run(estimator, folder, wanted);
    settings_.usePointHead = false;
    QVERIFY(report.points > 1000);
    const auto arrays = readNpz(folder / "exports" / "npz" / "results.npz");
    QVERIFY(arrays.at("world_points").shape == (std::vector<std::int64_t>{kFrames, 56, 84, 3}));
    QCOMPARE(arrays.at("world_points_conf").as<float>().front(), 3.0F);
    const auto points = arrays.at("world_points").as<float>(), depths = arrays.at("depth").as<float>(),
               pose = arrays.at("extrinsics").as<float>();
    // Every pass has a world of its own: maps went along when they were brought into one. Along the camera's axis they
    // lie where the estimator put them.
    double worst = 0;
    constexpr std::size_t kPixels = 84 * 56;
    for (std::size_t frame = 0; frame < kFrames; ++frame) {
        const float* e = &pose[12 * frame];
        for (std::size_t i = frame * kPixels; i < (frame + 1) * kPixels; i += 97) {
            const double z = static_cast<double>(e[8]) * points[3 * i] + static_cast<double>(e[9]) * points[3 * i + 1] +
                             static_cast<double>(e[10]) * points[3 * i + 2] + e[11];
            worst = std::max(worst, std::abs(z / (2 * static_cast<double>(depths[i])) - 1));
        }
    }
    QVERIFY2(worst < 1e-3, qPrintable(QString::number(worst)));
    // The passes are cut from the shared views as ever, and others' depths are not taken.
    SceneView view = renderView(3);
    view.points.assign(3 * view.depth.size(), 0.25F);
    view.pointsConfidence.assign(view.depth.size(), 2);
    view.pointsConfidence[0] = 1;
    PointRules rules;
    rules.minimumConfidence = 1.5F;
    PointCloud cloud;
    addPoints(view, 0, rules, cloud);
    QVERIFY(cloud.size() > 1000 && cloud.size() < view.depth.size());
    QVERIFY(cloud.positions.front().x == 0.25F && cloud.positions.back().z == 0.25F);
    QCOMPARE(cloud.confidence.front(), 2.0F);
    // Engines without such a head say so.
    estimator.traits_.pointMaps = false;
    settings_.usePointHead = true;
    QVERIFY_EXCEPTION_THROWN((void)run(estimator, path("no maps"), wanted), Error);
    settings_.usePointHead = false;
}

void SceneExportsTest::featuresAreShown() {
    RenderingEstimator estimator;
    settings_.exportFeat = {3, 11};
    SceneExport wanted;
    wanted.formats = {"feat_vis", "feat_npz"};
    wanted.featVisFps = 5;
    const auto folder = path("features");
    (void)run(estimator, folder, wanted);
    const auto arrays = readNpz(folder / "exports" / "feat_npz" / "results.npz");
    for (const int block : {3, 11}) {
        const auto name = "feat_layer_" + std::to_string(block);
        const auto& array = arrays.at(name);
        QVERIFY(array.shape == (std::vector<std::int64_t>{kFrames, 4, 6, kFeatureChannels}));
        const auto values = array.as<float>();
        for (int frame = 0; frame < kFrames; ++frame) { // each once, in its place, also where passes share it
            QCOMPARE(values[static_cast<std::size_t>(frame * 4 * 6 * kFeatureChannels)],
                     static_cast<float>(10 * frame + block));
        }
        const auto picture = readImage(folder / "feat_vis" / name / "000013.jpg");
        QVERIFY(picture.width == 2 * 84 && picture.height == 56);
        // Along the one direction in which these features differ, later frames and patches lie farther.
        const auto red = [&](const Image& image, int x, int y) {
            return image.rgb[3 * static_cast<std::size_t>(y * image.width + x)];
        };
        const auto first = readImage(folder / "feat_vis" / name / "000000.jpg");
        QVERIFY(std::abs(red(picture, 165, 50) - red(first, 90, 5)) > 200);
        const auto video = VideoReader::open(folder / "feat_vis" / (name + ".mp4"));
        QCOMPARE(video->info().frameCount, std::int64_t{kFrames});
        QVERIFY(std::abs(video->info().fps - 5) < 1e-6);
    }
    // Others' blocks are other passes; blocks that there are not, and engines without any, are told.
    QCOMPARE(run(estimator, folder, wanted).resumedPasses, std::int64_t{3});
    settings_.exportFeat = {3};
    QCOMPARE(run(estimator, folder, wanted).resumedPasses, std::int64_t{0});
    settings_.exportFeat = {12};
    QVERIFY_EXCEPTION_THROWN((void)run(estimator, folder, wanted), Error);
    estimator.traits_.featureBlocks = 0;
    settings_.exportFeat = {3};
    QVERIFY_EXCEPTION_THROWN((void)run(estimator, folder, wanted), Error);
    settings_.exportFeat.clear();
    QVERIFY_EXCEPTION_THROWN((void)run(estimator, folder, wanted), Error);
    (void)run(estimator, path("plain"));
    QVERIFY_EXCEPTION_THROWN((void)mergeScene(path("plain"), wanted, {}, {}), Error);
}

void SceneExportsTest::exportsHoldTheSurfaces() {
    // From true depth, three passes in worlds of their own: what files say lies on the room's surfaces.
    RenderingEstimator estimator;
    SceneExport wanted;
    wanted.formats = {"ply", "glb", "colmap", "colmap_text"};
    wanted.confThreshPercentile = 0;
    const auto folder = path("surfaces");
    const auto report = run(estimator, folder, wanted);
    QVERIFY(report.passes.size() == 3 && report.points == static_cast<std::size_t>(kFrames * 84 * 56));
    const auto world = inverse(someWorld(1));
    const auto model = folder / "model";
    fs::create_directories(model);
    for (const char* name : {"cameras.bin", "images.bin", "points3D.bin"}) {
        fs::copy_file(folder / name, model / name);
    }
    const auto pointsOf = [](const fs::path& file) {
        const fs::path files[] = {file};
        const auto scene = readForeignScene(files);
        const auto back = inverse(scene.worldFromFile); // readers turn places upright
        std::vector<Vec3> points;
        for (const auto& object : scene.objects) {
            for (const auto& p : object.points) {
                points.push_back(back * Vec3{p.x, p.y, p.z});
            }
        }
        return points;
    };
    const auto ply = pointsOf(folder / "scene.ply");
    for (const auto& points : {ply, pointsOf(model)}) {
        QCOMPARE(points.size(), report.points);
        double worst = 0;
        for (const auto& p : points) {
            worst = std::max(worst, surfaceDistance(world * p));
        }
        QVERIFY2(worst < 1e-3, std::to_string(worst).c_str());
    }
    // A GLB has the first camera's axes and its own middle: the same points, turned and moved.
    const auto glb = pointsOf(folder / "scene.glb");
    QCOMPARE(glb.size(), ply.size());
    std::vector<PointPair> pairs;
    for (std::size_t i = 0; i < ply.size(); ++i) {
        pairs.push_back({ply[i], glb[i]});
    }
    const auto moved = exactSim3(pairs);
    QVERIFY(moved && std::abs(moved->scale - 1) < 1e-5);
    double worst = 0;
    for (const auto& pair : pairs) {
        worst = std::max(worst, norm(*moved * pair.from - pair.to));
    }
    QVERIFY2(worst < 1e-4, std::to_string(worst).c_str());
}

void SceneExportsTest::writersRunOutOfMemory_data() {
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("file");
    QTest::newRow("glb") << "glb"
                         << "scene.glb";
    QTest::newRow("ply") << "ply"
                         << "scene.ply";
    QTest::newRow("colmap") << "colmap"
                            << "points3D.bin";
}

void SceneExportsTest::writersRunOutOfMemory() {
    QFETCH(QString, format);
    QFETCH(QString, file);
    const auto folder = path((QString("writer_oom_") + format).toUtf8().constData());
    RenderingEstimator estimator;
    SceneExport wanted;
    wanted.confThreshPercentile = 0;
    wanted.formats = {"mini_npz"};
    (void)run(estimator, folder, wanted);
    wanted.formats = {format.toStdString()};
    struct Limit {
        ~Limit() { MemoryBudget::setFakeLimitForTests(0); }
    } const limit;
    // Memory is there until the last view was gathered, and then hardly any.
    wanted.people = [](std::int64_t frame) {
        if (frame == kFrames - 1) {
            MemoryBudget::setFakeLimitForTests(1'000'000);
        }
        return Mask();
    };
    const auto report = mergeScene(folder, wanted, {}, {});
    QVERIFY(fs::exists(folder / file.toStdString()) && !report.files.empty());
    QVERIFY2(report.points > 1000 && report.points < static_cast<std::size_t>(kFrames * 84 * 56) / 2,
             std::to_string(report.points).c_str());
    QVERIFY(std::any_of(report.notes.begin(), report.notes.end(), [&](const std::string& n) {
        return n.find("writing " + format.toStdString()) != std::string::npos;
    }));
}

void SceneExportsTest::exportsAreReadByOthers() {
    const auto python = qEnvironmentVariable("BODY4D_TEST_PYTHON");
    if (python.isEmpty()) {
        QSKIP("BODY4D_TEST_PYTHON is not set: a Python with numpy and trimesh.");
    }
    RenderingEstimator estimator;
    SceneExport wanted;
    wanted.formats = {"mini_npz", "npz", "glb", "ply", "colmap", "colmap_text", "depth_png"};
    wanted.confThreshPercentile = 0;
    (void)run(estimator, path("others"), wanted);
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(python, {"-c", R"(
import sys, json, struct, numpy as np, trimesh
d = sys.argv[1]
m = np.load(d + "/exports/mini_npz/results.npz"); n = np.load(d + "/exports/npz/results.npz")
assert sorted(m.files) == ["conf", "depth", "extrinsics", "intrinsics"], m.files
assert sorted(n.files) == ["conf", "depth", "extrinsics", "image", "intrinsics"], n.files
assert m["extrinsics"].shape == (14, 3, 4) and m["intrinsics"].dtype == np.float32
assert np.abs(m["depth"] - n["depth"]).max() < 1e-5
ply = trimesh.load(d + "/scene.ply"); glb = trimesh.load(d + "/scene.glb")
points = [g for g in glb.geometry.values() if isinstance(g, trimesh.PointCloud)][0]
assert len(ply.vertices) == len(points.vertices) == 14 * 56 * 84
# two neighbouring views agree about the room: reprojected depths are equal where both see the same point
def world(i):
    K, E = m["intrinsics"][i].astype(float), m["extrinsics"][i].astype(float)
    u, v = np.meshgrid(np.arange(84), np.arange(56))
    c = np.linalg.inv(K) @ np.stack([u, v, np.ones_like(u)]).reshape(3, -1) * m["depth"][i].reshape(1, -1)
    return E[:, :3].T @ (c - E[:, 3:])
def seen(i, w):
    K, E = m["intrinsics"][i].astype(float), m["extrinsics"][i].astype(float)
    c = E[:, :3] @ w + E[:, 3:]; p = K @ c
    x, y = np.rint(p[0] / p[2]).astype(int), np.rint(p[1] / p[2]).astype(int)
    ok = (c[2] > 0) & (x >= 0) & (x < 84) & (y >= 0) & (y < 56)
    return np.abs(m["depth"][i][y[ok], x[ok]] / c[2][ok] - 1)
for a, b in ((0, 1), (5, 6), (4, 8), (12, 13)):
    assert np.median(seen(b, world(a))) < 0.01, (a, b, np.median(seen(b, world(a))))
b = open(d + "/points3D.bin", "rb").read()
assert struct.unpack("<Q", b[:8])[0] == len(points.vertices)
t = [l for l in open(d + "/points3D.txt") if not l.startswith("#")]
x = struct.unpack("<Qddd", b[8:40]); y = t[0].split()
assert x[0] == int(y[0]) and abs(x[1] - float(y[1])) < 1e-5
s = json.load(open(d + "/depth_png/scale.json"))
raw = open(d + "/depth_png/000003.png", "rb").read()
w, h, bits, colour = struct.unpack(">IIBB", raw[16:26]); assert (w, h, bits, colour) == (84, 56, 16, 0)
import zlib
data, at = b"", 8
while at < len(raw):
    size, kind = struct.unpack(">I4s", raw[at:at + 8])
    if kind == b"IDAT": data += raw[at + 8:at + 8 + size]
    at += size + 12
rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(56, 1 + 168)
image = np.zeros((56, 168), int)
for r in range(56):
    f, line = rows[r, 0], rows[r, 1:].astype(int)
    for c in range(168):
        a = image[r, c - 2] if c >= 2 else 0; u = image[r - 1, c] if r else 0; z = image[r - 1, c - 2] if r and c >= 2 else 0
        pa, pb, pc = abs(u - z), abs(a - z), abs(a + u - 2 * z)
        p = [0, a, u, (a + u) // 2, a if pa <= pb and pa <= pc else u if pb <= pc else z][f]
        image[r, c] = (line[c] + p) & 255
depth = (image[:, 0::2] * 256 + image[:, 1::2]) * s["unit"]
assert np.abs(depth - m["depth"][3]).max() <= s["unit"], np.abs(depth - m["depth"][3]).max()
print("read")
)",
                           QString::fromStdString(path("others").string())});
    QVERIFY(process.waitForFinished(240'000));
    const auto said = process.readAll();
    QVERIFY2(process.exitCode() == 0 && said.contains("read"), said.constData());
}

void SceneExportsTest::colmapReadsTheModel() {
    const auto python = qEnvironmentVariable("BODY4D_TEST_PYTHON");
    QProcess probe;
    if (!python.isEmpty()) {
        probe.start(python, {"-c", "import pycolmap"});
        probe.waitForFinished(120'000);
    }
    if (python.isEmpty() || probe.exitCode() != 0) {
        QSKIP("BODY4D_TEST_PYTHON is not set to a Python with pycolmap.");
    }
    RenderingEstimator estimator;
    SceneExport wanted;
    wanted.formats = {"colmap", "colmap_text"};
    wanted.confThreshPercentile = 0;
    const auto report = run(estimator, path("pycolmap"), wanted);
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(python,
                  {"-c", R"(
import sys, os, shutil, numpy as np, pycolmap
folder, points = sys.argv[1], int(sys.argv[2])
models = []
for kind in ("bin", "txt"):
    one = os.path.join(folder, "only_" + kind); os.makedirs(one, exist_ok=True)
    for name in ("cameras", "images", "points3D"): shutil.copy(f"{folder}/{name}.{kind}", one)
    m = pycolmap.Reconstruction(one); models.append(m)
    assert len(m.images) == 14 and len(m.cameras) == 14 and len(m.points3D) == points, (kind, len(m.points3D))
    worst = 0
    for i, p in list(m.points3D.items())[::997]:
        e = p.track.elements[0]; image = m.images[e.image_id]
        seen = image.points2D[e.point2D_idx]
        assert seen.point3D_id == i
        pose = image.cam_from_world() if callable(image.cam_from_world) else image.cam_from_world
        c = pose * p.xyz
        camera = m.cameras[image.camera_id]
        fx, fy, cx, cy = camera.params
        worst = max(worst, np.abs(np.array([fx * c[0] / c[2] + cx, fy * c[1] / c[2] + cy]) - seen.xy).max())
    assert worst < 0.05, worst
print("read", worst)
)",
                   QString::fromStdString(path("pycolmap").string()), QString::number(report.points)});
    QVERIFY(process.waitForFinished(240'000));
    const auto said = process.readAll();
    QVERIFY2(process.exitCode() == 0 && said.contains("read"), said.constData());
}

void SceneExportsTest::f3dAndBlenderShowTheCloud() {
    RenderingEstimator estimator;
    SceneExport wanted;
    wanted.formats = {"glb", "ply"};
    wanted.confThreshPercentile = 0;
    const auto report = run(estimator, path("shown"), wanted);
    // F3D draws on a display; where there is none, Xvfb lends one.
    const bool display = !qEnvironmentVariableIsEmpty("DISPLAY");
    const auto xvfb = QStandardPaths::findExecutable("xvfb-run");
    const auto f3d = display || !xvfb.isEmpty() ? QStandardPaths::findExecutable("f3d") : QString();
    const auto python = qEnvironmentVariable("BODY4D_TEST_PYTHON");
    if (f3d.isEmpty() && python.isEmpty()) {
        QSKIP("There is no f3d in the path, and BODY4D_TEST_PYTHON is not set to a Python with bpy.");
    }
    const auto runs = [](const QString& program, const QStringList& arguments, QByteArray& said) {
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(program, arguments);
        const bool ended = process.waitForFinished(240'000);
        said = process.readAll();
        return ended && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
    };
    QByteArray said;
    if (!f3d.isEmpty()) {
        for (const char* name : {"scene.glb", "scene.ply"}) {
            const auto picture = path("shown") / (std::string(name) + ".png");
            QStringList arguments = {"-a",
                                     f3d,
                                     QString::fromStdString((path("shown") / name).string()),
                                     "--output=" + QString::fromStdString(picture.string()),
                                     "--resolution=320,240",
                                     "--no-background",
                                     "--point-size=3"};
            QVERIFY2(runs(display ? f3d : xvfb, display ? arguments.mid(2) : arguments, said),
                     said.constData());
            const auto image = readImage(picture);
            std::size_t lit = 0;
            for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
                lit += image.rgb[i] + image.rgb[i + 1] + image.rgb[i + 2] > 60 ? 1 : 0;
            }
            QVERIFY2(lit > 320 * 240 / 20, std::to_string(lit).c_str());
        }
    }
    if (!python.isEmpty() && runs(python, {"-c", "import bpy"}, said)) {
        QVERIFY2(runs(python,
                      {"-c", R"(
import sys, os, bpy
try:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=sys.argv[1] + "/scene.glb")
    meshes = [o for o in bpy.context.scene.objects if o.type == "MESH"]
    counts = sorted(len(o.data.vertices) for o in meshes)
    assert counts[-1] == int(sys.argv[2]) and len(meshes) == 15, counts
    bpy.ops.wm.ply_import(filepath=sys.argv[1] + "/scene.ply")
    assert len(bpy.context.object.data.vertices) == int(sys.argv[2])
except Exception as error:
    print("failed", error); sys.stdout.flush(); os._exit(1)
)",
                       QString::fromStdString(path("shown").string()), QString::number(report.points)},
                      said),
                 said.constData());
    }
}

QTEST_GUILESS_MAIN(SceneExportsTest)
#include "test_scene_exports.moc"
