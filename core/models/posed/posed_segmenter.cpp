#include "models/posed/posed_segmenter.h"

#include "base/error.h"
#include "models/blazepose/hand_tracker.h"
#include "models/blazepose/person_finder.h"
#include "models/blazepose/session.h"
#include "models/blazepose/state_bytes.h"
#include "models/people_finder.h"
#include "models/posed/landmark_finder.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace body4d::posed {
namespace {

using blazepose::StateReader;
using blazepose::StateWriter;

constexpr std::uint32_t kStateMagic = 0x35534f50; // "POS5"
constexpr double kDefaultFps = 25;
/// Frames that are kept for results that come late; more than any engine holds.
constexpr std::size_t kMostLate = 32;

template <typename Archive>
void archive(Archive& bytes, SessionStep::Item& item) {
    bytes(item.id);
    blazepose::visitFrame(bytes, item.frame);
}

class PosedSession final : public SegmenterSession {
public:
    PosedSession(std::unique_ptr<SegmenterSession> masks, std::shared_ptr<blazepose::PoseNetworks> networks,
                 const std::vector<SessionTarget>& targets, double fps, const Segmenter::Options& options)
        : masks_(std::move(masks)), networks_(std::move(networks)), options_(options),
          finder_(targets.size(), 1 / (fps > 0 ? fps : kDefaultFps)), hands_(targets.size()) {
        for (const auto& target : targets) {
            ids_.push_back(target.id);
        }
    }

    SessionStep advance(std::int64_t index, const ImagePtr& frame, bool newShot,
                        const std::stop_token& stop) override {
        images_.emplace_back(index, frame);
        while (images_.size() > kMostLate) {
            images_.pop_front();
        }
        SessionStep step;
        step.items = std::exchange(late_, {});
        pose(masks_->advance(index, frame, newShot, stop), step, stop);
        return step;
    }

    SessionStep finish() override {
        SessionStep step;
        step.items = std::exchange(late_, {});
        pose(masks_->finish(), step, {});
        return step;
    }

    std::vector<std::byte> saveState() const override {
        // The masks' session must hold nothing: without the frames no landmarks could be found after a
        // restart.
        SessionStep step;
        pose(masks_->finish(), step, {});
        late_.insert(late_.end(), step.items.begin(), step.items.end());
        StateWriter bytes;
        bytes(kStateMagic);
        bytes(static_cast<std::uint64_t>(late_.size()));
        for (auto item : late_) {
            archive(bytes, item);
        }
        auto finder = finder_;
        finder.serialize(bytes);
        auto hands = hands_;
        hands.serialize(bytes);
        bytes(masks_->saveState());
        return bytes.take();
    }

    void restoreState(std::span<const std::byte> state) override {
        StateReader bytes(state);
        std::uint32_t magic = 0;
        std::uint64_t count = 0;
        bytes(magic);
        bytes(count);
        if (magic != kStateMagic || count > state.size()) {
            StateReader::fail();
        }
        late_.clear();
        images_.clear();
        for (std::uint64_t i = 0; i < count; ++i) {
            archive(bytes, late_.emplace_back());
        }
        finder_.serialize(bytes);
        hands_.serialize(bytes);
        std::vector<std::byte> inner;
        bytes(inner);
        if (!bytes.atEnd() || finder_.targets() != ids_.size() || hands_.people() != ids_.size()) {
            StateReader::fail();
        }
        masks_->restoreState(inner);
    }
    std::int64_t lookBack() const override { return masks_->lookBack(); }
    void showAgain(std::int64_t index, const ImagePtr& frame) override { masks_->showAgain(index, frame); }

private:
    /// Adds landmarks to everything that the masks' session brought out, frame by frame.
    void pose(SessionStep masks, SessionStep& step, const std::stop_token& stop) const {
        auto& items = masks.items;
        for (std::size_t begin = 0; begin < items.size();) {
            auto end = begin;
            while (end < items.size() && items[end].frame.frame == items[begin].frame.frame) {
                ++end;
            }
            poseFrame(std::span(items).subspan(begin, end - begin), stop);
            begin = end;
        }
        step.items.insert(step.items.end(), std::make_move_iterator(items.begin()),
                          std::make_move_iterator(items.end()));
    }

    /// @param items all of one frame
    void poseFrame(std::span<SessionStep::Item> items, const std::stop_token& stop) const {
        const auto index = items.front().frame.frame;
        const auto image = std::find_if(images_.begin(), images_.end(),
                                        [index](const auto& known) { return known.first == index; });
        BODY4D_EXPECT(image != images_.end());
        std::vector<std::optional<Silhouette>> silhouettes(ids_.size());
        std::vector<TargetFrame*> frames(ids_.size(), nullptr);
        std::vector<const Silhouette*> wanted(ids_.size(), nullptr);
        for (auto& item : items) {
            const auto at =
                static_cast<std::size_t>(std::find(ids_.begin(), ids_.end(), item.id) - ids_.begin());
            BODY4D_EXPECT(at < ids_.size());
            frames[at] = &item.frame;
            if (item.frame.state == FrameState::Visible && !item.frame.mask.empty()) {
                silhouettes[at] = silhouetteOf(item.frame.mask);
                if (silhouettes[at]) {
                    silhouettes[at]->prompted = item.frame.prompted;
                    wanted[at] = &*silhouettes[at];
                }
            }
        }
        blazepose::FrameEye eye(*networks_, *image->second, stop);
        const auto seen = finder_.look(eye, wanted);
        std::vector<PoseLandmarks> poses(ids_.size());
        for (std::size_t i = 0; i < ids_.size(); ++i) {
            if (seen[i]) {
                frames[i]->pose = poses[i] = blazepose::toPose(*seen[i]);
            }
        }
        if (options_.hands) {
            const auto hands = hands_.look(*networks_, *image->second, poses, stop);
            for (std::size_t i = 0; i < ids_.size(); ++i) {
                if (seen[i]) {
                    frames[i]->hands = hands[i];
                }
            }
        }
        images_.erase(images_.begin(), image); // results come in order: those before are done
    }

    std::unique_ptr<SegmenterSession> masks_;
    std::shared_ptr<blazepose::PoseNetworks> networks_;
    Segmenter::Options options_;
    std::vector<TargetId> ids_;
    // Saving a state first finishes what is under way, which changes nothing that can be seen from outside.
    mutable std::deque<std::pair<std::int64_t, ImagePtr>> images_;
    mutable LandmarkFinder finder_;
    mutable blazepose::HandTracker hands_;
    mutable std::vector<SessionStep::Item> late_;
};

class PosedSegmenter final : public Segmenter, public PeopleFinder {
public:
    PosedSegmenter(std::unique_ptr<Segmenter> masks, std::shared_ptr<blazepose::PoseNetworks> networks,
                   const Options& options)
        : masks_(std::move(masks)), networks_(std::move(networks)), options_(options) {}

    const std::string& name() const override { return masks_->name(); }
    bool takesMasks() const override { return masks_->takesMasks(); }
    std::optional<EngineUse> use() const override { return masks_->use(); }

    SegmentPreview preview(const ImagePtr& frame, const Prompt& prompt,
                           const std::stop_token& stop) override {
        auto preview = masks_->preview(frame, prompt, stop);
        const auto silhouette = preview.found ? silhouetteOf(preview.frame.mask) : std::nullopt;
        if (silhouette) {
            blazepose::FrameEye eye(*networks_, *frame, stop);
            LandmarkFinder finder(1, 1 / kDefaultFps);
            if (const auto seen = finder.look(eye, {&*silhouette}).front()) {
                preview.frame.pose = blazepose::toPose(*seen);
            }
        }
        return preview;
    }

    std::vector<SegmentPreview> findPeople(const ImagePtr& frame, const std::stop_token& stop) override {
        return std::move(findPeopleOn(std::span(&frame, 1), stop).front());
    }

    std::vector<std::vector<SegmentPreview>> findPeopleOn(std::span<const ImagePtr> frames,
                                                          const std::stop_token& stop) override {
        const auto found = blazepose::findEverybody(*networks_, frames, {}, stop);
        std::vector<std::vector<SegmentPreview>> out(frames.size());
        for (std::size_t i = 0; i < frames.size(); ++i) {
            out[i] = previewsOf(found[i], frames[i], stop);
        }
        return out;
    }

    std::vector<SegmentPreview> findOthers(const ImagePtr& frame, std::span<const PoseLandmarks> known,
                                           int look, const std::stop_token& stop) override {
        return previewsOf(
            blazepose::findEverybody(*networks_, std::span(&frame, 1), {known, look}, stop).front(), frame,
            stop);
    }

    std::unique_ptr<SegmenterSession> startScouting(std::vector<SessionTarget> targets, double fps) override {
        // Masks of every frame would cost as much as the tracking itself.
        return blazepose::makeScout(networks_, std::move(targets), fps, options_);
    }

    std::unique_ptr<SegmenterSession> startSession(std::vector<SessionTarget> targets, double fps,
                                                   Direction direction) override {
        auto masks = masks_->startSession(targets, fps, direction);
        return std::make_unique<PosedSession>(std::move(masks), networks_, targets, fps, options_);
    }

private:
    /// The masks of people whom the landmark network found.
    std::vector<SegmentPreview> previewsOf(std::span<const blazepose::FoundPerson> people,
                                           const ImagePtr& frame, const std::stop_token& stop) {
        std::vector<SegmentPreview> out;
        for (const auto& person : people) {
            const auto box = blazepose::bodyBox(person.seen);
            Prompt prompt;
            prompt.box = Box{std::max(0.0, box.x0 + 0.5), std::max(0.0, box.y0 + 0.5),
                             std::min<double>(frame->width, box.x1 + 0.5),
                             std::min<double>(frame->height, box.y1 + 0.5)};
            auto preview = masks_->preview(frame, prompt, stop);
            if (preview.found) {
                preview.frame.pose = blazepose::toPose(person.seen);
                preview.frame.confidence = static_cast<float>(person.rank);
                preview.frame.prompted = false;
                out.push_back(std::move(preview));
            }
        }
        return out;
    }

    std::unique_ptr<Segmenter> masks_;
    std::shared_ptr<blazepose::PoseNetworks> networks_;
    Options options_;
};

} // namespace

std::unique_ptr<Segmenter> withLandmarks(std::unique_ptr<Segmenter> masks,
                                         std::shared_ptr<blazepose::PoseNetworks> networks,
                                         const Segmenter::Options& options) {
    return std::make_unique<PosedSegmenter>(std::move(masks), std::move(networks), options);
}

} // namespace body4d::posed
