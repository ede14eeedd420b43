#pragma once

#include "base/files.h"
#include "base/geometry.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace body4d::test {

/// An independent reader of binary glTF: it knows the specification, not the writer.
class GlbReader {
public:
    using Json = nlohmann::json;
    Json json;
    std::vector<std::byte> bin;
    std::vector<std::string> errors; ///< broken rules

    explicit GlbReader(const std::filesystem::path& path) {
        const std::vector<std::byte> all = readFile(path);
        const auto word = [&](std::size_t at) {
            std::uint32_t v = 0;
            if (at + 4 <= all.size()) {
                std::memcpy(&v, all.data() + at, 4);
            }
            return v;
        };
        expect(word(0) == 0x46546C67 && word(4) == 2, "header");
        expect(word(8) == all.size(), "total length");
        const std::uint32_t textSize = word(12);
        expect(word(16) == 0x4E4F534A && textSize % 4 == 0, "JSON chunk");
        json = Json::parse(reinterpret_cast<const char*>(all.data()) + 20,
                           reinterpret_cast<const char*>(all.data()) + 20 + textSize);
        const std::size_t at = 20 + textSize;
        expect(word(at + 4) == 0x004E4942 && word(at) % 4 == 0 && at + 8 + word(at) == all.size(),
               "BIN chunk");
        bin.assign(all.begin() + static_cast<std::ptrdiff_t>(at + 8), all.end());
    }

    void expect(bool fine, const std::string& rule) {
        if (!fine) {
            errors.push_back(rule);
        }
    }

    static int width(const std::string& type) {
        return type == "SCALAR" ? 1 : type == "VEC2" ? 2 : type == "VEC3" ? 3 : type == "VEC4" ? 4 : 16;
    }
    static std::size_t componentSize(int type) { return type == 5121 ? 1 : type == 5123 ? 2 : 4; }

    [[nodiscard]] std::vector<double> read(int accessor) const {
        const Json& a = json.at("accessors").at(static_cast<std::size_t>(accessor));
        const Json& view = json.at("bufferViews").at(a.at("bufferView").get<std::size_t>());
        const int type = a.at("componentType").get<int>();
        const std::size_t n =
            a.at("count").get<std::size_t>() * static_cast<std::size_t>(width(a.at("type")));
        const std::byte* data =
            bin.data() + view.at("byteOffset").get<std::size_t>() + a.value("byteOffset", std::size_t{0});
        std::vector<double> out(n);
        for (std::size_t i = 0; i < n; ++i) {
            const std::byte* p = data + i * componentSize(type);
            if (type == 5121) {
                out[i] = static_cast<double>(static_cast<std::uint8_t>(*p));
            } else if (type == 5123) {
                std::uint16_t v = 0;
                std::memcpy(&v, p, 2);
                out[i] = v;
            } else if (type == 5125) {
                std::uint32_t v = 0;
                std::memcpy(&v, p, 4);
                out[i] = v;
            } else {
                float v = 0;
                std::memcpy(&v, p, 4);
                out[i] = static_cast<double>(v);
            }
        }
        return out;
    }

    /// Every rule of the specification that the writer must keep; fills `errors`.
    void validate();

    struct Transform {
        Mat3 matrix; ///< with scale
        Vec3 translation;
        [[nodiscard]] Vec3 apply(Vec3 v) const { return matrix * v + translation; }
    };
    /// World transform of every node at a time, the first animation playing.
    [[nodiscard]] std::vector<Transform> nodesAt(double seconds) const;
    /// Vertices of a skinned node in world space, in the file's vertex order.
    [[nodiscard]] std::vector<Vec3> skinnedVertices(std::size_t node,
                                                    const std::vector<Transform>& nodes) const;
    [[nodiscard]] int findNode(const std::string& name) const {
        for (std::size_t i = 0; i < json.at("nodes").size(); ++i) {
            if (json["nodes"][i].value("name", "") == name) {
                return static_cast<int>(i);
            }
        }
        return -1;
    }
    [[nodiscard]] double clipLength() const {
        double length = 0;
        for (const Json& sampler : json.at("animations").at(0).at("samplers")) {
            length = std::max(length, read(sampler.at("input").get<int>()).back());
        }
        return length;
    }

private:
    static Mat3 matrixOf(const std::vector<double>& q) {
        const double x = q[0], y = q[1], z = q[2], w = q[3];
        return Mat3{{1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), 2 * (x * y + z * w),
                     1 - 2 * (x * x + z * z), 2 * (y * z - x * w), 2 * (x * z - y * w), 2 * (y * z + x * w),
                     1 - 2 * (x * x + y * y)}};
    }
};

inline void GlbReader::validate() {
    std::vector<bool> used(json.value("accessors", Json::array()).size(), false);
    const auto use = [&](const Json& index) { used.at(index.get<std::size_t>()) = true; };
    expect(json.at("asset").at("version") == "2.0", "asset.version");
    expect(json.at("asset").contains("generator"), "asset.generator");
    expect(json.at("buffers").size() == 1 && !json["buffers"][0].contains("uri"), "one embedded buffer");
    const auto bytes = json["buffers"][0].at("byteLength").get<std::size_t>();
    expect(bytes <= bin.size() && bin.size() - bytes < 4, "buffer length against chunk");
    expect(!json.contains("extensionsRequired"), "no required extensions");
    for (const Json& view : json.at("bufferViews")) {
        expect(view.at("byteOffset").get<std::size_t>() % 4 == 0, "view alignment");
        expect(view.at("byteOffset").get<std::size_t>() + view.at("byteLength").get<std::size_t>() <= bytes,
               "view range");
    }
    for (std::size_t i = 0; i < used.size(); ++i) {
        const Json& a = json["accessors"][i];
        const auto values = read(static_cast<int>(i));
        const int w = width(a.at("type"));
        const auto size = values.size() * componentSize(a.at("componentType"));
        expect(size <= json["bufferViews"][a.at("bufferView").get<std::size_t>()]
                           .at("byteLength")
                           .get<std::size_t>(),
               "accessor fits");
        for (const double v : values) {
            expect(std::isfinite(v), "finite values");
        }
        if (a.contains("min")) {
            for (int c = 0; c < w; ++c) {
                double low = 1e300, high = -1e300;
                for (std::size_t k = static_cast<std::size_t>(c); k < values.size();
                     k += static_cast<std::size_t>(w)) {
                    low = std::min(low, values[k]);
                    high = std::max(high, values[k]);
                }
                expect(a["min"][static_cast<std::size_t>(c)].get<double>() == low &&
                           a["max"][static_cast<std::size_t>(c)].get<double>() == high,
                       "min and max equal to the data");
            }
        }
    }
    const Json& nodes = json.at("nodes");
    std::vector<int> parent(nodes.size(), -1);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (const Json& child : nodes[i].value("children", Json::array())) {
            expect(parent.at(child.get<std::size_t>()) == -1, "one parent a node");
            parent[child.get<std::size_t>()] = static_cast<int>(i);
        }
        if (nodes[i].contains("rotation")) {
            double n = 0;
            for (const Json& c : nodes[i]["rotation"]) {
                n += c.get<double>() * c.get<double>();
            }
            expect(std::fabs(std::sqrt(n) - 1) < 1e-6, "unit rotation of a node");
        }
    }
    std::set<std::size_t> roots;
    for (const Json& r : json.at("scenes").at(json.at("scene").get<std::size_t>()).at("nodes")) {
        roots.insert(r.get<std::size_t>());
        expect(parent[r.get<std::size_t>()] == -1, "scene roots have no parent");
    }
    std::set<std::size_t> joints;
    for (const Json& skin : json.value("skins", Json::array())) {
        use(skin.at("inverseBindMatrices"));
        const auto ibm = read(skin["inverseBindMatrices"].get<int>());
        expect(ibm.size() == 16 * skin.at("joints").size(), "inverse bind matrices a joint");
        for (std::size_t m = 0; m < ibm.size(); m += 16) {
            expect(ibm[m + 3] == 0 && ibm[m + 7] == 0 && ibm[m + 11] == 0 && ibm[m + 15] == 1,
                   "last row of inverse binds");
        }
        std::set<std::size_t> top;
        for (const Json& j : skin["joints"]) {
            joints.insert(j.get<std::size_t>());
            std::size_t at = j.get<std::size_t>();
            while (parent[at] >= 0) {
                at = static_cast<std::size_t>(parent[at]);
            }
            top.insert(at);
        }
        expect(top.size() == 1 && roots.contains(*top.begin()), "joints share a root in the scene");
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const Json& node = nodes[i];
        expect(node.contains("children") || node.contains("mesh") || node.contains("camera") ||
                   joints.contains(i),
               "no empty nodes");
        if (node.contains("skin")) {
            expect(roots.contains(i), "skinned mesh under the scene root");
            for (const char* key : {"rotation", "translation", "scale", "matrix"}) {
                expect(!node.contains(key), "skinned mesh node is the identity");
            }
        }
    }
    for (const Json& mesh : json.value("meshes", Json::array())) {
        for (const Json& primitive : mesh.at("primitives")) {
            const Json& attributes = primitive.at("attributes");
            for (const auto& [name, accessor] : attributes.items()) {
                use(accessor);
                expect(
                    json["bufferViews"]
                        [json["accessors"][accessor.get<std::size_t>()].at("bufferView").get<std::size_t>()]
                            .value("target", 0) == 34962,
                    "vertex data says so");
            }
            const Json& position = json["accessors"][attributes.at("POSITION").get<std::size_t>()];
            expect(position.contains("min") && position.contains("max"), "bounds of POSITION");
            const auto points = read(attributes["POSITION"].get<int>());
            const auto count = position.at("count").get<std::size_t>();
            if (primitive.value("mode", 4) == 0) { // neither have points
                expect(!primitive.contains("indices"), "points as they are");
                continue;
            }
            if (primitive.value("mode", 4) == 1) { // lines have neither normals nor indices here
                expect(count % 2 == 0 && !attributes.contains("NORMAL"), "whole lines");
                continue;
            }
            const auto normals = read(attributes.at("NORMAL").get<int>());
            for (std::size_t k = 0; k < normals.size(); k += 3) {
                expect(std::fabs(std::hypot(normals[k], normals[k + 1], normals[k + 2]) - 1) < 1e-5,
                       "unit normals");
            }
            use(primitive.at("indices"));
            const auto indices = read(primitive["indices"].get<int>());
            expect(indices.size() % 3 == 0 && !indices.empty(), "whole triangles");
            for (std::size_t k = 0; k + 2 < indices.size(); k += 3) {
                const auto a = static_cast<std::size_t>(indices[k]),
                           b = static_cast<std::size_t>(indices[k + 1]),
                           c = static_cast<std::size_t>(indices[k + 2]);
                expect(a < count && b < count && c < count && count < 65536, "indices in range");
                expect(a != b && b != c && a != c, "no degenerate triangles");
            }
            for (int set = 0; attributes.contains("JOINTS_" + std::to_string(set)); ++set) {
                expect(attributes.contains("WEIGHTS_" + std::to_string(set)), "weights with joints");
            }
            if (attributes.contains("JOINTS_0")) {
                const auto perSet = [&](const std::string& name) {
                    return attributes.contains(name) ? read(attributes[name].get<int>())
                                                     : std::vector<double>();
                };
                const auto j0 = perSet("JOINTS_0"), w0 = perSet("WEIGHTS_0"), j1 = perSet("JOINTS_1"),
                           w1 = perSet("WEIGHTS_1");
                for (std::size_t v = 0; v < count; ++v) {
                    double sum = 0;
                    std::set<int> seen;
                    for (std::size_t k = 0; k < (j1.empty() ? 4U : 8U); ++k) {
                        const double w = k < 4 ? w0[4 * v + k] : w1[4 * v + k - 4];
                        const auto j = static_cast<int>(k < 4 ? j0[4 * v + k] : j1[4 * v + k - 4]);
                        expect(w >= 0, "weights are not negative");
                        expect(w > 0 || j == 0, "joint 0 where unused");
                        expect(w == 0 || seen.insert(j).second, "no joint twice");
                        sum += w;
                    }
                    expect(std::fabs(sum - 1) <= 2e-7 * (j1.empty() ? 4 : 8), "weights sum to 1");
                }
            }
        }
    }
    expect(json.value("animations", Json::array()).size() <= 1, "one clip");
    for (const Json& animation : json.value("animations", Json::array())) {
        std::set<std::pair<int, std::string>> targets;
        for (const Json& channel : animation.at("channels")) {
            const Json& sampler = animation.at("samplers").at(channel.at("sampler").get<std::size_t>());
            const std::string path = channel.at("target").at("path");
            expect(targets.emplace(channel["target"].at("node").get<int>(), path).second,
                   "one channel a property");
            use(sampler.at("input"));
            use(sampler.at("output"));
            const auto times = read(sampler["input"].get<int>()), values = read(sampler["output"].get<int>());
            expect(json["accessors"][sampler["input"].get<std::size_t>()].contains("min"),
                   "bounds of key times");
            expect(times.front() >= 0, "times from 0");
            for (std::size_t k = 1; k < times.size(); ++k) {
                expect(times[k] > times[k - 1], "strictly rising times");
            }
            const std::size_t w = path == "rotation" ? 4 : 3;
            expect(values.size() == w * times.size(), "one value a key");
            for (std::size_t k = 0; path == "rotation" && k < values.size(); k += 4) {
                double n = 0, d = 0;
                for (std::size_t c = 0; c < 4; ++c) {
                    n += values[k + c] * values[k + c];
                    d += k >= 4 ? values[k + c] * values[k + c - 4] : 1;
                }
                expect(std::fabs(std::sqrt(n) - 1) < 1e-6, "unit quaternions");
                expect(d >= 0, "quaternions keep their sign");
            }
        }
    }
    for (const bool u : used) {
        expect(u, "no unused accessors");
    }
}

inline std::vector<GlbReader::Transform> GlbReader::nodesAt(double seconds) const {
    struct Trs {
        std::vector<double> t{0, 0, 0}, r{0, 0, 0, 1}, s{1, 1, 1};
    };
    const Json& nodes = json.at("nodes");
    std::vector<Trs> local(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        local[i].t = nodes[i].value("translation", local[i].t);
        local[i].r = nodes[i].value("rotation", local[i].r);
        local[i].s = nodes[i].value("scale", local[i].s);
    }
    for (const Json& animation : json.value("animations", Json::array())) {
        for (const Json& channel : animation.at("channels")) {
            const Json& sampler = animation.at("samplers").at(channel.at("sampler").get<std::size_t>());
            const auto times = read(sampler.at("input").get<int>()),
                       values = read(sampler.at("output").get<int>());
            const std::string path = channel.at("target").at("path");
            const std::size_t w = path == "rotation" ? 4 : 3;
            std::size_t k = 0;
            while (k + 1 < times.size() && times[k + 1] <= seconds + 1e-7) {
                ++k;
            }
            double share = 0;
            if (sampler.value("interpolation", "LINEAR") == "LINEAR" && k + 1 < times.size() &&
                seconds > times[k]) {
                share = (seconds - times[k]) / (times[k + 1] - times[k]);
            }
            std::vector<double> value(w);
            double length = 0;
            for (std::size_t c = 0; c < w; ++c) {
                const double a = values[w * k + c], b = k + 1 < times.size() ? values[w * (k + 1) + c] : a;
                value[c] = a + share * (b - a);
                length += value[c] * value[c];
            }
            Trs& trs = local[channel["target"].at("node").get<std::size_t>()];
            if (path == "rotation") {
                for (double& c : value) {
                    c /= std::sqrt(length);
                }
                trs.r = value;
            } else {
                (path == "scale" ? trs.s : trs.t) = value;
            }
        }
    }
    std::vector<Transform> world(nodes.size());
    const auto visit = [&](const auto& self, std::size_t node, const Transform& above) -> void {
        Transform own;
        own.matrix = matrixOf(local[node].r);
        for (int r = 0; r < 3; ++r) {
            for (int c = 0; c < 3; ++c) {
                own.matrix(r, c) *= local[node].s[static_cast<std::size_t>(c)];
            }
        }
        own.translation = {local[node].t[0], local[node].t[1], local[node].t[2]};
        world[node] = {above.matrix * own.matrix, above.apply(own.translation)};
        for (const Json& child : nodes[node].value("children", Json::array())) {
            self(self, child.get<std::size_t>(), world[node]);
        }
    };
    for (const Json& root : json.at("scenes").at(0).at("nodes")) {
        visit(visit, root.get<std::size_t>(), Transform());
    }
    return world;
}

inline std::vector<Vec3> GlbReader::skinnedVertices(std::size_t node,
                                                    const std::vector<Transform>& nodes) const {
    const Json& n = json.at("nodes").at(node);
    const Json& skin = json.at("skins").at(n.at("skin").get<std::size_t>());
    const Json& attributes =
        json.at("meshes").at(n.at("mesh").get<std::size_t>()).at("primitives").at(0).at("attributes");
    const auto points = read(attributes.at("POSITION").get<int>()),
               ibm = read(skin.at("inverseBindMatrices").get<int>());
    std::vector<Transform> move;
    for (std::size_t j = 0; j < skin.at("joints").size(); ++j) {
        const double* m = ibm.data() + 16 * j; // by columns
        const Transform unbind{Mat3{{m[0], m[4], m[8], m[1], m[5], m[9], m[2], m[6], m[10]}},
                               {m[12], m[13], m[14]}};
        const Transform& joint = nodes[skin["joints"][j].get<std::size_t>()];
        move.push_back({joint.matrix * unbind.matrix, joint.apply(unbind.translation)});
    }
    std::vector<Vec3> out(points.size() / 3);
    for (int set = 0; attributes.contains("JOINTS_" + std::to_string(set)); ++set) {
        const auto joints = read(attributes["JOINTS_" + std::to_string(set)].get<int>());
        const auto weights = read(attributes["WEIGHTS_" + std::to_string(set)].get<int>());
        for (std::size_t v = 0; v < out.size(); ++v) {
            for (std::size_t k = 0; k < 4; ++k) {
                if (weights[4 * v + k] > 0) {
                    out[v] = out[v] +
                             weights[4 * v + k] * move[static_cast<std::size_t>(joints[4 * v + k])].apply(
                                                      {points[3 * v], points[3 * v + 1], points[3 * v + 2]});
                }
            }
        }
    }
    return out;
}

} // namespace body4d::test
