#include "body/detail/shape_search.h"

#include "base/order_statistics.h"
#include "base/parallel.h"
#include "body/detail/convert.h"
#include "body/detail/pose_solver.h"
#include "body/detail/silhouette_match.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace body4d::detail {
namespace {

constexpr double kSearchPixels = 128; // size of the person in the comparison
constexpr double kMiddlePull = 0.02;  // IoU that a value must gain per unit of distance from the average
constexpr int kFirstIterations = 5, kTrialIterations = 2;

/// Clothes are wider than bodies: beyond this weight the mesh would swell to fill them.
constexpr std::array kWeights{0.3, 0.65, 0.8};
constexpr std::array kMuscles{0.3, 0.7};

/// Key frames fitted with one shape.
struct Trial {
    BodyShape shape;
    std::vector<PoseState> states;
    double score = -1;
};

} // namespace

BodyShape shapeFromTraits(const AnnyModel& model, const PersonTraits& traits) {
    BodyShape shape;
    shape.age = std::clamp(traits.age, 0.0, 1.0);
    shape.gender = std::clamp(traits.gender, 0.0, 1.0);
    if (shape.age < 0.6) {
        shape.height =
            0.5; // the mean of grown-ups lies below the middle of the scale, that of the young does not
    }
    if (traits.build >= 0) {
        shape.weight = std::min(traits.build, 1.0);
    }
    if (traits.heightMetres > 0) {
        // rest vertices are linear in the height value, so two looks give the line; its ends are kept for
        // extremes
        BodyShape low = shape, high = shape;
        low.height = 0.1;
        high.height = 0.9;
        const double atLow = model.shaped(low).heightMetres, atHigh = model.shaped(high).heightMetres;
        shape.height = std::clamp(0.1 + 0.8 * (traits.heightMetres - atLow) / (atHigh - atLow), 0.1, 0.9);
        shape.scale = traits.heightMetres / model.shaped(shape).heightMetres;
    }
    return shape;
}

double frameQuality(const FrameInput& input) {
    double sum = 0;
    for (const double w : input.weight2) {
        sum += w;
    }
    return input.measured ? sum : -1;
}

std::vector<std::size_t> keyFrames(std::span<const double> quality, std::size_t count) {
    std::vector<std::size_t> measured, best;
    for (std::size_t n = 0; n < quality.size(); ++n) {
        if (quality[n] >= 0) {
            measured.push_back(n);
        }
    }
    count = std::min(count, measured.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto begin = measured.begin() + static_cast<std::ptrdiff_t>(i * measured.size() / count);
        const auto end = measured.begin() + static_cast<std::ptrdiff_t>((i + 1) * measured.size() / count);
        best.push_back(*std::max_element(begin, end, [&](auto a, auto b) { return quality[a] < quality[b]; }));
    }
    return best;
}

BodyShape searchBuild(const AnnyModel& model, const RestFrame& rest, const SearchFrames& keys,
                      const PersonTraits& traits, const ObjectiveSettings& settings, const std::stop_token& stop) {
    const BodyShape start = shapeFromTraits(model, traits);
    const auto masked =
        std::any_of(keys.frames.begin(), keys.frames.end(), [](const TargetFrame& f) { return !f.mask.empty(); });
    if (!masked || traits.build >= 0) {
        return start;
    }
    const auto tryShape = [&](const BodyShape& shape, const std::vector<PoseState>* from, int iterations) {
        Trial trial{shape, {}, -1};
        const FitBody body = model.fitBody(shape);
        ObjectiveSettings own = settings;
        own.worldScale = worldScale(body, keys.worldLength);
        const PoseObjective objective(body, rest, own);
        if (from != nullptr) {
            trial.states = *from;
        } else {
            for (const FrameInput& in : keys.input) {
                const double depth = depthFromSpread(in, own.worldScale, own.camera.focalPx);
                trial.states.push_back({analyticRotations(in.world, rest),
                                        translationAt(in, own.worldScale, own.camera, depth)});
            }
        }
        SolverOptions options;
        options.maxIterations = iterations;
        options.temporal = false;
        options.windowFrames = 2; // frames are independent: small windows spread over the threads
        solvePoses({objective, keys.input, {}}, options, trial.states, stop);
        const RestBody restBody = model.shaped(shape);
        std::vector<double> ious(keys.frames.size(), -1);
        parallelFor(keys.frames.size(), [&](std::size_t begin, std::size_t end) {
            std::vector<Vec3f> vertices;
            for (std::size_t i = begin; i < end; ++i) {
                const TargetFrame& frame = keys.frames[i];
                if (!frame.mask.empty()) {
                    model.pose(restBody, toBodyPose(trial.states[i], model), vertices);
                    ious[i] = silhouetteIou(vertices, model.topology(), settings.camera, frame.mask,
                                            frame.pose.roi.side, kSearchPixels);
                }
            }
        });
        std::erase_if(ious, [](double iou) { return iou < 0; });
        trial.score = ious.empty() ? -1 : median(ious);
        return trial;
    };
    Trial best = tryShape(start, nullptr, kFirstIterations);
    const auto search = [&](double BodyShape::*value, std::span<const double> candidates) {
        const Trial from = best;
        for (const double candidate : candidates) {
            BodyShape shape = from.shape;
            shape.*value = candidate;
            Trial trial = tryShape(shape, &from.states, kTrialIterations);
            trial.score -= kMiddlePull * std::fabs(candidate - 0.5);
            if (trial.score > best.score) {
                best = std::move(trial);
            }
        }
    };
    search(&BodyShape::weight, kWeights);
    search(&BodyShape::muscle, kMuscles);
    if (traits.heightMetres > 0) {
        best.shape.scale *= traits.heightMetres / model.shaped(best.shape).heightMetres;
    }
    return best.shape;
}

} // namespace body4d::detail
