#include "export/glb_doctor_internal.h"

#include "base/files.h"
#include "export/surface_layout.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <stdexcept>

namespace body4d {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kSampledFrames = 5;

struct Affine {
    Mat3 linear;
    Vec3 offset;
};
Affine operator*(const Affine& a, const Affine& b) {
    return {a.linear * b.linear, a.linear * b.offset + a.offset};
}
Vec3 operator*(const Affine& a, Vec3 p) {
    return a.linear * p + a.offset;
}

Mat3 fromQuat(const std::array<double, 4>& q) {
    const auto [x, y, z, w] = q;
    return Mat3{{1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), 2 * (x * y + z * w),
                 1 - 2 * (x * x + z * z), 2 * (y * z - x * w), 2 * (x * z - y * w), 2 * (y * z + x * w),
                 1 - 2 * (x * x + y * y)}};
}

/// A glTF file as a viewer sees it: accessors, nodes, one animation.
class GltfFile {
public:
    GltfFile(const std::filesystem::path& path, ExportCheck& check) : check_(check) {
        const auto all = readFile(path);
        const auto word = [&](std::size_t at) {
            std::uint32_t v = 0;
            if (at + 4 > all.size()) {
                throw std::runtime_error("The file is cut off.");
            }
            std::memcpy(&v, all.data() + at, 4);
            return v;
        };
        if (word(0) != 0x46546C67 || word(4) != 2) {
            throw std::runtime_error("It is no binary glTF 2.0.");
        }
        expect(word(8) == all.size(), "The length in the header is not the file's.");
        const std::size_t text = word(12);
        if (20 + text > all.size()) {
            throw std::runtime_error("The file is cut off.");
        }
        root = Json::parse(reinterpret_cast<const char*>(all.data()) + 20,
                           reinterpret_cast<const char*>(all.data()) + 20 + text);
        if (28 + text <= all.size()) {
            const std::size_t size = std::min<std::size_t>(word(20 + text), all.size() - 28 - text);
            bin_.assign(all.begin() + static_cast<std::ptrdiff_t>(28 + text),
                        all.begin() + static_cast<std::ptrdiff_t>(28 + text + size));
        }
        const auto& nodes = root.value("nodes", Json::array());
        parent.assign(nodes.size(), -1);
        for (std::size_t n = 0; n < nodes.size(); ++n) {
            for (const auto& child : nodes[n].value("children", Json::array())) {
                parent.at(child.get<std::size_t>()) = static_cast<int>(n);
            }
        }
        for (const auto& animation : root.value("animations", Json::array())) {
            for (const auto& channel : animation.at("channels")) {
                const auto& sampler = animation.at("samplers").at(channel.at("sampler").get<std::size_t>());
                Track track;
                track.times = numbers(sampler.at("input").get<std::size_t>());
                track.values = numbers(sampler.at("output").get<std::size_t>());
                track.step = sampler.value("interpolation", "LINEAR") == "STEP";
                expect(!track.times.empty(), "A channel of the animation has no keys.");
                expect(std::is_sorted(track.times.begin(), track.times.end(), std::less_equal<>()) &&
                           (track.times.empty() || track.times.front() >= 0),
                       "Key times of the animation do not rise.");
                if (!track.times.empty()) {
                    first = std::min(first, track.times.front());
                    last = std::max(last, track.times.back());
                    keys = std::max(keys, track.times.size());
                }
                tracks[{channel.at("target").at("node").get<int>(),
                        channel.at("target").at("path").get<std::string>()}] = std::move(track);
            }
        }
    }

    void expect(bool fine, const std::string& problem) {
        if (!fine && std::find(check_.problems.begin(), check_.problems.end(), problem) == check_.problems.end()) {
            check_.problems.push_back(problem);
        }
    }

    /// All numbers of an accessor, checked against its buffer and its own bounds.
    std::vector<double> numbers(std::size_t accessor) {
        const auto& a = root.at("accessors").at(accessor);
        const auto& view = root.at("bufferViews").at(a.at("bufferView").get<std::size_t>());
        const int type = a.at("componentType").get<int>();
        const std::string shape = a.at("type").get<std::string>();
        const std::size_t width = shape == "SCALAR" ? 1 : shape == "VEC2" ? 2 : shape == "VEC3" ? 3 : shape == "VEC4" ? 4 : 16;
        const std::size_t size = type == 5121 ? 1 : type == 5123 ? 2 : 4;
        const std::size_t count = a.at("count").get<std::size_t>();
        const std::size_t step = view.value("byteStride", width * size);
        const std::size_t start = view.value("byteOffset", std::size_t{0}) + a.value("byteOffset", std::size_t{0});
        if (count == 0 || start + (count - 1) * step + width * size > bin_.size()) {
            throw std::runtime_error("Accessor " + std::to_string(accessor) + " reaches beyond the file.");
        }
        std::vector<double> out(count * width);
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t c = 0; c < width; ++c) {
                const std::byte* p = bin_.data() + start + i * step + c * size;
                double& v = out[i * width + c];
                if (type == 5126) {
                    float f = 0;
                    std::memcpy(&f, p, 4);
                    v = f;
                    expect(std::isfinite(f), "There is a number that is none (NaN or infinite).");
                } else if (type == 5125) {
                    std::uint32_t u = 0;
                    std::memcpy(&u, p, 4);
                    v = u;
                } else if (type == 5123) {
                    std::uint16_t u = 0;
                    std::memcpy(&u, p, 2);
                    v = u;
                } else {
                    v = static_cast<double>(static_cast<std::uint8_t>(*p));
                }
            }
        }
        for (const auto* bound : {"min", "max"}) {
            if (!a.contains(bound)) {
                continue;
            }
            for (std::size_t c = 0; c < width; ++c) {
                double extreme = out[c];
                for (std::size_t i = 0; i < count; ++i) {
                    extreme = *bound == 'm' && bound[1] == 'i' ? std::min(extreme, out[i * width + c])
                                                              : std::max(extreme, out[i * width + c]);
                }
                expect(a[bound].at(c).get<double>() == extreme,
                       "The bounds of accessor " + std::to_string(accessor) + " are not those of its data.");
            }
        }
        return out;
    }

    /// Where a node stands at a time, its ancestors included.
    [[nodiscard]] Affine global(int node, double seconds) const {
        Affine out{{}, {}};
        for (; node >= 0; node = parent[static_cast<std::size_t>(node)]) {
            out = local(node, seconds) * out;
        }
        return out;
    }

    Json root;
    std::vector<int> parent;
    double first = 1e30, last = -1e30;
    std::size_t keys = 0;

private:
    struct Track {
        std::vector<double> times, values;
        bool step = false;
    };

    [[nodiscard]] Affine local(int node, double seconds) const {
        const auto& n = root.at("nodes").at(static_cast<std::size_t>(node));
        const auto at = [&](const char* path, std::vector<double> value) {
            if (n.contains(path)) {
                value = n.at(path).get<std::vector<double>>();
            }
            const auto found = tracks.find({node, path});
            if (found == tracks.end() || found->second.times.empty()) {
                return value;
            }
            const Track& track = found->second;
            const auto after = std::upper_bound(track.times.begin(), track.times.end(), seconds + 1e-7);
            const auto b = std::min<std::size_t>(static_cast<std::size_t>(after - track.times.begin()), track.times.size() - 1);
            const std::size_t a = after == track.times.begin() ? 0 : static_cast<std::size_t>(after - track.times.begin()) - 1;
            const double span = track.times[b] - track.times[a];
            const double share = track.step || span <= 0 ? 0 : std::clamp((seconds - track.times[a]) / span, 0.0, 1.0);
            for (std::size_t c = 0; c < value.size(); ++c) {
                value[c] = (1 - share) * track.values.at(a * value.size() + c) + share * track.values.at(b * value.size() + c);
            }
            return value;
        };
        auto q = at("rotation", {0, 0, 0, 1});
        const auto t = at("translation", {0, 0, 0}), s = at("scale", {1, 1, 1});
        const double length = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
        for (double& c : q) {
            c /= length > 0 ? length : 1;
        }
        Mat3 m = fromQuat({q[0], q[1], q[2], q[3]});
        for (int row = 0; row < 3; ++row) {
            for (int column = 0; column < 3; ++column) {
                m(row, column) *= s[static_cast<std::size_t>(column)];
            }
        }
        return {m, {t[0], t[1], t[2]}};
    }

    ExportCheck& check_;
    std::vector<std::byte> bin_;
    std::map<std::pair<int, std::string>, Track> tracks;
};

std::int64_t triangleCount(const GltfFile& file, const Json& mesh) {
    std::int64_t count = 0;
    for (const auto& primitive : mesh.at("primitives")) {
        if (primitive.value("mode", 4) == 4) {
            count += file.root.at("accessors").at(primitive.at("indices").get<std::size_t>()).at("count").get<std::int64_t>() / 3;
        }
    }
    return count;
}

/// The exact mesh of a person in a frame, in the file's order of vertices.
std::vector<float> exactMesh(const ExportClip& clip, const ExportPerson& person, const SurfaceLayout& layout, std::int64_t frame) {
    std::vector<Vec3f> vertices;
    std::vector<float> placed;
    person.model().pose(*person.rest, person.shown(frame)->pose, vertices);
    placeVertices(layout, vertices, clip.worldFromCam(frame), placed);
    return placed;
}

/// One skinned mesh in the sampled frames.
void checkSkin(const ExportClip& clip, const ExportPerson& person, GltfFile& file, const Json& node, ExportCheck& check,
               PointCheck& points) {
    const auto& mesh = file.root.at("meshes").at(node.at("mesh").get<std::size_t>());
    const auto& attributes = mesh.at("primitives").at(0).at("attributes");
    const auto rest = file.numbers(attributes.at("POSITION").get<std::size_t>());
    const std::size_t count = rest.size() / 3;
    check.vertices += static_cast<std::int64_t>(count);
    check.triangles += triangleCount(file, mesh);
    const auto& skin = file.root.at("skins").at(node.at("skin").get<std::size_t>());
    const auto joints = skin.at("joints").get<std::vector<int>>();
    const auto binds = file.numbers(skin.at("inverseBindMatrices").get<std::size_t>());
    std::vector<std::vector<double>> index, weight;
    for (int set = 0; attributes.contains("JOINTS_" + std::to_string(set)); ++set) {
        index.push_back(file.numbers(attributes["JOINTS_" + std::to_string(set)].get<std::size_t>()));
        weight.push_back(file.numbers(attributes.at("WEIGHTS_" + std::to_string(set)).get<std::size_t>()));
    }
    for (std::size_t v = 0; v < count; ++v) {
        double sum = 0;
        for (const auto& w : weight) {
            sum += w[4 * v] + w[4 * v + 1] + w[4 * v + 2] + w[4 * v + 3];
        }
        if (std::abs(sum - 1) > 1e-5) {
            file.expect(false, "Skin weights do not sum to 1.");
            break;
        }
    }
    const SurfaceLayout layout = layOut(person.model().topology(), *person.rest);
    if (layout.vertex.size() != count) {
        file.expect(false, "The mesh has not as many vertices as the body.");
        return;
    }
    for (const auto frame : sampledFrames(clip, person, kSampledFrames)) {
        const double seconds = clip.clipSeconds(frame);
        std::vector<Affine> move(joints.size());
        for (std::size_t j = 0; j < joints.size(); ++j) {
            const double* b = binds.data() + 16 * j;
            const Affine bind{Mat3{{b[0], b[4], b[8], b[1], b[5], b[9], b[2], b[6], b[10]}}, {b[12], b[13], b[14]}};
            move[j] = file.global(joints[j], seconds) * bind;
        }
        const auto wanted = exactMesh(clip, person, layout, frame);
        for (std::size_t v = 0; v < count; ++v) {
            const Vec3 p{rest[3 * v], rest[3 * v + 1], rest[3 * v + 2]};
            Vec3 posed;
            for (std::size_t set = 0; set < index.size(); ++set) {
                for (std::size_t k = 0; k < 4; ++k) {
                    if (const double w = weight[set][4 * v + k]; w > 0) {
                        posed = posed + w * (move.at(static_cast<std::size_t>(index[set][4 * v + k])) * p);
                    }
                }
            }
            points.add(posed, {wanted[3 * v], wanted[3 * v + 1], wanted[3 * v + 2]});
        }
    }
}

/// A person as one mesh a frame below a node.
void checkFrames(const ExportClip& clip, const ExportPerson& person, GltfFile& file, const Json& node, ExportCheck& check,
                 PointCheck& points) {
    const SurfaceLayout layout = layOut(person.model().topology(), *person.rest);
    const auto sampled = sampledFrames(clip, person, kSampledFrames);
    std::int64_t frames = 0;
    for (const auto& child : node.at("children")) {
        const auto& part = file.root.at("nodes").at(child.get<std::size_t>());
        if (!part.contains("mesh")) {
            continue;
        }
        const auto& mesh = file.root.at("meshes").at(part.at("mesh").get<std::size_t>());
        const auto positions = file.numbers(mesh.at("primitives").at(0).at("attributes").at("POSITION").get<std::size_t>());
        if (frames++ == 0) {
            check.vertices += static_cast<std::int64_t>(positions.size() / 3);
            check.triangles += triangleCount(file, mesh);
        }
        const auto frame = part.at("extras").at("frame").get<std::int64_t>();
        if (std::find(sampled.begin(), sampled.end(), frame) == sampled.end()) {
            continue;
        }
        const auto wanted = exactMesh(clip, person, layout, frame);
        if (wanted.size() != positions.size()) {
            file.expect(false, "The mesh has not as many vertices as the body.");
            continue;
        }
        for (std::size_t i = 0; i < positions.size(); i += 3) {
            points.add({positions[i], positions[i + 1], positions[i + 2]}, {wanted[i], wanted[i + 1], wanted[i + 2]});
        }
    }
    check.frames = std::max(check.frames, frames);
}

} // namespace

void PointCheck::see(Vec3 p) {
    low_ = {std::min(low_.x, p.x), std::min(low_.y, p.y), std::min(low_.z, p.z)};
    high_ = {std::max(high_.x, p.x), std::max(high_.y, p.y), std::max(high_.z, p.z)};
}

void PointCheck::report(ExportCheck& check) const {
    if (low_.x <= high_.x) {
        check.low = low_;
        check.high = high_;
    }
    if (count_ > 0) {
        check.meanMm = sum_ / static_cast<double>(count_);
        check.maxMm = most_;
    }
}

std::vector<std::int64_t> sampledFrames(const ExportClip& clip, const ExportPerson& person, std::size_t most) {
    const auto shown = person.shownFrames(clip.begin, clip.end);
    std::vector<std::int64_t> chosen;
    const std::size_t count = std::min(most, shown.size());
    for (std::size_t i = 0; i < count; ++i) {
        chosen.push_back(shown[count == 1 ? 0 : i * (shown.size() - 1) / (count - 1)]);
    }
    return chosen;
}

void checkGlb(const ExportClip& clip, const std::vector<const ExportPerson*>& people, const std::filesystem::path& path,
              ExportCheck& check, PointCheck& points) {
    GltfFile file(path, check);
    // Whoever is never shown is left out of the file; the others stand in it in their order.
    std::vector<const ExportPerson*> present;
    for (const auto* person : people) {
        if (!sampledFrames(clip, *person, 1).empty()) {
            present.push_back(person);
        }
    }
    const auto& nodes = file.root.value("nodes", Json::array());
    std::size_t found = 0;
    for (const auto& node : nodes) {
        const bool skinned = node.contains("skin");
        bool frames = false;
        if (!skinned && node.contains("children") && clip.options.glb.mesh == GlbMesh::Exact) {
            const auto& child = nodes.at(node["children"].at(0).get<std::size_t>());
            frames = child.contains("mesh") && child.value("extras", Json::object()).contains("frame");
        }
        if (!skinned && !frames) {
            continue;
        }
        if (found >= present.size()) {
            ++found;
            continue;
        }
        skinned ? checkSkin(clip, *present[found], file, node, check, points)
                : checkFrames(clip, *present[found], file, node, check, points);
        ++found;
    }
    file.expect(found == present.size(), std::to_string(found) + " people are in the file, not " +
                                             std::to_string(present.size()) + ".");
    check.people += static_cast<int>(found);
    check.frames = std::max<std::int64_t>(check.frames, static_cast<std::int64_t>(file.keys));
    if (file.last >= file.first) {
        const double length = file.last - std::min(file.first, 0.0);
        check.seconds = std::max(check.seconds, length);
        file.expect(std::abs(length - clip.clipSeconds(clip.end - 1)) < 0.002 || present.empty() ||
                        !clip.options.glb.camera,
                    "The clip is not as long as the exported frames.");
    } else if (clip.frameCount() > 1) {
        file.expect(false, "There is no animation.");
    }
}

} // namespace body4d
