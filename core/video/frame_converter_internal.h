#pragma once

#include "base/image.h"
#include "video/ffmpeg_internal.h"
#include "video/hdr_internal.h"
#include "video/image_pool_internal.h"

namespace body4d {

/// Size of the upright frame of a picture of stored size with this sample aspect ratio (0/0 and odd values
/// count as square). Stretches the shorter-sampled side, so no pixel is lost.
struct UprightSize {
    int width = 0, height = 0;
};
[[nodiscard]] UprightSize uprightSize(int storedWidth, int storedHeight, AVRational sampleAspect,
                                      ffmpeg::Orientation orientation);

/// Decoded frames of any pixel format to upright full-range RGB. Untagged YUV is taken as limited-range
/// BT.601, as FFmpeg's own programs and OpenCV do. Alpha is laid over black. One thread at a time.
class FrameConverter {
public:
    /// @param bestQuality  interpolated chroma and exact rounding, for stills; else FFmpeg's default for
    /// video
    FrameConverter(UprightSize size, ffmpeg::Orientation orientation, bool bestQuality);
    /// Frames in the memory of a video card are fetched first. @throws Error{Input}
    [[nodiscard]] ImagePtr convert(const AVFrame& frame);

private:
    void toRgb(const AVFrame& frame, std::uint8_t* rgb, std::ptrdiff_t stride);
    void convertPixels(const AVFrame& frame, std::uint8_t* rgb, std::ptrdiff_t stride);
    void scale(const AVFrame& frame, AVPixelFormat target, std::uint8_t* pixels, std::ptrdiff_t stride);

    /// What the scaler was set up for.
    struct Key {
        int width = 0, height = 0;
        AVPixelFormat format = AV_PIX_FMT_NONE, target = AV_PIX_FMT_NONE;
        int matrix = -1;
        bool fullRange = false;
        bool operator==(const Key&) const = default;
    };
    UprightSize size_;
    ffmpeg::Orientation orientation_;
    int storedWidth_, storedHeight_; ///< upright size before turning
    bool bestQuality_;
    ImagePool pool_;
    Key key_;
    ffmpeg::ScalerPtr scaler_;
    std::unique_ptr<HdrToSdr> hdr_;
    std::vector<std::uint8_t> scratch_, turned_;
};

/// Turns RGB rows without padding; `to` holds the same number of pixels, sides swapped where the turn asks
/// for it.
void applyOrientation(const std::uint8_t* from, int width, int height, ffmpeg::Orientation orientation,
                      std::uint8_t* to);

} // namespace body4d
