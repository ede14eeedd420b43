#include "pipeline/frame_feeder.h"

#include "base/error.h"

#include <algorithm>
#include <vector>

namespace body4d::detail {

bool ShotFinder::push(std::int64_t index, const ImagePtr& image) {
    bool cut = false;
    if (const auto block = firstOf(index); block != block_ && index == block) {
        block_ = block;
        detector_ = std::make_unique<SceneCutDetector>();
        for (const auto& [at, frame] : recent_) {
            if (at >= index - kHistory) {
                detector_->push(*frame);
            }
        }
    }
    if (detector_) {
        cut = detector_->push(*image);
    }
    recent_.emplace_back(index, image);
    if (recent_.size() > static_cast<std::size_t>(kHistory)) {
        recent_.pop_front();
    }
    return cut;
}

FrameFeeder::FrameFeeder(const std::filesystem::path& video, const VideoReader::Options& options,
                         FrameRange frames, Direction direction, std::size_t capacity)
    : queue_(capacity) {
    thread_ = std::jthread([this, video, options, frames, direction](const std::stop_token& stop) {
        try {
            const auto reader = VideoReader::open(video, options);
            direction == Direction::Forward ? forward(*reader, frames, stop)
                                            : backward(*reader, frames, options.keepBytes, stop);
        } catch (...) {
            failure_ = std::current_exception();
        }
        queue_.close();
    });
}

FrameFeeder::~FrameFeeder() = default;

FrameFeeder::Item FrameFeeder::next(const std::stop_token& stop) {
    auto item = queue_.pop(stop);
    if (item) {
        return std::move(*item);
    }
    if (stop.stop_requested()) {
        throw Cancelled();
    }
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    throw Error(ErrorCode::Internal, "The video gave fewer frames than expected.",
                "Check the file with body4d info, then run again.");
}

void FrameFeeder::forward(VideoReader& reader, FrameRange frames, const std::stop_token& stop) {
    ShotFinder shots;
    // A session that starts inside a block needs the block's beginning for the judgement, not for tracking.
    for (auto i = ShotFinder::historyOf(frames.begin); i < frames.end && !stop.stop_requested(); ++i) {
        auto image = reader.read(i);
        const bool cut = shots.push(i, image);
        if (i >= frames.begin && !queue_.push({i, std::move(image), cut && i > 0}, stop)) {
            return;
        }
    }
}

void FrameFeeder::backward(VideoReader& reader, FrameRange frames, std::size_t holdBytes,
                           const std::stop_token& stop) {
    const auto& info = reader.info();
    const auto blockBytes = static_cast<std::size_t>(info.width) * info.height * 3 * ShotFinder::kBlock;
    // Shots are found in rising order, frames are wanted in falling order: a block is held in between, or,
    // where that is too much memory, read again.
    const bool hold = blockBytes <= holdBytes;
    auto end = frames.end;
    while (end > frames.begin && !stop.stop_requested()) {
        const auto begin = std::max(frames.begin, ShotFinder::firstOf(end - 1));
        ShotFinder shots;
        std::vector<Item> block;
        for (auto i = ShotFinder::historyOf(end - 1); i < end && !stop.stop_requested(); ++i) {
            auto image = reader.read(i);
            const bool cut = shots.push(i, image);
            if (i >= begin) {
                block.push_back({i, hold ? std::move(image) : nullptr, cut && i > 0});
            }
        }
        for (; !block.empty() && !stop.stop_requested(); block.pop_back()) {
            auto& item = block.back();
            if (!item.image) {
                item.image = reader.read(item.index);
            }
            if (!queue_.push(std::move(item), stop)) {
                return;
            }
        }
        end = begin;
    }
}

} // namespace body4d::detail
