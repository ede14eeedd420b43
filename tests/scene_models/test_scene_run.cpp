// From pictures to files: passes, memory that runs out, interruption, merging and exports, with a network's
// place taken by the renderer of the synthetic scene, which gives every pass a world of its own.
#include "scene_run_fixture.h"

#include "base/files.h"
#include "base/npz.h"
#include "base/safetensors.h"
#include "device/memory_budget.h"
#include "pipeline/scene_memory.h"
#include "scene/colmap.h"

#include <QtTest>

#include <fstream>

using namespace body4d;
using namespace body4d::testing;
namespace fs = std::filesystem;

class SceneRunTest : public SceneRunFixture {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { makePictures(); }
    void placesAreFoundAgain();
    void noisyPlacesAreFoundAgain();
    void memoryRunsOut();
    void memoryRunsOutEverywhere_data();
    void memoryRunsOutEverywhere();
    void budgetSetsThePass();
    void smallBudgetsAreRefused();
    void weightsDoNotFit();
    void interruptedRunsGoOn();
    void otherSettingsBeginAnew();
    void oneByOneGivesDepthsOnly();
    void knownCamerasAreKept();
    void picturesOneByOne();
    void peopleAreLeftOut();
    void mistakesAreTold();
};

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

void SceneRunTest::smallBudgetsAreRefused() {
    RenderingEstimator estimator;
    const auto before = settings_;
    settings_.budgetGib = 0.001;
    try {
        (void)run(estimator, path("tiny_budget"));
        QFAIL("less than the program itself takes was enough");
    } catch (const Error& e) {
        QVERIFY(e.code() == ErrorCode::OutOfMemory);
        // The figure that is named is one that is enough.
        const QRegularExpression figure("--budget ([0-9.]+)");
        const auto named = figure.match(QString::fromStdString(e.remedy()));
        QVERIFY2(named.hasMatch(), e.remedy().c_str());
        settings_.budgetGib = named.captured(1).toDouble() + 0.05; // what this test has taken meanwhile
    }
    QVERIFY(estimator.sizes.empty() && !fs::exists(path("tiny_budget") / "scene.json"));
    QCOMPARE(run(estimator, path("tiny_budget")).frames, std::int64_t{kFrames});
    // What is there already can be merged with any.
    settings_.budgetGib = 0.001;
    SceneExport nothing;
    nothing.formats = {};
    nothing.align = false;
    nothing.budgetGib = 1;
    QCOMPARE(run(estimator, path("tiny_budget"), nothing).resumedPasses, std::int64_t{3});
    settings_ = before;
}

void SceneRunTest::weightsDoNotFit() {
    // No network's weights, but as large as some: they are asked for their size before they are read.
    const auto models = path("models");
    for (const auto& [name, values] : {std::pair("da3-large", 4000), std::pair("da3-small", 1000)}) {
        SafetensorsWriter writer;
        writer.add("model.head.weight", std::vector<float>(static_cast<std::size_t>(values)), {values});
        writer.add("model.gs_head.weight", std::vector<float>(50'000), {50'000}); // which nobody reads
        fs::create_directories(models / name);
        writer.write(models / name / "model.safetensors");
    }
    std::vector<std::string> notes;
    SceneEvents events;
    events.notice = [&notes](const std::string& sentence) { notes.push_back(sentence); };
    SceneInput input;
    input.path = pictures_;
    const auto attempt = [&](std::int64_t limit, const char* modelDir) {
        auto settings = settings_;
        settings.modelDir = modelDir;
        settings.device = -1;
        notes.clear();
        MemoryBudget::setFakeLimitForTests(limit);
        std::unique_ptr<Error> failure;
        try {
            (void)runScene(input, settings, {}, path("unloaded"), models, events, {});
        } catch (const Error& e) {
            failure = std::make_unique<Error>(e);
        }
        MemoryBudget::setFakeLimitForTests(0);
        return failure;
    };
    const auto none = attempt(2000, "");
    QVERIFY(none && none->code() == ErrorCode::OutOfMemory);
    QVERIFY(QString(none->what()).contains("da3-small"));
    QVERIFY(QString::fromStdString(none->remedy()).contains("--budget"));
    QVERIFY(notes.size() == 1 && QString::fromStdString(notes[0]).contains("going on with da3-small"));
    // The smaller one would fit; it is no network, or there is no LibTorch, which is another matter.
    const auto small = attempt(5000, "");
    QVERIFY(small && small->code() != ErrorCode::OutOfMemory);
    QCOMPARE(notes.size(), std::size_t{1});
    // A model that was named is not replaced.
    const auto named = attempt(5000, "da3-large");
    QVERIFY(named && named->code() == ErrorCode::OutOfMemory && notes.empty());
    QVERIFY(!fs::exists(path("unloaded") / "scene.json"));
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
