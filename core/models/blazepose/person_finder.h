#pragma once

#include "base/annotation.h"
#include "models/blazepose/frame_eye.h"
#include "video/video_reader.h"

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d::blazepose {

struct FoundPerson {
    Observation seen;
    double rank = 0; ///< of the click rules; below kPoorRank nobody was found
};

/// What a search for everybody may leave out.
struct PeopleSearch {
    std::span<const PoseLandmarks> known; ///< people whose places need no second look
    int look = -1; ///< of many at one video: the squares are turned to one side only, another one each time;
                   ///< negative: to all sides
};

/// The person under a prompt: any size, any orientation. @param prompt in pixels of the upright frame
/// @param hidden people already known who are not meant
/// @returns nothing when nobody is there; `reason` then says so
[[nodiscard]] std::optional<FoundPerson> findPrompted(FrameEye& eye, const Prompt& prompt,
                                                      const Others& hidden, std::string& reason);

/// Everybody on each frame, clearest first; rank is the clearness 0..1. The frames share the networks' calls,
/// since frames that nobody is followed over do not depend on one another. @returns one list a frame
/// @param search what to leave out
[[nodiscard]] std::vector<std::vector<FoundPerson>> findEverybody(PoseNetworks& networks,
                                                                  std::span<const ImagePtr> frames,
                                                                  const PeopleSearch& search,
                                                                  const std::stop_token& stop);

} // namespace body4d::blazepose
