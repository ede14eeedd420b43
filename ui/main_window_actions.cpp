#include "ui/controllers/model_memory.h"
#include "ui/icons.h"
#include "ui/main_window.h"
#include "ui/panels/command_palette.h"
#include "ui/panels/guide_dialog.h"
#include "ui/panels/models_dialog.h"
#include "ui/panels/run_panel.h"
#include "ui/panels/shortcut_sheet.h"
#include "ui/panels/target_panel.h"
#include "ui/panels/widgets.h"
#include "ui/sound/sound_player.h"
#include "ui/timeline/timeline_widget.h"
#include "ui/viewport/viewport_widget.h"

#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QDockWidget>
#include <QLabel>
#include <QMenuBar>
#include <QSettings>
#include <QToolBar>

#include <algorithm>

namespace body4d::ui {

void MainWindow::createFileActions() {
    const QString g = tr("File");
    actions_->add({"file.open", g, tr("&Open video…"), {QKeySequence::Open}, "open", tr("A video or an image; or drop one on the window")},
                  [this] { chooseVideo(); });
    actions_->add({"file.openFolder", g, tr("Open project or image &folder…"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O)}, "", ""},
                  [this] { chooseFolder(); });
    actions_->add({"file.save", g, tr("&Save"), {QKeySequence::Save}, "save", tr("Everything is saved as you go; this gives a draft its place")},
                  [this] {
                      if (project_->isDraft()) {
                          chooseSaveAs();
                      } else if (project_->isOpen()) {
                          statusState_->setText(tr("Saved"));
                      }
                  });
    actions_->add({"file.saveAs", g, tr("Save &as…"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S)}, "", ""}, [this] { chooseSaveAs(); });
    actions_->add({"file.close", g, tr("&Close project"), {QKeySequence(Qt::CTRL | Qt::Key_W)}, "", ""}, [this] {
        if (run_->running()) {
            run_->cancel();
            return;
        }
        project_->close();
    });
    actions_->add({"file.quit", g, tr("&Quit"), {QKeySequence(Qt::CTRL | Qt::Key_Q)}, "", ""}, [this] { close(); });
}

void MainWindow::createEditActions() {
    const QString g = tr("Edit");
    auto* undo = actions_->add({"edit.undo", g, tr("&Undo"), {QKeySequence(Qt::CTRL | Qt::Key_Z)}, "undo", ""},
                               [this] { project_->undoStack()->undo(); });
    auto* redo = actions_->add({"edit.redo", g, tr("&Redo"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y)}, "redo", ""},
                               [this] { project_->undoStack()->redo(); });
    auto* stack = project_->undoStack();
    const auto name = [undo, redo, stack] {
        undo->setEnabled(stack->canUndo());
        redo->setEnabled(stack->canRedo());
        undo->setText(stack->canUndo() ? tr("&Undo %1").arg(stack->undoText()) : tr("&Undo"));
        redo->setText(stack->canRedo() ? tr("&Redo %1").arg(stack->redoText()) : tr("&Redo"));
    };
    connect(stack, &QUndoStack::indexChanged, this, name);
    connect(stack, &QUndoStack::cleanChanged, this, name);
    name();

    const QString tools = tr("Tools");
    actions_->add({"tool.select", tools, tr("Select"), {QKeySequence(Qt::Key_V)}, "select", tr("Click a person to select; drag moves the picture"), true},
                  [this] { setTool(CanvasTool::Select); });
    actions_->add({"tool.point", tools, tr("Point"), {QKeySequence(Qt::Key_P)}, "point", tr("Left click includes, right click excludes; click a point to remove it"), true},
                  [this] { setTool(CanvasTool::Point); });
    actions_->add({"tool.box", tools, tr("Box"), {QKeySequence(Qt::Key_R)}, "box", tr("Drag a box around a person"), true},
                  [this] { setTool(CanvasTool::Box); });
    auto* group = new QActionGroup(this);
    for (const auto* id : {"tool.select", "tool.point", "tool.box"}) {
        group->addAction(actions_->action(QLatin1String(id)));
    }
    actions_->action(QStringLiteral("tool.point"))->setChecked(true);
    actions_->add({"tool.include", tools, tr("Clicks include"), {QKeySequence(Qt::Key_Q)}, "", tr("Left click adds to the person; with the eraser: the brush")}, [this] {
        if (canvas_->tool() == CanvasTool::Brush || canvas_->tool() == CanvasTool::Eraser) {
            setTool(CanvasTool::Brush);
            return;
        }
        setTool(CanvasTool::Point);
        canvas_->setExcludeMode(false);
        refreshHint();
    });
    actions_->add({"tool.exclude", tools, tr("Clicks exclude"), {QKeySequence(Qt::Key_E)}, "point-exclude", tr("Left click removes from the person, right click always does; with the brush: the eraser")}, [this] {
        if (canvas_->tool() == CanvasTool::Brush || canvas_->tool() == CanvasTool::Eraser) {
            setTool(CanvasTool::Eraser);
            return;
        }
        setTool(CanvasTool::Point);
        canvas_->setExcludeMode(true);
        refreshHint();
    });
    actions_->add({"tool.crosshair", tools, tr("Cross for the keyboard"), {QKeySequence(Qt::Key_C)}, "", tr("Arrows move it, Enter includes, Shift+Enter excludes, Esc leaves")}, [this] {
        setTool(CanvasTool::Point);
        canvas_->setCrosshair(!canvas_->crosshair());
    });

    const QString people = tr("People");
    actions_->add({"target.add", people, tr("Add"), {QKeySequence(Qt::Key_T)}, "add", tr("The next click starts a new person")}, [this] {
        setTool(CanvasTool::Point);
        canvas_->setExcludeMode(false);
        canvas_->setNewTargetMode(true);
        refreshHint();
    });
    actions_->add({"target.findPeople", people, tr("Find all"), {QKeySequence(Qt::Key_A)}, "people", tr("Finds everybody on this frame")},
                  [this] { previews_->findPeople(playback_->frame(), project_->document().options); });
    actions_->add({"target.rename", people, tr("Rename"), {QKeySequence(Qt::Key_F2)}, "", ""}, [this] { targets_->renameSelected(); });
    actions_->add({"target.delete", people, tr("Delete person"), {QKeySequence(Qt::Key_Delete)}, "trash", ""}, [this] {
        if (editable(project_->selected())) {
            project_->removeTarget(project_->selected());
        }
    });
    actions_->add({"target.clear", people, tr("Remove points of this frame"), {QKeySequence(Qt::SHIFT | Qt::Key_Delete)}, "", ""},
                  [this] {
                      if (editable(project_->selected())) {
                          project_->clearPrompts(project_->selected(), playback_->frame());
                      }
                  });
    actions_->add({"target.hide", people, tr("Show or hide"), {QKeySequence(Qt::Key_H)}, "eye", ""}, [this] {
        if (const auto id = project_->selected(); id != 0) {
            targetModel_->setVisible(id, !targetModel_->visible(id));
        }
    });
    actions_->add({"target.solo", people, tr("Solo"), {QKeySequence(Qt::Key_Slash)}, "solo", tr("Only the selected person is shown")}, [this] {
        if (const auto id = project_->selected(); id != 0) {
            targetModel_->toggleSolo(id);
        }
    });
    for (int i = 1; i <= 9; ++i) {
        actions_->add({QStringLiteral("target.select%1").arg(i), people, tr("Select person %1 of the list").arg(i),
                       {QKeySequence(Qt::Key_0 + i)}, "", ""},
                      [this, i] {
                          if (const auto id = targetModel_->idAt(i - 1); id != 0) {
                              project_->select(id);
                          }
                      });
    }
}

void MainWindow::createViewActions() {
    const QString g = tr("View");
    actions_->addToggle({"view.masks", g, tr("Masks"), {QKeySequence(Qt::Key_M)}, "mask", ""}, true, [this](bool on) { canvas_->setMasksVisible(on); });
    actions_->addToggle({"view.skeleton", g, tr("Skeleton"), {QKeySequence(Qt::Key_S)}, "skeleton", ""}, false, [this](bool on) { canvas_->setSkeletonVisible(on); });
    actions_->addToggle({"view.tags", g, tr("Name tags"), {}, "", ""}, true, [this](bool on) { canvas_->setTagsVisible(on); });
    actions_->addToggle({"view.grid", g, tr("Ground grid"), {}, "grid", ""}, true, [this](bool on) { viewport_->setGridVisible(on); });
    actions_->addToggle({"view.cameras", g, tr("Camera"), {}, "camera", ""}, true, [this](bool on) { viewport_->setCamerasVisible(on); });
    actions_->addToggle({"view.trails", g, tr("Motion trails"), {}, "trail", ""}, true, [this](bool on) { viewport_->setTrailsVisible(on); });
    actions_->add({"view.fit", g, tr("Fit"), {QKeySequence(Qt::Key_F)}, "fit", tr("The whole frame, or the selected body in the 3D view")}, [this] {
        viewportFocused() ? viewport_->fitSelected() : canvas_->zoomToFit();
    });
    actions_->add({"view.fitAll", g, tr("Fit all in both views"), {QKeySequence(Qt::SHIFT | Qt::Key_F)}, "", ""}, [this] {
        canvas_->zoomToFit();
        viewport_->fitAll();
    });
    actions_->add({"view.pixels", g, tr("Pixel for pixel"), {QKeySequence(Qt::CTRL | Qt::Key_1)}, "", ""}, [this] { canvas_->zoomToPixels(); });
    actions_->add({"view.zoomIn", g, tr("Zoom in"), {QKeySequence(Qt::Key_Plus), QKeySequence(Qt::Key_Equal)}, "", ""}, [this] {
        if (viewportFocused()) {
            viewport_->camera().zoom(0.85, viewport_->camera().focalPoint());
            viewport_->cameraChanged();
        } else if (timeline_->lanes()->hasFocus()) {
            timeline_->lanes()->zoomBy(1.25, static_cast<double>(playback_->frame()));
        } else {
            canvas_->zoomBy(1.25);
        }
    });
    actions_->add({"view.zoomOut", g, tr("Zoom out"), {QKeySequence(Qt::Key_Minus)}, "", ""}, [this] {
        if (viewportFocused()) {
            viewport_->camera().zoom(1 / 0.85, viewport_->camera().focalPoint());
            viewport_->cameraChanged();
        } else if (timeline_->lanes()->hasFocus()) {
            timeline_->lanes()->zoomBy(0.8, static_cast<double>(playback_->frame()));
        } else {
            canvas_->zoomBy(0.8);
        }
    });
    const auto pad = [](int key) { return QKeySequence(static_cast<int>(Qt::KeypadModifier) | key); };
    using Preset = OrbitCamera::Preset;
    actions_->add({"view.front", g, tr("3D from the front"), {pad(Qt::Key_1), QKeySequence(Qt::ALT | Qt::Key_1)}, "", ""}, [this] { viewport_->setPreset(Preset::Front); });
    actions_->add({"view.right", g, tr("3D from the right"), {pad(Qt::Key_3), QKeySequence(Qt::ALT | Qt::Key_3)}, "", ""}, [this] { viewport_->setPreset(Preset::Right); });
    actions_->add({"view.top", g, tr("3D from above"), {pad(Qt::Key_7), QKeySequence(Qt::ALT | Qt::Key_7)}, "", ""}, [this] { viewport_->setPreset(Preset::Top); });
    actions_->add({"view.oblique", g, tr("3D at an angle"), {pad(Qt::Key_9), QKeySequence(Qt::ALT | Qt::Key_9)}, "", ""}, [this] { viewport_->setPreset(Preset::ThreeQuarter); });
    actions_->add({"view.camera", g, tr("3D through the video's camera"), {pad(Qt::Key_0), QKeySequence(Qt::ALT | Qt::Key_0)}, "camera", ""}, [this] { viewport_->lookThroughCamera(); });
    actions_->add({"view.ortho", g, tr("3D without perspective"), {pad(Qt::Key_5), QKeySequence(Qt::ALT | Qt::Key_5)}, "", ""}, [this] {
        viewport_->camera().setOrthographic(!viewport_->camera().orthographic());
        viewport_->cameraChanged();
    });
    actions_->add({"view.fullScreen", g, tr("View full screen"), {QKeySequence(Qt::Key_F11)}, "", tr("The view with the focus fills the screen")}, [this] { toggleFullScreenPane(); });
    actions_->add({"view.nextPane", g, tr("Next pane"), {QKeySequence(Qt::Key_F6)}, "", ""}, [this] { focusNextPane(); });
    actions_->add({"view.themeDark", g, tr("Dark theme"), {}, "", ""}, [this] { setTheme(ThemeMode::Dark); });
    actions_->add({"view.themeLight", g, tr("Light theme"), {}, "", ""}, [this] { setTheme(ThemeMode::Light); });
    actions_->add({"view.themeSystem", g, tr("Theme of the system"), {}, "", ""}, [this] { setTheme(ThemeMode::System); });
    actions_->add({"view.log", g, tr("Show the log"), {}, "log", ""}, [this] {
        logDock_->show();
        logDock_->raise();
    });
    actions_->add({"view.history", g, tr("Show the history of edits"), {QKeySequence(Qt::CTRL | Qt::Key_H)}, "history", tr("Every edit by name; a click goes back to it")}, [this] {
        historyDock_->setVisible(!historyDock_->isVisible());
    });
    actions_->add({"view.screenshot", g, tr("Screenshot to the clipboard"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C)}, "", ""},
                  [this] { QApplication::clipboard()->setPixmap(grab()); });
}

void MainWindow::createPlaybackActions() {
    const QString g = tr("Play");
    auto* toggle = actions_->add({"playback.toggle", g, tr("Play or pause"), {QKeySequence(Qt::Key_Space)}, "play", ""},
                                 [this] { playback_->togglePlaying(); });
    connect(playback_, &PlaybackController::playingChanged, this,
            [toggle](bool playing) { toggle->setIcon(icon(playing ? QStringLiteral("pause") : QStringLiteral("play"))); });
    actions_->add({"playback.back", g, tr("One frame back"), {QKeySequence(Qt::Key_Left)}, "step-back", ""}, [this] { playback_->step(-1); });
    actions_->add({"playback.forward", g, tr("One frame on"), {QKeySequence(Qt::Key_Right)}, "step-forward", ""}, [this] { playback_->step(1); });
    actions_->add({"playback.secondBack", g, tr("One second back"), {QKeySequence(Qt::SHIFT | Qt::Key_Left)}, "", ""}, [this] { playback_->stepSeconds(-1); });
    actions_->add({"playback.secondForward", g, tr("One second on"), {QKeySequence(Qt::SHIFT | Qt::Key_Right)}, "", ""}, [this] { playback_->stepSeconds(1); });
    actions_->add({"playback.first", g, tr("First frame"), {QKeySequence(Qt::Key_Home)}, "first", tr("Of the range; again: of the video")}, [this] { playback_->toStart(); });
    actions_->add({"playback.last", g, tr("Last frame"), {QKeySequence(Qt::Key_End)}, "last", ""}, [this] { playback_->toEnd(); });
    actions_->add({"playback.shuttleBack", g, tr("Play backwards, faster with each press"), {QKeySequence(Qt::Key_J)}, "", ""}, [this] { stopHeld_ ? playback_->step(-1) : playback_->shuttle(-1); });
    actions_->add({"playback.shuttleStop", g, tr("Stop"), {QKeySequence(Qt::Key_K)}, "", tr("Held down, J and L step by one frame")}, [this] { playback_->shuttle(0); });
    actions_->add({"playback.shuttleForward", g, tr("Play, faster with each press"), {QKeySequence(Qt::Key_L)}, "", ""}, [this] { stopHeld_ ? playback_->step(1) : playback_->shuttle(1); });
    actions_->addToggle({"playback.loop", g, tr("Loop"), {QKeySequence(Qt::CTRL | Qt::Key_L)}, "loop", ""}, false, [this](bool on) { playback_->setLooping(on); });
    auto* sound = actions_->addToggle({"playback.sound", g, tr("Sound"), {QKeySequence(Qt::SHIFT | Qt::Key_M)}, "sound", tr("Of the video, while it plays at its own speed")},
                                      QSettings().value(QStringLiteral("playback/sound"), true).toBool(), [this](bool on) {
                                          QSettings().setValue(QStringLiteral("playback/sound"), on);
                                          sound_->setMuted(!on);
                                      });
    const auto picture = [sound] { sound->setIcon(icon(sound->isChecked() ? QStringLiteral("sound") : QStringLiteral("sound-off"))); };
    connect(sound, &QAction::toggled, this, picture);
    picture();
    actions_->add({"playback.in", g, tr("Range starts here"), {QKeySequence(Qt::Key_I)}, "range-in", tr("Run, playback and export keep to the range")}, [this] {
        auto r = project_->document().range;
        const auto f = playback_->frame();
        project_->setRange({f, r.end > f ? r.end : playback_->frameCount()});
    });
    actions_->add({"playback.out", g, tr("Range ends here"), {QKeySequence(Qt::Key_O)}, "range-out", ""}, [this] {
        auto r = project_->document().range;
        const auto f = playback_->frame() + 1;
        project_->setRange({r.begin < f ? r.begin : 0, f});
    });
    actions_->add({"playback.clearRange", g, tr("Whole video"), {QKeySequence(Qt::SHIFT | Qt::Key_I)}, "", ""},
                  [this] { project_->setRange({0, playback_->frameCount()}); });
    actions_->add({"playback.zoomRange", g, tr("Zoom the timeline to the range"), {QKeySequence(Qt::Key_Z)}, "fit", tr("Again: the whole video; Ctrl+wheel zooms, + and - too while the timeline has the focus")},
                  [this] { timeline_->lanes()->zoomToRange(); });
    actions_->add({"playback.goTo", g, tr("Go to a frame…"), {QKeySequence(Qt::Key_G)}, "", ""}, [this] { timeline_->editFrameNumber(); });
    actions_->add({"playback.nextWorst", g, tr("Next doubtful frame"), {QKeySequence(Qt::Key_N)}, "next-worst", tr("By error, silhouette and guesses")}, [this] {
        const auto next = nextWorst(project_->results()->lanes(), playback_->frame());
        if (next >= 0) {
            playback_->setFrame(next);
        } else {
            statusState_->setText(tr("Nothing doubtful found"));
        }
    });
}

void MainWindow::createRunActions() {
    const QString g = tr("Run");
    actions_->add({"run.start", g, tr("Run"), {QKeySequence(Qt::Key_F5)}, "run", tr("Tracks, fits and completes what is missing or outdated")}, [this] { startRun(); });
    actions_->add({"run.cancel", g, tr("Cancel"), {QKeySequence(Qt::SHIFT | Qt::Key_F5)}, "cancel", tr("Finished frames are kept")}, [this] { run_->cancel(); });
    actions_->add({"run.update", g, tr("Update"), {QKeySequence(Qt::CTRL | Qt::Key_F5)}, "update", tr("Runs just what edits have outdated")}, [this] { startRun(); });
    actions_->add({"run.halveBatch", g, tr("Halve the batch size"), {}, "", ""}, [this] {
        const auto n = project_->document().options.integer("sam_3d_body.batch_size");
        project_->setOption("sam_3d_body.batch_size", std::max(1LL, n / 2));
    });
    actions_->add({"run.completion", g, tr("Completion on or off"), {}, "", ""}, [this] {
        project_->setOption("completion.enable", !project_->document().options.boolean("completion.enable"));
    });
    actions_->add({"run.completionOff", g, tr("Turn completion off"), {}, "", ""}, [this] { project_->setOption("completion.enable", false); });
    actions_->add({"run.settings", g, tr("Run settings"), {QKeySequence(Qt::CTRL | Qt::Key_B)}, "settings", ""}, [this] {
        runDock_->show();
        runDock_->raise();
        runPanel_->focusBatch();
    });
    actions_->add({"run.copyCommand", g, tr("Copy as command"), {}, "copy", tr("The same run for a terminal")},
                  [this] { QApplication::clipboard()->setText(commandLine()); });
    actions_->add({"run.unload", g, tr("Unload models"), {}, "", tr("Gives the memory of networks back; they are loaded again when needed")}, [this] {
        statusState_->setText(tr("Unloading models …"));
        importQueue_.restart("unload", [this, backend = backend_](const std::stop_token&) {
            auto* memory = dynamic_cast<ModelMemory*>(backend.get());
            const auto bytes = memory ? memory->unloadModels() : 0;
            postTo(this, [this, bytes] {
                statusState_->setText(bytes > 0 ? tr("Models unloaded: %1 given back").arg(formatBytes(bytes)) : tr("No models were loaded"));
            });
        });
    });
    const QString help = tr("Help");
    actions_->add({"help.palette", help, tr("Command palette"), {QKeySequence(Qt::CTRL | Qt::Key_P)}, "palette", ""}, [this] { palette_->popup(); });
    actions_->add({"help.shortcuts", help, tr("Keyboard shortcuts"), {QKeySequence(Qt::Key_F1), QKeySequence(Qt::Key_Question)}, "help", ""}, [this] {
        auto* sheet = new ShortcutSheet(*actions_, this);
        sheet->show();
    });
    actions_->add({"help.guide", help, tr("Guide"), {QKeySequence(Qt::SHIFT | Qt::Key_F1)}, "help", tr("How to go about things, and what hardware can do")}, [this] {
        auto* guide = new GuideDialog(*actions_, telemetry_->device(), models_, CostHistory::load(), this);
        guide->show();
    });
    actions_->add({"help.models", help, tr("Models"), {}, "", tr("Engines, licences, where files go")}, [this] {
        auto* dialog = new ModelsDialog(backend_, this);
        connect(dialog, &ModelsDialog::changed, this, [this] {
            models_ = backend_->models();
            runPanel_->setModels(models_);
            refreshWeightsNotes();
        });
        dialog->show();
    });
}

void MainWindow::createMenus() {
    const auto fill = [this](QMenu* menu, std::initializer_list<const char*> ids) {
        for (const auto* id : ids) {
            if (*id == '-') {
                menu->addSeparator();
            } else {
                menu->addAction(actions_->action(QLatin1String(id)));
            }
        }
    };
    auto* file = menuBar()->addMenu(tr("&File"));
    fill(file, {"file.open", "file.openFolder", "file.camera", "file.sample"});
    recentMenu_ = file->addMenu(tr("Open &recent"));
    recentMenu_->setToolTipsVisible(true);
    connect(recentMenu_, &QMenu::aboutToShow, this, &MainWindow::fillRecent);
    fill(file, {"file.recover", "file.locateVideo", "-", "file.importMasks", "file.importMaskFolder", "-", "file.save", "file.saveAs", "-", "file.close", "file.quit"});
    auto* edit = menuBar()->addMenu(tr("&Edit"));
    fill(edit, {"edit.undo", "edit.redo", "-", "tool.select", "tool.point", "tool.box", "tool.brush", "tool.eraser",
                "tool.brushSmaller", "tool.brushLarger", "tool.crosshair",
                "-", "edit.preferences"});
    auto* people = menuBar()->addMenu(tr("Peop&le"));
    fill(people, {"target.add", "target.findPeople", "-", "target.rename", "target.hide", "target.solo", "target.lock", "-",
                  "target.split", "target.swap", "target.merge", "target.gone", "target.back", "-", "review.accept", "review.reject",
                  "review.clear", "-", "target.clear", "target.delete"});
    auto* view = menuBar()->addMenu(tr("&View"));
    fill(view, {"view.masks", "view.skeleton", "view.tags", "-", "view.grid", "view.cameras", "view.trails", "view.cloud", "-", "view.fit",
                "view.fitAll", "view.pixels", "view.zoomIn", "view.zoomOut"});
    auto* space = view->addMenu(tr("3D view from"));
    fill(space, {"view.front", "view.right", "view.top", "view.oblique", "view.camera", "-", "view.ortho"});
    auto* bodies = view->addMenu(tr("3D view shows"));
    fill(bodies, {"view.surface", "view.wireframe", "view.bones", "view.video", "view.doubt", "view.confidence", "view.difference", "view.nextDisplay", "-", "view.wipe",
                  "compare.raw", "compare.completion", "compare.project", "-",
                  "view.backdrop", "view.measure", "-", "view.showModel", "view.showModelFolder", "view.clearModels", "-", "view.saveScreenshot", "view.saveCutOut", "view.copyViewport",
                  "view.turntable", "-", "view.cameraKey", "view.clearCameraKeys", "view.flyAlong", "view.movie"});
    auto* theme = view->addMenu(tr("Theme"));
    fill(theme, {"view.themeDark", "view.themeLight", "view.themeSystem"});
    auto* panels = view->addMenu(tr("Panels"));
    for (auto* dock : {peopleDock_, runDock_, timelineDock_, historyDock_, logDock_}) {
        panels->addAction(dock->toggleViewAction());
    }
    fill(view, {"view.history", "view.log", "-", "view.fullScreen", "view.nextPane", "view.screenshot"});
    auto* play = menuBar()->addMenu(tr("&Play"));
    fill(play, {"playback.toggle", "playback.back", "playback.forward", "playback.secondBack", "playback.secondForward",
                "playback.first", "playback.last", "-", "playback.shuttleBack", "playback.shuttleStop",
                "playback.shuttleForward", "playback.loop", "playback.sound", "-", "playback.in", "playback.out", "playback.clearRange", "playback.zoomRange", "-",
                "playback.goTo", "playback.nextWorst"});
    auto* run = menuBar()->addMenu(tr("&Run"));
    fill(run, {"run.start", "run.pause", "run.cancel", "run.update", "run.scene", "run.sceneWeights", "run.sceneWeightsOfModels", "-", "run.settings", "run.completion", "run.halveBatch", "-", "run.unload", "run.copyCommand"});
    auto* exports = menuBar()->addMenu(tr("E&xport"));
    fill(exports, {"export.dialog", "-", "export.report", "export.openFolder"});
    auto* help = menuBar()->addMenu(tr("&Help"));
    fill(help, {"help.guide", "help.shortcuts", "help.palette", "help.models"});
}

void MainWindow::createToolBar() {
    auto* bar = addToolBar(tr("Tools"));
    toolBar_ = bar;
    bar->setObjectName(QStringLiteral("toolbar.main"));
    bar->setMovable(false);
    bar->setIconSize({20, 20});
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    const auto button = [&](const char* id, const QString& text, const char* name = nullptr) {
        auto* made = actionButton(actions_->action(QLatin1String(id)), true);
        made->setText(text);
        // The action's own text is for menus; changes of it must not reach the button.
        connect(made->defaultAction(), &QAction::changed, made, [made, text] { made->setText(text); });
        if (name) {
            made->setObjectName(QLatin1String(name));
        }
        bar->addWidget(made);
        toolButtons_.push_back(made);
        return made;
    };
    button("file.open", tr("Open"));
    button("file.save", tr("Save"));
    bar->addSeparator();
    button("tool.select", tr("Select  V"));
    button("tool.point", tr("Point  P"));
    button("tool.box", tr("Box  R"));
    button("tool.brush", tr("Brush  B"));
    button("tool.eraser", tr("Eraser"));
    button("target.findPeople", tr("Find all  A"));
    bar->addSeparator();
    auto* run = button("run.start", tr("Run  F5"), "primary");
    run->setIcon(icon(QStringLiteral("run"), tokens().onAccent));
    connect(actions_->action(QStringLiteral("run.start")), &QAction::changed, run, [this, run] {
        const bool on = actions_->action(QStringLiteral("run.start"))->isEnabled();
        run->setIcon(icon(QStringLiteral("run"), on ? tokens().onAccent : QColor()));
    });
    connect(&Theme::instance(), &Theme::changed, run, [run] { run->setIcon(icon(QStringLiteral("run"), tokens().onAccent)); });
    button("run.cancel", tr("Cancel"));
    updateButton_ = actionButton(actions_->action(QStringLiteral("run.update")), true);
    updateButton_->setObjectName(QStringLiteral("warning"));
    updateButton_->setIcon(icon(QStringLiteral("update"), tokens().warning));
    toolButtons_.push_back(updateButton_);
    auto* updateAction = bar->addWidget(updateButton_);
    updateAction->setObjectName(QStringLiteral("toolbar.update"));
    updateAction->setVisible(false);
    bar->addSeparator();
    button("export.dialog", tr("Export"));
    auto* spring = new QWidget;
    spring->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(spring);
    bar->addWidget(actionButton(actions_->action(QStringLiteral("edit.undo"))));
    bar->addWidget(actionButton(actions_->action(QStringLiteral("edit.redo"))));
    auto* commands = button("help.palette", tr("Ctrl+P"));
    commands->setAccessibleName(tr("Command palette"));
    bar->addWidget(actionButton(actions_->action(QStringLiteral("help.shortcuts"))));
}

} // namespace body4d::ui
