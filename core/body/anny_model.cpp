#include "body/detail/anny_model.h"

#include "base/error.h"
#include "base/safetensors.h"
#include "body/anny_skeleton.h"
#include "body/detail/phenotype.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace body4d {

std::size_t annyJointCount() { return detail::joint::kCount; }

} // namespace body4d

namespace body4d::detail {
namespace {

constexpr std::array<const char*, joint::kCount> kJointNames{
    "root",         "spine05",      "spine03",      "spine01",      "neck01",      "head",
    "clavicle.L",   "upperarm01.L", "lowerarm01.L", "wrist.L",      "clavicle.R",  "upperarm01.R",
    "lowerarm01.R", "wrist.R",      "upperleg01.L", "lowerleg01.L", "foot.L",      "upperleg01.R",
    "lowerleg01.R", "foot.R",       "lowerarm02.L", "finger1-1.L",  "finger1-2.L", "finger1-3.L",
    "finger2-1.L",  "finger2-2.L",  "finger2-3.L",  "finger3-1.L",  "finger3-2.L", "finger3-3.L",
    "finger4-1.L",  "finger4-2.L",  "finger4-3.L",  "finger5-1.L",  "finger5-2.L", "finger5-3.L",
    "lowerarm02.R", "finger1-1.R",  "finger1-2.R",  "finger1-3.R",  "finger2-1.R", "finger2-2.R",
    "finger2-3.R",  "finger3-1.R",  "finger3-2.R",  "finger3-3.R",  "finger4-1.R", "finger4-2.R",
    "finger4-3.R",  "finger5-1.R",  "finger5-2.R",  "finger5-3.R"};

/// Parent of a joint of the model: a finger's bone hangs on the one before it, its first on the wrist.
int parentOf(std::size_t j) {
    if (j < kFitJoints) {
        return kFitParents[j];
    }
    const std::size_t first = joint::kFingers[j >= joint::kTwist[1] ? 1 : 0];
    const bool base = j < first || (j - first) % joint::kBonesPerFinger == 0;
    return static_cast<int>(base ? fitJointOf(j) : j - 1);
}

/// Where each keypoint lies on the body: a regressor over vertices by its COCO name, or the near end of a
/// bone.
struct KeypointSource {
    const char* coco = nullptr;
    const char* bone = nullptr;
};
constexpr std::array<KeypointSource, kBodyKeypointCount> kKeypointSources{{
    {"nose", nullptr},           {"left_eye", nullptr},    {"right_eye", nullptr},
    {"left_ear", nullptr},       {"right_ear", nullptr},   {"left_shoulder", nullptr},
    {"right_shoulder", nullptr}, {"left_elbow", nullptr},  {"right_elbow", nullptr},
    {"left_wrist", nullptr},     {"right_wrist", nullptr}, {nullptr, "finger5-1.L"},
    {nullptr, "finger5-1.R"},    {nullptr, "finger2-1.L"}, {nullptr, "finger2-1.R"},
    {"left_hip", nullptr},       {"right_hip", nullptr},   {"left_knee", nullptr},
    {"right_knee", nullptr},     {"left_ankle", nullptr},  {"right_ankle", nullptr},
    {"left_heel", nullptr},      {"right_heel", nullptr},  {"left_big_toe", nullptr},
    {"right_big_toe", nullptr},
}};

/// The landmark network marks the body's surface where Anny marks joint centres: metres of an adult, measured
/// by aligning silhouettes in side views (embedded_default specification 6.1).
EVec3 surfaceOffset(std::size_t keypoint) {
    switch (keypoint) {
    case keypoint::kLeftHip:
    case keypoint::kRightHip:
        return {0, 0.0125, -0.045};
    case keypoint::kLeftShoulder:
    case keypoint::kRightShoulder:
        return {0, 0.025, -0.035};
    case keypoint::kLeftEar:
    case keypoint::kRightEar:
        return {0, 0, -0.015};
    default:
        return EVec3::Zero();
    }
}

/// Anny: z up, facing -y. Camera: y down, z away; the body faces the camera.
EVec3 toCameraAxes(const float* p) {
    return {p[0], -p[2], p[1]};
}
void toCameraAxesInPlace(std::vector<float>& xyz) {
    for (std::size_t i = 0; i + 2 < xyz.size(); i += 3) {
        const float y = xyz[i + 1];
        xyz[i + 1] = -xyz[i + 2];
        xyz[i + 2] = y;
    }
}

/// A list of strings in JSON without escapes, as set-up writes it.
std::vector<std::string> stringList(const std::string& json) {
    std::vector<std::string> out;
    for (std::size_t at = json.find('"'); at != std::string::npos; at = json.find('"', at + 1)) {
        const std::size_t end = json.find('"', at + 1);
        if (end == std::string::npos) {
            break;
        }
        out.push_back(json.substr(at + 1, end - at - 1));
        at = end;
    }
    return out;
}

/// Set-up numbers the regions as BodyRegion does; what it adds later is drawn as suit.
std::uint8_t regionAt(std::uint8_t stored) {
    return stored <= static_cast<std::uint8_t>(BodyRegion::Eyes)
               ? stored
               : static_cast<std::uint8_t>(BodyRegion::Suit);
}

} // namespace

/// The file, its bones and where each of them goes in the reduced skeleton.
class AnnyFile {
public:
    explicit AnnyFile(const std::filesystem::path& path) : tensors(path) {
        bones = stringList(text("bone_names"));
        keypoints = stringList(text("keypoint_names"));
        const auto parents = tensors.values<std::int32_t>("bone_parents");
        if (parents.size() != bones.size()) {
            damaged("bone_parents and bone_names differ in length");
        }
        owner.assign(bones.size(), 0);
        headOwner.assign(bones.size(), 0);
        for (std::size_t b = 0; b < bones.size(); ++b) {
            const auto own = std::find_if(kJointNames.begin(), kJointNames.end(),
                                          [&](const char* name) { return bones[b] == name; });
            if (own != kJointNames.end()) {
                owner[b] = static_cast<std::size_t>(own - kJointNames.begin());
            } else if (parents[b] < 0 || static_cast<std::size_t>(parents[b]) >= b) {
                damaged("bone " + bones[b] + " has no parent before it");
            } else {
                const std::size_t above = owner[static_cast<std::size_t>(parents[b])];
                // Nothing hangs on a twist: what follows it in the file belongs to the forearm.
                const bool twist = above == joint::kTwist[0] || above == joint::kTwist[1];
                owner[b] = twist ? fitJointOf(above) : above;
            }
            headOwner[b] = parents[b] < 0 ? owner[b] : owner[static_cast<std::size_t>(parents[b])];
        }
    }

    [[nodiscard]] std::size_t bone(std::string_view name) const {
        const auto at = std::find(bones.begin(), bones.end(), name);
        if (at == bones.end()) {
            damaged("bone " + std::string(name) + " is missing");
        }
        return static_cast<std::size_t>(at - bones.begin());
    }
    [[noreturn]] void damaged(const std::string& why) const {
        throw Error(ErrorCode::Input, "The body model's data file is damaged.",
                    "Run packaging/setup.sh again.", why);
    }
    [[nodiscard]] const std::string& text(const std::string& key) const {
        const auto at = tensors.metadata().find(key);
        if (at == tensors.metadata().end()) {
            damaged("metadata " + key + " is missing");
        }
        return at->second;
    }

    SafetensorsFile tensors;
    std::vector<std::string> bones, keypoints;
    std::vector<std::size_t> owner;     ///< bone -> joint that moves it
    std::vector<std::size_t> headOwner; ///< bone -> joint that moves its near end
};

AnnyModel::AnnyModel(const std::filesystem::path& path) {
    const AnnyFile file(path);
    phenotypeMask_ = file.tensors.values<std::uint8_t>("phenotype_mask", {-1, kPhenotypeColumns});
    vertexTemplate_ = file.tensors.values<float>("template_vertices", {-1, 3});
    vertexCount_ = vertexTemplate_.size() / 3;
    const auto shapes = static_cast<std::int64_t>(phenotypeMask_.size() / kPhenotypeColumns);
    projection_ = file.tensors.values<float>("projection", {shapes, -1});
    basisCount_ = projection_.size() / static_cast<std::size_t>(shapes);
    vertexBasis_ = file.tensors.values<float>(
        "shape_basis", {static_cast<std::int64_t>(basisCount_), static_cast<std::int64_t>(vertexCount_), 3});
    toCameraAxesInPlace(vertexTemplate_);
    toCameraAxesInPlace(vertexBasis_);

    const auto faces = file.tensors.values<std::int32_t>("faces", {-1, 3});
    const auto faceUv =
        file.tensors.values<std::int32_t>("face_uv", {static_cast<std::int64_t>(faces.size() / 3), 3});
    const auto uv = file.tensors.values<float>("uv", {-1, 2});
    topology_.triangles.resize(faces.size() / 3);
    topology_.triangleUv.resize(faces.size() / 3);
    topology_.uv.resize(uv.size() / 2);
    for (std::size_t i = 0; i < faces.size(); ++i) {
        if (faces[i] < 0 || static_cast<std::size_t>(faces[i]) >= vertexCount_ || faceUv[i] < 0 ||
            static_cast<std::size_t>(faceUv[i]) >= topology_.uv.size()) {
            file.damaged("a face points outside its arrays");
        }
        topology_.triangles[i / 3][i % 3] = static_cast<std::uint32_t>(faces[i]);
        topology_.triangleUv[i / 3][i % 3] = static_cast<std::uint32_t>(faceUv[i]);
    }
    for (std::size_t i = 0; i < topology_.uv.size(); ++i) {
        topology_.uv[i] = {uv[2 * i], uv[2 * i + 1]};
    }
    const auto faceRegion = file.tensors.values<std::uint8_t>(
        "face_region", {static_cast<std::int64_t>(topology_.triangles.size())});
    for (const std::uint8_t region : faceRegion) {
        topology_.triangleRegion.push_back(regionAt(region));
    }
    readSkeleton(file);
    readKeypoints(file);
    applyMannequin(file);
}

void AnnyModel::applyMannequin(const AnnyFile& file) {
    const auto vertices = file.tensors.values<std::int32_t>("mannequin_vertices");
    const auto count = static_cast<std::int64_t>(vertices.size());
    const auto offset = file.tensors.values<float>("mannequin_offset", {count, 3});
    const auto basis = file.tensors.values<float>("mannequin_offset_basis",
                                                  {static_cast<std::int64_t>(basisCount_), count, 3});
    for (std::size_t i = 0; i < vertices.size(); ++i) {
        const auto v = static_cast<std::size_t>(vertices[i]);
        if (v >= vertexCount_) {
            file.damaged("mannequin_vertices names a vertex that does not exist");
        }
        const auto add = [&](const float* from, float* to) {
            const EVec3 turned = toCameraAxes(from);
            for (std::size_t c = 0; c < 3; ++c) {
                to[3 * v + c] += static_cast<float>(turned[static_cast<Eigen::Index>(c)]);
            }
        };
        add(&offset[3 * i], vertexTemplate_.data());
        for (std::size_t a = 0; a < basisCount_; ++a) {
            add(&basis[3 * (a * vertices.size() + i)], vertexBasis_.data() + a * vertexCount_ * 3);
        }
    }
}

void AnnyModel::readSkeleton(const AnnyFile& file) {
    for (std::size_t j = 0; j < joint::kCount; ++j) {
        joints_.push_back({kJointNames[j], parentOf(j)});
    }
    const auto boneCount = static_cast<std::int64_t>(file.bones.size());
    const auto heads = file.tensors.values<float>("head_template", {boneCount, 3});
    const auto headBasis =
        file.tensors.values<float>("head_basis", {static_cast<std::int64_t>(basisCount_), boneCount, 3});
    jointBasis_.resize(basisCount_ * joint::kCount);
    for (std::size_t j = 0; j < joint::kCount; ++j) {
        const std::size_t bone = file.bone(kJointNames[j]);
        jointTemplate_.push_back(toCameraAxes(&heads[3 * bone]));
        for (std::size_t a = 0; a < basisCount_; ++a) {
            jointBasis_[a * joint::kCount + j] = toCameraAxes(&headBasis[3 * (a * file.bones.size() + bone)]);
        }
    }

    const auto index =
        file.tensors.values<std::uint8_t>("skin_index", {static_cast<std::int64_t>(vertexCount_), -1});
    const std::size_t pairs = index.size() / vertexCount_;
    const auto weight = file.tensors.values<float>(
        "skin_weight", {static_cast<std::int64_t>(vertexCount_), static_cast<std::int64_t>(pairs)});
    const auto region =
        file.tensors.values<std::uint8_t>("suit_region", {static_cast<std::int64_t>(vertexCount_)});
    std::vector<std::vector<std::pair<double, std::size_t>>> merged(vertexCount_);
    topology_.region.resize(vertexCount_);
    for (std::size_t v = 0; v < vertexCount_; ++v) {
        std::array<double, joint::kCount> sum{};
        double total = 0;
        for (std::size_t k = 0; k < pairs; ++k) {
            const std::size_t bone = index[v * pairs + k];
            if (bone >= file.bones.size()) {
                file.damaged("skin_index names a bone that does not exist");
            }
            sum[file.owner[bone]] += static_cast<double>(weight[v * pairs + k]);
            total += static_cast<double>(weight[v * pairs + k]);
        }
        if (!(total > 0)) {
            file.damaged("a vertex has no skinning weight");
        }
        for (std::size_t j = 0; j < joint::kCount; ++j) {
            if (sum[j] > 0) {
                merged[v].emplace_back(sum[j] / total, j);
            }
        }
        std::sort(merged[v].rbegin(), merged[v].rend());
        skin_.perVertex = std::max(skin_.perVertex, static_cast<int>(merged[v].size()));
        topology_.region[v] = regionAt(region[v]);
    }
    const auto width = static_cast<std::size_t>(skin_.perVertex);
    skin_.joint.assign(vertexCount_ * width, 0);
    skin_.weight.assign(vertexCount_ * width, 0);
    for (std::size_t v = 0; v < vertexCount_; ++v) {
        for (std::size_t k = 0; k < merged[v].size(); ++k) {
            skin_.weight[v * width + k] = static_cast<float>(merged[v][k].first);
            skin_.joint[v * width + k] = static_cast<std::uint16_t>(merged[v][k].second);
        }
    }
}

void AnnyModel::readKeypoints(const AnnyFile& file) {
    const auto rows = file.tensors.values<std::int32_t>("keypoint_rows");
    const auto vertices = file.tensors.values<std::int32_t>("keypoint_vertices");
    const auto weights = file.tensors.values<float>("keypoint_weights");
    if (rows.size() != vertices.size() || rows.size() != weights.size()) {
        file.damaged("keypoint triplets differ in length");
    }
    const auto heads = file.tensors.values<float>("head_template");
    const auto headBasis = file.tensors.values<float>("head_basis");
    const auto width = static_cast<std::size_t>(skin_.perVertex);

    // Joints with less of a point's mass than this are merged into its main joint. The rest pose stays exact;
    // in an extreme pose a point moves by about a millimetre at most, and the fit's normal equations get half
    // as dense.
    constexpr double kSmallMass = 0.01;

    for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
        if (kKeypointSources[k].bone != nullptr) {
            const std::size_t bone = file.bone(kKeypointSources[k].bone);
            keypointParts_.push_back({k, fitJointOf(file.headOwner[bone]), 1});
            continue;
        }
        const auto name = std::find(file.keypoints.begin(), file.keypoints.end(), kKeypointSources[k].coco);
        if (name == file.keypoints.end()) {
            file.damaged(std::string("key point ") + kKeypointSources[k].coco + " is missing");
        }
        const auto row = static_cast<std::int32_t>(name - file.keypoints.begin());
        std::array<double, kFitJoints> mass{};
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i] != row) {
                continue;
            }
            const auto v = static_cast<std::size_t>(vertices[i]);
            if (v >= vertexCount_) {
                file.damaged("a key point uses a vertex that does not exist");
            }
            for (std::size_t s = 0; s < width; ++s) {
                mass[fitJointOf(skin_.joint[v * width + s])] +=
                    static_cast<double>(weights[i]) * static_cast<double>(skin_.weight[v * width + s]);
            }
        }
        for (std::size_t j = 0; j < kFitJoints; ++j) {
            if (mass[j] >= kSmallMass) {
                keypointParts_.push_back({k, j, mass[j]});
            }
        }
    }

    // fold the regressors into one term per (point, joint), for the template and every blend shape
    const std::size_t parts = keypointParts_.size();
    std::vector<std::array<std::size_t, kFitJoints>> partOf(kBodyKeypointCount);
    for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
        std::size_t main = parts;
        for (std::size_t p = 0; p < parts; ++p) {
            if (keypointParts_[p].keypoint == k &&
                (main == parts || keypointParts_[p].mass > keypointParts_[main].mass)) {
                main = p;
            }
        }
        partOf[k].fill(main);
        double kept = 0;
        for (std::size_t p = 0; p < parts; ++p) {
            if (keypointParts_[p].keypoint == k) {
                partOf[k][keypointParts_[p].joint] = p;
                kept += keypointParts_[p].mass;
            }
        }
        keypointParts_[main].mass += 1 - kept; // regressors sum to one
    }
    struct Term {
        std::size_t part, vertex;
        double weight;
    };
    std::vector<Term> terms;
    for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
        if (kKeypointSources[k].bone != nullptr) {
            continue;
        }
        const auto row = static_cast<std::int32_t>(
            std::find(file.keypoints.begin(), file.keypoints.end(), kKeypointSources[k].coco) -
            file.keypoints.begin());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto v = static_cast<std::size_t>(vertices[i]);
            for (std::size_t s = 0; rows[i] == row && s < width; ++s) {
                const double w =
                    static_cast<double>(weights[i]) * static_cast<double>(skin_.weight[v * width + s]);
                if (w != 0) {
                    terms.push_back({partOf[k][fitJointOf(skin_.joint[v * width + s])], v, w});
                }
            }
        }
    }
    const auto gather = [&](const float* xyz, const float* bones, EVec3* out) {
        for (const Term& term : terms) {
            const float* p = xyz + 3 * term.vertex;
            out[term.part] += term.weight * EVec3(p[0], p[1], p[2]);
        }
        for (std::size_t p = 0; p < parts; ++p) {
            if (const char* bone = kKeypointSources[keypointParts_[p].keypoint].bone) {
                out[p] = toCameraAxes(bones + 3 * file.bone(bone));
            }
        }
    };
    keypointTemplate_.assign(parts, EVec3::Zero());
    keypointBasis_.assign(basisCount_ * parts, EVec3::Zero());
    gather(vertexTemplate_.data(), heads.data(), keypointTemplate_.data());
    for (std::size_t a = 0; a < basisCount_; ++a) {
        gather(vertexBasis_.data() + a * vertexCount_ * 3, headBasis.data() + a * file.bones.size() * 3,
               keypointBasis_.data() + a * parts);
    }
    for (std::size_t p = 0; p < parts; ++p) {
        keypointTemplate_[p] += keypointParts_[p].mass * surfaceOffset(keypointParts_[p].keypoint);
    }
}

std::vector<double> AnnyModel::coefficients(const BodyShape& shape) const {
    return shapeCoefficients(shape, phenotypeMask_, projection_, basisCount_);
}

RestBody AnnyModel::shaped(const BodyShape& shape) const {
    const auto c = coefficients(shape);
    std::vector<float> xyz = vertexTemplate_;
    for (std::size_t a = 0; a < basisCount_; ++a) {
        const float weight = static_cast<float>(c[a]);
        const float* basis = vertexBasis_.data() + a * xyz.size();
        for (std::size_t i = 0; weight != 0 && i < xyz.size(); ++i) {
            xyz[i] += weight * basis[i];
        }
    }
    const float scale = static_cast<float>(shape.scale);
    RestBody rest;
    rest.vertices.resize(vertexCount_);
    for (std::size_t v = 0; v < vertexCount_; ++v) {
        rest.vertices[v] = {scale * xyz[3 * v], scale * xyz[3 * v + 1], scale * xyz[3 * v + 2]};
    }
    const auto [top, bottom] = std::minmax_element(rest.vertices.begin(), rest.vertices.end(),
                                                   [](const Vec3f& a, const Vec3f& b) { return a.y < b.y; });
    rest.heightMetres = static_cast<double>(bottom->y) - static_cast<double>(top->y);
    rest.joints = shapedJoints(shape).joints;
    return rest;
}

RestBody AnnyModel::shapedJoints(const BodyShape& shape) const {
    const auto c = coefficients(shape);
    RestBody rest;
    for (std::size_t j = 0; j < joint::kCount; ++j) {
        rest.joints.push_back(fromEigen(EVec3(shape.scale * jointAt(j, c))));
    }
    return rest;
}

EVec3 AnnyModel::jointAt(std::size_t j, const std::vector<double>& c) const {
    EVec3 p = jointTemplate_[j];
    for (std::size_t a = 0; a < basisCount_; ++a) {
        p += c[a] * jointBasis_[a * joint::kCount + j];
    }
    return p;
}

FitBody AnnyModel::fitBody(const BodyShape& shape) const {
    const auto c = coefficients(shape);
    FitBody body;
    for (std::size_t j = 0; j < kFitJoints; ++j) {
        body.joints[j] = shape.scale * jointAt(j, c);
    }
    const std::size_t parts = keypointParts_.size();
    body.restKeypoints.fill(EVec3::Zero());
    for (std::size_t i = 0; i < parts; ++i) {
        EVec3 p = keypointTemplate_[i];
        for (std::size_t a = 0; a < basisCount_; ++a) {
            p += c[a] * keypointBasis_[a * parts + i];
        }
        p *= shape.scale;
        const KeypointPart& part = keypointParts_[i];
        body.keypoints[part.keypoint].parts.push_back(
            {part.joint, part.mass, p - part.mass * body.joints[part.joint]});
        body.restKeypoints[part.keypoint] += p;
    }
    return body;
}

CarriedPoint AnnyModel::carriedVertex(const RestBody& rest, std::size_t vertex) const {
    CarriedPoint point;
    const auto width = static_cast<std::size_t>(skin_.perVertex);
    const Vec3f& v = rest.vertices[vertex];
    for (std::size_t s = 0; s < width && skin_.weight[vertex * width + s] > 0; ++s) {
        const std::size_t j = fitJointOf(skin_.joint[vertex * width + s]);
        const double w = static_cast<double>(skin_.weight[vertex * width + s]);
        const CarriedPoint::Part part{j, w, w * (EVec3(v.x, v.y, v.z) - toEigen(rest.joints[j]))};
        const auto at =
            std::lower_bound(point.parts.begin(), point.parts.end(), j,
                             [](const CarriedPoint::Part& a, std::size_t b) { return a.joint < b; });
        if (at != point.parts.end() && at->joint == j) {
            at->mass += part.mass;
            at->offset += part.offset;
        } else {
            point.parts.insert(at, part);
        }
    }
    return point;
}

const AnnyModel& asAnny(const BodyModel& model) {
    const auto* anny = dynamic_cast<const AnnyModel*>(&model);
    BODY4D_EXPECT(anny != nullptr);
    return *anny;
}

} // namespace body4d::detail
