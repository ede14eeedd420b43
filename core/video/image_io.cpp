#include "base/error.h"
#include "base/files.h"
#include "base/target_clones.h"
#include "video/frame_converter_internal.h"
#include "video/media_file_internal.h"
#include "video/picture_colour_internal.h"
#include "video/reader_internal.h"
#include "video/still_codec_internal.h"
#include "video/video_writer.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <span>

namespace body4d {

namespace fs = std::filesystem;

namespace {

[[nodiscard]] Error encodingFailed(int code) {
    return Error(ErrorCode::Output, "An image could not be encoded.", "See the details.",
                 ffmpeg::message(code));
}

ffmpeg::FramePtr pictureOf(int width, int height, AVPixelFormat format) {
    auto frame = ffmpeg::newFrame();
    frame->width = width;
    frame->height = height;
    frame->format = format;
    if (const int code = av_frame_get_buffer(frame.get(), 0); code < 0) {
        throw encodingFailed(code);
    }
    return frame;
}

/// Refers to pixels of ours without copying; the frame must not outlive them.
ffmpeg::FramePtr wrap(int width, int height, AVPixelFormat format, const std::uint8_t* pixels, int stride) {
    auto frame = ffmpeg::newFrame();
    frame->width = width;
    frame->height = height;
    frame->format = format;
    frame->data[0] = const_cast<std::uint8_t*>(pixels); // encoders only read
    frame->linesize[0] = stride;
    frame->buf[0] = av_buffer_create(
        frame->data[0], static_cast<std::size_t>(stride) * height, [](void*, std::uint8_t*) {}, nullptr,
        AV_BUFFER_FLAG_READONLY);
    if (frame->buf[0] == nullptr) {
        throw std::bad_alloc();
    }
    return frame;
}

void requireSize(int width, int height, std::size_t bytes, std::size_t perPixel) {
    BODY4D_EXPECT(width > 0 && height > 0);
    BODY4D_EXPECT(bytes == perPixel * static_cast<std::size_t>(width) * height);
}

/// JPEG's own colours, of BT.601 in full range: a third of the time that swscale takes for it, and within one
/// step.
BODY4D_CLONES void toYcc(const std::uint8_t* rgb, int width, std::uint8_t* luma, std::uint8_t* blue,
                         std::uint8_t* red) {
    constexpr int kHalf = 1 << 15, kMiddle = (128 << 16) + kHalf - 1; // 16 bits behind the point
    for (int i = 0; i < width; ++i) {
        const int r = rgb[3 * i], g = rgb[3 * i + 1], b = rgb[3 * i + 2];
        luma[i] = static_cast<std::uint8_t>((19595 * r + 38470 * g + 7471 * b + kHalf) >> 16);
        blue[i] = static_cast<std::uint8_t>((-11059 * r - 21709 * g + 32768 * b + kMiddle) >> 16);
        red[i] = static_cast<std::uint8_t>((32768 * r - 27439 * g - 5329 * b + kMiddle) >> 16);
    }
}

/// Means of two by two, rounded; an odd last column or row stands for its missing neighbour.
BODY4D_CLONES void halve(const std::uint8_t* above, const std::uint8_t* below, int width,
                         std::uint8_t* half) {
    for (int i = 0; i < width / 2; ++i) {
        half[i] = static_cast<std::uint8_t>(
            (above[2 * i] + above[2 * i + 1] + below[2 * i] + below[2 * i + 1] + 2) >> 2);
    }
    if (width % 2 == 1) {
        half[width / 2] = static_cast<std::uint8_t>((above[width - 1] + below[width - 1] + 1) >> 1);
    }
}

/// The same with colours in half the resolution, between the pixels as JPEG has them.
void toHalfYcc(const Image& image, AVFrame& frame) {
    const auto width = static_cast<std::size_t>(image.width);
    std::vector<std::uint8_t> rows(4 * width);
    const auto row = [&frame](int plane, int y) {
        return frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane];
    };
    for (int y = 0; y < image.height; y += 2) {
        const int next = std::min(y + 1, image.height - 1);
        toYcc(image.row(y), image.width, row(0, y), rows.data(), rows.data() + width);
        toYcc(image.row(next), image.width, row(0, next), rows.data() + 2 * width, rows.data() + 3 * width);
        halve(rows.data(), rows.data() + 2 * width, image.width, row(1, y / 2));
        halve(rows.data() + width, rows.data() + 3 * width, image.width, row(2, y / 2));
    }
}

ffmpeg::Orientation stillOrientation(const MediaFile& file, const AVFrame& frame) {
    if (const AVFrameSideData* side = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX)) {
        return ffmpeg::orientationFromMatrix(reinterpret_cast<const std::int32_t*>(side->data));
    }
    if (const AVDictionaryEntry* exif = av_dict_get(frame.metadata, "Orientation", nullptr, 0)) {
        return ffmpeg::orientationFromExif(std::atoi(exif->value));
    }
    return file.orientation();
}

} // namespace

std::vector<std::byte> encodeStill(AVCodecID id, const AVFrame& frame, const char* options) {
    const AVCodec* codec = avcodec_find_encoder(id);
    if (codec == nullptr) {
        throw Error(ErrorCode::Output, "This machine's FFmpeg lacks an image encoder.",
                    "Install the full FFmpeg libraries (Debian: libavcodec59).", avcodec_get_name(id));
    }
    ffmpeg::CodecPtr encoder(avcodec_alloc_context3(codec));
    if (!encoder) {
        throw std::bad_alloc();
    }
    encoder->width = frame.width;
    encoder->height = frame.height;
    encoder->pix_fmt = static_cast<AVPixelFormat>(frame.format);
    encoder->time_base = {1, 25};
    encoder->sample_aspect_ratio = {1, 1}; // else PNG says that its pixels are 0 wide
    encoder->thread_count = 1;
    encoder->color_range = frame.color_range;
    if (frame.quality > 0) {
        encoder->flags |= AV_CODEC_FLAG_QSCALE;
        encoder->global_quality = frame.quality;
        encoder->qmin = 1;
    }
    AVDictionary* raw = nullptr;
    av_dict_parse_string(&raw, options, "=", ":", 0);
    int code = avcodec_open2(encoder.get(), codec, &raw);
    av_dict_free(&raw);
    auto packet = ffmpeg::newPacket();
    if (code >= 0) {
        code = avcodec_send_frame(encoder.get(), &frame);
    }
    if (code >= 0) {
        avcodec_send_frame(encoder.get(), nullptr);
        code = avcodec_receive_packet(encoder.get(), packet.get());
    }
    if (code < 0) {
        throw encodingFailed(code);
    }
    const auto bytes = std::as_bytes(std::span(packet->data, static_cast<std::size_t>(packet->size)));
    return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> encodePng(const Image& image, bool fast) {
    requireSize(image.width, image.height, image.rgb.size(), 3);
    const auto frame = wrap(image.width, image.height, AV_PIX_FMT_RGB24, image.rgb.data(), image.width * 3);
    return encodeStill(AV_CODEC_ID_PNG, *frame,
                       fast ? "compression_level=1:pred=up" : "compression_level=6:pred=mixed");
}

std::vector<std::byte> encodeJpeg(const Image& image, int quality, bool fast) {
    requireSize(image.width, image.height, image.rgb.size(), 3);
    // Full colour resolution where quality is asked for; half of it is what cameras write.
    const AVPixelFormat format = quality >= 90 ? AV_PIX_FMT_YUVJ444P : AV_PIX_FMT_YUVJ420P;
    auto frame = pictureOf(image.width, image.height, format);
    if (format == AV_PIX_FMT_YUVJ444P) {
        for (int y = 0; y < image.height; ++y) {
            toYcc(image.row(y), image.width,
                  frame->data[0] + static_cast<std::ptrdiff_t>(y) * frame->linesize[0],
                  frame->data[1] + static_cast<std::ptrdiff_t>(y) * frame->linesize[1],
                  frame->data[2] + static_cast<std::ptrdiff_t>(y) * frame->linesize[2]);
        }
    } else {
        toHalfYcc(image, *frame);
    }
    frame->color_range = AVCOL_RANGE_JPEG;
    // libjpeg scales its tables by this percentage; FFmpeg's tables are about half of them at qscale 8.
    const int q = std::clamp(quality, 1, 100);
    const double percent = q < 50 ? 5000.0 / q : 200.0 - 2.0 * q;
    frame->quality = static_cast<int>(std::clamp(percent * 0.145, 1.0, 31.0) * FF_QP2LAMBDA);
    return encodeStill(AV_CODEC_ID_MJPEG, *frame, fast ? "huffman=default" : "");
}

void writeImage(const fs::path& path, const Image& image, int jpegQuality) {
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    if (extension == ".png") {
        writeFileAtomically(path, encodePng(image, false));
    } else if (extension == ".jpg" || extension == ".jpeg") {
        writeFileAtomically(path, encodeJpeg(image, jpegQuality));
    } else {
        throw Error(ErrorCode::Usage, "Images are written as PNG or JPEG, not as '" + extension + "'.",
                    "Let the name end in .png or .jpg.", path.string());
    }
}

void writeMaskPng(const fs::path& path, const Mask& mask, bool binary) {
    requireSize(mask.width, mask.height, mask.values.size(), 1);
    if (!binary) {
        const auto frame = wrap(mask.width, mask.height, AV_PIX_FMT_GRAY8, mask.values.data(), mask.width);
        writeFileAtomically(path, encodeStill(AV_CODEC_ID_PNG, *frame, "compression_level=6:pred=up"));
        return;
    }
    const int stride = (mask.width + 7) / 8;
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(stride) * mask.height);
    for (int y = 0; y < mask.height; ++y) {
        for (int x = 0; x < mask.width; ++x) {
            if (mask.row(y)[x] >= 128) {
                bits[static_cast<std::size_t>(y) * stride + x / 8] |=
                    static_cast<std::uint8_t>(0x80 >> (x % 8));
            }
        }
    }
    const auto frame = wrap(mask.width, mask.height, AV_PIX_FMT_MONOBLACK, bits.data(), stride);
    writeFileAtomically(path, encodeStill(AV_CODEC_ID_PNG, *frame, "compression_level=6:pred=none"));
}

void writeGrey16Png(const fs::path& path, int width, int height, const std::vector<std::uint16_t>& values) {
    requireSize(width, height, values.size(), 1);
    auto stored = values; // in PNG's order of bytes
    if constexpr (std::endian::native == std::endian::little) {
        for (auto& v : stored) {
            v = static_cast<std::uint16_t>((v << 8) | (v >> 8));
        }
    }
    const auto frame = wrap(width, height, AV_PIX_FMT_GRAY16BE,
                            reinterpret_cast<const std::uint8_t*>(stored.data()), 2 * width);
    writeFileAtomically(path, encodeStill(AV_CODEC_ID_PNG, *frame, "compression_level=6:pred=paeth"));
}

void writeRgbaPng(const fs::path& path, int width, int height, const std::vector<std::uint8_t>& rgba) {
    requireSize(width, height, rgba.size(), 4);
    const auto frame = wrap(width, height, AV_PIX_FMT_RGBA, rgba.data(), width * 4);
    writeFileAtomically(path, encodeStill(AV_CODEC_ID_PNG, *frame, "compression_level=6:pred=mixed"));
}

Image readImage(const fs::path& path) {
    PictureColour ignored;
    return readImage(path, ignored);
}

Image readImage(const fs::path& path, PictureColour& colour) {
    VideoReader::Options options;
    options.threads = 1;
    MediaFile file(path, options);
    const AVFrame* frame = file.next();
    if (frame == nullptr) {
        throw Error(ErrorCode::Input,
                    "The image '" + path.filename().string() + "' has no pixels that can be read.",
                    "The file is damaged or empty: choose another one, or save it again as PNG or JPEG.",
                    path.string());
    }
    colour = colourOf(*frame, file.stream());
    const ffmpeg::Orientation orientation = stillOrientation(file, *frame);
    // Pixel aspect in stills is mostly a misread print resolution: left alone.
    FrameConverter converter(uprightSize(frame->width, frame->height, {1, 1}, orientation), orientation,
                             true);
    return *converter.convert(*frame);
}

} // namespace body4d
