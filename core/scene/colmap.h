#pragma once

#include "base/scene_view.h"
#include "scene/point_cloud.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace body4d {

/// A picture of a COLMAP model.
struct ColmapImage {
    std::string name;
    PinholeCamera camera;
    RigidTransform cameraFromWorld;
    bool exact = true; ///< false: the model has lens distortion, which `camera` leaves out
};

/// cameras, images and points3D as .bin and as .txt. A point is seen by the one picture that it was measured
/// in, at the pixel of its source.
struct ColmapModel {
    std::vector<ColmapImage> images;
    /// Pixel of a picture of `images` from a pixel of its depth map: out = scale * in + offset.
    double scaleX = 1, scaleY = 1, offsetX = 0, offsetY = 0;
};
/// @param cloud with sources, whose views are indices of model.images
/// @throws Error{Output}
void writeColmapBinary(const std::filesystem::path& folder, const ColmapModel& model,
                       const PointCloud& cloud);
void writeColmapText(const std::filesystem::path& folder, const ColmapModel& model, const PointCloud& cloud);

/// Pictures with their cameras, binary or text, in the file's order; all camera models of COLMAP.
/// @param folder with cameras and images, .bin or .txt  @throws Error{Input}
[[nodiscard]] std::vector<ColmapImage> readColmapImages(const std::filesystem::path& folder);

/// Points with colours; the smaller the reprojection error, the higher the confidence, 1 at most. Empty where
/// the model has none. @throws Error{Input}
[[nodiscard]] PointCloud readColmapPoints(const std::filesystem::path& folder);

/// Whether cameras and images lie in a folder, as .bin or as .txt.
[[nodiscard]] bool holdsColmapModel(const std::filesystem::path& folder);

} // namespace body4d
