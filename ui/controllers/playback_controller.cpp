#include "ui/controllers/playback_controller.h"

#include <algorithm>
#include <cmath>

namespace body4d::ui {

PlaybackController::PlaybackController(QObject* parent) : QObject(parent) {
    timer_.setTimerType(Qt::PreciseTimer);
    timer_.setSingleShot(true);
    connect(&timer_, &QTimer::timeout, this, [this] { advanceTo(static_cast<double>(clock_.nsecsElapsed()) * 1e-9); });
}

void PlaybackController::setVideo(std::vector<double> times, double fps) {
    setPlaying(false);
    times_ = std::move(times);
    fps_ = fps;
    frame_ = 0;
    range_ = {0, frameCount()};
    Q_EMIT videoChanged();
    Q_EMIT rangeChanged();
    Q_EMIT frameChanged(frame_);
}

double PlaybackController::secondsAt(std::int64_t frame) const {
    if (times_.empty()) {
        return 0;
    }
    const auto last = frameCount() - 1;
    if (frame > last) {
        return durationSeconds();
    }
    return times_[static_cast<std::size_t>(std::clamp<std::int64_t>(frame, 0, last))];
}

double PlaybackController::durationSeconds() const {
    return times_.empty() ? 0 : times_.back() + (fps_ > 0 ? 1 / fps_ : 0);
}

std::int64_t PlaybackController::frameAt(double seconds) const {
    if (times_.empty()) {
        return 0;
    }
    // A little slack: a timer that fires on the dot must show the new frame.
    const auto after = std::upper_bound(times_.begin(), times_.end(), seconds + 1e-6);
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(after - times_.begin()) - 1);
}

void PlaybackController::setFrame(std::int64_t frame) {
    if (times_.empty()) {
        return;
    }
    frame = std::clamp<std::int64_t>(frame, 0, frameCount() - 1);
    const bool moved = frame != frame_;
    frame_ = frame;
    if (playing_) { // scrubbing works while playing: it goes on from there
        restartClock();
        scheduleNext();
    }
    if (moved) {
        Q_EMIT frameChanged(frame_);
    }
}

void PlaybackController::step(int frames) {
    setPlaying(false);
    setFrame(frame_ + frames);
}

void PlaybackController::stepSeconds(double seconds) {
    const auto next = frameAt(secondsAt(frame_) + seconds);
    // Slow image sequences: a second may be less than one frame.
    setFrame(next == frame_ ? frame_ + (seconds > 0 ? 1 : -1) : next);
}

void PlaybackController::toStart() { setFrame(frame_ == range_.begin ? 0 : range_.begin); }

void PlaybackController::toEnd() {
    const auto last = std::max<std::int64_t>(0, range_.end - 1);
    setFrame(frame_ == last ? frameCount() - 1 : last);
}

void PlaybackController::setPlaying(bool playing) {
    playing = playing && frameCount() > 1;
    if (playing_ == playing) {
        return;
    }
    playing_ = playing;
    if (playing) {
        const auto last = std::max<std::int64_t>(0, range_.end - 1);
        if (speed_ > 0 && (frame_ >= last || frame_ < range_.begin)) {
            setFrame(range_.begin);
        } else if (speed_ < 0 && (frame_ <= range_.begin || frame_ > last)) {
            setFrame(last);
        }
        restartClock();
        scheduleNext();
    } else {
        timer_.stop();
    }
    Q_EMIT playingChanged(playing_);
}

void PlaybackController::shuttle(int direction) {
    if (direction == 0) {
        setPlaying(false);
        setSpeed(1);
        return;
    }
    const bool sameWay = playing_ && (speed_ > 0) == (direction > 0);
    setSpeed(sameWay ? std::clamp(speed_ * 2, -8.0, 8.0) : direction);
    setPlaying(true);
}

void PlaybackController::setSpeed(double speed) {
    if (speed == 0 || speed == speed_) {
        return;
    }
    speed_ = speed;
    if (playing_) {
        restartClock();
        scheduleNext();
    }
    Q_EMIT speedChanged(speed_);
}

void PlaybackController::setLooping(bool looping) {
    if (std::exchange(looping_, looping) != looping) {
        Q_EMIT loopingChanged(looping_);
    }
}

void PlaybackController::setRange(FrameRange range) {
    range.begin = std::clamp<std::int64_t>(range.begin, 0, std::max<std::int64_t>(0, frameCount() - 1));
    range.end = std::clamp<std::int64_t>(range.end, range.begin, frameCount());
    if (range.size() == 0) {
        range = {0, frameCount()};
    }
    if (!(range == range_)) {
        range_ = range;
        Q_EMIT rangeChanged();
    }
}

void PlaybackController::restartClock() {
    clockStart_ = secondsAt(frame_);
    clock_.start();
}

void PlaybackController::advanceTo(double elapsedSeconds) {
    if (!playing_) {
        return;
    }
    const auto first = range_.begin, last = std::max<std::int64_t>(range_.begin, range_.end - 1);
    const double time = clockStart_ + elapsedSeconds * speed_;
    const bool beyond = speed_ > 0 ? time >= secondsAt(range_.end) : time < secondsAt(first);
    if (beyond) {
        const auto restart = looping_ ? (speed_ > 0 ? first : last) : (speed_ > 0 ? last : first);
        if (std::exchange(frame_, restart) != restart) {
            Q_EMIT frameChanged(frame_);
        }
        if (!looping_) {
            setPlaying(false);
            return;
        }
        restartClock();
    } else {
        const auto next = std::clamp(frameAt(time), first, last);
        if (std::exchange(frame_, next) != next) {
            Q_EMIT frameChanged(frame_);
        }
    }
    scheduleNext();
}

void PlaybackController::scheduleNext() {
    if (!playing_) {
        return;
    }
    const auto next = speed_ > 0 ? frame_ + 1 : frame_;
    const double due = (secondsAt(next) - clockStart_) / speed_;
    const double wait = due - static_cast<double>(clock_.nsecsElapsed()) * 1e-9;
    timer_.start(std::clamp(static_cast<int>(std::ceil(wait * 1000)), 1, 1000));
}

} // namespace body4d::ui
