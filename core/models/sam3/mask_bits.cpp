#include "models/sam3/mask_bits.h"

#include <ATen/ATen.h>

#include <bit>
#include <cstring>

#include "nn/side_stream.h"

namespace body4d::sam3 {
namespace {

std::int64_t bytesPerMask(int width, int height) {
    return (static_cast<std::int64_t>(width) * height + 7) / 8;
}

} // namespace

MaskBits MaskBits::pack(const at::Tensor& logits, const at::Tensor& scores, int width, int height) {
    MaskBits packed;
    packed.count = logits.size(0);
    packed.width = width;
    packed.height = height;
    const auto pixels = static_cast<std::int64_t>(width) * height;
    const auto weights =
        nn::uploaded(at::tensor({128, 64, 32, 16, 8, 4, 2, 1}, at::kByte), logits.device());
    std::vector<at::Tensor> pieces;
    for (std::int64_t i = 0; i < packed.count; ++i) { // one after the other: at video size they are large
        const auto full =
            at::upsample_bilinear2d(logits[i].unsqueeze(0).unsqueeze(0), {height, width}, false)[0][0];
        const auto bits = at::constant_pad_nd((full > 0).t().reshape({pixels}).to(at::kByte),
                                              {0, 8 * bytesPerMask(width, height) - pixels});
        pieces.push_back((bits.view({-1, 8}) * weights).sum(1, false, at::kByte));
    }
    pieces.push_back(scores.contiguous().view(at::kByte).flatten());
    packed.bytes = at::cat(pieces);
    return packed;
}

MaskBits MaskBits::onHost() const {
    MaskBits host = *this;
    host.bytes = bytes.to(at::kCPU);
    return host;
}

RleMask MaskBits::mask(std::int64_t index) const {
    const auto size = bytesPerMask(width, height);
    const auto* data = bytes.const_data_ptr<std::uint8_t>() + index * size;
    return rleOfBits({data, static_cast<std::size_t>(size)}, width, height);
}

at::Tensor MaskBits::scores() const {
    at::Tensor values = at::empty({2, count}, at::kFloat);
    std::memcpy(values.mutable_data_ptr(),
                bytes.const_data_ptr<std::uint8_t>() + count * bytesPerMask(width, height), values.nbytes());
    return values;
}

float MaskBits::score(std::int64_t at) const {
    float value = 0;
    std::memcpy(&value,
                bytes.const_data_ptr<std::uint8_t>() + count * bytesPerMask(width, height) +
                    at * static_cast<std::int64_t>(sizeof value),
                sizeof value);
    return value;
}

RleMask rleOfBits(std::span<const std::uint8_t> bytes, int width, int height) {
    RleMask mask;
    mask.width = width;
    mask.height = height;
    const auto pixels = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
    std::uint64_t at = 0, runStart = 0;
    bool inside = false;
    while (at < pixels) {
        // The next eight bytes with the pixel at `at` on top; those that differ from the run's value end it.
        std::uint64_t word = 0;
        const auto byte = at / 8, offset = at % 8;
        for (std::uint64_t i = 0; i < 8; ++i) {
            word = word << 8 | (byte + i < bytes.size() ? bytes[byte + i] : 0);
        }
        word <<= offset;
        const auto same = static_cast<std::uint64_t>(std::countl_zero(inside ? ~word : word));
        const auto known = 64 - offset;
        if (same >= known) {
            at += known;
            continue;
        }
        at += same;
        if (at >= pixels) {
            break;
        }
        mask.counts.push_back(static_cast<std::uint32_t>(at - runStart));
        runStart = at;
        inside = !inside;
    }
    mask.counts.push_back(static_cast<std::uint32_t>(pixels - runStart));
    return mask;
}

} // namespace body4d::sam3
