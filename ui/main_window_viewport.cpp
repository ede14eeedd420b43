#include "ui/main_window.h"
#include "base/error.h"
#include "ui/panels/scene_panel.h"
#include "ui/timeline/timeline_widget.h"
#include "ui/viewport/imported_model.h"
#include "ui/viewport/path_movie.h"
#include "ui/viewport/viewport_widget.h"

#include <QActionGroup>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QLabel>
#include <QSettings>

#include <algorithm>
#include <array>
#include <cmath>

namespace body4d::ui {

void MainWindow::createViewportActions() {
    const QString g = tr("3D view");
    struct Display {
        const char *id, *text, *help;
        BodyDisplay display;
    };
    static constexpr std::array<Display, 7> kDisplays{{
        {"view.surface", QT_TR_NOOP("Bodies as surface"), "", BodyDisplay::Surface},
        {"view.wireframe", QT_TR_NOOP("Bodies as wireframe"), "", BodyDisplay::Wireframe},
        {"view.bones", QT_TR_NOOP("Bodies as bones"), "", BodyDisplay::Skeleton},
        {"view.video", QT_TR_NOOP("Bodies in the video's colours"), QT_TR_NOOP("Points on the surface; grey where the video does not show it"),
         BodyDisplay::Video},
        {"view.doubt", QT_TR_NOOP("Colour by doubt"), QT_TR_NOOP("Blue fits well, red deserves a look"),
         BodyDisplay::Doubt},
        {"view.confidence", QT_TR_NOOP("Colour by how well each part was seen"), QT_TR_NOOP("Blue was seen clearly, red is guessed"),
         BodyDisplay::Confidence},
        {"view.difference", QT_TR_NOOP("Colour by difference"),
         QT_TR_NOOP("How far each part lies from what the bodies are compared with"), BodyDisplay::Difference},
    }};
    auto* group = new QActionGroup(this);
    for (const auto& d : kDisplays) {
        auto* action = actions_->add({QLatin1String(d.id),
                                      g,
                                      tr(d.text),
                                      {},
                                      d.display == BodyDisplay::Wireframe ? "wireframe" : "",
                                      tr(d.help),
                                      true},
                                     [this, display = d.display] { setBodyDisplay(display); });
        group->addAction(action);
    }
    actions_->action(QStringLiteral("view.surface"))->setChecked(true);
    actions_->add(
        {"view.nextDisplay", g, tr("Next way of drawing bodies"), {QKeySequence(Qt::Key_W)}, "", ""},
        [this, group] {
            const auto all = group->actions();
            const auto at = all.indexOf(group->checkedAction());
            all[(at + 1) % all.size()]->trigger();
        });
    actions_->addToggle({"view.backdrop",
                         g,
                         tr("Video behind the bodies"),
                         {},
                         "film",
                         tr("While looking through the video's camera")},
                        true, [this](bool on) { viewport_->setBackdropVisible(on); });
    actions_->addToggle({"view.wipe",
                         g,
                         tr("Wipe between two results"),
                         {QKeySequence(Qt::SHIFT | Qt::Key_W)},
                         "split",
                         tr("Left of the line what the bodies are compared with, right of it the bodies")},
                        false, [this](bool on) {
                            viewport_->setWiping(on);
                            refreshComparison();
                        });
    auto* compared = new QActionGroup(this);
    compared->addAction(actions_->add({"compare.raw", g, tr("Compare with the bodies before smoothing"), {}, "", "", true},
                                      [this] { setComparison(Comparison::Raw); }));
    compared->addAction(actions_->add({"compare.completion", g, tr("Compare with the run without completion"), {}, "",
                                       tr("Where a person was hidden there is nothing without it"), true},
                                      [this] { setComparison(Comparison::Uncompleted); }));
    compared->addAction(actions_->add({"compare.project", g, tr("Compare with another project…"), {}, "",
                                       tr("Of the same video: other settings, other clicks, another engine"), true},
                                      [this] {
                                          const QString folder = QFileDialog::getExistingDirectory(
                                              this, tr("Compare with a project"), QSettings().value(QStringLiteral("recent/folder")).toString());
                                          if (folder.isEmpty()) {
                                              setComparison(comparison_); // puts the mark back
                                          } else {
                                              compareWithProject(folder.toStdString());
                                          }
                                      }));
    actions_->action(QStringLiteral("compare.raw"))->setChecked(true);
    actions_->addToggle({"view.measure",
                         g,
                         tr("Measure a distance"),
                         {QKeySequence(Qt::Key_D)},
                         "ruler",
                         tr("Click two places on bodies or on the ground")},
                        false, [this](bool on) { viewport_->setMeasuring(on); });
    actions_->add({"view.showModel", g, tr("Show a 3D file…"), {}, "cube", tr("PLY, GLB, OBJ, npz or a COLMAP model beside the bodies; or drop one on the window")}, [this] {
        const QStringList files = QFileDialog::getOpenFileNames(this, tr("Show a 3D file"), QSettings().value(QStringLiteral("recent/folder")).toString(),
                                                                tr("3D files (%1)").arg(ImportedModel::filePatterns()));
        std::vector<std::filesystem::path> paths;
        for (const auto& file : files) {
            paths.emplace_back(file.toStdString());
        }
        if (!paths.empty()) {
            showModel(paths);
        }
    });
    actions_->add({"view.showModelFolder", g, tr("Show a folder of 3D files…"), {}, "open", tr("SAM-Body4D's results, meshes numbered by frame, or a COLMAP model")}, [this] {
        const QString folder = QFileDialog::getExistingDirectory(this, tr("Show a folder of 3D files"), QSettings().value(QStringLiteral("recent/folder")).toString());
        if (!folder.isEmpty()) {
            showModel(folder.toStdString());
        }
    });
    actions_->add({"view.clearModels", g, tr("Remove shown 3D files"), {}, "trash", ""}, [this] { viewport_->clearModels(); });
    actions_->add(
        {"view.saveScreenshot", g, tr("Save the 3D view as a picture…"), {QKeySequence(Qt::Key_F12)}, "", ""},
        [this] { saveViewport(false); });
    actions_->add({"view.saveCutOut",
                   g,
                   tr("Save the 3D view without background…"),
                   {QKeySequence(Qt::CTRL | Qt::Key_F12)},
                   "",
                   tr("PNG with transparency")},
                  [this] { saveViewport(true); });
    createMovieActions();
    actions_->add({"view.copyViewport", g, tr("Copy the 3D view"), {}, "copy", ""},
                  [this] { QGuiApplication::clipboard()->setImage(viewport_->grabPicture(false)); });
}

namespace {

/// "walk.ply: 14,160 points, 28,316 triangles, 0.52 × 1.74 × 0.31 m, turned upright by its cameras".
QString describe(const ImportedModel& model) {
    const Vec3 size = model.high() - model.low();
    QString text = QObject::tr("%1: %L2 points, %L3 triangles, %4 × %5 × %6 m")
                       .arg(model.name())
                       .arg(model.vertices())
                       .arg(model.triangles())
                       .arg(size.x, 0, 'f', 2)
                       .arg(size.y, 0, 'f', 2)
                       .arg(size.z, 0, 'f', 2);
    if (!model.cameras().empty()) {
        text += QObject::tr(", %n cameras", nullptr, static_cast<int>(model.cameras().size()));
    }
    if (model.seconds() > 0) {
        text += QObject::tr(", %1 s of motion").arg(model.seconds(), 0, 'f', 2);
    } else if (model.moves()) {
        text += QObject::tr(", %n frames", nullptr, static_cast<int>(model.frames().second - model.frames().first));
    }
    return model.note().isEmpty() ? text : text + QStringLiteral(", ") + model.note();
}

constexpr double kMeshFps = 25; ///< of meshes by frame that no video tells the time of

} // namespace

void MainWindow::showModel(const std::vector<std::filesystem::path>& files) {
    statusState_->setText(tr("Reading %1").arg(QString::fromStdString(files.front().filename().string())));
    importQueue_.post([this, files](const std::stop_token&) {
        try {
            auto model = ImportedModel::read(files);
            postTo(this, [this, model] {
                viewport_->addModel(model);
                adoptModelTimes();
                poseModels();
                log_->append(LogLevel::Info, describe(*model));
                statusState_->setText(describe(*model));
            });
        } catch (const std::exception& e) {
            postTo(this, [this, message = toMessage(e)] {
                statusState_->clear();
                showMessage(message);
            });
        }
    });
}

void MainWindow::readModelAgain(int index, int up) {
    const auto& models = viewport_->models();
    if (index < 0 || static_cast<std::size_t>(index) >= models.size()) {
        return;
    }
    importQueue_.post([this, before = models[static_cast<std::size_t>(index)].model, up](const std::stop_token&) {
        try {
            auto model = ImportedModel::read(before->files(), static_cast<UpAxis>(up));
            postTo(this, [this, before, model] {
                viewport_->replaceModel(before, model);
                poseModels();
                statusState_->setText(describe(*model));
            });
        } catch (const std::exception& e) {
            postTo(this, [this, message = toMessage(e)] { showMessage(message); });
        }
    });
}

void MainWindow::adoptModelTimes() {
    if (project_->isOpen()) {
        return;
    }
    std::int64_t frames = 0;
    for (const auto& [model, visible] : viewport_->models()) {
        const auto [first, last] = model->frames();
        frames = std::max({frames, last - first, static_cast<std::int64_t>(std::ceil(model->seconds() * kMeshFps))});
    }
    if (frames == playback_->frameCount()) {
        return;
    }
    std::vector<double> times;
    for (std::int64_t i = 0; i < frames; ++i) {
        times.push_back(static_cast<double>(i) / kMeshFps);
    }
    playback_->setVideo(std::move(times), kMeshFps);
    playback_->setRange({0, frames});
    timeline_->lanes()->setEmptyText(tr("The time of the 3D files that are shown. With a video, each person gets a lane here."));
    refreshEnabled();
}

void MainWindow::poseModels() {
    std::vector<std::shared_ptr<ImportedModel>> moving;
    for (const auto& [model, visible] : viewport_->models()) {
        if (model->moves() && visible) {
            moving.push_back(model);
        }
    }
    if (moving.empty()) {
        return;
    }
    const double seconds = playback_->secondsAt(playback_->frame()) - playback_->secondsAt(playback_->range().begin);
    // Frames are numbered as in the video; alone, the timeline begins where they begin.
    importQueue_.postLatest("pose", [this, moving, seconds, frame = playback_->frame(), alone = !project_->isOpen()](const std::stop_token&) {
        bool changed = false;
        try {
            for (const auto& model : moving) {
                changed = model->pose(frame + (alone ? model->frames().first : 0), seconds) || changed;
            }
        } catch (const std::exception& e) {
            postTo(this, [this, message = toMessage(e)] { showMessage(message); });
        }
        if (changed) {
            postTo(this, [this] { viewport_->modelsPosed(); });
        }
    });
}

void MainWindow::createMovieActions() {
    const QString g = tr("3D view");
    actions_->add({"view.cameraKey", g, tr("Set or remove a camera key"), {QKeySequence(Qt::SHIFT | Qt::Key_K)}, "camera", tr("Where the view is at this frame; a movie flies from key to key")}, [this] {
        const auto frame = playback_->frame();
        if (cameraPath_.hasKey(frame)) {
            cameraPath_.removeKey(frame);
        } else {
            cameraPath_.setKey(frame, viewport_->camera());
        }
        statusState_->setText(tr("Frame %1: %2, %n camera keys in all", nullptr, static_cast<int>(cameraPath_.size()))
                                  .arg(frame)
                                  .arg(cameraPath_.hasKey(frame) ? tr("camera key set") : tr("camera key removed")));
    });
    actions_->add({"view.clearCameraKeys", g, tr("Remove all camera keys"), {}, "trash", ""}, [this] {
        cameraPath_.clear();
        statusState_->setText(tr("No camera keys"));
    });
    actions_->addToggle({"view.flyAlong", g, tr("Fly along the camera keys"), {}, "", tr("The view follows the keys while time passes")}, false, [this](bool) {
        if (actions_->action(QStringLiteral("view.flyAlong"))->isChecked() && !cameraPath_.empty()) {
            cameraPath_.apply(static_cast<double>(playback_->frame()), viewport_->camera());
            viewport_->cameraChanged();
        }
    });
    actions_->add({"view.movie", g, tr("Record the 3D view as a movie…"), {}, "film", tr("The range of the timeline as MP4, along the camera keys; again: stops")}, [this] {
        if (movie_ && movie_->recording()) {
            movie_->cancel();
            statusState_->setText(tr("The movie was given up"));
            return;
        }
        const QString file = QFileDialog::getSaveFileName(this, tr("Record the 3D view"), QSettings().value(QStringLiteral("recent/folder")).toString() + QStringLiteral("/view.mp4"), tr("Movies (*.mp4)"));
        if (!file.isEmpty()) {
            recordMovie(file.toStdString());
        }
    });
}

void MainWindow::recordMovie(const std::filesystem::path& file) {
    if (!movie_) {
        movie_ = new PathMovie(*viewport_, this);
        connect(movie_, &PathMovie::frameWanted, this, [this](qint64 frame) {
            const bool there = playback_->frame() == frame && (!project_->isOpen() || (snapshots_->snapshot() && snapshots_->snapshot()->frame == frame));
            playback_->setFrame(frame);
            if (there || !project_->isOpen()) {
                showMovieFrame(frame);
            }
        });
        connect(snapshots_, &SnapshotController::snapshotReady, movie_, [this](const std::shared_ptr<const FrameSnapshot>& s) {
            if (s && movie_->recording()) {
                showMovieFrame(s->frame);
            }
        });
        connect(movie_, &PathMovie::progressed, this, [this](int done, int total) { statusState_->setText(tr("Recording %1/%2").arg(done).arg(total)); });
        connect(movie_, &PathMovie::finished, this, [this](const QString& name) { statusState_->setText(tr("Saved %1").arg(name)); });
        connect(movie_, &PathMovie::failed, this, &MainWindow::showMessage);
    }
    playback_->setPlaying(false);
    const auto range = playback_->range();
    movie_->start(file, range.begin, range.end, playback_->fps(), cameraPath_);
}

void MainWindow::showMovieFrame(std::int64_t frame) {
    importQueue_.post([this, frame](const std::stop_token&) { // behind the models' poses
        postTo(this, [this, frame] { movie_->frameShown(frame); });
    });
}

void MainWindow::wireViewport() {
    connect(playback_, &PlaybackController::frameChanged, this, [this](qint64 frame) {
        if (!cameraPath_.empty() && actions_->action(QStringLiteral("view.flyAlong"))->isChecked()) {
            cameraPath_.apply(static_cast<double>(frame), viewport_->camera());
            viewport_->cameraChanged();
        }
    });
    connect(project_, &ProjectController::opened, this, [this] { cameraPath_.clear(); });
    connect(playback_, &PlaybackController::frameChanged, this, &MainWindow::poseModels);
    connect(scenePanel_, &ScenePanel::upAxisRequested, this, &MainWindow::readModelAgain);
    connect(viewport_, &ViewportWidget::modelsChanged, this, &MainWindow::adoptModelTimes);
    connect(project_, &ProjectController::opened, this, [this] {
        // Another project's bodies belong to its video.
        otherRun_.reset();
        setComparison(comparison_ == Comparison::OtherRun ? Comparison::Raw : comparison_);
    });
    setComparison(comparison_);
    connect(viewport_, &ViewportWidget::measured, this,
            [this](double metres) { statusState_->setText(tr("Distance %1 m").arg(metres, 0, 'f', 3)); });
}

void MainWindow::setBodyDisplay(BodyDisplay display) {
    bodyDisplay_ = display;
    viewport_->setDisplay(display);
    refreshComparison();
}

void MainWindow::setComparison(Comparison comparison) {
    comparison_ = comparison;
    const char* id = comparison == Comparison::Uncompleted ? "compare.completion"
                     : comparison == Comparison::OtherRun  ? "compare.project"
                                                           : "compare.raw";
    actions_->action(QLatin1String(id))->setChecked(true);
    switch (comparison) {
    case Comparison::Uncompleted: viewport_->setComparisonNames(tr("without completion"), tr("with completion")); break;
    case Comparison::OtherRun: viewport_->setComparisonNames(QString::fromStdString(otherRun_->name), QString::fromStdString(project_->store()->name())); break;
    default: viewport_->setComparisonNames(tr("raw"), tr("smoothed")); break;
    }
    refreshComparison();
}

void MainWindow::refreshComparison() {
    SnapshotExtras extras;
    extras.scene = sceneSight();
    extras.surface = bodyDisplay_ == BodyDisplay::Video;
    extras.confidence = bodyDisplay_ == BodyDisplay::Confidence;
    if (bodyDisplay_ == BodyDisplay::Difference || actions_->action(QStringLiteral("view.wipe"))->isChecked()) {
        extras.comparison = comparison_;
        extras.other = comparison_ == Comparison::OtherRun ? otherRun_ : nullptr;
    }
    snapshots_->setExtras(extras);
}

void MainWindow::compareWithProject(const std::filesystem::path& folder) {
    const auto refuse = [this](const UserMessage& message) {
        showMessage(message);
        setComparison(comparison_); // puts the mark back
    };
    std::error_code ec;
    if (!project_->isOpen() || std::filesystem::equivalent(folder, project_->store()->folder(), ec)) {
        refuse({UserMessage::Severity::Warning, tr("There is nothing to compare yet."), tr("Open one project, then choose another one of the same video."), {}, {}});
        return;
    }
    importQueue_.post([this, refuse, folder, mine = project_->document()](const std::stop_token&) {
        try {
            if (!ProjectController::isProjectFolder(folder)) {
                throw Error(ErrorCode::Input, folder.filename().string() + " is no project.", "Choose a folder that ends in .body4d.", folder.string());
            }
            const auto store = backend_->openProject(folder);
            const auto theirs = store->document();
            if (theirs.video.width != mine.video.width || theirs.video.height != mine.video.height || theirs.video.frameCount != mine.video.frameCount) {
                throw Error(ErrorCode::Input, store->name() + " is about another video.", "Choose a project of " + mine.video.path.filename().string() + ".", folder.string());
            }
            auto run = std::make_shared<OtherRun>();
            run->name = store->name();
            if (run->name == mine.video.path.stem().string()) { // named after the video, as most are: the place tells them apart
                run->name = folder.parent_path().filename().string() + "/" + run->name;
            }
            for (const auto& target : mine.targets) {
                // The same name, or else the same number.
                const Target* match = nullptr;
                for (const auto& other : theirs.targets) {
                    match = other.name == target.name ? &other : match;
                }
                match = match ? match : theirs.target(target.id);
                if (auto body = match ? store->body(match->id) : nullptr) {
                    run->bodies[target.id] = std::move(body);
                }
            }
            if (run->bodies.empty()) {
                throw Error(ErrorCode::Input, store->name() + " has no bodies of these people.", "Run it first, and give the people the same names.", folder.string());
            }
            postTo(this, [this, run] {
                otherRun_ = run;
                setComparison(Comparison::OtherRun);
                if (bodyDisplay_ != BodyDisplay::Difference && !actions_->action(QStringLiteral("view.wipe"))->isChecked()) {
                    actions_->action(QStringLiteral("view.wipe"))->trigger();
                }
            });
        } catch (const std::exception& e) {
            postTo(this, [refuse, message = toMessage(e)] { refuse(message); });
        }
    });
}

void MainWindow::saveViewport(bool transparent) {
    const QString file = QFileDialog::getSaveFileName(
        this, tr("Save the 3D view"),
        QSettings().value(QStringLiteral("recent/folder")).toString() + QStringLiteral("/view.png"),
        transparent ? tr("PNG (*.png)") : tr("Pictures (*.png *.jpg)"));
    if (!file.isEmpty()) {
        saveViewportTo(file, transparent);
    }
}

void MainWindow::saveViewportTo(const QString& file, bool transparent) {
    // Packing takes longer than a frame may: elsewhere.
    importQueue_.post([this, picture = viewport_->grabPicture(transparent), file](const std::stop_token&) {
        const bool ok = picture.save(file);
        postTo(this, [this, file, ok] {
            if (ok) {
                statusState_->setText(tr("Saved %1").arg(file));
            } else {
                showMessage({UserMessage::Severity::Error,
                             tr("The picture could not be written."),
                             tr("Choose a folder that you may write to, with enough free space."),
                             file,
                             {}});
            }
        });
    });
}

} // namespace body4d::ui
