#pragma once

#include "base/pose_track.h"
#include "models/blazepose/frame_eye.h"
#include "models/blazepose/one_euro.h"

#include <optional>
#include <vector>

namespace body4d::posed {

/// A target's mask on one frame, as the landmark network's helpers want it.
struct Silhouette {
    Box box;                      ///< index space
    Vec2 centre;                  ///< of its pixels, index space
    bool prompted = false;        ///< a person said that it is here: worth every look
    blazepose::Observation shape; ///< nothing but a crop around the mask and the mask in it
};
/// @returns nothing for a mask without pixels  @throws Error{Input} when its runs do not add up
[[nodiscard]] std::optional<Silhouette> silhouetteOf(const RleMask& mask);

/// Finds the landmarks of people whose masks are known already: a crop that follows the person's own
/// alignment points and the mask from frame to frame, and a search in the mask's box where that is lost or
/// disagrees with the mask. One thread at a time.
class LandmarkFinder {
public:
    /// @param targets how many; they are known by their place in the list
    LandmarkFinder(std::size_t targets, double dt) : targets_(targets), dt_(dt) {}

    /// The next frame. @param silhouettes one a target, null where it is not seen
    /// @returns one a target; empty where no landmarks fit the mask
    [[nodiscard]] std::vector<std::optional<blazepose::Observation>>
    look(blazepose::FrameEye& eye, const std::vector<const Silhouette*>& silhouettes);

    [[nodiscard]] std::size_t targets() const { return targets_.size(); }
    template <typename Archive>
    void serialize(Archive& archive) {
        archive(targets_);
    }

private:
    /// What is known of a target since the last frame on which it had landmarks.
    struct Memory {
        bool followed = false;
        Vec2 centre;                 ///< of the mask then
        int pause = 0, failures = 0; ///< frames until the next search, and searches in a row that failed
        blazepose::AlignmentFilter filter;
    };
    std::vector<Memory> targets_;
    double dt_;
};

} // namespace body4d::posed
