// COLMAP's sparse models, text and binary; the layout is COLMAP's documentation of its output format.
#include "base/error.h"
#include "base/files.h"
#include "scene/colmap.h"
#include "scene/foreign_readers_internal.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace body4d {
namespace fs = std::filesystem;
namespace {

using detail::ByteCursor;
using detail::refuse;
using detail::TextCursor;

/// Goes to the next line that is not empty and no comment. @returns whether there is one; first: its first word, which
/// is taken off the line
bool entry(TextCursor& in, std::string_view& line, std::string_view& first) {
    while (in.line(line)) {
        first = TextCursor::word(line);
        if (!first.empty() && first.front() != '#') {
            return true;
        }
    }
    return false;
}

struct CameraModel {
    const char* name;
    int parameters;
    bool twoFocals; ///< fx, fy, cx, cy come first; otherwise f, cx, cy
};
/// By COLMAP's numbers.
constexpr CameraModel kModels[] = {
    {"SIMPLE_PINHOLE", 3, false},
    {"PINHOLE", 4, true},
    {"SIMPLE_RADIAL", 4, false},
    {"RADIAL", 5, false},
    {"OPENCV", 8, true},
    {"OPENCV_FISHEYE", 8, true},
    {"FULL_OPENCV", 12, true},
    {"FOV", 5, true},
    {"SIMPLE_RADIAL_FISHEYE", 4, false},
    {"RADIAL_FISHEYE", 5, false},
    {"THIN_PRISM_FISHEYE", 12, true},
    {"RAD_TAN_THIN_PRISM_FISHEYE", 16, true},
};
constexpr int kModelCount = static_cast<int>(std::size(kModels));

struct Camera {
    PinholeCamera pinhole;
    bool exact = true;
};
using Cameras = std::map<std::uint32_t, Camera>;

Camera cameraOf(const CameraModel& model, double width, double height, const std::vector<double>& p,
                const fs::path& file) {
    constexpr double kLargest = 1 << 20;
    if (!(width > 0 && height > 0 && width < kLargest && height < kLargest && p[0] > 0)) {
        refuse(file, "a camera has no size or no focal length");
    }
    const std::size_t centre = model.twoFocals ? 2 : 1;
    return {{p[0], model.twoFocals ? p[1] : p[0], p[centre], p[centre + 1], static_cast<int>(width),
             static_cast<int>(height)},
            static_cast<int>(centre) + 2 == model.parameters};
}

ColmapImage imageOf(const fs::path& file, const Cameras& cameras, std::uint32_t id, const std::string& name,
                    const double* q) {
    const auto rotation = rotationOf(q[0], q[1], q[2], q[3]);
    const auto it = cameras.find(id);
    if (!rotation || it == cameras.end()) {
        refuse(file, "image \"" + name + "\" has " + (rotation ? "an unknown camera" : "no orientation"));
    }
    return {name, it->second.pinhole, {*rotation, {q[4], q[5], q[6]}}, it->second.exact};
}

Cameras readCameras(const fs::path& file) {
    const MappedFile map(file);
    Cameras cameras;
    if (file.extension() == ".bin") {
        ByteCursor in(map.bytes(), file);
        const auto count = in.take<std::uint64_t>();
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto id = in.take<std::uint32_t>();
            const auto model = in.take<std::int32_t>();
            const auto width = in.take<std::uint64_t>(), height = in.take<std::uint64_t>();
            if (model < 0 || model >= kModelCount) {
                refuse(file, "camera model " + std::to_string(model) + " is not known");
            }
            std::vector<double> p(static_cast<std::size_t>(kModels[model].parameters));
            for (auto& v : p) {
                v = in.take<double>();
            }
            cameras[id] =
                cameraOf(kModels[model], static_cast<double>(width), static_cast<double>(height), p, file);
        }
        return cameras;
    }
    TextCursor in({reinterpret_cast<const char*>(map.bytes().data()), map.bytes().size()});
    std::string_view line, first;
    while (entry(in, line, first)) {
        const auto name = TextCursor::word(line);
        const auto* model = std::find_if(std::begin(kModels), std::end(kModels),
                                         [&](const auto& m) { return name == m.name; });
        double id = 0, width = 0, height = 0;
        bool ok = model != std::end(kModels) && TextCursor::number(first, id) &&
                  TextCursor::number(TextCursor::word(line), width) &&
                  TextCursor::number(TextCursor::word(line), height);
        std::vector<double> p;
        for (int i = 0; ok && i < model->parameters; ++i) {
            double v = 0;
            ok = TextCursor::number(TextCursor::word(line), v);
            p.push_back(v);
        }
        if (!ok) {
            refuse(file, "camera " + std::string(first) + " (" + std::string(name) + ") cannot be read");
        }
        cameras[static_cast<std::uint32_t>(id)] = cameraOf(*model, width, height, p, file);
    }
    return cameras;
}

std::vector<ColmapImage> readImages(const fs::path& file, const Cameras& cameras) {
    const MappedFile map(file);
    std::vector<ColmapImage> images;
    if (file.extension() == ".bin") {
        ByteCursor in(map.bytes(), file);
        const auto count = in.take<std::uint64_t>();
        for (std::uint64_t i = 0; i < count; ++i) {
            (void)in.take<std::uint32_t>();
            double q[7];
            for (auto& v : q) {
                v = in.take<double>();
            }
            const auto camera = in.take<std::uint32_t>();
            const auto name = in.takeString();
            const auto points = in.take<std::uint64_t>();
            constexpr std::uint64_t kPoint2D = 24;
            if (points > in.left() / kPoint2D) {
                refuse(file, "it ends too early");
            }
            (void)in.skip(kPoint2D * points);
            images.push_back(imageOf(file, cameras, camera, name, q));
        }
        return images;
    }
    TextCursor in({reinterpret_cast<const char*>(map.bytes().data()), map.bytes().size()});
    std::string_view line, first;
    while (entry(in, line, first)) {
        double q[7], camera = 0;
        bool ok = true;
        for (auto& v : q) {
            ok = ok && TextCursor::number(TextCursor::word(line), v);
        }
        ok = ok && TextCursor::number(TextCursor::word(line), camera);
        const std::string name(line.substr(std::min(line.find_first_not_of(' '), line.size())));
        if (!ok) {
            refuse(file, "image " + std::string(first) + " cannot be read");
        }
        images.push_back(imageOf(file, cameras, static_cast<std::uint32_t>(camera), name, q));
        in.line(line); // its points in the picture
    }
    return images;
}

PointCloud readPoints(const fs::path& file) {
    const MappedFile map(file);
    PointCloud cloud;
    // The smaller the reprojection error, the surer.
    const auto add = [&](const double* xyz, double r, double g, double b, double error) {
        cloud.positions.push_back(
            {static_cast<float>(xyz[0]), static_cast<float>(xyz[1]), static_cast<float>(xyz[2])});
        cloud.colours.push_back(
            {static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g), static_cast<std::uint8_t>(b)});
        cloud.confidence.push_back(static_cast<float>(1 / (1 + std::max(0.0, error))));
    };
    if (file.extension() == ".bin") {
        ByteCursor in(map.bytes(), file);
        const auto count = in.take<std::uint64_t>();
        for (std::uint64_t i = 0; i < count; ++i) {
            (void)in.take<std::uint64_t>();
            double xyz[3];
            for (auto& v : xyz) {
                v = in.take<double>();
            }
            const auto r = in.take<std::uint8_t>(), g = in.take<std::uint8_t>(), b = in.take<std::uint8_t>();
            const auto error = in.take<double>();
            const auto track = in.take<std::uint64_t>();
            constexpr std::uint64_t kTrackElement = 8;
            if (track > in.left() / kTrackElement) {
                refuse(file, "it ends too early");
            }
            (void)in.skip(kTrackElement * track);
            add(xyz, r, g, b, error);
        }
        return cloud;
    }
    TextCursor in({reinterpret_cast<const char*>(map.bytes().data()), map.bytes().size()});
    std::string_view line, first;
    while (entry(in, line, first)) {
        double v[7];
        for (auto& value : v) {
            if (!TextCursor::number(TextCursor::word(line), value)) {
                refuse(file, "point " + std::string(first) + " cannot be read");
            }
        }
        for (int i = 3; i < 6; ++i) {
            v[i] = std::clamp(v[i], 0.0, 255.0);
        }
        add(v, v[3], v[4], v[5], v[6]);
    }
    return cloud;
}

/// Of a file of the model in a folder: binary where cameras and images are.
fs::path fileOf(const fs::path& folder, const char* stem) {
    std::error_code code;
    const bool binary = fs::exists(folder / "cameras.bin", code) && fs::exists(folder / "images.bin", code);
    return folder / (std::string(stem) + (binary ? ".bin" : ".txt"));
}

} // namespace

bool holdsColmapModel(const fs::path& folder) {
    std::error_code ec;
    for (const char* extension : {".bin", ".txt"}) {
        if (fs::exists(folder / (std::string("cameras") + extension), ec) &&
            fs::exists(folder / (std::string("images") + extension), ec)) {
            return true;
        }
    }
    return false;
}

std::vector<ColmapImage> readColmapImages(const fs::path& folder) {
    if (!holdsColmapModel(folder)) {
        throw Error(
            ErrorCode::Input, "There is no COLMAP model in " + folder.string() + ".",
            "A model has cameras and images beside each other, as .bin or .txt; put all its files into one "
            "folder and name that.",
            folder.string());
    }
    return readImages(fileOf(folder, "images"), readCameras(fileOf(folder, "cameras")));
}

PointCloud readColmapPoints(const fs::path& folder) {
    const auto file = fileOf(folder, "points3D");
    std::error_code code;
    return fs::exists(file, code) ? readPoints(file) : PointCloud();
}

} // namespace body4d
