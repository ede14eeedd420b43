#pragma once

#include "base/annotation.h"
#include "base/image.h"
#include "base/pose_track.h"

#include <optional>
#include <string>

namespace body4d {

/// The point of a mask that is farthest from its rim: surely on the person. Nothing for an empty mask.
[[nodiscard]] std::optional<PointPrompt> pointInside(const RleMask& mask);

/// What a tracker that knows points and boxes only is asked: a prompt that is nothing but a mask becomes the box around
/// the mask and the point deepest inside it; every other prompt stays as it is, without its mask.
[[nodiscard]] Prompt promptForEngine(const Prompt& prompt);

/// What the person said outright about a frame stands above what was tracked: a painted silhouette, and that nobody is
/// there.
void applySaid(const Target& target, TargetFrame& frame);

/// Whether an engine of the segment stage takes painted masks and marks of absence as they are.
[[nodiscard]] bool engineTakesMasks(const std::string& segmentEngine);

/// Whether two prompts say the same; masks are compared by content.
[[nodiscard]] bool samePrompt(const Prompt& a, const Prompt& b);

/// @returns the union of a rising list with `add`; half-open ranges that touch are joined
[[nodiscard]] std::vector<FrameRange> withRange(std::vector<FrameRange> ranges, FrameRange add);
/// @returns the rising list without `cut`
[[nodiscard]] std::vector<FrameRange> withoutRange(const std::vector<FrameRange>& ranges, FrameRange cut);
/// @returns what both rising lists have
[[nodiscard]] std::vector<FrameRange> commonRanges(const std::vector<FrameRange>& a, const std::vector<FrameRange>& b);
[[nodiscard]] bool contains(const std::vector<FrameRange>& ranges, std::int64_t frame);

} // namespace body4d
