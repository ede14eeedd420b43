#pragma once

#include "models/segmenter.h"

#include <span>
#include <stop_token>
#include <vector>

namespace body4d {

/// An engine that looks for people on several frames in common calls of its networks: frames over which
/// nobody is followed do not depend on one another. Segmenters that can do it derive from it as well.
class PeopleFinder {
public:
    virtual ~PeopleFinder() = default;
    /// @returns as Segmenter::findPeople, one list a frame
    [[nodiscard]] virtual std::vector<std::vector<SegmentPreview>>
    findPeopleOn(std::span<const ImagePtr> frames, const std::stop_token& stop) = 0;
};

/// Everybody on several frames, with any engine: frame by frame where it can do no better.
[[nodiscard]] inline std::vector<std::vector<SegmentPreview>>
findPeopleOn(Segmenter& segmenter, std::span<const ImagePtr> frames, const std::stop_token& stop) {
    if (auto* together = dynamic_cast<PeopleFinder*>(&segmenter)) {
        return together->findPeopleOn(frames, stop);
    }
    std::vector<std::vector<SegmentPreview>> out;
    for (const auto& frame : frames) {
        out.push_back(segmenter.findPeople(frame, stop));
    }
    return out;
}

} // namespace body4d
