// Binary glTF 2.0: still meshes and points. Poses of skins and animations are not evaluated here.
#include "base/files.h"
#include "scene/foreign_readers_internal.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;
using Matrix = std::array<double, 16>; ///< column-major, as in glTF

constexpr Matrix kIdentity{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
constexpr int kDeepest = 200;

Matrix product(const Matrix& a, const Matrix& b) {
    Matrix out{};
    for (std::size_t c = 0; c < 4; ++c) {
        for (std::size_t r = 0; r < 4; ++r) {
            for (std::size_t k = 0; k < 4; ++k) {
                out[4 * c + r] += a[4 * k + r] * b[4 * c + k];
            }
        }
    }
    return out;
}

Matrix matrixOf(const Json& node) {
    if (node.contains("matrix") && node["matrix"].size() == 16) {
        return node["matrix"].get<Matrix>();
    }
    const auto t = node.value("translation", std::array<double, 3>{0, 0, 0});
    const auto q = node.value("rotation", std::array<double, 4>{0, 0, 0, 1});
    const auto s = node.value("scale", std::array<double, 3>{1, 1, 1});
    const auto r = rotationOf(q[3], q[0], q[1], q[2]).value_or(Mat3{});
    Matrix m = kIdentity;
    for (std::size_t c = 0; c < 3; ++c) {
        for (std::size_t row = 0; row < 3; ++row) {
            m[4 * c + row] = r.m[3 * row + c] * s[c];
        }
    }
    std::copy(t.begin(), t.end(), m.begin() + 12);
    return m;
}

double componentsOf(const std::string& type) {
    return type == "SCALAR" ? 1 : type == "VEC2" ? 2 : type == "VEC3" ? 3 : type == "VEC4" ? 4 : 0;
}

std::uint8_t srgbOf(double linear) {
    linear = std::clamp(linear, 0.0, 1.0);
    const double s = linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
    return static_cast<std::uint8_t>(std::lround(255 * s));
}

class Reader {
public:
    Reader(const fs::path& file, std::span<const std::byte> bytes) : file_(file) {
        ByteCursor in(bytes, file);
        if (in.left() < 12 || in.take<std::uint32_t>() != 0x46546C67U) {
            refuse(file, "it does not begin like a GLB file");
        }
        if (in.take<std::uint32_t>() != 2) {
            refuse(file, "only glTF 2.0 can be read");
        }
        (void)in.take<std::uint32_t>();
        while (in.left() >= 8) {
            const auto size = in.take<std::uint32_t>(), type = in.take<std::uint32_t>();
            const auto* chunk = in.skip(size);
            if (type == 0x4E4F534AU) {
                const auto* text = reinterpret_cast<const char*>(chunk);
                root_ = Json::parse(text, text + size);
            } else if (type == 0x004E4942U && binary_.empty()) {
                binary_ = {chunk, size};
            }
        }
        for (const auto& need : root_.value("extensionsRequired", Json::array())) {
            const auto name = need.get<std::string>();
            if (name == "KHR_draco_mesh_compression" || name == "EXT_meshopt_compression" ||
                name == "KHR_mesh_quantization") {
                refuse(file, "its geometry is packed with " + name,
                       "Write it without compression (gltf-transform can unpack it).");
            }
        }
    }

    [[nodiscard]] bool moves() const { return root_.contains("skins") || root_.contains("animations"); }

    RawScene read() {
        const auto nodes = root_.value("nodes", Json::array());
        const auto scenes = root_.value("scenes", Json::array());
        const auto chosen = root_.value("scene", std::size_t{0});
        if (chosen < scenes.size()) {
            for (const auto& node : scenes[chosen].value("nodes", Json::array())) {
                visit(nodes, node.get<std::size_t>(), kIdentity, 0);
            }
        } else {
            for (std::size_t i = 0; i < nodes.size(); ++i) {
                visit(nodes, i, kIdentity, 0);
            }
        }
        scene_.kind = std::any_of(scene_.objects.begin(), scene_.objects.end(),
                                  [](const auto& o) { return !o.triangles.empty(); })
                          ? "GLB mesh"
                          : "GLB point cloud";
        scene_.up = UpAxis::Y;
        return std::move(scene_);
    }

private:
    void visit(const Json& nodes, std::size_t index, const Matrix& parent, int depth) {
        if (index >= nodes.size() || depth > kDeepest) {
            refuse(file_, "its tree of nodes is broken");
        }
        const auto& node = nodes[index];
        const auto world = product(parent, matrixOf(node));
        if (node.contains("mesh")) {
            const auto& mesh = root_.at("meshes").at(node["mesh"].get<std::size_t>());
            for (const auto& primitive : mesh.at("primitives")) {
                addPrimitive(primitive, node.value("name", mesh.value("name", std::string("mesh"))), world);
            }
        }
        if (node.contains("camera")) {
            addCamera(root_.at("cameras").at(node["camera"].get<std::size_t>()),
                      node.value("name", std::string("camera")), world);
        }
        for (const auto& child : node.value("children", Json::array())) {
            visit(nodes, child.get<std::size_t>(), world, depth + 1);
        }
    }

    void addCamera(const Json& camera, const std::string& name, const Matrix& m) {
        if (!camera.contains("perspective")) {
            return;
        }
        constexpr int kHeight = 1000; // glTF knows no pixels
        const double yfov = camera["perspective"].at("yfov").get<double>();
        const double aspect = camera["perspective"].value("aspectRatio", 16.0 / 9);
        ForeignCamera out;
        out.name = name;
        out.intrinsics.height = kHeight;
        out.intrinsics.width = static_cast<int>(std::lround(kHeight * aspect));
        out.intrinsics.focalPx = kHeight / 2.0 / std::tan(yfov / 2);
        out.intrinsics.centreX = out.intrinsics.width / 2.0;
        out.intrinsics.centreY = kHeight / 2.0;
        // glTF's cameras look along -z with y up.
        for (std::size_t r = 0; r < 3; ++r) {
            for (std::size_t c = 0; c < 3; ++c) {
                const double length = std::sqrt(m[4 * c] * m[4 * c] + m[4 * c + 1] * m[4 * c + 1] +
                                                m[4 * c + 2] * m[4 * c + 2]);
                out.worldFromCam.rotation.m[3 * r + c] =
                    (c == 0 ? 1 : -1) * m[4 * c + r] / std::max(1e-12, length);
            }
        }
        out.worldFromCam.translation = {m[12], m[13], m[14]};
        scene_.cameras.push_back(out);
    }

    /// Values of an accessor as doubles, normalised integers as 0..1.
    std::vector<double> values(std::size_t index, std::size_t components) {
        const auto& accessor = root_.at("accessors").at(index);
        const auto count = accessor.at("count").get<std::size_t>();
        const auto width = static_cast<std::size_t>(componentsOf(accessor.at("type").get<std::string>()));
        const int type = accessor.at("componentType").get<int>();
        const std::size_t size = type == 5120 || type == 5121   ? 1
                                 : type == 5122 || type == 5123 ? 2
                                 : type == 5125 || type == 5126 ? 4
                                                                : 0;
        if (accessor.contains("sparse") || !accessor.contains("bufferView") || size == 0 ||
            width < components) {
            refuse(file_, "an accessor of it is of a kind that cannot be read here",
                   "Write it with plain buffers.");
        }
        const auto& view = root_.at("bufferViews").at(accessor["bufferView"].get<std::size_t>());
        if (view.value("buffer", 0) != 0 || root_.at("buffers").at(0).contains("uri")) {
            refuse(file_, "its data lies in another file", "Pack everything into one GLB.");
        }
        const std::size_t offset =
            view.value("byteOffset", std::size_t{0}) + accessor.value("byteOffset", std::size_t{0});
        const std::size_t stride = view.value("byteStride", size * width);
        const bool inside = offset <= binary_.size() &&
                            count - 1 <= (binary_.size() - offset) / std::max<std::size_t>(1, stride) &&
                            (count - 1) * stride + size * width <= binary_.size() - offset;
        if (stride < size * width || (count > 0 && !inside)) {
            refuse(file_, "it ends too early");
        }
        const bool normalised = accessor.value("normalized", false);
        std::vector<double> out;
        out.reserve(count * components);
        for (std::size_t i = 0; i < count; ++i) {
            const auto* at = binary_.data() + offset + i * stride;
            for (std::size_t c = 0; c < components; ++c, at += size) {
                out.push_back(value(at, type, normalised));
            }
        }
        return out;
    }

    static double value(const std::byte* at, int type, bool normalised) {
        const auto load = [at](auto zero) {
            std::memcpy(&zero, at, sizeof zero);
            return zero;
        };
        switch (type) {
        case 5120:
            return load(std::int8_t{}) / (normalised ? 127.0 : 1);
        case 5121:
            return load(std::uint8_t{}) / (normalised ? 255.0 : 1);
        case 5122:
            return load(std::int16_t{}) / (normalised ? 32767.0 : 1);
        case 5123:
            return load(std::uint16_t{}) / (normalised ? 65535.0 : 1);
        case 5125:
            return load(std::uint32_t{});
        default:
            return static_cast<double>(load(float{}));
        }
    }

    void addPrimitive(const Json& primitive, const std::string& name, const Matrix& m) {
        const int mode = primitive.value("mode", 4);
        if (mode != 0 && mode != 4) {
            return; // lines, such as frusta that others bake in
        }
        const auto& attributes = primitive.at("attributes");
        const auto xyz = values(attributes.at("POSITION").get<std::size_t>(), 3);
        ForeignObject object;
        object.name = name;
        const std::size_t n = xyz.size() / 3;
        object.points.resize(n);
        for (std::size_t i = 0; i < n; ++i) {
            const double x = xyz[3 * i], y = xyz[3 * i + 1], z = xyz[3 * i + 2];
            object.points[i] = {static_cast<float>(m[0] * x + m[4] * y + m[8] * z + m[12]),
                                static_cast<float>(m[1] * x + m[5] * y + m[9] * z + m[13]),
                                static_cast<float>(m[2] * x + m[6] * y + m[10] * z + m[14])};
        }
        if (attributes.contains("COLOR_0")) {
            const auto rgb = values(attributes["COLOR_0"].get<std::size_t>(), 3);
            for (std::size_t i = 0; i < std::min(n, rgb.size() / 3); ++i) {
                object.colours.push_back(
                    {srgbOf(rgb[3 * i]), srgbOf(rgb[3 * i + 1]), srgbOf(rgb[3 * i + 2])});
            }
        } else if (const auto flat = materialColour(primitive)) {
            object.colours.assign(n, *flat);
        }
        for (const char* key : {"_CONFIDENCE", "_confidence", "_CONF"}) {
            if (attributes.contains(key)) {
                const auto values01 = values(attributes[key].get<std::size_t>(), 1);
                object.confidence.assign(values01.begin(), values01.end());
            }
        }
        if (mode == 4) {
            std::vector<double> index;
            if (primitive.contains("indices")) {
                index = values(primitive["indices"].get<std::size_t>(), 1);
            } else {
                for (std::size_t i = 0; i < n; ++i) {
                    index.push_back(static_cast<double>(i));
                }
            }
            for (std::size_t i = 0; i + 2 < index.size(); i += 3) {
                if (std::max({index[i], index[i + 1], index[i + 2]}) >= static_cast<double>(n)) {
                    refuse(file_, "a triangle speaks of a vertex that is not there");
                }
                object.triangles.push_back({static_cast<std::uint32_t>(index[i]),
                                            static_cast<std::uint32_t>(index[i + 1]),
                                            static_cast<std::uint32_t>(index[i + 2])});
            }
        }
        if (object.colours.size() != n) {
            object.colours.clear();
        }
        if (object.confidence.size() != n) {
            object.confidence.clear();
        }
        dropNonFinite(object);
        scene_.objects.push_back(std::move(object));
    }

    std::optional<std::array<std::uint8_t, 3>> materialColour(const Json& primitive) const {
        if (!primitive.contains("material")) {
            return std::nullopt;
        }
        const auto& material = root_.at("materials").at(primitive["material"].get<std::size_t>());
        const auto look = material.value("pbrMetallicRoughness", Json::object());
        if (!look.contains("baseColorFactor") || look.contains("baseColorTexture")) {
            return std::nullopt;
        }
        const auto c = look["baseColorFactor"].get<std::array<double, 4>>();
        return std::array<std::uint8_t, 3>{srgbOf(c[0]), srgbOf(c[1]), srgbOf(c[2])};
    }

    const fs::path& file_;
    Json root_ = Json::object();
    std::span<const std::byte> binary_;
    RawScene scene_;
};

} // namespace

namespace {

/// Damaged descriptions are told like every other flaw.
template <typename Fn>
auto withReader(const fs::path& file, const Fn& fn) {
    const MappedFile map(file);
    try {
        Reader reader(file, map.bytes());
        return fn(reader);
    } catch (const Json::exception& e) {
        refuse(file, std::string("its description is damaged (") + e.what() + ")");
    }
}

} // namespace

RawScene readGlb(const fs::path& file) {
    return withReader(file, [](Reader& reader) { return reader.read(); });
}

} // namespace body4d::detail

namespace body4d {

bool glbMoves(const std::filesystem::path& file) {
    return detail::withReader(file, [](detail::Reader& reader) { return reader.moves(); });
}

} // namespace body4d
