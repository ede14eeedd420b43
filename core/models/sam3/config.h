#pragma once

#include <cstdint>
#include <vector>

namespace body4d::sam3 {

/// Sizes and rules of what follows the image encoder. The defaults are those of SAM 3's released checkpoint.
struct TrackerConfig {
    std::int64_t imageSize = 1008; ///< frames are squashed to imageSize x imageSize
    std::int64_t patch = 14;       ///< side of a token in pixels
    std::int64_t width = 256;      ///< of everything behind the encoder
    std::int64_t memoryWidth = 64; ///< channels of a remembered map
    std::int64_t memoryLayers = 4;
    std::int64_t hidden = 2048; ///< of the transformers behind the encoder
    /// Side of the grid of latents that a map is condensed into before it is remembered, with as many latents
    /// without a place beside them; 0: maps are remembered as they are.
    std::int64_t latentGrid = 0;
    bool timedPointers = true;    ///< an object's pointers tell how long ago they were made
    bool marksAbsence = true;     ///< a learned vector marks maps of frames in which the object is absent
    bool masksAtVideoSize = true; ///< a drawn mask is cut out at the size of the video, else at imageSize

    [[nodiscard]] std::int64_t grid() const { return imageSize / patch; } ///< 72
    [[nodiscard]] std::int64_t tokens() const { return grid() * grid(); } ///< 5184
    [[nodiscard]] std::int64_t mapTokens() const {
        return latentGrid > 0 ? 2 * latentGrid * latentGrid : tokens();
    }                                                                  ///< of a remembered map
    [[nodiscard]] std::int64_t maskSize() const { return 4 * grid(); } ///< 288: side of the mask logits
    [[nodiscard]] std::int64_t memoryMaskSize() const {
        return 16 * grid();
    } ///< 1152: side of a mask to be remembered
    [[nodiscard]] std::int64_t pointerTokens() const { return width / memoryWidth; } ///< 4, of one pointer
};

/// Sizes of SAM 3's network.
struct Config : TrackerConfig {
    std::int64_t window = 24; ///< side of an attention window; also of the stored position grid
    std::int64_t trunkWidth = 1024;
    std::int64_t trunkDepth = 32;
    std::int64_t trunkHeads = 16;
    std::int64_t trunkHidden = 4736;
    std::vector<std::int64_t> globalBlocks = {7, 15, 23, 31}; ///< the others attend within windows
    bool classRow = true; ///< the stored positions begin with one of a class token, which nobody uses
};

inline constexpr std::int64_t kMaxMaps = 7;      ///< temporal rows: 6 tracked frames and conditioning frames
inline constexpr std::int64_t kMaxPointers = 16; ///< frames whose pointers are looked at
inline constexpr double kNoObject = -1024;       ///< logit of every pixel where the object is absent

} // namespace body4d::sam3
