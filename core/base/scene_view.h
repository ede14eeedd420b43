#pragma once

#include "base/geometry.h"
#include "base/image.h"

#include <cstdint>
#include <vector>

namespace body4d {

/// Pinhole camera with two focal lengths. Pixel (u, v) of a depth map is seen along ((u - cx) / fx, (v - cy)
/// / fy, 1), with whole u and v: the convention of the scene networks, whose cx is width / 2.
struct PinholeCamera {
    double fx = 0, fy = 0, cx = 0, cy = 0;
    int width = 0, height = 0;
};

/// What one block of a network knows of every patch of a picture.
struct SceneFeatures {
    int block = 0;
    int rows = 0, columns = 0, channels = 0;
    std::vector<float> values; ///< patch by patch, row by row
};

/// What a scene network says of one picture. Maps are row by row, as large as `camera`.
struct SceneView {
    std::int64_t frame = 0;         ///< of the video, or number of the picture
    bool hasCamera = false;         ///< the two below are set
    PinholeCamera camera;           ///< width and height are always set
    RigidTransform cameraFromWorld; ///< axes of cameras: x right, y down, z away
    std::vector<float> depth;       ///< along z
    std::vector<float> confidence;  ///< at least 1; empty where the network gives none
    std::vector<std::uint8_t> sky;  ///< 1: sky; empty where the network does not tell
    /// Where the network gives every pixel's place itself: x, y, z in the world of the camera, and how sure it is of them.
    std::vector<float> points, pointsConfidence;
    ImagePtr image;                 ///< the picture as the network saw it; may be null
    std::vector<SceneFeatures> features; ///< of the blocks that were asked for
};

} // namespace body4d
