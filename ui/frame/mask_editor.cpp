#include "ui/frame/mask_editor.h"

namespace body4d::ui {

MaskEditor::MaskEditor(ProjectController& project, PreviewController& previews, QObject* parent)
    : QObject(parent), project_(project), previews_(previews) {
    const auto forget = [this] {
        ++session_;
        pending_.reset();
    };
    connect(&project_, &ProjectController::opened, this, forget);
    connect(&project_, &ProjectController::closed, this, forget);
    // An undo in mid-stroke: what is drawn next starts from the document again.
    connect(project_.undoStack(), &QUndoStack::indexChanged, this, [this] {
        if (pending_ && project_.undoStack()->canRedo()) {
            pending_.reset();
        }
    });
}

MaskEditor::~MaskEditor() = default;

void MaskEditor::stroke(TargetId id, std::int64_t frame, MaskStroke stroke) {
    if (!project_.isOpen() || stroke.path.isEmpty() || (id == 0 && !stroke.add)) {
        Q_EMIT applied();
        return;
    }
    const auto& info = project_.frames()->info();
    auto before = pending_ && pending_->frame == frame && (pending_->id == id || pending_->id == 0) ? pending_ : nullptr;
    auto slot = std::make_shared<Slot>();
    slot->id = id;
    slot->frame = frame;
    std::shared_ptr<const RleMask> painted;
    std::shared_ptr<const SegmentPreview> preview;
    if (const auto* prompt = project_.prompt(id, frame)) {
        painted = prompt->mask;
        preview = previews_.find(id, *prompt);
    }
    pending_ = slot;
    queue_.post([this, slot, before, painted, preview, stroke = std::move(stroke), width = info.width, height = info.height,
                 results = project_.results(), session = session_](const std::stop_token&) {
        RleMask base;
        if (before && before->mask) {
            base = *before->mask;
        } else if (painted) {
            base = *painted;
        } else if (const auto tracked = slot->id != 0 ? results->trackFrame(slot->id, slot->frame) : nullptr;
                   tracked && !tracked->mask.empty()) {
            base = tracked->mask;
        } else if (preview && preview->found) {
            base = preview->frame.mask;
        }
        slot->mask = std::make_shared<const RleMask>(applyStroke(base, width, height, stroke));
        postTo(this, [this, slot, before, session, add = stroke.add] {
            if (session != session_) {
                return; // drawn on a project that is closed by now
            }
            const TargetId target = slot->id != 0 ? slot->id : before ? before->id : 0;
            if (target != 0 || !slot->mask->empty()) {
                slot->id = project_.setMask(target, slot->frame, slot->mask, add ? tr("Brush") : tr("Erase"));
            }
            if (pending_ == slot) {
                pending_.reset();
            }
            Q_EMIT applied();
        });
    });
}

} // namespace body4d::ui
