#pragma once

#include "pipeline/project.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <cstdint>
#include <vector>

namespace body4d::ui {

/// The one time cursor of video, viewport and timeline. Playing follows the source's real time stamps and drops frames
/// rather than falling behind.
class PlaybackController : public QObject {
    Q_OBJECT
public:
    explicit PlaybackController(QObject* parent = nullptr);

    /// @param times presentation time of every frame in seconds, strictly rising; @param fps for the length of the last
    void setVideo(std::vector<double> times, double fps);
    void clear() { setVideo({}, 0); }

    [[nodiscard]] std::int64_t frame() const { return frame_; }
    [[nodiscard]] std::int64_t frameCount() const { return static_cast<std::int64_t>(times_.size()); }
    [[nodiscard]] double fps() const { return fps_; }
    [[nodiscard]] double secondsAt(std::int64_t frame) const;
    [[nodiscard]] double durationSeconds() const;
    /// The frame on screen at a time. @returns a valid frame, or 0 without a video
    [[nodiscard]] std::int64_t frameAt(double seconds) const;
    [[nodiscard]] FrameRange range() const { return range_; }
    [[nodiscard]] bool playing() const { return playing_; }
    /// Signed; 1 is real time, negative runs backwards.
    [[nodiscard]] double speed() const { return speed_; }
    [[nodiscard]] bool looping() const { return looping_; }

    void setFrame(std::int64_t frame);
    void step(int frames); ///< stops playing
    void stepSeconds(double seconds);
    void toStart(); ///< of the range, or of the video when already there
    void toEnd();
    void setPlaying(bool playing);
    void togglePlaying() { setPlaying(!playing_); }
    /// J (-1), K (0), L (+1): repeated taps double the speed up to 8.
    void shuttle(int direction);
    void setSpeed(double speed);
    void setLooping(bool looping);
    /// What playing obeys; the document owns it.
    void setRange(FrameRange range);
    /// Moves the cursor to where `elapsed` seconds of playing lead; what the timer calls.
    void advanceTo(double elapsedSeconds);

Q_SIGNALS:
    void frameChanged(qint64 frame);
    void playingChanged(bool playing);
    void speedChanged(double speed);
    void loopingChanged(bool looping);
    void rangeChanged();
    void videoChanged();

private:
    void restartClock();
    void scheduleNext();

    std::vector<double> times_;
    double fps_ = 0;
    std::int64_t frame_ = 0;
    FrameRange range_;
    bool playing_ = false, looping_ = false;
    double speed_ = 1;
    double clockStart_ = 0; ///< video time at which the clock was started
    QElapsedTimer clock_;
    QTimer timer_;
};

} // namespace body4d::ui
