#pragma once

#include "models/segmenter.h"

#include <memory>
#include <span>
#include <stop_token>
#include <utility>
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
    /// One of many looks at a video: everybody on a frame but those who are `known` to be there, whose places
    /// are not looked at again. @param look counts them: people lying and upside down are searched for from
    /// another side each time
    [[nodiscard]] virtual std::vector<SegmentPreview> findOthers(const ImagePtr& frame,
                                                                 std::span<const PoseLandmarks> known,
                                                                 int look, const std::stop_token& stop) = 0;
    /// A session that tells who is where and no more, at little cost: its masks are rough.
    [[nodiscard]] virtual std::unique_ptr<SegmenterSession> startScouting(std::vector<SessionTarget> targets,
                                                                          double fps) = 0;
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

/// PeopleFinder::findOthers with any engine: everybody, where it can do no better.
[[nodiscard]] inline std::vector<SegmentPreview> findOthers(Segmenter& segmenter, const ImagePtr& frame,
                                                            std::span<const PoseLandmarks> known, int look,
                                                            const std::stop_token& stop) {
    auto* finder = dynamic_cast<PeopleFinder*>(&segmenter);
    return finder != nullptr ? finder->findOthers(frame, known, look, stop)
                             : segmenter.findPeople(frame, stop);
}

/// PeopleFinder::startScouting with any engine: an ordinary session, where it can do no better.
[[nodiscard]] inline std::unique_ptr<SegmenterSession>
startScouting(Segmenter& segmenter, std::vector<SessionTarget> targets, double fps) {
    auto* finder = dynamic_cast<PeopleFinder*>(&segmenter);
    return finder != nullptr ? finder->startScouting(std::move(targets), fps)
                             : segmenter.startSession(std::move(targets), fps, Direction::Forward);
}

} // namespace body4d
