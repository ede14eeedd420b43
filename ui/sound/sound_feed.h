#pragma once

#include "video/sound_reader.h"

#include <QIODevice>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace body4d::ui {

/// The samples of one video from a moment on, decoded ahead by a thread of its own. Never blocks and never ends: what is
/// not decoded in time is silence. Stays in step with a clock: a loudspeaker that begins late begins in the middle, and
/// where it stalls or runs at a rate of its own, samples are left out or silence is put in.
class SoundFeed : public QIODevice {
public:
    using Clock = std::chrono::steady_clock;
    /// @param now tests bring their own clock
    explicit SoundFeed(std::filesystem::path video, std::function<Clock::time_point()> now = Clock::now);
    ~SoundFeed() override;
    /// @param seconds of the video that are due at the moment `since`
    void startAt(double seconds, Clock::time_point since);
    [[nodiscard]] bool isSequential() const override { return true; }
    [[nodiscard]] qint64 bytesAvailable() const override;
    /// Pairs of samples that were real so far; for tests.
    [[nodiscard]] std::int64_t heard() const;
    /// Pairs that are decoded and wait; for tests.
    [[nodiscard]] std::int64_t waiting() const;

protected:
    qint64 readData(char* data, qint64 maxBytes) override;
    qint64 writeData(const char*, qint64) override { return -1; }

private:
    void decode(const std::stop_token& stop);
    void keepStep();

    std::filesystem::path video_;
    std::function<Clock::time_point()> now_;
    mutable std::mutex mutex_;
    std::condition_variable_any wake_;
    std::deque<std::int16_t> ready_; ///< interleaved, from pair readyFrom_ on
    std::int64_t readyFrom_ = 0;
    std::int64_t next_ = 0; ///< pair that the loudspeaker gets next
    double wanted_ = 0;     ///< where decoding is to go on
    bool jump_ = false, ended_ = false;
    double startedAt_ = 0;  ///< seconds of the video at since_
    Clock::time_point since_{};
    bool pulled_ = false;                ///< the loudspeaker has asked since startAt()
    std::int64_t windowEnd_ = 0;         ///< pair at which the next look at the step is due
    std::optional<std::int64_t> ahead_;  ///< most pairs that the loudspeaker held in its first window
    std::int64_t most_ = 0;              ///< the same, of the window now
    std::int64_t heard_ = 0;
    std::jthread thread_; // last: joined first
};

} // namespace body4d::ui
