#pragma once

#include "models/depth_anything3/cameras.h"
#include "models/depth_anything3/config.h"
#include "models/depth_anything3/reference_view.h"
#include "models/scene_blocks/dense_head.h"
#include "models/scene_blocks/transformer.h"

#include <functional>
#include <optional>
#include <stop_token>

#include "nn/runtime.h"
#include "nn/strict_loader.h"

namespace body4d::da3 {

/// Vision transformer of one branch, under `backbone.pretrained`.
struct Backbone {
    at::Tensor cls_token;    ///< [1, 1, width]
    at::Tensor camera_token; ///< [1, 2, width]: of the reference view, of the others; only where frames see
                             ///< each other
    at::Tensor pos_embed;    ///< [1, 1 + positions^2, width]
    nn::Conv2d patch_embed;
    std::vector<scene_blocks::Block> blocks;
    nn::LayerNorm norm;
    explicit Backbone(const Config& config);
    void fields(nn::Fields& f);
};

/// What a run may take apart from the pictures.
struct RunOptions {
    ReferenceView reference = ReferenceView::SaddleBalanced;
    std::int64_t framesAtOnce = 8; ///< for everything that looks at frames one by one; never changes results
    std::int64_t headFramesAtOnce = 1; ///< for full resolution, where a frame takes most
    std::optional<Cameras> cameras;    ///< known ones, see CameraEncoder
    bool rays = false;
    std::vector<int> featureBlocks; ///< whose features are kept, see Output::features
    std::stop_token stop;
    std::function<void(double)> progress; ///< 0..1
    /// Tokens behind the patches (-1) and behind every block, for tests.
    std::function<void(std::int64_t, const at::Tensor&)> inspect;
    std::function<void(std::size_t, const at::Tensor&)> inspectLevel; ///< projected maps
};

/// Results lie on the CPU, in the order of the frames.
struct Output {
    at::Tensor depth;      ///< float32 [frames, H, W]
    at::Tensor confidence; ///< at least 1; undefined for MONO and METRIC
    at::Tensor sky;        ///< [frames, H, W]; only MONO and METRIC
    at::Tensor poses;      ///< [frames, 9]; undefined for MONO and METRIC
    Cameras cameras;       ///< of those poses
    RayHead::Rays rays;
    /// Of the blocks that were asked for, in that order: float32 [frames, rows, columns, width], normalised.
    std::vector<at::Tensor> features;
};

/// One branch: SMALL, BASE, LARGE, GIANT (frames seen together), MONO, METRIC (one by one).
struct Network {
    Config config;
    Backbone backbone;
    scene_blocks::DenseHead head;
    std::optional<RayHead> rays;
    std::optional<CameraDecoder> cam_dec;
    std::optional<CameraEncoder> cam_enc;

    struct Parts {
        bool rays = false, cameraEncoder = false; ///< what is loaded beside the parts that every run needs
    };
    /// On the meta device, to be filled by the loader.
    Network(const Config& sizes, const Parts& parts);
    explicit Network(const Config& sizes) : Network(sizes, Parts()) {}
    void fields(nn::Fields& f);

    /// @param pictures bytes [frames, H, W, 3], or float32 [frames, 3, H, W] that are normalised already; H
    /// and W are
    ///        multiples of 14
    /// @throws Cancelled
    [[nodiscard]] Output operator()(const at::Tensor& pictures, const RunOptions& options) const;

    at::Device device = at::kCPU;
};

/// Names of an official file that this program's network does not read, given the parts that it has.
[[nodiscard]] nn::NameTable officialNames(const Network::Parts& parts);

/// Reads one branch strictly. Matrices of the transformer and of nothing else get the placement's precision.
[[nodiscard]] Network loadNetwork(const Checkpoint& file, const std::string& prefix,
                                  const nn::Placement& placement, const Network::Parts& parts);

} // namespace body4d::da3
