#pragma once

#include "base/error.h"
#include "body/body_model.h"
#include "models/segmenter.h"
#include "pipeline/body_estimator.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace body4d::test {

/// What tests can do to the fake engine, and what they can see of it. Shared by all its sessions.
struct FakeControl {
    std::function<void(std::int64_t frame, Direction direction)>
        onAdvance;                ///< before a frame is tracked; may throw
    std::atomic<int> advanced{0}; ///< frames advanced in all sessions
    std::atomic<int> sessions{0};
    std::atomic<int> restored{0};
    int delay = 3;           ///< frames that a result comes late
    bool takesMasks = false; ///< as a tracker of masks does
    float clearness = 0.9F;  ///< visibility and presence of every tracked point
    bool staysPut = false;   ///< people are tracked where they were clicked
    /// x and confidence of those whom the nth search over a frame finds, from 0; unset: two people on every
    /// frame
    std::function<std::vector<std::pair<int, float>>(int search)> people;
    int searches = 0;
    int phantom =
        -1; ///< x of somebody whom the search over a frame finds and a click does not; negative: nobody
};

/// Tracks "people" whose place follows from everything that the session has seen so far: a frame that is left
/// out, fed twice or out of order changes every later result, as does a state that is not restored
/// completely.
class FakeSession final : public SegmenterSession {
public:
    FakeSession(std::vector<SessionTarget> targets, Direction direction, std::shared_ptr<FakeControl> control)
        : targets_(std::move(targets)), direction_(direction), control_(std::move(control)) {
        ++control_->sessions;
    }

    SessionStep advance(std::int64_t index, const ImagePtr& frame, bool newShot,
                        const std::stop_token& stop) override {
        if (control_->onAdvance) {
            control_->onAdvance(index, direction_);
        }
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        ++control_->advanced;
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < frame->rgb.size(); i += 97) {
            sum = sum * 31 + frame->rgb[i];
        }
        memory_ =
            memory_ * 6364136223846793005ULL + sum + static_cast<std::uint64_t>(index) + (newShot ? 77 : 0);
        for (const auto& target : targets_) { // and from everything that has been said so far
            for (const auto& prompt : target.prompts) {
                for (const auto& point : prompt.points) {
                    if (prompt.frame == index) {
                        memory_ = memory_ * 31 + static_cast<std::uint64_t>(64 * point.x + point.y) +
                                  (point.include ? 1 : 0);
                    }
                }
            }
        }
        for (const auto& target : targets_) {
            held_.push_back({target.id, result(target, index, *frame)});
        }
        SessionStep step;
        while (held_.size() > static_cast<std::size_t>(control_->delay) * targets_.size()) {
            step.items.push_back(std::move(held_.front()));
            held_.pop_front();
        }
        return step;
    }

    SessionStep finish() override {
        SessionStep step;
        while (!held_.empty()) {
            step.items.push_back(std::move(held_.front()));
            held_.pop_front();
        }
        return step;
    }

    [[nodiscard]] std::vector<std::byte> saveState() const override {
        std::vector<std::byte> out;
        append(out, memory_);
        append(out, static_cast<std::uint64_t>(held_.size()));
        for (const auto& item : held_) {
            append(out, item.id);
            append(out, item.frame.frame);
            append(out, item.frame.state);
            append(out, item.frame.prompted);
            append(out, item.frame.confidence);
            append(out, item.frame.pose);
            append(out, item.frame.mask.width);
            append(out, item.frame.mask.height);
            append(out, static_cast<std::uint64_t>(item.frame.mask.counts.size()));
            for (const auto count : item.frame.mask.counts) {
                append(out, count);
            }
        }
        return out;
    }

    void restoreState(std::span<const std::byte> state) override {
        ++control_->restored;
        std::uint64_t count = 0;
        take(state, memory_);
        take(state, count);
        held_.clear();
        for (std::uint64_t i = 0; i < count; ++i) {
            SessionStep::Item item;
            std::uint64_t runs = 0;
            take(state, item.id);
            take(state, item.frame.frame);
            take(state, item.frame.state);
            take(state, item.frame.prompted);
            take(state, item.frame.confidence);
            take(state, item.frame.pose);
            take(state, item.frame.mask.width);
            take(state, item.frame.mask.height);
            take(state, runs);
            item.frame.mask.counts.resize(runs);
            for (auto& run : item.frame.mask.counts) {
                take(state, run);
            }
            held_.push_back(std::move(item));
        }
    }

private:
    template <typename T>
    static void append(std::vector<std::byte>& out, const T& value) {
        const auto bytes = std::as_bytes(std::span(&value, 1));
        out.insert(out.end(), bytes.begin(), bytes.end());
    }
    template <typename T>
    static void take(std::span<const std::byte>& in, T& value) {
        std::memcpy(&value, in.data(), sizeof value);
        in = in.subspan(sizeof value);
    }

    [[nodiscard]] TargetFrame result(const SessionTarget& target, std::int64_t index,
                                     const Image& frame) const {
        TargetFrame out;
        out.frame = index;
        const auto first = target.prompts.front().frame, last = target.prompts.back().frame;
        if (direction_ == Direction::Forward ? index < first : index > last) {
            return out;
        }
        for (const auto& prompt : target.prompts) {
            out.prompted = out.prompted || prompt.frame == index;
        }
        out.state = FrameState::Visible;
        out.confidence = 0.9F;
        out.pose.score = 0.95F;
        const double jitter = static_cast<double>(memory_ >> 40U) / static_cast<double>(1U << 24U);
        const bool clicked = control_->staysPut && !target.prompts.front().points.empty();
        const double x = clicked ? target.prompts.front().points.front().x
                                 : 20 + 8.0 * target.id + 4 * jitter,
                     y = 24 + 3 * std::sin(0.1 * static_cast<double>(index));
        for (std::size_t k = 0; k < out.pose.points.size(); ++k) {
            auto& p = out.pose.points[k];
            const double a = 0.7 * static_cast<double>(k);
            p.px = {x + 6 * std::cos(a), y + 10 * std::sin(a)};
            p.world = {0.3 * std::cos(a), 0.5 * std::sin(a), 0.05 * jitter};
            p.visibility = p.presence = control_->clearness;
        }
        out.pose.roi = {x, y, 30, 0};
        Mask mask(frame.width, frame.height);
        for (int row = 10; row < std::min(40, frame.height); ++row) {
            for (int column = static_cast<int>(x) - 4; column < static_cast<int>(x) + 5; ++column) {
                if (column >= 0 && column < frame.width) {
                    mask.row(row)[column] = 255;
                }
            }
        }
        out.mask = encodeRle(mask);
        return out;
    }

    std::vector<SessionTarget> targets_;
    Direction direction_;
    std::shared_ptr<FakeControl> control_;
    std::uint64_t memory_ = 1;
    std::deque<SessionStep::Item> held_;
};

/// Finds somebody wherever one clicks, and two people on every frame.
class FakeSegmenter final : public Segmenter {
public:
    explicit FakeSegmenter(std::shared_ptr<FakeControl> control) : control_(std::move(control)) {}

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] bool takesMasks() const override { return control_->takesMasks; }
    [[nodiscard]] SegmentPreview preview(const ImagePtr& frame, const Prompt& prompt,
                                         const std::stop_token&) override {
        SegmentPreview out;
        out.found = !prompt.points.empty() &&
                    (control_->phantom < 0 || std::abs(prompt.points.front().x - control_->phantom) > 6);
        if (out.found) {
            out.frame = personAt(*frame, static_cast<int>(prompt.points.front().x), 0.9F);
        }
        return out;
    }
    [[nodiscard]] std::vector<SegmentPreview> findPeople(const ImagePtr& frame,
                                                         const std::stop_token&) override {
        if (control_->people) {
            std::vector<SegmentPreview> found;
            for (const auto& [x, confidence] : control_->people(control_->searches++)) {
                found.push_back({true, personAt(*frame, x, confidence), ""});
            }
            return found;
        }
        std::vector<SegmentPreview> people = {{true, personAt(*frame, 16, 0.9F), ""},
                                              {true, personAt(*frame, 44, 0.8F), ""}};
        if (control_->phantom >= 0) {
            people.push_back({true, personAt(*frame, control_->phantom, 0.95F), ""});
        }
        return people;
    }
    [[nodiscard]] std::unique_ptr<SegmenterSession> startSession(std::vector<SessionTarget> targets, double,
                                                                 Direction direction) override {
        return std::make_unique<FakeSession>(std::move(targets), direction, control_);
    }

private:
    static TargetFrame personAt(const Image& frame, int x, float confidence) {
        TargetFrame out;
        out.state = FrameState::Visible;
        out.confidence = confidence;
        Mask mask(frame.width, frame.height);
        for (int row = 10; row < std::min(40, frame.height); ++row) {
            for (int column = std::max(0, x - 4); column < std::min(frame.width, x + 5); ++column) {
                mask.row(row)[column] = 255;
            }
        }
        out.mask = encodeRle(mask);
        return out;
    }

    const std::string name_ = "fake";
    std::shared_ptr<FakeControl> control_;
};

/// A body of three joints and four vertices.
class FakeBodyModel final : public BodyModel {
public:
    FakeBodyModel() {
        joints_ = {{"root", -1}, {"spine", 0}, {"head", 1}};
        topology_.triangles = {{0, 1, 2}, {0, 3, 1}, {1, 3, 2}, {0, 2, 3}};
        topology_.uv = {{0, 0}, {1, 0}, {0, 1}, {1, 1}};
        topology_.triangleUv = topology_.triangles;
        topology_.region.assign(4, static_cast<std::uint8_t>(BodyRegion::Suit));
        skin_.perVertex = 1;
        skin_.joint = {0, 0, 1, 2};
        skin_.weight = {1, 1, 1, 1};
    }
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const MeshTopology& topology() const override { return topology_; }
    [[nodiscard]] std::span<const BodyJoint> joints() const override { return joints_; }
    [[nodiscard]] const SkinWeights& skin() const override { return skin_; }
    [[nodiscard]] RestBody shaped(const BodyShape&) const override {
        return {{{-0.3F, 0.9F, 0}, {0.3F, 0.9F, 0}, {0, -0.3F, 0.1F}, {0, -0.8F, 0}},
                {{0, 0, 0}, {0, -0.3, 0}, {0, -0.6, 0}},
                1.7};
    }

private:
    const std::string name_ = "fake";
    std::vector<BodyJoint> joints_;
    MeshTopology topology_;
    SkinWeights skin_;
};

/// Copies the landmarks into a body; each frame also looks at its neighbours, as real fits do.
class FakeBodyEstimator final : public BodyEstimator {
public:
    mutable std::atomic<int> fits{0};

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] std::shared_ptr<const BodyModel> model() const override { return model_; }
    [[nodiscard]] Intrinsics camera(int width, int height) const override {
        return intrinsicsFromFov(width, height, 0.96);
    }
    [[nodiscard]] BodyFrame preview(const TargetFrame& frame, const Intrinsics&,
                                    const PersonTraits&) const override {
        return bodyOf(frame);
    }
    [[nodiscard]] BodyTrack fit(const TargetTrack& track, const PersonTraits& traits, int width, int height,
                                double fps, const std::stop_token& stop,
                                const ProgressFn& progress) const override {
        ++fits;
        BodyTrack out;
        out.id = track.id;
        out.engine = "fake";
        out.bodyModel = "fake";
        out.shape.age = traits.age;
        out.camera = camera(width, height);
        out.fps = fps;
        out.firstFrame = track.firstFrame;
        for (std::size_t i = 0; i < track.frames.size(); ++i) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            out.frames.push_back(bodyOf(track.frames[i]));
            const auto& before = track.frames[i > 0 ? i - 1 : i];
            out.frames.back().pose.translation.x += 0.001 * before.pose.roi.centreX;
            progress({"reconstruct", "", static_cast<long long>(i + 1),
                      static_cast<long long>(track.frames.size()), 0, -1});
        }
        out.accelerationRaw = 20;
        out.acceleration = 5;
        return out;
    }

private:
    [[nodiscard]] BodyFrame bodyOf(const TargetFrame& frame) const {
        BodyFrame out;
        out.frame = frame.frame;
        out.state = frame.state;
        out.pose.translation = {0.01 * frame.pose.roi.centreX, 0.01 * frame.pose.roi.centreY, 4};
        out.pose.rotations.assign(3, Mat3());
        out.rawPose = out.pose;
        for (std::size_t k = 0; k < out.keypoints.size(); ++k) {
            out.keypoints[k] = out.pose.translation + frame.pose.points[k].world;
            out.confidence[k] = 0.9F;
        }
        if (frame.state == FrameState::Visible) {
            out.reprojectionPercent = 1;
            out.silhouetteIou = 0.7F;
        }
        out.boxSidePx = 24;
        return out;
    }

    const std::string name_ = "fake";
    std::shared_ptr<const BodyModel> model_ = std::make_shared<const FakeBodyModel>();
};

/// Hides every tenth frame and says so.
class FakeCompleter final : public Completer {
public:
    [[nodiscard]] CompletionResult complete(const BodyTrack& body, const TargetTrack& track,
                                            std::span<const TargetTrack* const>, const BodyModel&,
                                            const CompletionOptions& options,
                                            const std::function<ImagePtr(std::int64_t)>&,
                                            const std::stop_token&, const ProgressFn&) const override {
        CompletionResult out;
        out.body = body;
        for (std::size_t i = 0; i < out.body.frames.size(); i += 10) {
            out.body.frames[i].state = options.fill ? FrameState::Completed : FrameState::Occluded;
            out.amodal.emplace_back(out.body.frames[i].frame, track.frames[i].mask);
        }
        out.hint = "Every tenth frame is hidden.";
        return out;
    }
};

} // namespace body4d::test
