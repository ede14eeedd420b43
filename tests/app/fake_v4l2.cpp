// Cameras of Video4Linux that are not there, for programs started with this library in LD_PRELOAD: it answers
// in the place of the kernel what the program and FFmpeg ask of these devices. Each frame is one brightness,
// 40 + 2 * number modulo 160, so that a test knows which ones arrived.
//   /dev/video60  works; its 10th, 20th ... picture is torn; FAKE_V4L2_FRAMES pictures, then it is unplugged
//   /dev/video61  what a camera says about its pictures: none of its own
//   /dev/video62  belongs to a group that one is not in
//   /dev/video63  in use elsewhere

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

namespace {

constexpr unsigned kBuffers = 8;

struct Device {
    int kind = 0; ///< 60, 61; 0: none
    unsigned width = 640, height = 480, fps = 30;
    std::uint8_t* memory = nullptr;
    std::size_t bytes = 0;  ///< of one picture
    std::size_t stride = 0; ///< from picture to picture: whole pages
    std::array<bool, kBuffers> queued{};
    unsigned next = 0;
    std::uint32_t sequence = 0;
    std::int64_t start = 0; ///< us
    bool streaming = false;
};

std::mutex mutex;
std::array<Device, 1024> devices;

std::int64_t nowMicroseconds() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return std::int64_t{t.tv_sec} * 1000000 + t.tv_nsec / 1000;
}

int kindOf(const char* path) {
    const char* start = "/dev/video6";
    return path != nullptr && std::strncmp(path, start, 11) == 0 && path[11] >= '0' && path[11] <= '3' &&
                   path[12] == 0
               ? 60 + path[11] - '0'
               : 0;
}

int openFake(int kind) {
    if (kind >= 62) {
        errno = kind == 62 ? EACCES : EBUSY;
        return -1;
    }
    const int fd = memfd_create("fake camera", MFD_CLOEXEC);
    if (fd >= 0 && fd < static_cast<int>(devices.size())) {
        const std::scoped_lock lock(mutex);
        devices[static_cast<std::size_t>(fd)] = {};
        devices[static_cast<std::size_t>(fd)].kind = kind;
    }
    return fd;
}

int fail(int code) {
    errno = code;
    return -1;
}

int setFormat(Device& d, v4l2_format& format) {
    auto& pix = format.fmt.pix;
    const bool small = pix.width <= 320;
    d.width = small ? 320 : 640;
    d.height = small ? 240 : 480;
    d.bytes = std::size_t{d.width} * d.height * 2;
    d.stride = (d.bytes + 4095) / 4096 * 4096;
    pix.width = d.width;
    pix.height = d.height;
    pix.pixelformat = V4L2_PIX_FMT_YUYV;
    pix.field = V4L2_FIELD_NONE;
    pix.bytesperline = d.width * 2;
    pix.sizeimage = static_cast<std::uint32_t>(d.bytes);
    return 0;
}

int dequeue(Device& d, v4l2_buffer& buffer) {
    const char* limit = std::getenv("FAKE_V4L2_FRAMES");
    if (limit != nullptr && d.sequence >= static_cast<unsigned>(std::atoi(limit))) {
        return fail(ENODEV);
    }
    const std::int64_t due = d.start + std::int64_t{d.sequence} * 1000000 / d.fps;
    if (!d.streaming || !d.queued[d.next] || nowMicroseconds() < due) {
        return fail(EAGAIN);
    }
    const bool torn = d.sequence % 10 == 9;
    std::uint8_t* pixels = d.memory + d.next * d.stride;
    for (std::size_t i = 0; i < d.bytes; i += 2) {
        pixels[i] = static_cast<std::uint8_t>(40 + 2 * d.sequence % 160);
        pixels[i + 1] = 128;
    }
    buffer.index = d.next;
    buffer.bytesused = static_cast<std::uint32_t>(torn ? d.bytes / 3 : d.bytes);
    buffer.flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | (torn ? V4L2_BUF_FLAG_ERROR : 0U);
    buffer.timestamp = {static_cast<time_t>(due / 1000000), static_cast<suseconds_t>(due % 1000000)};
    buffer.sequence = d.sequence++;
    d.queued[d.next] = false;
    d.next = (d.next + 1) % kBuffers;
    return 0;
}

int answer(int fd, Device& d, unsigned long request, void* argument) {
    switch (request) {
    case VIDIOC_QUERYCAP: {
        auto& about = *static_cast<v4l2_capability*>(argument);
        about = {};
        std::strcpy(reinterpret_cast<char*>(about.card),
                    d.kind == 60 ? "Fake Cam HD" : "Fake Cam HD metadata");
        std::strcpy(reinterpret_cast<char*>(about.driver), "fake");
        about.device_caps =
            V4L2_CAP_STREAMING | (d.kind == 60 ? V4L2_CAP_VIDEO_CAPTURE : V4L2_CAP_META_CAPTURE);
        about.capabilities = about.device_caps | V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_DEVICE_CAPS;
        return 0;
    }
    case VIDIOC_ENUM_FMT: {
        auto& format = *static_cast<v4l2_fmtdesc*>(argument);
        constexpr std::uint32_t kinds[] = {V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_YUYV,
                                           v4l2_fourcc('X', 'Y', 'Z', '0')};
        if (format.index >= 3) {
            return fail(EINVAL);
        }
        format.pixelformat = kinds[format.index];
        return 0;
    }
    case VIDIOC_ENUM_FRAMESIZES: {
        auto& size = *static_cast<v4l2_frmsizeenum*>(argument);
        const bool packed = size.pixel_format == V4L2_PIX_FMT_MJPEG;
        constexpr unsigned sizes[][2] = {{1280, 720}, {640, 480}, {320, 240}};
        const unsigned at = size.index + (packed ? 0 : 1);
        if (at >= 3) {
            return fail(EINVAL);
        }
        size.type = V4L2_FRMSIZE_TYPE_DISCRETE;
        size.discrete = {sizes[at][0], sizes[at][1]};
        return 0;
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
        auto& interval = *static_cast<v4l2_frmivalenum*>(argument);
        if (interval.index >= 2) {
            return fail(EINVAL);
        }
        interval.type = V4L2_FRMIVAL_TYPE_DISCRETE;
        interval.discrete = {1, interval.index == 0 ? 30U : 15U};
        return 0;
    }
    case VIDIOC_G_INPUT:
        *static_cast<int*>(argument) = 0;
        return 0;
    case VIDIOC_S_INPUT:
        return 0;
    case VIDIOC_ENUMINPUT: {
        auto& input = *static_cast<v4l2_input*>(argument);
        if (input.index != 0) {
            return fail(EINVAL);
        }
        input.std = 0;
        return 0;
    }
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
        return setFormat(d, *static_cast<v4l2_format*>(argument));
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
        auto& capture = static_cast<v4l2_streamparm*>(argument)->parm.capture;
        if (request == VIDIOC_S_PARM && capture.timeperframe.numerator > 0) {
            d.fps = capture.timeperframe.denominator / capture.timeperframe.numerator;
        }
        capture.capability = V4L2_CAP_TIMEPERFRAME;
        capture.timeperframe = {1, d.fps};
        return 0;
    }
    case VIDIOC_REQBUFS: {
        static_cast<v4l2_requestbuffers*>(argument)->count = kBuffers;
        if (ftruncate(fd, static_cast<off_t>(d.stride * kBuffers)) != 0) {
            return fail(ENOMEM);
        }
        d.memory = static_cast<std::uint8_t*>(
            mmap(nullptr, d.stride * kBuffers, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
        return 0;
    }
    case VIDIOC_QUERYBUF: {
        auto& buffer = *static_cast<v4l2_buffer*>(argument);
        buffer.length = static_cast<std::uint32_t>(d.bytes);
        buffer.m.offset = static_cast<std::uint32_t>(buffer.index * d.stride);
        return 0;
    }
    case VIDIOC_QBUF:
        d.queued[static_cast<v4l2_buffer*>(argument)->index % kBuffers] = true;
        return 0;
    case VIDIOC_DQBUF:
        return dequeue(d, *static_cast<v4l2_buffer*>(argument));
    case VIDIOC_STREAMON:
        d.streaming = true;
        d.start = nowMicroseconds();
        return 0;
    case VIDIOC_STREAMOFF:
        d.streaming = false;
        return 0;
    default:
        return fail(ENOTTY);
    }
}

template <class Function>
Function real(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const auto mode = va_arg(rest, mode_t);
    va_end(rest);
    if (const int kind = kindOf(path)) {
        return openFake(kind);
    }
    static const auto next = real<int (*)(const char*, int, ...)>("open");
    return next(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const auto mode = va_arg(rest, mode_t);
    va_end(rest);
    if (const int kind = kindOf(path)) {
        return openFake(kind);
    }
    static const auto next = real<int (*)(const char*, int, ...)>("open64");
    return next(path, flags, mode);
}

int access(const char* path, int how) {
    static const auto next = real<int (*)(const char*, int)>("access");
    return kindOf(path) != 0 ? 0 : next(path, how);
}

int close(int fd) {
    if (fd >= 0 && fd < static_cast<int>(devices.size())) {
        const std::scoped_lock lock(mutex);
        auto& d = devices[static_cast<std::size_t>(fd)];
        if (d.memory != nullptr) {
            munmap(d.memory, d.stride * kBuffers);
        }
        d = {};
    }
    static const auto next = real<int (*)(int)>("close");
    return next(fd);
}

int ioctl(int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void* argument = va_arg(rest, void*);
    va_end(rest);
    if (fd >= 0 && fd < static_cast<int>(devices.size())) {
        const std::scoped_lock lock(mutex);
        auto& d = devices[static_cast<std::size_t>(fd)];
        if (d.kind != 0) {
            return answer(fd, d, request & 0xFFFFFFFFUL, argument); // FFmpeg passes an int
        }
    }
    static const auto next = real<int (*)(int, unsigned long, ...)>("ioctl");
    return next(fd, request, argument);
}
}
