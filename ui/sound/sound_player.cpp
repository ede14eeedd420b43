#include "ui/sound/sound_player.h"

#include "ui/controllers/task_queue.h"
#include "ui/sound/sound_feed.h"

#include <algorithm>
#include <cmath>

namespace body4d::ui {
namespace {
/// The cursor may be this far from where the sound is before it counts as a jump.
constexpr double kStepSeconds = 0.2;
} // namespace

/// Lives on the sound's thread.
class SoundPlayer::Worker : public QObject {
public:
    explicit Worker(SoundDeviceMaker maker) : maker_(std::move(maker)) {}
    ~Worker() override { stop(); }

    bool start(const std::filesystem::path& video, double seconds, SoundFeed::Clock::time_point since) {
        if (!device_) {
            device_ = maker_();
            if (!device_) {
                return false; // may be plugged in later: asked again at the next start
            }
            device_->setVolume(volume_);
        }
        device_->stop();
        if (!feed_ || video != video_) {
            feed_ = std::make_unique<SoundFeed>(video);
            video_ = video;
        }
        feed_->startAt(seconds, since);
        if (!device_->start(*feed_)) {
            device_.reset();
            return false;
        }
        return true;
    }
    void stop() {
        if (device_) {
            device_->stop();
        }
    }
    void setVolume(double volume) {
        volume_ = volume;
        if (device_) {
            device_->setVolume(volume);
        }
    }

private:
    SoundDeviceMaker maker_;
    std::filesystem::path video_;
    double volume_ = 1;
    std::unique_ptr<SoundFeed> feed_; // outlives the device that pulls from it
    std::unique_ptr<SoundDevice> device_;
};

SoundPlayer::SoundPlayer(PlaybackController& playback, SoundDeviceMaker maker, QObject* parent)
    : QObject(parent), playback_(playback), worker_(new Worker(std::move(maker))) {
    worker_->moveToThread(&thread_);
    // Device and feed end on the thread that made them.
    connect(&thread_, &QThread::finished, worker_, &QObject::deleteLater);
    thread_.setObjectName(QStringLiteral("sound"));
    thread_.start();
    connect(&playback_, &PlaybackController::playingChanged, this, &SoundPlayer::refresh);
    connect(&playback_, &PlaybackController::speedChanged, this, &SoundPlayer::refresh);
    connect(&playback_, &PlaybackController::frameChanged, this, &SoundPlayer::onFrame);
}

SoundPlayer::~SoundPlayer() {
    thread_.quit();
    thread_.wait();
}

void SoundPlayer::setVideo(const std::filesystem::path& video) {
    stop();
    video_ = video;
    refresh();
}

void SoundPlayer::setMuted(bool muted) {
    muted_ = muted;
    refresh();
}

void SoundPlayer::setVolume(double volume) {
    postTo(worker_, [worker = worker_, volume] { worker->setVolume(std::clamp(volume, 0.0, 1.0)); });
}

void SoundPlayer::refresh() {
    const bool wanted = !video_.empty() && !muted_ && playback_.playing() && playback_.speed() == 1;
    if (wanted && !sounding_) {
        start();
    } else if (!wanted && sounding_) {
        stop();
    }
}

void SoundPlayer::onFrame() {
    if (!sounding_) {
        return;
    }
    const double heard = startedAt_ + static_cast<double>(clock_.elapsed()) / 1000;
    const double frame = playback_.fps() > 0 ? 1 / playback_.fps() : 0;
    if (std::abs(playback_.secondsAt(playback_.frame()) - heard) > std::max(kStepSeconds, 1.5 * frame)) {
        start(); // a jump: scrubbed while playing, or looped
    }
}

void SoundPlayer::start() {
    sounding_ = true;
    startedAt_ = playback_.secondsAt(playback_.frame());
    clock_.start();
    postTo(worker_, [this, worker = worker_, video = video_, at = startedAt_, since = SoundFeed::Clock::now()] {
        const bool audible = worker->start(video, at, since);
        postTo(this, [this, audible] { Q_EMIT audibleChanged(audible && sounding_); });
    });
}

void SoundPlayer::stop() {
    if (!std::exchange(sounding_, false)) {
        return;
    }
    postTo(worker_, [worker = worker_] { worker->stop(); });
    Q_EMIT audibleChanged(false);
}

} // namespace body4d::ui
