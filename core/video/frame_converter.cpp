#include "video/frame_converter_internal.h"

#include <algorithm>
#include <cmath>
#include <cstring>

extern "C" {
#include <libavutil/hwcontext.h>
}

namespace body4d {

using ffmpeg::Orientation;

namespace {

/// The old "J" formats mean full range; swscale warns about them.
AVPixelFormat withoutRange(AVPixelFormat format, bool& fullRange) {
    switch (format) {
    case AV_PIX_FMT_YUVJ420P:
        fullRange = true;
        return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
        fullRange = true;
        return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
        fullRange = true;
        return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
        fullRange = true;
        return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ411P:
        fullRange = true;
        return AV_PIX_FMT_YUV411P;
    default:
        return format;
    }
}

bool hasAlpha(AVPixelFormat format) {
    const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format);
    return description != nullptr &&
           ((description->flags & AV_PIX_FMT_FLAG_ALPHA) != 0 || format == AV_PIX_FMT_PAL8);
}

/// HDR without a tag has BT.2020's, as nearly all has.
HdrToSdr::Primaries hdrPrimaries(AVColorPrimaries primaries) {
    switch (primaries) {
    case AVCOL_PRI_SMPTE431:
    case AVCOL_PRI_SMPTE432:
        return HdrToSdr::Primaries::P3;
    case AVCOL_PRI_BT709:
        return HdrToSdr::Primaries::Bt709;
    default:
        return HdrToSdr::Primaries::Bt2020;
    }
}

} // namespace

UprightSize uprightSize(int storedWidth, int storedHeight, AVRational sampleAspect, Orientation orientation) {
    double width = storedWidth, height = storedHeight;
    if (sampleAspect.num > 0 && sampleAspect.den > 0) {
        const double ratio = av_q2d(sampleAspect);
        if (ratio > 1 && ratio < 8) {
            width *= ratio;
        } else if (ratio < 1 && ratio > 1.0 / 8) {
            height /= ratio;
        }
    }
    UprightSize size{static_cast<int>(std::lround(width)), static_cast<int>(std::lround(height))};
    if (orientation.swapsSides()) {
        std::swap(size.width, size.height);
    }
    return size;
}

FrameConverter::FrameConverter(UprightSize size, Orientation orientation, bool bestQuality)
    : size_(size), orientation_(orientation),
      storedWidth_(orientation.swapsSides() ? size.height : size.width),
      storedHeight_(orientation.swapsSides() ? size.width : size.height), bestQuality_(bestQuality),
      pool_(size.width, size.height) {}

ImagePtr FrameConverter::convert(const AVFrame& frame) {
    ffmpeg::FramePtr fetched;
    const AVFrame* source = &frame;
    if (frame.hw_frames_ctx != nullptr) {
        fetched = ffmpeg::newFrame();
        if (const int code = av_hwframe_transfer_data(fetched.get(), &frame, 0); code < 0) {
            throw Error(ErrorCode::Input, "A frame could not be fetched from the video card.",
                        "Switch hardware decoding off.", ffmpeg::message(code));
        }
        av_frame_copy_props(fetched.get(), &frame);
        source = fetched.get();
    }
    auto image = pool_.take();
    const std::ptrdiff_t stride = std::ptrdiff_t{storedWidth_} * 3;
    if (orientation_.identity()) {
        toRgb(*source, image->rgb.data(), stride);
    } else {
        turned_.resize(static_cast<std::size_t>(stride) * storedHeight_);
        toRgb(*source, turned_.data(), stride);
        applyOrientation(turned_.data(), storedWidth_, storedHeight_, orientation_, image->rgb.data());
    }
    return image;
}

void FrameConverter::toRgb(const AVFrame& frame, std::uint8_t* rgb, std::ptrdiff_t stride) {
    const bool hlg = frame.color_trc == AVCOL_TRC_ARIB_STD_B67;
    if (!hlg && frame.color_trc != AVCOL_TRC_SMPTE2084) {
        convertPixels(frame, rgb, stride);
        return;
    }
    const auto transfer = hlg ? HdrToSdr::Transfer::Hlg : HdrToSdr::Transfer::Pq;
    const auto primaries = hdrPrimaries(frame.color_primaries);
    if (!hdr_ || hdr_->transfer() != transfer || hdr_->primaries() != primaries) {
        hdr_ = std::make_unique<HdrToSdr>(transfer, primaries);
    }
    const std::ptrdiff_t deepStride = (stride * 2 + 96 + 63) / 64 * 64;
    scratch_.resize(static_cast<std::size_t>(deepStride) * storedHeight_ + 64);
    scale(frame, AV_PIX_FMT_RGB48, scratch_.data(), deepStride);
    hdr_->apply(reinterpret_cast<const std::uint16_t*>(scratch_.data()), deepStride / 2, storedWidth_,
                storedHeight_, rgb);
}

void FrameConverter::convertPixels(const AVFrame& frame, std::uint8_t* rgb, std::ptrdiff_t stride) {
    const auto format = static_cast<AVPixelFormat>(frame.format);
    if (hasAlpha(format)) {
        const std::ptrdiff_t scratchStride = (std::ptrdiff_t{storedWidth_} * 4 + 63) / 64 * 64;
        scratch_.resize(static_cast<std::size_t>(scratchStride) * storedHeight_ + 64);
        scale(frame, AV_PIX_FMT_RGBA, scratch_.data(), scratchStride);
        for (int y = 0; y < storedHeight_; ++y) {
            const std::uint8_t* in = scratch_.data() + y * scratchStride;
            std::uint8_t* out = rgb + y * stride;
            for (int x = 0; x < storedWidth_; ++x, in += 4, out += 3) {
                for (int k = 0; k < 3; ++k) {
                    out[k] = static_cast<std::uint8_t>((in[k] * in[3] + 127) / 255);
                }
            }
        }
        return;
    }
    // swscale writes whole vectors and would run past the end of a tight row.
    if (storedWidth_ % 32 == 0) {
        scale(frame, AV_PIX_FMT_RGB24, rgb, stride);
        return;
    }
    const std::ptrdiff_t scratchStride = (stride + 96 + 63) / 64 * 64;
    scratch_.resize(static_cast<std::size_t>(scratchStride) * storedHeight_ + 64);
    scale(frame, AV_PIX_FMT_RGB24, scratch_.data(), scratchStride);
    for (int y = 0; y < storedHeight_; ++y) {
        std::memcpy(rgb + y * stride, scratch_.data() + y * scratchStride, static_cast<std::size_t>(stride));
    }
}

void FrameConverter::scale(const AVFrame& frame, AVPixelFormat target, std::uint8_t* pixels,
                           std::ptrdiff_t stride) {
    bool fullRange = frame.color_range == AVCOL_RANGE_JPEG;
    const Key wanted{
        frame.width, frame.height,     withoutRange(static_cast<AVPixelFormat>(frame.format), fullRange),
        target,      frame.colorspace, fullRange};
    if (!scaler_ || !(wanted == key_)) {
        const auto fail = [&](int code) {
            return Error(ErrorCode::Input, "The pixels of this video cannot be converted to RGB.",
                         "Convert the video: ffmpeg -i IN -pix_fmt yuv420p OUT.mp4",
                         std::string(av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame.format))
                                         ? av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame.format))
                                         : "unknown pixel format") +
                             (code < 0 ? ": " + ffmpeg::message(code) : std::string()));
        };
        if (frame.width <= 0 || frame.height <= 0) {
            throw fail(0);
        }
        scaler_.reset(sws_alloc_context());
        if (!scaler_) {
            throw std::bad_alloc();
        }
        SwsContext* scaler = scaler_.get();
        av_opt_set_int(scaler, "srcw", wanted.width, 0);
        av_opt_set_int(scaler, "srch", wanted.height, 0);
        av_opt_set_int(scaler, "src_format", wanted.format, 0);
        av_opt_set_int(scaler, "dstw", storedWidth_, 0);
        av_opt_set_int(scaler, "dsth", storedHeight_, 0);
        av_opt_set_int(scaler, "dst_format", target, 0);
        av_opt_set_int(scaler, "sws_flags",
                       SWS_BICUBIC | (bestQuality_ || target == AV_PIX_FMT_RGB48
                                          ? SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP
                                          : 0),
                       0);
        sws_setColorspaceDetails(scaler, sws_getCoefficients(wanted.matrix), wanted.fullRange ? 1 : 0,
                                 sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
        if (const int code = sws_init_context(scaler, nullptr, nullptr); code < 0) {
            scaler_.reset();
            throw fail(code);
        }
        // Again: setting up the context resets the ranges of formats that it does not know to carry one.
        sws_setColorspaceDetails(scaler, sws_getCoefficients(wanted.matrix), wanted.fullRange ? 1 : 0,
                                 sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
        key_ = wanted;
    }
    std::uint8_t* planes[4] = {pixels, nullptr, nullptr, nullptr};
    const int strides[4] = {static_cast<int>(stride), 0, 0, 0};
    sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, planes, strides);
}

void applyOrientation(const std::uint8_t* from, int width, int height, Orientation orientation,
                      std::uint8_t* to) {
    // Address of source pixel (x, y) in the result: origin + x * stepX + y * stepY, in pixels.
    const std::ptrdiff_t w = width, h = height;
    std::ptrdiff_t origin = 0, stepX = 1, stepY = w;
    switch (orientation.quarterTurns) {
    case 1:
        origin = h - 1, stepX = h, stepY = -1;
        break;
    case 2:
        origin = w * h - 1, stepX = -1, stepY = -w;
        break;
    case 3:
        origin = (w - 1) * h, stepX = -h, stepY = 1;
        break;
    default:
        break;
    }
    if (orientation.mirror) {
        origin += (w - 1) * stepX;
        stepX = -stepX;
    }
    constexpr int kTile = 32; // both sides of a tile stay in the nearest cache
    for (int y0 = 0; y0 < height; y0 += kTile) {
        for (int x0 = 0; x0 < width; x0 += kTile) {
            const int x1 = std::min(width, x0 + kTile), y1 = std::min(height, y0 + kTile);
            for (int y = y0; y < y1; ++y) {
                const std::uint8_t* in = from + (y * w + x0) * 3;
                std::ptrdiff_t out = (origin + y * stepY + x0 * stepX) * 3;
                for (int x = x0; x < x1; ++x, in += 3, out += stepX * 3) {
                    to[out] = in[0];
                    to[out + 1] = in[1];
                    to[out + 2] = in[2];
                }
            }
        }
    }
}

} // namespace body4d
