#pragma once

#include "ui/controllers/project_controller.h"
#include "ui/controllers/preview_controller.h"
#include "ui/controllers/task_queue.h"
#include "ui/frame/mask_stroke.h"

#include <QObject>

#include <memory>

namespace body4d::ui {

/// Brush strokes become mask prompts: rasterised on a worker, one undo step a stroke, in the order they were drawn.
class MaskEditor : public QObject {
    Q_OBJECT
public:
    MaskEditor(ProjectController& project, PreviewController& previews, QObject* parent = nullptr);
    ~MaskEditor() override;

    /// Paints on what is shown of the target on this frame. @param id 0: a new person (a brush stroke only)
    void stroke(TargetId id, std::int64_t frame, MaskStroke stroke);
    [[nodiscard]] bool busy() const { return pending_ != nullptr; }

Q_SIGNALS:
    /// A stroke is part of the document (or came to nothing).
    void applied();

private:
    /// Result of the newest stroke; the next one on the same target and frame goes on from it.
    struct Slot {
        TargetId id = 0;
        std::int64_t frame = 0;
        std::shared_ptr<const RleMask> mask; ///< written by the worker before the next stroke's turn
    };
    ProjectController& project_;
    PreviewController& previews_;
    std::shared_ptr<Slot> pending_; ///< nothing: all strokes are in the document
    std::uint64_t session_ = 0;
    TaskQueue queue_;               // last: joined first
};

} // namespace body4d::ui
