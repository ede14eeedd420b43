#pragma once

#include <optional>
#include <string>

namespace body4d {

/// How the pixels of a video stand for light, as its tags and pixel format say. Frames are handed out for a
/// normal screen all the same: see hdr().
struct PictureColour {
    enum class DynamicRange {
        Standard,
        Hlg, ///< hybrid log-gamma, as telephones record
        Pq   ///< perceptual quantizer, as discs and streams carry
    };
    DynamicRange dynamicRange = DynamicRange::Standard;
    /// Names as people know them ("PQ", "BT.2020"); empty where the file does not say.
    std::string transfer, primaries, matrix;
    int bitDepth = 8;       ///< bits of a component
    bool fullRange = false; ///< black is 0 and not 16 (in 8 bits)
    /// Brightest light of the screen it was made on and of the picture itself, cd/m2, where the file says so.
    std::optional<int> masteringPeak, brightestPixel;

    /// Brought to a normal screen when a frame is read: highlights rolled off, colours brought to BT.709.
    [[nodiscard]] bool hdr() const { return dynamicRange != DynamicRange::Standard; }
};

/// What there is to know, without a verdict: "PQ, BT.2020, 10 bit". Leaves out what is usual (8 bit, BT.709
/// or no tag), so it is empty for most videos.
[[nodiscard]] std::string unusualColour(const PictureColour& colour);

} // namespace body4d
