#pragma once

#include "base/checkpoint.h"
#include "models/scene_blocks/dense_head.h"
#include "models/scene_blocks/transformer.h"

#include <array>
#include <functional>
#include <optional>
#include <stop_token>

#include "nn/runtime.h"
#include "nn/strict_loader.h"

namespace body4d::vggt {

/// Sizes of the network; the defaults are those of the released checkpoint.
struct Config {
    std::int64_t width = 1024, depth = 24, heads = 16, hidden = 4096;
    std::int64_t patchDepth = 24, patchHeads = 16,
                 patchHidden = 4096; ///< of the transformer that reads patches
    std::int64_t registers = 4;
    std::int64_t positions = 37;                       ///< side of the stored grid of positions
    std::array<std::int64_t, 4> levels{4, 11, 17, 23}; ///< what the heads read
    std::int64_t cameraDepth = 4, cameraHeads = 16;
    std::int64_t features = 256;
    std::array<std::int64_t, 4> channels{256, 512, 1024, 1024};
};

/// DINOv2 with registers, frame by frame, under `aggregator.patch_embed`.
struct PatchEmbed {
    at::Tensor cls_token, pos_embed, register_tokens;
    nn::Conv2d proj;
    std::vector<scene_blocks::Block> blocks;
    nn::LayerNorm norm;
    explicit PatchEmbed(const Config& config);
    void fields(nn::Fields& f);
    /// @param images float32 [frames, 3, H, W], normalised  @returns float32 [frames, rows * columns, width]
    [[nodiscard]] at::Tensor operator()(const at::Tensor& images,
                                        const scene_blocks::DenseHead::Grid& grid) const;
};

/// Camera tokens to poses, in four rounds.
struct CameraHead {
    at::Tensor empty_pose_tokens; ///< [1, 1, 9]
    std::vector<scene_blocks::Block> trunk;
    nn::LayerNorm token_norm, trunk_norm;
    nn::Linear embed_pose, modulation, fc1, fc2;
    explicit CameraHead(const Config& config);
    void fields(nn::Fields& f);
    /// @param tokens [frames, 2 width]
    /// @returns [frames, 9]: translation and quaternion x y z w, world to camera; fields of view over height
    /// and width
    [[nodiscard]] at::Tensor operator()(const at::Tensor& tokens) const;
};

struct Cameras {
    at::Tensor extrinsics; ///< float32 [frames, 3, 4], world to camera
    at::Tensor intrinsics; ///< float32 [frames, 3, 3]
};
[[nodiscard]] Cameras camerasOf(const at::Tensor& poses, std::int64_t height, std::int64_t width);

struct RunOptions {
    std::int64_t framesAtOnce = 8; ///< for everything that looks at frames one by one; never changes results
    std::int64_t headFramesAtOnce = 1; ///< for full resolution
    std::stop_token stop;
    std::function<void(double)> progress; ///< 0..1
    /// Tokens behind the patches (-1), behind block i over all frames (i), for tests.
    std::function<void(std::int64_t, const at::Tensor&)> inspect;
    std::function<void(std::size_t, const at::Tensor&)> inspectLevel; ///< what the depth head will read of a level
};

/// Results lie on the CPU, in the order of the frames; the first frame is the world.
struct Output {
    at::Tensor depth, confidence; ///< float32 [frames, H, W]
    at::Tensor poses;             ///< [frames, 9]
    Cameras cameras;
    at::Tensor points, pointsConfidence; ///< [frames, H, W, 3], [frames, H, W]; where the head is loaded
};

struct Network {
    Config config;
    at::Tensor camera_token;   ///< [1, 2, 1, width]: of the first frame, of the others
    at::Tensor register_token; ///< [1, 2, registers, width]
    PatchEmbed patch_embed;
    std::vector<scene_blocks::Block> frame_blocks, global_blocks;
    CameraHead camera_head;
    scene_blocks::DenseHead depth_head;
    std::optional<scene_blocks::DenseHead> point_head;

    /// On the meta device, to be filled by the loader. @param points with the head for point maps, which are less exact
    /// than unprojected depths
    explicit Network(const Config& sizes = {}, bool points = false);
    void fields(nn::Fields& f);
    /// @param pictures bytes [frames, H, W, 3]; H and W are multiples of 14  @throws Cancelled
    [[nodiscard]] Output operator()(const at::Tensor& pictures, const RunOptions& options) const;

    at::Device device = at::kCPU;
};

/// Names of an official file that are not read.
[[nodiscard]] nn::NameTable officialNames(bool points);
[[nodiscard]] Network loadNetwork(const Checkpoint& file, const nn::Placement& placement, bool points);

} // namespace body4d::vggt
