// Files of a scene: written here, read back by us and, where BODY4D_TEST_PYTHON is set, by others.
#include "synthetic_scene.h"

#include "base/error.h"
#include "base/files.h"
#include "scene/cloud_filters.h"
#include "scene/cloud_writers.h"
#include "scene/colmap.h"
#include "scene/unproject.h"
#include "scene/view_store.h"

#include <QProcess>
#include <QtTest>

#include <cstring>
#include <filesystem>

using namespace body4d;
using namespace body4d::testing;
namespace fs = std::filesystem;

class SceneFilesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void colmapComesBack_data();
    void colmapComesBack();
    void colmapOfManyPoints();
    void brokenColmapIsRefused();
    void glbIsSound();
    void othersReadThem();

private:
    PointCloud cloud_;
    ColmapModel model_;
    std::vector<CameraFrame> cameras_;
    QTemporaryDir folder_;
    [[nodiscard]] fs::path path(const char* name) const { return folder_.filePath(name).toStdString(); }
};

void SceneFilesTest::initTestCase() {
    for (int i = 0; i < 4; ++i) {
        const auto view = renderView(i);
        addPoints(view, static_cast<std::uint32_t>(i), {}, cloud_);
        auto full = view.camera; // the pictures are ten times as large as the maps
        full = {10 * full.fx, 10 * full.fy, 10 * full.cx, 10 * full.cy, 840, 560};
        model_.images.push_back({"frame " + std::to_string(i) + ".png", full, view.cameraFromWorld});
        cameras_.push_back({view.camera, view.cameraFromWorld, "frame \"" + std::to_string(i) + "\""});
    }
    model_.scaleX = model_.scaleY = 10;
}

void SceneFilesTest::colmapComesBack_data() {
    QTest::addColumn<bool>("binary");
    QTest::newRow("binary") << true;
    QTest::newRow("text") << false;
}

void SceneFilesTest::colmapComesBack() {
    QFETCH(bool, binary);
    const auto folder = path(binary ? "colmap_bin" : "colmap_txt");
    (binary ? writeColmapBinary : writeColmapText)(folder, model_, cloud_);
    const auto images = readColmapImages(folder);
    QCOMPARE(images.size(), std::size_t{4});
    for (std::size_t i = 0; i < 4; ++i) {
        const auto& want = model_.images[i];
        QCOMPARE(images[i].name, want.name);
        QCOMPARE(images[i].camera.width, 840);
        QVERIFY(std::abs(images[i].camera.fy - want.camera.fy) < 1e-9);
        QVERIFY(norm(images[i].cameraFromWorld.translation - want.cameraFromWorld.translation) < 1e-9);
        for (std::size_t k = 0; k < 9; ++k) {
            QVERIFY(std::abs(images[i].cameraFromWorld.rotation.m[k] - want.cameraFromWorld.rotation.m[k]) <
                    1e-9);
        }
    }
}

void SceneFilesTest::colmapOfManyPoints() {
    PointCloud many;
    while (many.size() < 200'000) {
        many.append(cloud_);
    }
    QElapsedTimer timer;
    timer.start();
    writeColmapBinary(path("many"), model_, many);
    qInfo("%zu points in %lld ms", many.size(), static_cast<long long>(timer.elapsed()));
    QCOMPARE(fs::file_size(path("many") / "points3D.bin"), 8 + many.size() * 59);
}

void SceneFilesTest::brokenColmapIsRefused() {
    QVERIFY_EXCEPTION_THROWN((void)readColmapImages(path("nowhere")), Error);
    const auto folder = path("cut");
    writeColmapBinary(folder, model_, cloud_);
    const auto bytes = readFile(folder / "images.bin");
    for (const std::size_t size : {std::size_t{4}, std::size_t{40}, std::size_t{120}, bytes.size() - 1}) {
        writeFileAtomically(folder / "images.bin", std::span(bytes).first(size));
        QVERIFY_EXCEPTION_THROWN((void)readColmapImages(folder), Error);
    }
    writeFileAtomically(folder / "images.bin", bytes);
    writeFileAtomically(folder / "cameras.bin", std::string_view("\0\0\0\0\0\0\0\0", 8));
    QVERIFY_EXCEPTION_THROWN((void)readColmapImages(folder), Error);
}

void SceneFilesTest::glbIsSound() {
    writeCloudGlb(path("scene.glb"), cloud_, cameras_, true, "random \"weights\"");
    const auto bytes = readFile(path("scene.glb"));
    std::uint32_t head[5];
    std::memcpy(head, bytes.data(), sizeof head);
    QCOMPARE(head[0], 0x46546C67U);
    QCOMPARE(head[2], static_cast<std::uint32_t>(bytes.size()));
    const auto json = QJsonDocument::fromJson(
        QByteArray(reinterpret_cast<const char*>(bytes.data()) + 20, static_cast<qsizetype>(head[3])));
    QVERIFY(json.isObject());
    QCOMPARE(json["asset"]["extras"]["note"].toString(), QStringLiteral("random \"weights\""));
    QCOMPARE(json["nodes"].toArray().size(), 5);
    QCOMPARE(json["meshes"][0]["primitives"][0]["mode"].toInt(), 0);
    QCOMPARE(json["meshes"][4]["name"].toString(), QStringLiteral("frame \"3\""));
    QCOMPARE(json["accessors"][0]["count"].toInt(), static_cast<int>(cloud_.size()));
    // The middle of the points is the origin, and up is up: the floor lies below the ceiling.
    const auto m = gltfFromWorld(cloud_, cameras_[0].cameraFromWorld);
    const auto up = [&](Vec3 p) { return m[4] * p.x + m[5] * p.y + m[6] * p.z + m[7]; };
    QVERIFY(up({0, 1, 3}) < up({0, -2, 3}));
    const auto extras = json["scenes"][0]["extras"]["hf_alignment"].toArray();
    QCOMPARE(extras.size(), 16);
    QVERIFY(std::abs(extras[7].toDouble() - m[7]) < 1e-6);
    // Nothing at all is a file, too.
    writeCloudGlb(path("empty.glb"), {}, {});
    QVERIFY(fs::file_size(path("empty.glb")) > 20);
}

void SceneFilesTest::othersReadThem() {
    const auto python = qEnvironmentVariable("BODY4D_TEST_PYTHON");
    if (python.isEmpty()) {
        QSKIP("BODY4D_TEST_PYTHON is not set: a Python with numpy and trimesh.");
    }
    writeCloudPly(path("cloud.ply"), cloud_, "random\nweights");
    writeCloudGlb(path("scene.glb"), cloud_, cameras_);
    std::vector<SceneView> views = {renderView(0), renderView(1)};
    writeViews(path("views.npz"), views);
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(python, {"-c", R"(
import sys, numpy as np, trimesh
folder = sys.argv[1]
z = np.load(folder + "/views.npz")
assert z["depth"].shape == (2, 56, 84) and z["depth"].dtype == np.float32
assert z["image"].dtype == np.uint8 and z["extrinsics"].shape == (2, 3, 4)
ply = trimesh.load(folder + "/cloud.ply")
assert len(ply.vertices) == 4 * 56 * 84, len(ply.vertices)
v = ply.vertices
assert abs(v[:, 1].max() - 1) < 1e-3 and abs(v[:, 2].max() - 6) < 1e-3
# the first view's points from numpy's own arithmetic
K, E, d = z["intrinsics"][0], z["extrinsics"][0], z["depth"][0]
u, w = np.meshgrid(np.arange(84), np.arange(56))
cam = (np.linalg.inv(K) @ np.stack([u, w, np.ones_like(u)]).reshape(3, -1)) * d.reshape(1, -1)
world = (E[:, :3].T @ (cam - E[:, 3:])).T
assert np.abs(world - v[:84 * 56]).max() < 1e-3
scene = trimesh.load(folder + "/scene.glb")
clouds = [g for g in scene.geometry.values() if isinstance(g, trimesh.PointCloud)]
paths = [g for g in scene.geometry.values() if not isinstance(g, trimesh.PointCloud)]
assert len(clouds) == 1 and len(clouds[0].vertices) == len(v) and len(paths) == 4, (len(clouds), len(paths))
assert np.abs(np.median(clouds[0].vertices, axis=0)).max() < 1e-3
a = np.array(scene.metadata["hf_alignment"]).reshape(4, 4)
assert np.abs((a[:3, :3] @ v.T).T + a[:3, 3] - clouds[0].vertices).max() < 1e-3
print("read")
)",
                           folder_.path()});
    QVERIFY(process.waitForFinished(120'000));
    const auto said = process.readAll();
    QVERIFY2(process.exitCode() == 0 && said.contains("read"), said.constData());
}

QTEST_APPLESS_MAIN(SceneFilesTest)
#include "test_scene_files.moc"
