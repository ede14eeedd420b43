#pragma once

#include "base/annotation.h"
#include "base/pose_track.h"
#include "models/blazepose/mask_cut.h"
#include "models/blazepose/observation.h"
#include "models/blazepose/one_euro.h"
#include "models/blazepose/ownership.h"
#include "models/blazepose/pose_path.h"
#include "models/blazepose/still_scene.h"

#include <deque>
#include <future>
#include <optional>
#include <vector>

namespace body4d::blazepose {

/// How well an observation continues a target.
struct Judgement {
    double quality = -1;   ///< product of all terms, to rank with; negative: rejected
    double identity = -1;  ///< the same without the terms that judge the skeleton: is it the person?
    double similarity = 0; ///< clothes, 0..1
    double clothes = 1;    ///< the same, upper and lower clothes apart, as far as both were seen before
    double grown = 1;      ///< own mask area against the usual one
    double coverage = 0;   ///< share of the own mask near a bone
    double worldJump = 0;  ///< mean motion of the main points about the hips since the last frame, metres
    double inside = 0;     ///< share of the skeleton on the own mask
    double continuity = 0; ///< clothes against the last frame's, 0 after a loss
    double boxOverlap = 0; ///< IoU of the body boxes with the last frame
    double borderGap = 0;  ///< from the body box to the nearest border of the picture, of the crop's side
};

/// A target whom the networks do not see, but who is still there by what differs from the still scene.
struct HiddenSight {
    Observation seen;      ///< the last firm one moved there; `own` is what shows
    double similarity = 0; ///< of the colours that show, 0..1
    bool sure = false;     ///< most of it shows, in its own colours
    bool supposed = false; ///< its colours do not tell: only where it is seen again at once was it there
};

/// A frame of a target that may still be taken back, with its mask under way.
struct HeldFrame {
    TargetFrame frame;
    std::shared_future<RleMask> mask;                ///< valid where a mask is wanted
    std::shared_future<std::vector<HandPair>> hands; ///< of all targets; valid where hands are looked at
    PoseOptions options; ///< where the skeleton is in doubt: the poses to choose from when it is clear again
    bool supposed = false; ///< lost here, as HiddenSight says; counts if the target is seen again at once

    /// Nobody is there after all.
    void forget() {
        const std::int64_t number = frame.frame;
        *this = {};
        frame.frame = number;
    }
};

inline constexpr TargetId kBystander = -1; ///< somebody whom nobody selected

/// What is known of one target while a session walks over the frames. Pure logic, no networks.
class TrackedTarget {
public:
    TrackedTarget(TargetId targetId, std::vector<Prompt> prompts);

    [[nodiscard]] TargetId id() const { return id_; }
    [[nodiscard]] bool bystander() const { return id_ == kBystander; }
    [[nodiscard]] const Prompt* promptOn(std::int64_t frame) const;
    [[nodiscard]] bool started() const { return started_; }
    [[nodiscard]] int lost() const { return lost_; } ///< frames since it was last seen
    /// Frames since the networks last saw it.
    [[nodiscard]] int unconfirmed() const { return lost_ + keptFor_; }
    [[nodiscard]] const Observation& last() const { return last_; }
    /// It went across the border of the picture and has not proved to be back since.
    [[nodiscard]] bool left() const { return left_; }
    /// Processing order: clear targets come first and are hidden from the others.
    [[nodiscard]] double clearness() const { return clearness_; }

    /// By its clothes it may be this target.
    [[nodiscard]] bool resembles(const Observation& o) const;
    /// How much its clothes are this target's, 0..1: to compare targets with.
    [[nodiscard]] double likeness(const Observation& o) const;
    /// Seen clearly for some frames.
    [[nodiscard]] bool wellKnown() const;
    /// Where to look on the next frame.
    [[nodiscard]] Roi predictedRoi() const;
    /// Where its centre should be by its motion so far.
    [[nodiscard]] Vec2 predictedCentre() const;
    /// How far from its way so far an observation is, pixels, by what is seen of it.
    [[nodiscard]] double offItsWay(const Observation& o) const;
    /// Fills o.own and o.histogram on the way. @param others people already known on this frame
    [[nodiscard]] Judgement judge(Observation& o, const Others& others, int frameWidth,
                                  int frameHeight) const;
    /// Quality among several people close together, where the place by motion decides more than for one
    /// alone.
    [[nodiscard]] double motionQuality(const Observation& o, const Judgement& j) const;
    /// One look was enough.
    [[nodiscard]] bool clearlyFits(const Observation& o, const Judgement& j) const;
    /// It is the person, but the skeleton may be wrong: worth looking again from other angles. Where that has
    /// not helped for some frames, it is tried less often.
    [[nodiscard]] bool doubtful(const Judgement& j) const;
    /// Pixels a metre of its body on firm frames.
    [[nodiscard]] double usualScale() const { return usualScale_; }
    /// Upside down on one of the last frames.
    [[nodiscard]] bool upsideDownLately() const;
    /// How badly an observation shows this target, wherever it was before: for PoseOption.
    [[nodiscard]] double poseCost(const Observation& o, const Judgement& j) const;
    /// Good enough to stop searching.
    [[nodiscard]] bool convincing(const Judgement& j) const;
    /// After a second look: did doubt remain?
    void noteSecondLook(const Judgement& j);
    /// Somebody else is too close to learn from this frame what the target looks like.
    void disputed() { learns_ = false; }
    /// Good enough after a wider search. @param trackedOn the target was followed up to this frame
    [[nodiscard]] bool acceptable(const Observation& o, const Judgement& j, bool trackedOn) const;

    /// Upper and lower clothes both look about as they usually do, as far as they are seen.
    [[nodiscard]] bool dressedAsUsual(const Judgement& j) const;
    /// So much like it that it is beyond doubt who that is, wherever it is.
    [[nodiscard]] bool surely(const Observation& o, const Judgement& j) const;

    /// Looks for what still shows of it about where it should be, when the networks lost it a moment ago.
    /// @param others everybody known on this frame
    [[nodiscard]] std::optional<HiddenSight> stillThere(const StillScene& scene, const Others& others,
                                                        double dt) const;

    /// A person's click found this.
    void seed(Observation o, double inside, double dt);
    /// The target was seen on this frame. @returns false when a long weak run ends here: it is no track,
    /// everything since the last firm frame is to be taken back
    [[nodiscard]] bool accept(Observation o, const Judgement& j, double dt, bool& firm);
    /// The networks did not see it, but it is still there: see stillThere().
    void hold(Observation o);
    /// What was supposed of the newest frames of `held`: it is seen again, or nothing more comes; or it was not there.
    void settleSupposed(bool seenAgain);
    /// What is seen now is about where something was supposed on the frame before.
    [[nodiscard]] bool goesOnFromSupposed(const Observation& o) const;
    /// The same target for a walk back in time from where it was seen last. Holds no frames.
    [[nodiscard]] TrackedTarget turnedBack() const;
    /// Not seen on this frame. @returns false when it had only seemed to be back, as accept() does
    [[nodiscard]] bool miss(int frameWidth, int frameHeight, double dt);
    /// A person said that this is somebody else: absent until the next click.
    void end();
    /// The shot ended: position and size mean nothing any more.
    void cut();

    [[nodiscard]] bool afterCut() const { return afterCut_; }
    [[nodiscard]] bool awaitsCutMatch() const { return cutPending_; }

    /// Takes regions that a person excluded out of the own mask: those known, and those that `prompt` adds
    /// (may be null).
    void applyCuts(Observation& o, const Prompt* prompt);

    std::deque<HeldFrame> held; ///< oldest first
    /// Frames at the front of `held` that nothing can take back or change any more.
    [[nodiscard]] std::size_t settled() const;
    /// Frames at the end of `held` that may still turn out to be somebody else.
    [[nodiscard]] std::size_t revocable() const;
    /// Frames at the end of `held` whose skeleton is in doubt.
    [[nodiscard]] std::size_t inDoubt() const;
    /// Chooses the poses of the newest frames in doubt, between the clear frames on both sides as far as
    /// there are. @param later so many of the newest only tell where it goes, and are chosen another time
    void settlePoses(std::size_t later = 0);

    template <typename Archive>
    void serialize(Archive& archive);

private:
    [[nodiscard]] Vec2 predictedStep() const;
    [[nodiscard]] double medianSimilarity() const;
    void dropRun();
    /// Motion and whereabouts mean nothing any more.
    void forgetPlace();
    /// By its last motion it was about to cross the border.
    [[nodiscard]] bool leaving(int frameWidth, int frameHeight, double dt) const;
    /// Not whoever hides it, while it is held.
    [[nodiscard]] bool afterHold(const Judgement& j) const;
    /// Whether to believe it that this is the target depends on the next frames too.
    [[nodiscard]] bool needsTrial(const Observation& o) const;
    void beginTrial();
    /// One more frame of a trial. @returns false when it ends here and it was somebody else
    [[nodiscard]] bool tried(bool proof);
    [[nodiscard]] bool poorPose(const Judgement& j) const;
    [[nodiscard]] double clothesLikeness(const Observation& o) const;
    [[nodiscard]] double usualSimilarity() const;
    /// Half hidden, a target looks unlike itself but like on the frame before.
    [[nodiscard]] bool unbroken(const Judgement& j) const;

    TargetId id_;
    std::vector<Prompt> prompts_;
    bool learns_ = true;
    bool started_ = false, afterCut_ = false, cutPending_ = false;
    Observation last_, good_;
    AlignmentFilter filter_;
    Histogram reference_, adapted_;
    Histogram upper_, lower_; ///< adapted, of the clothes apart
    double usualArea_ = 0;    ///< of the own mask, pixels of the frame
    double usualScale_ = 0;   ///< bodyScale() of firm frames
    double usualClothes_ = 0; ///< Judgement::clothes of firm frames; 0: not known yet
    std::vector<MaskCut> cuts_;
    std::vector<double> firmSimilarities_, firmCoverages_;
    double clearness_ = 0;
    Vec2 velocity_; ///< of the crop's centre, pixels a frame
    int lost_ = 0, weak_ = 0;
    int fruitless_ = 0, pause_ = 0; ///< second looks in a row that left doubt; frames until the next one
    double upSince_ = 1e6;          ///< seconds since it was upside down
    int run_ = 0;                   ///< frames since the last firm one that are still held
    int keptFor_ = 0;               ///< frames for which it was held without the networks
    Vec2 heldFrom_, heldPace_;      ///< place and motion when that began
    bool left_ = false;
    int trial_ = 0, proofs_ = 0; ///< frames left in which it must prove to be back; those that were a proof
    int lostBefore_ = 0;         ///< lost() before it seemed to be back
};

} // namespace body4d::blazepose
