#pragma once

#include "base/annotation.h"
#include "base/pose_track.h"
#include "body/detail/pose_objective.h"

#include <span>
#include <stop_token>
#include <vector>

namespace body4d::detail {

/// A person's shape where only the traits are known: the engine's defaults for the rest.
[[nodiscard]] BodyShape shapeFromTraits(const AnnyModel& model, const PersonTraits& traits);

/// How well a frame is measured; negative: not at all.
[[nodiscard]] double frameQuality(const FrameInput& input);
/// The best measured frame of each tenth of the track. @param quality of every frame
[[nodiscard]] std::vector<std::size_t> keyFrames(std::span<const double> quality, std::size_t count = 10);

/// What the search looks at: key frames of a track, and the person's proportions over all of it.
struct SearchFrames {
    std::vector<FrameInput> input;
    std::vector<TargetFrame> frames;
    double worldLength = 0; ///< see WorldLengths
};

/// Finds build (weight and muscle) by comparing silhouettes with the masks of key frames (specification 6.6).
/// Age, gender and height stay what the traits say: no picture tells them.
/// @throws Cancelled
[[nodiscard]] BodyShape searchBuild(const AnnyModel& model, const RestFrame& rest, const SearchFrames& keys,
                                    const PersonTraits& traits, const ObjectiveSettings& settings,
                                    const std::stop_token& stop);

} // namespace body4d::detail
