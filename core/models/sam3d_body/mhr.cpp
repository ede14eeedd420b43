#include "models/sam3d_body/mhr.h"

#include "base/error.h"
#include "body/mhr_model.h"
#include "models/sam3d_body/config.h"

#include <ATen/ATen.h>

#include <numbers>
#include <system_error>
#include <utility>

#include "nn/strict_loader.h"

namespace body4d::sam3d_body {
namespace {

/// Reads tensors by name and shape; -1 stands for any size.
class AssetReader {
public:
    explicit AssetReader(const std::filesystem::path& path) : file_(Checkpoint::open(path)) {}

    at::Tensor take(const std::string& name, const std::vector<std::int64_t>& shape, at::ScalarType type) {
        if (!file_.contains(name)) {
            flaws_ += "missing " + name + "\n";
            return at::zeros({0});
        }
        const auto& stored = file_.at(name);
        bool fits = stored.shape.size() == shape.size();
        for (std::size_t i = 0; fits && i < shape.size(); ++i) {
            fits = shape[i] < 0 || shape[i] == stored.shape[i];
        }
        if (!fits) {
            flaws_ += name + " has another shape\n";
            return at::zeros({0});
        }
        return nn::toTensor(file_, stored, at::kCPU, type, false);
    }
    void finish() const {
        if (!flaws_.empty()) {
            refuseMhrAsset(file_.path(), flaws_);
        }
    }

private:
    Checkpoint file_;
    std::string flaws_;
};

/// Unit quaternions x y z w [..., 4] to matrices [..., 3, 3].
at::Tensor toMatrices(const at::Tensor& quaternions) {
    const auto q = quaternions / at::norm(quaternions, 2, {-1}, true);
    const auto x = q.select(-1, 0), y = q.select(-1, 1), z = q.select(-1, 2), w = q.select(-1, 3);
    return at::stack({1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), 2 * (x * y + z * w),
                      1 - 2 * (x * x + z * z), 2 * (y * z - x * w), 2 * (x * z - y * w), 2 * (y * z + x * w),
                      1 - 2 * (x * x + y * y)},
                     -1)
        .unflatten(-1, {3, 3});
}

/// [B, J, 3, 3] and [B, J, 3] to [B, J, 4, 4]. @param lastRow [1, 1, 1, 4]
at::Tensor toAffine(const at::Tensor& linear, const at::Tensor& translation, const at::Tensor& lastRow) {
    return at::cat({at::cat({linear, translation.unsqueeze(-1)}, -1),
                    lastRow.expand({linear.size(0), linear.size(1), 1, 4})},
                   2);
}

/// What is added to zero, and what cosines and sines of angles about x, y, z add, in matrices about z, y and
/// x; those about z stand on a joint's rest. @param rest float64 [J, 3, 3]  @returns [J, 1, 27], [J, 6, 27]
std::pair<at::Tensor, at::Tensor> turnTables(const at::Tensor& rest) {
    auto base = at::zeros({3, 1, 9}, at::kDouble), ofAngles = at::zeros({3, 6, 9}, at::kDouble);
    for (int turn = 0; turn < 3; ++turn) {
        const int axis = 2 - turn, i = (axis + 1) % 3, j = (axis + 2) % 3;
        base[turn][0][4 * axis] = 1;
        ofAngles[turn][axis][4 * i] = 1;
        ofAngles[turn][axis][4 * j] = 1;
        ofAngles[turn][3 + axis][3 * i + j] = -1;
        ofAngles[turn][3 + axis][3 * j + i] = 1;
    }
    const auto ofJoints = [&](const at::Tensor& table) { // [3, n, 9] to [J, n, 27]
        const auto matrices = table.view({1, 3, table.size(1), 3, 3}).repeat({rest.size(0), 1, 1, 1, 1});
        matrices.select(1, 0).copy_(at::matmul(rest.unsqueeze(1), table[0].view({1, table.size(1), 3, 3})));
        return matrices.transpose(1, 2).flatten(2).contiguous();
    };
    return {ofJoints(base), ofJoints(ofAngles)};
}

/// The weights of what correctives look at (two columns of each joint's rotation from its rest, less those of
/// a joint that is not bent), for whole rotations with the rest in them. @param weights [H, 6 J]
/// @param rest float64 [J, 3, 3]  @returns [H, 9 J], [H]
std::pair<at::Tensor, at::Tensor> activationOf(const at::Tensor& weights, const at::Tensor& rest) {
    const auto joints = rest.size(0), hidden = weights.size(0);
    const auto columns = weights.to(at::kDouble).view({hidden, joints, 2, 3}); // [H, J, column, row]
    const auto turned =
        at::bmm(columns.transpose(0, 1).reshape({joints, 2 * hidden, 3}), rest.transpose(1, 2))
            .view({joints, hidden, 2, 3})
            .permute({1, 0, 3, 2}); // [H, J, row, column]
    const auto unbent = columns.select(2, 0).select(2, 0) + columns.select(2, 1).select(2, 1); // [H, J]
    return {at::constant_pad_nd(turned, {0, 1}).flatten(1).to(at::kFloat).contiguous(),
            -unbent.sum(1).to(at::kFloat)};
}

} // namespace

Mhr Mhr::load(const std::filesystem::path& file, at::Device device) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(file, code)) {
        throw Error(ErrorCode::MissingModel, "The body model of SAM 3D Body is not here.",
                    "Get mhr_model.pt from https://huggingface.co/facebook/sam-3d-body-dinov3 (folder "
                    "assets) or from "
                    "the release of https://github.com/facebookresearch/MHR and put it into " +
                        file.parent_path().string() + ".",
                    file.string());
    }
    AssetReader reader(file);
    const std::string shape = "character_torch.blend_shape.", bones = "character_torch.skeleton.",
                      skin = "character_torch.linear_blend_skinning.",
                      corrective = "pose_correctives_model.pose_dirs_predictor.";
    const auto base = reader.take(shape + "base_shape", {-1, 3}, at::kFloat);
    const auto count = base.size(0);
    const auto identity = reader.take(shape + "shape_vectors", {kShapeSize, count, 3}, at::kFloat);
    const auto expression =
        reader.take("face_expressions_model.shape_vectors", {kExpressionSize, count, 3}, at::kFloat);
    const auto transform =
        reader.take("character_torch.parameter_transform.parameter_transform", {7 * kJoints, -1}, at::kFloat);
    const auto offsets = reader.take(bones + "joint_translation_offsets", {kJoints, 3}, at::kDouble);
    const auto prerotations = reader.take(bones + "joint_prerotations", {kJoints, 4}, at::kDouble);
    const auto parents = reader.take(bones + "joint_parents", {kJoints}, at::kLong);
    const auto inverseBind = reader.take(skin + "inverse_bind_pose", {kJoints, 8}, at::kDouble);
    const auto skinJoints = reader.take(skin + "skin_indices_flattened", {-1}, at::kLong);
    const auto skinWeights = reader.take(skin + "skin_weights_flattened", {skinJoints.size(0)}, at::kFloat);
    const auto skinVertices = reader.take(skin + "vert_indices_flattened", {skinJoints.size(0)}, at::kLong);
    const auto triangles = reader.take("character_torch.mesh.faces", {-1, 3}, at::kLong);
    const auto dirs = reader.take(corrective + "2.weight", {3 * count, -1}, at::kFloat);
    const auto sparseIndices = reader.take(corrective + "0.sparse_indices", {2, -1}, at::kLong);
    const auto sparseWeights = reader.take(
        corrective + "0.sparse_weight", {sparseIndices.dim() == 2 ? sparseIndices.size(1) : 0}, at::kFloat);
    reader.finish();

    Mhr mhr;
    mhr.joints_ = kJoints;
    mhr.triangles_ = triangles.size(0);
    mhr.whole_.count = count;
    mhr.whole_.base = base.to(device);
    mhr.whole_.identity = identity.flatten(1).to(device);
    mhr.whole_.expression = expression.flatten(1).to(device);
    mhr.whole_.correctives = dirs.to(device);
    auto weights = at::zeros({count, kJoints});
    weights.index_put_({skinVertices, skinJoints}, skinWeights, /*accumulate=*/true);
    mhr.whole_.skin = weights.to(device);
    mhr.parameterTransform_ = transform.narrow(1, 0, kParameterSize).contiguous().to(device);
    mhr.offsets_ = offsets.to(device);
    const auto rest = toMatrices(prerotations);
    const auto lastRow = at::tensor({0.0, 0.0, 0.0, 1.0}, at::kDouble).view({1, 1, 1, 4});
    mhr.inverseBind_ =
        toAffine((toMatrices(inverseBind.narrow(1, 3, 4)) * inverseBind.narrow(1, 7, 1).unsqueeze(-1))
                     .unsqueeze(0),
                 inverseBind.narrow(1, 0, 3).unsqueeze(0), lastRow)
            .squeeze(0)
            .to(device);
    mhr.still_ = at::eye(4, at::kDouble).view({1, 1, 4, 4}).repeat({1, kJoints + 1, 1, 1}).to(device);
    mhr.quarter_ = at::tensor({std::numbers::pi / 2, 0.0}, at::kDouble).view({2, 1}).to(device);
    const auto [turnsBase, turnsOfAngles] = turnTables(rest);
    mhr.turnsBase_ = turnsBase.to(device);
    mhr.turnsOfAngles_ = turnsOfAngles.to(device);
    auto activation = at::zeros({dirs.size(1), 6 * (kJoints - 2)});
    activation.index_put_({sparseIndices[0], sparseIndices[1]}, sparseWeights, /*accumulate=*/true);
    const auto [ofRotations, unbent] = activationOf(activation, rest.narrow(0, 2, kJoints - 2));
    mhr.activation_ = ofRotations.to(device);
    mhr.activationRest_ = unbent.to(device);

    // Row `joints` stands for the world: above the root nothing moves.
    auto step = at::cat({at::where(parents < 0, kJoints, parents), at::full({1}, kJoints, at::kLong)});
    auto lineage = at::eye(kJoints, at::kDouble);
    const auto* parent = parents.const_data_ptr<std::int64_t>();
    for (std::int64_t j = 0; j < kJoints; ++j) {
        if (parent[j] >= j) {
            throw Error(ErrorCode::Input, file.filename().string() + " has joints before their parents.",
                        "Get mhr_model.pt again.", file.string());
        }
        if (parent[j] >= 0) {
            lineage[j] += lineage[parent[j]];
        }
    }
    mhr.lineage_ = lineage.t().contiguous().to(device);
    while ((step.narrow(0, 0, kJoints) != kJoints).any().item<bool>()) {
        mhr.ancestors_.push_back(step.to(device));
        step = step.index_select(0, step);
    }
    return mhr;
}

Mhr::Part Mhr::part(const at::Tensor& vertices) const {
    const auto rows = vertices.to(whole_.base.device());
    const auto flat = (rows.unsqueeze(1) * 3 + at::arange(3, rows.options())).flatten();
    Part part;
    part.count = rows.size(0);
    part.base = whole_.base.index_select(0, rows);
    part.identity = whole_.identity.index_select(1, flat);
    part.expression = whole_.expression.index_select(1, flat);
    part.correctives = whole_.correctives.index_select(0, flat);
    part.skin = whole_.skin.index_select(0, rows);
    return part;
}

MhrSkeleton Mhr::skeleton(const at::Tensor& parameters, bool frames) const {
    const auto batch = parameters.size(0);
    const auto local = at::linear(parameters, parameterTransform_).view({batch, joints_, 7}).to(at::kDouble);
    const auto trig = (local.narrow(2, 3, 3).unsqueeze(2) + quarter_).sin_().flatten(2); // [B, J, 6]
    const auto turns =
        at::baddbmm(turnsBase_, trig.transpose(0, 1), turnsOfAngles_).unflatten(2, {3, 3, 3}).flatten(0, 1);
    const auto bent = at::bmm(at::bmm(turns.select(1, 0), turns.select(1, 1)), turns.select(1, 2))
                          .view({joints_, batch, 3, 3}) // rest Rz Ry Rx
                          .transpose(0, 1);
    const auto scale = at::exp2(local.narrow(2, 6, 1)).unsqueeze(-1); // [B, J, 1, 1]
    // A frame follows from its nearest ancestors, doubling their number step by step. The world comes along
    // as the last one, which stays as it is.
    auto world = still_.expand({batch, -1, -1, -1}).clone(at::MemoryFormat::Contiguous);
    {
        const auto upper = world.narrow(1, 0, joints_).narrow(2, 0, 3);
        auto linear = upper.narrow(3, 0, 3), translation = upper.select(3, 3);
        at::mul_out(linear, bent, scale);
        at::add_out(translation, local.narrow(2, 0, 3), offsets_);
    }
    for (const auto& ancestor : ancestors_) {
        world = at::matmul(world.index_select(1, ancestor), world);
    }
    world = world.narrow(1, 0, joints_);
    MhrSkeleton out;
    out.transforms = world;
    out.joints = world.narrow(2, 0, 3).select(3, 3).to(at::kFloat);
    if (frames) {
        const auto total = at::exp2(at::matmul(local.select(2, 6), lineage_)); // [B, J]
        out.rotations =
            (world.narrow(2, 0, 3).narrow(3, 0, 3) / total.unsqueeze(-1).unsqueeze(-1)).to(at::kFloat);
        out.scales = total.to(at::kFloat);
    }
    out.features =
        bent.narrow(1, 2, joints_ - 2).to(at::kFloat, false, true, at::MemoryFormat::Contiguous).flatten(1);
    return out;
}

at::Tensor Mhr::vertices(const Part& part, const MhrSkeleton& skeleton, const at::Tensor& identity,
                         const at::Tensor& expression, bool correctives) const {
    const auto batch = skeleton.joints.size(0);
    auto rest = at::addmm(part.base.view({1, 3 * part.count}), identity, part.identity); // [B, 3 n]
    if (expression.defined()) {
        rest = at::addmm(rest, expression, part.expression);
    }
    if (correctives) {
        const auto active = at::linear(skeleton.features, activation_, activationRest_).relu_();
        rest = at::addmm(rest, active, part.correctives.t());
    }
    const auto moves =
        at::matmul(skeleton.transforms, inverseBind_).narrow(2, 0, 3).to(at::kFloat).flatten(2); // [B, J, 12]
    const auto blended =
        at::bmm(part.skin.expand({batch, -1, -1}), moves).view({batch * part.count, 3, 4}); // of every vertex
    return at::baddbmm(blended.narrow(2, 3, 1), blended.narrow(2, 0, 3), rest.view({-1, 3, 1}))
        .view({batch, part.count, 3});
}

} // namespace body4d::sam3d_body
