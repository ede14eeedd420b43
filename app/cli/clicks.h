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

/// TARGET:KEY=VALUE[,KEY=VALUE...]: what is known of a person. height in cm; age, build and gender from 0 to 1; colour as
/// #RRGGBB; name last, as it takes the rest of the text.
struct PersonFacts {
    TargetId target = 0;
    std::optional<double> heightCm, age, build, gender;
    std::optional<std::string> colour, name;
};
[[nodiscard]] PersonFacts parsePerson(const std::string& text);
/// @throws Error{Usage} where the document has no such target
void applyPersons(ProjectDocument& document, const std::vector<PersonFacts>& persons);

/// A:B, half-open; either side may be left out. @param frameCount of the video
[[nodiscard]] FrameRange parseFrames(const std::string& text, std::int64_t frameCount);

/// Adds what was clicked to a document. A click without @TARGET makes a new target, a '-' one belongs to the
/// target clicked last; a box without @TARGET belongs to the first click inside it on its frame, or makes a
/// new target.
/// @throws Error{Usage} for a '-' click with nothing to belong to
void applyClicks(ProjectDocument& document, const std::vector<Click>& clicks,
                 const std::vector<BoxClick>& boxes);

} // namespace body4d::cli
