#include "base/error.h"
#include "base/npz.h"
#include "scene/foreign_scene.h"

#include <QtTest>

#include <cmath>
#include <fstream>

using namespace body4d;
namespace fs = std::filesystem;

namespace {

template <typename T>
void put(std::string& out, T value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
void putBig(std::string& out, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    std::reverse(std::begin(bytes), std::end(bytes));
    out.append(bytes, sizeof value);
}

bool near(Vec3f a, double x, double y, double z, double tolerance = 1e-5) {
    return std::abs(a.x - x) < tolerance && std::abs(a.y - y) < tolerance && std::abs(a.z - z) < tolerance;
}

} // namespace

class ForeignSceneTest : public QObject {
    Q_OBJECT
    QTemporaryDir dir_;

    fs::path write(const char* name, const std::string& content) {
        const fs::path path = fs::path(dir_.path().toStdString()) / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    static ForeignScene read(const fs::path& path, UpAxis up = UpAxis::AsDeclared) {
        return readForeignScene(std::span(&path, 1), up);
    }
    /// The flaw that reading complains about; empty: it went well. Every complaint carries a remedy.
    static QString flawOf(const fs::path& path) {
        try {
            (void)read(path);
            return {};
        } catch (const Error& e) {
            return e.code() == ErrorCode::Input && !e.remedy().empty() ? QString::fromStdString(e.what())
                                                                       : QStringLiteral("no remedy");
        }
    }
    static std::string plyHeader(const char* format, int vertices, const char* properties,
                                 const char* more = "") {
        return std::string("ply\nformat ") + format + " 1.0\n" + more + "element vertex " +
               std::to_string(vertices) + "\n" + properties;
    }
    /// Two cameras 2 m apart that look along +z with y down, COLMAP's axes; the world is turned by 180
    /// degrees about x.
    fs::path colmapText() {
        write("colmap_text/cameras.txt",
              "# comment\n1 PINHOLE 640 480 500 510 320 240\n2 SIMPLE_RADIAL 100 80 90 50 40 0.01\n");
        write("colmap_text/images.txt", "# comment\n1 1 0 0 0 0 0 0 1 first.jpg\n10 20 -1 30 40 7\n2 1 0 0 0 "
                                        "-2 0 0 2 second one.jpg\n\n");
        return write("colmap_text/points3D.txt",
                     "# comment\n7 1 2 5 10 20 30 0.25 1 0 2 0\n8 -1 0 6 200 100 50 1 1 1\n")
            .parent_path();
    }

private Q_SLOTS:
    void plyInEveryEncoding() {
        const char* properties =
            "property float x\nproperty float y\nproperty float z\nproperty uchar red\nproperty uchar green\n"
            "property uchar blue\nproperty float confidence\nelement face 1\nproperty list uchar int "
            "vertex_indices\nend_header\n";
        const double p[4][3] = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0.5}};
        auto ascii = plyHeader("ascii", 4, properties),
             little = plyHeader("binary_little_endian", 4, properties),
             big = plyHeader("binary_big_endian", 4, properties);
        for (int i = 0; i < 4; ++i) {
            for (const double v : p[i]) {
                ascii += std::to_string(v) + " ";
                put(little, static_cast<float>(v));
                putBig(big, static_cast<float>(v));
            }
            ascii += "10 20 3" + std::to_string(i) + " 0." + std::to_string(i) + "\n";
            for (auto* out : {&little, &big}) {
                *out += {10, 20, static_cast<char>(30 + i)};
            }
            put(little, 0.1F * static_cast<float>(i));
            putBig(big, 0.1F * static_cast<float>(i));
        }
        ascii += "4 0 1 2 3\n";
        little += '\4';
        big += '\4';
        for (int i = 0; i < 4; ++i) {
            put(little, i);
            putBig(big, i);
        }
        for (const auto& [name, content] :
             {std::pair("ascii.ply", ascii), std::pair("little.ply", little), std::pair("BIG.PLY", big)}) {
            const auto scene = read(write(name, content));
            QCOMPARE(scene.objects.size(), std::size_t{1});
            const auto& mesh = scene.objects[0];
            QCOMPARE(mesh.points.size(), std::size_t{4});
            QVERIFY(near(mesh.points[3], 0, 1, 0.5));
            QCOMPARE(mesh.colours[2], (std::array<std::uint8_t, 3>{10, 20, 32}));
            QVERIFY(std::abs(mesh.confidence[3] - 0.3F) < 1e-6F);
            QCOMPARE(mesh.triangles.size(), std::size_t{2}); // the quadrangle
            QCOMPARE(scene.kind, std::string("PLY mesh"));
        }
        // What is cut off anywhere is refused, never read as far as it goes.
        for (const std::size_t cut :
             {little.size() - 1, little.size() - 18, little.size() - 60, std::size_t{60}}) {
            QVERIFY2(!flawOf(write("cut.ply", little.substr(0, cut))).isEmpty(),
                     qPrintable(QString::number(cut)));
        }
        QVERIFY(!flawOf(write("cut.ply", ascii.substr(0, ascii.size() - 12))).isEmpty());
        auto stray = little;
        stray[stray.size() - 1] = 9;
        QVERIFY(flawOf(write("stray.ply", stray)).contains("not there"));
    }
    void plySaysItsAxesAndColoursOfManyKinds() {
        const char* xyz = "property double x\nproperty double y\nproperty double z\n";
        const auto downwards = read(write(
            "down.ply", plyHeader("ascii", 1, xyz, "comment axes x right, y down, z forward (OpenCV)\n") +
                            "end_header\n1 2 3\n"));
        QVERIFY(near(downwards.objects[0].points[0], 1, -2, -3));
        const auto zUp =
            read(write("zup.ply", plyHeader("ascii", 1, xyz, "comment axes x right, y forward, z up\n") +
                                      "end_header\n1 2 3\n"));
        QVERIFY(near(zUp.objects[0].points[0], 1, 3, -2));
        QVERIFY(
            near(read(write("plain.ply", plyHeader("ascii", 1, xyz) + "end_header\n1 2 3\n"), UpAxis::MinusY)
                     .objects[0]
                     .points[0],
                 1, -2, -3));
        const auto splat =
            read(write("splat.ply",
                       plyHeader("ascii", 1,
                                 (std::string(xyz) + "property float f_dc_0\nproperty float f_dc_1\nproperty "
                                                     "float f_dc_2\nproperty float opacity\n")
                                     .c_str()) +
                           "end_header\n0 0 0 1.7724539 0 -1.7724539 0\n"));
        QCOMPARE(splat.objects[0].colours[0], (std::array<std::uint8_t, 3>{255, 128, 0}));
        QVERIFY(std::abs(splat.objects[0].confidence[0] - 0.5F) < 1e-6F);
        const auto floats = read(write(
            "floats.ply",
            plyHeader("ascii", 2,
                      (std::string(xyz) + "property float r\nproperty float g\nproperty float b\n").c_str()) +
                "end_header\n0 0 0 1 0.5 0\nnan 0 0 0 0 0\n"));
        QCOMPARE(floats.objects[0].colours.size(),
                 std::size_t{1}); // what is not finite is left out, with its colour
        QCOMPARE(floats.objects[0].colours[0], (std::array<std::uint8_t, 3>{255, 128, 0}));
    }
    void brokenFilesAreRefusedWithARemedy() {
        QVERIFY(flawOf(write("x.ply", "ply\nnonsense\n")).contains("x.ply"));
        QVERIFY(!flawOf(write("x.ply", "")).isEmpty());
        QVERIFY(flawOf(write("x.ply", plyHeader("ascii", 1, "property float x\n") + "end_header\n1\n"))
                    .contains("x, y and z"));
        QVERIFY(flawOf(write("huge.ply", plyHeader("binary_little_endian", 2'000'000'000,
                                                   "property float x\nproperty float y\nproperty float z\n") +
                                             "end_header\n12345678"))
                    .contains("too early"));
        QVERIFY(flawOf(write("lists.ply",
                             plyHeader("binary_little_endian", 1,
                                       "property float x\nproperty float y\nproperty float z\nelement face "
                                       "1\nproperty list uint int vertex_indices\n") +
                                 "end_header\n123456789012\xff\xff\xff\xff"))
                    .contains("too early"));
        QVERIFY(!flawOf(write("x.glb", "glTF")).isEmpty());
        QVERIFY(!flawOf(write("x.npz", "PK nothing")).isEmpty());
        QVERIFY(!flawOf(write("x.obj", "v 1 2 three\n")).isEmpty());
        QVERIFY(flawOf(write("y.obj", "v 0 0 0\nf 1 2 3\n")).contains("not there"));
        QVERIFY(flawOf("/nowhere/at all.ply").contains("not there"));
        QVERIFY(!flawOf(dir_.path().toStdString() + "/empty").isEmpty());
        NpzWriter other;
        other.add("weights", std::vector<float>{1, 2}, {2});
        const auto file = fs::path(dir_.path().toStdString()) / "other.npz";
        other.write(file);
        QVERIFY(flawOf(file).contains("weights")); // says what it found
    }
    void objWithPolygonsAndColours() {
        const auto scene =
            read(write("a.obj", "# axes x right, y up\nv 0 0 0 1 0 0\nv 1 0 0 0 1 0\nv 1 1 0 0 0 1\nv 0 1 0 "
                                "1 1 1\nvt 0 0\nf 1/1 2/1 3/1 4/1\nf -4 -3 -2\n"));
        QCOMPARE(scene.objects[0].triangles.size(), std::size_t{3});
        QCOMPARE(scene.objects[0].triangles[2], (std::array<std::uint32_t, 3>{0, 1, 2}));
        QCOMPARE(scene.objects[0].colours[2], (std::array<std::uint8_t, 3>{0, 0, 255}));
    }
    void colmapTextAndBinaryAreTheSame() {
        const auto text = read(colmapText());
        std::string cameras, images, points;
        put(cameras, std::uint64_t{2});
        put(cameras, std::uint32_t{1});
        put(cameras, std::int32_t{1});
        put(cameras, std::uint64_t{640});
        put(cameras, std::uint64_t{480});
        for (const double v : {500., 510., 320., 240.}) {
            put(cameras, v);
        }
        put(cameras, std::uint32_t{2});
        put(cameras, std::int32_t{2});
        put(cameras, std::uint64_t{100});
        put(cameras, std::uint64_t{80});
        for (const double v : {90., 50., 40., 0.01}) {
            put(cameras, v);
        }
        put(images, std::uint64_t{2});
        for (std::uint32_t i = 1; i <= 2; ++i) {
            put(images, i);
            for (const double v : {1., 0., 0., 0., i == 1 ? 0. : -2., 0., 0.}) {
                put(images, v);
            }
            put(images, i);
            images += i == 1 ? "first.jpg" : "second one.jpg";
            images += '\0';
            put(images, std::uint64_t{i == 1 ? 2U : 0U});
            images += std::string(i == 1 ? 48 : 0, 'x');
        }
        put(points, std::uint64_t{2});
        for (std::uint64_t i = 0; i < 2; ++i) {
            put(points, i + 7);
            for (const double v : i == 0 ? std::array{1., 2., 5.} : std::array{-1., 0., 6.}) {
                put(points, v);
            }
            points += i == 0 ? std::string{10, 20, 30} : std::string{static_cast<char>(200), 100, 50};
            put(points, i == 0 ? 0.25 : 1.0);
            put(points, std::uint64_t{2});
            points += std::string(16, 'x');
        }
        write("model/sparse/0/cameras.bin", cameras);
        write("model/sparse/0/images.bin", images);
        const auto file = write("model/sparse/0/points3D.bin", points);
        const auto folder = file.parent_path().parent_path().parent_path();
        for (const auto& path : {folder, file}) {
            QVERIFY(isForeignScene(path));
            const auto binary = read(path);
            QCOMPARE(binary.cameras.size(), std::size_t{2});
            QCOMPARE(binary.cameras[1].name, std::string("second one.jpg"));
            for (std::size_t i = 0; i < 2; ++i) {
                const auto &a = text.cameras[i], &b = binary.cameras[i];
                QVERIFY(norm(a.worldFromCam.translation - b.worldFromCam.translation) < 1e-9);
                QCOMPARE(a.intrinsics.focalPx, b.intrinsics.focalPx);
                QVERIFY(near(text.objects[0].points[i], binary.objects[0].points[i].x,
                             binary.objects[0].points[i].y, binary.objects[0].points[i].z));
                QCOMPARE(text.objects[0].colours[i], binary.objects[0].colours[i]);
                QCOMPARE(text.objects[0].confidence[i], binary.objects[0].confidence[i]);
            }
        }
        QCOMPARE(text.cameras[0].intrinsics.focalPx, 505.0);
        QCOMPARE(text.cameras[1].intrinsics.focalPx, 90.0);
        QVERIFY(std::abs(text.objects[0].confidence[0] - 0.8F) < 1e-6F); // 1 / (1 + error)
        // Its cameras hold their heads up: y down in the file is y up here, and nothing hangs below the
        // floor.
        QVERIFY(text.cameras[0].worldFromCam.rotation(1, 1) < -0.99);
        QVERIFY(near(text.objects[0].points[0], 1, 0, -5));
        QVERIFY(near(text.objects[0].points[1], -1, 2, -6));
        QVERIFY(norm(text.cameras[1].worldFromCam.translation - Vec3{2, 2, 0}) < 1e-6);
        QVERIFY(!flawOf(write("model/sparse/0/points3D.bin", points.substr(0, points.size() - 1))).isEmpty());
        QVERIFY(!flawOf(write("model/sparse/0/images.bin", images.substr(0, 90))).isEmpty());
    }
    void samBodiesWithTheMeshBesideThem() {
        NpzWriter body;
        body.add("pred_vertices", std::vector<float>{0, 0, 0, 1, 0, 0, 0, 1, 0},
                 {3, 3}); // y down: the last is the foot
        body.add("pred_cam_t", std::vector<float>{0, 0, 4}, {3});
        std::vector<float> points, px;
        for (int i = 0; i < 8; ++i) { // seen by a camera of 1000 px about (480, 270)
            const float x = 0.3F * static_cast<float>(i % 3), y = 0.2F * static_cast<float>(i % 5),
                        z = 0.1F * static_cast<float>(i);
            points.insert(points.end(), {x, y, z});
            px.insert(px.end(), {480 + 1000 * x / (z + 4), 270 + 1000 * y / (z + 4)});
        }
        body.add("pred_keypoints_3d", points, {8, 3});
        body.add("pred_keypoints_2d", px, {8, 2});
        const auto file = fs::path(dir_.path().toStdString()) / "sam" / "a.npz";
        fs::create_directories(file.parent_path());
        body.write(file);
        QCOMPARE(read(file).triangleCount(), std::size_t{0}); // points, where nobody knows the triangles
        write("sam/topology.ply", plyHeader("ascii", 3,
                                            "property float x\nproperty float y\nproperty float z\nelement "
                                            "face 1\nproperty list uchar int vertex_indices\n") +
                                      "end_header\n0 0 0\n0 0 0\n0 0 0\n3 0 2 1\n");
        const auto scene = read(file);
        QCOMPARE(scene.triangleCount(), std::size_t{1});
        QVERIFY(near(scene.objects[0].points[2], 0, 0, -4)); // stands on the floor, away from the camera
        QVERIFY(near(scene.objects[0].points[0], 0, 1, -4));
        QCOMPARE(scene.cameras.size(), std::size_t{1});
        QVERIFY(std::abs(scene.cameras[0].intrinsics.focalPx - 1000) < 0.5);
        QCOMPARE(scene.cameras[0].intrinsics.width, 960);
        QVERIFY(norm(scene.cameras[0].worldFromCam.translation - Vec3{0, 1, 0}) < 1e-6);
        // People of one picture stay where they are to each other.
        NpzWriter higher;
        higher.add("pred_vertices", std::vector<float>{0, -1, 0}, {1, 3});
        higher.add("pred_cam_t", std::vector<float>{0, 0, 4}, {3});
        const auto second = file.parent_path() / "b.npz";
        higher.write(second);
        const std::array<fs::path, 2> both{file, second};
        const auto together = readForeignScene(both);
        QCOMPARE(together.objects.size(), std::size_t{2});
        QVERIFY(near(together.objects[1].points[0], 0, 2, -4));
    }
    void pointsAndDepthOfNpz() {
        NpzWriter cloud;
        cloud.add("points", std::vector<float>{0, 1, 2, 3, 4, 5}, {2, 3});
        cloud.add("colors", std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}, {2, 3});
        cloud.add("confidence", std::vector<float>{0.5F, 0.75F}, {2});
        const auto file = fs::path(dir_.path().toStdString()) / "cloud.npz";
        cloud.write(file);
        const auto scene = read(file);
        QVERIFY(near(scene.objects[0].points[1], 3, 4, 5));
        QCOMPARE(scene.objects[0].colours[1], (std::array<std::uint8_t, 3>{4, 5, 6}));
        QCOMPARE(scene.objects[0].confidence[1], 0.75F);
        // A wall 2 m before a camera at (1, 0, 0) of 100 px, 4 x 2 pixels.
        NpzWriter depth;
        depth.add("depth", std::vector<float>{2, 2, 2, 2, 2, 2, 0, 2}, {1, 2, 4});
        depth.add("conf", std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 4});
        depth.add("extrinsics", std::vector<float>{1, 0, 0, -1, 0, 1, 0, 0, 0, 0, 1, 0}, {1, 3, 4});
        depth.add("intrinsics", std::vector<float>{100, 0, 2, 0, 100, 1, 0, 0, 1}, {1, 3, 3});
        const auto maps = fs::path(dir_.path().toStdString()) / "depth.npz";
        depth.write(maps);
        const auto wall = read(maps, UpAxis::Y);                 // as it lies in the file, save for the floor
        QCOMPARE(wall.objects[0].points.size(), std::size_t{7}); // no depth, no point
        QVERIFY(std::abs(wall.objects[0].points[0].x - (1 - 2 * 0.02)) < 1e-5);
        QVERIFY(std::abs(wall.objects[0].points[0].z - 2) < 1e-5);
        QCOMPARE(wall.objects[0].confidence.back(), 8.F);
        QCOMPARE(wall.cameras.size(), std::size_t{1});
    }
    void glbPointsAndMeshes() {
        std::string binary;
        for (const float v : {0.F, 0.F, 0.F, 1.F, 0.F, 0.F, 0.F, 1.F, 0.F}) {
            put(binary, v);
        }
        for (const std::uint8_t v : {255, 0, 0, 255, 0, 55, 0, 255, 0, 0, 255, 255}) {
            put(binary, v);
        }
        for (const std::uint16_t v : {0, 1, 2}) {
            put(binary, v);
        }
        put(binary, std::uint16_t{0});
        const auto glb = [&](const std::string& primitive, const std::string& extra = {}) {
            std::string json =
                R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"children":[1],"translation":[0,2,0]},
                {"mesh":0,"name":"thing","scale":[2,2,2],"rotation":[0,0,0.70710678,0.70710678]}],"buffers":[{"byteLength":)" +
                std::to_string(binary.size()) +
                R"(}],"bufferViews":[{"buffer":0,"byteLength":36},{"buffer":0,"byteOffset":36,"byteLength":12},
                {"buffer":0,"byteOffset":48,"byteLength":6}],"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3"},
                {"bufferView":1,"componentType":5121,"normalized":true,"count":3,"type":"VEC4"},{"bufferView":2,"componentType":5123,"count":3,"type":"SCALAR"}],
                "meshes":[{"primitives":[)" +
                primitive + "]}]" + extra + "}";
            json.resize((json.size() + 3) / 4 * 4, ' ');
            std::string out = "glTF";
            put(out, std::uint32_t{2});
            put(out, static_cast<std::uint32_t>(12 + 8 + json.size() + 8 + binary.size()));
            put(out, static_cast<std::uint32_t>(json.size()));
            put(out, std::uint32_t{0x4E4F534A});
            out += json;
            put(out, static_cast<std::uint32_t>(binary.size()));
            put(out, std::uint32_t{0x004E4942});
            return out + binary;
        };
        const auto points = glb(R"({"mode":0,"attributes":{"POSITION":0,"COLOR_0":1}})");
        const auto cloud = read(write("cloud.glb", points));
        QCOMPARE(cloud.kind, std::string("GLB point cloud"));
        QCOMPARE(cloud.objects[0].name, std::string("thing"));
        QVERIFY(near(cloud.objects[0].points[1], 0, 4, 0, 1e-4)); // scaled, turned by 90 degrees, lifted
        QCOMPARE(cloud.objects[0].colours[0], (std::array<std::uint8_t, 3>{255, 0, 0}));
        QCOMPARE(int(cloud.objects[0].colours[1][1]), 128); // linear 55 of 255 as sRGB
        const auto mesh = read(write(
            "mesh.glb", glb(R"({"attributes":{"POSITION":0},"indices":2,"material":0})",
                            R"(,"materials":[{"pbrMetallicRoughness":{"baseColorFactor":[1,0,0,1]}}])")));
        QCOMPARE(mesh.triangleCount(), std::size_t{1});
        QCOMPARE(mesh.objects[0].colours[2], (std::array<std::uint8_t, 3>{255, 0, 0}));
        QVERIFY(flawOf(write("packed.glb", glb(R"({"attributes":{"POSITION":0}})",
                                               R"(,"extensionsRequired":["KHR_draco_mesh_compression"])")))
                    .contains("draco"));
        QVERIFY(!flawOf(write("cut.glb", points.substr(0, points.size() - 40))).isEmpty());
        QVERIFY(!flawOf(write("odd.glb", glb(R"({"attributes":{"POSITION":99}})"))).isEmpty());
    }
    void foldersOfMeshesMoveFrameByFrame() {
        const auto mesh = [](double height) {
            return plyHeader("ascii", 3,
                             "property float x\nproperty float y\nproperty float z\nelement face 1\nproperty "
                             "list uchar int vertex_indices\n") +
                   "end_header\n0 " + std::to_string(height) + " -3\n1 " + std::to_string(height) +
                   " -3\n0 " + std::to_string(height + 1.7) + " -3\n3 0 1 2\n";
        };
        write("result/mesh_4d_individual/1/00000000.ply", mesh(-1));
        write("result/mesh_4d_individual/1/00000001.ply", mesh(-0.9));
        write("result/mesh_4d_individual/2/00000001.ply", mesh(-0.5));
        write("result/rendered_frames/00000000.jpg", "no mesh");
        const auto folder = fs::path(dir_.path().toStdString()) / "result";
        QVERIFY(isForeignScene(folder));
        QVERIFY(!isForeignScene(folder / "rendered_frames"));
        const auto scene = read(folder);
        QCOMPARE(scene.sequences.size(), std::size_t{2});
        QCOMPARE(scene.frames(), (std::pair<std::int64_t, std::int64_t>{0, 2}));
        QCOMPARE(scene.objects.size(), std::size_t{2});
        QVERIFY(near(scene.objects[0].points[0], 0, 0, -3)); // stands on the floor in its first frame
        QVERIFY(scene.objects[1].points.empty());            // not there yet
        const auto next = readForeignFrame(scene, 1);
        QVERIFY(near(next[0].points[0], 0, 0.1, -3));
        QVERIFY(near(next[1].points[0], 0, 0.5, -3)); // on the same scale
        QCOMPARE(next[1].triangles.size(), std::size_t{1});
        QVERIFY(readForeignFrame(scene, 7)[0].points.empty());
        // One person's folder, and our own names of frames.
        QCOMPARE(read(folder / "mesh_4d_individual" / "1").sequences.size(), std::size_t{1});
        write("ours/walk_1_000004.ply", mesh(0));
        write("ours/walk_2_000004.ply", mesh(0));
        write("ours/walk_1_000005.ply", mesh(0));
        const auto ours = read(fs::path(dir_.path().toStdString()) / "ours");
        QCOMPARE(ours.sequences.size(), std::size_t{2});
        QCOMPARE(ours.sequences[0].name, std::string("walk_1"));
        QCOMPARE(ours.frames(), (std::pair<std::int64_t, std::int64_t>{4, 6}));
    }
    void genuineResultsOfSam3dBody() {
        const QString folder = QStringLiteral(BODY4D_SHARED_DATA "/mhr");
        if (!QFile::exists(folder + "/sam3d_body_output_subj00.npz")) {
            QSKIP("The results and the mesh that facebookresearch/MHR publishes are not beside this checkout "
                  "(shared/data/mhr).");
        }
        std::vector<fs::path> files;
        for (int i = 0; i < 4; ++i) {
            files.push_back(fs::path(folder.toStdString()) /
                            ("sam3d_body_output_subj0" + std::to_string(i) + ".npz"));
        }
        const auto scene = readForeignScene(files);
        QCOMPARE(scene.objects.size(), std::size_t{4});
        QCOMPARE(scene.triangleCount(), std::size_t{4} * 36874);
        for (const auto& camera : scene.cameras) { // all four were seen by one camera
            QVERIFY2(std::abs(camera.intrinsics.focalPx - 2535.27) < 1,
                     qPrintable(QString::number(camera.intrinsics.focalPx)));
            QCOMPARE(camera.intrinsics.width, 1920);
            QCOMPARE(camera.intrinsics.height, 890);
        }
    }
};

QTEST_GUILESS_MAIN(ForeignSceneTest)
#include "test_foreign_scene.moc"
