// Places that are seen again: found by their pictures and depths, and what has drifted meanwhile is taken
// back.
#include "synthetic_scene.h"

#include "scene/ground_plane.h"
#include "scene/loop_closure.h"
#include "scene/pose_graph.h"
#include "scene/scene_alignment.h"
#include "scene/unproject.h"

#include <QTemporaryDir>
#include <QtTest>

#include <filesystem>

using namespace body4d;
using namespace body4d::testing;
namespace fs = std::filesystem;

namespace {

/// Spots on the walls, of two sizes, the same from wherever they are seen.
double spots(Vec3 p) {
    const auto cell = [](double v, double size) { return static_cast<std::int64_t>(std::floor(v / size)); };
    double sum = 0;
    for (const double size : {0.11, 0.37}) {
        std::uint64_t h = 1469598103934665603ULL;
        for (const double v : {p.x, p.y, p.z}) {
            h = (h ^ static_cast<std::uint64_t>(cell(v + 0.013, size) + 1000)) * 1099511628211ULL;
            h ^= h >> 29;
        }
        sum += static_cast<double>(h % 1000) / 999;
    }
    return sum / 2;
}

SceneView renderSpotted(std::int64_t frame, const RigidTransform& worldFromCamera) {
    constexpr int kWidth = 168, kHeight = 112;
    SceneView view;
    view.frame = frame;
    view.hasCamera = true;
    view.camera = {0.8 * kWidth, 0.8 * kWidth, 0.5 * kWidth, 0.5 * kHeight, kWidth, kHeight};
    view.cameraFromWorld = inverse(worldFromCamera);
    auto image = std::make_shared<Image>(kWidth, kHeight);
    for (int y = 0; y < kHeight; ++y) {
        for (int x = 0; x < kWidth; ++x) {
            double light = 0;
            for (const double dy : {-0.25, 0.25}) { // smooth as cameras are
                for (const double dx : {-0.25, 0.25}) {
                    const Vec3 ray{(x + dx - view.camera.cx) / view.camera.fx,
                                   (y + dy - view.camera.cy) / view.camera.fy, 1};
                    const auto d = worldFromCamera.rotation * ray;
                    light += spots(worldFromCamera.translation +
                                   castRay(worldFromCamera.translation, d).distance * d) /
                             4;
                }
            }
            const Vec3 ray{(x - view.camera.cx) / view.camera.fx, (y - view.camera.cy) / view.camera.fy, 1};
            const auto hit = castRay(worldFromCamera.translation, worldFromCamera.rotation * ray);
            view.depth.push_back(static_cast<float>(hit.distance));
            view.confidence.push_back(2);
            for (int c = 0; c < 3; ++c) {
                image->row(y)[3 * x + c] =
                    static_cast<std::uint8_t>((0.3 + 0.7 * light) * hit.colour[static_cast<std::size_t>(c)]);
            }
        }
    }
    view.image = image;
    return view;
}

/// A walk around the room's middle that looks outwards and comes back: the last frames see what the first
/// ones saw.
constexpr int kRound = 40;
RigidTransform onTheRound(std::int64_t frame) {
    const double a = 2 * M_PI * static_cast<double>(frame) / kRound;
    return {turnedAboutY(a), {0.7 * std::sin(a), -0.3 + 0.05 * std::sin(3 * a), 1.8 + 0.7 * std::cos(a)}};
}

} // namespace

class SceneLoopsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void graphsSpreadWhatIsLeft();
    void falseLoopsAreOutvoted();
    void returningViewsAreFound();
    void driftIsClosed();
    void floorsAreFound();

private:
    QTemporaryDir folder_;
};

void SceneLoopsTest::graphsSpreadWhatIsLeft() {
    // A ring of worlds whose links each err alike; one more link closes it exactly.
    constexpr std::size_t kCount = 9;
    std::vector<Sim3> truth(kCount), chained(kCount);
    std::vector<Sim3Edge> edges;
    Sim3 error;
    error.scale = 1.02;
    error.rotation = turnedAboutY(0.01);
    error.translation = {0.02, -0.01, 0.01};
    for (std::size_t i = 1; i < kCount; ++i) {
        truth[i] = someWorld(i);
        const auto measured = inverse(truth[i - 1]) * truth[i] * error;
        chained[i] = chained[i - 1] * measured;
        edges.push_back({i - 1, i, measured, 2, 0.01, false});
    }
    const auto worst = [&](const std::vector<Sim3>& worlds) {
        double most = 0;
        for (std::size_t i = 1; i < kCount; ++i) {
            most = std::max(most, std::abs(std::log(worlds[i].scale / truth[i].scale)));
        }
        return most;
    };
    QVERIFY(worst(solvePoseGraph(chained, edges)) > 0.15); // nothing to correct it by
    edges.push_back({0, kCount - 1, inverse(truth[0]) * truth[kCount - 1], 2, 0.001, true});
    const auto closed = solvePoseGraph(chained, edges);
    QVERIFY(std::abs(closed[0].scale - 1) < 1e-12 && norm(closed[0].translation) == 0);
    QVERIFY2(worst(closed) < 0.01, std::to_string(worst(closed)).c_str());
    QVERIFY(strainOf(edges.back(), closed[0], closed[kCount - 1]).total() < 0.005);
    // What agrees stays.
    const auto still = solvePoseGraph(truth, {edges.data() + kCount - 1, 1});
    QVERIFY(norm(still[kCount - 1] * Vec3{1, 1, 1} - truth[kCount - 1] * Vec3{1, 1, 1}) < 1e-9);
}

void SceneLoopsTest::falseLoopsAreOutvoted() {
    std::vector<Sim3> truth(10);
    std::vector<Sim3Edge> edges;
    for (std::size_t i = 1; i < truth.size(); ++i) {
        truth[i].translation = {0.5 * static_cast<double>(i), 0, 0};
        edges.push_back({i - 1, i, inverse(truth[i - 1]) * truth[i], 2, 0.01, false});
    }
    for (const std::size_t i : {3U, 5U, 7U}) {
        edges.push_back({0, i, inverse(truth[0]) * truth[i], 2, 0.002, true});
    }
    auto wrong = someWorld(5);
    edges.push_back({1, 6, wrong, 2, 0.002, true});
    const auto solved = solvePoseGraph(truth, edges);
    QVERIFY(norm(solved[9].translation - truth[9].translation) < 0.15);
    QVERIFY(strainOf(edges.back(), solved[1], solved[6]).total() > 0.3);
}

void SceneLoopsTest::returningViewsAreFound() {
    const auto there = onTheRound(0);
    auto moved = there;
    moved.rotation = moved.rotation * turnedAboutY(0.08);
    moved.translation = moved.translation + Vec3{0.15, 0.05, -0.1};
    const auto earlier = renderSpotted(3, there);
    auto later = renderSpotted(50, moved);
    auto world = someWorld(3);
    world.scale = 0.8;
    transformView(later, world);
    const auto loop = matchViews(earlier, later);
    QVERIFY(loop);
    const auto truth = inverse(world);
    QVERIFY2(std::abs(loop->earlierFromLater.transform.scale / truth.scale - 1) < 0.01,
             std::to_string(loop->earlierFromLater.transform.scale).c_str());
    const auto eye = inverse(later.cameraFromWorld).translation;
    QVERIFY(norm(loop->earlierFromLater.transform * eye - moved.translation) < 0.04);
    QVERIFY(loop->matches >= 20);
    QCOMPARE(loop->laterFrame, std::int64_t{50});
    // Another wall is another place, and so is the same picture before other depths.
    QVERIFY(!matchViews(earlier, renderSpotted(9, onTheRound(kRound / 2))));
    auto bent = earlier;
    for (std::size_t i = 0; i < bent.depth.size(); ++i) {
        bent.depth[i] *= 1 + 0.6F * static_cast<float>(i / 168 / 38); // three strips that do not fit together
    }
    QVERIFY(!matchViews(earlier, bent));
}

void SceneLoopsTest::driftIsClosed() {
    // Passes that grow towards their ends: every link is a little wrong, as with networks.
    constexpr int kViews = kRound + 4;
    const auto chunks = planChunks(kViews, 8, 3);
    std::vector<fs::path> files;
    for (std::size_t c = 0; c < chunks.size(); ++c) {
        std::vector<SceneView> views;
        for (auto f = chunks[c].begin; f < chunks[c].end; ++f) {
            auto view = renderSpotted(f, onTheRound(f));
            Sim3 growth;
            growth.scale = 1 + 0.006 * static_cast<double>(f - chunks[c].begin);
            transformView(view, growth);
            transformView(view, someWorld(c));
            views.push_back(std::move(view));
        }
        files.emplace_back(folder_.filePath(QString("%1.npz").arg(c)).toStdString());
        writeViews(files.back(), views);
    }
    QVERIFY(files.size() >= 8);
    const auto toTruth = inverse(someWorld(0));
    const auto errorOf = [&](const ChunkAlignment& alignment) {
        double scale = 0, place = 0;
        for (std::size_t c = 0; c < files.size(); ++c) {
            const auto left = toTruth * alignment.worldFromChunk[c] * someWorld(c);
            scale = std::max(scale, std::abs(std::log(left.scale)));
            const auto centre = onTheRound(chunks[c].begin).translation;
            place = std::max(place, norm(left * centre - centre));
        }
        return std::pair(scale, place);
    };
    const auto open = alignChunks(files, false, {});
    QVERIFY(open.loops.empty());
    const auto closed = alignChunks(files, true, {});
    QVERIFY(!closed.loops.empty());
    for (const auto& loop : closed.loops) {
        QVERIFY(loop.later >= loop.earlier + 2);
        // Views of one place, not any two.
        const auto apart =
            norm(onTheRound(loop.earlierFrame).translation - onTheRound(loop.laterFrame).translation);
        QVERIFY2(apart < 0.8, std::to_string(apart).c_str());
    }
    const auto [openScale, openPlace] = errorOf(open);
    const auto [closedScale, closedPlace] = errorOf(closed);
    qInfo("%zu loops: scale off by %.3f, then %.3f; places by %.3f m, then %.3f m", closed.loops.size(),
          openScale, closedScale, openPlace, closedPlace);
    QVERIFY(openScale > 0.15);
    QVERIFY(closedScale < openScale / 3);
    QVERIFY(closedPlace < 0.6 * openPlace); // what single passes bend stays
}

void SceneLoopsTest::floorsAreFound() {
    Sequence random(4);
    std::vector<Vec3f> points;
    const auto add = [&points](Vec3 p) {
        points.push_back({static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)});
    };
    const auto turn = turnedAboutY(0.3);
    const Vec3 up{std::sin(0.1), std::cos(0.1), 0}; // the floor's normal, six degrees off
    const auto onFloor = [&](double x, double z) { return Vec3{x, (0.4 - up.x * x) / up.y, z}; };
    for (int i = 0; i < 6000; ++i) {
        add(onFloor(4 * random.uniform() - 2, 4 * random.uniform() - 2) + Vec3{0, 0.01 * random.normal(), 0});
    }
    for (int i = 0; i < 4000; ++i) { // a wall, and a table top a little higher than the floor
        add({2.1, 3 * random.uniform(), 4 * random.uniform() - 2});
        add(turn * Vec3{0.5 + random.uniform(), 1.1, random.uniform()});
    }
    GroundSearch search;
    search.level = 0.5; // feet know it roughly
    const auto plane = findGround(points, {0, 0.5, 0}, 3, search);
    QVERIFY(plane.found);
    QVERIFY2(std::acos(dot(plane.up, up)) < 0.01, std::to_string(dot(plane.up, up)).c_str());
    QVERIFY(std::abs(plane.level - 0.4) < 0.01);
    QVERIFY(plane.spread > 0.005 && plane.spread < 0.02);
    const auto level = levelled(plane, {0.3, 2, 0.1});
    for (const auto& [x, z] : {std::pair(1.0, 1.0), std::pair(-1.5, 0.2)}) {
        QVERIFY(std::abs((level * onFloor(x, z)).y) < 0.02);
    }
    // Nothing flat: the feet's own word stands.
    std::vector<Vec3f> mess;
    for (int i = 0; i < 3000; ++i) {
        mess.push_back({static_cast<float>(4 * random.uniform() - 2),
                        static_cast<float>(2 * random.uniform() - 0.5),
                        static_cast<float>(4 * random.uniform() - 2)});
    }
    const auto none = findGround(mess, {0, 0.5, 0}, 3, search);
    QVERIFY(!none.found && none.level == 0.5 && none.up.y == 1);
    QVERIFY(!findGround({}, {}, 3, search).found);
}

QTEST_APPLESS_MAIN(SceneLoopsTest)
#include "test_scene_loops.moc"
