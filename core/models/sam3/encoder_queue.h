#pragma once

#include "models/sam3/feature_cache.h"
#include "models/sam3/model.h"

#include <atomic>
#include <deque>
#include <memory>
#include <optional>

#include "nn/side_stream.h"

namespace body4d::sam3 {

/// Sums over all sessions of an engine. Thread-safe.
struct Counts {
    std::atomic<std::int64_t> encoded{0}, reused{0}; ///< frames
    std::atomic<std::int64_t> tracked{0};            ///< objects times frames
    std::atomic<std::int64_t> nanoseconds{0};        ///< inside sessions, wall time
    std::atomic<int> frameBatch{0}, objectBatch{0};  ///< what memory allowed last
};

/// Encodes coming frames in batches, ahead of their use: on a GPU in a queue of its own, so that one batch is
/// encoded while the frames of the one before are tracked. Frames come out in the order in which they went
/// in. Holds at most two batches. One thread at a time, in an EngineScope.
class EncoderQueue {
public:
    struct Frame {
        std::int64_t index = 0;
        int width = 0, height = 0;
        bool newShot = false;
        Features features;
    };
    /// @param cache, counts may be null  @param batch frames a call at most
    EncoderQueue(std::shared_ptr<const Model> model, std::shared_ptr<FeatureCache> cache,
                 std::shared_ptr<Counts> counts, int batch, double budgetGib);

    /// Uploads a frame, and encodes a batch once enough wait for it. Batches that run out of memory are
    /// repeated with fewer frames, and later ones stay that small.
    void push(std::int64_t index, const Image& image, bool newShot);
    /// The next frame that is ready, if it is time for it.
    /// @param everything do not wait for full batches: no more frames come for now
    [[nodiscard]] std::optional<Frame> next(bool everything);

    void clear();
    [[nodiscard]] int batch() const { return batch_; }
    [[nodiscard]] std::size_t waiting() const { return slots_.size(); }

private:
    struct Slot {
        Frame frame;
        FrameKey key;
        at::Tensor pixels;                                 ///< [1, 3, S, S] while it is not encoded yet
        std::shared_ptr<const nn::SideStream::Mark> ready; ///< null: nothing to wait for
        [[nodiscard]] bool encoded() const { return frame.features.top.defined(); }
    };
    void encodeWaiting();

    std::shared_ptr<const Model> model_;
    std::shared_ptr<FeatureCache> cache_;
    std::shared_ptr<Counts> counts_;
    nn::SideStream side_;
    int batch_;
    double budgetGib_;
    std::deque<Slot> slots_;
    std::size_t unencoded_ = 0; ///< slots whose features are still to be made
};

} // namespace body4d::sam3
