#pragma once

#include "models/moge2/focal.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nn/blocks/layers.h"
#include "nn/strict_loader.h"

namespace body4d::moge2 {

/// Sizes of the network. The defaults are those of moge-2-vitl-normal.
struct Config {
    std::int64_t width = 1024; ///< of DINOv2
    std::int64_t depth = 24;
    std::int64_t heads = 16;
    std::int64_t table = 37;                             ///< side of the stored grid of positions
    std::array<std::int64_t, 4> taken = {5, 11, 17, 23}; ///< blocks whose output counts
    std::int64_t featureWidth = 1024;                    ///< of their sum
    std::array<std::int64_t, 5> levels = {1024, 256, 128, 64, 32};
    std::int64_t fewestTokens = 1200, mostTokens = 3600;
};

inline constexpr std::int64_t kPatch = 14;

/// Keys of a DINOv2 block: norm1, attn.{qkv,proj}, ls1.gamma, norm2, mlp.{fc1,fc2}, ls2.gamma.
struct Block {
    nn::LayerNorm norm1, norm2;
    nn::Linear qkv, proj, fc1, fc2;
    at::Tensor gamma1, gamma2;
    std::int64_t heads;
    explicit Block(const Config& config);
    void fields(nn::Fields& f);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// DINOv2 ViT-L/14 with four outputs projected and added.
struct Encoder {
    at::Tensor cls_token, pos_embed, image_mean, image_std;
    nn::Conv2d patch_embed_proj;
    std::vector<Block> blocks;
    nn::LayerNorm norm;
    nn::Numbered<nn::Conv2d, 4> output_projections;
    std::array<std::int64_t, 4> taken;
    std::int64_t table;
    explicit Encoder(const Config& config);
    void fields(nn::Fields& f);
    /// @param image [B, 3, H, W] in 0..1  @returns [B, featureWidth, rows, columns]
    [[nodiscard]] at::Tensor operator()(const at::Tensor& image, std::int64_t rows,
                                        std::int64_t columns) const;
};

/// ReLU, 3x3, ReLU, 3x3, plus the input. Keys layers.2 and layers.5.
struct ResidualBlock {
    nn::Conv2d first, second;
    explicit ResidualBlock(std::int64_t width);
    void fields(nn::Fields& f);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// Five levels, each twice as fine as the one before. Keys input_blocks, resamplers, res_blocks,
/// output_blocks.
struct ConvStack {
    std::array<nn::Conv2d, 5> input_blocks;
    std::array<nn::Upsample2x, 3> upsamplers; ///< resamplers.L.0
    std::array<nn::Conv2d, 4> smoothers;      ///< resamplers.L.1
    std::array<std::vector<ResidualBlock>, 5> res_blocks;
    std::optional<nn::Conv2d> output; ///< output_blocks.4
    /// @param outputs channels of the last level, 0: the levels themselves are wanted
    ConvStack(const Config& config, const std::array<std::int64_t, 5>& inputs,
              const std::array<std::int64_t, 5>& blocks, std::int64_t outputs);
    void fields(nn::Fields& f);
    [[nodiscard]] std::vector<at::Tensor> operator()(const std::vector<at::Tensor>& inputs) const;
};

/// What of MoGe-2 says how wide a camera sees: encoder, neck, points and their mask.
struct Network {
    Config config;
    Encoder encoder;
    ConvStack neck, points_head, mask_head;
    /// On the meta device, to be filled by the loader.
    explicit Network(const Config& sizes = {});
    void fields(nn::Fields& f);

    /// @param image [1, 3, H, W] in 0..1
    /// @param tokens about how many patches the picture is cut into; 0: the most
    /// @param inspect sees stages by name, for tests
    /// @returns focal length in half diagonals, and the shift of depths
    [[nodiscard]] FocalShift
    focalOf(const at::Tensor& image, std::int64_t tokens = 0,
            const std::function<void(const std::string&, const at::Tensor&)>& inspect = {}) const;
};

/// The official model.pt's tensors that are left alone.
[[nodiscard]] nn::NameTable officialNames();

/// Pixels of a focal length in half diagonals.
[[nodiscard]] double focalPx(const FocalShift& solved, int width, int height);

} // namespace body4d::moge2
