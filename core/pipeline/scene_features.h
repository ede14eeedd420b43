#pragma once

#include "pipeline/scene_views.h"

#include <filesystem>
#include <vector>

namespace body4d::detail {

/// Features as Depth Anything 3's program shows them: feat_vis/feat_layer_B/%06d.jpg, the picture beside its features'
/// colours, and feat_vis/feat_layer_B.mp4, for each block B that the passes hold.
/// @param fps of the videos  @returns what was written  @throws Error{Output}, Cancelled
std::vector<std::filesystem::path> writeFeaturePictures(const SceneViews& views, const std::filesystem::path& folder,
                                                        double fps);
/// Features as they are: exports/feat_npz/results.npz with feat_layer_B f32 [N,rows,columns,channels].
/// @throws Error{Output}, Cancelled
std::filesystem::path writeFeatureArrays(const SceneViews& views, const std::filesystem::path& folder);

} // namespace body4d::detail
