#include "export/body_frames.h"

#include "base/parallel.h"

#include <algorithm>

namespace body4d {
namespace {

constexpr std::size_t kPageFrames = 64;

BodyFrames::Brief briefOf(const BodyFrame& frame) {
    return {frame.state, static_cast<std::uint16_t>(frame.pose.rotations.size()),
            std::any_of(frame.confidence.begin(), frame.confidence.end(), [](float c) { return c > 0; })};
}

} // namespace

BodyFrames::BodyFrames(std::shared_ptr<const BodyTrack> whole) : count_(whole->frames.size()), whole_(std::move(whole)) {}

BodyFrames::BodyFrames(std::size_t count, Read read) : count_(count), read_(std::move(read)) {}

BodyFrames::BodyFrames(std::shared_ptr<const BodyFrames> from, std::function<void(BodyFrame&)> change)
    : count_(from->count()), read_([from = std::move(from), change = std::move(change)](std::size_t begin, std::size_t end) {
          std::vector<BodyFrame> frames;
          for (; begin < end; ++begin) {
              change(frames.emplace_back(*from->at(begin)));
          }
          return frames;
      }) {}

std::shared_ptr<const BodyFrame> BodyFrames::at(std::size_t index) const {
    if (whole_) {
        return {whole_, &whole_->frames.at(index)};
    }
    const std::size_t number = index / kPageFrames;
    const std::scoped_lock lock(mutex_);
    auto it = std::find_if(pages_.begin(), pages_.end(), [number](const auto& page) { return page.first == number; });
    if (it == pages_.end()) {
        const std::size_t begin = number * kPageFrames;
        pages_.emplace_front(number, std::make_shared<const std::vector<BodyFrame>>(
                                         read_(begin, std::min(count_, begin + kPageFrames))));
        // Threads that share the work walk through the track at places of their own, each with the next frame in view.
        const std::size_t most = 2 * usableCores() + 2;
        while (pages_.size() > most) {
            pages_.pop_back();
        }
    } else {
        pages_.splice(pages_.begin(), pages_, it);
    }
    const Page& page = pages_.front().second;
    return {page, &page->at(index % kPageFrames)};
}

BodyFrames::Brief BodyFrames::brief(std::size_t index) const {
    if (whole_) {
        return briefOf(whole_->frames.at(index));
    }
    std::call_once(briefed_, [this] {
        briefs_.reserve(count_);
        for (std::size_t i = 0; i < count_; ++i) {
            briefs_.push_back(briefOf(*at(i)));
        }
    });
    return briefs_[index];
}

} // namespace body4d
