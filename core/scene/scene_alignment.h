#pragma once

#include "scene/loop_closure.h"
#include "scene/sim3.h"
#include "scene/view_store.h"

#include <filesystem>
#include <span>
#include <stop_token>
#include <vector>

namespace body4d {

/// How the worlds of consecutive passes lie in the first one's.
struct ChunkAlignment {
    std::vector<Sim3> worldFromChunk; ///< one a pass; the first is the identity
    std::vector<Sim3Fit> fits;        ///< of pass i + 1 to pass i; `found` false where nothing could be said
    std::vector<SceneLoop> loops;     ///< that were closed
};
/// From the points of the frames that neighbours share; reads a few frames at a time. Where views return to a
/// place of an earlier pass, what has drifted since is spread over the passes between. A pass that nothing
/// ties to the first one's world keeps its own, and the fit says so.
/// @throws Error{Input}, Cancelled
/// @param pairs of points at most that a pass is aligned by; takes about 200 bytes for each, and two views
[[nodiscard]] ChunkAlignment alignChunks(std::span<const std::filesystem::path> files, bool closeLoops,
                                         const std::stop_token& stop, std::size_t pairs = 40000);

/// Which frames of a pass are taken where neighbours share some: the middle of what is shared is the border,
/// because a frame is known best where others surround it.
/// @param index of a frame in the pass  @param size of the pass  @param before, after frames shared with
/// either neighbour
[[nodiscard]] bool takenFrom(std::int64_t index, std::int64_t size, std::int64_t before, std::int64_t after);

/// Scale between two sets of places of one camera each, with everything turned and moved as it fits best.
/// @returns target length over source length; 0 where the source does not move
[[nodiscard]] double scaleBetween(std::span<const Vec3> source, std::span<const Vec3> target);

} // namespace body4d
