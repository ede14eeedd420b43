#pragma once

#include "golden_tensors.h"

#include "base/image.h"
#include "base/safetensors.h"
#include "models/sam3d_body/crops.h"
#include "models/sam3d_body/network.h"

#include <ATen/Parallel.h>

#include <array>
#include <filesystem>
#include <memory>
#include <utility>

/// A small SAM 3D Body and a small MHR whose weights are functions of their names; the programs that ran the
/// official classes compute the same.
namespace body4d::sam3d_body::testing {

using body4d::testing::noise;
using body4d::testing::tensorOf;

inline constexpr std::int64_t kVertices = 160, kTriangles = 320, kCorrectives = 48;

inline Config tinyConfig() {
    Config config;
    config.imageSize = 128;
    config.width = 64;
    config.depth = 3;
    config.heads = 4;
    config.hidden = 256;
    config.decoderWidth = 48;
    config.decoderDepth = 3;
    config.decoderHeads = 2;
    config.decoderInner = 32;
    config.decoderHidden = 40;
    config.vertices = kVertices;
    config.triangles = kTriangles;
    return config;
}

inline constexpr std::array<int, kJoints> kParents = {
    -1, 0,   1,   2,   3,   4,   5,   6,   7,   3,   3,   3,   3,   2,   2,   2,   2,  2,  1,  18, 19, 20,
    21, 22,  23,  19,  19,  19,  19,  18,  18,  18,  18,  18,  1,   34,  35,  36,  37, 38, 39, 40, 41, 42,
    43, 44,  45,  46,  42,  48,  49,  50,  42,  52,  53,  54,  42,  56,  57,  58,  42, 60, 61, 62, 63, 40,
    40, 40,  40,  39,  39,  39,  39,  39,  37,  74,  75,  76,  77,  78,  79,  80,  81, 82, 78, 84, 85, 86,
    78, 88,  89,  90,  78,  92,  93,  94,  78,  96,  97,  98,  99,  76,  76,  76,  76, 75, 75, 75, 75, 75,
    37, 110, 110, 110, 113, 114, 114, 114, 117, 118, 119, 120, 113, 122, 113, 124, 113};

/// Keypoint and joint that are the same in the release; the other keypoints hang on vertices.
inline std::vector<std::pair<int, int>> jointKeypoints() {
    std::vector<std::pair<int, int>> pairs = {{5, 75}, {6, 39}, {9, 2}, {10, 18}, {11, 3}, {12, 19}};
    for (int i = 0; i < 20; ++i) {
        constexpr std::array<int, 20> right = {64, 63, 62, 61, 59, 58, 57, 56, 55, 54,
                                               53, 52, 51, 50, 49, 48, 47, 46, 45, 44};
        pairs.emplace_back(21 + i, right[static_cast<std::size_t>(i)]);
        constexpr std::array<int, 20> left = {100, 99, 98, 97, 95, 94, 93, 92, 91, 90,
                                              89,  88, 87, 86, 85, 84, 83, 82, 81, 80};
        pairs.emplace_back(42 + i, left[static_cast<std::size_t>(i)]);
    }
    pairs.emplace_back(41, 41);
    pairs.emplace_back(62, 77);
    return pairs;
}

inline at::Tensor restingPose() {
    std::vector<float> hand, all = {1, 0, 0, 0, 1, 0};
    for (const int freedom : {3, 1, 1, 3, 1, 1, 3, 1, 1, 3, 1, 1, 2, 3, 1, 1}) {
        if (freedom == 3) {
            hand.insert(hand.end(), {1, 0, 0, 0, 1, 0});
        }
        for (int k = 0; freedom < 3 && k < freedom; ++k) {
            hand.insert(hand.end(), {0, 1});
        }
    }
    for (int i = 0; i < 23; ++i) {
        all.insert(all.end(), {1, 0, 0, 0, 1, 0});
    }
    for (int i = 0; i < 58; ++i) {
        all.insert(all.end(), {0, 1});
    }
    all.insert(all.end(), 6 + 45 + 28, 0);
    all.insert(all.end(), hand.begin(), hand.end());
    all.insert(all.end(), hand.begin(), hand.end());
    all.insert(all.end(), 72, 0);
    return at::tensor(all).unsqueeze(0);
}

inline at::Tensor weightOf(const std::string& key, const at::Tensor& slot) {
    const auto shape = slot.sizes();
    const auto dot = key.rfind('.');
    const auto leaf = key.substr(dot + 1), parents = key.substr(0, dot),
               parent = parents.substr(parents.rfind('.') + 1);
    const auto has = [&](const char* text) { return key.find(text) != std::string::npos; };
    if (leaf == "joint_rotation" || leaf == "local_to_world_wrist") {
        return rotationXyz(noise("w:" + key, shape.slice(0, shape.size() - 1)).to(at::kDouble))
            .to(at::kFloat);
    }
    if (leaf == "faces") {
        return (at::arange(shape[0] * 3, at::kLong).view(shape) * 7) % kVertices;
    }
    if (leaf == "hand_joint_idxs_right") {
        return (at::arange(27, at::kLong) * 7) % 27 + 68;
    }
    if (leaf == "hand_joint_idxs_left") {
        return (at::arange(27, at::kLong) * 4) % 27 + 95;
    }
    if (leaf == "nonhand_param_idxs") {
        return at::cat({at::arange(6, 68, at::kLong), at::arange(95, 178, at::kLong)});
    }
    if (leaf == "keypoint_mapping") {
        auto mapping = at::zeros(shape);
        auto values = mapping.accessor<float, 2>();
        for (std::int64_t r = 0; r < shape[0]; ++r) {
            constexpr std::array<float, 3> weights = {0.5F, 0.25F, 0.25F};
            for (std::int64_t k = 0; k < 3; ++k) {
                values[r][(r * 37 + 11 + k * 53) % kVertices] += weights[static_cast<std::size_t>(k)];
            }
        }
        for (const auto& [keypoint, joint] : jointKeypoints()) {
            mapping[keypoint].zero_();
            values[keypoint][kVertices + joint] = 1;
        }
        return mapping;
    }
    if (parent.starts_with("init_camera")) {
        return at::tensor({-0.9F, 0.02F, -0.03F}).unsqueeze(0);
    }
    const auto x = noise("w:" + key, shape);
    if (leaf == "bias_mask") {
        return (x > 0).to(at::kFloat);
    }
    if (leaf == "periods") {
        return 1.5 + 0.5 * x;
    }
    if (leaf == "gamma") {
        return 0.5 + 0.1 * x;
    }
    if (leaf == "positional_encoding_gaussian_matrix") {
        return x;
    }
    if (leaf == "scale_mean") {
        return 0.05 * x;
    }
    if (leaf == "scale_comps" || leaf == "hand_pose_mean") {
        return 0.1 * x;
    }
    if (leaf == "hand_pose_comps") {
        return at::eye(54) + 0.02 * x;
    }
    if (leaf == "right_wrist_coords" || leaf == "root_coords") {
        return 0.3 * x;
    }
    if (parent.starts_with("init_pose")) {
        return restingPose() + 0.1 * x;
    }
    const double small = (has("head_pose") || has("head_camera")) && has(".layers.1.") ? 0.05 : 1;
    if (leaf == "bias") {
        return 0.1 * small * x;
    }
    if (leaf != "weight" || has("embedding") || (parent.ends_with("_embed") && !has("bbox") && !has("cls"))) {
        return 0.5 * x;
    }
    return x.dim() == 1 ? 1 + 0.1 * x : small * x / std::sqrt(static_cast<double>(x[0].numel()));
}

class Filler final : public nn::Fields {
protected:
    void take(const std::string& key, at::Tensor& slot) override { slot = weightOf(key, slot).contiguous(); }
};

/// The stand-in of the body model, under the official asset's names.
inline std::map<std::string, at::Tensor> tinyMhrTensors() {
    const auto values = [](const char* key, at::IntArrayRef shape) {
        return noise(std::string("mhr:") + key, shape);
    };
    const auto unit = [&](const char* key) {
        const auto q = values(key, {kJoints, 4}).to(at::kDouble);
        return (q / q.norm(2, {1}, true)).to(at::kFloat);
    };
    const std::string shape = "character_torch.blend_shape.", bones = "character_torch.skeleton.",
                      skin = "character_torch.linear_blend_skinning.",
                      corrective = "pose_correctives_model.pose_dirs_predictor.";
    std::map<std::string, at::Tensor> t;
    t[shape + "shape_vectors"] = 2 * values("shape", {45, kVertices, 3});
    t[shape + "base_shape"] = 40 * values("base", {kVertices, 3}) + at::tensor({0.0F, 90.0F, 0.0F});
    t["face_expressions_model.shape_vectors"] = values("face", {72, kVertices, 3});
    auto transform = at::zeros({889, 249});
    auto pt = transform.accessor<float, 2>();
    for (int p = 0; p < 3; ++p) {
        pt[7 + p][p] = 1;
        pt[10 + p][3 + p] = 1;
    }
    for (int p = 0; p < 130; ++p) {
        pt[7 * (2 + p % 125) + 3 + (p / 125 + p) % 3][6 + p] = 1;
        pt[7 * (2 + (p * 11) % 125) + 3 + p % 3][6 + p] += 0.25F;
    }
    for (int p = 0; p < 68; ++p) {
        pt[7 * (1 + p) + 6][136 + p] = 1;
        pt[7 * (40 + p) + p % 3][136 + p] = 2;
    }
    t["character_torch.parameter_transform.parameter_transform"] = transform;
    t[bones + "joint_translation_offsets"] = 5 * values("offset", {kJoints, 3});
    t[bones + "joint_prerotations"] = unit("prerot");
    t[bones + "joint_parents"] =
        at::tensor(std::vector<std::int64_t>(kParents.begin(), kParents.end()), at::kLong);
    t[skin + "inverse_bind_pose"] =
        at::cat({10 * values("invt", {kJoints, 3}), unit("invq"), 1 + 0.1 * values("invs", {kJoints, 1})}, 1);
    const auto v = at::arange(kVertices, at::kLong).unsqueeze(1), k = at::arange(3, at::kLong).unsqueeze(0);
    t[skin + "skin_indices_flattened"] = ((v * 7 + k * 31) % kJoints).flatten();
    t[skin + "skin_weights_flattened"] = at::tensor({0.5F, 0.3F, 0.2F}).repeat({kVertices});
    t[skin + "vert_indices_flattened"] = (v + 0 * k).flatten();
    t["character_torch.mesh.faces"] =
        (at::arange(kTriangles * 3, at::kLong).view({kTriangles, 3}) * 7) % kVertices;
    const auto i = at::arange(kCorrectives, at::kLong).unsqueeze(1),
               n = at::arange(6, at::kLong).unsqueeze(0);
    t[corrective + "0.sparse_indices"] =
        at::stack({(i + 0 * n).flatten(), ((i * 13 + n * 29) % 750).flatten()});
    t[corrective + "0.sparse_weight"] = values("sparse", {kCorrectives * 6});
    t[corrective + "2.weight"] = 0.3 * values("dirs", {kVertices * 3, kCorrectives});
    return t;
}

/// Writes tensors as a checkpoint.
inline void writeTensors(const std::filesystem::path& file, const std::map<std::string, at::Tensor>& tensors,
                         const std::map<std::string, std::string>& metadata = {}) {
    SafetensorsWriter writer;
    for (const auto& [key, value] : metadata) {
        writer.setMetadata(key, value);
    }
    for (const auto& [name, tensor] : tensors) {
        const auto dense = tensor.contiguous();
        std::vector<std::int64_t> shape(dense.sizes().begin(), dense.sizes().end());
        const auto size = static_cast<std::size_t>(dense.numel());
        if (dense.scalar_type() == at::kLong) {
            writer.add(name, std::span(dense.const_data_ptr<std::int64_t>(), size), std::move(shape));
        } else {
            writer.add(name, std::span(dense.const_data_ptr<float>(), size), std::move(shape));
        }
    }
    writer.write(file);
}

/// Weights of the tiny network by name, as its checkpoint holds them.
inline std::map<std::string, at::Tensor> tinyWeights() {
    Network network(tinyConfig());
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [key, field] : nn::fieldsOf(network)) {
        tensors[key] = weightOf(key, *field.tensor);
    }
    return tensors;
}

/// Pixels that a crop cannot blur unnoticed.
inline ImagePtr tinyImage(int width, int height) {
    auto image = std::make_shared<Image>(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < 3; ++c) {
                image->row(y)[3 * x + c] =
                    static_cast<std::uint8_t>((x * 3 + y * 5 + c * 70 + ((x * y) >> 5)) & 255);
            }
        }
    }
    return image;
}

/// Slopes of a few levels a pixel at most, as photographs mostly have.
inline ImagePtr smoothImage(int width, int height) {
    auto image = std::make_shared<Image>(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < 3; ++c) {
                image->row(y)[3 * x + c] =
                    static_cast<std::uint8_t>(127.5 + 120 * std::sin(0.03 * x + c) * std::cos(0.02 * y - c));
            }
        }
    }
    return image;
}

inline std::shared_ptr<const Mask> tinyMask(int width, int height, int centreX, int centreY, int radius) {
    auto mask = std::make_shared<Mask>(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const bool inside =
                (x - centreX) * (x - centreX) * 4 + (y - centreY) * (y - centreY) < radius * radius;
            mask->row(y)[x] = inside ? 255 : 0;
        }
    }
    return mask;
}

} // namespace body4d::sam3d_body::testing
