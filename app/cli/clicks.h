#pragma once

#include "base/annotation.h"
#include "pipeline/project.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace body4d::cli {

/// FRAME:X,Y[:+|-][@TARGET]
struct Click {
    std::int64_t frame = 0;
    PointPrompt point;
    std::optional<TargetId> target;
};
/// @throws Error{Usage} showing the form
[[nodiscard]] Click parseClick(const std::string& text);

/// FRAME:X,Y,W,H[@TARGET]
struct BoxClick {
    std::int64_t frame = 0;
    Box box;
    std::optional<TargetId> target;
};
[[nodiscard]] BoxClick parseBox(const std::string& text);

/// A:B, half-open; either side may be left out. @param frameCount of the video
[[nodiscard]] FrameRange parseFrames(const std::string& text, std::int64_t frameCount);

/// Adds what was clicked to a document. A click without @TARGET makes a new target, a '-' one belongs to the
/// target clicked last; a box without @TARGET belongs to the first click inside it on its frame, or makes a
/// new target.
/// @throws Error{Usage} for a '-' click with nothing to belong to
void applyClicks(ProjectDocument& document, const std::vector<Click>& clicks,
                 const std::vector<BoxClick>& boxes);

} // namespace body4d::cli
