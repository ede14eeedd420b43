#include "scene/cloud_writers.h"

#include "base/error.h"
#include "base/files.h"
#include "base/order_statistics.h"
#include "scene/bytes_internal.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace body4d {

void writeCloudPly(const std::filesystem::path& path, const PointCloud& cloud, const std::string& note) {
    Bytes out;
    std::string comment = note.empty() ? "" : "comment " + note;
    std::replace(comment.begin(), comment.end(), '\n', ' ');
    std::string header = "ply\nformat binary_little_endian 1.0\n" + comment + (note.empty() ? "" : "\n") +
                         "element vertex " + std::to_string(cloud.size()) +
                         "\nproperty float x\nproperty float y\nproperty float z\n";
    if (!cloud.normals.empty()) {
        header += "property float nx\nproperty float ny\nproperty float nz\n";
    }
    if (!cloud.colours.empty()) {
        header += "property uchar red\nproperty uchar green\nproperty uchar blue\n";
    }
    if (!cloud.confidence.empty()) {
        header += "property float confidence\n";
    }
    out.bytes.reserve(header.size() + 64 + cloud.size() * 31);
    out.text(header + "end_header\n");
    for (std::size_t i = 0; i < cloud.size(); ++i) {
        out.put(cloud.positions[i]);
        if (!cloud.normals.empty()) {
            out.put(cloud.normals[i]);
        }
        if (!cloud.colours.empty()) {
            out.put(cloud.colours[i]);
        }
        if (!cloud.confidence.empty()) {
            out.put(cloud.confidence[i]);
        }
    }
    writeFileAtomically(path, std::span<const std::byte>(out.bytes));
}

Mat4 gltfFromWorld(const PointCloud& cloud, const RigidTransform& first) {
    Mat4 m{};
    const auto& r = first.rotation;
    const double t[3] = {first.translation.x, first.translation.y, first.translation.z};
    for (int row = 0; row < 3; ++row) {
        const double sign = row == 0 ? 1 : -1; // y up, z towards the viewer
        for (int column = 0; column < 3; ++column) {
            m[static_cast<std::size_t>(4 * row + column)] = sign * r(row, column);
        }
        m[static_cast<std::size_t>(4 * row + 3)] = sign * t[row];
    }
    m[15] = 1;
    for (std::size_t row = 0; row < 3 && !cloud.empty(); ++row) {
        std::vector<double> values;
        values.reserve(cloud.size());
        for (const auto& p : cloud.positions) {
            values.push_back(m[4 * row] * static_cast<double>(p.x) +
                             m[4 * row + 1] * static_cast<double>(p.y) +
                             m[4 * row + 2] * static_cast<double>(p.z) + m[4 * row + 3]);
        }
        m[4 * row + 3] -= median(values);
    }
    return m;
}

namespace {

Vec3f transformed(const Mat4& m, Vec3 p) {
    const auto row = [&](std::size_t r) {
        return static_cast<float>(m[4 * r] * p.x + m[4 * r + 1] * p.y + m[4 * r + 2] * p.z + m[4 * r + 3]);
    };
    return {row(0), row(1), row(2)};
}

/// Length of the diagonal between the 5th and the 95th percentile of each axis.
double extentOf(const std::vector<Vec3f>& points) {
    if (points.size() < 2) {
        return 1;
    }
    double sum = 0;
    for (const auto axis : {&Vec3f::x, &Vec3f::y, &Vec3f::z}) {
        std::vector<float> values;
        values.reserve(points.size());
        for (const auto& p : points) {
            values.push_back(p.*axis);
        }
        const double low = quantile(values, 0.05), high = quantile(values, 0.95);
        sum += (high - low) * (high - low);
    }
    return sum > 0 && std::isfinite(sum) ? std::sqrt(sum) : 1;
}

std::array<std::uint8_t, 4> colourOfCamera(std::size_t i, std::size_t n) {
    const double h = 6 * (static_cast<double>(i) + 0.5) / static_cast<double>(n), s = 0.85, v = 0.95;
    const auto channel = [&](double k) {
        const double x = std::fmod(k + h, 6);
        return static_cast<std::uint8_t>(255 * (v - v * s * std::max(0.0, std::min({x, 4 - x, 1.0}))));
    };
    return {channel(5), channel(3), channel(1), 255};
}

std::string number(double v) {
    char text[40];
    std::snprintf(text, sizeof text, "%.9g", v);
    return text;
}

/// Parts of a glTF file with positions and colours as its only attributes.
class GltfParts {
public:
    void add(const std::string& name, int mode, const std::vector<Vec3f>& positions,
             const std::vector<std::array<std::uint8_t, 4>>& colours) {
        Vec3f low = positions.front(), high = low;
        for (const auto& p : positions) {
            low = {std::min(low.x, p.x), std::min(low.y, p.y), std::min(low.z, p.z)};
            high = {std::max(high.x, p.x), std::max(high.y, p.y), std::max(high.z, p.z)};
        }
        const auto corner = [](const Vec3f& p) {
            return "[" + number(static_cast<double>(p.x)) + "," + number(static_cast<double>(p.y)) + "," +
                   number(static_cast<double>(p.z)) + "]";
        };
        const int first = count_;
        view(std::as_bytes(std::span(positions)));
        view(std::as_bytes(std::span(colours)));
        const auto n = std::to_string(positions.size());
        comma(accessors_) += R"({"bufferView":)" + std::to_string(first) +
                             R"(,"componentType":5126,"count":)" + n + R"(,"type":"VEC3","min":)" +
                             corner(low) + R"(,"max":)" + corner(high) + "}";
        comma(accessors_) += R"({"bufferView":)" + std::to_string(first + 1) +
                             R"(,"componentType":5121,"normalized":true,"count":)" + n + R"(,"type":"VEC4"})";
        comma(meshes_) += R"({"name":")" + name + R"(","primitives":[{"attributes":{"POSITION":)" +
                          std::to_string(first) + R"(,"COLOR_0":)" + std::to_string(first + 1) +
                          R"(},"mode":)" + std::to_string(mode) + "}]}";
        comma(nodes_) += R"({"name":")" + name + R"(","mesh":)" + std::to_string(first / 2) + "}";
        comma(roots_) += std::to_string(first / 2);
    }

    /// @param about of the asset, as JSON behind its other fields
    void write(const std::filesystem::path& path, const Mat4& alignment, const std::string& about) {
        std::string extras;
        for (const double v : alignment) {
            comma(extras) += number(v);
        }
        const std::string content = meshes_.empty()
                                        ? ""
                                        : R"(,"meshes":[)" + meshes_ + R"(],"nodes":[)" + nodes_ +
                                              R"(],"accessors":[)" + accessors_ + R"(],"bufferViews":[)" +
                                              views_ + R"(],"buffers":[{"byteLength":)" +
                                              std::to_string(data_.bytes.size()) + "}]";
        Bytes json;
        json.text(R"({"asset":{"version":"2.0","generator":"Body4D Studio")" + about + R"(},"scene":0,"scenes":[{)" +
                  (roots_.empty() ? std::string() : R"("nodes":[)" + roots_ + "],") +
                  R"("extras":{"hf_alignment":[)" + extras + "]}}]" + content + "}");
        json.pad(std::byte{' '});
        const std::uint64_t total =
            12 + 8 + json.bytes.size() + (data_.bytes.empty() ? 0 : 8 + data_.bytes.size());
        if (total > 0xFFFFFFFFULL) {
            throw Error(ErrorCode::Output, "The point cloud does not fit a GLB file.",
                        "Lower --num-max-points.");
        }
        Bytes out;
        out.bytes.reserve(total);
        for (const auto v : {std::uint32_t{0x46546C67}, std::uint32_t{2}, static_cast<std::uint32_t>(total),
                             static_cast<std::uint32_t>(json.bytes.size()), std::uint32_t{0x4E4F534A}}) {
            out.put(v);
        }
        out.bytes.insert(out.bytes.end(), json.bytes.begin(), json.bytes.end());
        if (!data_.bytes.empty()) {
            out.put(static_cast<std::uint32_t>(data_.bytes.size()));
            out.put(std::uint32_t{0x004E4942});
            out.bytes.insert(out.bytes.end(), data_.bytes.begin(), data_.bytes.end());
        }
        writeFileAtomically(path, std::span<const std::byte>(out.bytes));
    }

private:
    static std::string& comma(std::string& list) { return list.empty() ? list : list += ","; }
    void view(std::span<const std::byte> bytes) {
        comma(views_) += R"({"buffer":0,"byteOffset":)" + std::to_string(data_.bytes.size()) +
                         R"(,"byteLength":)" + std::to_string(bytes.size()) + R"(,"target":34962})";
        data_.bytes.insert(data_.bytes.end(), bytes.begin(), bytes.end());
        ++count_;
    }
    Bytes data_;
    std::string views_, accessors_, meshes_, nodes_, roots_;
    int count_ = 0;
};

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out;
}

} // namespace

void writeCloudGlb(const std::filesystem::path& path, const PointCloud& cloud,
                   std::span<const CameraFrame> cameras, bool showCameras, const std::string& note) {
    constexpr int kPoints = 0, kLines = 1;
    constexpr double kCameraSize = 0.03; // of the scene
    const auto alignment =
        gltfFromWorld(cloud, cameras.empty() ? RigidTransform() : cameras.front().cameraFromWorld);
    GltfParts parts;
    std::vector<Vec3f> positions;
    positions.reserve(cloud.size());
    for (const auto& p : cloud.positions) {
        positions.push_back(transformed(alignment, {p.x, p.y, p.z}));
    }
    if (!positions.empty()) {
        std::vector<std::array<std::uint8_t, 4>> colours(cloud.size(), {200, 200, 200, 255});
        for (std::size_t i = 0; i < cloud.colours.size(); ++i) {
            const auto& c = cloud.colours[i];
            colours[i] = {c[0], c[1], c[2], 255};
        }
        parts.add("points", kPoints, positions, colours);
    }
    const double size = kCameraSize * extentOf(positions);
    for (std::size_t i = 0; showCameras && i < cameras.size(); ++i) {
        const auto& c = cameras[i].camera;
        const auto world = inverse(cameras[i].cameraFromWorld);
        const auto place = [&](double u, double v) {
            return transformed(alignment, world * (size * Vec3{(u - c.cx) / c.fx, (v - c.cy) / c.fy, 1}));
        };
        const auto centre = transformed(alignment, world.translation);
        const std::array<Vec3f, 4> corners = {place(0, 0), place(c.width - 1, 0),
                                              place(c.width - 1, c.height - 1), place(0, c.height - 1)};
        std::vector<Vec3f> lines;
        for (std::size_t k = 0; k < 4; ++k) {
            lines.insert(lines.end(), {centre, corners[k], corners[k], corners[(k + 1) % 4]});
        }
        const bool sound = std::all_of(lines.begin(), lines.end(), [](const Vec3f& p) {
            return std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z);
        });
        if (sound) {
            parts.add(escaped(cameras[i].name), kLines, lines,
                      std::vector(lines.size(), colourOfCamera(i, cameras.size())));
        }
    }
    parts.write(path, alignment, note.empty() ? "" : R"(,"extras":{"note":")" + escaped(note) + "\"}");
}

} // namespace body4d
