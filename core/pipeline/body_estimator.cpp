#include "pipeline/body_estimator.h"

#include "body/frame_sampling.h"

#include <numbers>
#include <optional>
#include <stdexcept>
#include <utility>

namespace body4d {
namespace {

BodyFitOptions fitOptions(const Options& options) {
    BodyFitOptions fit;
    fit.fovLongSideRadians = options.number("camera.fov_degrees") * std::numbers::pi / 180;
    fit.smoothing = smoothingStrength(options);
    fit.maxIterations = static_cast<int>(options.integer("fit.iterations"));
    fit.silhouette = options.boolean("fit.silhouette");
    return fit;
}

class AnnyEstimator final : public BodyEstimator {
public:
    AnnyEstimator(std::shared_ptr<const BodyModel> anny, const Options& options)
        : model_(std::move(anny)), options_(fitOptions(options)), fitter_(model_, options_),
          perSecond_(options.number("reconstruct.fps")) {}

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] std::shared_ptr<const BodyModel> model() const override { return model_; }
    [[nodiscard]] Intrinsics camera(int width, int height) const override {
        return intrinsicsFromFov(width, height, options_.fovLongSideRadians);
    }
    [[nodiscard]] BodyFrame preview(const TargetFrame& frame, const Intrinsics& camera,
                                    const PersonTraits& traits) const override {
        BodyShape shape;
        shape.age = traits.age;
        shape.gender = traits.gender;
        if (traits.build >= 0) {
            shape.weight = traits.build;
        }
        return fitter_.preview(frame, camera, shape);
    }
    [[nodiscard]] BodyTrack fit(const TargetTrack& track, const PersonTraits& traits, int width, int height,
                                double fps, const std::stop_token& stop,
                                const ProgressFn& progress) const override {
        const auto kept = sampledFrames(track, fps, perSecond_);
        if (kept.size() == track.frames.size()) {
            return fitter_.fit(track, traits, width, height, fps, stop, progress);
        }
        const double rate = fps * static_cast<double>(kept.size()) / static_cast<double>(track.frames.size());
        const auto thinned = fitter_.fit(thinnedTrack(track, kept), traits, width, height, rate, stop, progress);
        return spreadOverFrames(thinned, track, kept, *model_, fps);
    }

    [[nodiscard]] BodyTrack fitPieces(const TrackSource& track, const PersonTraits& traits, int width, int height,
                                      double fps, const std::stop_token& stop, const ProgressFn& progress,
                                      const BodySink& frames) const override {
        return perSecond_ > 0 ? BodyEstimator::fitPieces(track, traits, width, height, fps, stop, progress, frames)
                              : fitter_.fitPieces(track, traits, width, height, fps, stop, progress, frames);
    }
    [[nodiscard]] FitAgain fitAgain(const TrackSource& track, const BodyTrack& known, const PersonTraits& traits,
                                    int width, int height, double fps, const std::stop_token& stop) const override {
        if (perSecond_ > 0) {
            return BodyEstimator::fitAgain(track, known, traits, width, height, fps, stop);
        }
        return [&track, &known, &stop, this, width, height, fps, length = std::optional<double>()](const TargetTrack& stretch) mutable {
            if (!length) {
                length = fitter_.worldLength(track, width, height, fps, stop);
            }
            return fitter_.fitKnown(stretch, known.shape, *length, track.frames, width, height, fps, stop);
        };
    }

private:
    const std::string name_ = "anny";
    std::shared_ptr<const BodyModel> model_;
    BodyFitOptions options_;
    BodyFitter fitter_;
    double perSecond_; ///< frames that are fitted; 0: all
};

class MotionPriorCompleter final : public Completer {
public:
    [[nodiscard]] CompletionResult complete(const BodyTrack& body, const TargetTrack& track,
                                            std::span<const TargetTrack* const> others,
                                            const BodyModel& model, const CompletionOptions& options,
                                            const std::function<ImagePtr(std::int64_t)>& pictures,
                                            const std::stop_token& stop,
                                            const ProgressFn& progress) const override {
        return completeTrack(body, track, others, model, options, pictures, stop, progress);
    }
};

} // namespace

BodyEstimator::~BodyEstimator() = default;

BodyTrack BodyEstimator::fitPieces(const TrackSource& track, const PersonTraits& traits, int width, int height, double fps,
                                   const std::stop_token& stop, const ProgressFn& progress, const BodySink& frames) const {
    BodyTrack body = fit({track.id, track.firstFrame, track.read(0, track.frames)}, traits, width, height, fps, stop, progress);
    frames(std::exchange(body.frames, {}));
    return body;
}

BodyEstimator::FitAgain BodyEstimator::fitAgain(const TrackSource&, const BodyTrack&, const PersonTraits& traits, int width,
                                                int height, double fps, const std::stop_token& stop) const {
    return [&traits, &stop, this, width, height, fps](const TargetTrack& stretch) {
        return fit(stretch, traits, width, height, fps, stop, {});
    };
}

std::vector<BodyTrack> BodyEstimator::fitTogether(const PictureFit&, const std::stop_token&, const ProgressFn&) const {
    throw std::logic_error("this engine looks at no pictures");
}

BodyTrack BodyEstimator::withoutHidden(const BodyTrack&, const TargetTrack&, const CompletionResult&, const CameraPath&,
                                       const std::stop_token&) const {
    throw std::logic_error("this engine looks at no pictures");
}

Completer::~Completer() = default;

SmoothingStrength smoothingStrength(const Options& options) {
    return {options.number("smoothing.root"), options.number("smoothing.torso"), options.number("smoothing.arms"),
            options.number("smoothing.legs"), options.number("smoothing.head")};
}

std::shared_ptr<const Completer> makeMotionPriorCompleter() {
    return std::make_shared<const MotionPriorCompleter>();
}

std::shared_ptr<const BodyEstimator> makeAnnyEstimator(std::shared_ptr<const BodyModel> anny,
                                                       const Options& options) {
    return std::make_shared<const AnnyEstimator>(std::move(anny), options);
}

} // namespace body4d
