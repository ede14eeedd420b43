// COLMAP's sparse models, text and binary; the layout is COLMAP's documentation of its output format.
#include "base/files.h"
#include "scene/foreign_readers_internal.h"

#include <algorithm>
#include <cmath>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

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

Intrinsics intrinsicsOf(const CameraModel& model, double width, double height, const std::vector<double>& p) {
    Intrinsics camera;
    camera.width = static_cast<int>(width);
    camera.height = static_cast<int>(height);
    camera.focalPx = model.twoFocals ? 0.5 * (p[0] + p[1]) : p[0];
    camera.centreX = p[model.twoFocals ? 2 : 1];
    camera.centreY = p[model.twoFocals ? 3 : 2];
    return camera;
}

using Cameras = std::map<std::uint32_t, Intrinsics>;

ForeignCamera cameraOf(const fs::path& file, const Cameras& cameras, std::uint32_t id,
                       const std::string& name, const double* q) {
    const auto rotation = rotationOf(q[0], q[1], q[2], q[3]);
    const auto it = cameras.find(id);
    if (!rotation || it == cameras.end()) {
        refuse(file, "image \"" + name + "\" has " + (rotation ? "an unknown camera" : "no orientation"));
    }
    return {name, inverse({*rotation, {q[4], q[5], q[6]}}), it->second};
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
                intrinsicsOf(kModels[model], static_cast<double>(width), static_cast<double>(height), p);
        }
        return cameras;
    }
    TextCursor in({reinterpret_cast<const char*>(map.bytes().data()), map.bytes().size()});
    std::string_view line;
    while (in.line(line)) {
        const auto first = TextCursor::word(line);
        if (first.empty() || first.front() == '#') {
            continue;
        }
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
        cameras[static_cast<std::uint32_t>(id)] = intrinsicsOf(*model, width, height, p);
    }
    return cameras;
}

std::vector<ForeignCamera> readImages(const fs::path& file, const Cameras& cameras) {
    const MappedFile map(file);
    std::vector<ForeignCamera> images;
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
            images.push_back(cameraOf(file, cameras, camera, name, q));
        }
        return images;
    }
    TextCursor in({reinterpret_cast<const char*>(map.bytes().data()), map.bytes().size()});
    std::string_view line;
    while (in.line(line)) {
        const auto first = TextCursor::word(line);
        if (first.empty() || first.front() == '#') {
            continue;
        }
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
        images.push_back(cameraOf(file, cameras, static_cast<std::uint32_t>(camera), name, q));
        in.line(line); // its points in the picture
    }
    return images;
}

ForeignObject readPoints(const fs::path& file) {
    const MappedFile map(file);
    ForeignObject cloud;
    // The smaller the reprojection error, the surer.
    const auto add = [&](const double* xyz, double r, double g, double b, double error) {
        cloud.points.push_back(
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
    std::string_view line;
    while (in.line(line)) {
        const auto first = TextCursor::word(line);
        if (first.empty() || first.front() == '#') {
            continue;
        }
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

bool holdsModel(const fs::path& folder) {
    std::error_code ec;
    for (const char* extension : {".bin", ".txt"}) {
        if (fs::exists(folder / (std::string("cameras") + extension), ec) &&
            fs::exists(folder / (std::string("images") + extension), ec)) {
            return true;
        }
    }
    return false;
}

} // namespace

fs::path colmapFolder(const fs::path& folder) {
    for (const char* below : {"", "sparse/0", "sparse", "0", "exports/colmap", "colmap"}) {
        if (holdsModel(folder / below)) {
            return *below == 0 ? folder : folder / below;
        }
    }
    return {};
}

RawScene readColmap(const fs::path& folder) {
    std::error_code ec;
    if (folder.empty() || !holdsModel(folder)) {
        refuse(folder, "a COLMAP model has cameras and images beside each other, as .bin or .txt",
               "Put all files of the model into one folder.");
    }
    const char* extension =
        fs::exists(folder / "cameras.bin", ec) && fs::exists(folder / "images.bin", ec) ? ".bin" : ".txt";
    const auto file = [&](const char* stem) { return folder / (std::string(stem) + extension); };
    RawScene scene;
    scene.kind = "COLMAP model";
    scene.turnByCameras = true;
    scene.up = UpAxis::MinusY;
    scene.cameras = readImages(file("images"), readCameras(file("cameras")));
    if (fs::exists(file("points3D"), ec)) {
        scene.objects.push_back(readPoints(file("points3D")));
        dropNonFinite(scene.objects.back());
    }
    return scene;
}

} // namespace body4d::detail
