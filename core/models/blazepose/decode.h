#pragma once

#include "models/blazepose/observation.h"
#include "models/blazepose/pose_nets.h"

#include <vector>

namespace body4d::blazepose {

/// A person found by the detector, in index space of the frame.
struct Detection {
    float score = 0;
    std::array<Vec2, 4> keyPoints{}; ///< mid-hip, size and rotation of the body, the same for the upper body
    [[nodiscard]] Roi roi() const { return roiFromPoints(keyPoints[0], keyPoints[1]); }
};

/// Centres of the detector's 2254 anchors, 0..1.
[[nodiscard]] const std::vector<Vec2>& anchorCentres();

/// Detections above `threshold` after weighted non-maximum suppression, best first.
/// @param roi the crop they were computed on, index space
[[nodiscard]] std::vector<Detection> decodeDetections(const DetectorTensors& tensors, const Roi& roi,
                                                      double threshold);

/// Landmarks refined on the heat maps, in the frame; mask after the sigmoid. Fills everything but own, crop,
/// histogram. @param mirrored the network saw the crop as in a mirror
[[nodiscard]] Observation decodeLandmarks(const LandmarkTensors& tensors, const Roi& roi,
                                          bool mirrored = false);

} // namespace body4d::blazepose
