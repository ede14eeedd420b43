#pragma once

#include "nn/fields.h"
#include "nn/runtime.h"

#include <string>
#include <utility>

namespace body4d::scene_blocks {

/// Moves weights to where they are used. Matrices of the transformers get the placement's precision, as autocast would
/// round them on every call; everything else stays float32.
class PlaceWeights final : public nn::Fields {
public:
    /// @param trunk what the keys of the transformers begin with
    PlaceWeights(const nn::Placement& placement, std::string trunk) : placement_(placement), trunk_(std::move(trunk)) {}

protected:
    void take(const std::string& key, at::Tensor& tensor) override {
        const bool matrix =
            key.starts_with(trunk_) && key.find("norm") == std::string::npos &&
            (key.find(".attn.") != std::string::npos || key.find(".mlp.") != std::string::npos ||
             key.find(".patch_embed.proj.") != std::string::npos);
        tensor = tensor.to(placement_.device, matrix ? placement_.dtype : at::kFloat).contiguous();
    }

private:
    const nn::Placement& placement_;
    const std::string trunk_;
};

} // namespace body4d::scene_blocks
