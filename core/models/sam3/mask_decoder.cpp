#include "models/sam3/mask_decoder.h"

#include <ATen/ATen.h>

namespace body4d::sam3 {
namespace {

constexpr std::int64_t kHeads = 8;
constexpr std::int64_t kQualityHidden = 256;
constexpr std::int64_t kScoreToken = 0, kQualityToken = 1, kFirstMaskToken = 2;
/// A mask is stable where its area hardly changes between these thresholds.
constexpr double kStabilityDelta = 0.05, kStable = 0.98;

} // namespace

TwoWayBlock::TwoWayBlock(const TrackerConfig& config, bool isFirst)
    : self_attn(config.width, config.width, config.width, kHeads),
      cross_attn_token_to_image(config.width, config.width, config.width / 2, kHeads),
      cross_attn_image_to_token(config.width, config.width, config.width / 2, kHeads),
      lin1(config.width, config.hidden), lin2(config.hidden, config.width), norm1(config.width),
      norm2(config.width), norm3(config.width), norm4(config.width), first(isFirst) {}

void TwoWayBlock::fields(nn::Fields& f) {
    f("self_attn", self_attn);
    f("norm1", norm1);
    f("cross_attn_token_to_image", cross_attn_token_to_image);
    f("norm2", norm2);
    f("mlp.lin1", lin1);
    f("mlp.lin2", lin2);
    f("norm3", norm3);
    f("norm4", norm4);
    f("cross_attn_image_to_token", cross_attn_image_to_token);
}

void TwoWayBlock::operator()(at::Tensor& tokens, at::Tensor& image, const at::Tensor& tokenPositions,
                             const at::Tensor& imagePositions) const {
    if (first) {
        tokens = norm1(self_attn(tokens, tokens, tokens));
    } else {
        const auto q = tokens + tokenPositions;
        tokens = norm1(tokens + self_attn(q, q, tokens));
    }
    const auto placed = image + imagePositions;
    tokens = norm2(tokens + cross_attn_token_to_image(tokens + tokenPositions, placed, image));
    tokens = norm3(tokens + lin2(at::relu(lin1(tokens))));
    image = norm4(image + cross_attn_image_to_token(placed, tokens + tokenPositions, tokens));
}

MaskDecoder::MaskDecoder(const TrackerConfig& config)
    : iou_token(1, config.width), mask_tokens(4, config.width), obj_score_token(1, config.width),
      final_attn_token_to_image(config.width, config.width, config.width / 2, kHeads),
      norm_final_attn(config.width), upscale0(config.width, config.width / 4),
      upscale3(config.width / 4, config.width / 8), upscale1(config.width / 4),
      iou_prediction_head(config.width, kQualityHidden, 4),
      pred_obj_score_head(config.width, config.width, 1) {
    layers.emplace_back(config, true);
    layers.emplace_back(config, false);
    for (auto& mlp : output_hypernetworks_mlps) {
        mlp = nn::Mlp3(config.width, config.width, config.width / 8);
    }
}

void MaskDecoder::fields(nn::Fields& f) {
    f("iou_token", iou_token);
    f("mask_tokens", mask_tokens);
    f("obj_score_token", obj_score_token);
    f("transformer.layers", layers);
    f("transformer.final_attn_token_to_image", final_attn_token_to_image);
    f("transformer.norm_final_attn", norm_final_attn);
    f("output_upscaling.0", upscale0);
    f("output_upscaling.1", upscale1);
    f("output_upscaling.3", upscale3);
    f("output_hypernetworks_mlps", output_hypernetworks_mlps);
    f("iou_prediction_head", iou_prediction_head);
    f("pred_obj_score_head", pred_obj_score_head);
}

void MaskDecoder::prepare(const TrackerConfig& config) {
    grid_ = config.grid();
    outputTokens_ = at::cat({obj_score_token.weight, iou_token.weight, mask_tokens.weight}).unsqueeze(0);
}

DecodedTokens MaskDecoder::transform(const at::Tensor& image, const at::Tensor& sparse,
                                     const at::Tensor& imagePositions) const {
    const auto batch = image.size(0);
    const auto positions =
        at::cat({outputTokens_.expand({batch, -1, -1}), sparse.expand({batch, -1, -1})}, 1);
    const auto places = imagePositions.flatten(2).transpose(1, 2); // [1, N, width]
    DecodedTokens out{positions, image.flatten(2).transpose(1, 2)};
    for (const auto& layer : layers) {
        layer(out.hidden, out.image, positions, places);
    }
    out.hidden = norm_final_attn(
        out.hidden + final_attn_token_to_image(out.hidden + positions, out.image + places, out.image));
    return out;
}

at::Tensor MaskDecoder::upscale(const DecodedTokens& tokens, const Features& features) const {
    const auto image = tokens.image.transpose(1, 2).unflatten(2, {grid_, grid_});
    const auto half = at::gelu(upscale1(upscale0(image) + features.s1)); // [B, width / 4, 2 grid, 2 grid]
    return at::gelu(upscale3(half) + features.s0);                       // [B, width / 8, 4 grid, 4 grid]
}

at::Tensor MaskDecoder::allMasks(const DecodedTokens& tokens, const at::Tensor& upscaled) const {
    std::vector<at::Tensor> weights;
    for (std::size_t i = 0; i < output_hypernetworks_mlps.size(); ++i) {
        weights.push_back(output_hypernetworks_mlps[i](
            tokens.hidden.select(1, kFirstMaskToken + static_cast<std::int64_t>(i))));
    }
    return at::bmm(at::stack(weights, 1), upscaled.flatten(2)).unflatten(2, {4 * grid_, 4 * grid_});
}

at::Tensor MaskDecoder::qualities(const DecodedTokens& tokens) const {
    return at::sigmoid(iou_prediction_head(tokens.hidden.select(1, kQualityToken)));
}

at::Tensor MaskDecoder::scores(const DecodedTokens& tokens) const {
    return pred_obj_score_head(tokens.hidden.select(1, kScoreToken)).squeeze(1);
}

DecodedMask MaskDecoder::bestOfThree(const DecodedTokens& tokens, const Features& features) const {
    const auto [iou, best] = qualities(tokens).slice(1, 1).max(1); // [B]
    const auto pick = [&](const at::Tensor& three) {               // [B, 3, C] to [B, 1, C]
        return three.gather(1, best.view({-1, 1, 1}).expand({-1, 1, three.size(2)}));
    };
    const auto three = tokens.hidden.narrow(1, kFirstMaskToken + 1, 3);
    std::vector<at::Tensor> weights;
    for (std::int64_t i = 0; i < 3; ++i) {
        weights.push_back(output_hypernetworks_mlps[static_cast<std::size_t>(i + 1)](three.select(1, i)));
    }
    const auto upscaled = upscale(tokens, features);
    DecodedMask out;
    out.logits =
        at::bmm(pick(at::stack(weights, 1)), upscaled.flatten(2)).unflatten(2, {4 * grid_, 4 * grid_});
    out.iou = iou;
    out.pointer = pick(three).squeeze(1);
    out.score = scores(tokens);
    return out;
}

DecodedMask MaskDecoder::single(const DecodedTokens& tokens, const Features& features) const {
    const auto masks = allMasks(tokens, upscale(tokens, features)); // [B, 4, ., .]
    const auto quality = qualities(tokens);
    const auto flat = masks.select(1, 0).flatten(1);
    const auto inner = (flat > kStabilityDelta).sum(1).to(at::kFloat),
               outer = (flat > -kStabilityDelta).sum(1).to(at::kFloat);
    const auto stable = at::logical_or(outer == 0, inner / outer >= kStable); // [B]
    const auto best = at::where(stable, 0, quality.slice(1, 1).argmax(1) + 1);
    DecodedMask out;
    out.logits = masks.gather(1, best.view({-1, 1, 1, 1}).expand({-1, 1, masks.size(2), masks.size(3)}));
    out.iou = quality.gather(1, best.unsqueeze(1)).squeeze(1);
    // The pointer stays that of the first token, whichever mask is taken.
    out.pointer = tokens.hidden.select(1, kFirstMaskToken);
    out.score = scores(tokens);
    return out;
}

} // namespace body4d::sam3
