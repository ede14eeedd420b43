#pragma once

#include <cstdint>

namespace body4d {
class Checkpoint;
}

namespace body4d::sam3d_body {

/// Sizes of the network. The defaults are those of the released checkpoint.
struct Config {
    std::int64_t imageSize = 512; ///< side of a crop in pixels
    std::int64_t patch = 16;
    std::int64_t width = 1280; ///< of the backbone and of the map that the decoders look at
    std::int64_t depth = 32;
    std::int64_t heads = 20;
    std::int64_t hidden = 5120;
    std::int64_t storageTokens = 4;
    std::int64_t decoderWidth = 1024;
    std::int64_t decoderDepth = 6;
    std::int64_t decoderHeads = 8;
    std::int64_t decoderInner = 512; ///< all heads of the decoder together
    std::int64_t decoderHidden = 1024;
    std::int64_t vertices = 18439;
    std::int64_t triangles = 36874;

    [[nodiscard]] std::int64_t grid() const { return imageSize / patch; } ///< 32

    /// Sizes as the tensors' shapes tell them. What shapes do not tell (side of a crop, number of the
    /// decoder's heads) is taken from the released model where the widths are its own; a file that states it
    /// ("sam3d_body.image_size", "sam3d_body.decoder_heads" in its metadata) is believed.
    /// @throws Error{Input} when a tensor that tells a size is missing
    [[nodiscard]] static Config fromCheckpoint(const Checkpoint& file);
};

inline constexpr std::int64_t kKeypoints = 70;
inline constexpr std::int64_t kJoints = 127;
inline constexpr std::int64_t kPoseSize = 519;      ///< what a pose head says, see pose_head.h
inline constexpr std::int64_t kShapeSize = 45;      ///< identity coefficients
inline constexpr std::int64_t kScaleSize = 28;      ///< coefficients of the bones' lengths
inline constexpr std::int64_t kHandSize = 54;       ///< of one hand
inline constexpr std::int64_t kExpressionSize = 72; ///< always zero here
inline constexpr std::int64_t kParameterSize = 204; ///< of the body model
inline constexpr std::int64_t kBodyPoseSize = 133;  ///< angles of the official output

} // namespace body4d::sam3d_body
