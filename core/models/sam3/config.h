#pragma once

#include <cstdint>
#include <vector>

namespace body4d::sam3 {

/// Sizes of the network. The defaults are those of the released checkpoint.
struct Config {
    std::int64_t imageSize = 1008; ///< frames are squashed to imageSize x imageSize
    std::int64_t patch = 14;       ///< side of a patch in pixels
    std::int64_t window = 24;      ///< side of an attention window; also of the stored position grid
    std::int64_t trunkWidth = 1024;
    std::int64_t trunkDepth = 32;
    std::int64_t trunkHeads = 16;
    std::int64_t trunkHidden = 4736;
    std::vector<std::int64_t> globalBlocks = {7, 15, 23, 31}; ///< the others attend within windows
    std::int64_t width = 256;                                 ///< of everything behind the neck
    std::int64_t memoryWidth =
        64; ///< channels of a remembered map; a pointer splits into width / memoryWidth tokens
    std::int64_t memoryLayers = 4;
    std::int64_t hidden = 2048; ///< of the transformers behind the neck

    [[nodiscard]] std::int64_t grid() const { return imageSize / patch; } ///< 72
    [[nodiscard]] std::int64_t tokens() const { return grid() * grid(); } ///< 5184
    [[nodiscard]] std::int64_t maskSize() const { return 4 * grid(); }    ///< 288: side of the mask logits
    [[nodiscard]] std::int64_t memoryMaskSize() const {
        return 16 * grid();
    } ///< 1152: side of a mask to be remembered
    [[nodiscard]] std::int64_t pointerTokens() const { return width / memoryWidth; } ///< 4
};

inline constexpr std::int64_t kMaxMaps = 7;      ///< temporal rows: 6 tracked frames and conditioning frames
inline constexpr std::int64_t kMaxPointers = 16; ///< frames whose pointers are looked at
inline constexpr double kNoObject = -1024;       ///< logit of every pixel where the object is absent

} // namespace body4d::sam3
