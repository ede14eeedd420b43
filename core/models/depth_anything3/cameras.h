#pragma once

#include "models/depth_anything3/config.h"
#include "models/scene_blocks/dense_head.h"
#include "models/scene_blocks/transformer.h"

#include <optional>

namespace body4d::da3 {

/// Poses as the network writes them: [frames, 9] = translation and quaternion x y z w, camera to world;
/// fields of view over height and width.
struct Cameras {
    at::Tensor extrinsics; ///< float32 [frames, 3, 4], world to camera
    at::Tensor intrinsics; ///< float32 [frames, 3, 3], pixels of a picture of that size
};
[[nodiscard]] Cameras camerasOf(const at::Tensor& poses, std::int64_t height, std::int64_t width);
[[nodiscard]] at::Tensor posesOf(const Cameras& cameras, std::int64_t height, std::int64_t width);

/// Camera token to pose: backbone.{0,2}, fc_t, fc_qvec, fc_fov.0
struct CameraDecoder {
    nn::Linear backbone0, backbone2, fc_t, fc_qvec, fc_fov;
    explicit CameraDecoder(std::int64_t width);
    void fields(nn::Fields& f);
    /// @param tokens [frames, width]  @returns [frames, 9]
    [[nodiscard]] at::Tensor operator()(const at::Tensor& tokens) const;
};

/// Known pose to the token that stands for it: pose_branch.fc{1,2}, token_norm, trunk, trunk_norm
struct CameraEncoder {
    std::vector<scene_blocks::Block> trunk;
    nn::LayerNorm token_norm, trunk_norm;
    nn::Linear fc1, fc2;
    explicit CameraEncoder(std::int64_t width);
    void fields(nn::Fields& f);
    /// @returns [frames, width]
    [[nodiscard]] at::Tensor operator()(const Cameras& cameras, std::int64_t height,
                                        std::int64_t width) const;
};

/// The branch of the head that predicts rays: a direction, an origin and a confidence for every eighth of a
/// patch. Of the official branch's four levels only the finest has an effect.
struct RayHead {
    std::vector<scene_blocks::Fusion> refinenet; ///< scratch.refinenet{1..4}_aux
    std::array<nn::Conv2d, 5> output_conv1;      ///< scratch.output_conv1_aux.3
    scene_blocks::PixelHead output_conv2;        ///< scratch.output_conv2_aux.3
    explicit RayHead(std::int64_t features);
    void fields(nn::Fields& f);
    struct Rays {
        at::Tensor rays;       ///< [frames, 8 rows, 8 columns, 6]
        at::Tensor confidence; ///< [frames, 8 rows, 8 columns], at least 1
    };
    [[nodiscard]] Rays operator()(const scene_blocks::DenseHead& head,
                                  const std::array<at::Tensor, 4>& pyramid,
                                  const scene_blocks::DenseHead::Grid& grid) const;
};

} // namespace body4d::da3
