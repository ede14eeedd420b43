#include "models/sam3/segmenter.h"

#include "base/error.h"
#include "models/sam3/mask_bits.h"
#include "models/sam3/session.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <mutex>
#include <system_error>
#include <utility>

namespace body4d::sam3 {
namespace {

/// Frames encoded in one call on a GPU: enough to fill its multiprocessors (four 72 x 72 grids give 20,736
/// rows).
constexpr int kFramesAheadOnGpu = 4;

class Sam3Segmenter final : public Segmenter {
public:
    Sam3Segmenter(std::shared_ptr<const Model> model, const Options& options)
        : model_(std::move(model)), options_(options) {}

    const std::string& name() const override { return name_; }

    SegmentPreview preview(const ImagePtr& frame, const Prompt& prompt,
                           const std::stop_token& stop) override {
        const std::scoped_lock lock(mutex_); // one picture at a time is what the device can do best
        return nn::guarded([&] {
            const nn::EngineScope scope(model_->placement);
            SegmentPreview preview;
            if (shown_ != frame) {
                features_ = model_->network.encode(model_->prepare(*frame));
                shown_ = frame;
            }
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            Tracker tracker(model_->network, {});
            if (!replay(tracker, 1, prompt.frame, features_, prompt, frame->width, frame->height)) {
                preview.reason = "Click the person, or draw a box around them.";
                return preview;
            }
            tracker.commit(prompt.frame, features_);
            const auto given = tracker.given(prompt.frame);
            const auto bits =
                MaskBits::pack(given.logits, given.scores, frame->width, frame->height).onHost();
            auto mask = bits.mask(0);
            const float presence = presenceScore(bits.presence(0));
            if (presence <= 0 || area(mask) == 0) {
                preview.reason = "SAM 3 finds nothing at this place.";
                return preview;
            }
            preview.found = true;
            preview.frame.frame = prompt.frame;
            preview.frame.state = FrameState::Visible;
            preview.frame.mask = std::move(mask);
            preview.frame.confidence = presence;
            preview.frame.firm = true;
            preview.frame.prompted = true;
            return preview;
        });
    }

    std::vector<SegmentPreview> findPeople(const ImagePtr&, const std::stop_token&) override {
        throw Error(ErrorCode::Usage,
                    "SAM 3's tracker follows what is pointed at; it does not look for people.",
                    "Click the people, or find them with the engine blazepose and track with this one.");
    }

    std::unique_ptr<SegmenterSession> startSession(std::vector<SessionTarget> targets, double,
                                                   Direction direction) override {
        SessionOptions session;
        session.needMasks = options_.needMasks;
        session.framesAhead =
            model_->placement.onGpu() ? std::clamp(options_.batch, 1, kFramesAheadOnGpu) : 1;
        return std::make_unique<Session>(model_, std::move(targets), direction, session);
    }

private:
    std::shared_ptr<const Model> model_;
    Options options_;
    std::string name_ = "sam3";
    std::mutex mutex_;
    ImagePtr shown_; ///< whose features these are
    Features features_;
};

} // namespace

std::unique_ptr<Segmenter> makeSegmenter(const std::filesystem::path& modelsDir,
                                         const nn::Placement& placement, const Segmenter::Options& options) {
    const auto file = modelsDir / kCheckpointFile;
    std::error_code code;
    if (!std::filesystem::is_regular_file(file, code)) {
        throw Error(ErrorCode::MissingModel, "The weights of SAM 3 are not here.",
                    "Get sam3.pt from https://huggingface.co/facebook/sam3 (accept its licence first) and "
                    "put it into " +
                        modelsDir.string() + ". The engine blazepose works without it.",
                    file.string());
    }
    return nn::guarded(
        [&] { return std::make_unique<Sam3Segmenter>(Model::load(file, placement), options); });
}

} // namespace body4d::sam3
