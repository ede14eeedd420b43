// The place in the window: its row, its run, its points beside the bodies, and what changes without a run. The network's
// part is made up; everything else is the window's own.
#include "window_fixture.h"

#include "ui/controllers/scene_source.h"
#include "ui/panels/error_bar.h"
#include "ui/panels/run_panel.h"
#include "ui/panels/stage_row.h"
#include "ui/viewport/viewport_widget.h"

#include <QComboBox>
#include <QLabel>
#include <QSlider>
#include <QSpinBox>
#include <QStatusBar>
#include <QToolButton>

using namespace body4d;
using namespace body4d::ui;
using body4d::ui::test::FakeBackend;

namespace {

/// A wall of points two metres behind the world's middle, seen by cameras in a row.
class FakeSceneBackend : public FakeBackend, public SceneSource {
public:
    RunSummary runScene(ProjectStore& project, const RunEvents& events, const std::stop_token& stop) override {
        requests.push_back({});
        for (int i = 0; i <= 100 && !stop.stop_requested(); ++i) {
            Progress p;
            p.stage = "scene";
            p.phase = "frames 1 to 8 of 8";
            p.done = 8 * i;
            p.total = 800;
            events.progress(p);
        }
        done = project.document().options.text("engines.scene");
        return {};
    }
    std::shared_ptr<const PlacedScene> placedScene(ProjectStore& project, const std::stop_token&) override {
        ++placed;
        if (done.empty()) {
            return nullptr;
        }
        auto scene = std::make_shared<PlacedScene>();
        scene->variant = done;
        scene->weightsNote = "random weights";
        const bool people = !project.document().options.boolean("scene.without_people");
        for (int i = 0; i < (people ? 4000 : 3000); ++i) {
            scene->cloud.positions.push_back({-2 + 0.04F * static_cast<float>(i % 100), 0.05F * static_cast<float>(i / 100), -2});
            scene->cloud.colours.push_back({200, 80, 40});
            scene->cloud.confidence.push_back(1 + static_cast<float>(i % 100) / 50);
        }
        RigidTransform level;
        level.rotation.m = {1, 0, 0, 0, -1, 0, 0, 0, -1};
        for (int f = 0; f < 120; ++f) {
            level.translation = {0.01 * f, 1.5, 4};
            scene->world.worldFromCam.push_back(level);
        }
        scene->world.cameraMoves = true;
        scene->cameras = {scene->world.worldFromCam.front(), scene->world.worldFromCam.back()};
        scene->camera = {500, 320, 180, 640, 360};
        scene->scale.frames = 3;
        scene->scale.metresPerUnit = 2;
        scene->scale.relativeError = 0.03;
        scene->metres = true;
        return scene;
    }
    Weights recogniseWeights(const std::filesystem::path& file) override {
        if (file.filename() != "mine.safetensors") {
            throw Error(ErrorCode::Input, "missing head.weight", "Choose another file.", "missing head.weight");
        }
        return {"da3-base", "random weights"};
    }
    std::string weightsNote(const Options& options) override {
        return options.text("scene.weights") == "auto" ? "" : "random weights";
    }
    std::string bodyWeightsNote(const Options& options, const std::string& stage) override {
        return stage == "reconstruct" && options.text("engines.reconstruct") == "sam3d_body" ? "random weights" : "";
    }
    std::string done;
    std::atomic<int> placed{0};
};

} // namespace

class SceneWindowTest : public test::WindowFixture {
    Q_OBJECT

    FakeSceneBackend* scenes_ = nullptr;

    [[nodiscard]] QString caption() const {
        QStringList texts;
        for (const auto* label : window_->viewport().findChildren<QLabel*>()) {
            texts << label->text();
        }
        return texts.join('|');
    }

private Q_SLOTS:
    void init() {
        BODY4D_NEEDS_DISPLAY();
        auto backend = std::make_shared<FakeSceneBackend>();
        scenes_ = backend.get();
        QVERIFY(makeWindow(std::move(backend)));
    }
    void cleanup() { window_.reset(); }

    void theRowHasEverythingOfTheStage() {
        open("/videos/row.mp4");
        auto* row = window_->runPanel().row("scene");
        QVERIFY(row && row->engines());
        QCOMPARE(row->engines()->currentData().toString(), QString("none"));
        auto* preset = row->findChild<QComboBox*>("scenePreset");
        auto* resolution = row->findChild<QSpinBox*>("scene.process_res");
        auto* pass = row->findChild<QSpinBox*>("scene.view_chunk");
        QVERIFY(preset && resolution && pass);
        QVERIFY(!resolution->isVisible()); // nothing is chosen: nothing to set
        window_->project().setOption("engines.scene", std::string("da3-small"));
        QTRY_VERIFY(resolution->isVisible() && preset->isVisible() && pass->isVisible());
        QCOMPARE(preset->currentText(), QString("balanced"));
        QCOMPARE(pass->text(), QString("what memory holds"));
        preset->setCurrentIndex(1);
        Q_EMIT preset->activated(1);
        QCOMPARE(resolution->value(), 392);
        QCOMPARE(window_->project().document().options.integer("scene.max_points"), 250'000LL);
        key(Qt::Key_Z, Qt::ControlModifier); // one step
        QCOMPARE(resolution->value(), 504);
        QCOMPARE(preset->currentText(), QString("balanced"));
        resolution->setValue(448);
        QCOMPARE(preset->currentText(), QString("own"));
        QVERIFY(action("run.start")->isEnabled()); // a place needs nobody
    }

    void aPlaceIsRunSeenAndHidden() {
        open("/videos/place.mp4");
        QTRY_VERIFY(scenes_->placed > 0);
        QVERIFY(!window_->viewport().hasClouds());
        window_->startScene(); // no engine: said, not run
        QVERIFY(window_->errorBar().isVisible());
        QVERIFY(!window_->runController().running());
        window_->project().setOption("engines.scene", std::string("da3-small"));
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        window_->startScene();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QTRY_VERIFY(window_->viewport().hasClouds());
        QVERIFY(window_->viewport().hasCloudConfidence());
        // What it was made with is always seen.
        QTRY_VERIFY2(caption().contains("da3-small") && caption().contains("RANDOM WEIGHTS") && caption().contains("3 %"),
                     qPrintable(caption()));
        window_->resize(1000, 700); // and never cut off
        const auto labels = window_->viewport().findChildren<QLabel*>();
        const auto at = std::find_if(labels.begin(), labels.end(), [](const QLabel* l) { return l->text().contains("RANDOM WEIGHTS"); });
        QVERIFY(at != labels.end());
        QTRY_VERIFY((*at)->wordWrap() ? (*at)->height() >= (*at)->heightForWidth((*at)->width()) : (*at)->width() >= (*at)->sizeHint().width());
        // The scene's cameras carry the world.
        QTRY_VERIFY(window_->snapshots().snapshot() &&
                    std::abs(window_->snapshots().snapshot()->worldFromCam.translation.z - 4) < 1e-9);
        window_->playback().setFrame(50);
        QTRY_VERIFY(std::abs(window_->snapshots().snapshot()->worldFromCam.translation.x - 0.5) < 1e-9);
        action("view.cloud")->trigger();
        QVERIFY(!window_->viewport().hasClouds());
        QVERIFY(!caption().contains("da3-small"));
        QTRY_VERIFY(std::abs(window_->snapshots().snapshot()->worldFromCam.translation.z - 4) > 1e-3);
        action("view.cloud")->trigger();
        QVERIFY(window_->viewport().hasClouds());
        action("file.close")->trigger();
        QTRY_VERIFY(!window_->project().isOpen());
        QVERIFY(!window_->viewport().hasClouds());
    }

    void ownWeightsAreCheckedAndNamed() {
        open("/videos/weights.mp4");
        auto* row = window_->runPanel().row("scene");
        auto* field = row->findChild<QToolButton*>("scene.weights");
        QVERIFY(field);
        window_->useSceneWeights("/weights/other.safetensors");
        QTRY_VERIFY(window_->errorBar().isVisible()); // refused, and said what differs
        QCOMPARE(window_->project().document().options.text("scene.weights"), std::string("auto"));
        window_->useSceneWeights("/weights/mine.safetensors");
        QTRY_COMPARE(window_->project().document().options.text("scene.weights"), std::string("/weights/mine.safetensors"));
        QCOMPARE(window_->project().document().options.text("engines.scene"), std::string("da3-base"));
        QTRY_VERIFY(field->isVisible());
        QCOMPARE(field->text(), QString("mine.safetensors"));
        const auto noted = [&] {
            const auto labels = row->findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(), [](const QLabel* l) { return l->isVisible() && l->text() == "RANDOM WEIGHTS"; });
        };
        QTRY_VERIFY(noted());
        action("run.sceneWeightsOfModels")->trigger();
        QTRY_COMPARE(field->text(), QString("models folder"));
        QTRY_VERIFY(!noted());
        key(Qt::Key_Z, Qt::ControlModifier);
        key(Qt::Key_Z, Qt::ControlModifier); // engine and weights were one step
        QCOMPARE(window_->project().document().options.text("engines.scene"), std::string("none"));
        QCOMPARE(window_->project().document().options.text("scene.weights"), std::string("auto"));
    }

    void weightsOfBodiesAreNamed() {
        open("/videos/bodies.mp4");
        const auto noted = [&] {
            const auto labels = window_->runPanel().row("reconstruct")->findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(),
                               [](const QLabel* l) { return l->isVisible() && l->text() == "RANDOM WEIGHTS"; });
        };
        const auto inStatus = [&] {
            const auto labels = window_->statusBar()->findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(),
                               [](const QLabel* l) { return l->isVisible() && l->text().contains("RANDOM WEIGHTS"); });
        };
        QVERIFY(!noted() && !inStatus());
        window_->project().setOption("engines.reconstruct", std::string("sam3d_body"));
        QTRY_VERIFY(noted() && inStatus());
        window_->project().setOption("engines.reconstruct", std::string("anny"));
        QTRY_VERIFY(!noted() && !inStatus());
    }

    void filtersActWithoutARun() {
        open("/videos/filters.mp4");
        window_->project().setOption("engines.scene", std::string("da3-small"));
        QSignalSpy finished(&window_->runController(), &RunController::finished);
        window_->startScene();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        auto* cut = window_->findChild<QSlider*>("pointCut");
        QVERIFY(cut);
        QTRY_COMPARE(cut->value(), 40); // what its network's own program leaves out
        QCOMPARE(window_->viewport().cloudStyle().hideLeastSure, 0.4);
        cut->setValue(75);
        QCOMPARE(window_->viewport().cloudStyle().hideLeastSure, 0.75);
        auto* size = window_->findChild<QSlider*>("pointSize");
        size->setValue(10);
        QCOMPARE(window_->viewport().cloudStyle().pointSize, 5.0);
        const int before = scenes_->placed;
        window_->project().setOption("scene.without_people", false); // masks decide: placed anew, but not seen anew
        QTRY_VERIFY(scenes_->placed > before);
        QCOMPARE(finished.count(), 1);
        QCOMPARE(cut->value(), 75); // what the person chose stays
    }
};

BODY4D_GUI_TEST(SceneWindowTest)
#include "scene_window_test.moc"
