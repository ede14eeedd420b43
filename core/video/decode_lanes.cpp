#include "base/error.h"
#include "base/log.h"
#include "video/decode_lanes_internal.h"

namespace body4d {

DecodeLanes::DecodeLanes(std::unique_ptr<MediaFile> file) : places_(1) {
    lanes_.push_back({std::move(file)});
}

void DecodeLanes::choose(const FrameIndex& index, std::int64_t wanted, std::int64_t shortWalk) {
    if (const int nearest = nearestLane(places_, index, wanted, shortWalk); nearest >= 0) {
        working_ = static_cast<std::size_t>(nearest);
    } else if (position() >= 0 && lanes_.size() <= parked_ && add()) {
        working_ = lanes_.size() - 1;
    } else {
        working_ = static_cast<std::size_t>(leastMissedLane(places_, index, wanted));
    }
    places_[working_].lastUse = ++uses_;
}

bool DecodeLanes::add() {
    try {
        lanes_.push_back({lanes_.front().file->another()});
        places_.emplace_back();
        return true;
    } catch (const Error& e) {
        logWarning(std::string("video: no second decoder (") + e.what() + ")");
        parked_ = 0;
        return false;
    }
}

} // namespace body4d
