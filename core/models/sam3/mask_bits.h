#pragma once

#include "base/image.h"

#include <cstdint>
#include <span>

#include "nn/fields.h"

namespace body4d::sam3 {

/// Masks at the size of the video, one bit a pixel, column by column as RleMask wants them, followed by the
/// scores: everything that the host needs of a frame in one piece, so that one copy fetches it.
struct MaskBits {
    at::Tensor bytes; ///< uint8, on the device or the host
    std::int64_t count = 0;
    int width = 0, height = 0;

    /// @param logits float32 [B, S, S] of the squashed frame  @param scores float32 [2, B]
    [[nodiscard]] static MaskBits pack(const at::Tensor& logits, const at::Tensor& scores, int width,
                                       int height);
    [[nodiscard]] MaskBits onHost() const;
    /// Of a mask on the host.
    [[nodiscard]] RleMask mask(std::int64_t index) const;
    /// float32 [2, B], on the host.
    [[nodiscard]] at::Tensor scores() const;
    [[nodiscard]] float presence(std::int64_t index) const { return score(index); } ///< logit
    [[nodiscard]] float quality(std::int64_t index) const { return score(count + index); }

private:
    [[nodiscard]] float score(std::int64_t at) const;
};

/// Runs of a mask whose pixel i (column by column) is bit 7 - i % 8 of byte i / 8.
[[nodiscard]] RleMask rleOfBits(std::span<const std::uint8_t> bytes, int width, int height);

} // namespace body4d::sam3
