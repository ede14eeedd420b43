#pragma once

#include "models/depth_anything3/network.h"
#include "models/vggt/network.h"

#include <stop_token>
#include <vector>

/// The same networks computed as their official programs do, for comparison of memory and time: all frames
/// pass every layer at once, whole outputs are kept until the end, heads take eight frames at a time at full
/// resolution. Results equal those of the networks' own operators.
namespace body4d::scene_bench {

/// What is held until the heads are done.
struct EverythingKept {
    at::Tensor images;               ///< float32 [scenes * frames, 3, H, W]
    std::vector<at::Tensor> outputs; ///< float32 [scenes * frames, tokens, channels]
    [[nodiscard]] std::int64_t bytes() const;
};

struct KeptDepths {
    at::Tensor depth, confidence; ///< float32 [scenes * frames, H, W], on the device
    at::Tensor poses;             ///< [scenes * frames, 9]
};

/// VGGT: tokens behind all pairs of blocks, frame half beside global half.
/// @param pictures bytes [scenes * frames, H, W, 3]
[[nodiscard]] EverythingKept vggtOutputs(const vggt::Network& network, const at::Tensor& pictures,
                                         std::int64_t scenes, const std::stop_token& stop);
[[nodiscard]] KeptDepths vggtHeads(const vggt::Network& network, const EverythingKept& kept,
                                   std::int64_t scenes);

/// Depth Anything 3 (the variants that see frames together): four levels, each as it is and normalised, as
/// the camera tokens hold on to the first of the two. The first frame is the reference; without the branch
/// for rays.
[[nodiscard]] EverythingKept da3Outputs(const da3::Network& network, const at::Tensor& pictures,
                                        std::int64_t scenes, const std::stop_token& stop);
[[nodiscard]] KeptDepths da3Heads(const da3::Network& network, const EverythingKept& kept);

} // namespace body4d::scene_bench
