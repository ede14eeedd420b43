#pragma once

#include "ui/controllers/backend.h"
#include "ui/controllers/task_queue.h"
#include "ui/controllers/user_message.h"

#include <QObject>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace body4d::ui {

/// The mask under a person's prompts, at once: click -> worker -> preview. A newer click on the same person replaces one
/// that waits or runs. Previews are kept by their prompt, so undo shows the old mask without computing it again.
class PreviewController : public QObject {
    Q_OBJECT
public:
    explicit PreviewController(std::shared_ptr<Backend> backend, QObject* parent = nullptr);
    ~PreviewController() override;

    /// @param frames of the open video, or nothing; forgets all previews
    void setFrames(std::shared_ptr<FrameProvider> frames);
    /// Computes the mask of `prompt` for a target; an empty prompt just removes the shown one.
    void request(TargetId id, const Prompt& prompt, const Options& options);
    /// Everybody on a frame; answered by peopleFound.
    void findPeople(std::int64_t frame, const Options& options);
    void cancel();
    [[nodiscard]] bool busy() const { return !pending_.empty(); }
    /// The mask that belongs to exactly these prompts, or nothing. Thread-safe.
    [[nodiscard]] std::shared_ptr<const SegmentPreview> find(TargetId id, const Prompt& prompt) const;
    /// Keeps a preview that came another way ("find all people").
    void remember(TargetId id, const Prompt& prompt, std::shared_ptr<const SegmentPreview> preview);

Q_SIGNALS:
    /// After 100 ms of waiting; the canvas shows a mark at the cursor.
    void busyChanged(bool busy);
    void previewReady(int target, qint64 frame);
    void nothingFound(int target, qint64 frame, const QString& reason);
    void peopleFound(qint64 frame, const std::vector<std::shared_ptr<const body4d::SegmentPreview>>& people);
    void failed(const body4d::ui::UserMessage& message);

private:
    [[nodiscard]] static std::string keyOf(TargetId id, const Prompt& prompt);
    void begin(const std::string& key);
    void end(const std::string& key);

    std::shared_ptr<Backend> backend_;
    std::shared_ptr<FrameProvider> frames_;
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const SegmentPreview>> previews_;
    std::set<std::string> pending_;
    bool shownBusy_ = false;
    std::uint64_t session_ = 0;
    TaskQueue queue_; // last: joined first
};

} // namespace body4d::ui
