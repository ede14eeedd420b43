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
#include <cmath>
#include <functional>
#include <utility>

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
// Of tracks that are fitted in pieces: how far around a frame its inputs are gathered, and how many frames around a
// piece are solved with it.
constexpr double kContextSeconds = 5;
constexpr std::size_t kContextFrames = 128, kSolvedAround = 96;

/// Says how far the fit is, and ends it where that is wanted.
using Report = std::function<void(const char* phase, std::size_t done, std::size_t total)>;

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
    tieToMasks(std::span<const TargetFrame> frames, std::span<const FrameInput> input, const RestBody& restBody,
               const Intrinsics& camera, const std::vector<PoseState>& states,
               const std::stop_token& stop) const;
    [[nodiscard]] std::vector<BodyPose> posesOf(const std::vector<PoseState>& states) const;
    /// @param out as long as `frames`
    void fillFrames(std::span<const TargetFrame> frames, std::span<const FrameInput> input, const FitBody& body,
                    const RestBody& restBody, const Intrinsics& camera, std::span<BodyPose> poses,
                    std::span<BodyPose> rawPoses, const std::stop_token& stop, std::span<BodyFrame> out) const;
    [[nodiscard]] BodyTrack emptyTrack(TargetId id, std::int64_t firstFrame, int width, int height, double fps) const;
    /// What a track's build is: that of the search, or as the traits say. @param keys made only where they are needed
    [[nodiscard]] BodyShape buildOf(const std::function<SearchFrames()>& keys, bool anyMeasured,
                                    const PersonTraits& traits, ObjectiveSettings settings,
                                    const std::stop_token& stop) const;
    [[nodiscard]] ObjectiveSettings settingsFor(const Intrinsics& camera, double fps) const;

    /// A person's build and what follows from it.
    struct Person {
        FitBody body;
        RestBody rest;
        ObjectiveSettings settings;
        HandFit hands;
        bool local; ///< steps are judged frame by frame
    };
    [[nodiscard]] Person personOf(const BodyShape& shape, ObjectiveSettings settings, double worldLength,
                                  std::size_t trackFrames) const;
    /// Poses of the frames [begin, end) of a stretch, all of which is solved together.
    [[nodiscard]] std::vector<BodyFrame> solve(std::span<const TargetFrame> frames, std::span<const FrameInput> input,
                                               std::size_t begin, std::size_t end, const Person& person, double fps,
                                               const std::stop_token& stop, const Report& report) const;

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
BodyFitter::Impl::tieToMasks(std::span<const TargetFrame> frames, std::span<const FrameInput> input,
                             const RestBody& restBody, const Intrinsics& camera,
                             const std::vector<PoseState>& states, const std::stop_token& stop) const {
    std::vector<std::vector<ContourTie>> ties(states.size());
    parallelFor(states.size(), [&](std::size_t begin, std::size_t end) {
        std::vector<Vec3f> vertices;
        for (std::size_t n = begin; n < end; ++n) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            const TargetFrame& frame = frames[n];
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

void BodyFitter::Impl::fillFrames(std::span<const TargetFrame> frames, std::span<const FrameInput> input,
                                  const FitBody& body, const RestBody& restBody, const Intrinsics& camera,
                                  std::span<BodyPose> poses, std::span<BodyPose> rawPoses,
                                  const std::stop_token& stop, std::span<BodyFrame> out) const {
    parallelFor(frames.size(), [&](std::size_t begin, std::size_t end) {
        std::vector<Vec3f> vertices;
        for (std::size_t n = begin; n < end; ++n) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            const TargetFrame& measured = frames[n];
            BodyFrame& frame = out[n];
            frame.frame = measured.frame;
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
            frame.reprojectionPercent = static_cast<float>(reprojectionPercent(frame, measured, camera));
            if (!measured.mask.empty()) {
                model->pose(restBody, frame.pose, vertices);
                frame.silhouetteIou =
                    static_cast<float>(silhouetteIou(vertices, model->topology(), camera, measured.mask,
                                                     measured.pose.roi.side, kReportPixels));
            }
        }
    });
}

BodyTrack BodyFitter::Impl::emptyTrack(TargetId id, std::int64_t firstFrame, int width, int height,
                                       double fps) const {
    BODY4D_EXPECT(width > 0 && height > 0);
    BodyTrack out;
    out.id = id;
    out.engine = "BlazePose + Anny";
    out.bodyModel = model->name();
    out.camera = camera(width, height);
    out.fps = fps > 0 ? fps : kPictureRate;
    out.firstFrame = firstFrame;
    return out;
}

ObjectiveSettings BodyFitter::Impl::settingsFor(const Intrinsics& lens, double fps) const {
    ObjectiveSettings settings;
    settings.camera = lens;
    settings.frameRatio = 30 / fps;
    settings.smoothing = options.smoothing;
    return settings;
}

BodyShape BodyFitter::Impl::buildOf(const std::function<SearchFrames()>& keys, bool anyMeasured,
                                    const PersonTraits& traits, ObjectiveSettings settings,
                                    const std::stop_token& stop) const {
    return options.silhouette && anyMeasured ? searchBuild(anny, rest, keys(), traits, settings, stop)
                                             : shapeFromTraits(anny, traits);
}

BodyFitter::Impl::Person BodyFitter::Impl::personOf(const BodyShape& shape, ObjectiveSettings settings,
                                                    double worldLength, std::size_t trackFrames) const {
    FitBody body = anny.fitBody(shape);
    settings.worldScale = worldScale(body, worldLength);
    return {std::move(body), model->shaped(shape), settings, HandFit(*model, anny.shapedJoints(shape)),
            trackFrames >= static_cast<std::size_t>(std::max(options.longFrames, 1))};
}

std::vector<BodyFrame> BodyFitter::Impl::solve(std::span<const TargetFrame> frames, std::span<const FrameInput> input,
                                               std::size_t begin, std::size_t end, const Person& person, double fps,
                                               const std::stop_token& stop, const Report& report) const {
    const ObjectiveSettings& settings = person.settings;
    const Intrinsics& lens = settings.camera;
    const std::size_t total = frames.size();
    const auto chains = splitIntoChains(input);
    PoseState neutral;
    neutral.rotations.fill(EMat3::Identity());
    neutral.translation = EVec3(0, 0, 4);
    std::vector<PoseState> states(total, neutral), rawStates = states;
    if (!chains.empty()) {
        for (const Chain& chain : chains) {
            std::vector<double> logDepth;
            for (std::size_t n = chain.begin; n < chain.end; ++n) {
                logDepth.push_back(std::log(depthFromSpread(input[n], settings.worldScale, lens.focalPx)));
            }
            logDepth = gaussianFiltered(logDepth, kDepthSigma, FilterEnd::Hold);
            for (std::size_t n = chain.begin; n < chain.end; ++n) {
                const double depth = std::exp(logDepth[n - chain.begin]);
                states[n].rotations = analyticRotations(input[n].world, rest);
                states[n].translation = translationAt(input[n], settings.worldScale, lens, depth);
            }
        }
        const PoseObjective objective(person.body, rest, settings);
        SolverOptions solver;
        solver.maxIterations = options.maxIterations;
        solver.windowFrames = static_cast<std::size_t>(std::max(options.windowFrames, 1));
        solver.local = person.local;
        std::size_t done = 0;
        for (const Chain& chain : chains) {
            report("fitting", done, total);
            const auto piece = input.subspan(chain.begin, chain.end - chain.begin);
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
                solvePoses({objective, input.subspan(chain.begin, count), tied}, solver,
                           std::span(of).subspan(chain.begin, count), stop);
            }
        };
        solver.maxIterations = kTieIterations;
        for (int round = 0; options.silhouette && round < kTieRounds; ++round) {
            report("matching the outline", 0, total);
            ties = tieToMasks(frames, input, person.rest, lens, states, stop);
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
    auto poses = posesOf(states), rawPoses = posesOf(rawStates);
    person.hands.smooth(frames, input, fps, poses);
    for (std::size_t n = 0; n < total; ++n) {
        person.hands.single(frames[n], rawPoses[n]);
        HandFit::holdWrists(person.body, states[n], poses[n]);
        HandFit::holdWrists(person.body, rawStates[n], rawPoses[n]);
    }
    std::vector<BodyFrame> out(end - begin);
    const std::size_t count = end - begin;
    fillFrames(frames.subspan(begin, count), input.subspan(begin, count), person.body, person.rest, lens,
               std::span(poses).subspan(begin, count), std::span(rawPoses).subspan(begin, count), stop, out);
    return out;
}

namespace {

Report reportTo(const std::stop_token& stop, const ProgressFn& progress) {
    return [&stop, &progress](const char* phase, std::size_t done, std::size_t total) {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        if (progress) {
            progress({"reconstruct", phase, static_cast<long long>(done), static_cast<long long>(total)});
        }
    };
}

std::vector<double> qualities(std::span<const FrameInput> input) {
    std::vector<double> out;
    for (const FrameInput& in : input) {
        out.push_back(frameQuality(in));
    }
    return out;
}

} // namespace

std::vector<TrackPiece> piecesOf(std::size_t total, std::size_t frames, std::size_t context) {
    BODY4D_EXPECT(frames > 0);
    const std::size_t count = std::max<std::size_t>(1, (total + frames / 2) / frames);
    std::vector<TrackPiece> out;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t begin = i * total / count, end = (i + 1) * total / count;
        out.push_back({begin, end, begin - std::min(begin, context), std::min(total, end + context)});
    }
    return out;
}

BodyTrack BodyFitter::fit(const TargetTrack& track, const PersonTraits& traits, int width, int height,
                          double fps, const std::stop_token& stop, const ProgressFn& progress) const {
    BodyTrack out = impl_->emptyTrack(track.id, track.firstFrame, width, height, fps);
    const auto report = reportTo(stop, progress);
    const std::size_t total = track.frames.size();
    report("finding the build", 0, total);
    const auto input = prepareInput(track, width, height, out.fps);
    const ObjectiveSettings settings = impl_->settingsFor(out.camera, out.fps);
    WorldLengths lengths;
    lengths.add(input);
    const auto keys = [&] {
        SearchFrames found;
        found.worldLength = lengths.total();
        for (const std::size_t n : keyFrames(qualities(input))) {
            found.input.push_back(input[n]);
            found.frames.push_back(track.frames[n]);
        }
        return found;
    };
    const bool anyMeasured = std::any_of(input.begin(), input.end(), [](const FrameInput& in) { return in.measured; });
    out.shape = impl_->buildOf(keys, anyMeasured, traits, settings, stop);
    const auto person = impl_->personOf(out.shape, settings, lengths.total(), total);
    out.frames = impl_->solve(track.frames, input, 0, total, person, out.fps, stop, report);
    for (std::size_t n = 0; n < total; ++n) {
        out.frames[n].frame = track.firstFrame + static_cast<std::int64_t>(n);
    }
    out.accelerationRaw = landmarkAcceleration(track, out.fps);
    out.acceleration = keypointAcceleration(out);
    report("", total, total);
    return out;
}

namespace {

std::size_t contextAt(double fps) {
    return static_cast<std::size_t>(std::ceil(kContextSeconds * fps)) + kContextFrames;
}

/// Pieces of a track that is fitted piece by piece, with what their inputs are gathered from.
std::vector<TrackPiece> fittedPieces(const TrackSource& track, int pieceFrames, double fps) {
    return piecesOf(track.frames, static_cast<std::size_t>(std::max(pieceFrames, 1)), contextAt(fps));
}

TargetTrack windowOf(const TrackSource& track, const TrackPiece& piece) {
    return {track.id, track.firstFrame + static_cast<std::int64_t>(piece.contextBegin),
            track.read(piece.contextBegin, piece.contextEnd)};
}

} // namespace

double BodyFitter::worldLength(const TrackSource& track, int width, int height, double fps,
                               const std::stop_token& stop) const {
    fps = impl_->emptyTrack(track.id, track.firstFrame, width, height, fps).fps;
    WorldLengths lengths;
    for (const TrackPiece& piece : fittedPieces(track, impl_->options.pieceFrames, fps)) {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        const auto input = prepareInput(windowOf(track, piece), width, height, fps);
        lengths.add(std::span(input).subspan(piece.begin - piece.contextBegin, piece.end - piece.begin));
    }
    return lengths.total();
}

BodyTrack BodyFitter::fitKnown(const TargetTrack& track, const BodyShape& shape, double worldLength,
                               std::size_t trackFrames, int width, int height, double fps, const std::stop_token& stop) const {
    BodyTrack out = impl_->emptyTrack(track.id, track.firstFrame, width, height, fps);
    out.shape = shape;
    const auto input = prepareInput(track, width, height, out.fps);
    const auto person = impl_->personOf(shape, impl_->settingsFor(out.camera, out.fps), worldLength, trackFrames);
    out.frames = impl_->solve(track.frames, input, 0, track.frames.size(), person, out.fps, stop, reportTo(stop, {}));
    out.accelerationRaw = landmarkAcceleration(track, out.fps);
    out.acceleration = keypointAcceleration(out);
    return out;
}

BodyTrack BodyFitter::fitPieces(const TrackSource& track, const PersonTraits& traits, int width, int height,
                                double fps, const std::stop_token& stop, const ProgressFn& progress,
                                const BodySink& frames) const {
    BodyTrack out = impl_->emptyTrack(track.id, track.firstFrame, width, height, fps);
    fps = out.fps;
    const auto pieces = fittedPieces(track, impl_->options.pieceFrames, fps);
    if (pieces.size() == 1) {
        out = fit(windowOf(track, pieces.front()), traits, width, height, fps, stop, progress);
        frames(std::exchange(out.frames, {}));
        return out;
    }
    const std::size_t context = contextAt(fps);
    const auto report = reportTo(stop, progress);
    report("finding the build", 0, track.frames);
    const ObjectiveSettings settings = impl_->settingsFor(out.camera, fps);
    WorldLengths lengths;
    std::vector<double> quality;
    AccelerationMeter raw, fitted;
    for (const TrackPiece& piece : pieces) {
        report("finding the build", 0, track.frames);
        const TargetTrack window = windowOf(track, piece);
        const auto input = prepareInput(window, width, height, fps);
        const auto inner = std::span(input).subspan(piece.begin - piece.contextBegin, piece.end - piece.begin);
        lengths.add(inner);
        const auto judged = qualities(inner);
        quality.insert(quality.end(), judged.begin(), judged.end());
    }
    const auto keys = [&] {
        SearchFrames found;
        found.worldLength = lengths.total();
        for (const std::size_t n : keyFrames(quality)) {
            const TrackPiece around{n, n + 1, n - std::min(n, context), std::min(track.frames, n + 1 + context)};
            TargetTrack window = windowOf(track, around);
            found.input.push_back(prepareInput(window, width, height, fps)[n - around.contextBegin]);
            found.frames.push_back(std::move(window.frames[n - around.contextBegin]));
        }
        return found;
    };
    const bool anyMeasured = std::any_of(quality.begin(), quality.end(), [](double q) { return q >= 0; });
    out.shape = impl_->buildOf(keys, anyMeasured, traits, settings, stop);
    const auto person = impl_->personOf(out.shape, settings, lengths.total(), track.frames);
    for (const TrackPiece& piece : pieces) {
        report("fitting", piece.begin, track.frames);
        const TargetTrack window = windowOf(track, piece);
        const auto input = prepareInput(window, width, height, fps);
        const std::size_t begin = piece.begin - piece.contextBegin, end = piece.end - piece.contextBegin;
        // Frames without measurements pass influence on undiminished: they do not count.
        std::size_t from = begin, to = end;
        for (std::size_t measured = 0; from > 0 && measured < kSolvedAround;) {
            measured += input[--from].measured ? 1 : 0;
        }
        for (std::size_t measured = 0; to < input.size() && measured < kSolvedAround;) {
            measured += input[to++].measured ? 1 : 0;
        }
        auto solved = impl_->solve(std::span(window.frames).subspan(from, to - from),
                                   std::span(input).subspan(from, to - from), begin - from, end - from, person, fps,
                                   stop, [&](const char* phase, std::size_t, std::size_t) {
                                       report(phase, piece.begin, track.frames);
                                   });
        for (std::size_t n = begin; n < end; ++n) {
            const TargetFrame& seen = window.frames[n];
            if (seen.state == FrameState::Visible && seen.pose.score > 0) {
                raw.add(hipRelative(seen));
            } else {
                raw.pause();
            }
            fitted.add(hipRelative(solved[n - begin]));
        }
        frames(std::move(solved));
    }
    out.accelerationRaw = raw.value(fps);
    out.acceleration = fitted.value(fps);
    report("", track.frames, track.frames);
    return out;
}

} // namespace body4d
