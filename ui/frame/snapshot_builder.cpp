#include "ui/frame/snapshot_builder.h"

#include "base/error.h"
#include "base/log.h"
#include "ui/frame/mask_overlay.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace body4d::ui {
namespace {

bool same(const BodyShape& a, const BodyShape& b) {
    return a.gender == b.gender && a.age == b.age && a.muscle == b.muscle && a.weight == b.weight &&
           a.height == b.height && a.proportions == b.proportions && a.scale == b.scale;
}

/// Poses of another skeleton cannot be drawn with this one: those of earlier versions, or previews beside a track of
/// another engine.
bool fits(const BodyPose& pose, const BodyModel& model) {
    const auto joints = model.joints().size();
    return pose.surface ? pose.surface->joints.size() == joints && pose.surface->rotations.size() == joints
                        : pose.rotations.size() == joints;
}

const BodyFrame* frameOf(const BodyTrack& track, std::int64_t frame) {
    const auto i = frame - track.firstFrame;
    return i >= 0 && i < static_cast<std::int64_t>(track.frames.size()) ? &track.frames[static_cast<std::size_t>(i)]
                                                                       : nullptr;
}

void grow(Vec3f& low, Vec3f& high, Vec3f p) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y), std::min(low.z, p.z)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y), std::max(high.z, p.z)};
}

constexpr std::size_t kSurfaceSamples = 60'000; ///< of a body: a point about every six millimetres
constexpr std::size_t kCameraStops = 24;

/// Of every vertex, how sure the measurements near it are: key points weigh by their distance.
std::vector<float> confidenceNear(std::span<const Vec3f> vertices, const BodyFrame& frame, const RigidTransform& worldFromCam, double size) {
    std::array<Vec3f, kBodyKeypointCount> at;
    for (std::size_t k = 0; k < at.size(); ++k) {
        const Vec3 p = worldFromCam * (size * frame.keypoints[k]);
        at[k] = {static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)};
    }
    std::vector<float> out;
    out.reserve(vertices.size());
    for (const auto& v : vertices) {
        float sum = 0, weights = 0;
        for (std::size_t k = 0; k < at.size(); ++k) {
            const float x = v.x - at[k].x, y = v.y - at[k].y, z = v.z - at[k].z;
            const float near = 1 / (x * x + y * y + z * z + 1e-4F);
            const float weight = near * near;
            sum += weight * frame.confidence[k];
            weights += weight;
        }
        out.push_back(std::clamp(sum / weights, 0.0F, 1.0F));
    }
    return out;
}

constexpr double kSole = 0.03;        ///< metres from the lowest joint to the ground
constexpr double kMostTilt = 1.05;    ///< radians; steeper, and the person does not stand
constexpr double kMostStretch = 1.8;  ///< of a body that is moved along its ray until it stands
constexpr float kFar = std::numeric_limits<float>::max();

} // namespace

SnapshotBuilder::SnapshotBuilder(std::shared_ptr<Backend> backend) : backend_(std::move(backend)) {}

void SnapshotBuilder::reset() {
    shaped_.clear();
    others_.clear();
    refused_.clear();
    groundGuessed_ = false;
    cameraHeight_ = 1.5;
    cameraTilt_ = 0;
}

void SnapshotBuilder::refuse(TargetId id) {
    if (refused_.insert(id).second) {
        logWarning("The body of person " + std::to_string(id) +
                   " was made with another skeleton than this program's and is not shown. Run it again to make it anew.");
    }
}

const SnapshotBuilder::Shaped* SnapshotBuilder::shaped(ShapedBodies& bodies, TargetId id, const BodyShape& shape,
                                                       const BodyTrack* track) {
    const auto known = bodies.find(id);
    if (const auto& own = track ? track->ownModel : nullptr) {
        if (known != bodies.end() && same(known->second.shape, shape) && known->second.model == own) {
            return &known->second;
        }
        auto& entry = bodies[id];
        entry = {shape, own, own->shaped(shape), {}};
        return &entry;
    }
    const std::string modelName = track && !track->bodyModel.empty() ? track->bodyModel : "anny";
    auto& model = models_[modelName];
    if (!model) {
        try {
            model = backend_->bodyModel(modelName);
        } catch (const std::exception& e) {
            logWarning(std::string("No body can be shown: ") + e.what());
            return nullptr;
        }
    }
    if (known != bodies.end() && same(known->second.shape, shape) && known->second.model == model) {
        return &known->second;
    }
    auto& entry = bodies[id];
    entry = {shape, model, model->shaped(shape), {}};
    return &entry;
}

RigidTransform SnapshotBuilder::worldFromCam(const std::shared_ptr<const WorldFrame>& world, std::int64_t frame) const {
    if (world && !world->worldFromCam.empty()) {
        const auto last = static_cast<std::int64_t>(world->worldFromCam.size()) - 1;
        const auto i = std::clamp<std::int64_t>(frame - world->firstFrame, 0, last);
        return world->worldFromCam[static_cast<std::size_t>(i)];
    }
    // Before the world stage: a camera above a ground at the feet of the first body, tilted as that body stands.
    RigidTransform guessed;
    const double c = std::cos(cameraTilt_), t = std::sin(cameraTilt_);
    guessed.rotation.m = {1, 0, 0, 0, -c, -t, 0, t, -c};
    guessed.translation = {0, cameraHeight_, 0};
    return guessed;
}

double SnapshotBuilder::depthBelow(const Shaped& body, const BodyPose& pose) const {
    const double c = std::cos(cameraTilt_), t = std::sin(cameraTilt_);
    double lowest = -std::numeric_limits<double>::max(); // y points down in camera space
    for (const auto& joint : body.model->skeleton(body.rest, pose).joints) {
        lowest = std::max(lowest, c * joint.y + t * joint.z);
    }
    return lowest + kSole;
}

void SnapshotBuilder::guessGround(const Shaped& body, const BodyPose& pose) {
    if (groundGuessed_) {
        return;
    }
    groundGuessed_ = true;
    // People stand upright far more often than cameras are held level; sideways, cameras are.
    const Vec3 up = pose.surface ? Vec3{0, -1, 0} : pose.rotations.front() * Vec3{0, -1, 0};
    const double tilt = std::atan2(-up.z, -up.y);
    cameraTilt_ = std::abs(tilt) < kMostTilt ? tilt : 0;
    cameraHeight_ = depthBelow(body, pose);
}

double SnapshotBuilder::provisionalSize(const Shaped& body, const BodyPose& pose) const {
    const double below = depthBelow(body, pose);
    const double size = below > 0 ? cameraHeight_ / below : 1;
    return size > 1 / kMostStretch && size < kMostStretch ? size : 1;
}

std::shared_ptr<PosedMesh> SnapshotBuilder::posed(const Shaped& body, const BodyPose& pose, const RigidTransform& worldFromCam, double size) {
    auto mesh = std::make_shared<PosedMesh>();
    mesh->model = body.model;
    mesh->model->pose(body.rest, pose, mesh->vertices);
    mesh->low = {kFar, kFar, kFar};
    mesh->high = {-kFar, -kFar, -kFar};
    const auto& r = worldFromCam.rotation.m;
    const auto& t = worldFromCam.translation;
    std::array<float, 9> m{};
    std::transform(r.begin(), r.end(), m.begin(), [size](double v) { return static_cast<float>(size * v); });
    const auto tx = static_cast<float>(t.x), ty = static_cast<float>(t.y), tz = static_cast<float>(t.z);
    for (auto& v : mesh->vertices) {
        v = {m[0] * v.x + m[1] * v.y + m[2] * v.z + tx, m[3] * v.x + m[4] * v.y + m[5] * v.z + ty,
             m[6] * v.x + m[7] * v.y + m[8] * v.z + tz};
        grow(mesh->low, mesh->high, v);
    }
    computeNormals(mesh->vertices, mesh->model->topology(), mesh->normals);
    for (const auto& joint : mesh->model->skeleton(body.rest, pose).joints) {
        mesh->joints.push_back(worldFromCam * (size * joint));
    }
    return mesh;
}

std::shared_ptr<const FrameSnapshot> SnapshotBuilder::build(const SnapshotSource& source, std::int64_t frame) {
    auto snapshot = std::make_shared<FrameSnapshot>();
    snapshot->frame = frame;
    snapshot->generation = source.results->generation();
    try {
        if (const auto image = source.frames->frame(frame)) {
            snapshot->pixels = image;
            snapshot->image = QImage(image->rgb.data(), image->width, image->height, 3 * image->width,
                                     QImage::Format_RGB888)
                                  .convertToFormat(QImage::Format_RGB32);
        }
    } catch (const Error& e) {
        snapshot->failure = e.what();
    }
    const auto world = source.world();
    std::vector<const BodyFrame*> frames(source.targets.size());
    std::vector<std::shared_ptr<const BodyTrack>> tracks;   // keep what the pointers point into
    std::vector<std::shared_ptr<const BodyFrame>> previews;
    std::vector<const Shaped*> bodies(source.targets.size());

    for (std::size_t k = 0; k < source.targets.size(); ++k) {
        const auto& wanted = source.targets[k];
        TargetView view;
        view.id = wanted.id;
        const auto tracked = source.results->trackFrame(wanted.id, frame);
        const TargetFrame* shown = tracked.get();
        if (wanted.preview && wanted.preview->found) {
            // A click is newer than a finished run until the run is repeated.
            const auto lane = source.results->lane(wanted.id);
            const bool outdated = frame < static_cast<std::int64_t>(lane.stale.size()) &&
                                  lane.stale[static_cast<std::size_t>(frame)] != 0;
            if (!shown || outdated) {
                shown = &wanted.preview->frame;
                view.fromPreview = true;
            }
        }
        if (shown) {
            view.state = shown->state;
            view.mask = makeOverlay(shown->mask);
            if (shown->pose.score > 0) {
                view.pose = std::make_shared<const PoseLandmarks>(shown->pose);
            }
        }
        if (wanted.painted) {
            view.state = FrameState::Visible;
            view.mask = makeOverlay(*wanted.painted);
            view.fromPreview = true;
        }
        auto track = source.results->body(wanted.id);
        auto preview = source.results->previewBody(wanted.id, frame);
        const BodyFrame* body = track ? frameOf(*track, frame) : nullptr;
        BodyShape shape = track ? track->shape : BodyShape{};
        if ((!body || body->state == FrameState::Absent) && preview) {
            body = preview.get();
            view.analytic = true;
        }
        if (body && body->state != FrameState::Absent && !body->pose.rotations.empty()) {
            view.state = body->state;
            view.suspicion = suspicionOf(*body);
        }
        if (body && isShown(*body)) {
            frames[k] = body;
            bodies[k] = shaped(shaped_, wanted.id, shape, view.analytic ? nullptr : track.get());
            if (bodies[k] && !fits(body->pose, *bodies[k]->model)) {
                bodies[k] = nullptr;
                refuse(wanted.id);
            }
            if (bodies[k] && !world) {
                guessGround(*bodies[k], body->pose);
            }
            if (track) {
                snapshot->camera = track->cameraAt(frame);
            }
        }
        if (view.state == FrameState::Completed && view.mask.box.isEmpty()) {
            if (const auto amodal = source.results->amodalMask(wanted.id, frame)) {
                view.mask = makeOverlay(*amodal);
            }
        }
        tracks.push_back(std::move(track));
        previews.push_back(std::move(preview));
        snapshot->targets.push_back(std::move(view));
    }
    if (snapshot->camera.focalPx <= 0 && source.extras.scene) {
        snapshot->camera = source.extras.scene->camera;
    }
    snapshot->worldFromCam = worldFromCam(world, frame);
    for (std::size_t k = 0; k < source.targets.size(); ++k) {
        if (!frames[k] || !bodies[k]) {
            continue;
        }
        // Until the ground is known, everybody stands on the provisional one; seen from the camera that changes nothing.
        const double size = world ? 1 : provisionalSize(*bodies[k], frames[k]->pose);
        auto mesh = posed(*bodies[k], frames[k]->pose, snapshot->worldFromCam, size);
        if (source.extras.comparison != Comparison::None) {
            compare(source, source.targets[k].id, *frames[k], *bodies[k], *mesh, snapshot->targets[k], snapshot->worldFromCam,
                    frame, size);
        }
        if (source.extras.confidence) {
            mesh->confidence = confidenceNear(mesh->vertices, *frames[k], snapshot->worldFromCam, size);
        }
        snapshot->targets[k].mesh = std::move(mesh);
    }
    if (source.extras.surface) {
        paintSurfaces(*snapshot);
    }
    return snapshot;
}

void SnapshotBuilder::compare(const SnapshotSource& source, TargetId id, const BodyFrame& frame, const Shaped& body, PosedMesh& mesh,
                              TargetView& view, const RigidTransform& worldFromCam, std::int64_t index, double size) {
    const BodyPose* pose = nullptr;
    BodyPose moved; // keeps what pose points to
    const Shaped* shape = &body;
    std::shared_ptr<const BodyTrack> track; // keeps what pose points into
    if (source.extras.comparison == Comparison::Raw) {
        pose = &frame.rawPose;
    } else {
        if (source.extras.comparison == Comparison::Uncompleted) {
            track = source.results->bodyBeforeCompletion(id);
        } else if (source.extras.other) {
            const auto it = source.extras.other->bodies.find(id);
            track = it != source.extras.other->bodies.end() ? it->second : nullptr;
        }
        const auto* other = track ? frameOf(*track, index) : nullptr;
        // Without completion there is nothing where the person was not seen.
        const bool unseen = source.extras.comparison == Comparison::Uncompleted && other && other->state != FrameState::Visible;
        if (other && other->state != FrameState::Absent && !unseen) {
            pose = &other->pose;
            auto otherShape = track->shape;
            if (source.extras.comparison == Comparison::Uncompleted) {
                // The ground has moved the whole body along its ray and scaled it; both are fits of the same
                // measurements, so their distances before smoothing say by how much.
                const double from = norm(other->rawPose.translation), to = norm(frame.rawPose.translation);
                if (from > 0 && to > 0 && !pose->surface) {
                    moved = *pose;
                    moved.translation = (to / from) * moved.translation;
                    pose = &moved;
                    otherShape.scale = body.shape.scale;
                }
            }
            shape = shaped(others_, id, otherShape, track.get());
        }
    }
    if (!pose || !shape || pose->rotations.empty() || !fits(*pose, *shape->model)) {
        return;
    }
    const auto other = posed(*shape, *pose, worldFromCam, size);
    if (other->vertices.size() == mesh.vertices.size()) {
        mesh.difference.resize(mesh.vertices.size());
        for (std::size_t i = 0; i < mesh.vertices.size(); ++i) {
            const auto &a = mesh.vertices[i], &b = other->vertices[i];
            mesh.difference[i] = std::hypot(a.x - b.x, a.y - b.y, a.z - b.z);
        }
        other->difference = mesh.difference;
    }
    view.otherMesh = other;
}

void SnapshotBuilder::paintSurfaces(FrameSnapshot& snapshot) {
    if (!snapshot.pixels || snapshot.camera.focalPx <= 0 || snapshot.camera.width < 1) {
        return;
    }
    std::vector<SurfacePainter::Body> bodies;
    std::vector<TargetView*> views;
    for (auto& target : snapshot.targets) {
        const auto shape = shaped_.find(target.id);
        if (!target.mesh || shape == shaped_.end()) {
            continue;
        }
        auto& samples = shape->second.samples;
        const auto& topology = target.mesh->model->topology();
        if (samples.empty()) {
            samples = sampleSurface(shape->second.rest.vertices, topology, kSurfaceSamples);
        }
        const bool seen = target.state == FrameState::Visible;
        bodies.push_back({target.mesh->vertices, &topology, samples, seen ? &target.mask : nullptr});
        views.push_back(&target);
    }
    auto clouds = painter_.paint(bodies, *snapshot.pixels, snapshot.camera, snapshot.worldFromCam);
    for (std::size_t i = 0; i < views.size(); ++i) {
        views[i]->surface = std::move(clouds[i]);
    }
}

std::shared_ptr<const ScenePaths> SnapshotBuilder::buildPaths(const SnapshotSource& source) {
    auto paths = std::make_shared<ScenePaths>();
    const auto world = source.world();
    paths->grounded = world != nullptr;
    paths->low = {kFar, kFar, kFar};
    paths->high = {-kFar, -kFar, -kFar};
    for (const auto& wanted : source.targets) {
        ScenePaths::Trail trail;
        trail.id = wanted.id;
        if (const auto track = source.results->body(wanted.id)) {
            paths->camera = track->camera;
        }
        std::int64_t last = -2; // frame added
        const auto add = [&](const BodyFrame& frame) {
            if (!isShown(frame)) {
                return;
            }
            if (frame.frame != last + 1) {
                trail.stretches.emplace_back();
            }
            last = frame.frame;
            const Vec3 p = worldFromCam(world, frame.frame) * frame.pose.translation;
            trail.stretches.back().push_back({static_cast<float>(p.x), 0.004F, static_cast<float>(p.z)});
            const auto x = static_cast<float>(p.x), y = static_cast<float>(p.y), z = static_cast<float>(p.z);
            grow(paths->low, paths->high, {x - 0.5F, std::min(0.0F, y - 1), z - 0.5F});
            grow(paths->low, paths->high, {x + 0.5F, y + 0.9F, z + 0.5F});
            paths->empty = false;
        };
        if (const auto track = source.results->body(wanted.id)) {
            trail.fitted = true;
            for (const auto& frame : track->frames) {
                add(frame);
            }
        } else {
            const auto lane = source.results->lane(wanted.id);
            for (std::int64_t f = 0; f < static_cast<std::int64_t>(lane.states.size()); ++f) {
                if (const auto preview = source.results->previewBody(wanted.id, f)) {
                    if (!groundGuessed_ && !world) {
                        if (const auto* body = shaped(shaped_, wanted.id, {}, nullptr); body && fits(preview->pose, *body->model)) {
                            guessGround(*body, preview->pose);
                        }
                    }
                    add(*preview);
                }
            }
        }
        paths->trails.push_back(std::move(trail));
    }
    if (paths->camera.focalPx <= 0 && source.extras.scene) {
        paths->camera = source.extras.scene->camera;
    }
    if (paths->empty) {
        paths->low = {-2, 0, -2};
        paths->high = {2, 2, 2};
    }
    if (world && world->cameraMoves) {
        for (const auto& pose : world->worldFromCam) {
            paths->cameraPath.push_back({static_cast<float>(pose.translation.x), static_cast<float>(pose.translation.y),
                                         static_cast<float>(pose.translation.z)});
        }
        const std::size_t step = std::max<std::size_t>(1, (world->worldFromCam.size() + kCameraStops - 1) / kCameraStops);
        for (std::size_t i = 0; i < world->worldFromCam.size(); i += step) {
            paths->cameraStops.push_back(world->worldFromCam[i]);
        }
    }
    return paths;
}

} // namespace body4d::ui
