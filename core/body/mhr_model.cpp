#include "body/mhr_model.h"

#include "base/checkpoint.h"
#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

namespace body4d {
namespace {

constexpr double kMetre = 100;           ///< in the model's units
constexpr std::size_t kJointNumbers = 7; ///< translation, angles about x, y, z, binary logarithm of the scale
constexpr std::size_t kFirstCorrecting =
    2; ///< joint whose angles correctives look at; world and root do not bend
constexpr std::size_t kFeatures = 6 * (kMhrJointCount - kFirstCorrecting);

/// y = scale * rotation * x + translation.
struct Similarity {
    Mat3 rotation;
    Vec3 translation;
    double scale = 1;
};

Similarity operator*(const Similarity& a, const Similarity& b) {
    return {a.rotation * b.rotation, a.translation + a.scale * (a.rotation * b.translation),
            a.scale * b.scale};
}

Mat3 rotationOf(double x, double y, double z, double w) {
    const double n = std::sqrt(x * x + y * y + z * z + w * w);
    x /= n;
    y /= n;
    z /= n;
    w /= n;
    return Mat3{{1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), 2 * (x * y + z * w),
                 1 - 2 * (x * x + z * z), 2 * (y * z - x * w), 2 * (x * z - y * w), 2 * (y * z + x * w),
                 1 - 2 * (x * x + y * y)}};
}

/// Rz Ry Rx.
Mat3 rotationOf(const double* angles) {
    const double cx = std::cos(angles[0]), cy = std::cos(angles[1]), cz = std::cos(angles[2]);
    const double sx = std::sin(angles[0]), sy = std::sin(angles[1]), sz = std::sin(angles[2]);
    return Mat3{{cy * cz, sx * sy * cz - cx * sz, cx * sy * cz + sx * sz, cy * sz, sx * sy * sz + cx * cz,
                 cx * sy * sz - sx * cz, -sy, sx * cy, cx * cy}};
}

/// Sum of products, in sixteen lanes that the compiler turns into vectors.
float dotProduct(const float* a, const float* b, std::size_t count) {
    constexpr std::size_t kLanes = 16;
    std::array<float, kLanes> sums{};
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (std::size_t k = 0; k < kLanes; ++k) {
            sums[k] += a[i + k] * b[i + k];
        }
    }
    for (; i < count; ++i) {
        sums[0] += a[i] * b[i];
    }
    float sum = 0;
    for (const float s : sums) {
        sum += s;
    }
    return sum;
}

/// Reads tensors by name and shape; -1 stands for any size. Flaws are collected and told together.
class Reader {
public:
    explicit Reader(const Checkpoint& file) : file_(file) {}

    /// @returns nothing where it is missing or unfit
    const CheckpointTensor* find(const std::string& name, const std::vector<std::int64_t>& shape) {
        if (!file_.contains(name)) {
            flaws_ += "missing " + name + "\n";
            return nullptr;
        }
        const auto& tensor = file_.at(name);
        const bool fits =
            tensor.contiguous() &&
            std::equal(shape.begin(), shape.end(), tensor.shape.begin(), tensor.shape.end(),
                       [](std::int64_t want, std::int64_t have) { return want < 0 || want == have; });
        if (!fits) {
            flaws_ += name + " has another shape\n";
            return nullptr;
        }
        return &tensor;
    }
    template <typename T>
    std::vector<T> values(const std::string& name, const std::vector<std::int64_t>& shape) {
        const auto* tensor = find(name, shape);
        if (tensor == nullptr) {
            return {};
        }
        std::vector<T> out(static_cast<std::size_t>(tensor->count()));
        const auto copy = [&]<typename S>(S) {
            for (std::size_t i = 0; i < out.size(); ++i) {
                S value;
                std::memcpy(&value, tensor->bytes.data() + i * sizeof(S), sizeof(S));
                out[i] = static_cast<T>(value);
            }
        };
        const bool whole = std::is_integral_v<T>;
        if (tensor->dtype == DType::F32 && !whole) {
            copy(float{});
        } else if (tensor->dtype == DType::F64 && !whole) {
            copy(double{});
        } else if (tensor->dtype == DType::I64 && whole) {
            copy(std::int64_t{});
        } else if (tensor->dtype == DType::I32 && whole) {
            copy(std::int32_t{});
        } else {
            flaws_ += name + " has another type\n";
            return {};
        }
        return out;
    }
    /// Numbers below `limit` and not below zero.
    std::vector<std::uint32_t> indices(const std::string& name, const std::vector<std::int64_t>& shape,
                                       std::size_t limit) {
        std::vector<std::uint32_t> out;
        for (const auto value : values<std::int64_t>(name, shape)) {
            if (value < 0 || static_cast<std::uint64_t>(value) >= limit) {
                flaws_ += name + " points outside\n";
                return {};
            }
            out.push_back(static_cast<std::uint32_t>(value));
        }
        return out;
    }
    void flaw(const std::string& text) { flaws_ += text + "\n"; }
    void finish() const {
        if (!flaws_.empty()) {
            refuseMhrAsset(file_.path(), flaws_);
        }
    }

private:
    const Checkpoint& file_;
    std::string flaws_;
};

/// A value of a matrix with few of them.
struct Entry {
    std::uint32_t row, column;
    float value;
};

Vec3 toCamera(Vec3 v) {
    return {v.x / kMetre, -v.y / kMetre, -v.z / kMetre};
}

} // namespace

struct MhrModel::Data {
    explicit Data(const std::filesystem::path& path) : file(Checkpoint::open(path)) {}

    Checkpoint file; ///< keeps `correctives` alive
    std::vector<std::array<std::uint32_t, 3>> triangles;
    SkinWeights skin;
    std::vector<float> base;                 ///< [3 V]
    std::vector<float> identity, expression; ///< [45][3 V], [72][3 V]
    std::vector<Entry> transform;            ///< parameters to the joints' numbers, by row
    std::array<int, kMhrJointCount> parents{};
    std::vector<Vec3> offsets;              ///< [J] from the parent
    std::vector<Mat3> prerotations;         ///< [J]
    std::vector<Similarity> unbind;         ///< [J] from the bind pose to the joint
    std::vector<Entry> activation;          ///< features to hidden values, by row
    std::span<const std::byte> correctives; ///< float [3 V][hidden], in the file, perhaps unaligned
    std::size_t hidden = 0;

    void addCorrectives(const std::vector<float>& features, std::vector<float>& rest) const;
};

/// 660 MB pass by at full size: once, row by row, from the mapped file.
void MhrModel::Data::addCorrectives(const std::vector<float>& features, std::vector<float>& rest) const {
    std::vector<float> active(hidden), row(hidden);
    for (const auto& entry : activation) {
        active[entry.row] += entry.value * features[entry.column];
    }
    for (float& value : active) {
        value = std::max(value, 0.F);
    }
    const std::size_t bytes = hidden * sizeof(float);
    for (std::size_t i = 0; i < rest.size(); ++i) {
        std::memcpy(row.data(), correctives.data() + i * bytes, bytes);
        rest[i] += dotProduct(row.data(), active.data(), hidden);
    }
}

MhrModel::MhrModel(std::unique_ptr<const Data> data) : data_(std::move(data)) {}
MhrModel::~MhrModel() = default;

std::shared_ptr<const MhrModel> MhrModel::load(const std::filesystem::path& path) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code)) {
        throw Error(ErrorCode::MissingModel, "The body model MHR is not here.",
                    "Get mhr_model.pt from https://huggingface.co/facebook/sam-3d-body-dinov3 (folder "
                    "assets) or from "
                    "the release of https://github.com/facebookresearch/MHR and put it into " +
                        path.parent_path().string() + ".",
                    path.string());
    }
    auto data = std::make_unique<Data>(path);
    Reader reader(data->file);
    const std::string shape = "character_torch.blend_shape.", bones = "character_torch.skeleton.",
                      blend = "character_torch.linear_blend_skinning.",
                      corrective = "pose_correctives_model.pose_dirs_predictor.";
    constexpr auto kJoints = static_cast<std::int64_t>(kMhrJointCount);
    data->base = reader.values<float>(shape + "base_shape", {-1, 3});
    const std::size_t vertices = data->base.size() / 3;
    const auto count = static_cast<std::int64_t>(vertices);
    data->identity = reader.values<float>(shape + "shape_vectors", {kMhrIdentityCount, count, 3});
    data->expression =
        reader.values<float>("face_expressions_model.shape_vectors", {kMhrExpressionCount, count, 3});
    const auto offsets = reader.values<double>(bones + "joint_translation_offsets", {kJoints, 3});
    const auto turns = reader.values<double>(bones + "joint_prerotations", {kJoints, 4});
    const auto parents = reader.values<std::int64_t>(bones + "joint_parents", {kJoints});
    const auto bind = reader.values<double>(blend + "inverse_bind_pose", {kJoints, 8});
    const auto skinJoints = reader.indices(blend + "skin_indices_flattened", {-1}, kMhrJointCount);
    const auto pairs = static_cast<std::int64_t>(skinJoints.size());
    const auto skinWeights = reader.values<float>(blend + "skin_weights_flattened", {pairs});
    const auto skinVertices = reader.indices(blend + "vert_indices_flattened", {pairs}, vertices);
    const auto corners = reader.indices("character_torch.mesh.faces", {-1, 3}, vertices);
    const auto transform = reader.values<float>("character_torch.parameter_transform.parameter_transform",
                                                {kJointNumbers * kJoints, -1});
    const auto* dirs = reader.find(corrective + "2.weight", {3 * count, -1});
    data->hidden = dirs != nullptr ? static_cast<std::size_t>(dirs->shape[1]) : 0;
    if (dirs != nullptr && dirs->dtype != DType::F32) {
        reader.flaw(corrective + "2.weight has another type");
    }
    const auto sparse =
        reader.indices(corrective + "0.sparse_indices", {2, -1}, std::numeric_limits<std::int32_t>::max());
    const auto sparseWeights =
        reader.values<float>(corrective + "0.sparse_weight", {static_cast<std::int64_t>(sparse.size() / 2)});
    reader.finish();

    data->correctives = dirs->bytes;
    for (std::size_t t = 0; t < corners.size(); t += 3) {
        data->triangles.push_back({corners[t], corners[t + 1], corners[t + 2]});
    }
    const std::size_t width = transform.size() / (kJointNumbers * kMhrJointCount);
    for (std::size_t i = 0; i < transform.size(); ++i) {
        const auto row = static_cast<std::uint32_t>(i / width),
                   column = static_cast<std::uint32_t>(i % width);
        // Behind the parameters come coefficients of the identity, which move no joint here.
        if (transform[i] != 0 && column < kMhrParameterCount) {
            data->transform.push_back({row, column, transform[i]});
        }
    }
    for (std::size_t k = 0; k < sparseWeights.size(); ++k) {
        const auto row = sparse[k], column = sparse[sparseWeights.size() + k];
        if (row >= data->hidden || column >= kFeatures) {
            reader.flaw(corrective + "0.sparse_indices points outside");
            break;
        }
        data->activation.push_back({row, column, sparseWeights[k]});
    }
    for (std::size_t j = 0; j < kMhrJointCount; ++j) {
        if (parents[j] >= static_cast<std::int64_t>(j) || parents[j] < -1) {
            reader.flaw("joints come before their parents");
            break;
        }
        data->parents[j] = static_cast<int>(parents[j]);
        data->offsets.push_back({offsets[3 * j], offsets[3 * j + 1], offsets[3 * j + 2]});
        const double *q = turns.data() + 4 * j, *b = bind.data() + 8 * j;
        data->prerotations.push_back(rotationOf(q[0], q[1], q[2], q[3]));
        data->unbind.push_back({rotationOf(b[3], b[4], b[5], b[6]), {b[0], b[1], b[2]}, b[7]});
    }
    reader.finish();

    std::vector<std::vector<std::pair<float, std::uint16_t>>> ties(vertices);
    for (std::size_t k = 0; k < skinJoints.size(); ++k) {
        if (skinWeights[k] > 0) {
            ties[skinVertices[k]].emplace_back(skinWeights[k], static_cast<std::uint16_t>(skinJoints[k]));
        }
    }
    std::size_t most = 1;
    for (auto& tie : ties) {
        std::sort(tie.rbegin(), tie.rend());
        most = std::max(most, tie.size());
    }
    auto& skin = data->skin;
    skin.perVertex = static_cast<int>(most);
    skin.joint.assign(vertices * most, 0);
    skin.weight.assign(vertices * most, 0.F);
    for (std::size_t v = 0; v < vertices; ++v) {
        for (std::size_t k = 0; k < ties[v].size(); ++k) {
            skin.weight[v * most + k] = ties[v][k].first;
            skin.joint[v * most + k] = ties[v][k].second;
        }
    }
    return std::shared_ptr<const MhrModel>(new MhrModel(std::move(data)));
}

std::size_t MhrModel::vertexCount() const {
    return data_->base.size() / 3;
}
const std::vector<std::array<std::uint32_t, 3>>& MhrModel::triangles() const {
    return data_->triangles;
}
const SkinWeights& MhrModel::skin() const {
    return data_->skin;
}

MeasuredSurface MhrModel::pose(std::span<const float> identity, std::span<const float> parameters,
                               std::span<const float> expression, bool correctives) const {
    BODY4D_EXPECT(identity.size() == kMhrIdentityCount && parameters.size() == kMhrParameterCount);
    BODY4D_EXPECT(expression.empty() || expression.size() == kMhrExpressionCount);
    const Data& d = *data_;
    // Joints' numbers in single precision, as the asset computes them; what follows from them in double.
    std::array<float, kJointNumbers * kMhrJointCount> numbers{};
    for (const auto& entry : d.transform) {
        numbers[entry.row] += entry.value * parameters[entry.column];
    }
    std::array<Similarity, kMhrJointCount> world;
    std::vector<float> features(kFeatures);
    for (std::size_t j = 0; j < kMhrJointCount; ++j) {
        const float* n = numbers.data() + kJointNumbers * j;
        const std::array<double, 3> angles = {n[3], n[4], n[5]};
        const Mat3 bent = rotationOf(angles.data());
        const Similarity local{d.prerotations[j] * bent, d.offsets[j] + Vec3{n[0], n[1], n[2]},
                               std::exp2(static_cast<double>(n[6]))};
        world[j] = d.parents[j] < 0 ? local : world[static_cast<std::size_t>(d.parents[j])] * local;
        if (j >= kFirstCorrecting) { // two columns, less those of a joint at rest
            float* f = features.data() + 6 * (j - kFirstCorrecting);
            for (int c = 0; c < 2; ++c) {
                for (int r = 0; r < 3; ++r) {
                    f[3 * c + r] = static_cast<float>(bent(r, c)) - (r == c ? 1.F : 0.F);
                }
            }
        }
    }
    std::vector<float> rest = d.base;
    const auto blend = [&](std::span<const float> weights, const std::vector<float>& shapes) {
        for (std::size_t k = 0; k < weights.size(); ++k) {
            const float* shape = shapes.data() + k * rest.size();
            for (std::size_t i = 0; weights[k] != 0 && i < rest.size(); ++i) {
                rest[i] += weights[k] * shape[i];
            }
        }
    };
    blend(identity, d.identity);
    blend(expression, d.expression);
    if (correctives) {
        d.addCorrectives(features, rest);
    }

    MeasuredSurface out;
    std::array<std::array<float, 12>, kMhrJointCount> moves; // rows of three and a shift, from the bind pose
    for (std::size_t j = 0; j < kMhrJointCount; ++j) {
        const Similarity move = world[j] * d.unbind[j];
        const std::array<double, 3> shift = {move.translation.x, move.translation.y, move.translation.z};
        for (int r = 0; r < 3; ++r) {
            for (int c = 0; c < 3; ++c) {
                moves[j][static_cast<std::size_t>(4 * r + c)] =
                    static_cast<float>(move.scale * move.rotation(r, c));
            }
            moves[j][static_cast<std::size_t>(4 * r + 3)] =
                static_cast<float>(shift[static_cast<std::size_t>(r)]);
        }
        out.joints.push_back(toCamera(world[j].translation));
        Mat3 frame = world[j].rotation;
        for (int c = 0; c < 3; ++c) {
            frame(1, c) = -frame(1, c);
            frame(2, c) = -frame(2, c);
        }
        out.rotations.push_back(frame);
    }
    const auto per = static_cast<std::size_t>(d.skin.perVertex);
    out.vertices.resize(rest.size() / 3);
    for (std::size_t v = 0; v < out.vertices.size(); ++v) {
        std::array<float, 12> sum{};
        for (std::size_t k = v * per; k < (v + 1) * per && d.skin.weight[k] > 0; ++k) {
            for (std::size_t i = 0; i < sum.size(); ++i) {
                sum[i] += d.skin.weight[k] * moves[d.skin.joint[k]][i];
            }
        }
        const float *p = rest.data() + 3 * v, *m = sum.data();
        const auto row = [&](std::size_t r) {
            return static_cast<double>(m[4 * r] * p[0] + m[4 * r + 1] * p[1] + m[4 * r + 2] * p[2] +
                                       m[4 * r + 3]);
        };
        const Vec3 placed = toCamera({row(0), row(1), row(2)});
        out.vertices[v] = {static_cast<float>(placed.x), static_cast<float>(placed.y),
                           static_cast<float>(placed.z)};
    }
    return out;
}

MhrPerson MhrModel::person(std::span<const float> identity, std::span<const float> parameters) const {
    BODY4D_EXPECT(parameters.size() == kMhrParameterCount);
    std::vector<float> resting(parameters.begin(), parameters.end());
    std::fill_n(resting.begin(), kMhrFirstLength, 0.F);
    MeasuredSurface surface = pose(identity, resting);
    RestBody rest;
    const auto [low, high] = std::minmax_element(surface.vertices.begin(), surface.vertices.end(),
                                                 [](const Vec3f& a, const Vec3f& b) { return a.y < b.y; });
    rest.heightMetres = static_cast<double>(high->y - low->y);
    rest.vertices = std::move(surface.vertices);
    rest.joints = std::move(surface.joints);
    return {makeMeasuredBody("mhr", mhrJoints(), triangles(), std::move(rest), skin()),
            std::move(surface.rotations)};
}

void refuseMhrAsset(const std::filesystem::path& file, const std::string& flaws) {
    throw Error(ErrorCode::Input, file.filename().string() + " is not the MHR body model that is needed.",
                "Get mhr_model.pt of SAM 3D Body's release, or of MHR's (assets.zip), again.",
                file.string() + "\n" + flaws);
}

} // namespace body4d
