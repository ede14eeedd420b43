#pragma once

#include "base/bounded_queue.h"
#include "base/image.h"
#include "models/segmenter.h"
#include "pipeline/project.h"
#include "video/video_reader.h"

#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <stop_token>
#include <thread>

namespace body4d::detail {

/// Decides where shots begin, in a way that depends on the video alone: frames are judged in fixed blocks,
/// each with the few frames before it as history. So a resumed run, one that walks backwards and one with
/// other batches agree.
class ShotFinder {
public:
    static constexpr std::int64_t kBlock = 64, kHistory = 10; ///< the detector looks back nine frames
    /// Frames of a block that starts at `firstOf(index)` must come in rising order after its history.
    [[nodiscard]] static std::int64_t firstOf(std::int64_t index) { return index - index % kBlock; }
    /// First frame to push so that `index` can be judged.
    [[nodiscard]] static std::int64_t historyOf(std::int64_t index) {
        return std::max<std::int64_t>(0, firstOf(index) - kHistory);
    }
    /// @returns whether `index` starts a shot; meaningful within the block only
    bool push(std::int64_t index, const ImagePtr& image);

private:
    std::unique_ptr<SceneCutDetector> detector_;
    std::deque<std::pair<std::int64_t, ImagePtr>> recent_;
    std::int64_t block_ = -1;
};

/// Decodes on its own thread, in the order in which a session wants frames, at most `capacity` frames ahead.
class FrameFeeder {
public:
    struct Item {
        std::int64_t index = 0;
        ImagePtr image;
        bool newShot =
            false; ///< this frame and its predecessor in presentation order belong to different shots
    };
    /// @param options keepBytes also limits the block that a backward feeder holds
    /// @param frames half-open, rising; a backward feeder starts at the last one
    FrameFeeder(const std::filesystem::path& video, const VideoReader::Options& options, FrameRange frames,
                Direction direction, std::size_t capacity);
    ~FrameFeeder();
    /// Waits for the next frame. @throws Error when it cannot be decoded, Cancelled
    [[nodiscard]] Item next(const std::stop_token& stop);

private:
    void forward(VideoReader& reader, FrameRange frames, const std::stop_token& stop);
    void backward(VideoReader& reader, FrameRange frames, std::size_t holdBytes, const std::stop_token& stop);

    BoundedQueue<Item> queue_;
    std::exception_ptr failure_; ///< set before the queue closes, read after
    std::jthread thread_;        ///< last member: joined first
};

} // namespace body4d::detail
