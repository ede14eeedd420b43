#include "body/rasterizer.h"

#include <QTest>

#include <cmath>
#include <numbers>

using namespace body4d;

namespace {

struct Mesh {
    std::vector<Vec3f> vertices;
    MeshTopology topology;
};

Intrinsics camera(int width, int height, double focal) {
    return {focal, width / 2.0, height / 2.0, width, height};
}

Mesh sphere(Vec3f centre, float radius, unsigned rings) {
    Mesh mesh;
    const unsigned sectors = 2 * rings;
    for (unsigned r = 0; r <= rings; ++r) {
        for (unsigned s = 0; s < sectors; ++s) {
            const double theta = std::numbers::pi * r / rings, phi = 2 * std::numbers::pi * s / sectors;
            mesh.vertices.push_back(
                {centre.x + radius * static_cast<float>(std::sin(theta) * std::cos(phi)),
                 centre.y + radius * static_cast<float>(std::cos(theta)),
                 centre.z + radius * static_cast<float>(std::sin(theta) * std::sin(phi))});
        }
    }
    for (unsigned r = 0; r < rings; ++r) {
        for (unsigned s = 0; s < sectors; ++s) {
            const unsigned a = r * sectors + s, b = r * sectors + (s + 1) % sectors, c = a + sectors,
                           d = b + sectors;
            mesh.topology.triangles.push_back({a, b, c});
            mesh.topology.triangles.push_back({b, d, c});
        }
    }
    return mesh;
}

std::size_t covered(const Mask& mask) {
    return static_cast<std::size_t>(std::count(mask.values.begin(), mask.values.end(), 255));
}

} // namespace

class RasterizerTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void depthOfASlantedPlaneIsExact() {
        // z = 2 + 0.5 x: along each pixel's ray x = u z, so z = 2 / (1 - 0.5 u)
        Mesh mesh;
        for (const float x : {-1.F, 1.F}) {
            for (const float y : {-1.F, 1.F}) {
                mesh.vertices.push_back({x, y, 2 + 0.5F * x});
            }
        }
        mesh.topology.triangles = {{0, 1, 2}, {1, 3, 2}};
        const Intrinsics cam = camera(64, 48, 40);
        DepthImage image;
        rasterize(mesh.vertices, mesh.topology, cam, image);
        int seen = 0;
        for (int y = 0; y < cam.height; ++y) {
            for (int x = 0; x < cam.width; ++x) {
                const double u = (x + 0.5 - cam.centreX) / cam.focalPx,
                             v = (y + 0.5 - cam.centreY) / cam.focalPx;
                const double z = 2 / (1 - 0.5 * u);
                const bool inside = std::fabs(u * z) < 1 - 1e-6 && std::fabs(v * z) < 1 - 1e-6;
                const auto i = static_cast<std::size_t>(y * cam.width + x);
                QCOMPARE(image.triangle[i] >= 0, inside);
                if (inside) {
                    QVERIFY(std::fabs(image.z[i] - z) < 1e-5);
                    ++seen;
                } else {
                    QVERIFY(std::isinf(image.z[i]));
                }
            }
        }
        QVERIFY(seen > 500);
    }

    void sphereSilhouetteHasTheRightSizeAndNoHoles() {
        Mesh mesh = sphere({0.1F, -0.05F, 3}, 0.5F, 90); // about 32k triangles, most below a pixel
        const Intrinsics cam = camera(160, 160, 300);
        const Mask mask = silhouette(mesh.vertices, mesh.topology, cam);
        // the outline of a sphere on the image plane is a conic: |ray x centre| <= r
        std::size_t wrong = 0, inside = 0;
        for (int y = 0; y < 160; ++y) {
            for (int x = 0; x < 160; ++x) {
                Vec3 ray{(x + 0.5 - cam.centreX) / cam.focalPx, (y + 0.5 - cam.centreY) / cam.focalPx, 1};
                ray = (1 / norm(ray)) * ray;
                const Vec3 c{0.1, -0.05, 3};
                const double distance = std::sqrt(dot(c, c) - dot(ray, c) * dot(ray, c));
                inside += distance < 0.5;
                if (distance < 0.498 && mask.row(y)[x] == 0) {
                    ++wrong;
                }
                if (distance > 0.5001 && mask.row(y)[x] != 0) {
                    ++wrong;
                }
            }
        }
        QCOMPARE(wrong, std::size_t{0});
        QVERIFY(inside > 5000);

        DepthImage image, frontOnly;
        rasterize(mesh.vertices, mesh.topology, cam, image);
        rasterize(mesh.vertices, mesh.topology, cam, frontOnly, Faces::Front);
        for (std::size_t i = 0; i < image.z.size(); ++i) {
            QCOMPARE(image.triangle[i] >= 0, mask.values[i] == 255);
            QCOMPARE(frontOnly.triangle[i] >= 0, mask.values[i] == 255);
            QVERIFY(mask.values[i] == 0 || std::fabs(frontOnly.z[i] - image.z[i]) < 1e-4F);
        }
        QVERIFY(std::fabs(*std::min_element(image.z.begin(), image.z.end()) - 2.5F) < 0.003F);
    }

    void nearerSurfaceWins() {
        Mesh mesh = sphere({0, 0, 4}, 1, 20);
        const auto split = static_cast<std::int32_t>(mesh.topology.triangles.size());
        const Mesh front = sphere({0, 0, 2}, 0.2F, 20);
        const auto base = static_cast<std::uint32_t>(mesh.vertices.size());
        mesh.vertices.insert(mesh.vertices.end(), front.vertices.begin(), front.vertices.end());
        for (const auto& [a, b, c] : front.topology.triangles) {
            mesh.topology.triangles.push_back({a + base, b + base, c + base});
        }
        DepthImage image;
        rasterize(mesh.vertices, mesh.topology, camera(100, 100, 100), image);
        QVERIFY(image.triangle[50 * 100 + 50] >= split);
        QVERIFY(std::fabs(image.z[50 * 100 + 50] - 1.8F) < 0.01F);
        QVERIFY(image.triangle[50 * 100 + 65] >= 0 && image.triangle[50 * 100 + 65] < split);
    }

    void nearPlaneCutsTrianglesThatReachBehindTheCamera() {
        // a floor 1 m below the camera from behind it to 10 m ahead fills the picture below the horizon row
        Mesh mesh;
        mesh.vertices = {{-50, 1, -5}, {50, 1, -5}, {50, 1, 10}, {-50, 1, 10}};
        mesh.topology.triangles = {{0, 1, 2}, {0, 2, 3}};
        const Intrinsics cam = camera(40, 40, 40);
        DepthImage image;
        rasterize(mesh.vertices, mesh.topology, cam, image);
        for (int y = 0; y < 40; ++y) {
            const double v = (y + 0.5 - 20) / 40;
            for (int x = 0; x < 40; ++x) {
                const auto i = static_cast<std::size_t>(y * 40 + x);
                const bool floor = v > 0.1;
                QCOMPARE(image.triangle[i] >= 0, floor);
                if (floor) {
                    QVERIFY(std::fabs(image.z[i] - 1 / v) < 1e-3 / v);
                }
            }
        }
        // wholly behind: nothing is drawn
        for (Vec3f& v : mesh.vertices) {
            v.z -= 20;
        }
        QCOMPARE(covered(silhouette(mesh.vertices, mesh.topology, cam)), std::size_t{0});
    }

    void windowShowsTheSamePartOfThePicture() {
        const Mesh mesh = sphere({0.3F, 0.1F, 3}, 0.4F, 40);
        const Intrinsics cam = camera(320, 240, 250);
        const Mask whole = silhouette(mesh.vertices, mesh.topology, cam);
        const Box region{150, 90, 230, 170};
        const Mask part = silhouette(mesh.vertices, mesh.topology, windowed(cam, region, 1));
        QCOMPARE(part.width, 80);
        QCOMPARE(part.height, 80);
        for (int y = 0; y < part.height; ++y) {
            for (int x = 0; x < part.width; ++x) {
                QCOMPARE(part.row(y)[x], whole.row(y + 90)[x + 150]);
            }
        }
        const Mask half = silhouette(mesh.vertices, mesh.topology, windowed(cam, region, 0.5));
        QCOMPARE(half.width, 40);
        QVERIFY(std::fabs(4.0 * static_cast<double>(covered(half)) / static_cast<double>(covered(part)) - 1) <
                0.03);
    }

    void sharedEdgesAreCoveredExactlyOnce() {
        // a fan around one point: every pixel of the disc belongs to exactly one triangle, whatever the order
        Mesh mesh;
        mesh.vertices.push_back({0.013F, -0.021F, 1});
        for (int i = 0; i < 37; ++i) {
            const double a = 2 * std::numbers::pi * i / 37;
            mesh.vertices.push_back(
                {static_cast<float>(0.4 * std::cos(a)), static_cast<float>(0.4 * std::sin(a)), 1});
        }
        std::vector<int> hits(64 * 64, 0);
        std::size_t total = 0;
        for (std::uint32_t i = 0; i < 37; ++i) {
            MeshTopology one;
            one.triangles = {{0, 1 + i, 1 + (i + 1) % 37}};
            const Mask mask = silhouette(mesh.vertices, one, camera(64, 64, 64));
            for (std::size_t p = 0; p < hits.size(); ++p) {
                hits[p] += mask.values[p] == 255;
            }
            mesh.topology.triangles.push_back(one.triangles[0]);
        }
        const Mask all = silhouette(mesh.vertices, mesh.topology, camera(64, 64, 64));
        for (std::size_t p = 0; p < hits.size(); ++p) {
            QCOMPARE(hits[p], all.values[p] == 255 ? 1 : 0);
            total += all.values[p] == 255;
        }
        QVERIFY(total > 1900);
    }
};

QTEST_APPLESS_MAIN(RasterizerTest)
#include "rasterizer_test.moc"
