#include "body/detail/hidden_masks.h"

#include "base/error.h"
#include "base/parallel.h"
#include "body/detail/amodal.h"
#include "body/detail/convert.h"
#include "body/detail/pose_objective.h"
#include "body/mask_sampling.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace body4d::detail {

namespace {

constexpr double kSourceSeconds[] = {0, 0.15, 0.35, 0.65}; // from a stretch's rims, of frames whose outlines are carried into it

class HiddenMasks {
public:
    HiddenMasks(const HiddenMasksInput& input, const std::stop_token& stop) : in_(input), stop_(stop) {}

    std::vector<std::pair<std::int64_t, RleMask>> run() {
        std::vector<std::size_t> examples;
        for (std::size_t i = 0; i < in_.body.frames.size(); ++i) {
            if (tells(i)) {
                examples.push_back(i);
            }
        }
        std::optional<ClothedSilhouette> clothed;
        for (const HiddenRun& run : in_.runs) {
            std::vector<std::size_t> wanted;
            for (std::size_t i = run.begin; i < run.end; ++i) {
                const FrameState state = in_.body.frames[i].state;
                if (state == FrameState::Completed || (state == FrameState::Occluded && in_.evidence[i].measured)) {
                    wanted.push_back(i);
                }
            }
            if (wanted.empty()) {
                continue;
            }
            if (!clothed) {
                clothed.emplace(in_.model, in_.body, in_.track, examples);
            }
            drawStretch(run, wanted, *clothed);
        }
        return std::move(drawn_);
    }

private:
    /// Whether a frame shows the person as they are, for masks to be learned from.
    bool tells(std::size_t i) const {
        return in_.body.frames[i].state == FrameState::Visible && in_.evidence[i].measured && area(in_.track.frames[i].mask) > 0;
    }

    /// Masks of the wanted frames of a stretch, with the outline that the person has before and after it.
    void drawStretch(const HiddenRun& run, const std::vector<std::size_t>& wanted, const ClothedSilhouette& clothed) {
        const double fps = std::max(in_.body.fps, 1.0);
        std::vector<CarriedOutline::Source> sources;
        std::vector<double> seconds;
        const auto learnFrom = [&](std::size_t i) {
            const BodyFrame& frame = in_.body.frames[i];
            if (!tells(i)) {
                return;
            }
            CarriedOutline::Source source = clothed.learn(frame.pose, in_.body.cameraAt(frame.frame), in_.track.frames[i].mask);
            if (!source.places.empty()) {
                sources.push_back(std::move(source));
                seconds.push_back(static_cast<double>(i) / fps);
            }
        };
        std::size_t before = 0;
        for (const double away : kSourceSeconds) {
            const std::size_t steps = std::max(before + 1, static_cast<std::size_t>(std::lround(away * fps)) + 1);
            before = steps;
            if (run.begin >= steps) {
                learnFrom(run.begin - steps);
            }
            if (run.end + steps <= in_.body.frames.size()) {
                learnFrom(run.end + steps - 1);
            }
        }
        std::vector<RleMask> masks(wanted.size());
        parallelFor(wanted.size(), [&](std::size_t begin, std::size_t end) {
            for (std::size_t n = begin; n < end; ++n) {
                if (stop_.stop_requested()) {
                    throw Cancelled();
                }
                const std::size_t i = wanted[n];
                const std::vector<double> shares = carriedShares(seconds, static_cast<double>(i) / fps);
                std::vector<CarriedOutline::Weighted> weighted;
                for (std::size_t k = 0; k < sources.size(); ++k) {
                    weighted.push_back({&sources[k], shares[k]});
                }
                // Where no limb is believed, the mask is one of the person only as far as the body is about there.
                const bool anySeen = std::any_of(in_.limbs[i].begin(), in_.limbs[i].end(), [](bool s) { return s; });
                const BodyFrame& frame = in_.body.frames[i];
                masks[n] = clothed.draw(frame.pose, in_.tooLong(run) ? std::vector<BodyPose>{} : mayBe(i), in_.body.cameraAt(frame.frame), in_.track.frames[i].mask,
                                        anySeen ? 0 : 0.6, weighted);
            }
        });
        for (std::size_t n = 0; n < wanted.size(); ++n) {
            drawn_.emplace_back(in_.body.frames[wanted[n]].frame, std::move(masks[n]));
        }
    }

    /// Poses that are as probable as the one that was filled in. Empty where nothing is known of its errors.
    std::vector<BodyPose> mayBe(std::size_t i) const {
        std::vector<BodyPose> out;
        const BodyPose& pose = in_.body.frames[i].pose;
        for (const MotionDeviation& off : in_.deviations) {
            const bool noPath = off.path[i].isZero();
            if (noPath && off.turns[i].empty()) {
                continue;
            }
            const EMat3 turn = in_.compensation(i);
            for (const double share : {1.0, -1.0}) {
                BodyPose other = pose;
                other.surface = nullptr;
                if (!noPath) {
                    other.translation = fromEigen(EVec3(turn.transpose() * deviated(turn * toEigen(pose.translation), off.path[i], share)));
                }
                for (std::size_t j = 0; j < off.turns[i].size(); ++j) {
                    if (!off.turns[i][j].isZero()) {
                        other.rotations[j] = fromEigen(EMat3(toEigen(pose.rotations[j]) * expRotation(share * off.turns[i][j].cast<double>())));
                    }
                }
                out.push_back(std::move(other));
            }
        }
        return out;
    }

    const HiddenMasksInput& in_;
    const std::stop_token& stop_;
    std::vector<std::pair<std::int64_t, RleMask>> drawn_;
};

} // namespace

std::vector<std::pair<std::int64_t, RleMask>> drawHiddenMasks(const HiddenMasksInput& input, const std::stop_token& stop) {
    return HiddenMasks(input, stop).run();
}

} // namespace body4d::detail
