#include "body/completion.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "base/parallel.h"
#include "body/detail/convert.h"
#include "body/detail/hidden_masks.h"
#include "body/detail/hidden_runs.h"
#include "body/detail/motion_prior.h"
#include "body/detail/pose_objective.h"
#include "body/detail/visibility.h"
#include "body/mask_sampling.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace body4d {

using namespace detail;

namespace {

// Errors of what is measured of a half-hidden body:
constexpr double kClearTurn = 0.1, kHalfHiddenTurn = 0.2; // radians, of joints of limbs in full view and of others
constexpr double kSizeSlack = 0.1;         // log distance beyond the rims' from which a half-hidden body is put wrong
constexpr double kTooNear = 0.02, kTooFar = 0.1; // of its distance, relative: half a body passes for a whole one farther away
constexpr double kFairError = 1.5;         // of the usual reprojection error: up to there a half-hidden body is measured well
constexpr double kDoubtGrowth = 2;         // beyond, errors grow with this power of it
constexpr double kAsideMetres = 0.02;      // of its place across the line of sight
constexpr double kAnchorMetres = 0.08;     // of single points of a body whose pose is not believed
constexpr double kMostOutside = 0.4;       // share of what shows that may lie outside the body that it bears out
constexpr double kGone = 0.35;             // share of the body inside the picture below which it has left it

EMat3 turnAt(const CameraPath& path, std::int64_t frame) {
    if (path.shotFromCam.empty()) {
        return EMat3::Identity();
    }
    const auto last = static_cast<std::int64_t>(path.shotFromCam.size()) - 1;
    return toEigen(path.shotFromCam[static_cast<std::size_t>(std::clamp<std::int64_t>(frame - path.firstFrame, 0, last))]);
}

TargetId occluderOf(const BodyPose& pose, const TargetTrack& track, std::size_t index, std::span<const TargetTrack* const> others,
                    VisibilityMeter& meter) {
    TargetId best = 0;
    double most = 0.25; // of the body that another one's mask covers
    const std::int64_t frame = track.frames[index].frame;
    for (const TargetTrack* other : others) {
        if (other == nullptr || other->id == track.id || frame < other->firstFrame ||
            frame >= other->firstFrame + static_cast<std::int64_t>(other->frames.size())) {
            continue;
        }
        const TargetFrame& there = other->frames[static_cast<std::size_t>(frame - other->firstFrame)];
        if (there.mask.empty()) {
            continue;
        }
        const double covered = meter.measure(pose, there.mask).seen;
        if (covered > most) {
            most = covered;
            best = other->id;
        }
    }
    return best;
}

} // namespace

std::string completionHint(std::span<const OccludedRange> ranges, std::size_t frames, std::int64_t filled) {
    if (ranges.empty()) {
        return "Nothing hides this person: the clip needs no completion.";
    }
    std::int64_t hidden = 0;
    for (const OccludedRange& r : ranges) {
        hidden += r.end - r.begin;
    }
    std::string text = "Hidden in " + std::to_string(hidden) + " of " + std::to_string(frames) + " frames (" +
                       std::to_string(ranges.size()) + (ranges.size() == 1 ? " stretch)" : " stretches)");
    return text + (filled == hidden ? ", all of them filled in." : ", " + std::to_string(filled) + " of them filled in.");
}

void fillPoses(std::span<const std::uint8_t> measured, std::span<BodyPose> poses, double fps) {
    BODY4D_EXPECT(measured.size() == poses.size() && fps > 0);
    MotionSequence motion;
    motion.fps = fps;
    for (const BodyPose& pose : poses) {
        motion.jointCount = std::max(motion.jointCount, pose.rotations.size());
    }
    for (const BodyPose& pose : poses) {
        std::vector<EMat3> rotations(motion.jointCount, EMat3::Identity());
        for (std::size_t j = 0; j < pose.rotations.size(); ++j) {
            rotations[j] = toEigen(pose.rotations[j]);
        }
        motion.rotations.push_back(std::move(rotations));
        motion.path.push_back(toEigen(pose.translation));
    }
    motion.known.assign(motion.jointCount + 1, {measured.begin(), measured.end()});
    fillMotion(motion);
    for (std::size_t i = 0; i < poses.size(); ++i) {
        if (measured[i] == 0) {
            poses[i].translation = fromEigen(motion.path[i]);
            poses[i].rotations.resize(motion.jointCount);
            for (std::size_t j = 0; j < motion.jointCount; ++j) {
                poses[i].rotations[j] = fromEigen(motion.rotations[i][j]);
            }
        }
    }
}

namespace {

/// One run of completeTrack over one track.
class Completer {
public:
    Completer(const BodyTrack& body, const TargetTrack& track, std::span<const TargetTrack* const> others, const BodyModel& model,
              const CompletionOptions& options, const std::stop_token& stop)
        : track_(track), others_(others), model_(model), options_(options), stop_(stop) {
        result_.body = body;
    }

    CompletionResult run(const std::function<ImagePtr(std::int64_t)>& frames, const ProgressFn& progress) {
        evidence_ = gatherEvidence(result_.body, track_, model_, options_.visibleShare, frames, stop_);
        report(progress, 1);
        runs_ = splitAtCuts(hiddenRuns(evidence_, result_.body.fps));
        limbs_ = limbsInView(evidence_, runs_);
        if (options_.refit && !runs_.empty()) {
            fitAgain();
        }
        report(progress, 2);
        fill();
        label();
        report(progress, 3);
        result_.amodal = drawHiddenMasks({result_.body, track_, model_, evidence_, limbs_, runs_, deviations_,
                                          [this](std::size_t i) { return compensation(i); },
                                          [this](const HiddenRun& run) { return tooLong(run); }},
                                         stop_);
        report(progress, 4);
        const auto& all = result_.body.frames;
        result_.hint = completionHint(result_.ranges, all.size(), std::count_if(all.begin(), all.end(), [](const BodyFrame& f) {
                                          return f.state == FrameState::Completed;
                                      }));
        return std::move(result_);
    }

private:
    void report(const ProgressFn& progress, std::int64_t done) const {
        if (stop_.stop_requested()) {
            throw Cancelled();
        }
        if (progress) {
            Progress p;
            p.stage = "complete";
            p.phase = "filling in what is hidden";
            p.done = done;
            p.total = 4;
            progress(p);
        }
    }

    /// Fits without what is hidden. What half a body says of itself must not bend the frames in full view beside it (their
    /// speed is what the rest is bridged by), so that it gets a fit of its own.
    void fitAgain() {
        const std::size_t count = result_.body.frames.size();
        BodyTrack again = options_.refit(withoutHidden(track_, evidence_, std::vector<LimbFlags>(count)));
        BODY4D_EXPECT(again.frames.size() == count);
        const auto partly = [&](std::size_t i) {
            return evidence_[i].hidden && std::any_of(limbs_[i].begin(), limbs_[i].end(), [](bool seen) { return seen; });
        };
        bool any = false;
        for (std::size_t i = 0; i < count; ++i) {
            any |= partly(i);
        }
        if (any) {
            const BodyTrack half = options_.refit(withoutHidden(track_, evidence_, limbs_));
            BODY4D_EXPECT(half.frames.size() == count);
            std::optional<FitBody> body; // one shape for all
            if (again.ownModel == nullptr) {
                body = asAnny(model_).fitBody(again.shape);
            }
            for (std::size_t i = 0; i < count; ++i) {
                if (partly(i)) {
                    again.frames[i] = half.frames[i];
                    if (body && !again.frames[i].pose.rotations.empty()) {
                        setKeypoints(again.frames[i], *body);
                    }
                }
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            again.frames[i].rawPose = result_.body.frames[i].rawPose;
        }
        again.accelerationRaw = result_.body.accelerationRaw;
        result_.body = std::move(again);
    }

    /// Whether two frames of the track, earlier first, are of one shot.
    bool sameShot(std::size_t earlier, std::size_t later) const {
        const auto& frames = result_.body.frames;
        const auto cut = std::upper_bound(options_.cuts.begin(), options_.cuts.end(), frames[earlier].frame);
        return cut == options_.cuts.end() || *cut > frames[later].frame;
    }
    std::vector<HiddenRun> splitAtCuts(const std::vector<HiddenRun>& runs) const {
        std::vector<HiddenRun> parts;
        for (const HiddenRun& run : runs) {
            parts.push_back({run.begin, run.begin});
            for (std::size_t i = run.begin; i < run.end; ++i) {
                if (i > run.begin && !sameShot(i - 1, i)) {
                    parts.push_back({i, i});
                }
                parts.back().end = i + 1;
            }
        }
        return parts;
    }
    /// Whether the same shot shows the person before and after.
    bool bounded(const HiddenRun& run) const {
        return run.begin > 0 && run.end < evidence_.size() && sameShot(run.begin - 1, run.end);
    }
    /// Whether nothing says for too long where the body is.
    bool tooLong(const HiddenRun& run) const {
        std::size_t longest = 0, without = 0;
        for (std::size_t i = run.begin; i < run.end; ++i) {
            without = evidence_[i].measured && isRooted(limbs_[i]) ? 0 : without + 1;
            longest = std::max(longest, without);
        }
        return static_cast<double>(longest) > options_.maxGapSeconds * std::max(result_.body.fps, 1.0);
    }

    /// Turns of the camera that are taken out while poses are filled in.
    EMat3 compensation(std::size_t frame) const {
        return turnAt(options_.camera, result_.body.frames[frame].frame);
    }

    /// Reprojection error that this person usually has where they are in view, percent; 0: unknown.
    double usualError() const {
        std::vector<double> errors;
        for (std::size_t i = 0; i < evidence_.size(); ++i) {
            const BodyFrame& frame = result_.body.frames[i];
            if (!evidence_[i].hidden && frame.reprojectionPercent >= 0) {
                errors.push_back(frame.reprojectionPercent);
            }
        }
        return errors.empty() ? 0 : upperMedian(errors);
    }
    /// How many times as far off as usual a half-hidden body's measurement may be. Points guessed behind something fit no
    /// body of this person's proportions, or one of another size.
    double doubtAt(std::size_t i, double usual) const {
        const double times = usual > 0 ? result_.body.frames[i].reprojectionPercent / (kFairError * usual) : 1;
        return std::pow(std::max(1.0, times), kDoubtGrowth);
    }

    /// A half-hidden body's place between what is measured and what the prior expects, as far as either is to be believed:
    /// the picture tells well where half a body is, but badly how far away.
    /// @param doubt see doubtAt
    static EVec3 weighed(const EVec3& measured, const EVec3& expected, const EVec3& spread, double doubt) {
        const auto shareOf = [](double sigma, double off) { return sigma * sigma / (sigma * sigma + off * off); }; // of the prior
        const double aside = shareOf(doubt * kAsideMetres / std::max(measured.norm(), 1e-3), std::max(spread.x(), spread.y()));
        const double far = shareOf(doubt * (measured.norm() < expected.norm() ? kTooNear : kTooFar), spread.z());
        const EVec3 direction = ((1 - aside) * measured.normalized() + aside * expected.normalized()).normalized();
        return std::exp((1 - far) * std::log(measured.norm()) + far * std::log(expected.norm())) * direction;
    }

    /// Fills what is hidden. What is measured of a half-hidden body and what the prior expects there count as far as each
    /// is to be believed; joints that are not measured at all are bridged afterwards, so that they do not follow the speed
    /// of errors.
    void fillBetween(MotionSequence& motion, const std::vector<Limb>& limbOfJoint) const {
        const bool partly = std::any_of(runs_.begin(), runs_.end(), [&](const HiddenRun& run) {
            return std::any_of(motion.known.begin(), motion.known.end(), [&](const std::vector<std::uint8_t>& known) {
                return std::find(known.begin() + static_cast<std::ptrdiff_t>(run.begin), known.begin() + static_cast<std::ptrdiff_t>(run.end),
                                 std::uint8_t{1}) != known.begin() + static_cast<std::ptrdiff_t>(run.end);
            });
        });
        if (!partly) {
            fillMotion(motion);
            return;
        }
        MotionSequence prior = motion;
        for (const HiddenRun& run : runs_) {
            for (auto& known : prior.known) {
                std::fill(known.begin() + static_cast<std::ptrdiff_t>(run.begin), known.begin() + static_cast<std::ptrdiff_t>(run.end), std::uint8_t{0});
            }
        }
        fillMotion(prior);
        const double usual = usualError();
        for (const HiddenRun& run : runs_) {
            for (std::size_t i = run.begin; bounded(run) && i < run.end; ++i) {
                const double doubt = doubtAt(i, usual);
                for (std::size_t j = 0; j < motion.jointCount; ++j) {
                    if (motion.known[j][i] != 0) {
                        // A limb in full view is hardly bent by what hides the others; the root hangs on all of them.
                        const bool clear = j != 0 && evidence_[i].measured && evidence_[i].limbSeen[static_cast<std::size_t>(limbOfJoint[j])] > 0.9;
                        const double sigma = doubt * (clear ? kClearTurn : kHalfHiddenTurn), off = prior.rotationSpread[j][i];
                        const double share = off * off / (sigma * sigma + off * off); // of the measurement
                        EMat3& r = motion.rotations[i][j];
                        const EMat3& p = prior.rotations[i][j];
                        r = p * expRotation(share * logRotation(EMat3(p.transpose() * r)));
                    }
                }
                if (motion.known[motion.jointCount][i] != 0) {
                    motion.path[i] = weighed(motion.path[i], prior.path[i], prior.pathSpread[i], doubt);
                }
            }
        }
        fillMotion(motion);
    }

    /// Half a body is easily taken for a whole one farther away; nobody shrinks or grows because something is in front.
    void distrustSizes() {
        const std::vector<BodyFrame>& frames = result_.body.frames;
        for (const HiddenRun& run : runs_) {
            if (!bounded(run)) {
                continue;
            }
            const auto logDistance = [&](std::size_t i) { return std::log(std::max(1e-3, norm(frames[i].pose.translation))); };
            const double a = logDistance(run.begin - 1), b = logDistance(run.end);
            for (std::size_t i = run.begin; i < run.end; ++i) {
                const double d = logDistance(i);
                if (d < std::min(a, b) - kSizeSlack || d > std::max(a, b) + kSizeSlack) {
                    limbs_[i].fill(false);
                }
            }
        }
    }

    /// New poses for what is hidden.
    void fill() {
        std::vector<BodyFrame>& frames = result_.body.frames;
        MotionSequence motion;
        motion.jointCount = model_.joints().size();
        motion.fps = std::max(result_.body.fps, 1.0);
        const std::vector<Limb> limbOfJoint = limbsOfJoints(model_.joints());
        motion.known.assign(motion.jointCount + 1, std::vector<std::uint8_t>(frames.size(), 1));
        for (std::size_t i = 0; i < frames.size(); ++i) {
            std::vector<EMat3> rotations(motion.jointCount, EMat3::Identity());
            for (std::size_t j = 0; j < frames[i].pose.rotations.size(); ++j) {
                rotations[j] = toEigen(frames[i].pose.rotations[j]);
            }
            const EMat3 turn = compensation(i);
            rotations[0] = turn * rotations[0];
            motion.rotations.push_back(std::move(rotations));
            motion.path.push_back(turn * toEigen(frames[i].pose.translation));
            if (options_.camera.moves) {
                motion.turns.push_back(turn);
            }
        }
        distrustSizes();
        const std::size_t margin = options_.refit ? 0 : static_cast<std::size_t>(std::max(0, options_.marginFrames));
        for (HiddenRun& run : runs_) {
            if (bounded(run)) {
                const std::size_t from = run.begin, to = run.end;
                run.begin -= std::min(margin, run.begin);
                run.end = std::min(frames.size(), run.end + margin);
                for (std::size_t i = run.begin; i < run.end; ++i) {
                    if (i < from || i >= to) {
                        limbs_[i] = limbs_[i < from ? from : to - 1];
                    }
                }
            }
            for (std::size_t i = run.begin; i < run.end; ++i) {
                const LimbFlags& seen = limbs_[i];
                const bool rooted = isRooted(seen);
                for (std::size_t j = 0; j < motion.jointCount; ++j) {
                    const bool known = j == 0 ? rooted : seen[static_cast<std::size_t>(limbOfJoint[j])];
                    motion.known[j][i] = known ? 1 : 0;
                }
                motion.known[motion.jointCount][i] = rooted ? 1 : 0;
            }
        }
        if (!options_.fill || runs_.empty()) {
            return;
        }
        fillBetween(motion, limbOfJoint);
        deviations_ = std::move(motion.deviations);
        // A measured body's key points come with its mesh, which whoever made it makes anew.
        std::optional<FitBody> body;
        if (result_.body.ownModel == nullptr) {
            body = asAnny(model_).fitBody(result_.body.shape);
        }
        for (const HiddenRun& run : runs_) {
            if (tooLong(run)) {
                continue;
            }
            for (std::size_t i = run.begin; i < run.end; ++i) {
                const EMat3 back = compensation(i).transpose();
                BodyPose& pose = frames[i].pose;
                pose.rotations.resize(motion.jointCount);
                for (std::size_t j = 0; j < motion.jointCount; ++j) {
                    pose.rotations[j] = fromEigen(j == 0 ? EMat3(back * motion.rotations[i][j]) : motion.rotations[i][j]);
                }
                pose.translation = fromEigen(EVec3(back * motion.path[i]));
                pose.surface = nullptr;
                if (body) {
                    setKeypoints(frames[i], *body);
                }
                for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
                    if (!limbs_[i][static_cast<std::size_t>(limbOfLandmark(static_cast<std::size_t>(kBodyKeypoints[k].poseLandmark)))]) {
                        frames[i].confidence[k] = 0;
                    }
                }
            }
            if (body) {
                anchor(run, *body, motion.pathSpread);
            }
        }
    }

    /// Points of the person that are seen though the pose as a whole is not believed put the body where they are.
    /// @param spread of the places that were filled in, as in MotionSequence: points of a half-covered body are off, too,
    /// and count the less the better the place is known without them
    void anchor(const HiddenRun& run, const FitBody& body, std::span<const EVec3> spread) {
        constexpr double kSigmaFrames = 2;
        std::vector<BodyFrame>& frames = result_.body.frames;
        struct Offset {
            std::size_t frame;
            Vec2 px;
            double weight;
        };
        std::vector<Offset> offsets;
        for (std::size_t i = run.begin; i < run.end; ++i) {
            if (!evidence_[i].measured || isRooted(limbs_[i])) {
                continue;
            }
            const TargetFrame& seen = track_.frames[i];
            const PixelTest inMask(seen.mask);
            std::vector<double> dx, dy;
            for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
                const PoseLandmark& p = seen.pose.points[static_cast<std::size_t>(kBodyKeypoints[k].poseLandmark)];
                const auto limb = static_cast<std::size_t>(limbOfLandmark(static_cast<std::size_t>(kBodyKeypoints[k].poseLandmark)));
                const bool solid = limb == static_cast<std::size_t>(Limb::Head) || limb == static_cast<std::size_t>(Limb::Torso);
                if (solid && evidence_[i].limbSeen[limb] > 0.7 && p.visibility * p.presence > 0.6F && inMask(p.px)) {
                    const Vec2 drawn = project(result_.body.cameraAt(frames[i].frame), frames[i].keypoints[k]);
                    dx.push_back(p.px.x - drawn.x);
                    dy.push_back(p.px.y - drawn.y);
                }
            }
            if (dx.size() < 5) {
                continue;
            }
            offsets.push_back({i, {upperMedian(dx), upperMedian(dy)}, 1.0});
        }
        if (offsets.size() < 3) {
            return;
        }
        for (std::size_t i = run.begin; i < run.end; ++i) {
            // The measured rims hold the shift at zero, so that nothing jumps there.
            Vec2 sum;
            const auto rim = [&](std::size_t f) {
                const double t = (static_cast<double>(i) - static_cast<double>(f)) / kSigmaFrames;
                return std::exp(-0.5 * t * t);
            };
            double total = 0.5 * (rim(run.begin > 0 ? run.begin - 1 : 0) + rim(run.end)) + 1e-3;
            for (const Offset& o : offsets) {
                const double w = o.weight * rim(o.frame);
                sum = sum + w * o.px;
                total += w;
            }
            const double off = std::max(spread[i].x(), spread[i].y()) * norm(frames[i].pose.translation);
            const double metresPerPx = off * off / (kAnchorMetres * kAnchorMetres + off * off) * frames[i].pose.translation.z /
                                       result_.body.cameraAt(frames[i].frame).focalPx;
            const Vec3 shift{metresPerPx * sum.x / total, metresPerPx * sum.y / total, 0};
            frames[i].pose.translation = frames[i].pose.translation + shift;
            setKeypoints(frames[i], body);
        }
    }

    static void setKeypoints(BodyFrame& frame, const FitBody& body) {
        const auto keypoints = keypointsOf(toPoseState(frame.pose), body);
        for (std::size_t k = 0; k < keypoints.size(); ++k) {
            frame.keypoints[k] = fromEigen(keypoints[k]);
        }
    }

    /// Whether somebody who is not measured in a frame must still be there: seen a moment before or after, and from there
    /// too slow to have crossed the picture's border meanwhile.
    bool stillInPicture(std::size_t index) const {
        constexpr double kPaceSeconds = 0.4; // over which the motion was measured
        const std::size_t count = evidence_.size();
        const double fps = std::max(result_.body.fps, 1.0);
        const auto longest = static_cast<std::size_t>(options_.maxGapSeconds * fps);
        const auto pace = static_cast<std::size_t>(std::max(1.0, std::round(kPaceSeconds * fps)));
        const auto staysFrom = [&](int towards) { // where it was seen: earlier (-1) or later (1)
            const auto at = [&](std::size_t steps) { return static_cast<std::ptrdiff_t>(index) + towards * static_cast<std::ptrdiff_t>(steps); };
            const auto measured = [&](std::size_t steps) {
                const std::ptrdiff_t i = at(steps);
                if (i < 0 || i >= static_cast<std::ptrdiff_t>(count)) {
                    return false;
                }
                const auto frame = static_cast<std::size_t>(i);
                return evidence_[frame].measured && sameShot(std::min(frame, index), std::max(frame, index));
            };
            std::size_t near = 1;
            while (near <= longest && !measured(near)) {
                ++near;
            }
            if (near > longest) {
                return false;
            }
            std::size_t far = near;
            for (std::size_t k = near + 1; k <= near + pace; ++k) {
                far = measured(k) ? k : far;
            }
            const auto roi = [&](std::size_t steps) -> const Roi& { return track_.frames[static_cast<std::size_t>(at(steps))].pose.roi; };
            const Roi &last = roi(near), &before = roi(far);
            const double steps = far > near ? static_cast<double>(near) / static_cast<double>(far - near) : 0;
            const double dx = steps * (last.centreX - before.centreX), dy = steps * (last.centreY - before.centreY);
            const RleMask& mask = track_.frames[static_cast<std::size_t>(at(near))].mask;
            const Box box = boundingBox(mask); // who is cut off by the border may have left across it
            return box.width() > 0 && std::min(box.x0, box.x0 + dx) > 1 && std::min(box.y0, box.y0 + dy) > 1 &&
                   std::max(box.x1, box.x1 + dx) < mask.width - 1 && std::max(box.y1, box.y1 + dy) < mask.height - 1;
        };
        return staysFrom(-1) || staysFrom(1);
    }

    /// Of a stretch with the person in view on one side only: frames up to the last one on which the pose carried there is
    /// borne out by the little that shows.
    std::vector<bool> borneOut(const HiddenRun& run, VisibilityMeter& meter) const {
        std::vector<bool> out(run.size());
        const bool fromBefore = run.begin > 0 && sameShot(run.begin - 1, run.begin);
        const bool fromBehind = run.end < evidence_.size() && sameShot(run.end - 1, run.end);
        if (fromBefore == fromBehind || tooLong(run)) {
            return out;
        }
        const auto agrees = [&](std::size_t i) {
            const BodyFrame& frame = result_.body.frames[i];
            if (!evidence_[i].measured || evidence_[i].stranger || frame.pose.rotations.empty()) {
                return false;
            }
            meter.lookThrough(result_.body.cameraAt(frame.frame));
            const Visibility visibility = meter.measure(frame.pose, track_.frames[i].mask);
            return visibility.maskPx > 0 && visibility.outside < kMostOutside;
        };
        std::size_t begin = run.begin, end = run.end;
        if (fromBefore) {
            while (end > begin && !agrees(end - 1)) {
                --end;
            }
        } else {
            while (begin < end && !agrees(begin)) {
                ++begin;
            }
        }
        std::fill(out.begin() + static_cast<std::ptrdiff_t>(begin - run.begin), out.begin() + static_cast<std::ptrdiff_t>(end - run.begin), true);
        return out;
    }

    /// States of hidden frames and the list of stretches.
    void label() {
        std::vector<BodyFrame>& frames = result_.body.frames;
        result_.hiddenShare.assign(frames.size(), 0);
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const FrameEvidence& e = evidence_[i];
            if (!e.hidden) {
                frames[i].state = FrameState::Visible;
            } else {
                result_.hiddenShare[i] = e.measured && !e.stranger ? static_cast<float>(std::clamp(1 - e.seen, 0.0, 1.0)) : 1.F;
            }
        }
        VisibilityMeter meter(model_, result_.body.shape, result_.body.camera);
        const RleMask nothing;
        for (const HiddenRun& run : runs_) {
            const bool lasting = bounded(run) && !tooLong(run);
            const std::vector<bool> agreeing = borneOut(run, meter);
            OccludedRange range;
            range.begin = frames[run.end - 1].frame + 1;
            range.end = frames[run.begin].frame;
            for (std::size_t i = run.begin; i < run.end; ++i) {
                BodyFrame& frame = frames[i];
                const FrameEvidence& e = evidence_[i];
                meter.lookThrough(result_.body.cameraAt(frame.frame));
                const bool anySeen = std::any_of(limbs_[i].begin(), limbs_[i].end(), [](bool s) { return s; });
                const bool allSeen = std::all_of(limbs_[i].begin(), limbs_[i].end(), [](bool s) { return s; });
                // Half a body that is seen is shown, whatever becomes of it: trunk and legs say where all of it is.
                const bool agrees = agreeing[i - run.begin];
                const bool known = lasting || agrees || (e.measured && isRooted(limbs_[i]));
                if (!anySeen && !frame.pose.rotations.empty() && meter.measure(frame.pose, nothing).inPicture < kGone) {
                    frame.state = FrameState::Absent; // left the picture
                } else if (!lasting && !agrees && !anySeen) {
                    frame.state = e.measured || stillInPicture(i) ? FrameState::Occluded : FrameState::Absent;
                } else {
                    frame.state = options_.fill && known ? FrameState::Completed : FrameState::Occluded;
                }
                if (frame.state == FrameState::Occluded && !anySeen) {
                    frame.confidence.fill(0); // nobody knows
                }
                if (frame.state == FrameState::Absent) {
                    continue;
                }
                range.begin = std::min(range.begin, frame.frame);
                range.end = std::max(range.end, frame.frame + 1);
                range.filled |= frame.state == FrameState::Completed;
                range.hiddenShare = std::max(range.hiddenShare, e.measured ? std::clamp(1 - e.seen, 0.0, 1.0) : 1.0);
                if (!allSeen) {
                    frame.reprojectionPercent = -1;
                    frame.silhouetteIou = -1;
                }
            }
            if (range.begin < range.end) {
                const std::size_t middle = (run.begin + run.end) / 2;
                if (!frames[middle].pose.rotations.empty()) {
                    meter.lookThrough(result_.body.cameraAt(frames[middle].frame));
                    range.occluder = occluderOf(frames[middle].pose, track_, middle, others_, meter);
                }
                result_.ranges.push_back(range);
            }
        }
    }

    const TargetTrack& track_;
    std::span<const TargetTrack* const> others_;
    const BodyModel& model_;
    const CompletionOptions& options_;
    const std::stop_token& stop_;
    CompletionResult result_;
    std::vector<FrameEvidence> evidence_;
    std::vector<LimbFlags> limbs_;
    std::vector<HiddenRun> runs_;
    std::vector<MotionDeviation> deviations_; ///< what the poses filled in may be off by
};

} // namespace

CompletionResult completeTrack(const BodyTrack& body, const TargetTrack& track, std::span<const TargetTrack* const> others,
                               const BodyModel& model, const CompletionOptions& options,
                               const std::function<ImagePtr(std::int64_t)>& frames, const std::stop_token& stop,
                               const ProgressFn& progress) {
    BODY4D_EXPECT(body.frames.size() == track.frames.size());
    const bool fitted = std::any_of(body.frames.begin(), body.frames.end(), [](const BodyFrame& f) { return !f.pose.rotations.empty(); });
    if (!fitted) {
        CompletionResult nothing;
        nothing.body = body;
        nothing.hint = "This person was never seen well enough to fill anything in.";
        return nothing;
    }
    return Completer(body, track, others, model, options, stop).run(frames, progress);
}

} // namespace body4d
