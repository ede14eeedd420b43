#pragma once

#include "models/sam3/memory_bank.h"
#include "models/sam3/video_network.h"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace body4d::sam3 {

struct TrackerOptions {
    bool memorySelection = true;
    /// All objects share which frames are remembered and which are conditioning frames, and objects that
    /// overlap on a prompted frame are cut apart, as in the official tracker. Otherwise every object is
    /// tracked as if it were alone.
    bool joint = false;
    std::int64_t clipFrames = kMaxPointers; ///< frames of the clip where it is shorter than that
    std::size_t mostConditioning = 4;       ///< conditioning frames that a frame looks back at; 0: all
    /// A click on a frame that was tracked before is answered in the light of what is remembered; otherwise
    /// as on a first frame, with nothing but the last mask as a hint.
    bool correctionsUseMemory = false;
    bool keepEverything = false; ///< for going back to earlier frames; memory then grows with the clip
    std::int64_t batch = 8;      ///< objects a call at most; never changes results
    double budgetGib = 0;        ///< of main memory; 0: what is free less a margin
};

/// A click or a corner of a box in the squashed frame.
struct TrackerPoint {
    float x = 0, y = 0; ///< 0..1 of width and height
    PointLabel label = PointLabel::Include;
};

/// Masks of some objects in one frame, on the network's device.
struct TrackedFrame {
    std::vector<int> ids;
    at::Tensor logits; ///< float32 [B, maskSize, maskSize]
    at::Tensor scores; ///< float32 [2, B]: presence logit, quality
};

/// The state machine of the tracker: prompts, what is remembered, and propagation in either direction. Frames
/// are given by their features; the caller decides which ones are visited and when. One thread at a time, in
/// inference mode.
///
/// A prompted frame becomes a conditioning frame: `prompt` as often as wanted, then `commit`, then `track` on
/// others.
class Tracker {
public:
    /// @param network prepared; must outlive the tracker
    Tracker(const VideoNetwork& network, const TrackerOptions& options)
        : network_(&network), options_(options) {}

    /// Clicks and a box (as its two corners, first) on one frame; all of the object's points there, old and
    /// new. The object's latest mask on the frame, if there is one, goes along as a hint. Beyond 16 points
    /// the first and last 8 count. @returns float32 [maskSize, maskSize]
    at::Tensor prompt(int id, std::int64_t frame, const Features& features, std::vector<TrackerPoint> points);
    /// A mask in place of points. @param mask float32 of any size, 0..1  @param height, width of the video
    void promptMask(int id, std::int64_t frame, const Features& features, const at::Tensor& mask,
                    std::int64_t height, std::int64_t width);
    /// Remembers what was prompted on a frame.
    void commit(std::int64_t frame, const Features& features);
    /// The objects for which this is a conditioning frame, with what was prompted.
    [[nodiscard]] TrackedFrame given(std::int64_t frame) const;
    /// Finds all objects that have a conditioning frame; on that frame itself they keep what was prompted.
    /// Those come first in the result. Calls that run out of memory are repeated with fewer objects.
    /// @param left objects that are not looked for, because somebody said that they are not there
    TrackedFrame track(std::int64_t frame, const Features& features, bool backward = false,
                       const std::set<int>& left = {});
    /// Hands over the scores of the last `track` once they are on the host, [2, B]. Otherwise the next call
    /// fetches them.
    void settle(const at::Tensor& scores);
    void remove(int id);

    [[nodiscard]] bool knows(int id) const { return objects_.contains(id); }
    /// Whether the object has a conditioning frame.
    [[nodiscard]] bool started(int id) const;
    [[nodiscard]] std::vector<int> ids() const;
    [[nodiscard]] const TrackerConfig& config() const { return network_->config; }
    /// What `track` would look back at.
    [[nodiscard]] MemoryPlan plan(int id, std::int64_t frame, bool backward);
    /// State, for saving and restoring.
    [[nodiscard]] const MemoryBank& bank(int id) const { return objects_.at(id).bank; }
    void setBank(int id, MemoryBank bank) { objects_[id].bank = std::move(bank); }
    /// Objects that one call takes now: the option, or what memory allowed.
    [[nodiscard]] std::int64_t batch() const { return options_.batch; }
    /// Bytes of all tensors that are remembered.
    [[nodiscard]] std::int64_t rememberedBytes() const;

private:
    /// Given on a frame and not yet committed.
    struct Pending {
        at::Tensor logits;   ///< [maskSize, maskSize]; undefined where `drawn` stands for it
        at::Tensor drawn;    ///< bool [height, width], of a mask at the size of the video
        at::Tensor pointer;  ///< [width]
        at::Tensor presence; ///< [1]
    };
    struct Object {
        MemoryBank bank;
        std::map<std::int64_t, Pending> pending;
        std::set<std::int64_t> prompted; ///< frames with a prompt of this object
    };
    struct Unsettled {
        std::int64_t frame = 0;
        bool backward = false;
        std::vector<int> ids;              ///< those that were tracked
        std::vector<std::int64_t> columns; ///< where their scores are
        at::Tensor scores;
    };

    [[nodiscard]] at::Tensor previousLogits(const Object& object, std::int64_t frame) const;
    [[nodiscard]] at::Tensor pendingLogits(const Pending& pending) const;
    [[nodiscard]] MemoryPlan settledPlan(int id, std::int64_t frame, bool backward) const;
    [[nodiscard]] float score(int id, std::int64_t frame) const;
    [[nodiscard]] PlanRequest request(std::int64_t frame, bool backward) const;
    [[nodiscard]] at::Tensor attend(const Features& features, std::span<const MemoryPlan> plans) const;
    /// What `track` finds of some objects; nothing is remembered yet.
    struct Found {
        at::Tensor logits;   ///< [B, maskSize, maskSize]
        at::Tensor scores;   ///< [2, B]
        at::Tensor pointers; ///< [B, width]
        at::Tensor maps;     ///< [B, M, memoryWidth]
    };
    /// Main memory for one object in a call that looks back at so many maps, about.
    [[nodiscard]] std::int64_t bytesToFind(std::int64_t maps) const;
    [[nodiscard]] Found find(const Features& features, std::span<const MemoryPlan> plans) const;
    void settlePending();

    const VideoNetwork* network_;
    TrackerOptions options_;
    std::map<int, Object> objects_;
    std::optional<Unsettled> unsettled_;
    bool backward_ = false; ///< direction of the last `track`
};

} // namespace body4d::sam3
