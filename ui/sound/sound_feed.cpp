#include "ui/sound/sound_feed.h"

#include "ui/sound/sound_device.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace body4d::ui {
namespace {
constexpr int kRate = SoundDevice::kSamplesPerSecond, kChannels = SoundReader::kChannels;
constexpr std::size_t kAhead = std::size_t{kRate} * kChannels; ///< a second
constexpr std::size_t kChunk = 2048;                            ///< pairs
constexpr std::int64_t kWindow = kRate / 4;                     ///< pairs between two looks at the step
constexpr std::int64_t kOutOfStep = kRate / 40;                 ///< 25 ms: less is left alone
} // namespace

SoundFeed::SoundFeed(std::filesystem::path video, std::function<Clock::time_point()> now)
    : video_(std::move(video)), now_(std::move(now)) {
    open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    thread_ = std::jthread([this](const std::stop_token& stop) { decode(stop); });
}

SoundFeed::~SoundFeed() {
    thread_.request_stop();
    thread_.join();
}

void SoundFeed::startAt(double seconds, Clock::time_point since) {
    {
        const std::lock_guard lock(mutex_);
        startedAt_ = seconds;
        since_ = since;
        pulled_ = false;
        ahead_.reset();
        // Devices take their time to begin: what is over by now is not decoded.
        wanted_ = seconds + std::max(0.0, std::chrono::duration<double>(now_() - since).count());
        jump_ = true;
        ended_ = false;
        ready_.clear();
        next_ = readyFrom_ = std::llround(wanted_ * kRate);
    }
    wake_.notify_all();
}

/// Before every read. How far a loudspeaker reads ahead is its own business; that this stays the same is ours.
void SoundFeed::keepStep() {
    const std::int64_t due = std::llround((startedAt_ + std::chrono::duration<double>(now_() - since_).count()) * kRate);
    if (!pulled_) {
        pulled_ = true;
        next_ = std::max(next_, due);
        windowEnd_ = next_ + kWindow;
        most_ = next_ - due;
        return;
    }
    most_ = std::max(most_, next_ - due);
    if (next_ < windowEnd_) {
        return;
    }
    if (!ahead_) {
        ahead_ = most_;
    } else if (const auto late = *ahead_ - most_; std::abs(late) > kOutOfStep) {
        next_ += late;
    }
    windowEnd_ = next_ + kWindow;
    most_ = next_ - due;
}

qint64 SoundFeed::bytesAvailable() const { return qint64{4} * kRate + QIODevice::bytesAvailable(); }

std::int64_t SoundFeed::heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
}

std::int64_t SoundFeed::waiting() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::int64_t>(ready_.size()) / kChannels;
}

qint64 SoundFeed::readData(char* data, qint64 maxBytes) {
    const auto pairs = maxBytes / static_cast<qint64>(sizeof(std::int16_t) * kChannels);
    const auto bytes = pairs * static_cast<qint64>(sizeof(std::int16_t) * kChannels);
    std::memset(data, 0, static_cast<std::size_t>(bytes));
    {
        const std::lock_guard lock(mutex_);
        keepStep();
        // What came too late is dropped, what is missing stays silent.
        const auto late = std::clamp<std::int64_t>(next_ - readyFrom_, 0, static_cast<std::int64_t>(ready_.size()) / kChannels);
        ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(late * kChannels));
        readyFrom_ += late;
        const auto early = std::clamp<std::int64_t>(readyFrom_ - next_, 0, pairs);
        const auto count = std::min<std::int64_t>(pairs - early, static_cast<std::int64_t>(ready_.size()) / kChannels);
        auto* out = reinterpret_cast<std::int16_t*>(data) + early * kChannels;
        std::copy_n(ready_.begin(), count * kChannels, out);
        ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(count * kChannels));
        readyFrom_ += count;
        next_ += pairs;
        heard_ += count;
    }
    wake_.notify_all();
    return bytes;
}

void SoundFeed::decode(const std::stop_token& stop) {
    const auto reader = SoundReader::open(video_, kRate);
    std::array<std::int16_t, kChunk * kChannels> chunk{};
    while (reader && !stop.stop_requested()) {
        double target = 0;
        bool jump = false;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, stop, [this] { return jump_ || (!ended_ && ready_.size() < kAhead); });
            if (stop.stop_requested()) {
                return;
            }
            jump = std::exchange(jump_, false);
            target = wanted_;
        }
        if (jump) {
            reader->seek(target);
        }
        const auto count = reader->read(chunk.data(), kChunk);
        const std::lock_guard lock(mutex_);
        if (jump_) {
            continue; // somebody went elsewhere meanwhile
        }
        ready_.insert(ready_.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(count * kChannels));
        ended_ = count < kChunk;
    }
}

} // namespace body4d::ui
