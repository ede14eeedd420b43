// From pictures to files: passes, memory that runs out, interruption, merging and exports, with a network's
// place taken by the renderer of the synthetic scene, which gives every pass a world of its own.
#include "base/error.h"
#include "base/files.h"
#include "base/npz.h"
#include "device/memory_budget.h"
#include "pipeline/scene_memory.h"
#include "pipeline/scene_run.h"
#include "scene/colmap.h"
#include "scene/foreign_scene.h"
#include "video/video_writer.h"

#include <QProcess>
#include <QStandardPaths>
#include <QtTest>

#include <filesystem>
#include <fstream>

#include "../scene/synthetic_scene.h"

using namespace body4d;
using namespace body4d::testing;
namespace fs = std::filesystem;

namespace {

constexpr int kFrames = 14;

/// Sees which frame a picture is by its first pixel.
class RenderingEstimator final : public SceneEstimator {
public:
    RenderingEstimator() {
        traits_.engine = "da3";
        traits_.variant = "rendered";
    }
    [[nodiscard]] const SceneModelTraits& traits() const override { return traits_; }
    [[nodiscard]] SceneMemory memory(int, int, int) const override { return {1 << 20, bytesPerFrame}; }
    std::vector<SceneView> estimate(const SceneRequest& request, const std::stop_token& stop,
                                    const std::function<void(double)>& progress) override {
        sizes.push_back(static_cast<int>(request.pictures.size()));
        if (static_cast<int>(request.pictures.size()) > mostFrames) {
            if (plainBadAlloc) {
                throw std::bad_alloc();
            }
            throw OutOfMemoryError("made up");
        }
        std::vector<SceneView> views;
        for (const auto& picture : request.pictures) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            auto view = renderView(picture->rgb[0] / 10);
            spoil(view, noise, outliers, random);
            view.image = picture;
            view.confidence.assign(view.depth.size(), 2);
            if (oneByOne) {
                view.hasCamera = false;
                view.confidence.clear();
                view.sky.assign(view.depth.size(), 0);
            } else {
                transformView(view, someWorld(sizes.size()));
            }
            views.push_back(std::move(view));
        }
        if (progress) {
            progress(1);
        }
        if (static_cast<int>(sizes.size()) == stopAfter) {
            source.request_stop();
        }
        return views;
    }

    SceneModelTraits traits_;
    std::vector<int> sizes;
    int mostFrames = 1000, stopAfter = -1;
    bool oneByOne = false, plainBadAlloc = false;
    double noise = 0, outliers = 0;
    Sequence random{17};
    std::int64_t bytesPerFrame = 1000;
    std::stop_source source;
};

} // namespace

class SceneRunTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void placesAreFoundAgain();
    void noisyPlacesAreFoundAgain();
    void memoryRunsOut();
    void memoryRunsOutEverywhere_data();
    void memoryRunsOutEverywhere();
    void budgetSetsThePass();
    void interruptedRunsGoOn();
    void otherSettingsBeginAnew();
    void oneByOneGivesDepthsOnly();
    void knownCamerasAreKept();
    void picturesOneByOne();
    void exportsHoldTheSurfaces();
    void writersRunOutOfMemory_data();
    void writersRunOutOfMemory();
    void exportsAreReadByOthers();
    void colmapReadsTheModel();
    void f3dAndBlenderShowTheCloud();
    void peopleAreLeftOut();
    void mistakesAreTold();

private:
    [[nodiscard]] SceneReport run(RenderingEstimator& estimator, const fs::path& folder,
                                  const SceneExport& wanted = {}) {
        SceneInput input;
        input.path = pictures_;
        return runScene(input, settings_, wanted, folder, {}, {}, estimator.source.get_token(), &estimator);
    }
    [[nodiscard]] fs::path path(const char* name) const { return folder_.filePath(name).toStdString(); }

    QTemporaryDir folder_;
    fs::path pictures_;
    SceneSettings settings_;
};

void SceneRunTest::initTestCase() {
    pictures_ = path("pictures");
    fs::create_directories(pictures_);
    for (int i = 0; i < kFrames; ++i) {
        Image image = *renderView(i).image;
        image.rgb[0] = static_cast<std::uint8_t>(10 * i);
        char name[20];
        std::snprintf(name, sizeof name, "%03d.png", i);
        writeImage(pictures_ / name, image);
    }
    settings_.processRes = 84; // pictures of 84x56 stay as they are
    settings_.viewChunk = 6;
    settings_.overlap = 2;
}

void SceneRunTest::placesAreFoundAgain() {
    RenderingEstimator estimator;
    SceneExport wanted;
    wanted.formats = {"glb", "mini_npz"};
    const auto report = run(estimator, path("plain"), wanted);
    QCOMPARE(report.frames, std::int64_t{kFrames});
    QVERIFY(estimator.sizes == (std::vector<int>{6, 6, 6}));
    QCOMPARE(report.alignment.size(), std::size_t{2});
    const auto arrays = readNpz(path("plain") / "exports" / "mini_npz" / "results.npz");
    const auto extrinsics = arrays.at("extrinsics").as<float>();
    QVERIFY(arrays.at("depth").shape == (std::vector<std::int64_t>{kFrames, 56, 84}));
    // Cameras are where they were, in the world of the first pass.
    const auto world = someWorld(1);
    for (int i = 0; i < kFrames; ++i) {
        SceneView view;
        for (int r = 0; r < 3; ++r) {
            for (int c = 0; c < 3; ++c) {
                view.cameraFromWorld.rotation(r, c) =
                    extrinsics[static_cast<std::size_t>(12 * i + 4 * r + c)];
            }
        }
        const auto* e = extrinsics.data() + 12 * i;
        view.cameraFromWorld.translation = {e[3], e[7], e[11]};
        const auto truth = world * inverse(renderView(i).cameraFromWorld).translation;
        QVERIFY(norm(inverse(view.cameraFromWorld).translation - truth) < 1e-3);
    }
    QVERIFY(fs::exists(path("plain") / "scene.glb") && fs::exists(path("plain") / "scene_report.json"));
    // Side by side, without alignment, the second pass lies elsewhere.
    wanted.align = false;
    wanted.formats = {"mini_npz"};
    const auto merged = mergeScene(path("plain"), wanted, {}, {});
    QVERIFY(merged.alignment.empty());
    const auto other =
        readNpz(path("plain") / "exports" / "mini_npz" / "results.npz").at("extrinsics").as<float>();
    QVERIFY(std::abs(other[12 * 13 + 3] - extrinsics[12 * 13 + 3]) > 0.1F);
}

void SceneRunTest::noisyPlacesAreFoundAgain() {
    // Through the whole chain: 1 % of noise, every tenth depth wrong, passes of other scales.
    RenderingEstimator estimator;
    estimator.noise = 0.01;
    estimator.outliers = 0.1;
    SceneExport wanted;
    wanted.formats = {"ply", "mini_npz"};
    wanted.confThreshPercentile = 0;
    const auto report = run(estimator, path("noisy"), wanted);
    QCOMPARE(report.alignment.size(), std::size_t{2});
    const auto arrays = readNpz(path("noisy") / "exports" / "mini_npz" / "results.npz");
    const auto extrinsics = arrays.at("extrinsics").as<float>();
    const auto depth = arrays.at("depth").as<float>();
    const auto world = someWorld(1);
    constexpr double kRoom = 4; // metres to the walls, what one percent is of
    double worstPlace = 0;
    std::vector<double> ratios;
    for (int i = 0; i < kFrames; ++i) {
        const auto* e = extrinsics.data() + 12 * i;
        RigidTransform pose;
        for (int r = 0; r < 3; ++r) {
            for (int c = 0; c < 3; ++c) {
                pose.rotation(r, c) = e[4 * r + c];
            }
        }
        pose.translation = {e[3], e[7], e[11]};
        const auto truth = renderView(i);
        const auto place = inverse(world) * inverse(pose).translation;
        worstPlace = std::max(worstPlace, norm(place - inverse(truth.cameraFromWorld).translation) / kRoom);
        std::vector<double> own;
        for (std::size_t p = 0; p < truth.depth.size(); p += 7) {
            own.push_back(depth[static_cast<std::size_t>(i) * truth.depth.size() + p] /
                          (truth.depth[p] * world.scale));
        }
        std::sort(own.begin(), own.end());
        ratios.push_back(own[own.size() / 2]);
    }
    const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
    qInfo("places within %.2g of the room, scales %.4f to %.4f", worstPlace, *low, *high);
    QVERIFY(worstPlace < 0.01);
    QVERIFY(*low > 0.99 && *high < 1.01);
}

void SceneRunTest::memoryRunsOutEverywhere_data() {
    QTest::addColumn<QString>("format");
    QTest::addColumn<int>("limitBytes");
    QTest::addColumn<QString>("stage");
    // Above what a pass takes of the made-up network, below what the stage would like.
    QTest::newRow("align") << "mini_npz" << 2'000'000 << "aligned";
    QTest::newRow("cloud") << "ply" << 2'000'000 << "gathered";
    QTest::newRow("colmap text") << "colmap_text" << 8'000'000 << "writing colmap_text";
    QTest::newRow("pictures") << "depth_png" << 200'000 << "writing depth_png, which is left out";
}

void SceneRunTest::memoryRunsOutEverywhere() {
    QFETCH(QString, format);
    QFETCH(int, limitBytes);
    QFETCH(QString, stage);
    SceneExport wanted;
    wanted.formats = {format.toStdString()};
    wanted.confThreshPercentile = 0;
    const auto folder = path((QString("oom_") + QTest::currentDataTag()).toUtf8().constData());
    RenderingEstimator estimator;
    const auto whole = run(estimator, folder, wanted);
    QVERIFY(whole.notes.empty());
    struct Limit {
        explicit Limit(std::int64_t bytes) { MemoryBudget::setFakeLimitForTests(bytes); }
        ~Limit() { MemoryBudget::setFakeLimitForTests(0); }
    };
    SceneReport less;
    {
        const Limit limit(limitBytes);
        wanted.align = format != "depth_png"; // which would not fit, either
        less = mergeScene(folder, wanted, {}, {});
    }
    QVERIFY(less.files.empty() == (format == "depth_png"));
    QVERIFY2(
        std::any_of(less.notes.begin(), less.notes.end(),
                    [&](const std::string& n) { return n.find(stage.toStdString()) != std::string::npos; }),
        less.notes.empty() ? "nothing was said" : less.notes.front().c_str());
    if (whole.points > 0) {
        QVERIFY2(less.points > 1000 && less.points < whole.points, std::to_string(less.points).c_str());
        QVERIFY(std::any_of(less.notes.begin(), less.notes.end(), [](const std::string& n) {
            return n.find("--num-max-points") != std::string::npos;
        }));
    }
}

void SceneRunTest::memoryRunsOut() {
    RenderingEstimator estimator;
    estimator.mostFrames = 3;
    const auto report = run(estimator, path("small"));
    QCOMPARE(estimator.sizes[0], 6);
    QCOMPARE(estimator.sizes[1], 3);
    QVERIFY(std::all_of(report.passes.begin(), report.passes.end(), [](auto n) { return n <= 3; }));
    QVERIFY(std::any_of(report.notes.begin(), report.notes.end(), [](const std::string& n) {
        return n.find("--num-max-points") != std::string::npos; // a smaller resolution there is not
    }));
    QVERIFY(std::all_of(report.alignment.begin(), report.alignment.end(),
                        [](const Sim3Fit& f) { return f.found; }));
    // What to do, in this order, without what was done already.
    QCOMPARE(
        QString::fromStdString(detail::smallerSceneAdvice(504, "da3-large", 1'000'000)),
        QString(
            "in this order: --process-res 448 or 392, a smaller model (--model-dir da3-base or da3-small), "
            "fewer points (--num-max-points 500000)"));
    QCOMPARE(QString::fromStdString(detail::smallerSceneAdvice(448, "da3-small", 0)),
             QString("in this order: --process-res 392"));
    QCOMPARE(QString::fromStdString(detail::smallerSceneAdvice(84, "da3-small", 0)),
             QString("a larger --budget"));
    RenderingEstimator plain; // also as the library says it
    plain.mostFrames = 3;
    plain.plainBadAlloc = true;
    (void)run(plain, path("plain_bad_alloc"));
    QCOMPARE(plain.sizes[1], 3);
    RenderingEstimator none;
    none.mostFrames = 0;
    try {
        (void)run(none, path("none"));
        QFAIL("nothing fits, and nothing was said");
    } catch (const Error& e) {
        QVERIFY(e.code() == ErrorCode::OutOfMemory);
        QVERIFY(none.sizes.back() == 1);
    }
}

void SceneRunTest::budgetSetsThePass() {
    RenderingEstimator estimator;
    const auto before = settings_;
    settings_.viewChunk = 0;
    settings_.overlap = 1;
    // A twentieth of what is free for each frame: at most twenty fit, and no more than there are.
    estimator.bytesPerFrame = MemoryBudget().remaining() / 6;
    (void)run(estimator, path("budget"));
    QVERIFY2(estimator.sizes.front() >= 3 && estimator.sizes.front() <= 6,
             std::to_string(estimator.sizes.front()).c_str());
    RenderingEstimator simple;
    settings_.chunkPolicy = "simple";
    settings_.budgetGib = 8;
    (void)run(simple, path("simple"));
    QCOMPARE(simple.sizes.front(), 4);
    settings_.budgetGib = 12.5;
    RenderingEstimator larger;
    (void)run(larger, path("simple"));
    settings_ = before;
    MemoryBudget::setFakeLimitForTests((1 << 20) + 4500); // four frames of a thousand bytes
    RenderingEstimator faked;
    const auto report = run(faked, path("faked"));
    MemoryBudget::setFakeLimitForTests(0);
    QVERIFY(std::all_of(report.passes.begin(), report.passes.end(), [](auto n) { return n <= 4; }));
}

void SceneRunTest::interruptedRunsGoOn() {
    RenderingEstimator first;
    first.stopAfter = 2;
    QVERIFY_EXCEPTION_THROWN((void)run(first, path("resume")), Cancelled);
    QVERIFY_EXCEPTION_THROWN((void)mergeScene(path("resume"), {}, {}, {}), Error); // half a scene is none
    RenderingEstimator second;
    const auto report = run(second, path("resume"));
    QVERIFY(report.resumedPasses >= 1);
    QCOMPARE(static_cast<std::int64_t>(second.sizes.size()), 3 - report.resumedPasses);
    // A damaged pass is made again, with those behind it.
    const auto file = path("resume") / "chunks" / "chunk_0001.npz";
    fs::resize_file(file, fs::file_size(file) / 2);
    RenderingEstimator third;
    QCOMPARE(run(third, path("resume")).resumedPasses, std::int64_t{1});
    // All there: the network is not asked.
    RenderingEstimator fourth;
    QCOMPARE(run(fourth, path("resume")).resumedPasses, std::int64_t{3});
    QVERIFY(fourth.sizes.empty());
}

void SceneRunTest::otherSettingsBeginAnew() {
    RenderingEstimator first, second, third;
    (void)run(first, path("anew"));
    const auto before = settings_;
    settings_.refViewStrategy = "middle";
    QCOMPARE(run(second, path("anew")).resumedPasses, std::int64_t{0});
    settings_ = before;
    settings_.framesChunk = 2; // never changes results
    QCOMPARE(run(third, path("anew")).resumedPasses,
             std::int64_t{0}); // the folder holds the other settings' passes
    RenderingEstimator fourth;
    settings_.framesChunk = 4;
    QCOMPARE(run(fourth, path("anew")).resumedPasses, std::int64_t{3});
    settings_ = before;
}

void SceneRunTest::oneByOneGivesDepthsOnly() {
    RenderingEstimator estimator;
    estimator.oneByOne = true;
    estimator.traits_.together = estimator.traits_.cameras = false;
    SceneExport wanted;
    wanted.formats = {"npz", "depth_png", "depth_vis", "depth_video"};
    const auto report = run(estimator, path("mono"), wanted);
    QVERIFY(report.alignment.empty());
    const auto arrays = readNpz(path("mono") / "exports" / "npz" / "results.npz");
    QVERIFY(arrays.contains("sky") && !arrays.contains("extrinsics") && !arrays.contains("conf"));
    QVERIFY(fs::exists(path("mono") / "depth_png" / "000013.png") && fs::exists(path("mono") / "depth.mp4"));
    QVERIFY(fs::exists(path("mono") / "depth_vis" / "0000.jpg"));
    wanted.formats = {"glb"};
    QVERIFY_EXCEPTION_THROWN((void)mergeScene(path("mono"), wanted, {}, {}), Error);
}

void SceneRunTest::knownCamerasAreKept() {
    const auto folder = path("colmap_in");
    fs::create_directories(folder / "sparse" / "0");
    fs::create_directory_symlink(pictures_, folder / "images");
    ColmapModel model;
    for (int i = 0; i < kFrames; ++i) {
        const auto view = renderView(i);
        char name[20];
        std::snprintf(name, sizeof name, "%03d.png", i);
        model.images.push_back({name, view.camera, view.cameraFromWorld});
    }
    writeColmapText(folder / "sparse" / "0", model, {});
    RenderingEstimator estimator;
    SceneInput input;
    input.path = folder;
    SceneExport wanted;
    wanted.formats = {"mini_npz"};
    const auto report = runScene(input, settings_, wanted, path("colmap_out"), {}, {}, {}, &estimator);
    QVERIFY(report.alignment.empty()); // one world from the start
    const auto arrays = readNpz(path("colmap_out") / "exports" / "mini_npz" / "results.npz");
    const auto extrinsics = arrays.at("extrinsics").as<float>();
    const auto depth = arrays.at("depth").as<float>();
    for (int i = 0; i < kFrames; ++i) {
        const auto truth = renderView(i);
        QVERIFY(std::abs(extrinsics[static_cast<std::size_t>(12 * i + 3)] -
                         truth.cameraFromWorld.translation.x) < 1e-5);
        // The pass had a world scaled otherwise; its depths came back to that of the cameras.
        const auto at = static_cast<std::size_t>(i) * truth.depth.size() + 1000;
        QVERIFY(std::abs(depth[at] / truth.depth[1000] - 1) < 1e-3F);
    }
    // Or the cameras come to the network's world, each pass to its own, and passes are aligned as ever.
    RenderingEstimator other;
    settings_.alignToInputExtScale = false;
    const auto back = runScene(input, settings_, wanted, path("colmap_out"), {}, {}, {}, &other);
    settings_.alignToInputExtScale = true;
    QCOMPARE(back.resumedPasses, std::int64_t{0});
    QCOMPARE(back.alignment.size(), std::size_t{2});
    const auto moved =
        readNpz(path("colmap_out") / "exports" / "mini_npz" / "results.npz").at("depth").as<float>();
    for (int i = 0; i < kFrames; ++i) {
        const auto truth = renderView(i);
        const auto at = static_cast<std::size_t>(i) * truth.depth.size() + 1000;
        QVERIFY(std::abs(moved[at] / (truth.depth[1000] * static_cast<float>(someWorld(1).scale)) - 1) <
                1e-3F);
    }
}

void SceneRunTest::picturesOneByOne() {
    SceneInput input;
    for (const int i : {5, 3, 4}) { // in this order
        char name[20];
        std::snprintf(name, sizeof name, "%03d.png", i);
        input.pictures.push_back(pictures_ / name);
    }
    RenderingEstimator estimator;
    SceneExport wanted;
    wanted.formats = {"mini_npz"};
    const auto report = runScene(input, settings_, wanted, path("list"), {}, {}, {}, &estimator);
    QCOMPARE(report.frames, std::int64_t{3});
    const auto extrinsics =
        readNpz(path("list") / "exports" / "mini_npz" / "results.npz").at("extrinsics").as<float>();
    const auto world = someWorld(1);
    const auto placeOf = [&](std::size_t i) {
        RigidTransform pose;
        const auto* e = extrinsics.data() + 12 * i;
        for (int r = 0; r < 3; ++r) {
            for (int c = 0; c < 3; ++c) {
                pose.rotation(r, c) = e[4 * r + c];
            }
        }
        pose.translation = {e[3], e[7], e[11]};
        return inverse(world) * inverse(pose).translation;
    };
    for (const auto& [at, frame] : {std::pair(0, 5), std::pair(1, 3), std::pair(2, 4)}) {
        const auto truth = inverse(renderView(frame).cameraFromWorld).translation;
        QVERIFY(norm(placeOf(static_cast<std::size_t>(at)) - truth) < 1e-4);
    }
    // A folder that an earlier version wrote, without all that is written today.
    const auto file = path("list") / "scene.json";
    auto text = readTextFile(file);
    const auto at = text.find("\"video_bytes\"");
    QVERIFY(at != std::string::npos);
    text.erase(at, text.find('\n', at) - at);
    writeFileAtomically(file, std::string_view(text));
    QCOMPARE(mergeScene(path("list"), wanted, {}, {}).frames, std::int64_t{3});
    input.pictures.push_back(pictures_ / "none.png");
    QVERIFY_EXCEPTION_THROWN((void)runScene(input, settings_, wanted, path("list2"), {}, {}, {}, &estimator),
                             Error);
}

void SceneRunTest::exportsHoldTheSurfaces() {
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

void SceneRunTest::writersRunOutOfMemory_data() {
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("file");
    QTest::newRow("glb") << "glb"
                         << "scene.glb";
    QTest::newRow("ply") << "ply"
                         << "scene.ply";
    QTest::newRow("colmap") << "colmap"
                            << "points3D.bin";
}

void SceneRunTest::writersRunOutOfMemory() {
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

void SceneRunTest::exportsAreReadByOthers() {
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

void SceneRunTest::colmapReadsTheModel() {
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

void SceneRunTest::f3dAndBlenderShowTheCloud() {
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

void SceneRunTest::peopleAreLeftOut() {
    RenderingEstimator estimator;
    SceneExport wanted;
    wanted.confThreshPercentile = 0;
    const auto all = run(estimator, path("people"), wanted);
    wanted.people = [](std::int64_t frame) {
        Mask mask;
        if (frame == 3) {
            mask = Mask(84, 56);
            std::fill(mask.values.begin(), mask.values.end(), std::uint8_t{255});
        }
        return mask;
    };
    QCOMPARE(mergeScene(path("people"), wanted, {}, {}).points, all.points - 84 * 56);
    wanted.numMaxPoints = 500;
    const auto few = mergeScene(path("people"), wanted, {}, {}).points;
    QVERIFY(few > 200 && few <= 500);
}

void SceneRunTest::mistakesAreTold() {
    RenderingEstimator estimator;
    SceneExport wanted;
    wanted.formats = {"gbl"};
    try {
        (void)run(estimator, path("wrong"), wanted);
        QFAIL("a format that nobody knows");
    } catch (const Error& e) {
        QVERIFY(QString::fromStdString(e.remedy()).contains("'glb'"));
    }
    SceneInput nowhere;
    nowhere.path = path("nowhere");
    QVERIFY_EXCEPTION_THROWN((void)runScene(nowhere, settings_, {}, path("x"), {}, {}, {}, &estimator),
                             Error);
    fs::create_directories(path("hollow"));
    nowhere.path = path("hollow");
    QVERIFY_EXCEPTION_THROWN((void)runScene(nowhere, settings_, {}, path("x"), {}, {}, {}, &estimator),
                             Error);
    QVERIFY_EXCEPTION_THROWN((void)mergeScene(path("hollow"), {}, {}, {}), Error);
    writeFileAtomically(path("hollow") / "scene.json", std::string_view("{\"key\": 3}"));
    QVERIFY_EXCEPTION_THROWN((void)mergeScene(path("hollow"), {}, {}, {}), Error);
}

QTEST_GUILESS_MAIN(SceneRunTest)
#include "test_scene_run.moc"
