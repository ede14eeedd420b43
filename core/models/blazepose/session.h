#pragma once

#include "models/blazepose/frame_eye.h"
#include "models/blazepose/hand_worker.h"
#include "models/blazepose/mask_worker.h"
#include "models/blazepose/tracked_target.h"
#include "models/segmenter.h"

#include <deque>
#include <future>
#include <memory>
#include <vector>

namespace body4d::blazepose {

/// Least score of a detection that is looked at while people are followed.
constexpr double kDetectorThreshold = 0.3;

/// Follows all targets of a project together, frame by frame, in one direction.
class Session final : public SegmenterSession {
public:
    /// @param scouting only who is where is wanted, at little cost: no care for skeletons, people beside the
    /// targets and what is hidden; who is lost is searched for less often
    Session(std::shared_ptr<PoseNetworks> networks, std::vector<SessionTarget> targets, double fps,
            Direction direction, const Segmenter::Options& options, bool scouting = false);
    ~Session() override;

    SessionStep advance(std::int64_t index, const ImagePtr& frame, bool newShot,
                        const std::stop_token& stop) override;
    SessionStep finish() override;
    std::vector<std::byte> saveState() const override;
    void restoreState(std::span<const std::byte> state) override;
    std::int64_t lookBack() const override;
    void showAgain(std::int64_t index, const ImagePtr& frame) override;

private:
    struct Sighting {
        bool found = false;
        bool prompted = false;
        bool doubtful = false; ///< found, but the skeleton may be wrong
        bool moved = false;    ///< given to it among several people, away from where it was expected
        bool held = false;     ///< the networks did not see it, but it is still there
        bool supposed = false; ///< not found, but what may be it is there: `seen` and `judgement` tell
        std::vector<std::pair<Observation, Judgement>> looks; ///< all those at somebody followed, if several
        PoseOptions options; ///< where the skeleton may be wrong: all that it may be
        Observation seen;
        Judgement judgement;
    };
    /// A frame on which a target was lost: where it was expected, and everybody else who was known there.
    struct GapFrame {
        std::int64_t index = 0;
        int width = 0, height = 0;        ///< of the frame
        int left = 0, top = 0;            ///< of the part of it that is kept
        int partWidth = 0, partHeight = 0;
        Image part;                       ///< empty after restoreState() until it is shown again
        std::vector<Observation> others;

        /// Keeps the part of `frame`.
        void take(const Image& frame);
        /// The frame, black around the part.
        [[nodiscard]] ImagePtr whole() const;
        [[nodiscard]] bool shows(const Roi& roi) const;
        template <typename Archive>
        void serialize(Archive& archive);
    };
    /// The shot ended: places mean nothing any more, bystanders are forgotten.
    void cut();
    void findPromptedTargets(FrameEye& eye, std::int64_t index, std::vector<Sighting>& sightings);
    void obeyExclusions(std::int64_t index, std::vector<Sighting>& sightings);
    void followTargets(FrameEye& eye, std::vector<Sighting>& sightings);
    void easyLook(FrameEye& eye, const std::vector<std::size_t>& level, std::vector<Others>& others,
                  std::vector<Sighting>& sightings);
    void widerSearch(FrameEye& eye, std::size_t which, const Others& others, Sighting& sighting);
    /// Fills the options of somebody who is upside down, or was a moment ago, and makes their mask from all
    /// looks.
    void lookFromAllSides(FrameEye& eye, const TrackedTarget& target, const Others& others,
                          Sighting& sighting) const;
    /// The same of those whom a prompt has just found: a click tells who it is, not where the limbs are.
    void lookAtPrompted(FrameEye& eye, std::vector<Sighting>& sightings) const;
    /// Targets in groups of people who may cover each other; each group in processing order.
    [[nodiscard]] std::vector<std::vector<std::size_t>> groupsOf(const std::vector<std::size_t>& order) const;
    /// Searching costs many looks: not on every frame while it is in vain.
    [[nodiscard]] bool searchDue(std::size_t which) const;
    [[nodiscard]] bool undisputed(std::size_t which, const std::vector<std::size_t>& group,
                                  const std::vector<Sighting>& sightings) const;
    void searchTogether(FrameEye& eye, const std::vector<std::size_t>& group,
                        std::vector<Sighting>& sightings);
    [[nodiscard]] std::ptrdiff_t selectedIn(const std::vector<std::size_t>& group) const;
    /// Somebody whom nobody selected may be where the only selected target of a group was found, or has just
    /// gone out of sight beside it.
    [[nodiscard]] bool disputedByBystander(const std::vector<std::size_t>& group,
                                           const std::vector<Sighting>& sightings) const;
    /// Frames from one look at a bystander farther off to the next.
    [[nodiscard]] int farPause() const;
    /// Those close to a target are looked at on every frame, those farther off now and then.
    [[nodiscard]] bool wantsLook(const TrackedTarget& bystander) const;
    /// Those found on this frame who do not look like a target, or much more like themselves: hidden where it
    /// is searched for.
    [[nodiscard]] Others bystandersUnlike(std::size_t which, std::vector<Sighting>& sightings) const;
    /// Masks give up what belongs to bystanders in front or beside.
    void leavePixelsToBystanders(std::vector<Sighting>& sightings) const;
    /// Where a look around the targets goes, and who is known there.
    struct LookAround {
        std::vector<Roi> wide;          ///< for the detector
        std::vector<Roi> near;          ///< crops of the targets, which somebody of interest must touch
        std::vector<Roi> taken;         ///< seen parts of those who are followed already
        std::vector<Observation> known; ///< of those, the ones seen on this frame
        std::size_t room = 0;           ///< how many more can be followed
    };
    /// People beside the targets whom nobody selected are followed while they are near, so that no target is
    /// mistaken for one of them. Their number and the pace of the search for them bound what that costs. The
    /// search goes on beside the next frame, and whom it found is followed from the frame after that.
    void updateBystanders(const ImagePtr& frame, std::int64_t index, const std::vector<Sighting>& sightings);
    /// @returns people at free places, as they are on the eye's frame
    [[nodiscard]] static std::vector<TrackedTarget> lookAround(FrameEye& eye, const LookAround& around,
                                                               double dt);
    /// Waits for the last look around and takes in who is a stranger.
    void meetNewcomers();
    /// Followed, or lost a short while ago.
    [[nodiscard]] bool caredFor(const TrackedTarget& target) const;
    [[nodiscard]] bool nearSelected(const Roi& roi) const;
    /// Selected targets whom the networks lost a moment ago, half hidden as they are, but who are still
    /// there.
    void holdHidden(const Image& frame, std::vector<Sighting>& sightings);
    void learnScene(const Image& frame, std::int64_t index, const std::vector<Sighting>& sightings);
    void record(std::int64_t index, const ImagePtr& frame, std::vector<Sighting>& sightings);
    [[nodiscard]] HeldFrame heldFrame(std::int64_t index, const ImagePtr& frame, Sighting& sighting) const;
    /// Remembers the newest frame where targets are lost.
    void noteGaps(const ImagePtr& frame, const std::vector<Sighting>& sightings);
    /// Targets that were found again firmly are followed backwards from there, into the frames on which they were lost: a
    /// search looks for somebody anywhere and must be strict, and it pauses; who is followed has a place and a moment before.
    void recall(const std::vector<Sighting>& sightings, const std::stop_token& stop);
    void recall(std::size_t which, const std::stop_token& stop);
    void lookAtHands(const ImagePtr& frame);
    /// Waits for what is made beside the tracking.
    static void collect(HeldFrame& held, std::size_t target);
    SessionStep release(bool everything);

    static constexpr std::size_t kMostBystanders = 3;
    static constexpr std::size_t kLongestRecall = 8; ///< frames; from farther back somebody alike may have come instead
    static constexpr double kLargestShift = 0.15; ///< of the crop's side, from where a target was expected
    static constexpr int kCloseMemory =
        30; ///< frames for which a lost target still counts as near its last place

    std::shared_ptr<PoseNetworks> networks_;
    std::vector<TrackedTarget> targets_; ///< the selected ones first, then bystanders
    std::size_t selectedCount_ = 0;
    Segmenter::Options options_;
    bool scouting_;
    double dt_;
    Direction direction_;
    std::int64_t newest_ = -1;
    StillScene scene_;
    std::int64_t sceneSeen_ = -1; ///< frame that the scene saw last
    std::vector<std::deque<GapFrame>> gaps_; ///< of each selected target: the newest frames, while it is lost
    mutable MaskWorker masks_;
    std::unique_ptr<HandWorker> hands_; ///< null: not wanted
    std::shared_future<std::vector<TrackedTarget>> newcomers_; ///< not valid: nobody looked on the last frame
    TaskThread<std::vector<TrackedTarget>> lookout_;
};

/// The engine on any networks. @param name of the engine, as results record it
[[nodiscard]] std::unique_ptr<Segmenter> makeSegmenter(std::shared_ptr<PoseNetworks> networks,
                                                       const Segmenter::Options& options,
                                                       const std::string& name = "blazepose");

/// A session that only tells who is where: rough masks, no hands.
[[nodiscard]] std::unique_ptr<SegmenterSession> makeScout(std::shared_ptr<PoseNetworks> networks,
                                                          std::vector<SessionTarget> targets, double fps,
                                                          Segmenter::Options options);

/// What others may know of an observation: pixel centres at integer + 0.5.
[[nodiscard]] PoseLandmarks toPose(const Observation& o);

} // namespace body4d::blazepose
