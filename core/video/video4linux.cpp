#include "video/camera_source_internal.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <linux/videodev2.h>
#include <map>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace body4d {

namespace {

constexpr int kMostDevices = 64;
/// Drivers that offer every size in steps are asked for these.
constexpr std::pair<int, int> kUsualSizes[] = {{3840, 2160}, {2560, 1440}, {1920, 1080}, {1280, 720},
                                               {960, 540},   {800, 600},   {640, 480},   {640, 360}};

class Descriptor {
public:
    explicit Descriptor(const std::string& place)
        : value_(::open(place.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)) {
        error_ = value_ < 0 ? errno : 0;
    }
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int error() const { return error_; }
    [[nodiscard]] bool ask(unsigned long request, void* value) const {
        int code = 0;
        do {
            code = ::ioctl(value_, request, value);
        } while (code < 0 && errno == EINTR);
        return code >= 0;
    }

private:
    int value_, error_ = 0;
};

std::string text(const unsigned char* bytes, std::size_t size) {
    const auto* begin = reinterpret_cast<const char*>(bytes);
    return {begin, strnlen(begin, size)};
}

/// FFmpeg's name of a format that it takes; null for those that it does not.
const char* formatName(std::uint32_t fourcc) {
    switch (fourcc) {
    case V4L2_PIX_FMT_MJPEG:
    case V4L2_PIX_FMT_JPEG:
        return "mjpeg";
    case V4L2_PIX_FMT_H264:
        return "h264";
    case V4L2_PIX_FMT_YUYV:
        return "yuyv422";
    case V4L2_PIX_FMT_UYVY:
        return "uyvy422";
    case V4L2_PIX_FMT_YUV420:
        return "yuv420p";
    case V4L2_PIX_FMT_YUV422P:
        return "yuv422p";
    case V4L2_PIX_FMT_NV12:
        return "nv12";
    case V4L2_PIX_FMT_NV21:
        return "nv21";
    case V4L2_PIX_FMT_RGB24:
        return "rgb24";
    case V4L2_PIX_FMT_BGR24:
        return "bgr24";
    case V4L2_PIX_FMT_GREY:
        return "gray";
    default:
        return nullptr;
    }
}

/// Lower is better where two formats have the same size and rate: whole pictures, then those compressed one
/// by one.
int rankOf(const std::string& format) {
    return format == "h264" ? 2 : format == "mjpeg" ? 1 : format == "gray" ? 3 : 0;
}

std::vector<std::pair<int, int>> sizesOf(const Descriptor& device, std::uint32_t fourcc) {
    std::vector<std::pair<int, int>> sizes;
    v4l2_frmsizeenum size{};
    size.pixel_format = fourcc;
    for (size.index = 0; size.index < 256 && device.ask(VIDIOC_ENUM_FRAMESIZES, &size); ++size.index) {
        if (size.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
            sizes.emplace_back(size.discrete.width, size.discrete.height);
            continue;
        }
        const auto& range = size.stepwise;
        const auto fits = [](std::uint32_t value, std::uint32_t low, std::uint32_t high, std::uint32_t step) {
            return value >= low && value <= high && (step < 2 || (value - low) % step == 0);
        };
        for (const auto& [width, height] : kUsualSizes) {
            if (fits(static_cast<std::uint32_t>(width), range.min_width, range.max_width, range.step_width) &&
                fits(static_cast<std::uint32_t>(height), range.min_height, range.max_height,
                     range.step_height)) {
                sizes.emplace_back(width, height);
            }
        }
        break;
    }
    return sizes;
}

std::vector<double> ratesOf(const Descriptor& device, std::uint32_t fourcc, int width, int height) {
    std::vector<double> rates;
    v4l2_frmivalenum interval{};
    interval.pixel_format = fourcc;
    interval.width = static_cast<std::uint32_t>(width);
    interval.height = static_cast<std::uint32_t>(height);
    const auto rate = [](const v4l2_fract& seconds) {
        return seconds.numerator > 0 ? static_cast<double>(seconds.denominator) / seconds.numerator : 0;
    };
    for (interval.index = 0; interval.index < 64 && device.ask(VIDIOC_ENUM_FRAMEINTERVALS, &interval);
         ++interval.index) {
        if (interval.type == V4L2_FRMIVAL_TYPE_DISCRETE) {
            rates.push_back(rate(interval.discrete));
            continue;
        }
        const double fastest = rate(interval.stepwise.min), slowest = rate(interval.stepwise.max);
        for (const double usual : {60.0, 50.0, 30.0, 25.0, 15.0}) {
            if (usual >= slowest - 0.01 && usual <= fastest + 0.01) {
                rates.push_back(usual);
            }
        }
        break;
    }
    return rates;
}

std::string groupOf(const std::string& place) {
    struct stat info {};
    if (::stat(place.c_str(), &info) != 0) {
        return "video";
    }
    group entry{};
    group* found = nullptr;
    char buffer[4096];
    if (::getgrgid_r(info.st_gid, &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr &&
        info.st_gid != 0) {
        return entry.gr_name;
    }
    return "video";
}

} // namespace

Error cameraNotAllowed(const std::string& name, const std::string& place) {
    const std::string owner = groupOf(place);
    return Error(ErrorCode::Input, "You are not allowed to use the camera " + name + ".",
                 "Join the group '" + owner + "' (sudo usermod -aG " + owner +
                     " $USER), then log out and in again.",
                 place);
}

std::vector<CameraDevice> listVideo4Linux() {
    std::vector<CameraDevice> cameras;
    for (int number = 0; number < kMostDevices; ++number) {
        const std::string place = "/dev/video" + std::to_string(number);
        if (::access(place.c_str(), F_OK) != 0) {
            continue;
        }
        CameraDevice camera{"v4l2:" + place, place, place, std::nullopt};
        const Descriptor device(place);
        if (device.error() == EACCES || device.error() == EPERM) {
            camera.trouble = cameraNotAllowed("'" + place + "'", place);
            cameras.push_back(std::move(camera));
            continue;
        }
        if (device.error() == EBUSY) {
            camera.trouble =
                Error(ErrorCode::Input, "The camera '" + place + "' is in use by another program.",
                      "Close that program (a call, a tab of the browser), then try again.", place);
            cameras.push_back(std::move(camera));
            continue;
        }
        v4l2_capability about{};
        if (device.error() != 0 || !device.ask(VIDIOC_QUERYCAP, &about)) {
            continue;
        }
        const auto can =
            (about.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? about.device_caps : about.capabilities;
        // Cameras have a second device for what they say about their pictures, and encoders look alike.
        if ((can & V4L2_CAP_VIDEO_CAPTURE) == 0 || (can & V4L2_CAP_STREAMING) == 0 ||
            (can & V4L2_CAP_VIDEO_M2M) != 0) {
            continue;
        }
        if (const auto card = text(about.card, sizeof about.card); !card.empty()) {
            camera.name = card;
        }
        cameras.push_back(std::move(camera));
    }
    return cameras;
}

std::vector<CameraMode> modesOfVideo4Linux(const std::string& place) {
    const Descriptor device(place);
    if (device.error() != 0) {
        return {};
    }
    std::map<std::pair<std::pair<int, int>, long>, CameraMode> best; // by size and rate in millihertz
    v4l2_fmtdesc format{};
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    for (format.index = 0; format.index < 64 && device.ask(VIDIOC_ENUM_FMT, &format); ++format.index) {
        const char* name = formatName(format.pixelformat);
        if (name == nullptr) {
            continue;
        }
        for (const auto& [width, height] : sizesOf(device, format.pixelformat)) {
            for (const double fps : ratesOf(device, format.pixelformat, width, height)) {
                if (fps <= 0) {
                    continue;
                }
                CameraMode& mode = best[{{width, height}, std::lround(fps * 1000)}];
                if (mode.width == 0 || rankOf(name) < rankOf(mode.format)) {
                    mode = {width, height, fps, name};
                }
            }
        }
    }
    std::vector<CameraMode> modes;
    for (const auto& [key, mode] : best) {
        modes.push_back(mode);
    }
    std::sort(modes.begin(), modes.end(), [](const CameraMode& a, const CameraMode& b) {
        const auto key = [](const CameraMode& m) { return std::tuple(m.width * m.height, m.width, m.fps); };
        return key(a) > key(b);
    });
    return modes;
}

} // namespace body4d
