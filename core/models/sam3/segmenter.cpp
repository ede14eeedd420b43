#include "models/sam3/segmenter.h"

#include "base/error.h"
#include "device/memory_budget.h"
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

/// Of main memory that is free, for features of frames that may be wanted again.
constexpr std::int64_t kCacheShare = 8, kLargestCache = 8LL << 30;

class MaskSegmenter final : public Segmenter {
public:
    MaskSegmenter(std::shared_ptr<const Model> model, const Options& options, double budgetGib)
        : model_(std::move(model)), options_(options), budgetGib_(budgetGib),
          cache_(std::make_shared<FeatureCache>(
              std::min(MemoryBudget(budgetGib).remaining() / kCacheShare, kLargestCache))),
          counts_(std::make_shared<Counts>()) {}

    const std::string& name() const override { return model_->name; }
    bool takesMasks() const override { return true; }

    SegmentPreview preview(const ImagePtr& frame, const Prompt& prompt,
                           const std::stop_token& stop) override {
        const std::scoped_lock lock(mutex_); // one picture at a time is what the device can do best
        return nn::guarded([&] {
            const nn::EngineScope scope(model_->placement);
            SegmentPreview preview;
            EncoderQueue queue(model_, cache_, counts_, 1, budgetGib_);
            queue.push(prompt.frame, *frame, false);
            const auto features = queue.next(true)->features;
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            Tracker tracker(*model_->network, trackerOptions());
            if (!replay(tracker, 1, features, prompt, frame->width, frame->height, options_.likeReference)) {
                preview.reason = "Click the person, or draw a box around them.";
                return preview;
            }
            tracker.commit(prompt.frame, features);
            const auto given = tracker.given(prompt.frame);
            const auto bits =
                MaskBits::pack(given.logits, given.scores, frame->width, frame->height).onHost();
            auto mask = prompt.mask ? *prompt.mask : bits.mask(0);
            const float presence = presenceScore(bits.presence(0));
            if (presence <= 0 || area(mask) == 0) {
                preview.reason = model_->title + " finds nothing at this place.";
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
                    model_->title + " follows what is pointed at; it does not look for people.",
                    "Click the people, or find them with the engine blazepose and track with this one.");
    }

    std::unique_ptr<SegmenterSession> startSession(std::vector<SessionTarget> targets, double,
                                                   Direction direction) override {
        SessionOptions session;
        session.tracker = trackerOptions();
        session.needMasks = options_.needMasks;
        session.pixelIndices = options_.likeReference;
        session.framesAhead =
            model_->placement.onGpu() ? std::clamp(options_.batch, 1, kFramesAheadOnGpu) : 1;
        session.budgetGib = budgetGib_;
        session.cache = cache_;
        session.counts = counts_;
        return std::make_unique<Session>(model_, std::move(targets), direction, session);
    }

    std::optional<EngineUse> use() const override {
        EngineUse use;
        use.device = nn::deviceName(model_->placement.device);
        use.precision = at::toString(model_->network->inputType);
        use.weightBytes = model_->weightBytes;
        use.framesEncoded = counts_->encoded;
        use.framesReused = counts_->reused;
        use.personFrames = counts_->tracked;
        use.seconds = static_cast<double>(counts_->nanoseconds) * 1e-9;
        use.framesPerCall = counts_->frameBatch;
        use.targetsPerCall = counts_->objectBatch;
        return use;
    }

private:
    [[nodiscard]] TrackerOptions trackerOptions() const {
        auto tracker = model_->tracker;
        tracker.joint = options_.likeReference;
        tracker.batch = std::max(1, options_.batch);
        tracker.budgetGib = budgetGib_;
        return tracker;
    }

    std::shared_ptr<const Model> model_;
    Options options_;
    double budgetGib_;
    std::shared_ptr<FeatureCache> cache_;
    std::shared_ptr<Counts> counts_;
    std::mutex mutex_;
};

} // namespace

std::unique_ptr<Segmenter> makeSegmenter(std::shared_ptr<const Model> model,
                                         const Segmenter::Options& options, double budgetGib) {
    return std::make_unique<MaskSegmenter>(std::move(model), options, budgetGib);
}

std::unique_ptr<Segmenter> makeSegmenter(const ModelFolder& modelsDir,
                                         const nn::Placement& placement, const Segmenter::Options& options,
                                         double budgetGib) {
    std::error_code code;
    auto file = modelsDir / kCheckpointFile;
    if (!std::filesystem::is_regular_file(file, code)) {
        file = modelsDir / kTransformersFile;
    }
    if (!std::filesystem::is_regular_file(file, code)) {
        throw Error(ErrorCode::MissingModel, "The weights of SAM 3 are not here.",
                    "Accept their licence at https://huggingface.co/facebook/sam3, then fetch them with body4d models get "
                    "sam3 --token T, or put sam3.pt into " +
                        modelsDir.string() + ". The engine blazepose works without them.",
                    (modelsDir / kCheckpointFile).string());
    }
    return nn::guarded([&] { return makeSegmenter(Model::load(file, placement), options, budgetGib); });
}

} // namespace body4d::sam3
