#pragma once

#include "models/segmenter.h"
#include "pipeline/mask_sketch.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace body4d::detail {

/// Somebody found on one frame.
struct PersonFind {
    TargetFrame seen;
    Box box;          ///< of the mask
    double worth = 0; ///< clearness 0..1
};

/// Who is in a video: walks over its frames, looks for people now and then, and follows whom it found in
/// between, so that nobody is counted twice and everybody gets a prompt on a frame where they are clear.
class PeopleWalk {
public:
    /// @param fps of the video  @param stride frames of it from one that advance() is given to the next
    PeopleWalk(Segmenter& segmenter, double fps, int stride, std::stop_token stop);

    /// The next frame. @param newShot since the frame before, a shot has begun  @param look whether to look
    /// for people  @returns whether somebody new was found
    bool advance(std::int64_t index, const ImagePtr& picture, bool newShot, bool look);

    /// One prompt for everybody, in the order in which they were found. Where nobody was clear, one doubtful
    /// person, if more than one look showed somebody.
    [[nodiscard]] std::vector<Prompt> finish();

private:
    struct Place {
        std::int64_t frame = 0;
        MaskSketch mask;
    };
    struct Person {
        Prompt prompt; ///< on the frame where they were clearest
        double worth = 0;
        RleMask mask; ///< where they were followed last
        std::vector<Place> places;
        PoseLandmarks pose;   ///< on the last of the places
        double clearness = 0; ///< there
        int checks = 0,
            confirmed = 0; ///< looks while they were followed: at their place, that found them again
        /// Of the frames: how much of the body is seen, 0..1; from one to the next, how far it moved about
        /// its hips in metres and turned in radians.
        std::vector<double> seen, moved, turned;
    };
    /// Those who were found first on one frame.
    struct Party {
        std::vector<SessionTarget> targets; ///< ids count people_, from 1
        std::unique_ptr<SegmenterSession> session;
    };

    bool look(std::int64_t index, const ImagePtr& picture);
    [[nodiscard]] std::unique_ptr<SegmenterSession> follow(const std::vector<SessionTarget>& targets) const;
    void take(const SessionStep& step);
    /// Brings everything to light that the session holds back.
    void settle(Party& party);
    [[nodiscard]] bool followedOn(const Person& person, std::int64_t frame) const;
    /// Who of those followed on a frame a mask belongs to.
    [[nodiscard]] std::optional<std::size_t> personAt(const RleMask& mask, std::int64_t frame) const;
    /// What the networks take for a body without seeing it, or see another way each time: hands, cups.
    [[nodiscard]] bool imagined(const Person& person) const;
    /// Something that never leaves its place and that no later look takes for a person: a thing's chance
    /// shape.
    [[nodiscard]] bool thing(const Person& person) const;
    /// Two who were followed on the same pixels are one.
    [[nodiscard]] static bool sameAs(const Person& a, const Person& b);

    Segmenter& segmenter_;
    double fps_;
    int stride_;
    std::stop_token stop_;
    int looks_ = 0;
    std::vector<Person> people_;
    std::vector<Party> parties_;
    std::optional<Prompt> doubtful_;
    double doubtfulWorth_ = 0;
    int doubtfulLooks_ = 0; ///< that showed somebody, doubtful or clear
};

} // namespace body4d::detail
