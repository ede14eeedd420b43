#pragma once

#include "models/sam3/model.h"
#include "models/sam3/tracker.h"
#include "models/segmenter.h"

#include <memory>

namespace body4d::sam3 {

struct SessionOptions {
    TrackerOptions tracker;
    int framesAhead = 1; ///< frames that are encoded in one call; their results come that much later
    bool needMasks = true;
};

/// Gives one frame's clicks to the tracker the way a person gave them, one after the other, so that the
/// preview of a click and the session see the same.
/// @returns whether the tracker got anything
bool replay(Tracker& tracker, int id, std::int64_t frame, const Features& features, const Prompt& prompt,
            int width, int height);

/// Tracks all targets of a video in one direction.
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

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d::sam3
