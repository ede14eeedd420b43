// Bodies from a network that looks at pictures: batches over (frame, person), smoothing and completion in the network's
// own parameters.
#include "base/error.h"
#include "body/body_metrics.h"
#include "body/limbs.h"
#include "body/measured_body.h"
#include "body/mhr_keypoints.h"
#include "device/memory_budget.h"
#include "pipeline/body_estimator.h"
#include "pipeline/picture_meshes.h"
#include "pipeline/picture_person.h"
#include "pipeline/query_feeder.h"
#include "pipeline/reference_filter.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numbers>

namespace body4d {
namespace {

constexpr double kUnsureWeight = 0.5; ///< of frames in which the tracker is not sure
constexpr double kHiddenWeight = 0.3; ///< of frames that were filled in
constexpr float kProbeAngle = 0.3F;   ///< by which an angle is moved to see what hangs on it

class PictureEstimator final : public BodyEstimator {
public:
    PictureEstimator(std::string name, std::shared_ptr<const BodyNetwork> network, const Options& options, std::string title)
        : name_(std::move(name)), title_(std::move(title)), network_(std::move(network)),
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
        std::vector<detail::PicturePerson> persons(fit.tracks.size());
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
            detail::leaveOut(person, fit.fps, perSecond_);
        }
        const auto tell = [&](double share) {
            if (progress) {
                progress({"reconstruct", "", static_cast<long long>(1000 * share), 1000, 0, -1});
            }
        };
        read(persons, fit, stop, [&](double share) { tell(0.5 * share); });
        std::vector<BodyTrack> bodies;
        std::vector<detail::MeshWork> work;
        for (auto& person : persons) {
            person.parameters = person.raw;
            if (likeReference_) {
                detail::smoothLikeReference(person.parameters, {}, windowFrames_);
            } else {
                detail::shareShape(person);
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
        detail::giveMeshes(*network_, meshOptions(), work, stop, [&](double share) { tell(0.5 + 0.5 * share); });
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
        detail::PicturePerson person;
        person.track = &track;
        person.fields.resize(count);
        std::vector<float> hidden(count, 0);
        std::vector<std::uint8_t> wanted(count, 0);
        bool anyHidden = false;
        for (std::size_t i = 0; i < count; ++i) {
            person.raw.push_back(detail::rawOf(fitted.frames[i]));
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
        detail::leaveOut(person, body.fps, perSecond_);
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
            detail::shareShape(person);
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
        std::vector<detail::MeshWork> work = {{&person, &body}};
        detail::giveMeshes(*network_, meshOptions(), work, stop, [](double) {});
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

    /// Everybody on every frame, absent people never. By frame, so that pictures are asked for in rising
    /// order.
    template <typename Tell>
    void read(std::vector<detail::PicturePerson>& persons, const PictureFit& fit, const std::stop_token& stop,
              Tell tell) const {
        std::vector<Row> rows;
        for (std::size_t target = 0; target < persons.size(); ++target) {
            const auto& frames = persons[target].track->frames;
            for (std::size_t i = 0; i < frames.size(); ++i) {
                if (detail::isSeen(frames[i]) && persons[target].between[i] == 0) {
                    rows.push_back({frames[i].frame, target, i});
                }
            }
        }
        std::stable_sort(rows.begin(), rows.end(),
                         [](const Row& a, const Row& b) { return a.frame < b.frame; });
        if (rows.empty()) {
            return;
        }
        const auto lenses = begin(*persons.front().track, fit);
        std::vector<detail::WantedQuery> wanted;
        for (const auto& row : rows) {
            wanted.push_back(
                {row.frame, &persons[row.target].track->frames[row.index].mask, lenses.cameraAt(row.frame)});
        }
        const MemoryBudget budget(budgetGib_);
        // The next frames are decoded while the network looks at these.
        detail::QueryFeeder feeder(
            std::move(wanted), fit.pictures,
            detail::QueryFeeder::rowsAhead(fit.width, fit.height, batch_, budget.remaining()));
        (void)runBatched(
            static_cast<std::int64_t>(rows.size()),
            {batch_, network_->bytesPerQuery(detail_), detail::kNetworkBytes}, budget,
            [&](std::int64_t first, std::int64_t last) {
                auto readings = network_->look(feeder.take(first, last, stop), detail_);
                for (auto k = first; k < last; ++k) {
                    const auto& row = rows[static_cast<std::size_t>(k)];
                    auto& reading = readings[static_cast<std::size_t>(k - first)];
                    auto& person = persons[row.target];
                    detail::addRaw(reading.fields, reading.parameters);
                    person.fields[row.index] = std::move(reading.fields);
                    person.raw[row.index] = std::move(reading.parameters);
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
        const auto rest = detail::restingParameters(example);
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

    [[nodiscard]] detail::MeshOptions meshOptions() const { return {batch_, budgetGib_, likeReference_}; }

    /// A track without bodies.
    [[nodiscard]] BodyTrack begin(const TargetTrack& track, const PictureFit& fit) const {
        BodyTrack body;
        body.id = track.id;
        body.engine = title_;
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
    std::string title_; ///< for people, with what is to be known about the weights
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
makePictureEstimator(std::string name, std::shared_ptr<const BodyNetwork> network, const Options& options, std::string title) {
    return std::make_shared<const PictureEstimator>(std::move(name), std::move(network), options, std::move(title));
}

} // namespace body4d
