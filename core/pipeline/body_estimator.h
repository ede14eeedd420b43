#pragma once

#include "body/body_fitter.h"
#include "body/body_model.h"
#include "body/completion.h"
#include "body/world.h"
#include "models/body_network.h"
#include "pipeline/options.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// What engines that look at pictures are given.
struct PictureFit {
    std::vector<const TargetTrack*> tracks;
    int width = 0, height = 0;
    double fps = 0;
    std::vector<ShotCamera> shots;                      ///< by rising frame; empty: one, with the engine's camera
    std::function<ImagePtr(std::int64_t)> pictures; ///< asked for by rising number, by a thread of the engine's own
};

/// Engine of the reconstruct stage. Immutable, used by several threads at once.
class BodyEstimator {
public:
    virtual ~BodyEstimator();
    [[nodiscard]] virtual const std::string& name() const = 0;
    [[nodiscard]] virtual std::shared_ptr<const BodyModel> model() const = 0;
    /// The pinhole in which bodies stand, for a picture of this size.
    [[nodiscard]] virtual Intrinsics camera(int width, int height) const = 0;
    /// A body for display while tracking still runs; state Absent where there is none.
    [[nodiscard]] virtual BodyFrame preview(const TargetFrame& frame, const Intrinsics& camera,
                                            const PersonTraits& traits) const = 0;
    /// @throws Cancelled
    [[nodiscard]] virtual BodyTrack fit(const TargetTrack& track, const PersonTraits& traits, int width,
                                        int height, double fps, const std::stop_token& stop,
                                        const ProgressFn& progress) const = 0;
    /// The same of a track that is read piece by piece; memory need not grow with its length.
    /// @param frames receives the body's frames  @returns the track without them  @throws Cancelled
    [[nodiscard]] virtual BodyTrack fitPieces(const TrackSource& track, const PersonTraits& traits, int width, int height,
                                              double fps, const std::stop_token& stop, const ProgressFn& progress,
                                              const BodySink& frames) const;
    /// Stretches of a track again, of which something was taken out; one track's may be asked for from one thread at a time.
    using FitAgain = std::function<BodyTrack(const TargetTrack& stretch)>;
    /// @param known the body of the whole track; its frames are not looked at. The function throws Cancelled; it refers to
    /// what is handed over here
    [[nodiscard]] virtual FitAgain fitAgain(const TrackSource& track, const BodyTrack& known, const PersonTraits& traits,
                                            int width, int height, double fps, const std::stop_token& stop) const;
    /// True: bodies come from pictures, so fitTogether() is called instead of fit(), model() is null and every track
    /// brings its own model and meshes, which foot locking leaves alone.
    [[nodiscard]] virtual bool looksAtPictures() const { return false; }
    /// All targets at once. @throws Cancelled, std::logic_error where looksAtPictures() is false
    [[nodiscard]] virtual std::vector<BodyTrack> fitTogether(const PictureFit& fit, const std::stop_token& stop,
                                                             const ProgressFn& progress) const;
    /// The last step of completion: meshes for the poses of hidden frames, and their neighbours without what
    /// hides the person.  @param fitted of fitTogether()  @param found what completion says of it
    /// @param path its turning is taken out where poses are filled in  @throws like fitTogether()
    [[nodiscard]] virtual BodyTrack withoutHidden(const BodyTrack& fitted, const TargetTrack& track,
                                                  const CompletionResult& found, const CameraPath& path,
                                                  const std::stop_token& stop) const;
};

/// Bodies from a network that looks at pictures, with the options' camera, batch, budget and smoothing. One shape for
/// each person: the median over frames in which the tracker is sure and the person is whole in the picture. Smoothing
/// over the whole track, in the network's own parameters. With compat all of that as SAM-Body4D does it, see
/// reference_filter.h. @param name of the engine  @param title what people read of it, see weights_notes.h
[[nodiscard]] std::shared_ptr<const BodyEstimator> makePictureEstimator(std::string name,
                                                                        std::shared_ptr<const BodyNetwork> network,
                                                                        const Options& options, std::string title);

/// Engine of the complete stage. Immutable, used by several threads at once.
class Completer {
public:
    virtual ~Completer();
    /// What of a target is hidden, and its poses there. @param others tracks of the other targets
    /// @param pictures gives frames by rising number; may be empty  @throws Cancelled
    [[nodiscard]] virtual CompletionResult complete(const BodyTrack& body, const TargetTrack& track,
                                                    std::span<const TargetTrack* const> others,
                                                    const BodyModel& model, const CompletionOptions& options,
                                                    const std::function<ImagePtr(std::int64_t)>& pictures,
                                                    const std::stop_token& stop,
                                                    const ProgressFn& progress) const = 0;
};
/// The embedded default: silhouettes, colours where these leave doubt, and a motion prior.
[[nodiscard]] std::shared_ptr<const Completer> makeMotionPriorCompleter();

/// How strongly the options smooth each limb.
[[nodiscard]] SmoothingStrength smoothingStrength(const Options& options);

/// The embedded default: Anny fitted to landmarks and masks, with the options' smoothing and camera.
[[nodiscard]] std::shared_ptr<const BodyEstimator> makeAnnyEstimator(std::shared_ptr<const BodyModel> anny,
                                                                     const Options& options);

} // namespace body4d
