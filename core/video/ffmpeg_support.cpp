#include "video/ffmpeg_internal.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <new>

namespace body4d::ffmpeg {

namespace fs = std::filesystem;

FramePtr newFrame() {
    FramePtr frame(av_frame_alloc());
    if (!frame) {
        throw std::bad_alloc();
    }
    return frame;
}

PacketPtr newPacket() {
    PacketPtr packet(av_packet_alloc());
    if (!packet) {
        throw std::bad_alloc();
    }
    return packet;
}

FramePtr share(const AVFrame& frame) {
    FramePtr copy(av_frame_clone(&frame));
    if (!copy) {
        throw std::bad_alloc();
    }
    return copy;
}

std::string message(int code) {
    char text[AV_ERROR_MAX_STRING_SIZE] = {};
    av_strerror(code, text, sizeof text);
    return text;
}

std::string quotedName(const fs::path& path) {
    std::string name("'");
    name += path.filename().string();
    name += '\'';
    return name;
}

void quietLogging() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (std::getenv("BODY4D_FFMPEG_LOG") == nullptr) {
            av_log_set_level(AV_LOG_QUIET);
        }
    });
}

InputPtr openFile(const fs::path& path, int& code) {
    quietLogging();
    AVDictionary* options = nullptr;
    // A playlist or concat script inside the file may name other files and hosts: only local files are
    // allowed.
    av_dict_set(&options, "protocol_whitelist", "file,subfile,crypto,data", 0);
    // "shot%03d.png" is one picture, not the pattern of a thousand.
    av_dict_set(&options, "pattern_type", "none", 0);
    AVFormatContext* raw = nullptr;
    code = avformat_open_input(&raw, ("file:" + path.string()).c_str(), nullptr, &options);
    av_dict_free(&options);
    return InputPtr(code < 0 ? nullptr : raw);
}

void requireReadableFile(const fs::path& path) {
    std::error_code error;
    const auto status = fs::status(path, error);
    if (!fs::exists(status)) {
        throw Error(ErrorCode::Input, "There is no file or folder '" + path.string() + "'.",
                    "Check the path and the spelling.", path.string());
    }
    if (fs::is_directory(status)) {
        return;
    }
    if (fs::is_regular_file(status) && fs::file_size(path, error) == 0 && !error) {
        throw Error(ErrorCode::Input, "The file '" + path.filename().string() + "' is empty.",
                    "Copy or download it again.", path.string());
    }
    if (!std::ifstream(path, std::ios::binary)) {
        throw Error(ErrorCode::Input, "The file '" + path.filename().string() + "' cannot be read.",
                    "Check its permissions.", path.string());
    }
}

namespace {

/// UTF-8 without control characters at the file's start.
bool looksLikeText(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    char head[512];
    in.read(head, sizeof head);
    const auto count = in.gcount();
    int following = 0; // bytes that the present character still needs
    for (std::streamsize i = 0; i < count; ++i) {
        const auto c = static_cast<unsigned char>(head[i]);
        if (following > 0) {
            if ((c & 0xC0) != 0x80) {
                return false;
            }
            --following;
        } else if (c >= 0x80) {
            following = c >= 0xF0 && c < 0xF8 ? 3 : c >= 0xE0 && c < 0xF0 ? 2 : c >= 0xC2 && c < 0xE0 ? 1 : -1;
            if (following < 0) {
                return false;
            }
        } else if (c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f') {
            return false;
        }
    }
    return count > 0;
}

/// MP4 and QuickTime keep their table of contents in one box; recordings that were cut off lack it.
bool lacksMovieBox(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::error_code error;
    const std::uint64_t size = fs::file_size(path, error);
    std::uint64_t offset = 0;
    bool isMp4 = false;
    for (int boxes = 0; !error && boxes < 64 && offset + 8 <= size; ++boxes) {
        unsigned char head[16] = {};
        in.seekg(static_cast<std::streamoff>(offset));
        if (!in.read(reinterpret_cast<char*>(head), 8)) {
            break;
        }
        const auto word = [&](int at) {
            return (std::uint64_t{head[at]} << 24) | (std::uint64_t{head[at + 1]} << 16) |
                   (std::uint64_t{head[at + 2]} << 8) | head[at + 3];
        };
        std::uint64_t length = word(0);
        const std::string type(reinterpret_cast<const char*>(head) + 4, 4);
        isMp4 = isMp4 || type == "ftyp" || type == "mdat";
        if (type == "moov") {
            return false;
        }
        if (length == 1 && in.read(reinterpret_cast<char*>(head) + 8, 8)) {
            length = (word(8) << 32) | word(12);
        }
        if (length < 8) {
            break;
        }
        offset += length;
    }
    return isMp4;
}

} // namespace

Error unusableFile(const fs::path& path, int code) {
    const std::string file = quotedName(path);
    const std::string detail = path.string() + (code < 0 ? ": " + message(code) : std::string());
    if (lacksMovieBox(path)) {
        return Error(ErrorCode::Input,
                     "The video " + file + " is cut off: its table of contents (moov) is missing.",
                     "Copy or record it again, or restore it with a repair tool such as untrunc.", detail);
    }
    if (looksLikeText(path)) {
        return Error(ErrorCode::Input, "The file " + file + " is text, not a video or an image.",
                     "Choose a video file, an image, or a folder of images.", detail);
    }
    return Error(ErrorCode::Input, "The file " + file + " is damaged or of a kind that FFmpeg cannot read.",
                 "Play it in another program to see whether it is whole, or convert it: ffmpeg -i IN OUT.mp4",
                 detail);
}

int findVideoStream(const AVFormatContext& format) {
    int best = -1;
    std::int64_t bestScore = -1;
    for (unsigned i = 0; i < format.nb_streams; ++i) {
        const AVStream& stream = *format.streams[i];
        if (stream.codecpar->codec_type != AVMEDIA_TYPE_VIDEO ||
            (stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) != 0) {
            continue;
        }
        const std::int64_t pixels = std::int64_t{stream.codecpar->width} * stream.codecpar->height;
        const std::int64_t score =
            pixels + ((stream.disposition & AV_DISPOSITION_DEFAULT) != 0 ? INT64_C(1) << 40 : 0);
        if (score > bestScore) {
            bestScore = score;
            best = static_cast<int>(i);
        }
    }
    return best;
}

Orientation orientationFromMatrix(const std::int32_t* matrix) {
    // Stored pixel (x, y) goes to (a x + c y, b x + d y).
    const double a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
    Orientation result;
    if (a * d - b * c == 0) {
        return result;
    }
    result.mirror = a * d - b * c < 0;
    // Mirroring first negates the image of the x axis.
    const double sign = result.mirror ? -1 : 1;
    const double angle = std::atan2(sign * b, sign * a); // clockwise on screen, y down
    result.quarterTurns = (static_cast<int>(std::lround(angle / (M_PI / 2))) + 4) % 4;
    return result;
}

Orientation orientationFromExif(int value) {
    switch (value) {
    case 2:
        return {true, 0};
    case 3:
        return {false, 2};
    case 4:
        return {true, 2};
    case 5:
        return {true, 3};
    case 6:
        return {false, 1};
    case 7:
        return {true, 1};
    case 8:
        return {false, 3};
    default:
        return {};
    }
}

} // namespace body4d::ffmpeg
