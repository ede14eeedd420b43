#pragma once

#include "base/checkpoint.h"

#include <array>
#include <cstdint>
#include <string>

namespace body4d::da3 {

/// Sizes of one branch. Everything but `outLayers` stands in the shapes of the weights.
struct Config {
    std::int64_t width = 384, depth = 12, heads = 6, hidden = 1536;
    bool gated = false; ///< SwiGLU (GIANT)
    std::int64_t altStart =
        4; ///< from this block on frames see each other, queries are normalised and turned; -1: never
    std::array<std::int64_t, 4> outLayers{5, 7, 9, 11};
    std::int64_t features = 64;
    std::array<std::int64_t, 4> channels{48, 96, 192, 384};
    std::int64_t positions = 37; ///< side of the stored grid of positions

    /// Frames are seen together; cameras and confidence come out.
    [[nodiscard]] bool anyView() const { return altStart >= 0; }
    [[nodiscard]] std::int64_t tokenWidth() const {
        return anyView() ? 2 * width : width;
    } ///< of what heads get
    [[nodiscard]] bool global(std::int64_t block) const {
        return anyView() && block >= altStart && block % 2 == 1;
    }
};

/// Reads the sizes of a branch from its tensors.
/// @param prefix of its keys: "model.", "model.da3." or "model.da3_metric."
/// @throws Error{Input} when it is no released variant
[[nodiscard]] Config configOf(const Checkpoint& file, const std::string& prefix);

/// Whether a file holds two branches of which one knows metres.
[[nodiscard]] bool isNested(const Checkpoint& file);

} // namespace body4d::da3
