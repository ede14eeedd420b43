#pragma once

#include "base/annotation.h"
#include "models/blazepose/frame_eye.h"

#include <optional>
#include <string>
#include <vector>

namespace body4d::blazepose {

struct FoundPerson {
    Observation seen;
    double rank = 0; ///< of the click rules; below kPoorRank nobody was found
};

/// The person under a prompt: any size, any orientation. @param prompt in pixels of the upright frame
/// @param hidden people already known who are not meant
/// @returns nothing when nobody is there; `reason` then says so
[[nodiscard]] std::optional<FoundPerson> findPrompted(FrameEye& eye, const Prompt& prompt,
                                                      const Others& hidden, std::string& reason);

/// Everybody on the frame, clearest first; rank is the clearness 0..1.
[[nodiscard]] std::vector<FoundPerson> findEverybody(FrameEye& eye);

} // namespace body4d::blazepose
