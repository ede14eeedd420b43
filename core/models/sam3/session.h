#pragma once

#include "models/sam3/encoder_queue.h"
#include "models/sam3/model.h"
#include "models/segmenter.h"

#include <memory>

namespace body4d::sam3 {

struct SessionOptions {
    TrackerOptions tracker;
    int framesAhead = 1; ///< frames that are encoded in one call; their results come that much later
    bool needMasks = true;
    bool pixelIndices = false; ///< clicks are read as the reference application reads them, half a pixel off
    double budgetGib = 0;      ///< of main memory; 0: what is free less a margin
    std::shared_ptr<FeatureCache> cache; ///< shared by sessions of one engine; may be null
    std::shared_ptr<Counts> counts;      ///< may be null
};

/// Gives what a person said about one frame to the tracker: a painted mask alone, otherwise the box and the
/// clicks the way they were given, one after the other, so that the preview of a click and the session see
/// the same.
/// @returns whether the tracker got anything
bool replay(Tracker& tracker, int id, const Features& features, const Prompt& prompt, int width, int height,
            bool pixelIndices = false);

/// Tracks all targets of a video in one direction. What is worked on can be brought out at any time with
/// finish(); the session then goes on as before.
class Session final : public SegmenterSession {
public:
    Session(std::shared_ptr<const Model> model, std::vector<SessionTarget> targets, Direction direction,
            const SessionOptions& options);
    ~Session() override;
    SessionStep advance(std::int64_t index, const ImagePtr& frame, bool newShot,
                        const std::stop_token& stop) override;
    SessionStep finish() override;
    std::vector<std::byte> saveState() const override;
    void restoreState(std::span<const std::byte> state) override;

    /// Bytes that the targets' memory takes on the device.
    [[nodiscard]] std::int64_t rememberedBytes() const;
    /// Frames whose features are held.
    [[nodiscard]] std::size_t waitingFrames() const;
    /// Frames that one call of the encoder takes now: the option, or what memory allowed.
    [[nodiscard]] int framesPerCall() const;
    [[nodiscard]] const Tracker& tracker() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d::sam3
