#pragma once

#include "models/sam3d_body/config.h"

#include <vector>

#include "nn/blocks/layers.h"

namespace body4d::sam3d_body {

/// Projections of one attention: {q,k,v}_proj and proj.
struct DecoderAttention {
    nn::Linear q_proj, k_proj, v_proj, proj;
    DecoderAttention(const Config& config, std::int64_t keyWidth);
    void fields(nn::Fields& f);
};

/// One layer: tokens look at each other, at the map, and through a two-layer network.
struct DecoderLayer {
    nn::LayerNorm ln_pe_1, ln_pe_2, ln1, ln2_1, ln2_2, ln3;
    DecoderAttention self_attn, cross_attn;
    nn::Linear ffnIn, ffnOut; ///< ffn.layers.0.0 and ffn.layers.1
    explicit DecoderLayer(const Config& config);
    void fields(nn::Fields& f);
};

/// The map as all layers want it. It never changes while tokens do, so keys and values are computed once.
struct DecoderMemory {
    at::Tensor keysAndValues; ///< [B, N, 2 depth inner]: of each layer the keys, then the values
    [[nodiscard]] DecoderMemory select(const at::Tensor& rows) const;
};

struct Decoder {
    std::vector<DecoderLayer> layers;
    nn::LayerNorm norm_final;
    explicit Decoder(const Config& config);
    void fields(nn::Fields& f);
    /// @param places [1, N, width]: Fourier features of the map's cells
    void prepare(const Config& config, const at::Tensor& places);

    /// @param context [B, N, width]
    [[nodiscard]] DecoderMemory remember(const at::Tensor& context) const;
    /// One layer. @param tokens, augment [B, T, decoderWidth]; positions are added anew in every layer
    [[nodiscard]] at::Tensor layer(std::size_t index, const at::Tensor& tokens, const at::Tensor& augment,
                                   const DecoderMemory& memory) const;

private:
    std::int64_t heads_ = 1, inner_ = 0;
    at::Tensor memoryWeight_; ///< [2 depth inner, width]: with the norms' scales folded in
    at::Tensor memoryBias_;   ///< [N, 2 depth inner]: with the norms' shifts and the places folded in
    std::vector<nn::Linear> queryAndKey_; ///< of self-attention, joined
};

} // namespace body4d::sam3d_body
