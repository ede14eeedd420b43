#pragma once

#include "video/sound_reader.h"

#include <QIODevice>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>

namespace body4d::ui {

/// The samples of one video from a moment on, decoded ahead by a thread of its own. Never blocks and never ends: what is
/// not decoded in time is silence, and the sound stays in step.
class SoundFeed : public QIODevice {
public:
    explicit SoundFeed(std::filesystem::path video);
    ~SoundFeed() override;
    void startAt(double seconds);
    [[nodiscard]] bool isSequential() const override { return true; }
    [[nodiscard]] qint64 bytesAvailable() const override;
    /// Pairs of samples that were real so far; for tests.
    [[nodiscard]] std::int64_t heard() const;

protected:
    qint64 readData(char* data, qint64 maxBytes) override;
    qint64 writeData(const char*, qint64) override { return -1; }

private:
    void decode(const std::stop_token& stop);

    std::filesystem::path video_;
    mutable std::mutex mutex_;
    std::condition_variable_any wake_;
    std::deque<std::int16_t> ready_; ///< interleaved, from pair readyFrom_ on
    std::int64_t readyFrom_ = 0;
    std::int64_t next_ = 0; ///< pair that the loudspeaker gets next
    double wanted_ = 0;     ///< where decoding is to go on
    bool jump_ = false, ended_ = false;
    std::int64_t heard_ = 0;
    std::jthread thread_; // last: joined first
};

} // namespace body4d::ui
