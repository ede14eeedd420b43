#pragma once

#include "models/scene_estimator.h"

#include <vector>

#include "nn/fields.h"

namespace body4d::scene_blocks {

/// Bytes [frames, H, W, 3] of a request's pictures. @throws Error{Usage} when sizes differ or are no
/// multiples of 14
[[nodiscard]] at::Tensor picturesOf(const SceneRequest& request);

/// Views with depth, confidence and cameras; undefined tensors leave their part empty.
/// @param depth, confidence float32 [frames, H, W] on the CPU
/// @param extrinsics [frames, 3, 4] world to camera  @param intrinsics [frames, 3, 3]
[[nodiscard]] std::vector<SceneView> viewsOf(const SceneRequest& request, const at::Tensor& depth,
                                             const at::Tensor& confidence, const at::Tensor& extrinsics,
                                             const at::Tensor& intrinsics);

} // namespace body4d::scene_blocks
