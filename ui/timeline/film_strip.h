#pragma once

#include "ui/controllers/backend.h"
#include "ui/controllers/task_queue.h"

#include <QHash>
#include <QObject>
#include <QPixmap>

#include <cstdint>
#include <memory>
#include <vector>

namespace body4d::ui {

/// A frame, small, for a worker thread. @param width in pixels of the device  @returns null when asked to stop
[[nodiscard]] QImage thumbnailOf(FrameProvider& frames, std::int64_t frame, int width, const std::stop_token& stop);

/// Small pictures of frames for the timeline, decoded one after the other by a worker while nothing else needs the
/// decoder.
class FilmStrip : public QObject {
    Q_OBJECT
public:
    explicit FilmStrip(QObject* parent = nullptr);
    void setFrames(std::shared_ptr<FrameProvider> frames);
    /// While playing or scrubbing the decoder belongs to the video.
    void setPaused(bool paused);
    /// Pictures that the timeline shows now; missing ones come by and by, told by changed().
    /// @param height in pixels of the screen
    void want(const std::vector<std::int64_t>& frames, int height, double devicePixelRatio);
    /// The picture of a frame, else of the nearest known one within `slack` frames, else null.
    [[nodiscard]] QPixmap picture(std::int64_t frame, std::int64_t slack) const;
    [[nodiscard]] double aspect() const; ///< width to height; 0: nothing open
    /// Nothing of what is wanted is still being made.
    [[nodiscard]] bool complete() const { return loading_.empty(); }
    [[nodiscard]] int knownCount() const { return static_cast<int>(known_.size()); }

Q_SIGNALS:
    void changed();

private:
    void load();
    std::shared_ptr<FrameProvider> frames_;
    QHash<std::int64_t, QPixmap> known_;
    std::vector<std::int64_t> wanted_, loading_;
    int width_ = 0;
    double ratio_ = 1;
    bool paused_ = false;
    std::uint64_t session_ = 0;
    TaskQueue queue_; // last: joined first
};

} // namespace body4d::ui
