#pragma once

#include "ui/controllers/preview_controller.h"
#include "ui/controllers/project_controller.h"
#include "ui/controllers/task_queue.h"
#include "ui/frame/snapshot_builder.h"

#include <QObject>
#include <QTimer>

#include <memory>

namespace body4d::ui {

/// Keeps what the views show in step with cursor, results and previews. Only the newest wish is worked on.
class SnapshotController : public QObject {
    Q_OBJECT
public:
    SnapshotController(std::shared_ptr<Backend> backend, ProjectController& project, PreviewController& previews,
                       QObject* parent = nullptr);
    ~SnapshotController() override;

    void setFrame(std::int64_t frame);
    void setView(const CanvasView& view);
    /// What snapshots carry beyond what is always shown.
    void setExtras(const SnapshotExtras& extras);
    [[nodiscard]] const SnapshotExtras& extras() const { return extras_; }
    /// Results, prompts or previews changed; coalesced to ten times a second while a job runs.
    void invalidate(bool coalesce = false);
    [[nodiscard]] const std::shared_ptr<const FrameSnapshot>& snapshot() const { return snapshot_; }
    [[nodiscard]] const std::shared_ptr<const ScenePaths>& paths() const { return paths_; }
    /// Blocks until the worker has nothing to do; for tests.
    void waitIdle() { queue_.waitIdle(); }

Q_SIGNALS:
    void snapshotReady(const std::shared_ptr<const body4d::ui::FrameSnapshot>& snapshot);
    void pictureReady(const body4d::ui::CanvasPicture& picture);
    void pathsReady(const std::shared_ptr<const body4d::ui::ScenePaths>& paths);

private:
    void request(bool rebuild);
    void requestPaths();
    [[nodiscard]] SnapshotSource source() const;

    ProjectController& project_;
    PreviewController& previews_;
    std::int64_t frame_ = 0;
    CanvasView view_;
    std::shared_ptr<const FrameSnapshot> snapshot_;
    std::shared_ptr<const ScenePaths> paths_;
    std::uint64_t session_ = 0;
    SnapshotExtras extras_;
    std::uint64_t wanted_ = 0; ///< content asked for so far
    QTimer coalescer_;
    // Used by the worker only.
    std::shared_ptr<SnapshotBuilder> builder_;
    std::shared_ptr<const FrameSnapshot> last_;
    std::uint64_t built_ = 0; ///< content of last_
    TaskQueue queue_; // last: joined first
};

} // namespace body4d::ui

Q_DECLARE_METATYPE(body4d::ui::CanvasPicture)
