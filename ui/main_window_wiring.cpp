#include "ui/main_window.h"

#include "base/log.h"
#include "ui/command_line.h"
#include "ui/controllers/core_text.h"
#include "ui/icons.h"
#include "ui/panels/empty_state.h"
#include "ui/panels/error_bar.h"
#include "ui/panels/export_dialog.h"
#include "ui/panels/gauge_panel.h"
#include "ui/panels/run_panel.h"
#include "ui/panels/target_panel.h"
#include "ui/timeline/timeline_widget.h"
#include "ui/viewport/viewport_widget.h"

#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolBar>
#include <QToolButton>

#include <algorithm>
#include <cmath>

namespace body4d::ui {
namespace {

constexpr int kLanesIntervalMs = 200; ///< while results stream in

/// A point that is inside a found person: the mask's pixel nearest to its middle.
PointPrompt pointInside(const SegmentPreview& preview) {
    const auto& pose = preview.frame.pose;
    if (pose.score > 0) { // between shoulders and hips
        Vec2 sum;
        for (const int i : {11, 12, 23, 24}) {
            sum = sum + pose.points[static_cast<std::size_t>(i)].px;
        }
        return {sum.x / 4, sum.y / 4, true};
    }
    const auto& mask = preview.frame.mask;
    std::uint64_t position = 0, best = 0;
    std::uint32_t longest = 0;
    bool set = false;
    for (const auto count : mask.counts) {
        if (set && count > longest) {
            longest = count;
            best = position + count / 2;
        }
        position += count;
        set = !set;
    }
    const auto height = static_cast<std::uint64_t>(std::max(1, mask.height));
    return {static_cast<double>(best / height) + 0.5, static_cast<double>(best % height) + 0.5, true};
}

/// How a file is read differently from what it says frame by frame; empty for most.
QStringList unusualFacts(const VideoInfo& info) {
    QStringList facts;
    if (info.variableFrameRate) {
        facts << MainWindow::tr("variable rate");
    }
    if (info.rotationDegrees != 0) {
        facts << MainWindow::tr("turned by %1°").arg(info.rotationDegrees);
    }
    const auto colour = QString::fromStdString(unusualColour(info.colour));
    if (info.colour.hdr()) {
        facts << MainWindow::tr("HDR (%1), shown as SDR").arg(colour);
    } else if (!colour.isEmpty()) {
        facts << colour;
    }
    return facts;
}

QString usualFacts(const VideoInfo& info) {
    QStringList facts{MainWindow::tr("%1 × %2").arg(info.width).arg(info.height), MainWindow::tr("%n frames", nullptr, static_cast<int>(info.frameCount))};
    if (info.fps > 0) {
        facts << MainWindow::tr("%1 fps").arg(info.fps, 0, 'g', 4);
    }
    return facts.join(QStringLiteral(", "));
}

} // namespace

void MainWindow::wireProject() {
    connect(project_, &ProjectController::opened, this, [this] {
        const auto& info = project_->frames()->info();
        previews_->setFrames(project_->frames());
        canvas_->setFrameSize({info.width, info.height});
        auto times = info.frameTimes;
        if (times.empty()) {
            for (std::int64_t i = 0; i < info.frameCount; ++i) {
                times.push_back(static_cast<double>(i) / (info.fps > 0 ? info.fps : 25));
            }
        }
        playback_->setVideo(std::move(times), info.fps);
        playback_->setRange(project_->document().range);
        if (2 * playback_->range().size() < playback_->frameCount()) {
            timeline_->lanes()->zoomToRange(); // what is worked on, not the rest of a long video
        }
        viewport_->setAwaiting(true);
        connect(project_, &ProjectController::resultsChanged, this, &MainWindow::previewPrompts, Qt::SingleShotConnection);
        timeline_->lanes()->setEmptyText(tr("Each person gets a lane here. Click one in the video."));
        timeline_->lanes()->setCuts(project_->sceneCuts());
        videoStack_->setCurrentWidget(canvas_);
        empty_->setBusy({});
        canvas_->setFocus();
        gauges_->resetPeak();
        refreshTargets();
        refreshLanes();
        refreshTitle();
        refreshEnabled();
        const auto unusual = unusualFacts(info);
        const QString facts = (QStringList(usualFacts(info)) + unusual).join(QStringLiteral(", "));
        statusState_->setText(usualFacts(info));
        statusVideo_->setText(unusual.join(QStringLiteral("  ·  ")));
        statusVideo_->setToolTip(facts);
        log(LogLevel::Info, project_->document().video.path.filename().string() + ": " + facts.toStdString());
    });
    connect(project_, &ProjectController::closed, this, [this] {
        statusVideo_->clear();
        previews_->setFrames(nullptr);
        canvas_->setFrameSize({});
        playback_->clear();
        timeline_->lanes()->setCuts({});
        videoStack_->setCurrentWidget(empty_);
        refreshTargets();
        refreshLanes();
        refreshTitle();
        refreshEnabled();
    });
    connect(project_, &ProjectController::openFailed, this, [this](const UserMessage& message) {
        empty_->setBusy({});
        auto told = message;
        if (std::exchange(locating_, false)) {
            told.actions = QStringList{QStringLiteral("file.locateVideo")}; // another try, not another project
        }
        showMessage(told);
    });
    connect(project_, &ProjectController::saveFailed, this, &MainWindow::showMessage);
    connect(project_, &ProjectController::editRejected, this, &MainWindow::showMessage);
    connect(project_, &ProjectController::saved, this, [this] {
        refreshTitle();
        refreshEnabled();
    });
    connect(project_, &ProjectController::documentChanged, this, [this] {
        playback_->setRange(project_->document().range);
        gauges_->setBudget(project_->document().options.number("memory.budget_gib"));
        refreshTargets();
        refreshEnabled();
        refreshTitle();
    });
    connect(project_, &ProjectController::selectionChanged, this, [this] {
        refreshTargets();
        refreshEnabled();
    });
    connect(project_, &ProjectController::resultsChanged, this, [this] {
        timeline_->lanes()->setCuts(project_->sceneCuts());
        refreshLanes();
        refreshEnabled();
        refreshCaption();
        viewport_->setAwaiting(false);
    });
    connect(project_, &ProjectController::promptChanged, this, [this](int target, qint64 frame) {
        if (frame == playback_->frame()) {
            requestPreview(target);
        }
    });
    connect(targetModel_, &TargetModel::looksChanged, this, &MainWindow::refreshTargets);
}

void MainWindow::wireViews() {
    connect(playback_, &PlaybackController::frameChanged, this, [this](qint64 frame) {
        snapshots_->setFrame(frame);
        statusFrame_->setText(project_->isOpen() ? tr("Frame %1").arg(frame) : QString());
        refreshTargets();
        if (project_->frames() && playback_->playing()) {
            const auto ahead = playback_->speed() > 0 ? 16 : -16;
            project_->frames()->prefetch(frame, std::clamp<std::int64_t>(frame + ahead, 0, playback_->frameCount()));
        }
        previewPrompts();
    });
    connect(canvas_, &VideoCanvas::viewChanged, snapshots_, &SnapshotController::setView);
    connect(snapshots_, &SnapshotController::snapshotReady, this, [this](const std::shared_ptr<const FrameSnapshot>& s) {
        canvas_->setSnapshot(s);
        viewport_->setSnapshot(s);
        if (s && !s->failure.empty()) {
            showMessage({UserMessage::Severity::Warning, coreText(s->failure),
                         tr("The frames around it may still be fine."), {}, {}});
        }
    });
    connect(snapshots_, &SnapshotController::pictureReady, canvas_, &VideoCanvas::setPicture);
    connect(snapshots_, &SnapshotController::pathsReady, viewport_, &ViewportWidget::setPaths);

    connect(canvas_, &VideoCanvas::pointAdded, this, [this](int target, double x, double y, bool include) {
        canvas_->setNewTargetMode(false);
        project_->addPoint(target, playback_->frame(), {x, y, include});
        refreshHint();
    });
    connect(canvas_, &VideoCanvas::pointRemoved, this, [this](int target, int index) {
        project_->removePoint(target, playback_->frame(), index);
    });
    connect(canvas_, &VideoCanvas::pointMoved, this, [this](int target, int index, double x, double y) {
        project_->movePoint(target, playback_->frame(), index, x, y);
    });
    connect(canvas_, &VideoCanvas::boxDrawn, this, [this](int target, double x0, double y0, double x1, double y1) {
        canvas_->setNewTargetMode(false);
        project_->setBox(target, playback_->frame(), Box{x0, y0, x1, y1});
    });
    connect(canvas_, &VideoCanvas::targetClicked, this, [this](int target) {
        if (target != 0) {
            project_->select(target);
        }
    });
    connect(canvas_, &VideoCanvas::lockedClicked, this, [this](int target) {
        statusState_->setText(tr("%1 is locked").arg(targetModel_->name(target)));
    });
    connect(canvas_, &VideoCanvas::hovered, this, [this](double x, double y, int target) {
        statusCursor_->setText(x < 0 ? QString()
                                     : tr("x %1  y %2%3")
                                           .arg(static_cast<int>(x))
                                           .arg(static_cast<int>(y))
                                           .arg(target != 0 ? QStringLiteral("  ·  %1 %2").arg(target).arg(targetModel_->name(target))
                                                            : QString()));
    });
    connect(viewport_, &ViewportWidget::bodyPicked, project_, &ProjectController::select);
    connect(viewport_, &ViewportWidget::pointPicked, this, [this](double x, double y, double z) {
        statusCursor_->setText(tr("X %1  Y %2  Z %3 m").arg(x, 0, 'f', 2).arg(y, 0, 'f', 2).arg(z, 0, 'f', 2));
    });
    connect(viewport_, &ViewportWidget::pictureShown, this, [this] {
        if (!std::exchange(painted_, true)) {
            Q_EMIT firstPainted();
        }
    });

    connect(previews_, &PreviewController::busyChanged, canvas_, &VideoCanvas::setBusy);
    connect(previews_, &PreviewController::nothingFound, this, [this](int, qint64, const QString& reason) {
        showMessage({UserMessage::Severity::Info, reason.isEmpty() ? tr("Nobody was found there.") : reason,
                     tr("Click the middle of a person, or draw a box around one."), {}, {QStringLiteral("edit.undo"), QStringLiteral("tool.box")}});
    });
    connect(previews_, &PreviewController::previewReady, this, [this](int target, qint64 frame) {
        const auto* prompt = project_->prompt(target, frame);
        const auto found = prompt ? previews_->find(target, *prompt) : nullptr;
        if (found && found->found && errors_->message().actions.contains(QStringLiteral("tool.box"))) {
            errors_->dismiss(); // nobody was found before; what else was said stays
        }
        refreshHint();
    });
    connect(previews_, &PreviewController::failed, this, &MainWindow::showMessage);
    connect(previews_, &PreviewController::peopleFound, this, &MainWindow::onPeopleFound);

    auto* lanes = timeline_->lanes();
    connect(lanes, &LaneView::scrubbed, playback_, &PlaybackController::setFrame);
    connect(lanes, &LaneView::targetClicked, project_, &ProjectController::select);
    connect(lanes, &LaneView::rangeDragged, this, [this](qint64 begin, qint64 end) { project_->setRange({begin, end}); });

    connect(empty_, &EmptyState::openRequested, this, &MainWindow::chooseVideo);
    connect(empty_, &EmptyState::cameraRequested, this, &MainWindow::showCamera);
    connect(empty_, &EmptyState::sampleRequested, actions_->action(QStringLiteral("file.sample")), &QAction::trigger);
    empty_->setSampleAvailable(true);
    connect(gauges_, &GaugePanel::summaryChanged, statusMemory_, &QLabel::setText);

    lanesTimer_.setInterval(500);
    connect(&lanesTimer_, &QTimer::timeout, this, [this] {
        if (project_->frames()) {
            timeline_->lanes()->setCachedFrames(project_->frames()->cachedFrames());
        }
    });
    lanesTimer_.start();
    connect(&Theme::instance(), &Theme::changed, this, [this] { updateButton_->setIcon(icon(QStringLiteral("update"), tokens().warning)); });
    refreshHint();
    refreshCaption();
}

void MainWindow::wireRun() {
    connect(run_, &RunController::started, this, [this](const QString&) {
        viewport_->setBusy(true);
        errors_->dismiss();
        refreshEnabled();
    });
    connect(run_, &RunController::progressed, this, [this](const Progress& p) {
        gauges_->setStage(stageTitle(p.stage));
        QString text = tr("%1: %2").arg(run_->cancelling() ? tr("Stopping") : tr("Running"), withinSentence(stageTitle(p.stage)));
        if (p.total > 0) {
            text += p.stage == "scene" ? QStringLiteral(" %1 %").arg(100 * p.done / p.total)
                                       : QStringLiteral(" %1/%2").arg(p.done).arg(p.total);
        }
        if (p.etaSeconds >= 0) {
            text += tr(", %1 left").arg(formatDuration(p.etaSeconds));
        }
        statusState_->setText(text);
    });
    connect(run_, &RunController::noticed, this, [this](const QString& sentence) {
        log_->append(LogLevel::Info, sentence);
        statusState_->setText(coreText(sentence.toStdString()));
    });
    const auto over = [this] {
        if (errors_->message().actions.contains(QStringLiteral("run.cancel"))) {
            errors_->dismiss(); // that a run is under way is no longer so
        }
        viewport_->setBusy(false);
        gauges_->setStage({});
        project_->reloadResults();
        refreshEnabled();
    };
    connect(run_, &RunController::finished, this, [this, over](const RunSummary& summary) {
        const bool exported = !summary.files.empty();
        over();
        for (const auto& note : summary.notes) {
            log_->append(LogLevel::Info, QString::fromStdString(note));
        }
        if (run_->paused()) {
            return; // said where it was asked for
        }
        if (summary.cancelled) {
            statusState_->setText(tr("Cancelled; finished frames are kept"));
            return;
        }
        QString text = tr("Done in %1").arg(formatDuration(summary.seconds));
        if (summary.personFrames > 0 && summary.seconds > 0) {
            text += tr(" · %1 person-frames/s").arg(static_cast<double>(summary.personFrames) / summary.seconds, 0, 'f', 1);
        }
        statusState_->setText(text);
        if (exported) {
            tellExport(summary);
        } else {
            connect(project_, &ProjectController::resultsChanged, this, &MainWindow::tellUnseen, Qt::SingleShotConnection);
        }
    });
    connect(run_, &RunController::failed, this, [this, over](const UserMessage& message) {
        over();
        statusState_->setText(tr("Failed"));
        showMessage(message);
    });
    connect(run_, &RunController::cancelRequested, this, [this] { statusState_->setText(tr("Stopping")); });
}

void MainWindow::tellUnseen() {
    QStringList names;
    for (const auto& target : project_->document().targets) {
        const auto lane = project_->results()->lane(target.id);
        if (!target.prompts.empty() && lane.processedCount() > 0 && lane.trackedCount() == 0) {
            names << personName(target.name);
        }
    }
    if (!names.isEmpty()) {
        showMessage({UserMessage::Severity::Warning, tr("Seen in no frame: %1.").arg(names.join(QStringLiteral(", "))),
                     tr("Go to a frame where the person is clearly visible, click the middle of the body, and run again."), {}, {}});
    }
}

RunEvents MainWindow::liveEvents() {
    RunEvents events;
    auto results = project_->results();
    const auto announce = [this] {
        // Many results, one message: the GUI thread looks when it has time.
        if (!livePending_.exchange(true)) {
            postTo(this, [this] {
                livePending_ = false;
                onLiveResults();
            });
        }
    };
    events.frameTracked = [results, announce](TargetId id, std::shared_ptr<const TargetFrame> frame,
                                              std::shared_ptr<const BodyFrame> preview) {
        results->addTracked(id, std::move(frame), std::move(preview));
        announce();
    };
    events.bodyReady = [results, announce](TargetId id, std::shared_ptr<const BodyTrack> body) {
        results->setBody(id, std::move(body));
        announce();
    };
    return events;
}

void MainWindow::onLiveResults() {
    snapshots_->invalidate(true);
    if (property("lanesWaiting").toBool()) {
        return;
    }
    setProperty("lanesWaiting", true);
    QTimer::singleShot(kLanesIntervalMs, this, [this] {
        setProperty("lanesWaiting", false);
        refreshLanes();
    });
}

void MainWindow::startRun(std::vector<std::string> exports, const std::filesystem::path& exportFolder) {
    if (!exports.empty()) {
        ExportWish wish;
        wish.formats = std::move(exports);
        wish.folder = QString::fromStdString(exportFolder.string());
        wish.range = project_->document().range;
        startExport(wish);
        return;
    }
    if (!project_->isOpen() || run_->running()) {
        return;
    }
    if (run_->paused()) {
        run_->resume();
        return;
    }
    if (project_->document().targets.empty() && !sceneChosen()) {
        showMessage({UserMessage::Severity::Info, tr("Nobody is selected yet."), tr("Click a person in the video, or let all be found."),
                     {}, {QStringLiteral("target.findPeople")}});
        return;
    }
    enqueue(tr("Run"), {});
}

void MainWindow::requestPreview(TargetId id) {
    const auto frame = playback_->frame();
    const auto* prompt = project_->prompt(id, frame);
    Prompt none;
    none.frame = frame;
    previews_->request(id, prompt ? *prompt : none, project_->document().options);
}

void MainWindow::onPeopleFound(std::int64_t frame, const std::vector<std::shared_ptr<const SegmentPreview>>& people) {
    // Whoever is a target already is left alone.
    std::vector<PointPrompt> points;
    std::vector<std::shared_ptr<const SegmentPreview>> fresh;
    for (const auto& person : people) {
        const auto point = pointInside(*person);
        if (canvas_->targetAt({point.x, point.y}) == 0) {
            points.push_back(point);
            fresh.push_back(person);
        }
    }
    if (points.empty()) {
        showMessage({UserMessage::Severity::Info,
                     people.empty() ? tr("Nobody was found on this frame.") : tr("Everybody found here is selected already."),
                     people.empty() ? tr("Go to a frame where people are clearly seen, or click one.") : QString(), {}, {}});
        return;
    }
    // The masks are known before the prompts are: no second computation.
    auto copy = project_->document();
    for (std::size_t i = 0; i < points.size(); ++i) {
        Prompt prompt;
        prompt.frame = frame;
        prompt.points = {points[i]};
        previews_->remember(copy.addTarget().id, prompt, fresh[i]);
    }
    project_->addTargets(frame, points);
    statusState_->setText(tr("%n people found", nullptr, static_cast<int>(points.size())));
}

void MainWindow::setTool(CanvasTool tool) {
    const char* id = tool == CanvasTool::Select  ? "tool.select"
                     : tool == CanvasTool::Point ? "tool.point"
                     : tool == CanvasTool::Box   ? "tool.box"
                     : tool == CanvasTool::Brush ? "tool.brush"
                                                 : "tool.eraser";
    actions_->action(QLatin1String(id))->setChecked(true);
    canvas_->setTool(tool);
    canvas_->setNewTargetMode(false);
    if (tool != CanvasTool::Point) {
        canvas_->setCrosshair(false);
    }
    refreshHint();
}

void MainWindow::refreshTargets() {
    const auto& document = project_->document();
    const auto frame = playback_->frame();
    std::vector<VideoCanvas::TargetItem> items;
    std::vector<LaneView::Row> rows;
    std::map<TargetId, TargetLook> looks;
    for (const auto& target : document.targets) {
        const QColor colour(QString::fromStdString(target.colour));
        VideoCanvas::TargetItem item;
        item.id = target.id;
        item.name = personName(target.name);
        item.colour = colour;
        item.visible = targetModel_->visible(target.id);
        item.locked = targetModel_->locked(target.id);
        if (const auto* prompt = project_->prompt(target.id, frame)) {
            item.prompt = *prompt;
        }
        LaneView::Row row{target.id, item.name, colour, item.visible, {}};
        for (const auto& prompt : target.prompts) {
            row.prompts.push_back(prompt.frame);
        }
        looks[target.id] = {colour, item.visible};
        items.push_back(std::move(item));
        rows.push_back(std::move(row));
    }
    canvas_->setTargets(std::move(items), project_->selected());
    const bool more = rows.size() > timeline_->lanes()->rowCount();
    timeline_->lanes()->setRows(std::move(rows), project_->selected());
    if (more) {
        makeRoomForLanes();
    }
    viewport_->setLooks(looks, project_->selected());
    refreshHint();
}

void MainWindow::refreshLanes() {
    timeline_->lanes()->setLanes(project_->results()->lanes());
    targetModel_->refreshResults();
    targets_->refreshFacts();
}

void MainWindow::refreshEnabled() {
    const bool open = project_->isOpen(), running = run_->running();
    const bool people = !project_->document().targets.empty(), selected = project_->selected() != 0;
    for (auto* action : actions_->all()) {
        const QString id = ActionRegistry::idOf(action);
        if (id.startsWith(QLatin1String("playback."))) {
            action->setEnabled(playback_->frameCount() > 0); // also of 3D files that move
        } else if (id.startsWith(QLatin1String("tool.")) || id == QLatin1String("file.save") ||
            id == QLatin1String("file.saveAs") || id == QLatin1String("file.close") || id == QLatin1String("target.add")) {
            action->setEnabled(open);
        }
    }
    const auto enable = [this](const char* id, bool on) { actions_->action(QLatin1String(id))->setEnabled(on); };
    for (const auto* id : {"playback.in", "playback.out", "playback.clearRange", "playback.nextWorst"}) {
        enable(id, open);
    }
    enable("target.findPeople", open && !running);
    for (const auto* id : {"target.delete", "target.rename", "target.hide", "target.solo", "target.clear", "target.lock", "target.split",
                           "target.gone", "target.back", "review.accept", "review.reject", "review.clear"}) {
        enable(id, selected);
    }
    for (const auto* id : {"target.swap", "target.merge"}) {
        enable(id, selected && project_->document().targets.size() > 1);
    }
    for (const auto* id : {"file.importMasks", "file.importMaskFolder"}) {
        enable(id, open && !running);
    }
    // Moving the folder from under a running job would lose its work.
    enable("file.saveAs", open && !running);
    enable("file.save", open && !(running && project_->isDraft()));
    enable("run.start", open && (people || sceneChosen()) && !running);
    enable("run.scene", open && !running);
    enable("run.sceneWeights", open);
    enable("run.sceneWeightsOfModels", open);
    enable("run.cancel", (running && !run_->cancelling()) || run_->paused());
    enable("run.pause", (running && !run_->cancelling()) || run_->paused());
    enable("file.recover", !running && !abandoned_.empty());
    enable("file.locateVideo", !running && !missingProject_.isEmpty());
    const int stale = project_->staleStages();
    enable("run.update", open && stale > 0 && !running);
    updateButton_->setText(tr("Update: %n stale", nullptr, stale));
    if (auto* action = findChild<QAction*>(QStringLiteral("toolbar.update"))) {
        if (action->isVisible() != (stale > 0 && !running)) {
            action->setVisible(stale > 0 && !running);
            fitToolBar();
        }
    }
    for (const auto* id : {"run.halveBatch", "run.completion", "run.completionOff"}) {
        enable(id, open && !running);
    }
    enable("run.unload", !running);
    enable("run.copyCommand", open);
    const auto lanes = project_->results()->lanes();
    const bool anything = std::any_of(lanes.begin(), lanes.end(), [](const Lane& l) { return l.processedCount() > 0; });
    enable("export.dialog", open && anything); // while a job runs, an export waits for its turn
    enable("export.report", report_ != nullptr);
    enable("playback.sound", open && project_->frames()->info().hasAudio);
    enable("export.openFolder", !lastExport_.empty());
}

void MainWindow::refreshTitle() {
    if (!project_->isOpen()) {
        setWindowTitle(tr("Body4D Studio"));
        return;
    }
    const QString state = project_->store()->readOnly() ? tr("read-only") : project_->isDraft() ? tr("draft, saved") : tr("saved");
    setWindowTitle(tr("%1 — %2 — Body4D Studio").arg(project_->displayName(), state));
}

void MainWindow::refreshHint() {
    if (!project_->isOpen()) {
        canvas_->setHint({});
        return;
    }
    const bool people = !project_->document().targets.empty();
    QString hint;
    switch (canvas_->tool()) {
    case CanvasTool::Select: hint = tr("Click a person to select · drag to move the picture"); break;
    case CanvasTool::Box: hint = tr("Drag a box around a person"); break;
    case CanvasTool::Brush:
        hint = tr("Paint · right button erases · size %1 px ([ and ])").arg(std::lround(2 * canvas_->brushRadius()));
        break;
    case CanvasTool::Eraser:
        hint = tr("Erase what does not belong · size %1 px ([ and ])").arg(std::lround(2 * canvas_->brushRadius()));
        break;
    case CanvasTool::Point:
        hint = canvas_->excludeMode() ? tr("Excluding: click what does not belong (Q to include)")
               : !people              ? tr("Click a person")
                                      : tr("Left click adds a person · right click excludes");
        break;
    }
    canvas_->setHint(hint);
}

void MainWindow::refreshCaption() {
    QStringList parts;
    for (const auto& target : project_->document().targets) {
        if (const auto body = project_->results()->body(target.id)) {
            parts << QString::fromStdString(body->engine);
            parts << (project_->document().options.boolean("completion.enable") ? tr("completion on") : tr("completion off"));
            break;
        }
    }
    if (const QString place = sceneCaption(); !place.isEmpty()) {
        parts << place;
    }
    viewport_->setCaption(parts.join(QStringLiteral(" · ")));
    QString engine;
    for (const auto* key : {"engines.segment", "engines.reconstruct"}) {
        const auto name = project_->document().options.text(key);
        for (const auto& model : models_) {
            if (model.name == name) {
                // "BlazePose tracker with masks (OpenVINO, CPU)": what stands in brackets is in the tool tip.
                const QString title = coreText(model.title).section(QStringLiteral(" ("), 0, 0);
                engine += (engine.isEmpty() ? QString() : QStringLiteral(" + ")) + title;
            }
        }
    }
    statusEngine_->setText(bodyNote_.isEmpty() ? engine : engine + QStringLiteral(" · ") + bodyNote_);
}

QString MainWindow::commandLine() const {
    return commandFor(project_->document(), project_->store()->folder());
}

} // namespace body4d::ui
