#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace body4d {

/// 8-bit RGB, rows without padding; pixel (x, y) starts at 3 * (y * width + x).
struct Image {
    int width = 0, height = 0;
    std::vector<std::uint8_t> rgb;

    Image() = default;
    Image(int w, int h) : width(w), height(h), rgb(static_cast<std::size_t>(w) * h * 3) {}
    [[nodiscard]] const std::uint8_t* row(int y) const { return rgb.data() + static_cast<std::size_t>(y) * width * 3; }
    [[nodiscard]] std::uint8_t* row(int y) { return rgb.data() + static_cast<std::size_t>(y) * width * 3; }
    [[nodiscard]] bool empty() const { return rgb.empty(); }
};
/// Frames are shared between threads as immutable values.
using ImagePtr = std::shared_ptr<const Image>;

/// One byte a pixel: 0 outside, 255 inside (values between are coverage).
struct Mask {
    int width = 0, height = 0;
    std::vector<std::uint8_t> values;

    Mask() = default;
    Mask(int w, int h) : width(w), height(h), values(static_cast<std::size_t>(w) * h) {}
    [[nodiscard]] const std::uint8_t* row(int y) const { return values.data() + static_cast<std::size_t>(y) * width; }
    [[nodiscard]] std::uint8_t* row(int y) { return values.data() + static_cast<std::size_t>(y) * width; }
    [[nodiscard]] bool empty() const { return values.empty(); }
};

/// Binary mask as run lengths in COCO's order: column by column, starting with a run of zeros (may be 0 long).
struct RleMask {
    int width = 0, height = 0;
    std::vector<std::uint32_t> counts;
    [[nodiscard]] bool empty() const { return counts.empty(); }
    bool operator==(const RleMask&) const = default;
};
/// Pixels of at least 128 count as inside.
[[nodiscard]] RleMask encodeRle(const Mask& mask);
/// @returns values 0 and 255  @throws Error{Input} when the runs do not add up to width * height
[[nodiscard]] Mask decodeRle(const RleMask& rle);
/// Pixels inside.
[[nodiscard]] std::int64_t area(const RleMask& rle);
/// COCO's compressed string form (`counts` of pycocotools) and back.
[[nodiscard]] std::string toCocoString(const RleMask& rle);
[[nodiscard]] RleMask fromCocoString(const std::string& counts, int width, int height);

/// Area average (nearest when enlarging); for thumbnails and previews.
[[nodiscard]] Image resized(const Image& image, int width, int height);

} // namespace body4d
