#include "scene/colmap.h"

#include "base/error.h"
#include "base/files.h"

#include <cinttypes>
#include <cstdint>
#include <cstring>
#include <map>
#include <sstream>

namespace body4d {
namespace fs = std::filesystem;
namespace {

constexpr int kSimplePinhole = 0, kPinhole = 1;
constexpr const char* kModelNames[] = {"SIMPLE_PINHOLE",
                                       "PINHOLE",
                                       "SIMPLE_RADIAL",
                                       "RADIAL",
                                       "OPENCV",
                                       "OPENCV_FISHEYE",
                                       "FULL_OPENCV",
                                       "FOV",
                                       "SIMPLE_RADIAL_FISHEYE",
                                       "RADIAL_FISHEYE",
                                       "THIN_PRISM_FISHEYE"};
constexpr int kParameters[] = {3, 4, 4, 5, 8, 8, 12, 5, 4, 5, 12};

class Bytes {
public:
    explicit Bytes(std::size_t expected) { bytes_.reserve(expected); }
    template <typename T>
    void put(T value) {
        const auto at = bytes_.size();
        bytes_.resize(at + sizeof value);
        std::memcpy(bytes_.data() + at, &value, sizeof value);
    }
    void text(const std::string& s) {
        const auto* p = reinterpret_cast<const std::byte*>(s.c_str());
        bytes_.insert(bytes_.end(), p, p + s.size() + 1);
    }
    void write(const fs::path& path) const { writeFileAtomically(path, std::span<const std::byte>(bytes_)); }

private:
    std::vector<std::byte> bytes_;
};

/// Points by picture: the second number of a track is the place in its picture's list.
struct Tracks {
    std::vector<std::vector<std::uint32_t>> points; ///< of each picture, indices into the cloud
    std::vector<std::uint32_t> place;               ///< of each point
};

Tracks tracksOf(const ColmapModel& model, const PointCloud& cloud) {
    BODY4D_EXPECT(cloud.sources.size() == cloud.size());
    Tracks tracks;
    tracks.points.resize(model.images.size());
    tracks.place.resize(cloud.size());
    for (std::uint32_t i = 0; i < cloud.size(); ++i) {
        auto& list = tracks.points.at(cloud.sources[i].view);
        tracks.place[i] = static_cast<std::uint32_t>(list.size());
        list.push_back(i);
    }
    return tracks;
}

Vec2 pixelOf(const ColmapModel& model, const PointSource& source) {
    return {model.scaleX * source.x + model.offsetX, model.scaleY * source.y + model.offsetY};
}

std::array<std::uint8_t, 3> colourOf(const PointCloud& cloud, std::size_t i) {
    return cloud.colours.empty() ? std::array<std::uint8_t, 3>{128, 128, 128} : cloud.colours[i];
}

} // namespace

void writeColmapBinary(const fs::path& folder, const ColmapModel& model, const PointCloud& cloud) {
    const auto tracks = tracksOf(model, cloud);
    const auto n = static_cast<std::uint64_t>(model.images.size());
    Bytes cameras(8 + n * 56), images(8 + n * 128 + cloud.size() * 24), points(8 + cloud.size() * 59);
    cameras.put(n);
    images.put(n);
    for (std::size_t i = 0; i < model.images.size(); ++i) {
        const auto id = static_cast<std::uint32_t>(i + 1);
        const auto& image = model.images[i];
        cameras.put(id);
        cameras.put(std::int32_t{kPinhole});
        cameras.put(static_cast<std::uint64_t>(image.camera.width));
        cameras.put(static_cast<std::uint64_t>(image.camera.height));
        for (const double v : {image.camera.fx, image.camera.fy, image.camera.cx, image.camera.cy}) {
            cameras.put(v);
        }
        const auto q = toQuat(image.cameraFromWorld.rotation);
        const auto& t = image.cameraFromWorld.translation;
        images.put(id);
        for (const double v : {q.w, q.x, q.y, q.z, t.x, t.y, t.z}) {
            images.put(v);
        }
        images.put(id);
        images.text(image.name);
        images.put(static_cast<std::uint64_t>(tracks.points[i].size()));
        for (const auto point : tracks.points[i]) {
            const auto pixel = pixelOf(model, cloud.sources[point]);
            images.put(pixel.x);
            images.put(pixel.y);
            images.put(static_cast<std::uint64_t>(point) + 1);
        }
    }
    points.put(static_cast<std::uint64_t>(cloud.size()));
    for (std::size_t i = 0; i < cloud.size(); ++i) {
        points.put(static_cast<std::uint64_t>(i) + 1);
        const auto& p = cloud.positions[i];
        for (const float v : {p.x, p.y, p.z}) {
            points.put(static_cast<double>(v));
        }
        for (const auto c : colourOf(cloud, i)) {
            points.put(c);
        }
        points.put(0.0); // of reprojection: there is one picture only
        points.put(std::uint64_t{1});
        points.put(cloud.sources[i].view + 1);
        points.put(tracks.place[i]);
    }
    cameras.write(folder / "cameras.bin");
    images.write(folder / "images.bin");
    points.write(folder / "points3D.bin");
}

void writeColmapText(const fs::path& folder, const ColmapModel& model, const PointCloud& cloud) {
    const auto tracks = tracksOf(model, cloud);
    std::string
        cameras = "# CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]\n",
        images =
            "# IMAGE_ID, QW, QX, QY, QZ, TX, TY, TZ, CAMERA_ID, NAME\n# POINTS2D[] as (X, Y, POINT3D_ID)\n",
        points = "# POINT3D_ID, X, Y, Z, R, G, B, ERROR, TRACK[] as (IMAGE_ID, POINT2D_IDX)\n";
    char line[512];
    const auto add = [&line](std::string& to, int size) { to.append(line, static_cast<std::size_t>(size)); };
    for (std::size_t i = 0; i < model.images.size(); ++i) {
        const auto& image = model.images[i];
        const auto& c = image.camera;
        add(cameras, std::snprintf(line, sizeof line, "%zu PINHOLE %d %d %.17g %.17g %.17g %.17g\n", i + 1,
                                   c.width, c.height, c.fx, c.fy, c.cx, c.cy));
        const auto q = toQuat(image.cameraFromWorld.rotation);
        const auto& t = image.cameraFromWorld.translation;
        add(images, std::snprintf(line, sizeof line, "%zu %.17g %.17g %.17g %.17g %.17g %.17g %.17g %zu ",
                                  i + 1, q.w, q.x, q.y, q.z, t.x, t.y, t.z, i + 1));
        images += image.name + "\n";
        for (const auto point : tracks.points[i]) {
            const auto pixel = pixelOf(model, cloud.sources[point]);
            add(images,
                std::snprintf(line, sizeof line, "%.3f %.3f %" PRIu32 " ", pixel.x, pixel.y, point + 1));
        }
        images += "\n";
    }
    for (std::size_t i = 0; i < cloud.size(); ++i) {
        const auto& p = cloud.positions[i];
        const auto rgb = colourOf(cloud, i);
        add(points,
            std::snprintf(line, sizeof line, "%zu %.9g %.9g %.9g %d %d %d 0 %" PRIu32 " %" PRIu32 "\n", i + 1,
                          static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z),
                          rgb[0], rgb[1], rgb[2], cloud.sources[i].view + 1, tracks.place[i]));
    }
    writeFileAtomically(folder / "cameras.txt", std::string_view(cameras));
    writeFileAtomically(folder / "images.txt", std::string_view(images));
    writeFileAtomically(folder / "points3D.txt", std::string_view(points));
}

namespace {

[[noreturn]] void unreadable(const fs::path& file, const std::string& why) {
    throw Error(ErrorCode::Input,
                "The COLMAP file " + file.filename().string() + " cannot be used: " + why + ".",
                "Export the model from COLMAP again.", file.string());
}

PinholeCamera cameraOf(int model, std::int64_t width, std::int64_t height, const std::vector<double>& p,
                       const fs::path& file) {
    constexpr std::int64_t kLargest = 1 << 20;
    if (width <= 0 || height <= 0 || width > kLargest || height > kLargest || !(p[0] > 0)) {
        unreadable(file, "a camera has no size or focal length");
    }
    PinholeCamera camera{p[0],
                         p[0],
                         static_cast<double>(width) / 2,
                         static_cast<double>(height) / 2,
                         static_cast<int>(width),
                         static_cast<int>(height)};
    if (model == kPinhole) {
        camera.fy = p[1];
        camera.cx = p[2];
        camera.cy = p[3];
    } else if (model == kSimplePinhole) {
        camera.cx = p[1];
        camera.cy = p[2];
    }
    return camera;
}

RigidTransform poseOf(double w, double x, double y, double z, Vec3 t, const fs::path& file) {
    const double length = w * w + x * x + y * y + z * z;
    if (!(length > 0)) {
        unreadable(file, "a picture has no rotation");
    }
    const double s = 2 / length;
    RigidTransform pose;
    pose.rotation.m = {1 - s * (y * y + z * z), s * (x * y - z * w),     s * (x * z + y * w),
                       s * (x * y + z * w),     1 - s * (x * x + z * z), s * (y * z - x * w),
                       s * (x * z - y * w),     s * (y * z + x * w),     1 - s * (x * x + y * y)};
    pose.translation = t;
    return pose;
}

class Reader {
public:
    explicit Reader(const fs::path& file) : file_(file), bytes_(readFile(file)) {}
    template <typename T>
    T get() {
        T value;
        if (bytes_.size() - at_ < sizeof value) {
            unreadable(file_, "it is cut off");
        }
        std::memcpy(&value, bytes_.data() + at_, sizeof value);
        at_ += sizeof value;
        return value;
    }
    std::string text() {
        std::string out;
        for (char c = get<char>(); c != '\0'; c = get<char>()) {
            out.push_back(c);
        }
        return out;
    }
    void skip(std::uint64_t bytes) {
        if (bytes_.size() - at_ < bytes) {
            unreadable(file_, "it is cut off");
        }
        at_ += bytes;
    }
    [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

private:
    const fs::path& file_;
    std::vector<std::byte> bytes_;
    std::size_t at_ = 0;
};

std::map<std::int64_t, PinholeCamera> camerasFromBinary(const fs::path& file) {
    Reader in(file);
    std::map<std::int64_t, PinholeCamera> cameras;
    for (auto n = in.get<std::uint64_t>(); n > 0; --n) {
        const auto id = in.get<std::uint32_t>();
        const auto model = in.get<std::int32_t>();
        if (model < 0 || model >= static_cast<int>(std::size(kParameters))) {
            unreadable(file, "it has a camera model that nobody knows");
        }
        const auto width = static_cast<std::int64_t>(in.get<std::uint64_t>());
        const auto height = static_cast<std::int64_t>(in.get<std::uint64_t>());
        std::vector<double> p(static_cast<std::size_t>(kParameters[model]));
        for (auto& v : p) {
            v = in.get<double>();
        }
        cameras[id] = cameraOf(model, width, height, p, file);
    }
    return cameras;
}

std::map<std::int64_t, PinholeCamera> camerasFromText(const fs::path& file) {
    std::istringstream lines(readTextFile(file));
    std::map<std::int64_t, PinholeCamera> cameras;
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.front() == '#') {
            continue;
        }
        std::istringstream words(line);
        std::int64_t id = 0, width = 0, height = 0;
        std::string name;
        words >> id >> name >> width >> height;
        std::vector<double> p;
        for (double v = 0; words >> v;) {
            p.push_back(v);
        }
        int model = 0;
        while (model < static_cast<int>(std::size(kModelNames)) && name != kModelNames[model]) {
            ++model;
        }
        if (model == static_cast<int>(std::size(kModelNames)) ||
            p.size() < static_cast<std::size_t>(kParameters[model])) {
            unreadable(file, "it has a camera model that nobody knows, or too few parameters");
        }
        cameras[id] = cameraOf(model, width, height, p, file);
    }
    return cameras;
}

} // namespace

std::vector<ColmapImage> readColmapImages(const fs::path& folder) {
    std::vector<ColmapImage> images;
    std::error_code code;
    const bool binary = fs::is_regular_file(folder / "images.bin", code);
    const auto file = folder / (binary ? "images.bin" : "images.txt");
    if (!binary && !fs::is_regular_file(file, code)) {
        throw Error(ErrorCode::Input, "There is no COLMAP model in " + folder.string() + ".",
                    "A model has cameras and images as .bin or .txt; name its folder with --sparse-subdir.",
                    folder.string());
    }
    const auto cameras =
        binary ? camerasFromBinary(folder / "cameras.bin") : camerasFromText(folder / "cameras.txt");
    const auto add = [&](const std::string& name, std::int64_t camera, const RigidTransform& pose) {
        const auto found = cameras.find(camera);
        if (found == cameras.end()) {
            unreadable(file, "a picture has no camera");
        }
        images.push_back({name, found->second, pose});
    };
    if (binary) {
        Reader in(file);
        for (auto n = in.get<std::uint64_t>(); n > 0; --n) {
            (void)in.get<std::uint32_t>();
            double v[7];
            for (auto& x : v) {
                x = in.get<double>();
            }
            const auto camera = in.get<std::uint32_t>();
            const auto name = in.text();
            const auto points = in.get<std::uint64_t>();
            if (points > in.left() / 24) {
                unreadable(file, "it is cut off");
            }
            in.skip(24 * points);
            add(name, camera, poseOf(v[0], v[1], v[2], v[3], {v[4], v[5], v[6]}, file));
        }
        return images;
    }
    std::istringstream lines(readTextFile(file));
    bool first = true;
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line.front() == '#') {
            continue;
        }
        if (first) { // every second line lists points and may be empty
            if (line.empty()) {
                continue;
            }
            std::istringstream words(line);
            std::int64_t id = 0, camera = 0;
            double v[7];
            words >> id;
            for (auto& x : v) {
                words >> x;
            }
            std::string name;
            words >> camera >> std::ws;
            std::getline(words, name);
            if (!words && name.empty()) {
                unreadable(file, "a line is cut off");
            }
            add(name, camera, poseOf(v[0], v[1], v[2], v[3], {v[4], v[5], v[6]}, file));
        }
        first = !first;
    }
    return images;
}

} // namespace body4d
