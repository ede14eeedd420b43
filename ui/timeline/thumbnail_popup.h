#pragma once

#include "ui/controllers/backend.h"
#include "ui/controllers/task_queue.h"

#include <QFrame>
#include <QHash>
#include <QPixmap>

#include <cstdint>
#include <memory>

class QLabel;

namespace body4d::ui {

class LaneView;
class PlaybackController;

/// The frame under the pointer, small, above the timeline. Decoded on a worker; only the newest wish counts.
class ThumbnailPopup : public QFrame {
    Q_OBJECT
public:
    /// @param window the popup floats in it
    ThumbnailPopup(LaneView& lanes, const PlaybackController& playback, QWidget* window);
    ~ThumbnailPopup() override;
    /// @param frames of the open video, or nothing
    void setFrames(std::shared_ptr<FrameProvider> frames);
    /// Frame that is shown; -1: none.
    [[nodiscard]] std::int64_t shownFrame() const { return isVisible() ? frame_ : -1; }
    [[nodiscard]] bool hasPicture() const { return picture_; }

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void hover(QPoint at);
    void show(const QPixmap& picture);

    LaneView& lanes_;
    const PlaybackController& playback_;
    std::shared_ptr<FrameProvider> frames_;
    QLabel *image_, *text_;
    QHash<qint64, QPixmap> known_;
    std::int64_t frame_ = -1;
    int pointerX_ = 0;
    bool picture_ = false;
    std::uint64_t session_ = 0;
    TaskQueue queue_; // last: joined first
};

} // namespace body4d::ui
