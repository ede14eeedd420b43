#include "scene/colmap.h"

#include "base/error.h"
#include "base/files.h"
#include "scene/bytes_internal.h"

#include <cinttypes>
#include <cstdint>
#include <string>

namespace body4d {
namespace fs = std::filesystem;
namespace {

constexpr std::int32_t kPinhole = 1; ///< COLMAP's number of the model

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
    Bytes cameras, images, points;
    cameras.bytes.reserve(8 + n * 56);
    images.bytes.reserve(8 + n * 128 + cloud.size() * 24);
    points.bytes.reserve(8 + cloud.size() * 59);
    cameras.put(n);
    images.put(n);
    for (std::size_t i = 0; i < model.images.size(); ++i) {
        const auto id = static_cast<std::uint32_t>(i + 1);
        const auto& image = model.images[i];
        cameras.put(id);
        cameras.put(kPinhole);
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
        images.ended(image.name);
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
    writeFileAtomically(folder / "cameras.bin", std::span<const std::byte>(cameras.bytes));
    writeFileAtomically(folder / "images.bin", std::span<const std::byte>(images.bytes));
    writeFileAtomically(folder / "points3D.bin", std::span<const std::byte>(points.bytes));
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

} // namespace body4d
