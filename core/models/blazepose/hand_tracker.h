#pragma once

#include "models/blazepose/hand_roi.h"
#include "models/blazepose/pose_nets.h"

#include <array>
#include <cstddef>
#include <span>
#include <stop_token>
#include <vector>

namespace body4d::blazepose {

/// Landmarks in the frame, pixel centres at integer + 0.5.
/// @param roi the crop they were computed on  @param side 0 left, 1 right
[[nodiscard]] HandLandmarks decodeHand(const HandTensors& tensors, const Roi& roi, std::size_t side);

/// Follows the hands of several people from frame to frame: where a hand was seen, the next crop comes from
/// its own points; otherwise from the body's, and is looked at twice. One thread at a time.
class HandTracker {
public:
    /// @param people how many; they are known by their place in the list
    explicit HandTracker(std::size_t people) : people_(people) {}

    /// The hands of every person on the next frame.
    /// @param poses one for each person, score 0: not seen
    [[nodiscard]] std::vector<HandPair> look(PoseNetworks& networks, const Image& frame,
                                             std::span<const PoseLandmarks> poses,
                                             const std::stop_token& stop);

    [[nodiscard]] std::size_t people() const { return people_.size(); }
    template <typename Archive>
    void serialize(Archive& archive) {
        archive(people_);
    }

private:
    /// What is known of one hand.
    struct Memory {
        bool seen = false;   ///< on the last frame
        HandPoints points{}; ///< there
        Vec2 knuckles;       ///< where the body had it
        double side = 0; ///< probability that it is of its side, averaged over the frames since it was found
        int failures = 0, pause = 0; ///< looks in a row without a hand; frames until the next look
    };
    std::vector<std::array<Memory, 2>> people_;
};

} // namespace body4d::blazepose
