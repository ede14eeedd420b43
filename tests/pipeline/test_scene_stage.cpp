// The scene stage of a project: run beside the others or alone, kept, resumed, outdated by its own options only, and put
// beside the bodies. The network's place is taken by the renderer of the synthetic scene.
#include "fake_engines.h"

#include "base/error.h"
#include "base/parallel.h"
#include "pipeline/export_scene.h"
#include "pipeline/run.h"
#include "pipeline/placed_scene.h"
#include "pipeline/scene_stage.h"
#include "video/video_writer.h"

#include <QtTest>

#include "../scene/synthetic_scene.h"

using namespace body4d;
namespace fs = std::filesystem;

namespace {

constexpr int kFrames = 12, kWidth = 84, kHeight = 56, kStep = 20;

/// Sees by a picture's brightness which frame it is.
class RenderingEstimator final : public SceneEstimator {
public:
    RenderingEstimator() {
        traits_.engine = "da3";
        traits_.variant = "rendered";
    }
    [[nodiscard]] const SceneModelTraits& traits() const override { return traits_; }
    [[nodiscard]] SceneMemory memory(int, int, int) const override { return {1 << 20, 1000}; }
    std::vector<SceneView> estimate(const SceneRequest& request, const std::stop_token&,
                                    const std::function<void(double)>& progress) override {
        ++passes;
        std::vector<SceneView> views;
        for (const auto& picture : request.pictures) {
            const auto* middle = picture->row(picture->height / 2) + 3 * (picture->width / 2);
            views.push_back(testing::renderView((middle[1] + kStep / 2) / kStep, kWidth, kHeight));
            seen.push_back(views.back().frame);
        }
        progress(1);
        if (passes == stopAfter) {
            stop.request_stop();
        }
        return views;
    }
    SceneModelTraits traits_;
    int passes = 0, stopAfter = -1;
    std::stop_source stop;
    std::vector<std::int64_t> seen;
};

} // namespace

class SceneStageTest : public QObject {
    Q_OBJECT

    QTemporaryDir root_;
    fs::path video_;
    int counter_ = 0;
    Engines engines_;
    Telemetry telemetry_;

    std::unique_ptr<Project> project(int passes = 0) {
        auto made = Project::create(fs::path(root_.path().toStdString()) / ("p" + std::to_string(counter_++)) / "room.body4d",
                                    video_);
        auto document = made->document();
        document.options.setFromText("engines.scene", "da3-small");
        document.options.setFromText("scene.process_res", std::to_string(kWidth));
        document.options.setFromText("scene.fps", "25");
        document.options.setFromText("scene.view_chunk", std::to_string(passes));
        document.options.setFromText("world.camera", "static");
        made->setDocument(document);
        return made;
    }
    RunSummary runScene(Project& project, RenderingEstimator& estimator) {
        return runSceneOnly(project, engines_, telemetry_, {}, estimator.stop.get_token(), &estimator);
    }
    static StageStatus status(const Project& p) { return p.stage("scene", 0).status; }
    static void edit(Project& project, const char* key, const char* value) {
        auto document = project.document();
        document.options.setFromText(key, value);
        project.setDocument(document);
    }

private Q_SLOTS:
    void initTestCase() {
        qputenv("XDG_CACHE_HOME", root_.filePath("cache").toUtf8());
        video_ = fs::path(root_.path().toStdString()) / "room.mp4";
        VideoWriter::Options options;
        options.width = kWidth;
        options.height = kHeight;
        options.fps = 25;
        options.quality = 10;
        VideoWriter writer(video_, options);
        for (int f = 0; f < kFrames; ++f) {
            Image image(kWidth, kHeight);
            std::fill(image.rgb.begin(), image.rgb.end(), static_cast<std::uint8_t>(kStep * f));
            writer.write(image, f / options.fps);
        }
        writer.finish();
        engines_.setSegmenterForTests(std::make_unique<test::FakeSegmenter>(std::make_shared<test::FakeControl>()));
        engines_.setBodyEstimatorForTests(std::make_shared<test::FakeBodyEstimator>());
        engines_.setCompleterForTests(std::make_shared<const test::FakeCompleter>());
    }

    void aPlaceNeedsNobody() {
        const auto room = project();
        QVERIFY(status(*room) == StageStatus::Missing);
        QVERIFY(!placedScene(*room, engines_, {}));
        const auto before = estimateRun(*room);
        QCOMPARE(before.stages.back().stage, std::string("scene"));
        QCOMPARE(before.stages.back().items, static_cast<long long>(kFrames));
        QVERIFY(before.stages.back().seconds > 0 && before.stages.back().peakBytes > 0 && !before.stages.back().measured);
        RenderingEstimator estimator;
        QVERIFY(!runScene(*room, estimator).cancelled);
        QVERIFY(status(*room) == StageStatus::Done);
        QCOMPARE(estimator.seen.size(), std::size_t{kFrames});
        const auto after = estimateRun(*room);
        QCOMPARE(after.stages.back().items, 0LL);
        QVERIFY(after.stages.back().measured);
        const auto placed = placedScene(*room, engines_, {});
        QVERIFY(placed);
        QCOMPARE(placed->variant, std::string("rendered"));
        QCOMPARE(placed->scale.frames, 0);
        QVERIFY(!placed->metres);
        QCOMPARE(placed->cameras.size(), std::size_t{kFrames});
        QCOMPARE(placed->world.worldFromCam.size(), std::size_t{kFrames});
        QVERIFY(placed->cloud.size() > 10'000);
        QCOMPARE(placed->cloud.confidence.size(), placed->cloud.size());
        // Points lie on the room's walls, seen from its own first camera; y is up, the floor at 0.
        const auto room0 = inverse(testing::renderView(0).cameraFromWorld) * inverse(placed->cameras.front());
        double worst = 0, lowest = 1e9;
        for (const auto& p : placed->cloud.positions) {
            worst = std::max(worst, testing::surfaceDistance(room0 * Vec3{p.x, p.y, p.z}));
            lowest = std::min<double>(lowest, p.y);
        }
        QVERIFY2(worst < 1e-3, qPrintable(QString::number(worst)));
        QVERIFY2(std::abs(lowest) < 0.3, qPrintable(QString::number(lowest)));
        QVERIFY(placed->cameras.front().translation.y > 0.5);
    }

    void onlyItsOwnOptionsOutdateIt() {
        const auto room = project();
        RenderingEstimator estimator;
        runScene(*room, estimator);
        for (const auto& [key, value] : {std::pair("scene.max_points", "2000"), std::pair("scene.without_people", "off"),
                                         std::pair("smoothing.arms", "3"), std::pair("camera.fov_degrees", "40")}) {
            edit(*room, key, value);
            QVERIFY2(status(*room) == StageStatus::Done, key);
        }
        QVERIFY(placedScene(*room, engines_, {})->cloud.size() <= 2000); // without the network
        runScene(*room, estimator);
        QCOMPARE(estimator.passes, 1);
        edit(*room, "scene.fps", "5");
        QVERIFY(status(*room) == StageStatus::Stale);
        runScene(*room, estimator);
        QCOMPARE(estimator.passes, 2);
        QVERIFY(status(*room) == StageStatus::Done);
        QCOMPARE(estimateRun(*room).stages.back().items, 0LL);
        auto document = room->document();
        document.range = {4, 9};
        room->setDocument(document);
        QVERIFY(status(*room) == StageStatus::Stale);
        edit(*room, "scene.fps", "25");
        estimator.seen.clear();
        runScene(*room, estimator);
        QCOMPARE(estimator.seen, (std::vector<std::int64_t>{4, 5, 6, 7, 8}));
        edit(*room, "engines.scene", "none");
        QVERIFY(status(*room) == StageStatus::Missing);
        QVERIFY_EXCEPTION_THROWN(runScene(*room, estimator), Error);
    }

    void cancelledPassesAreKept() {
        const auto room = project(6);
        RenderingEstimator first;
        first.stopAfter = 1;
        QVERIFY(runScene(*room, first).cancelled);
        QVERIFY(status(*room) == StageStatus::Partial || status(*room) == StageStatus::Missing);
        QVERIFY(!placedScene(*room, engines_, {})); // a beginning is not shown
        RenderingEstimator second;
        QVERIFY(!runScene(*room, second).cancelled);
        QVERIFY(status(*room) == StageStatus::Done);
        QVERIFY(placedScene(*room, engines_, {})->cloud.size() > 10'000);
    }

    void missingWeightsAreToldAfterEverythingElse() {
        const auto room = project();
        qputenv("BODY4D_MODELS", root_.path().toUtf8()); // nothing in it
        auto document = room->document();
        document.addTarget().prompts = {{0, {{40, 20, true}}, std::nullopt}};
        room->setDocument(document);
        try {
            (void)body4d::run(*room, engines_, {}, telemetry_, {}, {});
            QFAIL("ran without weights");
        } catch (const Error& e) {
            QCOMPARE(exitCode(e.code()), 4);
            QVERIFY2(QString(e.what()).contains("Depth Anything 3 small"), e.what());
        }
        qunsetenv("BODY4D_MODELS");
        QVERIFY(room->stage("ground", 1).status == StageStatus::Done); // the people are there all the same
    }

    void bodiesGiveThePlace() {
        const auto room = project();
        auto document = room->document();
        auto& target = document.addTarget();
        Mask all(kWidth, kHeight);
        std::fill(all.values.begin(), all.values.end(), std::uint8_t{255});
        for (const int frame : {0, 5, 10}) { // masks of the whole picture: wherever a vertex is, it is seen
            target.prompts.push_back({frame, {{40, 20, true}}, std::nullopt});
            target.prompts.back().mask = std::make_shared<const RleMask>(encodeRle(all));
        }
        room->setDocument(document);
        RenderingEstimator estimator;
        runScene(*room, estimator);
        const auto alone = placedScene(*room, engines_, {});
        edit(*room, "engines.scene", "none");
        (void)body4d::run(*room, engines_, {}, telemetry_, {}, {});
        edit(*room, "engines.scene", "da3-small");
        QVERIFY(status(*room) == StageStatus::Done); // people outdate nothing of it
        const auto placed = placedScene(*room, engines_, {});
        QVERIFY(placed->scale.frames > 0 && placed->metres);
        // The first camera stands above the place where the bodies' world has it, the feet on the ground.
        const auto world = room->world();
        QVERIFY(world);
        QCOMPARE(placed->world.worldFromCam.size(), world->worldFromCam.size());
        const auto off = placed->world.worldFromCam.front().translation - world->worldFromCam.front().translation;
        // ... whose point below it on the floor stays; a tilted floor moves the camera beside it by little.
        QVERIFY2(std::hypot(off.x, off.z) < 0.05, qPrintable(QString::number(std::hypot(off.x, off.z))));
        const auto bodies = exportScene(*room, engines_);
        const auto& person = bodies.targets.front();
        const auto rest = person.model->shaped(person.body->shape);
        std::vector<double> heights;
        std::vector<Vec3f> vertices;
        for (std::size_t i = 0; i < person.frames()->count(); ++i) {
            person.model->pose(rest, person.frames()->at(i)->pose, vertices);
            double lowest = INFINITY;
            const auto camera = placed->world.worldFromCam[heights.size()];
            for (const auto& v : vertices) {
                lowest = std::min(lowest, (camera * Vec3{v.x, v.y, v.z}).y);
            }
            heights.push_back(lowest);
        }
        std::sort(heights.begin(), heights.end());
        QVERIFY2(std::abs(heights[heights.size() / 2]) < 0.45, qPrintable(QString::number(heights[heights.size() / 2])));
        const auto lengthOf = [](const PlacedScene& s) { return norm(s.cameras.back().translation - s.cameras.front().translation); };
        QVERIFY(std::abs(lengthOf(*placed) - placed->scale.metresPerUnit * lengthOf(*alone)) < 1e-9);
        // Where masks cover frames whole, their pixels give no points.
        QVERIFY(placed->cloud.size() < alone->cloud.size() + 1);
        edit(*room, "scene.without_people", "off");
        QVERIFY(placedScene(*room, engines_, {})->cloud.size() > placed->cloud.size());
    }
};

QTEST_GUILESS_MAIN(SceneStageTest)
#include "test_scene_stage.moc"
