#include "pipeline/picture_meshes.h"

#include "body/body_keypoints.h"
#include "body/measured_body.h"
#include "body/mhr_keypoints.h"
#include "device/memory_budget.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace body4d::detail {
namespace {

constexpr std::size_t kPoseRawSize = 266; ///< of the official output's pred_pose_raw
/// This program counts pixels from the corner of the first one, the official output from its middle.
constexpr double kPixelOrigin = 0.5;

std::shared_ptr<const BodyModel> modelOf(const BodyNetwork& network, const std::string& name,
                                         const PosedMesh3d& mesh) {
    RestBody rest;
    rest.vertices = mesh.vertices;
    rest.joints = mesh.joints;
    const auto [low, high] = std::minmax_element(rest.vertices.begin(), rest.vertices.end(),
                                                 [](const Vec3f& a, const Vec3f& b) { return a.y < b.y; });
    rest.heightMetres = static_cast<double>(high->y - low->y);
    return makeMeasuredBody(name, mhrJoints(), network.triangles(), std::move(rest), network.skin());
}

/// Rotations alone, without a mesh.
BodyPose poseOf(const PosedMesh3d& mesh, const BodyParameters& parameters, const std::vector<Mat3>& atRest) {
    auto surface = std::make_shared<MeasuredSurface>();
    for (std::size_t j = 0; j < mesh.rotations.size(); ++j) {
        surface->rotations.push_back(mesh.rotations[j] * transpose(atRest[j]));
    }
    BodyPose pose;
    pose.translation = parameters.translation;
    pose.surface = surface;
    setRotationsFromSurface(pose, mhrJoints());
    pose.surface = nullptr;
    return pose;
}

void put(BodyTrack& body, BodyFrame& frame, BodyFields fields, PosedMesh3d mesh,
         const BodyParameters& parameters, const std::vector<Mat3>& atRest, bool likeReference) {
    frame.pose = poseOf(mesh, parameters, atRest);
    if (frame.state == FrameState::Absent) {
        frame.state = FrameState::Visible;
    }
    for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
        frame.keypoints[k] = mesh.keypoints[kMhrKeypointOf[k]] + frame.pose.translation;
        frame.confidence[k] = 1;
    }
    auto surface = std::make_shared<MeasuredSurface>();
    surface->vertices = std::move(mesh.vertices);
    surface->joints = std::move(mesh.joints);
    for (std::size_t j = 0; j < mesh.rotations.size(); ++j) {
        surface->rotations.push_back(mesh.rotations[j] * transpose(atRest[j]));
    }
    const bool read = fields.contains(kRawTranslation) && std::isfinite(fields[kRawTranslation].front());
    const Intrinsics lens = body.cameraAt(frame.frame);
    std::vector<float> pixels;
    Box box{1e9, 1e9, -1e9, -1e9};
    for (const auto& keypoint : mesh.keypoints) {
        const Vec2 px = project(lens, keypoint + parameters.translation);
        box = {std::min(box.x0, px.x), std::min(box.y0, px.y), std::max(box.x1, px.x),
               std::max(box.y1, px.y)};
        pixels.insert(pixels.end(),
                      {static_cast<float>(px.x - kPixelOrigin), static_cast<float>(px.y - kPixelOrigin)});
    }
    fields["pred_keypoints_2d"] = std::move(pixels);
    if (!read) {
        // Nobody saw this frame: where the official output holds what was read, there is nothing.
        BodyParameters nothing = parameters;
        for (const auto& named : kNamedParameters) {
            std::fill((nothing.*named.member).begin(), (nothing.*named.member).end(),
                      std::numeric_limits<float>::quiet_NaN());
        }
        const double nan = std::numeric_limits<double>::quiet_NaN();
        nothing.translation = {nan, nan, nan};
        addRaw(fields, nothing);
        fields["bbox"] = {static_cast<float>(box.x0), static_cast<float>(box.y0), static_cast<float>(box.x1),
                          static_cast<float>(box.y1)};
        fields["focal_length"] = {static_cast<float>(lens.focalPx)};
        fields["pred_pose_raw"].assign(kPoseRawSize, 0);
    } else if (likeReference) {
        fields["pred_pose_raw"].assign(kPoseRawSize,
                                       0); // as there: it is not what the body comes from any more
    }
    for (auto& [name, values] : mesh.fields) {
        fields[name] = std::move(values);
    }
    const auto& bounds = fields["bbox"];
    if (bounds.size() == 4) {
        frame.boxSidePx = std::max(bounds[2] - bounds[0], bounds[3] - bounds[1]);
    }
    surface->fields = std::move(fields);
    frame.pose.surface = std::move(surface);
}

} // namespace

BodyParameters restingParameters(BodyParameters parameters) {
    for (auto* angles : {&parameters.globalRot, &parameters.bodyPose, &parameters.hand}) {
        std::fill(angles->begin(), angles->end(), 0.0F);
    }
    return parameters;
}

void giveMeshes(const BodyNetwork& network, const MeshOptions& options, std::span<MeshWork> work,
                const std::stop_token& stop, const std::function<void(double)>& tell) {
    struct Item {
        std::size_t target, index;
        bool raw;
    };
    std::vector<Item> items;
    std::vector<std::vector<Mat3>> rests(work.size());
    for (std::size_t target = 0; target < work.size(); ++target) {
        auto& [person, body] = work[target];
        const auto& parameters = person->parameters;
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            if (!parameters[i]) {
                continue;
            }
            if (rests[target].empty()) {
                const auto resting = restingParameters(*parameters[i]);
                auto mesh = std::move(network.pose(std::span(&resting, 1)).front());
                rests[target] = mesh.rotations;
                body->ownModel = modelOf(network, body->bodyModel, mesh);
            }
            items.push_back({target, i, false});
            if (person->raw[i] && body->frames[i].rawPose.rotations.empty()) {
                items.push_back({target, i, true});
            }
        }
    }
    const auto total = static_cast<std::int64_t>(items.size());
    (void)runBatched(
        total, {options.batch, network.bytesPerPose(), kNetworkBytes}, MemoryBudget(options.budgetGib),
        [&](std::int64_t first, std::int64_t last) {
            std::vector<BodyParameters> parameters;
            for (auto k = first; k < last; ++k) {
                const auto& item = items[static_cast<std::size_t>(k)];
                const auto& person = *work[item.target].person;
                parameters.push_back(*person.parameters[item.index]);
                if (item.raw) {
                    auto& p = parameters.back();
                    const auto shape = p.shape, scale = p.scale;
                    p = *person.raw[item.index];
                    p.shape = shape;
                    p.scale = scale;
                }
            }
            auto meshes = network.pose(parameters);
            for (auto k = first; k < last; ++k) {
                const auto& item = items[static_cast<std::size_t>(k)];
                auto& mesh = meshes[static_cast<std::size_t>(k - first)];
                auto& body = *work[item.target].body;
                auto& frame = body.frames[item.index];
                const auto& p = parameters[static_cast<std::size_t>(k - first)];
                if (item.raw) {
                    frame.rawPose = poseOf(mesh, p, rests[item.target]);
                } else {
                    put(body, frame, std::move(work[item.target].person->fields[item.index]), std::move(mesh),
                        p, rests[item.target], options.likeReference);
                }
            }
            tell(static_cast<double>(last) / static_cast<double>(total));
        },
        stop);
    for (auto& item : work) {
        for (auto& frame : item.body->frames) {
            if (frame.rawPose.rotations.empty()) { // filled in where nothing was read
                frame.rawPose = {frame.pose.translation, frame.pose.rotations, nullptr};
            }
        }
    }
}

} // namespace body4d::detail
