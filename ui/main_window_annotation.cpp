#include "pipeline/prompt_mask.h"
#include "ui/controllers/mask_import.h"
#include "ui/frame/mask_editor.h"
#include "ui/main_window.h"
#include "ui/viewport/viewport_widget.h"

#include <QActionGroup>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QSettings>

#include <algorithm>
#include <cmath>

namespace body4d::ui {
namespace {

/// A point that is surely on a person who is shown: deep inside the mask.
std::optional<PointPrompt> pointOn(const FrameSnapshot* snapshot, TargetId id) {
    const auto* view = snapshot ? snapshot->target(id) : nullptr;
    if (!view || view->mask.box.isEmpty()) {
        return std::nullopt;
    }
    // The mask of the picture is small: its box only.
    const QImage& in = view->mask.coverage;
    Mask mask(in.width(), in.height());
    for (int y = 0; y < in.height(); ++y) {
        std::copy_n(in.constScanLine(y), in.width(), mask.row(y));
    }
    auto point = pointInside(encodeRle(mask));
    if (point) {
        point->x += view->mask.box.left();
        point->y += view->mask.box.top();
    }
    return point;
}

} // namespace

void MainWindow::createAnnotationActions() {
    const QString tools = tr("Tools"), people = tr("People");
    actions_->add({"tool.brush",
                   tools,
                   tr("Brush"),
                   {QKeySequence(Qt::Key_B)},
                   "brush",
                   tr("Paint what belongs to the person; right button erases, Shift+wheel sets the size"),
                   true},
                  [this] { setTool(CanvasTool::Brush); });
    actions_->add({"tool.eraser",
                   tools,
                   tr("Eraser"),
                   {QKeySequence(Qt::SHIFT | Qt::Key_B)},
                   "eraser",
                   tr("Take away what does not belong to the person"),
                   true},
                  [this] { setTool(CanvasTool::Eraser); });
    auto* group = actions_->action(QStringLiteral("tool.select"))->actionGroup();
    for (const auto* id : {"tool.brush", "tool.eraser"}) {
        group->addAction(actions_->action(QLatin1String(id)));
    }
    actions_->add(
        {"tool.brushSmaller", tools, tr("Smaller brush"), {QKeySequence(Qt::Key_BracketLeft)}, "", ""},
        [this] { canvas_->setBrushRadius(canvas_->brushRadius() / 1.25); });
    actions_->add(
        {"tool.brushLarger", tools, tr("Larger brush"), {QKeySequence(Qt::Key_BracketRight)}, "", ""},
        [this] { canvas_->setBrushRadius(canvas_->brushRadius() * 1.25); });

    actions_->add({"target.lock",
                   people,
                   tr("Lock or unlock"),
                   {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_L)},
                   "lock",
                   tr("A locked person cannot be changed by mistake")},
                  [this] {
                      if (const auto id = project_->selected(); id != 0) {
                          targetModel_->setLocked(id, !targetModel_->locked(id));
                      }
                  });
    actions_->add({"target.split",
                   people,
                   tr("Split here"),
                   {QKeySequence(Qt::CTRL | Qt::Key_K)},
                   "split",
                   tr("From this frame on it is somebody else: a new person with a lane of its own")},
                  [this] {
                      const auto id = project_->selected();
                      if (!editable(id)) {
                          return;
                      }
                      if (project_->splitTarget(id, playback_->frame(),
                                                pointOn(snapshots_->snapshot().get(), id)) == 0) {
                          statusState_->setText(tr("Nothing to split before the first frame"));
                      }
                  });
    actions_->add({"target.swap",
                   people,
                   tr("Swap from here with the other person"),
                   {QKeySequence(Qt::Key_X)},
                   "swap",
                   tr("From this frame on the two exchange who is who")},
                  [this] {
                      withOtherPerson(tr("Swap from frame %1 with").arg(playback_->frame()),
                                      [this](TargetId other) { swapHere(other); });
                  });
    actions_->add({"target.merge",
                   people,
                   tr("Merge with the other person"),
                   {QKeySequence(Qt::CTRL | Qt::Key_M)},
                   "merge",
                   tr("Two lanes are one person: the other one's prompts come to the selected one")},
                  [this] {
                      withOtherPerson(tr("Merge with"), [this](TargetId other) {
                          if (editable(project_->selected()) && editable(other)) {
                              project_->mergeTargets(project_->selected(), other);
                          }
                      });
                  });
    actions_->add({"target.gone",
                   people,
                   tr("Not in the picture from here on"),
                   {},
                   "eye-off",
                   tr("Until the next frame with a prompt, or the end")},
                  [this] {
                      const auto* target = project_->document().target(project_->selected());
                      if (!target || !editable(target->id)) {
                          return;
                      }
                      const auto frame = playback_->frame();
                      auto end = playback_->frameCount();
                      for (const auto& prompt : target->prompts) {
                          if (prompt.frame > frame) {
                              end = std::min(end, prompt.frame);
                          }
                      }
                      project_->setAbsent(target->id, {frame, end}, true);
                  });
    actions_->add({"target.back",
                   people,
                   tr("In the picture again"),
                   {},
                   "eye",
                   tr("Takes back “not in the picture” around this frame")},
                  [this] {
                      const auto* target = project_->document().target(project_->selected());
                      if (!target || !editable(target->id)) {
                          return;
                      }
                      for (const auto& range : target->absent) {
                          if (range.contains(playback_->frame())) {
                              project_->setAbsent(target->id, range, false);
                              return;
                          }
                      }
                  });
    actions_->add({"review.accept",
                   people,
                   tr("Accept completed frames"),
                   {QKeySequence(Qt::Key_Y)},
                   "accept",
                   tr("The guessed stretch around the cursor is good; it is no longer called doubtful")},
                  [this] { judgeHere(true); });
    actions_->add({"review.reject",
                   people,
                   tr("Reject completed frames"),
                   {QKeySequence(Qt::SHIFT | Qt::Key_Y)},
                   "reject",
                   tr("The guessed stretch around the cursor is wrong: shown and exported as hidden")},
                  [this] { judgeHere(false); });
    actions_->add({"review.clear", people, tr("Take the verdict back"), {}, "", ""},
                  [this] { judgeHere(std::nullopt); });
    actions_->add(
        {"file.importMasks", tr("File"), tr("Import masks from a &file…"), {}, "import", tr("COCO")}, [this] {
            const QString file = QFileDialog::getOpenFileName(
                this, tr("Import masks"), QSettings().value(QStringLiteral("recent/folder")).toString(),
                tr("COCO annotations (*.json)"));
            if (!file.isEmpty()) {
                importMasks(file.toStdString());
            }
        });
    actions_->add(
        {"file.importMaskFolder",
         tr("File"),
         tr("Import masks from a f&older…"),
         {},
         "import",
         tr("PNG files named by frame number: black and white, or object numbers as SAM-Body4D writes them")},
        [this] {
            const QString folder = QFileDialog::getExistingDirectory(
                this, tr("Import masks"), QSettings().value(QStringLiteral("recent/folder")).toString());
            if (!folder.isEmpty()) {
                importMasks(folder.toStdString());
            }
        });
}

void MainWindow::wireAnnotation() {
    maskEditor_ = new MaskEditor(*project_, *previews_, this);
    connect(canvas_, &VideoCanvas::strokePainted, this, [this](int target, const MaskStroke& stroke) {
        canvas_->setNewTargetMode(false);
        maskEditor_->stroke(target, playback_->frame(), stroke);
    });
    connect(maskEditor_, &MaskEditor::applied, canvas_, &VideoCanvas::strokeApplied);
    connect(canvas_, &VideoCanvas::brushRadiusChanged, this, [this] { refreshHint(); });
}

void MainWindow::previewPrompts() {
    if (playback_->playing() || run_->running() || !project_->resultsRead()) {
        return;
    }
    const auto frame = playback_->frame();
    for (const auto& target : project_->document().targets) {
        const auto* prompt = project_->prompt(target.id, frame);
        if (!prompt || previews_->find(target.id, *prompt)) {
            continue;
        }
        const auto lane = project_->results()->lane(target.id);
        const bool outdated = frame < std::ssize(lane.stale) && lane.stale[static_cast<std::size_t>(frame)] != 0;
        if (outdated || lane.processedCount() == 0) {
            requestPreview(target.id);
        }
    }
}

bool MainWindow::editable(TargetId id) {
    if (id == 0) {
        return false;
    }
    if (targetModel_->locked(id)) {
        statusState_->setText(tr("%1 is locked").arg(targetModel_->name(id)));
        return false;
    }
    return true;
}

void MainWindow::withOtherPerson(const QString& title, const std::function<void(TargetId)>& chosen) {
    std::vector<TargetId> others;
    for (const auto& target : project_->document().targets) {
        if (target.id != project_->selected()) {
            others.push_back(target.id);
        }
    }
    if (project_->selected() == 0 || others.empty()) {
        statusState_->setText(tr("There is no other person"));
        return;
    }
    if (others.size() == 1) {
        chosen(others.front());
        return;
    }
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("otherPerson"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(title)->setEnabled(false); // styles leave the words of a section away
    menu->addSeparator();
    for (const auto id : others) {
        QPixmap swatch(14, 14);
        swatch.fill(targetModel_->colour(id));
        menu->addAction(swatch, QStringLiteral("%1 %2").arg(id).arg(targetModel_->name(id)), this,
                        [chosen, id] { chosen(id); });
    }
    menu->popup(canvas_->mapToGlobal(QPoint(24, 48)));
}

void MainWindow::swapHere(TargetId other) {
    const auto id = project_->selected();
    if (!editable(id) || !editable(other)) {
        return;
    }
    const auto* snapshot = snapshots_->snapshot().get();
    const auto here = pointOn(snapshot, id), there = pointOn(snapshot, other);
    if (!here || !there) {
        showMessage({UserMessage::Severity::Info,
                     tr("Both people must be seen on this frame to swap them."),
                     tr("Go to a frame where both have a mask, right after the mix-up."),
                     {},
                     {}});
        return;
    }
    project_->swapTargets(id, other, playback_->frame(), here, there);
}

void MainWindow::judgeHere(std::optional<bool> accepted) {
    const auto id = project_->selected();
    const auto lane = project_->results()->lane(id);
    const auto* target = project_->document().target(id);
    const auto frame = playback_->frame();
    const auto guessed = [&](std::int64_t f) {
        return f >= 0 && f < static_cast<std::int64_t>(lane.states.size()) &&
               (lane.states[static_cast<std::size_t>(f)] == LaneState::Completed ||
                (target && contains(target->rejectedGuesses, f)));
    };
    if (!target || !guessed(frame)) {
        statusState_->setText(tr("This frame is not a guess"));
        return;
    }
    FrameRange range{frame, frame + 1};
    while (guessed(range.begin - 1)) {
        --range.begin;
    }
    while (guessed(range.end)) {
        ++range.end;
    }
    project_->judgeGuesses(id, range, accepted);
    const QString what = !accepted   ? tr("Frames %1 to %2 of %3 are guesses again")
                         : *accepted ? tr("Frames %1 to %2 of %3 accepted")
                                     : tr("Frames %1 to %2 of %3 rejected: hidden");
    statusState_->setText(what.arg(range.begin).arg(range.end - 1).arg(targetModel_->name(id)));
}

void MainWindow::importMasks(const std::filesystem::path& path) {
    if (!project_->isOpen()) {
        return;
    }
    statusState_->setText(tr("Reading masks"));
    importQueue_.post([this, path, info = project_->frames()->info(),
                       store = project_->store()](const std::stop_token&) {
        try {
            auto people = readMasks(path, info.width, info.height, info.frameCount);
            postTo(this, [this, people = std::move(people), store] {
                if (store == project_->store()) {
                    const auto ids = project_->importMasks(people);
                    statusState_->setText(tr("%n people imported", nullptr, static_cast<int>(ids.size())));
                    if (!people.empty() && !people.front().frames.empty()) {
                        playback_->setFrame(people.front().frames.front().first);
                    }
                }
            });
        } catch (const std::exception& e) {
            postTo(this, [this, message = toMessage(e)] { showMessage(message); });
        }
    });
}

} // namespace body4d::ui
