#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <vector>

#include "nn/fields.h"

namespace body4d::sam3 {

/// What is remembered of one object in one frame. Tensors lie on the network's device.
struct Remembered {
    at::Tensor map;      ///< bfloat16 [M, memoryWidth]; undefined where only the pointer is still of use
    at::Tensor pointer;  ///< float32 [width]
    at::Tensor logits;   ///< float32 [maskSize, maskSize]; undefined where nobody can ask for it any more
    float presence = 0;  ///< logit: the object is there where positive
    float quality = 0;   ///< the decoder's guess of the mask's IoU
    bool scored = false; ///< found by tracking: presence and quality decide whether it is worth remembering
};

/// Everything remembered of one object, by frame.
struct MemoryBank {
    std::map<std::int64_t, Remembered> conditioning; ///< frames on which a person said something
    std::map<std::int64_t, Remembered> tracked;
};

/// How sure the tracker is of a frame: presence, brought to 0..1, times quality.
[[nodiscard]] float presenceScore(float presence);

/// What a frame looks back at, in the order of the official tracker.
struct MemoryPlan {
    struct Map {
        const Remembered* memory = nullptr;
        std::int64_t frame = 0;
        std::int64_t row = 0; ///< of the temporal table
    };
    struct Pointer {
        const Remembered* memory = nullptr;
        std::int64_t frame = 0;
        std::int64_t distance = 0; ///< in frames or ranks
    };
    std::vector<Map> maps;
    std::vector<Pointer> pointers;
};

struct PlanRequest {
    std::int64_t frame = 0;
    bool backward = false;
    /// Remember the frames on which the object was well seen instead of simply the last ones.
    bool selection = true;
    std::size_t mostConditioning = 4; ///< conditioning frames that are looked at; 0: all
    std::int64_t clipFrames = 16;     ///< length of the clip where it is below kMaxPointers
    std::int64_t frameEnd = std::numeric_limits<std::int64_t>::max(); ///< of the clip
};

/// @param score how sure the tracker is of a tracked frame, 0..1; asked only where `scored`
[[nodiscard]] MemoryPlan planMemory(const MemoryBank& bank, const PlanRequest& request,
                                    const std::function<float(std::int64_t)>& score);

/// Lets go of what no later frame of the same direction can look back at.
/// @param frame the last one tracked
void pruneMemory(MemoryBank& bank, const PlanRequest& request,
                 const std::function<float(std::int64_t)>& score);

} // namespace body4d::sam3
