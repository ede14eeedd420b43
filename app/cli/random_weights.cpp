#include "cli/random_weights.h"

#include "base/error.h"
#include "body/measured_body.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <vector>

namespace body4d::cli {
namespace {

/// Value of an element: its index in C order, and the tensor's shape.
using Value = std::function<double(std::int64_t)>;

struct Tensor {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    Value value;
};

std::int64_t countOf(const std::vector<std::int64_t>& shape) {
    std::int64_t count = 1;
    for (const auto n : shape) {
        count *= n;
    }
    return count;
}

/// -1..1, a pure function of the index.
double noise(std::int64_t i) {
    auto z = static_cast<std::uint64_t>(i + 1) * 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    z ^= z >> 31U;
    return static_cast<double>(z >> 40U) / (1 << 23) - 1;
}

Value scaledNoise(double scale) {
    return [scale](std::int64_t i) { return scale * noise(i); };
}
Value constant(double value) {
    return [value](std::int64_t) { return value; };
}
/// Matrices [..., n, n] of the identity.
Value identity(std::int64_t n) {
    return [n](std::int64_t i) { return i % (n * n) / n == i % n ? 1.0 : 0.0; };
}

bool endsWith(const std::string& name, const char* suffix) {
    return name.ends_with(suffix);
}

/// What keeps a network of this kind from drowning in zeros and infinities.
Value valueOf(const std::string& name, const std::vector<std::int64_t>& shape, std::int64_t vertices) {
    const auto has = [&](const char* part) { return name.find(part) != std::string::npos; };
    if (endsWith(name, "joint_rotation") || endsWith(name, "local_to_world_wrist")) {
        return identity(3);
    }
    if (endsWith(name, "hand_pose_comps")) {
        return identity(shape.front());
    }
    if (endsWith(name, "faces")) {
        return [vertices](std::int64_t i) { return static_cast<double>(i * 7 % vertices); };
    }
    if (endsWith(name, "hand_joint_idxs_right")) {
        return [](std::int64_t i) { return 68 + static_cast<double>(i); };
    }
    if (endsWith(name, "hand_joint_idxs_left")) {
        return [](std::int64_t i) { return 95 + static_cast<double>(i); };
    }
    if (endsWith(name, "nonhand_param_idxs")) {
        return [](std::int64_t i) { return static_cast<double>(i < 62 ? 6 + i : 33 + i); };
    }
    if (endsWith(name, "keypoint_mapping")) {
        // 22 of the first 70 hang on three vertices, the others are joints.
        const auto width = shape.back();
        return [width, vertices](std::int64_t i) {
            const auto row = i / width, column = i % width;
            if (row >= 22 && row < 70) {
                return column == vertices + row ? 1.0 : 0.0;
            }
            double weight = 0;
            for (std::int64_t k = 0; k < 3; ++k) {
                weight += (row * 37 + 11 + k * 53) % vertices == column ? 1.0 / 3 : 0;
            }
            return weight;
        };
    }
    if (has("init_camera")) {
        return [](std::int64_t i) { return i == 0 ? -0.9 : 0.02; };
    }
    if (endsWith(name, "bias_mask")) {
        return constant(0);
    }
    if (endsWith(name, "periods")) {
        return [n = countOf(shape)](std::int64_t i) {
            return std::pow(100.0, static_cast<double>(i) / static_cast<double>(n));
        };
    }
    if (endsWith(name, "gamma")) {
        return constant(0.1);
    }
    if (endsWith(name, "bias") || has("scale_mean") || has("hand_pose_mean")) {
        return constant(0);
    }
    if (has("scale_comps")) {
        return scaledNoise(0.02);
    }
    if (shape.size() == 1 && endsWith(name, "weight")) {
        return constant(1);
    }
    const double fan =
        shape.size() > 1 ? static_cast<double>(countOf(shape)) / static_cast<double>(shape.front()) : 4;
    const bool head = (has("head_pose") || has("head_camera")) && has("layers.1");
    const bool linear =
        shape.size() > 1 && endsWith(name, "weight") && !has("embedding") && !has("init_pose");
    return scaledNoise((head ? 0.05 : 1) * (linear ? std::sqrt(3 / fan) : 0.5));
}

template <typename T>
void append(std::string& out, T value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// The safetensors format, tensor by tensor: a whole checkpoint would not have to fit into memory.
void write(const std::filesystem::path& file, const std::vector<Tensor>& tensors,
           const nlohmann::ordered_json& sizes = nlohmann::ordered_json::object()) {
    nlohmann::ordered_json header;
    header["__metadata__"] = {{"note", "random weights"}};
    header["__metadata__"].update(sizes);
    std::int64_t offset = 0;
    for (const auto& tensor : tensors) {
        const auto bytes = countOf(tensor.shape) * static_cast<std::int64_t>(byteSize(tensor.dtype));
        header[tensor.name] = {{"dtype", dtypeName(tensor.dtype)},
                               {"shape", tensor.shape},
                               {"data_offsets", {offset, offset + bytes}}};
        offset += bytes;
    }
    auto text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    std::ofstream out(file, std::ios::binary);
    std::string buffer;
    append(buffer, static_cast<std::uint64_t>(text.size()));
    out << buffer << text;
    for (const auto& tensor : tensors) {
        const auto count = countOf(tensor.shape);
        buffer.clear();
        for (std::int64_t i = 0; i < count; ++i) {
            const double value = tensor.value(i);
            switch (tensor.dtype) {
            case DType::I64:
                append(buffer, static_cast<std::int64_t>(value));
                break;
            case DType::BF16:
                append(buffer, static_cast<std::uint16_t>(
                                   std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16U));
                break;
            default:
                append(buffer, static_cast<float>(value));
                break;
            }
            if (buffer.size() >= (1U << 20U)) {
                out << buffer;
                buffer.clear();
            }
        }
        out << buffer;
    }
    if (!out.flush()) {
        throw Error(ErrorCode::Output, "Cannot write the random weights.",
                    "Set TMPDIR to a folder with some 3 GB of room.", file.string());
    }
}

constexpr std::int64_t kSmallDecoder = 48, kSmallVertices = 160, kSmallDepth = 3;

} // namespace

Manifest smallBodyManifest(const Manifest& official) {
    const std::map<std::int64_t, std::int64_t> sizes = {{1280, 64},
                                                        {3840, 3 * 64},
                                                        {5120, 256},
                                                        {1379, 64 + 99},
                                                        {640, 32},
                                                        {1024, kSmallDecoder},
                                                        {512, 32},
                                                        {18439 + 127, kSmallVertices + 127},
                                                        {36874, 2 * kSmallVertices}};
    Manifest small;
    for (const auto& [name, entry] : official.tensors) {
        bool deep = false;
        for (const char* list : {".blocks.", ".layers."}) {
            const auto at = name.find(list);
            const bool layer =
                at != std::string::npos && (name.starts_with("backbone.") || name.starts_with("decoder"));
            deep = deep || (layer && std::atoi(name.c_str() + at + std::string(list).size()) >= kSmallDepth);
        }
        if (deep) {
            continue;
        }
        auto shape = entry.shape;
        for (auto& n : shape) {
            const auto found = sizes.find(n);
            n = found != sizes.end() ? found->second : n;
        }
        if (name.ends_with("rope_embed.periods")) {
            shape = {4};
        }
        small.tensors[name] = {entry.dtype, shape};
    }
    return small;
}

void writeRandomBodyWeights(const Manifest& weights, const std::filesystem::path& checkpoint,
                            const std::filesystem::path& bodyModel) {
    const auto joints = static_cast<std::int64_t>(mhrJoints().size());
    const auto mapping = weights.tensors.find("head_pose.keypoint_mapping");
    const auto faces = weights.tensors.find("head_pose.faces");
    BODY4D_EXPECT(mapping != weights.tensors.end() && faces != weights.tensors.end());
    const auto vertices = mapping->second.shape.back() - joints, triangles = faces->second.shape.front();
    std::vector<Tensor> tensors;
    for (const auto& [name, entry] : weights.tensors) {
        tensors.push_back({name, entry.dtype, entry.shape, valueOf(name, entry.shape, vertices)});
    }
    // What an official file's sizes imply has to be said of a small one's.
    const bool small = weights.tensors.at("decoder.norm_final.weight").shape.front() == kSmallDecoder;
    write(checkpoint, tensors,
          small ? nlohmann::ordered_json{{"sam3d_body.image_size", "128"}, {"sam3d_body.decoder_heads", "2"}}
                : nlohmann::ordered_json::object());

    // MHR's sizes are published with its description: 3000 corrective shapes, 53,136 links to what they look
    // at, and about 2.8 joints a vertex.
    constexpr std::int64_t kCorrectives = 3000, kLinks = 53136, kFeatures = 750, kSkin = 3;
    const auto unit = [](std::int64_t width, std::int64_t one) {
        return [width, one](std::int64_t i) { return i % width == one ? 1.0 : 0.0; };
    };
    const std::string shape = "character_torch.blend_shape.", bones = "character_torch.skeleton.",
                      skin = "character_torch.linear_blend_skinning.",
                      corrective = "pose_correctives_model.pose_dirs_predictor.";
    const auto parents = [](std::int64_t i) {
        return static_cast<double>(mhrJoints()[static_cast<std::size_t>(i)].parent);
    };
    tensors = {
        {shape + "base_shape",
         DType::F32,
         {vertices, 3},
         [](std::int64_t i) { return 40 * noise(i) + (i % 3 == 1 ? 90 : 0); }},
        {shape + "shape_vectors", DType::F32, {45, vertices, 3}, scaledNoise(0.5)},
        {"face_expressions_model.shape_vectors", DType::F32, {72, vertices, 3}, scaledNoise(0.5)},
        {"character_torch.parameter_transform.parameter_transform",
         DType::F32,
         {7 * joints, 249},
         [](std::int64_t i) { // an angle of a joint for each of the body's parameters
             const auto row = i / 249, column = i % 249;
             return row >= 7 && row % 7 == 3 + column % 3 && row / 7 == 1 + column % 126 ? 1.0 : 0.0;
         }},
        {bones + "joint_translation_offsets", DType::F32, {joints, 3}, scaledNoise(10)},
        {bones + "joint_prerotations", DType::F32, {joints, 4}, unit(4, 3)},
        {bones + "joint_parents", DType::I64, {joints}, parents},
        {skin + "inverse_bind_pose",
         DType::F32,
         {joints, 8},
         [](std::int64_t i) {
             return i % 8 == 3 + 3 || i % 8 == 7 ? 1.0 : 0.0;
         }}, // w of the quaternion, scale
        {skin + "skin_indices_flattened",
         DType::I64,
         {kSkin * vertices},
         [joints](std::int64_t i) { return static_cast<double>(i * 31 % joints); }},
        {skin + "skin_weights_flattened", DType::F32, {kSkin * vertices}, constant(1.0 / kSkin)},
        {skin + "vert_indices_flattened",
         DType::I64,
         {kSkin * vertices},
         [](std::int64_t i) { return static_cast<double>(i / kSkin); }},
        {"character_torch.mesh.faces",
         DType::I64,
         {triangles, 3},
         [vertices](std::int64_t i) { return static_cast<double>(i * 7 % vertices); }},
        {corrective + "0.sparse_indices",
         DType::I64,
         {2, kLinks},
         [](std::int64_t i) {
             return static_cast<double>(i < kLinks ? i % kCorrectives : i * 29 % kFeatures);
         }},
        {corrective + "0.sparse_weight", DType::F32, {kLinks}, scaledNoise(0.1)},
        {corrective + "2.weight", DType::F32, {3 * vertices, kCorrectives}, scaledNoise(0.01)},
    };
    write(bodyModel, tensors);
}

} // namespace body4d::cli
