#pragma once

#include "base/geometry.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace body4d {

struct RleMask;

/// Half-open range of frames.
struct FrameRange {
    std::int64_t begin = 0, end = 0;
    [[nodiscard]] std::int64_t size() const { return end > begin ? end - begin : 0; }
    [[nodiscard]] bool contains(std::int64_t frame) const { return frame >= begin && frame < end; }
    bool operator==(const FrameRange&) const = default;
};

using TargetId = int; ///< 1, 2, ...; stable for the life of a project

/// A click: pixels of the upright frame, pixel centres at integer + 0.5.
struct PointPrompt {
    double x = 0, y = 0;
    bool include = true; ///< false: "not this"
};

/// Everything a person said about one target on one frame.
struct Prompt {
    std::int64_t frame = 0;
    std::vector<PointPrompt> points;
    std::optional<Box> box; ///< limits the search
    /// Painted or imported: the person's exact visible silhouette on this frame, full resolution.
    std::shared_ptr<const RleMask> mask = {};
    [[nodiscard]] bool empty() const { return points.empty() && !box && !mask; }
};

/// What the person knows about the body and one view cannot tell. Unset: engine's default.
struct PersonTraits {
    double age = 2.0 / 3;     ///< Anny's scale: 0 newborn, 1/3 child, 2/3 young adult, 1 old
    double build = -1;        ///< 0 slim .. 1 heavy; negative: found from the silhouette
    double gender = 0.5;      ///< 0 .. 1 as in Anny; 0.5 neutral
    double heightMetres = 0;  ///< "this person is N cm tall"; 0: unknown
};

/// A person to reconstruct.
struct Target {
    TargetId id = 0;
    std::string name;           ///< shown; "Person 1" by default
    std::string colour;         ///< "#RRGGBB"
    std::vector<Prompt> prompts; ///< ordered by frame, at most one a frame
    PersonTraits traits;
    /// Frames on which the person says that this target is not in the picture; rising, disjoint.
    std::vector<FrameRange> absent;
    /// Completed frames that were looked at: kept as good, or refused (shown and exported as hidden). Rising, disjoint.
    std::vector<FrameRange> acceptedGuesses, rejectedGuesses;
};

/// What a frame of a target is based on. A completed frame is never shown as a measured one.
enum class FrameState : std::uint8_t {
    Absent = 0,    ///< not in the picture, or lost
    Visible = 1,   ///< measured
    Occluded = 2,  ///< there but hidden, not filled in; the body is what little is seen tells
    Completed = 3, ///< filled in from its neighbours
};
[[nodiscard]] inline const char* name(FrameState state) {
    switch (state) {
    case FrameState::Visible: return "visible";
    case FrameState::Occluded: return "occluded";
    case FrameState::Completed: return "completed";
    case FrameState::Absent: break;
    }
    return "absent";
}
/// Whether its body is to be drawn as one that was not wholly measured.
[[nodiscard]] inline bool isGuess(FrameState state) {
    return state == FrameState::Completed || state == FrameState::Occluded;
}

} // namespace body4d
