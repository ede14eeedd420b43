#include "video/picture_colour.h"

#include "video/picture_colour_internal.h"

#include <algorithm>
#include <cmath>

extern "C" {
#include <libavutil/hwcontext.h>
#include <libavutil/mastering_display_metadata.h>
}

namespace body4d {

namespace {

std::string orEmpty(const char* name) {
    return name != nullptr ? name : "";
}

std::string nameOf(AVColorTransferCharacteristic transfer) {
    switch (transfer) {
    case AVCOL_TRC_UNSPECIFIED:
    case AVCOL_TRC_RESERVED0:
    case AVCOL_TRC_RESERVED:
        return {};
    case AVCOL_TRC_SMPTE2084:
        return "PQ";
    case AVCOL_TRC_ARIB_STD_B67:
        return "HLG";
    case AVCOL_TRC_BT709:
        return "BT.709";
    case AVCOL_TRC_SMPTE170M:
        return "BT.601";
    case AVCOL_TRC_BT2020_10:
    case AVCOL_TRC_BT2020_12:
        return "BT.2020 (SDR)";
    case AVCOL_TRC_IEC61966_2_1:
        return "sRGB";
    case AVCOL_TRC_LINEAR:
        return "linear";
    case AVCOL_TRC_GAMMA22:
        return "gamma 2.2";
    case AVCOL_TRC_GAMMA28:
        return "gamma 2.8";
    default:
        return orEmpty(av_color_transfer_name(transfer));
    }
}

std::string nameOf(AVColorPrimaries primaries) {
    switch (primaries) {
    case AVCOL_PRI_UNSPECIFIED:
    case AVCOL_PRI_RESERVED0:
    case AVCOL_PRI_RESERVED:
        return {};
    case AVCOL_PRI_BT709:
        return "BT.709";
    case AVCOL_PRI_BT2020:
        return "BT.2020";
    case AVCOL_PRI_SMPTE170M:
    case AVCOL_PRI_SMPTE240M:
        return "BT.601 (NTSC)";
    case AVCOL_PRI_BT470BG:
        return "BT.601 (PAL)";
    case AVCOL_PRI_SMPTE431:
        return "DCI-P3";
    case AVCOL_PRI_SMPTE432:
        return "Display P3";
    default:
        return orEmpty(av_color_primaries_name(primaries));
    }
}

std::string nameOf(AVColorSpace matrix) {
    switch (matrix) {
    case AVCOL_SPC_UNSPECIFIED:
    case AVCOL_SPC_RESERVED:
        return {};
    case AVCOL_SPC_RGB:
        return "RGB";
    case AVCOL_SPC_BT709:
        return "BT.709";
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_BT470BG:
        return "BT.601";
    case AVCOL_SPC_BT2020_NCL:
        return "BT.2020";
    case AVCOL_SPC_BT2020_CL:
        return "BT.2020 (constant luminance)";
    default:
        return orEmpty(av_color_space_name(matrix));
    }
}

/// Of the frame, or of the stream where a hardware decoder or a filter dropped it.
const std::uint8_t* lightData(const AVFrame& frame, AVFrameSideDataType inFrame, const AVStream& stream,
                              AVPacketSideDataType inStream) {
    if (const AVFrameSideData* side = av_frame_get_side_data(&frame, inFrame)) {
        return side->data;
    }
    return av_stream_get_side_data(&stream, inStream, nullptr);
}

} // namespace

PictureColour colourOf(const AVFrame& frame, const AVStream& stream) {
    const AVCodecParameters& codec = *stream.codecpar;
    PictureColour colour;
    const auto transfer = frame.color_trc != AVCOL_TRC_UNSPECIFIED ? frame.color_trc : codec.color_trc;
    const auto primaries =
        frame.color_primaries != AVCOL_PRI_UNSPECIFIED ? frame.color_primaries : codec.color_primaries;
    const auto matrix = frame.colorspace != AVCOL_SPC_UNSPECIFIED ? frame.colorspace : codec.color_space;
    colour.transfer = nameOf(transfer);
    colour.primaries = nameOf(primaries);
    colour.matrix = nameOf(matrix);
    // What the frames are converted by: see FrameConverter.
    if (frame.color_trc == AVCOL_TRC_SMPTE2084) {
        colour.dynamicRange = PictureColour::DynamicRange::Pq;
    } else if (frame.color_trc == AVCOL_TRC_ARIB_STD_B67) {
        colour.dynamicRange = PictureColour::DynamicRange::Hlg;
    }
    auto format = static_cast<AVPixelFormat>(frame.format);
    if (frame.hw_frames_ctx != nullptr) { // the card's memory: the format of what lies in it
        format = reinterpret_cast<const AVHWFramesContext*>(frame.hw_frames_ctx->data)->sw_format;
    }
    bool rgb = false;
    if (const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format)) {
        rgb = (description->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
        colour.bitDepth = description->comp[0].depth;
        for (int i = 1; i < description->nb_components; ++i) {
            colour.bitDepth = std::max(colour.bitDepth, description->comp[i].depth);
        }
        if ((description->flags & AV_PIX_FMT_FLAG_PAL) != 0) {
            colour.bitDepth = 8;
        }
    }
    const bool jpeg = format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P ||
                      format == AV_PIX_FMT_YUVJ444P || format == AV_PIX_FMT_YUVJ440P ||
                      format == AV_PIX_FMT_YUVJ411P;
    colour.fullRange = rgb || jpeg || frame.color_range == AVCOL_RANGE_JPEG;
    if (const auto* data = lightData(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA, stream,
                                     AV_PKT_DATA_MASTERING_DISPLAY_METADATA)) {
        const auto& screen = *reinterpret_cast<const AVMasteringDisplayMetadata*>(data);
        if (screen.has_luminance != 0 && screen.max_luminance.den > 0 && screen.max_luminance.num > 0) {
            colour.masteringPeak = static_cast<int>(std::lround(av_q2d(screen.max_luminance)));
        }
    }
    if (const auto* data =
            lightData(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL, stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL)) {
        if (const auto& light = *reinterpret_cast<const AVContentLightMetadata*>(data); light.MaxCLL > 0) {
            colour.brightestPixel = static_cast<int>(light.MaxCLL);
        }
    }
    return colour;
}

std::string unusualColour(const PictureColour& colour) {
    std::string text;
    const auto add = [&text](const std::string& fact) { text += (text.empty() ? "" : ", ") + fact; };
    const auto usual = [](const std::string& name) {
        return name.empty() || name == "BT.709" || name == "sRGB" || name.starts_with("BT.601");
    };
    if (!usual(colour.transfer)) {
        add(colour.transfer);
    }
    if (!usual(colour.primaries)) {
        add(colour.primaries);
    }
    if (colour.bitDepth != 8) {
        add(std::to_string(colour.bitDepth) + " bit");
    }
    return text;
}

} // namespace body4d
