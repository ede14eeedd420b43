#include "models/sam3d_body/decoder.h"

#include <ATen/ATen.h>

namespace body4d::sam3d_body {
namespace {

constexpr double kEpsilon = 1e-6;

} // namespace

DecoderAttention::DecoderAttention(const Config& config, std::int64_t keyWidth)
    : q_proj(config.decoderWidth, config.decoderInner), k_proj(keyWidth, config.decoderInner),
      v_proj(keyWidth, config.decoderInner), proj(config.decoderInner, config.decoderWidth) {}

void DecoderAttention::fields(nn::Fields& f) {
    f("q_proj", q_proj);
    f("k_proj", k_proj);
    f("v_proj", v_proj);
    f("proj", proj);
}

DecoderLayer::DecoderLayer(const Config& config)
    : ln_pe_1(config.decoderWidth, kEpsilon), ln_pe_2(config.width, kEpsilon),
      ln1(config.decoderWidth, kEpsilon), ln2_1(config.decoderWidth, kEpsilon), ln2_2(config.width, kEpsilon),
      ln3(config.decoderWidth, kEpsilon), self_attn(config, config.decoderWidth),
      cross_attn(config, config.width), ffnIn(config.decoderWidth, config.decoderHidden),
      ffnOut(config.decoderHidden, config.decoderWidth) {}

void DecoderLayer::fields(nn::Fields& f) {
    f("ln_pe_1", ln_pe_1);
    f("ln_pe_2", ln_pe_2);
    f("ln1", ln1);
    f("ln2_1", ln2_1);
    f("ln2_2", ln2_2);
    f("ln3", ln3);
    f("self_attn", self_attn);
    f("cross_attn", cross_attn);
    f("ffn.layers.0.0", ffnIn);
    f("ffn.layers.1", ffnOut);
}

DecoderMemory DecoderMemory::select(const at::Tensor& rows) const {
    return {keysAndValues.index_select(0, rows)};
}

Decoder::Decoder(const Config& config) : norm_final(config.decoderWidth, kEpsilon) {
    for (std::int64_t i = 0; i < config.decoderDepth; ++i) {
        layers.emplace_back(config);
    }
}

void Decoder::fields(nn::Fields& f) {
    f("layers", layers);
    f("norm_final", norm_final);
}

void Decoder::prepare(const Config& config, const at::Tensor& places) {
    heads_ = config.decoderHeads;
    inner_ = config.decoderInner;
    std::vector<at::Tensor> weights, biases;
    queryAndKey_.clear();
    for (auto& layer : layers) {
        // keys = Wk (scale * n + shift + place) + bk, values = Wv (scale * n + shift) + bv, n the bare norm.
        auto& attention = layer.cross_attn;
        const auto shift = layer.ln2_2.bias.view({1, -1});
        const auto placed = layer.ln_pe_2(places).squeeze(0) + shift; // [N, width]
        weights.push_back(attention.k_proj.weight * layer.ln2_2.weight);
        weights.push_back(attention.v_proj.weight * layer.ln2_2.weight);
        biases.push_back(attention.k_proj(placed).to(at::kFloat));
        biases.push_back(attention.v_proj(shift).to(at::kFloat).expand({placed.size(0), -1}));
        nn::Linear joined;
        joined.weight = at::cat({layer.self_attn.q_proj.weight, layer.self_attn.k_proj.weight});
        joined.bias = at::cat({layer.self_attn.q_proj.bias, layer.self_attn.k_proj.bias});
        queryAndKey_.push_back(std::move(joined));
        attention.k_proj = attention.v_proj = layer.self_attn.q_proj = layer.self_attn.k_proj = nn::Linear();
        layer.ln_pe_2 = layer.ln2_2 = nn::LayerNorm();
    }
    memoryWeight_ = at::cat(weights);
    memoryBias_ = at::cat(biases, 1).to(memoryWeight_.scalar_type());
}

DecoderMemory Decoder::remember(const at::Tensor& context) const {
    const auto bare = at::layer_norm(context, {context.size(2)}, {}, {}, kEpsilon);
    return {at::linear(bare.to(memoryWeight_.scalar_type()), memoryWeight_).add_(memoryBias_)};
}

at::Tensor Decoder::layer(std::size_t index, const at::Tensor& tokens, const at::Tensor& augment,
                          const DecoderMemory& memory) const {
    const auto& l = layers[index];
    const auto place = l.ln_pe_1(augment);
    const auto attend = [this](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
        return nn::joinHeads(at::scaled_dot_product_attention(
            nn::splitHeads(q, heads_), nn::splitHeads(k, heads_), nn::splitHeads(v, heads_)));
    };
    const auto h = l.ln1(tokens);
    // The first layer's self-attention knows no places.
    const auto qk = queryAndKey_[index](index == 0 ? h : h + place);
    auto x = tokens + l.self_attn.proj(attend(qk.narrow(2, 0, inner_), qk.narrow(2, inner_, inner_),
                                              l.self_attn.v_proj(h)));
    const auto start = 2 * static_cast<std::int64_t>(index) * inner_;
    const auto q = l.cross_attn.q_proj(l.ln2_1(x) + place);
    x = x + l.cross_attn.proj(attend(q, memory.keysAndValues.narrow(2, start, inner_),
                                     memory.keysAndValues.narrow(2, start + inner_, inner_)));
    return x + l.ffnOut(at::gelu(l.ffnIn(l.ln3(x))));
}

} // namespace body4d::sam3d_body
