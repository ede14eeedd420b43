// A rendered scene with known cameras and depths through unprojection, alignment, merging and filters.
#include "synthetic_scene.h"

#include "base/error.h"
#include "base/files.h"
#include "base/npz.h"
#include "scene/body_scale.h"
#include "scene/cloud_filters.h"
#include "scene/scene_alignment.h"
#include "scene/unproject.h"
#include "scene/view_store.h"

#include <QtTest>

#include <filesystem>
#include <fstream>
#include <numeric>

using namespace body4d;
using namespace body4d::testing;
namespace fs = std::filesystem;

class SceneCloudTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void pointsLieOnTheSurfaces();
    void similarities();
    void wrongPairsAreOutvoted();
    void passesAreAligned_data();
    void passesAreAligned();
    void chunksCoverEveryFrame();
    void viewsComeBack();
    void damagedFilesAreRefused();
    void percentiles();
    void cloudsStayWithinTheirLimit();
    void voxelsKeepTheSurest();
    void peopleAndSkyAreLeftOut();
    void cloudsJoin();
    void bodiesTellTheScale();

private:
    QTemporaryDir folder_;
    [[nodiscard]] fs::path file(const char* name) const { return folder_.filePath(name).toStdString(); }
};

void SceneCloudTest::pointsLieOnTheSurfaces() {
    PointCloud cloud;
    for (int i = 0; i < 6; ++i) {
        addPoints(renderView(i), static_cast<std::uint32_t>(i), {}, cloud);
    }
    QCOMPARE(cloud.size(), std::size_t{6 * 84 * 56});
    QVERIFY(cloud.colours.size() == cloud.size() && cloud.normals.size() == cloud.size() &&
            cloud.sources.size() == cloud.size());
    double worst = 0;
    std::size_t floor = 0, upright = 0;
    for (std::size_t i = 0; i < cloud.size(); ++i) {
        const auto& p = cloud.positions[i];
        worst = std::max(worst, surfaceDistance({p.x, p.y, p.z}));
        const auto& n = cloud.normals[i];
        QVERIFY(std::abs(std::hypot(n.x, n.y, n.z) - 1) < 1e-4);
        if (std::abs(p.y - 1) < 1e-4) {
            ++floor;
            upright += n.y < -0.999F ? 1 : 0; // y points down, so the floor faces against it
            QCOMPARE(cloud.colours[i][0], std::uint8_t{120});
        }
    }
    QVERIFY2(worst < 1e-3, std::to_string(worst).c_str());
    QVERIFY2(floor > 300 && static_cast<double>(upright) > 0.95 * static_cast<double>(floor),
             (std::to_string(floor) + " of the floor, upright " + std::to_string(upright)).c_str());
}

void SceneCloudTest::similarities() {
    const auto a = someWorld(1), b = someWorld(2);
    const Vec3 p{0.3, -1.2, 2.5};
    QVERIFY(norm((a * b) * p - a * (b * p)) < 1e-12);
    QVERIFY(norm(inverse(a) * (a * p) - p) < 1e-12);
    auto view = renderView(3);
    const PointFinder before(view);
    const auto seen = before.at(20, 30, view.depth[30 * 84 + 20]);
    transformView(view, a);
    const PointFinder after(view);
    QVERIFY(norm(after.at(20, 30, view.depth[30 * 84 + 20]) - a * seen) < 1e-5);
}

void SceneCloudTest::wrongPairsAreOutvoted() {
    Sequence random(7);
    const auto truth = someWorld(4);
    std::vector<PointPair> pairs;
    for (int i = 0; i < 3000; ++i) {
        const Vec3 from{6 * random.uniform() - 3, 3 * random.uniform() - 2, 6 * random.uniform()};
        auto to = truth * from;
        if (i % 5 < 2) { // two fifths lie far off, all to one side
            to = to + Vec3{1 + random.uniform(), 2, 0.5 * random.uniform()};
        }
        pairs.push_back({from, to, 2, 1});
    }
    const auto fit = fitSim3(pairs);
    QVERIFY(fit.found);
    QVERIFY(std::abs(fit.transform.scale / truth.scale - 1) < 1e-6);
    QVERIFY(norm(fit.transform * Vec3{1, 1, 1} - truth * Vec3{1, 1, 1}) < 1e-6);
    QVERIFY(fit.inliers > 0.59 && fit.inliers < 0.61);
    std::vector<PointPair> line;
    for (int i = 0; i < 10; ++i) {
        line.push_back({{1.0 * i, 0, 0}, {2.0 * i, 0, 0}, 1, 1});
    }
    QVERIFY(!fitSim3(line).found);
    QVERIFY(!fitSim3({}).found);
}

void SceneCloudTest::passesAreAligned_data() {
    QTest::addColumn<double>("noise");
    QTest::addColumn<double>("outliers");
    QTest::addColumn<double>("tolerance");
    QTest::newRow("true depth") << 0.0 << 0.0 << 1e-3;
    QTest::newRow("noise and outliers") << 0.01 << 0.1 << 1e-2;
}

void SceneCloudTest::passesAreAligned() {
    QFETCH(double, noise);
    QFETCH(double, outliers);
    QFETCH(double, tolerance);
    Sequence random(3);
    const auto chunks = planChunks(14, 5, 2);
    std::vector<fs::path> files;
    for (std::size_t c = 0; c < chunks.size(); ++c) {
        std::vector<SceneView> views;
        for (auto f = chunks[c].begin; f < chunks[c].end; ++f) {
            views.push_back(renderView(f));
            spoil(views.back(), noise, outliers, random);
            transformView(views.back(), someWorld(c));
        }
        files.push_back(file(("chunk" + std::to_string(c) + ".npz").c_str()));
        writeViews(files.back(), views);
    }
    QVERIFY(files.size() >= 4);
    const auto alignment = alignChunks(files, false, {});
    // Everything in the first pass' world, which is known: its cameras and points must be where they were.
    const auto toTruth = inverse(someWorld(0));
    double worstCamera = 0, worstScale = 0;
    PointCloud cloud;
    for (std::size_t c = 0; c < files.size(); ++c) {
        QVERIFY(c == 0 || alignment.fits[c - 1].found);
        const ViewFile views(files[c]);
        for (std::size_t i = 0; i < views.size(); ++i) {
            auto view = views.read(i);
            transformView(view, toTruth * alignment.worldFromChunk[c]);
            const auto truth = inverse(renderView(view.frame).cameraFromWorld).translation;
            worstCamera = std::max(worstCamera, norm(inverse(view.cameraFromWorld).translation - truth) / 4);
            addPoints(view, static_cast<std::uint32_t>(view.frame), {.normals = false}, cloud);
        }
        worstScale =
            std::max(worstScale, std::abs((toTruth * alignment.worldFromChunk[c] * someWorld(c)).scale - 1));
    }
    QVERIFY2(worstCamera < tolerance, std::to_string(worstCamera).c_str());
    QVERIFY2(worstScale < tolerance, std::to_string(worstScale).c_str());
    std::vector<double> off;
    for (const auto& p : cloud.positions) {
        off.push_back(surfaceDistance({p.x, p.y, p.z}));
    }
    std::sort(off.begin(), off.end());
    if (noise == 0) { // all of them
        QVERIFY2(off.back() < tolerance, std::to_string(off.back()).c_str());
    } else { // in the middle as well as one depth alone; what was made wrong on purpose is a tenth
        constexpr double kRoom = 4;
        QVERIFY2(off[off.size() / 2] < tolerance * kRoom, std::to_string(off[off.size() / 2]).c_str());
        QVERIFY(off[static_cast<std::size_t>(0.8 * static_cast<double>(off.size()))] < tolerance * 6);
    }
    qInfo("camera %.2g, scale %.2g, median distance %.2g m", worstCamera, worstScale, off[off.size() / 2]);
}

void SceneCloudTest::chunksCoverEveryFrame() {
    for (const auto& [frames, size, overlap] :
         {std::tuple(1, 8, 4), std::tuple(8, 8, 4), std::tuple(9, 8, 4), std::tuple(100, 8, 3),
          std::tuple(50, 2, 1), std::tuple(7, 3, 0)}) {
        const auto chunks = planChunks(frames, size, overlap);
        std::vector<int> taken(static_cast<std::size_t>(frames), 0);
        for (std::size_t c = 0; c < chunks.size(); ++c) {
            const auto n = chunks[c].end - chunks[c].begin;
            QVERIFY(n > 0 && n <= size);
            const auto before = c > 0 ? chunks[c - 1].end - chunks[c].begin : 0;
            const auto after = c + 1 < chunks.size() ? chunks[c].end - chunks[c + 1].begin : 0;
            QVERIFY(c == 0 || before >= overlap);
            for (std::int64_t i = 0; i < n; ++i) {
                taken[static_cast<std::size_t>(chunks[c].begin + i)] +=
                    takenFrom(i, n, before, after) ? 1 : 0;
            }
        }
        for (const int t : taken) {
            QCOMPARE(t, 1);
        }
    }
}

void SceneCloudTest::viewsComeBack() {
    std::vector<SceneView> views = {renderView(5), renderView(9)};
    views[0].sky.assign(views[0].depth.size(), 0);
    views[1].sky.assign(views[1].depth.size(), 1);
    const auto path = file("views.npz");
    writeViews(path, views);
    const ViewFile back(path);
    QCOMPARE(back.size(), std::size_t{2});
    const auto second = back.read(1);
    QCOMPARE(second.frame, std::int64_t{9});
    QVERIFY(second.depth == views[1].depth && second.confidence == views[1].confidence &&
            second.sky == views[1].sky);
    QVERIFY(second.image->rgb == views[1].image->rgb);
    QVERIFY(second.cameraFromWorld.rotation.m == views[1].cameraFromWorld.rotation.m);
    QCOMPARE(second.camera.fy, views[1].camera.fy);
    QVERIFY(back.read(0, false).image == nullptr);
    // The same file is a plain .npz for others.
    const auto arrays = readNpz(path);
    QVERIFY(arrays.at("depth").shape == (std::vector<std::int64_t>{2, 56, 84}));
    QVERIFY(arrays.at("extrinsics").as<double>().size() == 24);
}

void SceneCloudTest::damagedFilesAreRefused() {
    const auto path = file("whole.npz"), broken = file("broken.npz");
    const std::vector<SceneView> views = {renderView(0, 28, 14)};
    writeViews(path, views);
    const auto bytes = readFile(path);
    for (std::size_t cut = 0; cut < bytes.size(); cut += 97) {
        std::ofstream(broken, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(cut));
        QVERIFY_EXCEPTION_THROWN(ViewFile{broken}, Error);
    }
    Sequence random(11);
    for (int i = 0; i < 400; ++i) { // any bytes changed: refused or read, never a crash
        auto changed = bytes;
        for (int k = 0; k < 4; ++k) {
            changed[static_cast<std::size_t>(random.uniform() * static_cast<double>(changed.size()))] =
                static_cast<std::byte>(256 * random.uniform());
        }
        std::ofstream(broken, std::ios::binary)
            .write(reinterpret_cast<const char*>(changed.data()),
                   static_cast<std::streamsize>(changed.size()));
        try {
            const ViewFile read(broken);
            for (std::size_t v = 0; v < read.size() && v < 4; ++v) {
                (void)read.read(v);
            }
        } catch (const Error& e) {
            QVERIFY(e.code() == ErrorCode::Input);
        }
    }
}

void SceneCloudTest::percentiles() {
    Sequence random(5);
    std::vector<float> values;
    QuantileSketch sketch;
    for (int i = 0; i < 50000; ++i) {
        values.push_back(1 + static_cast<float>(std::exp(2 * random.normal())));
    }
    sketch.add(values);
    const std::vector<float> odd = {NAN, INFINITY, -1, 0};
    sketch.add(odd);
    QCOMPARE(sketch.count(), std::uint64_t{50000});
    std::sort(values.begin(), values.end());
    for (const double percent : {0.0, 1.0, 40.0, 50.0, 90.0, 99.9}) {
        const double want = values[static_cast<std::size_t>(percent / 100 * 49999)];
        QVERIFY2(std::abs(sketch.percentile(percent) / want - 1) < 1e-3, std::to_string(percent).c_str());
    }
    // All equal: the bound of 1.05 must not throw everything away.
    QuantileSketch flat;
    flat.add(std::vector<float>(100, 1.0F));
    QVERIFY(confidenceThreshold(flat, 40) <= 1.0F);
    QuantileSketch high;
    high.add(std::vector<float>(100, 7.0F));
    QVERIFY(confidenceThreshold(high, 0) <= 7.0F && confidenceThreshold(high, 0) > 6.9F);
    QCOMPARE(QuantileSketch().percentile(50), 0.0);
}

void SceneCloudTest::cloudsStayWithinTheirLimit() {
    CappedCloud cloud(2000, 0);
    std::size_t given = 0;
    for (int i = 0; i < 12; ++i) {
        PointCloud part;
        addPoints(renderView(i), static_cast<std::uint32_t>(i), {.normals = false}, part);
        given += part.size();
        cloud.add(part);
        QVERIFY(cloud.size() <= 2000);
    }
    const double edge = cloud.voxel();
    const auto points = cloud.take();
    QVERIFY(given > 50000 && points.size() >= 1000 && edge > 0);
    // Spread over space: every wall keeps points, and no two are in one cell.
    int sides[6] = {};
    for (const auto& p : points.positions) {
        sides[0] += std::abs(p.x + 3) < 0.01F;
        sides[1] += std::abs(p.x - 3) < 0.01F;
        sides[2] += std::abs(p.y + 2) < 0.01F;
        sides[3] += std::abs(p.y - 1) < 0.01F;
        sides[5] += std::abs(p.z - 6) < 0.01F;
    }
    QVERIFY(sides[0] > 20 && sides[1] > 20 && sides[2] > 20 && sides[3] > 20 && sides[5] > 20);
    QCOMPARE(voxelFiltered(points, edge).size(), points.size());
    // Points around the origin, where cells meet, do not keep it busy for ever.
    PointCloud corners;
    for (int i = 0; i < 64; ++i) {
        corners.positions.push_back({i & 1 ? 1e-3F : -1e-3F, i & 2 ? 1e-3F : -1e-3F, i & 4 ? 1e-3F : -1e-3F});
    }
    QCOMPARE(capped(corners, 3).size(), std::size_t{3});
}

void SceneCloudTest::voxelsKeepTheSurest() {
    PointCloud cloud;
    for (int i = 0; i < 10; ++i) {
        cloud.positions.push_back({0.1F + 0.01F * static_cast<float>(i), 0.1F, 0.1F});
        cloud.confidence.push_back(i == 4 ? 9.0F : 1.0F);
    }
    cloud.positions.push_back({5, 5, 5});
    cloud.confidence.push_back(1);
    cloud.positions.push_back({NAN, 0, 0});
    cloud.confidence.push_back(99);
    const auto kept = voxelFiltered(cloud, 1);
    QCOMPARE(kept.size(), std::size_t{2});
    QCOMPARE(kept.confidence[0], 9.0F);
    QCOMPARE(confidentPoints(cloud, 5).size(), std::size_t{2});
    QCOMPARE(capped(cloud, 100).size(), std::size_t{11});
}

void SceneCloudTest::peopleAndSkyAreLeftOut() {
    auto view = renderView(2);
    Mask person(840, 560); // a person in the full picture, whose maps are ten times smaller
    for (int y = 200; y < 400; ++y) {
        std::fill(person.row(y) + 300, person.row(y) + 450, std::uint8_t{255});
    }
    const auto grown = grownMask(person, 84, 56, 2);
    PointRules rules;
    rules.hidden = [&](int x, int y) { return grown.row(y)[x] != 0; };
    PointCloud cloud;
    addPoints(view, 0, rules, cloud);
    const std::size_t hidden = 84 * 56 - cloud.size();
    QCOMPARE(hidden, std::size_t{(15 + 4) * (20 + 4)});
    for (const auto& s : cloud.sources) {
        QVERIFY(s.x < 28 || s.x >= 47 || s.y < 18 || s.y >= 42);
    }
    view.sky.assign(view.depth.size(), 0);
    std::fill(view.sky.begin(), view.sky.begin() + 84 * 10, std::uint8_t{1});
    PointCloud ground;
    addPoints(view, 0, {}, ground);
    QCOMPARE(ground.size(), std::size_t{84 * 46});
    QVERIFY(grownMask(Mask(), 10, 10, 3).values == std::vector<std::uint8_t>(100, 0));
}

void SceneCloudTest::cloudsJoin() {
    PointCloud a, b;
    addPoints(renderView(0), 0, {}, a);
    addPoints(renderView(1), 1, {}, b);
    const auto n = a.size();
    a.append(b);
    QCOMPARE(a.size(), 2 * n);
    QCOMPARE(a.sources.back().view, 1U);
    b.colours.clear();
    a.append(b);
    QVERIFY(a.colours.empty() && a.normals.size() == 3 * n);
    a.keep({5, 3});
    QCOMPARE(a.size(), std::size_t{2});
    QCOMPARE(a.sources[1].x, std::uint16_t{3});
}

void SceneCloudTest::bodiesTellTheScale() {
    // 40 frames of two people: 3 % noise a frame, a third of the places hidden behind something nearer, one
    // bad frame.
    Sequence random(9);
    std::vector<BodyDepthSample> samples;
    const double truth = 2.5;
    for (int f = 0; f < 40; ++f) {
        for (int person = 0; person < 2; ++person) {
            const double frameFactor = f == 7 ? 3 : std::exp(0.03 * random.normal());
            for (int i = 0; i < 60; ++i) {
                const double metres = 3 + random.uniform();
                const double units =
                    metres / truth / frameFactor * (i % 3 == 0 ? 0.4 + 0.3 * random.uniform() : 1);
                samples.push_back({f, person, metres, units});
            }
        }
    }
    samples.push_back({50, 0, 4, 100}); // hardly anything is seen of this one
    samples.push_back({51, 0, NAN, 1});
    const auto scale = solveBodyScale(samples);
    QCOMPARE(scale.frames, 80);
    QVERIFY2(std::abs(scale.metresPerUnit / truth - 1) < 0.02, std::to_string(scale.metresPerUnit).c_str());
    QVERIFY(scale.spread > 0.015 && scale.spread < 0.06);
    QVERIFY(std::abs(scale.metresPerUnit / truth - 1) < 4 * scale.relativeError);
    QCOMPARE(solveBodyScale({}).metresPerUnit, 0.0);
}

QTEST_APPLESS_MAIN(SceneCloudTest)
#include "test_scene_cloud.moc"
