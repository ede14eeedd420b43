#include "models/segmenter.h"

#include "base/error.h"
#include "models/blazepose/mask_cut.h"
#include "models/blazepose/mask_finish.h"
#include "models/blazepose/person_finder.h"
#include "models/blazepose/roi_map.h"
#include "models/blazepose/session.h"
#include "models/people_finder.h"

namespace body4d {
namespace blazepose {

namespace {

class BlazePoseSegmenter final : public Segmenter, public PeopleFinder {
public:
    BlazePoseSegmenter(std::shared_ptr<PoseNetworks> networks, const Options& options, std::string name)
        : networks_(std::move(networks)), options_(options), name_(std::move(name)) {}

    const std::string& name() const override { return name_; }

    SegmentPreview preview(const ImagePtr& frame, const Prompt& prompt,
                           const std::stop_token& stop) override {
        BODY4D_EXPECT(frame && !frame->empty());
        FrameEye eye(*networks_, *frame, stop);
        SegmentPreview out;
        auto found = findPrompted(eye, prompt, {}, out.reason);
        if (found) {
            for (const PointPrompt& p : prompt.points) {
                if (!p.include) {
                    static_cast<void>(cutRegion(found->seen, toIndexSpace(Vec2{p.x, p.y})));
                }
            }
            out = toPreview(*found, *frame);
            out.frame.frame = prompt.frame;
            out.frame.prompted = true;
        }
        return out;
    }

    std::vector<SegmentPreview> findPeople(const ImagePtr& frame, const std::stop_token& stop) override {
        return std::move(findPeopleOn(std::span(&frame, 1), stop).front());
    }

    std::vector<std::vector<SegmentPreview>> findPeopleOn(std::span<const ImagePtr> frames,
                                                          const std::stop_token& stop) override {
        for (const auto& frame : frames) {
            BODY4D_EXPECT(frame && !frame->empty());
        }
        const auto people = findEverybody(*networks_, frames, {}, stop);
        std::vector<std::vector<SegmentPreview>> out(frames.size());
        for (std::size_t i = 0; i < frames.size(); ++i) {
            out[i] = toPreviews(people[i], *frames[i]);
        }
        return out;
    }

    std::vector<SegmentPreview> findOthers(const ImagePtr& frame, std::span<const PoseLandmarks> known,
                                           int look, const std::stop_token& stop) override {
        BODY4D_EXPECT(frame && !frame->empty());
        return toPreviews(findEverybody(*networks_, std::span(&frame, 1), {known, look}, stop).front(),
                          *frame);
    }

    std::unique_ptr<SegmenterSession> startScouting(std::vector<SessionTarget> targets, double fps) override {
        return makeScout(networks_, std::move(targets), fps, options_);
    }

    std::unique_ptr<SegmenterSession> startSession(std::vector<SessionTarget> targets, double fps,
                                                   Direction direction) override {
        return std::make_unique<Session>(networks_, std::move(targets), fps, direction, options_);
    }

private:
    SegmentPreview toPreview(const FoundPerson& person, const Image& frame) const {
        SegmentPreview out;
        out.found = true;
        out.frame.state = FrameState::Visible;
        out.frame.pose = toPose(person.seen);
        out.frame.mask = finishMask(person.seen, frame, options_.sharpenEdges);
        out.frame.confidence = static_cast<float>(
            person.seen.score * insideShare(person.seen, person.seen.ownMask(), frame.width, frame.height));
        out.frame.similarity = 1;
        out.frame.firm = true;
        return out;
    }

    std::vector<SegmentPreview> toPreviews(std::span<const FoundPerson> people, const Image& frame) const {
        std::vector<SegmentPreview> out;
        for (const FoundPerson& person : people) {
            out.push_back(toPreview(person, frame));
        }
        return out;
    }

    std::shared_ptr<PoseNetworks> networks_;
    Options options_;
    std::string name_;
};

} // namespace

std::unique_ptr<SegmenterSession> makeScout(std::shared_ptr<PoseNetworks> networks,
                                            std::vector<SessionTarget> targets, double fps,
                                            Segmenter::Options options) {
    options.hands = options.sharpenEdges = false;
    return std::make_unique<Session>(std::move(networks), std::move(targets), fps, Direction::Forward,
                                     options, true);
}

std::unique_ptr<Segmenter> makeSegmenter(std::shared_ptr<PoseNetworks> networks,
                                         const Segmenter::Options& options, const std::string& name) {
    return std::make_unique<BlazePoseSegmenter>(std::move(networks), options, name);
}

} // namespace blazepose

std::unique_ptr<Segmenter> makeBlazePoseSegmenter(const std::filesystem::path& modelsDir,
                                                  const std::filesystem::path& cacheDir,
                                                  const Segmenter::Options& options) {
    return blazepose::makeSegmenter(
        blazepose::makeOpenVinoNetworks(modelsDir, cacheDir, {options.threads, options.batch}), options);
}

} // namespace body4d
