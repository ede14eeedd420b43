#include "base/image.h"

#include "base/error.h"

#include <algorithm>
#include <numeric>

namespace body4d {

RleMask encodeRle(const Mask& mask) {
    RleMask rle{mask.width, mask.height, {}};
    // COCO counts along columns; a column walk over a row-major picture misses the cache, so columns go in strips.
    constexpr int kStrip = 16;
    std::vector<std::uint8_t> strip(static_cast<std::size_t>(kStrip) * std::max(mask.height, 1));
    std::uint32_t run = 0;
    bool inside = false;
    for (int x0 = 0; x0 < mask.width; x0 += kStrip) {
        const int n = std::min(kStrip, mask.width - x0);
        for (int y = 0; y < mask.height; ++y) {
            const std::uint8_t* row = mask.row(y) + x0;
            for (int i = 0; i < n; ++i) {
                strip[static_cast<std::size_t>(i) * mask.height + y] = row[i] >> 7;
            }
        }
        const std::size_t total = static_cast<std::size_t>(n) * mask.height;
        for (std::size_t i = 0; i < total; ++i) {
            if ((strip[i] != 0) != inside) {
                rle.counts.push_back(run);
                run = 0;
                inside = !inside;
            }
            ++run;
        }
    }
    rle.counts.push_back(run);
    return rle;
}

Mask decodeRle(const RleMask& rle) {
    const auto total = static_cast<std::uint64_t>(rle.width) * static_cast<std::uint64_t>(rle.height);
    const std::uint64_t sum = std::accumulate(rle.counts.begin(), rle.counts.end(), std::uint64_t{0});
    if (rle.width < 0 || rle.height < 0 || sum != total) {
        throw Error(ErrorCode::Input, "A mask is damaged: its runs do not add up to the picture's size.",
                    "Run the segmentation of this range again.",
                    std::to_string(sum) + " of " + std::to_string(total) + " pixels");
    }
    Mask mask(rle.width, rle.height);
    std::uint64_t at = 0;
    bool inside = false;
    for (const std::uint32_t count : rle.counts) {
        if (inside) {
            for (std::uint64_t i = at; i < at + count; ++i) {
                mask.values[(i % rle.height) * rle.width + i / rle.height] = 255;
            }
        }
        at += count;
        inside = !inside;
    }
    return mask;
}

std::int64_t area(const RleMask& rle) {
    std::int64_t sum = 0;
    for (std::size_t i = 1; i < rle.counts.size(); i += 2) {
        sum += rle.counts[i];
    }
    return sum;
}

std::string toCocoString(const RleMask& rle) {
    // Like LEB128 with 5 bits and a sign a character; from the third run on, the difference to the run two before.
    std::string out;
    for (std::size_t i = 0; i < rle.counts.size(); ++i) {
        std::int64_t x = rle.counts[i];
        if (i > 2) {
            x -= rle.counts[i - 2];
        }
        bool more = true;
        while (more) {
            auto chunk = static_cast<char>(x & 0x1f);
            x >>= 5;
            more = (chunk & 0x10) != 0 ? x != -1 : x != 0;
            if (more) {
                chunk = static_cast<char>(chunk | 0x20);
            }
            out.push_back(static_cast<char>(chunk + 48));
        }
    }
    return out;
}

RleMask fromCocoString(const std::string& text, int width, int height) {
    RleMask rle{width, height, {}};
    std::size_t at = 0;
    while (at < text.size()) {
        std::int64_t x = 0;
        int k = 0;
        bool more = true;
        while (more) {
            if (at >= text.size() || k > 10) {
                throw Error(ErrorCode::Input, "A COCO mask string ends in the middle of a number.",
                            "Export the masks again.");
            }
            const int c = text[at] - 48;
            x |= static_cast<std::int64_t>(c & 0x1f) << (5 * k);
            more = (c & 0x20) != 0;
            ++at;
            ++k;
            if (!more && (c & 0x10) != 0) {
                x |= -(std::int64_t{1} << (5 * k));
            }
        }
        if (rle.counts.size() > 2) {
            x += rle.counts[rle.counts.size() - 2];
        }
        rle.counts.push_back(static_cast<std::uint32_t>(x));
    }
    return rle;
}

Image resized(const Image& image, int width, int height) {
    Image out(width, height);
    if (image.empty() || width <= 0 || height <= 0) {
        return out;
    }
    const double sx = static_cast<double>(image.width) / width, sy = static_cast<double>(image.height) / height;
    for (int y = 0; y < height; ++y) {
        const int y0 = std::min(static_cast<int>(y * sy), image.height - 1);
        const int y1 = std::clamp(static_cast<int>((y + 1) * sy), y0 + 1, image.height);
        for (int x = 0; x < width; ++x) {
            const int x0 = std::min(static_cast<int>(x * sx), image.width - 1);
            const int x1 = std::clamp(static_cast<int>((x + 1) * sx), x0 + 1, image.width);
            unsigned sum[3] = {0, 0, 0};
            for (int v = y0; v < y1; ++v) {
                const std::uint8_t* p = image.row(v) + 3 * static_cast<std::ptrdiff_t>(x0);
                for (int u = x0; u < x1; ++u, p += 3) {
                    sum[0] += p[0];
                    sum[1] += p[1];
                    sum[2] += p[2];
                }
            }
            const auto n = static_cast<unsigned>((y1 - y0) * (x1 - x0));
            std::uint8_t* q = out.row(y) + 3 * static_cast<std::ptrdiff_t>(x);
            for (int c = 0; c < 3; ++c) {
                q[c] = static_cast<std::uint8_t>((sum[c] + n / 2) / n);
            }
        }
    }
    return out;
}

} // namespace body4d
