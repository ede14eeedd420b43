#include "ui/main_window.h"

#include "base/log.h"
#include "ui/controllers/core_text.h"
#include "ui/controllers/scene_source.h"
#include "ui/panels/run_panel.h"
#include "ui/panels/scene_panel.h"
#include "ui/viewport/prepared_cloud.h"
#include "ui/viewport/viewport_widget.h"

#include <QFileDialog>
#include <QLabel>

#include <utility>

namespace body4d::ui {

SceneSource::~SceneSource() = default;

/// A scene as both views need it.
struct MainWindow::ShownScene {
    std::shared_ptr<const PreparedCloud> cloud;
    std::shared_ptr<const SceneSight> sight;
    QString caption;
};

namespace {

constexpr const char* kEngine = "engines.scene";
constexpr const char* kWeights = "scene.weights";
/// What decides about the cloud without the network: a change is shown without a run.
constexpr const char* kPlacing[] = {"scene.max_points", "scene.without_people"};

/// What decides which weights are used.
constexpr const char* kWeightsOptions[] = {kEngine,
                                           kWeights,
                                           "engines.segment",
                                           "engines.intrinsics",
                                           "engines.reconstruct",
                                           "paths.ckpt_root",
                                           "sam3.ckpt_path",
                                           "sam_3d_body.ckpt_path",
                                           "sam_3d_body.fov_path"};

QString describe(const PlacedScene& scene) {
    QStringList parts{QString::fromStdString(scene.variant)};
    if (!scene.weightsNote.empty()) {
        parts << coreText(scene.weightsNote).toUpper();
    }
    if (scene.scale.frames > 0) {
        parts << QObject::tr("scale from bodies ± %1 %").arg(100 * scene.scale.relativeError, 0, 'g', 2);
    } else if (!scene.metres) {
        parts << QObject::tr("no scale: no body is seen in it");
    }
    return QObject::tr("place: %1").arg(parts.join(QStringLiteral(", ")));
}

} // namespace

void MainWindow::createSceneActions() {
    actions_->add({"run.scene", tr("Run"), tr("Reconstruct the place"), {QKeySequence(Qt::SHIFT | Qt::Key_F6)}, "cube",
                   tr("Cameras and points of what stands around the people; Run does it last, too")},
                  [this] { startScene(); });
    actions_->add({"run.sceneWeights", tr("Run"), tr("Weights of the place…"), {}, "open",
                   tr("A file of your own for Depth Anything 3 or VGGT; every tensor is checked before it is used")},
                  [this] { askSceneWeights(); });
    actions_->add({"run.sceneWeightsOfModels", tr("Run"), tr("Weights of the place from the models folder"), {}, "",
                   tr("What the models dialog lists, instead of a file of your own")},
                  [this] {
                      if (project_->isOpen()) {
                          project_->setOption(kWeights, std::string("auto"));
                      }
                  });
    actions_->addToggle({"view.cloud", tr("3D view"), tr("Points of the place"), {}, "",
                         tr("What the scene stage has reconstructed; its cameras carry the bodies")},
                        true, [this](bool on) {
                            sceneVisible_ = on;
                            showScene();
                        });
}

bool MainWindow::sceneChosen() const {
    return project_->isOpen() && project_->document().options.text(kEngine) != "none";
}

void MainWindow::startScene() {
    auto source = std::dynamic_pointer_cast<SceneSource>(backend_);
    if (!project_->isOpen() || run_->running() || !source) {
        return;
    }
    if (!sceneChosen()) {
        showMessage({UserMessage::Severity::Info, tr("No engine is chosen for the place."),
                     tr("Choose one under Scene in the run panel; the models dialog says what to add."),
                     {}, {QStringLiteral("help.models")}});
        return;
    }
    run_->enqueue(tr("Scene"), [source, store = project_->store(), events = liveEvents()](
                                   const std::stop_token& stop, const ProgressFn& progress,
                                   const std::function<void(const std::string&)>& notice) {
        auto all = events;
        all.progress = progress;
        all.notice = notice;
        return source->runScene(*store, all, stop);
    });
}

void MainWindow::askSceneWeights() {
    if (!project_->isOpen()) {
        return;
    }
    const QString file = QFileDialog::getOpenFileName(this, tr("Weights of the place"), {},
                                                      tr("Weights (*.safetensors *.pt *.pth *.ckpt *.bin);;All files (*)"));
    if (!file.isEmpty()) {
        useSceneWeights(file.toStdString());
    }
}

void MainWindow::useSceneWeights(const std::filesystem::path& file) {
    auto source = std::dynamic_pointer_cast<SceneSource>(backend_);
    if (!project_->isOpen() || !source) {
        return;
    }
    runPanel_->setSceneNote(tr("checking %1 …").arg(QString::fromStdString(file.filename().string())));
    sceneQueue_.restart("weights", [this, source, file, store = project_->store()](const std::stop_token&) {
        try {
            const auto weights = source->recogniseWeights(file);
            postTo(this, [this, weights, file, store] {
                if (store != project_->store()) {
                    return; // of a project that is not open any more
                }
                project_->undoStack()->beginMacro(tr("Choose weights of the place"));
                project_->setOption(kEngine, weights.engine);
                project_->setOption(kWeights, file.string());
                project_->undoStack()->endMacro();
                refreshWeightsNotes();
            });
        } catch (const std::exception& e) {
            postTo(this, [this, message = toMessage(e)] {
                showMessage(message);
                refreshWeightsNotes();
            });
        }
    });
}

void MainWindow::refreshWeightsNotes() {
    auto source = std::dynamic_pointer_cast<SceneSource>(backend_);
    if (!source) {
        return;
    }
    sceneQueue_.restart("note", [this, source, options = project_->document().options](const std::stop_token&) {
        const auto ask = [](auto&& question) {
            try {
                return coreText(question()).toUpper();
            } catch (const std::exception& e) {
                log(LogLevel::Warning, e.what());
                return QString();
            }
        };
        const auto ofStage = [&](const char* stage) { return ask([&] { return source->bodyWeightsNote(options, stage); }); };
        const QString place = ask([&] { return source->weightsNote(options); });
        const QString segment = ofStage("segment"), camera = ofStage("intrinsics"), body = ofStage("reconstruct");
        postTo(this, [=, this] {
            runPanel_->setSceneNote(sceneChosen() ? place : QString());
            runPanel_->setBodyNotes(segment, camera, body);
            bodyNote_ = body.isEmpty() ? segment : body;
            refreshCaption();
        });
    });
}

void MainWindow::wireScene() {
    connect(project_, &ProjectController::opened, this, [this] {
        scene_.reset();
        showScene();
        placing_.clear();
        weightsShown_.clear();
        reloadScene();
    });
    connect(project_, &ProjectController::closed, this, [this] {
        sceneQueue_.cancelAll();
        scene_.reset();
        showScene();
    });
    connect(project_, &ProjectController::documentChanged, this, [this] {
        const auto& options = project_->document().options;
        std::vector<OptionValue> now{options.integer(kPlacing[0]), options.boolean(kPlacing[1])};
        if (std::exchange(placing_, now) != now && scene_) {
            reloadScene();
        }
        std::string weights;
        for (const char* key : kWeightsOptions) {
            weights += options.text(key) + '\n';
        }
        if (std::exchange(weightsShown_, weights) != weights) {
            refreshWeightsNotes();
        }
    });
    // Whatever ran: bodies give the place its scale and its floor.
    connect(run_, &RunController::finished, this, &MainWindow::reloadScene);
    connect(run_, &RunController::failed, this, &MainWindow::reloadScene);
}

void MainWindow::reloadScene() {
    auto source = std::dynamic_pointer_cast<SceneSource>(backend_);
    if (!source || !project_->isOpen()) {
        return;
    }
    // What was edited just now is saved first, by the queue of the project.
    sceneQueue_.restart("scene", [this, source, store = project_->store()](const std::stop_token& stop) {
        std::shared_ptr<const ShownScene> shown;
        try {
            if (const auto placed = source->placedScene(*store, stop)) {
                auto made = std::make_shared<ShownScene>();
                made->cloud = std::make_shared<const PreparedCloud>(
                    makeCloud(placed->cloud.positions, placed->cloud.colours, placed->cloud.confidence));
                made->sight = std::make_shared<const SceneSight>(SceneSight{placed->world, placed->camera});
                made->caption = describe(*placed);
                shown = made;
            }
        } catch (const Cancelled&) {
            return;
        } catch (const std::exception& e) {
            postTo(this, [this, message = toMessage(e)] { showMessage(message); });
        }
        postTo(this, [this, shown, store] {
            if (store != project_->store()) {
                return; // of a project that is not open any more
            }
            const bool first = !scene_ && shown;
            scene_ = shown;
            showScene();
            if (first) {
                scenePanel_->sceneArrived();
            }
        });
    });
}

void MainWindow::showScene() {
    const bool visible = scene_ && sceneVisible_;
    viewport_->setSceneCloud(visible ? scene_->cloud : nullptr);
    refreshComparison();
    refreshCaption();
    if (project_->isOpen()) {
        snapshots_->invalidate(); // paths and cameras stand elsewhere
    }
    const auto lanes = project_->results()->lanes();
    if (visible && std::none_of(lanes.begin(), lanes.end(), [](const Lane& l) { return l.processedCount() > 0; })) {
        viewport_->showWhole(scene_->cloud->cloud().low, scene_->cloud->cloud().high);
    }
}

std::shared_ptr<const SceneSight> MainWindow::sceneSight() const {
    return scene_ && sceneVisible_ ? scene_->sight : nullptr;
}

QString MainWindow::sceneCaption() const { return scene_ && sceneVisible_ ? scene_->caption : QString(); }

} // namespace body4d::ui
