// Bodies from a network that looks at pictures: batches over (frame, person), one shape for each person,
// smoothing and completion in the network's own parameters.
#include "base/error.h"
#include "body/body_keypoints.h"
#include "body/body_metrics.h"
#include "body/frame_sampling.h"
#include "body/limbs.h"
#include "body/mask_sampling.h"
#include "body/measured_body.h"
#include "body/mhr_keypoints.h"
#include "body/parameter_motion.h"
#include "device/memory_budget.h"
#include "pipeline/body_estimator.h"
#include "pipeline/reference_filter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <numbers>

namespace body4d {
namespace {

/// Fixed numbers of a network at work beside its rows: graphs, tables, the allocator's slack.
constexpr std::int64_t kFixedBytes = 256LL << 20;
/// This program counts pixels from the corner of the first one, the official output from its middle.
constexpr double kPixelOrigin = 0.5;
constexpr double kBorderPx = 2;       ///< nearer to the picture's border a person is cut off by it
constexpr double kUnsureWeight = 0.5; ///< of frames in which the tracker is not sure
constexpr double kHiddenWeight = 0.3; ///< of frames that were filled in
constexpr float kProbeAngle = 0.3F;   ///< by which an angle is moved to see what hangs on it

using Member = std::vector<float> BodyParameters::*;
/// Parameters under the names of the official output; what the network said before anything was shared or
/// smoothed stands beside them under its own names.
struct NamedMember {
    const char *name, *raw;
    Member member;
};
constexpr NamedMember kNamed[] = {{"global_rot", "raw_global_rot", &BodyParameters::globalRot},
                                  {"body_pose_params", "raw_body_pose_params", &BodyParameters::bodyPose},
                                  {"hand_pose_params", "raw_hand_pose_params", &BodyParameters::hand},
                                  {"shape_params", "raw_shape_params", &BodyParameters::shape},
                                  {"scale_params", "raw_scale_params", &BodyParameters::scale}};
constexpr const char* kRawTranslation = "raw_cam_t";

using Fields = std::map<std::string, std::vector<float>>;

void addRaw(Fields& fields, const BodyParameters& raw) {
    for (const auto& named : kNamed) {
        fields[named.raw] = raw.*named.member;
    }
    fields[kRawTranslation] = {static_cast<float>(raw.translation.x), static_cast<float>(raw.translation.y),
                               static_cast<float>(raw.translation.z)};
}

/// What addRaw() wrote; nothing where the person was not read.
std::optional<BodyParameters> rawOf(const BodyFrame& frame) {
    if (!frame.pose.surface) {
        return std::nullopt;
    }
    const auto& fields = frame.pose.surface->fields;
    BodyParameters raw;
    for (const auto& named : kNamed) {
        const auto it = fields.find(named.raw);
        if (it == fields.end() || (!it->second.empty() && !std::isfinite(it->second.front()))) {
            return std::nullopt;
        }
        raw.*named.member = it->second;
    }
    const auto t = fields.find(kRawTranslation);
    if (t == fields.end() || t->second.size() != 3) {
        return std::nullopt;
    }
    raw.translation = {t->second[0], t->second[1], t->second[2]};
    return raw;
}

bool touchesBorder(const RleMask& mask) {
    const Box box = boundingBox(mask);
    return box.x0 < kBorderPx || box.y0 < kBorderPx || box.x1 > mask.width - kBorderPx ||
           box.y1 > mask.height - kBorderPx;
}

/// One target's way from readings to bodies.
struct Person {
    const TargetTrack* track = nullptr;
    ParameterTrack raw, parameters; ///< by the track's frames
    std::vector<Fields> fields;     ///< what else was said, by the track's frames
    std::vector<std::size_t> shots; ///< first frames of shots but the first, as indices of the track
    std::vector<std::uint8_t> between; ///< 1 where the person is seen and not looked at: interpolated
};

bool isSeen(const TargetFrame& frame) {
    return frame.state == FrameState::Visible && area(frame.mask) > 0;
}

/// Chooses the frames that are not looked at.
void leaveOut(Person& person, double fps, double perSecond) {
    std::vector<std::uint8_t> seen;
    for (const auto& frame : person.track->frames) {
        seen.push_back(isSeen(frame) ? 1 : 0);
    }
    const auto kept = sampledFrames(seen, person.shots, fps, perSecond);
    person.between = std::move(seen);
    for (const auto i : kept) {
        person.between[i] = 0;
    }
}

/// The median over frames that the tracker is sure of and in which the person is whole, number by number.
void shareShape(Person& person) {
    std::vector<std::size_t> all, sure, whole;
    for (std::size_t i = 0; i < person.raw.size(); ++i) {
        if (!person.raw[i]) {
            continue;
        }
        const auto& frame = person.track->frames[i];
        all.push_back(i);
        if (frame.firm) {
            sure.push_back(i);
            if (!touchesBorder(frame.mask)) {
                whole.push_back(i);
            }
        }
    }
    if (all.empty()) {
        return;
    }
    const auto& judges = !whole.empty() ? whole : !sure.empty() ? sure : all;
    for (const Member member : {&BodyParameters::shape, &BodyParameters::scale}) {
        std::vector<float> shared((*person.raw[all.front()]).*member), values;
        for (std::size_t k = 0; k < shared.size(); ++k) {
            values.clear();
            for (const auto i : judges) {
                values.push_back(((*person.raw[i]).*member)[k]);
            }
            const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
            std::nth_element(values.begin(), middle, values.end());
            shared[k] = *middle;
        }
        for (const auto i : all) {
            (*person.parameters[i]).*member = shared;
        }
    }
}

class PictureEstimator final : public BodyEstimator {
public:
    PictureEstimator(std::string name, std::shared_ptr<const BodyNetwork> network, const Options& options)
        : name_(std::move(name)), network_(std::move(network)),
          fov_(options.number("camera.fov_degrees") * std::numbers::pi / 180),
          batch_(static_cast<int>(options.integer("sam_3d_body.batch_size"))),
          detail_(options.text("sam_3d_body.inference_type") == "full" ? BodyDetail::Full : BodyDetail::Body),
          budgetGib_(options.number("memory.budget_gib")), strength_(smoothingStrength(options)),
          likeReference_(options.text("compat") == "sam-body4d"),
          windowFrames_(static_cast<std::size_t>(options.integer("sam_3d_body.window_frames"))),
          perSecond_(options.number("reconstruct.fps")) {}

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] std::shared_ptr<const BodyModel> model() const override { return nullptr; }
    [[nodiscard]] Intrinsics camera(int width, int height) const override {
        return intrinsicsFromFov(width, height, fov_);
    }
    [[nodiscard]] BodyFrame preview(const TargetFrame& frame, const Intrinsics&,
                                    const PersonTraits&) const override {
        BodyFrame none;
        none.frame = frame.frame;
        return none;
    }
    [[nodiscard]] BodyTrack fit(const TargetTrack&, const PersonTraits&, int, int, double,
                                const std::stop_token&, const ProgressFn&) const override {
        throw std::logic_error("an engine that looks at pictures fits all targets together");
    }
    [[nodiscard]] bool looksAtPictures() const override { return true; }

    [[nodiscard]] std::vector<BodyTrack> fitTogether(const PictureFit& fit, const std::stop_token& stop,
                                                     const ProgressFn& progress) const override {
        std::vector<Person> persons(fit.tracks.size());
        for (std::size_t target = 0; target < persons.size(); ++target) {
            auto& person = persons[target];
            person.track = fit.tracks[target];
            const auto frames = person.track->frames.size();
            person.raw.resize(frames);
            person.fields.resize(frames);
            for (const auto& shot : fit.shots) {
                const auto index = shot.firstFrame - person.track->firstFrame;
                if (index > 0 && index < static_cast<std::int64_t>(frames)) {
                    person.shots.push_back(static_cast<std::size_t>(index));
                }
            }
            leaveOut(person, fit.fps, perSecond_);
        }
        const auto tell = [&](double share) {
            if (progress) {
                progress({"reconstruct", "", static_cast<long long>(1000 * share), 1000, 0, -1});
            }
        };
        read(persons, fit, stop, [&](double share) { tell(0.5 * share); });
        std::vector<BodyTrack> bodies;
        std::vector<Work> work;
        for (auto& person : persons) {
            person.parameters = person.raw;
            if (likeReference_) {
                detail::smoothLikeReference(person.parameters, {}, windowFrames_);
            } else {
                shareShape(person);
                std::vector<double> weight;
                for (const auto& frame : person.track->frames) {
                    weight.push_back(frame.firm ? 1 : kUnsureWeight);
                }
                smooth(person.parameters, weight, fit.fps, person.shots);
            }
            interpolateParameters(person.parameters, person.between, person.shots);
            bodies.push_back(begin(*person.track, fit));
        }
        for (std::size_t target = 0; target < persons.size(); ++target) {
            work.push_back({&persons[target], &bodies[target]});
        }
        giveMeshes(work, stop, [&](double share) { tell(0.5 + 0.5 * share); });
        for (std::size_t target = 0; target < persons.size(); ++target) {
            bodies[target].acceleration = keypointAcceleration(bodies[target]);
        }
        return bodies;
    }

    [[nodiscard]] BodyTrack withoutHidden(const BodyTrack& fitted, const TargetTrack& track,
                                          const CompletionResult& found, const CameraPath& path,
                                          const std::stop_token& stop) const override {
        BodyTrack body = found.body;
        const auto count = body.frames.size();
        BODY4D_EXPECT(fitted.frames.size() == count && track.frames.size() == count);
        Person person;
        person.track = &track;
        person.fields.resize(count);
        std::vector<float> hidden(count, 0);
        std::vector<std::uint8_t> wanted(count, 0);
        bool anyHidden = false;
        for (std::size_t i = 0; i < count; ++i) {
            person.raw.push_back(rawOf(fitted.frames[i]));
            // Completion took the mesh away from frames that it gave a new pose.
            const auto& frame = body.frames[i];
            const bool filled = !frame.pose.surface && !frame.pose.rotations.empty();
            hidden[i] = filled && i < found.hiddenShare.size() ? std::max(found.hiddenShare[i], 1e-3F) : 0;
            wanted[i] = filled && frame.state != FrameState::Absent ? 1 : 0;
            anyHidden = anyHidden || filled;
            if (fitted.frames[i].pose.surface) {
                person.fields[i] = fitted.frames[i].pose.surface->fields;
            }
        }
        for (const auto shot : path.shotStarts) {
            if (shot > track.firstFrame && shot < track.firstFrame + static_cast<std::int64_t>(count)) {
                person.shots.push_back(static_cast<std::size_t>(shot - track.firstFrame));
            }
        }
        leaveOut(person, body.fps, perSecond_);
        if (!anyHidden ||
            std::none_of(person.raw.begin(), person.raw.end(), [](const auto& p) { return p.has_value(); })) {
            restore(body, fitted);
            return body;
        }
        person.parameters = person.raw;
        if (likeReference_) {
            const auto visible = visibleLikeReference(track, found);
            detail::smoothLikeReference(person.parameters, visible, windowFrames_);
        } else {
            shareShape(person);
            std::vector<Mat3> turns;
            for (std::size_t i = 0; path.moves && i < count; ++i) {
                const auto last = static_cast<std::int64_t>(path.shotFromCam.size()) - 1;
                const auto at = track.firstFrame + static_cast<std::int64_t>(i) - path.firstFrame;
                turns.push_back(
                    last < 0
                        ? Mat3()
                        : path.shotFromCam[static_cast<std::size_t>(std::clamp<std::int64_t>(at, 0, last))]);
            }
            bridgeParameters(person.parameters, hidden, wanted, turns, std::max(body.fps, 1.0));
            std::vector<double> weight;
            for (std::size_t i = 0; i < count; ++i) {
                weight.push_back(hidden[i] > 0 ? kHiddenWeight : track.frames[i].firm ? 1 : kUnsureWeight);
            }
            smooth(person.parameters, weight, body.fps, person.shots);
        }
        interpolateParameters(person.parameters, person.between, person.shots);
        for (std::size_t i = 0; i < count; ++i) {
            auto& frame = body.frames[i];
            frame.rawPose = fitted.frames[i].rawPose;
            frame.pose = {};
            if (frame.state == FrameState::Absent) { // out of the picture
                person.parameters[i].reset();
            }
            if (!person.parameters[i]) {
                frame.state = frame.state == FrameState::Occluded ? FrameState::Occluded : FrameState::Absent;
                frame.rawPose = {};
            }
        }
        std::vector<Work> work = {{&person, &body}};
        giveMeshes(work, stop, [](double) {});
        for (std::size_t i = 0; i < count; ++i) {
            for (auto& confidence : body.frames[i].confidence) {
                confidence *= 1 - hidden[i];
            }
        }
        body.acceleration = keypointAcceleration(body);
        return body;
    }

private:
    struct Row {
        std::int64_t frame = 0;
        std::size_t target = 0, index = 0;
    };
    /// A person whose bodies want meshes.
    struct Work {
        Person* person;
        BodyTrack* body;
    };

    /// Everybody on every frame, absent people never. By frame, so that pictures are asked for in rising
    /// order.
    template <typename Tell>
    void read(std::vector<Person>& persons, const PictureFit& fit, const std::stop_token& stop,
              Tell tell) const {
        std::vector<Row> rows;
        for (std::size_t target = 0; target < persons.size(); ++target) {
            const auto& frames = persons[target].track->frames;
            for (std::size_t i = 0; i < frames.size(); ++i) {
                if (isSeen(frames[i]) && persons[target].between[i] == 0) {
                    rows.push_back({frames[i].frame, target, i});
                }
            }
        }
        std::stable_sort(rows.begin(), rows.end(),
                         [](const Row& a, const Row& b) { return a.frame < b.frame; });
        std::map<std::int64_t, ImagePtr> kept;
        const auto lenses = begin(*persons.front().track, fit);
        (void)runBatched(
            static_cast<std::int64_t>(rows.size()), {batch_, network_->bytesPerQuery(detail_), kFixedBytes},
            MemoryBudget(budgetGib_),
            [&](std::int64_t first, std::int64_t last) {
                const auto part = std::span(rows).subspan(static_cast<std::size_t>(first),
                                                          static_cast<std::size_t>(last - first));
                std::vector<BodyQuery> queries;
                kept.erase(kept.begin(), kept.lower_bound(part.front().frame));
                for (const auto& row : part) {
                    auto& picture = kept[row.frame];
                    if (!picture) {
                        picture = fit.pictures(row.frame);
                    }
                    queries.push_back({picture,
                                       std::make_shared<const Mask>(
                                           decodeRle(persons[row.target].track->frames[row.index].mask)),
                                       lenses.cameraAt(row.frame)});
                }
                auto readings = network_->look(queries, detail_);
                for (std::size_t k = 0; k < part.size(); ++k) {
                    auto& person = persons[part[k].target];
                    addRaw(readings[k].fields, readings[k].parameters);
                    person.fields[part[k].index] = std::move(readings[k].fields);
                    person.raw[part[k].index] = std::move(readings[k].parameters);
                }
                tell(static_cast<double>(last) / static_cast<double>(rows.size()));
            },
            stop);
    }

    void smooth(ParameterTrack& parameters, std::span<const double> weight, double fps,
                std::span<const std::size_t> shots) const {
        smoothParameters(parameters, weight, smoothingFor(parameters), fps, shots);
    }

    /// The limbs' strengths for the network's angles.
    [[nodiscard]] ParameterSmoothing smoothingFor(const ParameterTrack& parameters) const {
        ParameterSmoothing out;
        out.root = strength_.root;
        out.hands = strength_.arms;
        out.body.fill(strength_.torso);
        const bool uniform = strength_.arms == strength_.torso && strength_.legs == strength_.torso &&
                             strength_.head == strength_.torso;
        const auto any =
            std::find_if(parameters.begin(), parameters.end(), [](const auto& p) { return p.has_value(); });
        if (uniform || any == parameters.end()) {
            return out;
        }
        const std::scoped_lock lock(limbsMutex_);
        if (limbOfAngle_.empty()) {
            limbOfAngle_ = probeLimbs(**any);
        }
        for (std::size_t k = 0; k < out.body.size(); ++k) {
            switch (limbOfAngle_[k]) {
            case detail::Limb::Head:
                out.body[k] = strength_.head;
                break;
            case detail::Limb::LeftArm:
            case detail::Limb::RightArm:
                out.body[k] = strength_.arms;
                break;
            case detail::Limb::LeftLeg:
            case detail::Limb::RightLeg:
                out.body[k] = strength_.legs;
                break;
            case detail::Limb::Torso:
                break;
            }
        }
        return out;
    }

    /// Which limb each angle moves, found by moving it: the model's own table of that is not part of its
    /// interface.
    [[nodiscard]] std::vector<detail::Limb> probeLimbs(const BodyParameters& example) const {
        const auto& joints = mhrJoints();
        const auto limbs = detail::limbsOfJoints(joints);
        const auto rest = restingParameters(example);
        const auto still = network_->pose(std::span(&rest, 1)).front().rotations;
        const auto local = [&](const std::vector<Mat3>& rotations, std::size_t j) {
            return joints[j].parent < 0
                       ? rotations[j]
                       : transpose(rotations[static_cast<std::size_t>(joints[j].parent)]) * rotations[j];
        };
        std::vector<detail::Limb> out(mhr::kBodyAngles, detail::Limb::Torso);
        for (std::size_t first = 0; first < out.size(); first += static_cast<std::size_t>(batch_)) {
            std::vector<BodyParameters> moved;
            for (auto k = first; k < std::min(out.size(), first + static_cast<std::size_t>(batch_)); ++k) {
                moved.push_back(rest);
                moved.back().bodyPose[k] += kProbeAngle;
            }
            const auto meshes = network_->pose(moved);
            for (std::size_t m = 0; m < meshes.size(); ++m) {
                double most = 1e-3;
                for (std::size_t j = 0; j < joints.size(); ++j) {
                    const auto a = local(still, j), b = local(meshes[m].rotations, j);
                    double change = 0;
                    for (std::size_t c = 0; c < 9; ++c) {
                        change += std::abs(a.m[c] - b.m[c]);
                    }
                    if (change > most) {
                        most = change;
                        out[first + m] = limbs[j];
                    }
                }
            }
        }
        return out;
    }

    /// A track without bodies.
    [[nodiscard]] BodyTrack begin(const TargetTrack& track, const PictureFit& fit) const {
        BodyTrack body;
        body.id = track.id;
        body.engine = name_ == "sam3d_body" ? "SAM 3D Body" : name_;
        body.bodyModel = "mhr";
        body.camera = camera(fit.width, fit.height);
        // Of shots that follow one another through one lens, the track keeps the first.
        for (const auto& shot : fit.shots) {
            if (body.shots.empty() || body.shots.back().focalPx != shot.focalPx) {
                body.shots.push_back(shot);
            }
        }
        if (body.shots.size() == 1 && body.shots.front().focalPx == body.camera.focalPx) {
            body.shots.clear();
        }
        body.fps = fit.fps;
        body.firstFrame = track.firstFrame;
        body.frames.resize(track.frames.size());
        for (std::size_t i = 0; i < body.frames.size(); ++i) {
            body.frames[i].frame = track.frames[i].frame;
            const auto state = track.frames[i].state;
            body.frames[i].state = state == FrameState::Visible ? FrameState::Absent : state;
        }
        return body;
    }

    /// Every angle at zero.
    static BodyParameters restingParameters(BodyParameters parameters) {
        for (auto* angles : {&parameters.globalRot, &parameters.bodyPose, &parameters.hand}) {
            std::fill(angles->begin(), angles->end(), 0.0F);
        }
        return parameters;
    }

    [[nodiscard]] std::shared_ptr<const BodyModel> modelOf(const std::string& name,
                                                           const PosedMesh3d& mesh) const {
        RestBody rest;
        rest.vertices = mesh.vertices;
        rest.joints = mesh.joints;
        const auto [low, high] =
            std::minmax_element(rest.vertices.begin(), rest.vertices.end(),
                                [](const Vec3f& a, const Vec3f& b) { return a.y < b.y; });
        rest.heightMetres = static_cast<double>(high->y - low->y);
        return makeMeasuredBody(name, mhrJoints(), network_->triangles(), std::move(rest), network_->skin());
    }

    /// Meshes of everybody's parameters, and the skeletons of what was read before anything was smoothed.
    template <typename Tell>
    void giveMeshes(std::vector<Work>& work, const std::stop_token& stop, Tell tell) const {
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
                    auto mesh = std::move(network_->pose(std::span(&resting, 1)).front());
                    rests[target] = mesh.rotations;
                    body->ownModel = modelOf(body->bodyModel, mesh);
                }
                items.push_back({target, i, false});
                if (person->raw[i] && body->frames[i].rawPose.rotations.empty()) {
                    items.push_back({target, i, true});
                }
            }
        }
        const auto total = static_cast<std::int64_t>(items.size());
        (void)runBatched(
            total, {batch_, network_->bytesPerPose(), kFixedBytes}, MemoryBudget(budgetGib_),
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
                auto meshes = network_->pose(parameters);
                for (auto k = first; k < last; ++k) {
                    const auto& item = items[static_cast<std::size_t>(k)];
                    auto& mesh = meshes[static_cast<std::size_t>(k - first)];
                    auto& body = *work[item.target].body;
                    auto& frame = body.frames[item.index];
                    const auto& p = parameters[static_cast<std::size_t>(k - first)];
                    if (item.raw) {
                        frame.rawPose = poseOf(mesh, p, rests[item.target]);
                    } else {
                        put(body, frame, std::move(work[item.target].person->fields[item.index]),
                            std::move(mesh), p, rests[item.target]);
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

    /// Rotations alone, without a mesh.
    static BodyPose poseOf(const PosedMesh3d& mesh, const BodyParameters& parameters,
                           const std::vector<Mat3>& atRest) {
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

    void put(BodyTrack& body, BodyFrame& frame, Fields fields, PosedMesh3d mesh,
             const BodyParameters& parameters, const std::vector<Mat3>& atRest) const {
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
            for (const auto& named : kNamed) {
                std::fill((nothing.*named.member).begin(), (nothing.*named.member).end(),
                          std::numeric_limits<float>::quiet_NaN());
            }
            const double nan = std::numeric_limits<double>::quiet_NaN();
            nothing.translation = {nan, nan, nan};
            addRaw(fields, nothing);
            fields["bbox"] = {static_cast<float>(box.x0), static_cast<float>(box.y0),
                              static_cast<float>(box.x1), static_cast<float>(box.y1)};
            fields["focal_length"] = {static_cast<float>(lens.focalPx)};
            fields["pred_pose_raw"].assign(kPoseRawSize, 0);
        } else if (likeReference_) {
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

    static constexpr std::size_t kPoseRawSize = 266; ///< of the official output's pred_pose_raw

    /// Meshes back to frames that completion took them from, and no poses where nobody is.
    static void restore(BodyTrack& body, const BodyTrack& fitted) {
        for (std::size_t i = 0; i < body.frames.size(); ++i) {
            body.frames[i].pose = fitted.frames[i].pose;
            if (body.frames[i].pose.rotations.empty() && body.frames[i].state != FrameState::Occluded) {
                body.frames[i].state = FrameState::Absent;
            }
        }
    }

    /// Where SAM-Body4D takes the person for visible, from the masks of completion.
    static std::vector<std::uint8_t> visibleLikeReference(const TargetTrack& track,
                                                          const CompletionResult& found) {
        std::vector<std::uint8_t> visible(track.frames.size(), 1);
        for (const auto& [frame, amodal] : found.amodal) {
            const auto i = static_cast<std::size_t>(frame - track.firstFrame);
            if (i < visible.size() && !track.frames[i].mask.empty()) {
                visible[i] =
                    detail::referenceVisibility(track.frames[i].mask, amodal, track.id) > 0.7 ? 1 : 0;
            }
        }
        return visible;
    }

    std::string name_;
    std::shared_ptr<const BodyNetwork> network_;
    double fov_;
    int batch_;
    BodyDetail detail_;
    double budgetGib_;
    SmoothingStrength strength_;
    bool likeReference_;
    std::size_t windowFrames_;
    double perSecond_; ///< frames that are looked at; 0: all
    mutable std::mutex limbsMutex_;
    mutable std::vector<detail::Limb> limbOfAngle_; ///< empty: not asked for yet
};

} // namespace

std::shared_ptr<const BodyEstimator>
makePictureEstimator(std::string name, std::shared_ptr<const BodyNetwork> network, const Options& options) {
    return std::make_shared<const PictureEstimator>(std::move(name), std::move(network), options);
}

} // namespace body4d
