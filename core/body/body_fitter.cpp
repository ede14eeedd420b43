#include "body/body_fitter.h"

#include "base/error.h"
#include "base/parallel.h"
#include "body/body_metrics.h"
#include "body/detail/contour_ties.h"
#include "body/detail/convert.h"
#include "body/detail/hand_fit.h"
#include "body/detail/pose_solver.h"
#include "body/detail/shape_search.h"
#include "body/detail/silhouette_match.h"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace body4d {

using namespace detail;

namespace {

/// Longer gaps part a track into chains that are solved one by one; inside them the pose is interpolated.
constexpr std::size_t kLongGap = 64;
constexpr double kPictureRate = 30;   // frames/s where there is but one picture
constexpr double kDepthSigma = 3; // frames, of the analytic start's log depth
constexpr int kTieRounds = 2,
              kTieIterations = 3;     // of the silhouette term, after the landmarks alone have converged
constexpr int kRawIterations = 2;     // of the pose without its neighbours, from the smoothed one
constexpr double kReportPixels = 160; // size of the person in the silhouette figure

/// Frames [begin, end) of one shot that are solved together; both ends are measured.
struct Chain {
    std::size_t begin = 0, end = 0;
};

std::vector<Chain> splitIntoChains(std::span<const FrameInput> input) {
    std::vector<Chain> chains;
    bool cut = false;
    for (std::size_t n = 0; n < input.size(); ++n) {
        cut = cut || input[n].startsShot;
        if (!input[n].measured) {
            continue;
        }
        if (chains.empty() || cut || n - chains.back().end >= kLongGap) {
            chains.push_back({n, n + 1});
        }
        chains.back().end = n + 1;
        cut = false;
    }
    return chains;
}

PoseState interpolated(const PoseState& a, const PoseState& b, double t) {
    PoseState out;
    for (std::size_t j = 0; j < kFitJoints; ++j) {
        out.rotations[j] =
            a.rotations[j] * expRotation(t * logRotation(a.rotations[j].transpose() * b.rotations[j]));
    }
    out.translation = (1 - t) * a.translation + t * b.translation;
    return out;
}

/// Poses before, between and after the chains.
void fillGaps(const std::vector<Chain>& chains, std::vector<PoseState>& states) {
    for (std::size_t n = 0; n < chains.front().begin; ++n) {
        states[n] = states[chains.front().begin];
    }
    for (std::size_t n = chains.back().end; n < states.size(); ++n) {
        states[n] = states[chains.back().end - 1];
    }
    for (std::size_t c = 0; c + 1 < chains.size(); ++c) {
        const std::size_t a = chains[c].end - 1, b = chains[c + 1].begin;
        for (std::size_t n = a + 1; n < b; ++n) {
            states[n] =
                interpolated(states[a], states[b], static_cast<double>(n - a) / static_cast<double>(b - a));
        }
    }
}

} // namespace

struct BodyFitter::Impl {
    Impl(std::shared_ptr<const BodyModel> body, BodyFitOptions fitOptions)
        : model(std::move(body)), anny(asAnny(*model)), options(std::move(fitOptions)), rest(anny) {}

    [[nodiscard]] Intrinsics camera(int width, int height) const {
        Intrinsics intrinsics = intrinsicsFromFov(width, height, options.fovLongSideRadians);
        if (options.focalPx > 0) {
            intrinsics.focalPx = options.focalPx;
        }
        return intrinsics;
    }

    [[nodiscard]] std::vector<std::vector<ContourTie>>
    tieToMasks(const TargetTrack& track, std::span<const FrameInput> input, const RestBody& restBody,
               const Intrinsics& camera, const std::vector<PoseState>& states,
               const std::stop_token& stop) const;
    [[nodiscard]] std::vector<BodyPose> posesOf(const std::vector<PoseState>& states) const;
    void fillFrames(const TargetTrack& track, std::span<const FrameInput> input, const FitBody& body,
                    const RestBody& restBody, std::vector<BodyPose> poses, std::vector<BodyPose> rawPoses,
                    const std::stop_token& stop, BodyTrack& out) const;

    std::shared_ptr<const BodyModel> model;
    const AnnyModel& anny;
    BodyFitOptions options;
    RestFrame rest;
};

BodyFitter::BodyFitter(std::shared_ptr<const BodyModel> anny, BodyFitOptions options)
    : impl_(std::make_unique<Impl>(std::move(anny), std::move(options))) {}
BodyFitter::~BodyFitter() = default;

BodyFrame BodyFitter::preview(const TargetFrame& frame, const Intrinsics& camera,
                              const BodyShape& shape) const {
    TargetTrack single;
    single.frames.push_back(frame);
    single.frames.front().mask = {};
    const auto input = prepareInput(single, camera.width, camera.height, 30);
    BodyFrame out;
    out.frame = frame.frame;
    out.state = frame.state;
    PoseState state;
    state.rotations.fill(EMat3::Identity());
    const FitBody body = impl_->anny.fitBody(shape);
    if (input.front().measured) {
        const double scale = worldScale(body, input);
        const double depth = depthFromSpread(input.front(), scale, camera.focalPx);
        state.rotations = analyticRotations(input.front().world, impl_->rest);
        state.translation = translationAt(input.front(), scale, camera, depth);
        out.boxSidePx = static_cast<float>(input.front().box);
    }
    out.pose = toBodyPose(state, *impl_->model);
    HandFit(*impl_->model, impl_->anny.shapedJoints(shape)).single(frame, out.pose);
    out.rawPose = out.pose;
    state = toPoseState(out.pose);
    const auto keypoints = keypointsOf(state, body);
    for (std::size_t k = 0; k < keypoints.size(); ++k) {
        out.keypoints[k] = fromEigen(keypoints[k]);
        out.confidence[k] = static_cast<float>(input.front().confidence[k]);
    }
    if (input.front().measured) {
        out.reprojectionPercent = static_cast<float>(reprojectionPercent(out, frame, camera));
    }
    return out;
}

std::vector<std::vector<ContourTie>>
BodyFitter::Impl::tieToMasks(const TargetTrack& track, std::span<const FrameInput> input,
                             const RestBody& restBody, const Intrinsics& camera,
                             const std::vector<PoseState>& states, const std::stop_token& stop) const {
    std::vector<std::vector<ContourTie>> ties(states.size());
    parallelFor(states.size(), [&](std::size_t begin, std::size_t end) {
        std::vector<Vec3f> vertices;
        for (std::size_t n = begin; n < end; ++n) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            const TargetFrame& frame = track.frames[n];
            if (input[n].measured && !frame.mask.empty()) {
                model->pose(restBody, toBodyPose(states[n], *model), vertices);
                ties[n] =
                    contourTies(anny, restBody, vertices, camera, frame.mask, frame.pose.roi.side, input[n]);
            }
        }
    });
    return ties;
}

std::vector<BodyPose> BodyFitter::Impl::posesOf(const std::vector<PoseState>& states) const {
    std::vector<BodyPose> poses;
    poses.reserve(states.size());
    for (const PoseState& state : states) {
        poses.push_back(toBodyPose(state, *model));
    }
    return poses;
}

void BodyFitter::Impl::fillFrames(const TargetTrack& track, std::span<const FrameInput> input,
                                  const FitBody& body, const RestBody& restBody, std::vector<BodyPose> poses,
                                  std::vector<BodyPose> rawPoses, const std::stop_token& stop,
                                  BodyTrack& out) const {
    parallelFor(track.frames.size(), [&](std::size_t begin, std::size_t end) {
        std::vector<Vec3f> vertices;
        for (std::size_t n = begin; n < end; ++n) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            const TargetFrame& measured = track.frames[n];
            BodyFrame& frame = out.frames[n];
            frame.frame = track.firstFrame + static_cast<std::int64_t>(n);
            frame.state = measured.state;
            frame.pose = std::move(poses[n]);
            frame.rawPose = input[n].measured ? std::move(rawPoses[n]) : frame.pose;
            frame.boxSidePx = static_cast<float>(input[n].box);
            const auto keypoints = keypointsOf(toPoseState(frame.pose), body);
            for (std::size_t k = 0; k < keypoints.size(); ++k) {
                frame.keypoints[k] = fromEigen(keypoints[k]);
                frame.confidence[k] = static_cast<float>(input[n].confidence[k]);
            }
            if (!input[n].measured) {
                continue;
            }
            frame.reprojectionPercent = static_cast<float>(reprojectionPercent(frame, measured, out.camera));
            if (!measured.mask.empty()) {
                model->pose(restBody, frame.pose, vertices);
                frame.silhouetteIou =
                    static_cast<float>(silhouetteIou(vertices, model->topology(), out.camera, measured.mask,
                                                     measured.pose.roi.side, kReportPixels));
            }
        }
    });
}

BodyTrack BodyFitter::fit(const TargetTrack& track, const PersonTraits& traits, int width, int height,
                          double fps, const std::stop_token& stop, const ProgressFn& progress) const {
    BODY4D_EXPECT(width > 0 && height > 0);
    if (!(fps > 0)) {
        fps = kPictureRate;
    }
    const auto report = [&](const char* phase, std::size_t done, std::size_t total) {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        if (progress) {
            progress({"reconstruct", phase, static_cast<long long>(done), static_cast<long long>(total)});
        }
    };
    const BodyFitOptions& options = impl_->options;
    BodyTrack out;
    out.id = track.id;
    out.engine = "BlazePose + Anny";
    out.bodyModel = impl_->model->name();
    out.camera = impl_->camera(width, height);
    out.fps = fps;
    out.firstFrame = track.firstFrame;
    out.frames.resize(track.frames.size());
    const std::size_t total = track.frames.size();
    report("finding the build", 0, total);

    const auto input = prepareInput(track, width, height, fps);
    const auto chains = splitIntoChains(input);
    ObjectiveSettings settings;
    settings.camera = out.camera;
    settings.frameRatio = 30 / fps;
    settings.smoothing = options.smoothing;
    out.shape = options.silhouette && !chains.empty()
                    ? searchBuild(impl_->anny, impl_->rest, track, input, traits, settings, stop)
                    : shapeFromTraits(impl_->anny, traits);
    const FitBody body = impl_->anny.fitBody(out.shape);
    const RestBody restBody = impl_->model->shaped(out.shape);
    settings.worldScale = worldScale(body, input);

    PoseState neutral;
    neutral.rotations.fill(EMat3::Identity());
    neutral.translation = EVec3(0, 0, 4);
    std::vector<PoseState> states(total, neutral), rawStates = states;
    if (!chains.empty()) {
        for (const Chain& chain : chains) {
            std::vector<double> logDepth;
            for (std::size_t n = chain.begin; n < chain.end; ++n) {
                logDepth.push_back(
                    std::log(depthFromSpread(input[n], settings.worldScale, out.camera.focalPx)));
            }
            logDepth = gaussianFiltered(logDepth, kDepthSigma, FilterEnd::Hold);
            for (std::size_t n = chain.begin; n < chain.end; ++n) {
                const double depth = std::exp(logDepth[n - chain.begin]);
                states[n].rotations = analyticRotations(input[n].world, impl_->rest);
                states[n].translation = translationAt(input[n], settings.worldScale, out.camera, depth);
            }
        }
        const PoseObjective objective(body, impl_->rest, settings);
        SolverOptions solver;
        solver.maxIterations = options.maxIterations;
        solver.windowFrames = static_cast<std::size_t>(std::max(options.windowFrames, 1));
        std::size_t done = 0;
        for (const Chain& chain : chains) {
            report("fitting", done, total);
            const auto piece = std::span(input).subspan(chain.begin, chain.end - chain.begin);
            solvePoses({objective, piece, {}}, solver, std::span(states).subspan(chain.begin, piece.size()),
                       stop);
            done = chain.end;
        }
        std::vector<std::vector<ContourTie>> ties;
        const auto refine = [&](std::vector<PoseState>& of) {
            for (const Chain& chain : chains) {
                const std::size_t count = chain.end - chain.begin;
                auto tied = std::span<const std::vector<ContourTie>>(ties);
                tied = tied.empty() ? tied : tied.subspan(chain.begin, count);
                solvePoses({objective, std::span(input).subspan(chain.begin, count), tied}, solver,
                           std::span(of).subspan(chain.begin, count), stop);
            }
        };
        solver.maxIterations = kTieIterations;
        for (int round = 0; options.silhouette && round < kTieRounds; ++round) {
            report("matching the outline", 0, total);
            ties = impl_->tieToMasks(track, input, restBody, out.camera, states, stop);
            refine(states);
        }
        rawStates = states;
        solver.temporal = false;
        solver.maxIterations = kRawIterations;
        refine(rawStates);
        fillGaps(chains, rawStates);
        fillGaps(chains, states);
    }
    report("measuring", total, total);
    const HandFit hands(*impl_->model, impl_->anny.shapedJoints(out.shape));
    auto poses = impl_->posesOf(states), rawPoses = impl_->posesOf(rawStates);
    hands.smooth(track.frames, input, fps, poses);
    for (std::size_t n = 0; n < total; ++n) {
        hands.single(track.frames[n], rawPoses[n]);
        HandFit::holdWrists(body, states[n], poses[n]);
        HandFit::holdWrists(body, rawStates[n], rawPoses[n]);
    }
    impl_->fillFrames(track, input, body, restBody, std::move(poses), std::move(rawPoses), stop, out);
    out.accelerationRaw = landmarkAcceleration(track, fps);
    out.acceleration = keypointAcceleration(out);
    report("", total, total);
    return out;
}

} // namespace body4d
