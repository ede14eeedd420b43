#pragma once

#include "models/sam3d_body/crops.h"
#include "models/sam3d_body/network.h"

#include <span>

namespace body4d::sam3d_body {

struct HandOptions {
    /// A hand is believed where its wrist turns from the body's own by less, radians.
    double wristAngle = 1.4;
    double reach = 0.5; ///< and all its keypoints lie nearer to the middle of its crop, in sides of the crop
    double farthestWrist =
        0.25; ///< and its wrist nearer to the body's own, in sides of the other hand's crop
    /// As the official code: with one row, prompts that are not valid are left out and without any the second
    /// pass is; with more rows, everybody gets four prompts and a second pass. Else rows run again that have
    /// a valid prompt, whatever shares their batch.
    bool officialBatches = false;
};

/// Bodies with hands looked at closely.
struct BodiesWithHands {
    PosedBody body;      ///< what the pose head said in full is zero: the result is none of one pass
    at::Tensor accepted; ///< bool [B, 2]: left and right hand come from their own crops
    /// float32 on the CPU [B, 2, 3]: the crops of left and right hand in the frame as it is, centre x, y and
    /// side
    at::Tensor squares;
};

/// The official full mode: bodies, then both hands of everybody in crops of their own (left hands mirrored),
/// a second look at bodies with the wrists as prompts, and the wrists turned to where the hands are. Hands
/// whose crop is too small to be believed are not looked at.
/// @param requests of the bodies  @param scene, first their first pass, see Network
/// @param inspect sees what the hands' crops show ("hands.*", rows left, right, left, ... as they are seen),
/// and what follows for the body, for tests
[[nodiscard]] BodiesWithHands withHands(const Network& network, const Mhr& mhr,
                                        std::span<const CropRequest> requests, const Network::Scene& scene,
                                        const Decoded& first, WarpMode mode, const HandOptions& options,
                                        bool wholeMesh, const Inspector& inspect = {});

} // namespace body4d::sam3d_body
