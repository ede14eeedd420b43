#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "nn/blocks/layers.h"

/// What the networks that see a place in many pictures at once have in common: Depth Anything 3 and VGGT are
/// both a vision transformer whose blocks look within one frame or over all frames, with a dense prediction
/// head.
///
/// Memory: tokens of all frames are one float32 tensor that blocks change in place; whatever works on tokens
/// one by one runs over a few frames at a time, so that only queries, keys and values of a block that looks
/// over all frames exist at full length.
namespace body4d::scene_blocks {

/// Rotary positions of the first tokens of a frame: [tokens, channels of a head]. The first half of the
/// channels turns with y, the second with x, at 100^(-2i / (channels / 2)); each half pairs channel i with i
/// + channels / 4.
struct Rotations {
    at::Tensor cosine, sine;
    [[nodiscard]] bool empty() const { return !cosine.defined(); }
};
/// A grid behind `special` tokens: those stand at (0, 0), patches at (row + 1, column + 1).
[[nodiscard]] Rotations gridRotations(std::int64_t rows, std::int64_t columns, std::int64_t special,
                                      std::int64_t headChannels, at::Device device);
/// Token 0 alone, at (y, x).
[[nodiscard]] Rotations firstTokenRotation(double y, double x, std::int64_t headChannels, at::Device device);
/// Turns the first tokens in place. @param x float32 [..., L, channels]
void rotate(at::Tensor& x, const Rotations& rotations);

/// Keys: norm{1,2}, attn.{qkv,proj,q_norm,k_norm}, ls{1,2}.gamma, mlp.{fc1,fc2} or mlp.{w12,w3}.
struct Block {
    struct Options {
        std::int64_t width = 0, heads = 1, hidden = 0;
        double eps = 1e-6; ///< of norm1 and norm2; those of queries and keys have 1e-5
        bool normHeads = false;
        bool gated = false; ///< SwiGLU instead of GELU
    };
    nn::LayerNorm norm1, norm2;
    std::optional<nn::LayerNorm> q_norm, k_norm;
    nn::Linear qkv, proj, in, out;
    at::Tensor gamma1, gamma2; ///< [width]
    std::int64_t heads = 1;
    bool gated = false;

    explicit Block(const Options& options);
    void fields(nn::Fields& f);
    /// Every frame for itself. @param x float32 [frames, L, width], changed in place
    void withinFrames(at::Tensor& x, const Rotations& rotations, std::int64_t framesAtOnce) const;
    /// All frames as one sequence. Equal to the above with one long frame, whatever framesAtOnce is.
    void overFrames(at::Tensor& x, const Rotations& rotations, std::int64_t framesAtOnce) const;

private:
    struct Heads {
        at::Tensor q, k, v; ///< [frames, heads, L, width / heads]
    };
    [[nodiscard]] Heads split(const at::Tensor& x, const Rotations& rotations) const;
    /// @param attended [frames, L, width]
    void finish(at::Tensor x, const at::Tensor& attended) const;
};

/// n blocks with parameters of their own: copies of a tensor share it.
[[nodiscard]] std::vector<Block> makeBlocks(std::int64_t n,
                                            const std::function<Block::Options(std::int64_t)>& options);

/// Calls fn(first, count) for consecutive groups of frames.
template <typename Fn>
void forFrames(std::int64_t frames, std::int64_t atOnce, Fn&& fn) {
    for (std::int64_t first = 0; first < frames; first += atOnce) {
        fn(first, std::min(atOnce, frames - first));
    }
}

/// 8-bit pictures as the networks' first layer wants them: (x / 255 - mean) / deviation of ImageNet.
/// @param pictures bytes [frames, H, W, 3], or float32 [frames, 3, H, W] that are normalised already
/// @returns float32 [count, 3, H, W] on the device
[[nodiscard]] at::Tensor normalisedFrames(const at::Tensor& pictures, std::int64_t first, std::int64_t count,
                                          at::Device device);

/// Rotation matrices of quaternions x y z w of any length. @param q [..., 4]  @returns [..., 3, 3]
[[nodiscard]] at::Tensor rotationMatrices(const at::Tensor& q);

/// Camera matrices with the principal point in the middle of the picture. @param fx, fy [N], pixels
/// @returns [N, 3, 3]
[[nodiscard]] at::Tensor centredIntrinsics(const at::Tensor& fx, const at::Tensor& fy, std::int64_t height,
                                           std::int64_t width);

} // namespace body4d::scene_blocks
