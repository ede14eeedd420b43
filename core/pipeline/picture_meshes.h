#pragma once

#include "models/body_network.h"
#include "pipeline/picture_person.h"

#include <functional>
#include <memory>
#include <span>
#include <stop_token>

namespace body4d::detail {

/// A person whose bodies want meshes.
struct MeshWork {
    PicturePerson* person;
    BodyTrack* body;
};

/// How meshes are made.
struct MeshOptions {
    int batch = 16;
    double budgetGib = 0; ///< of memory; 0: what is free less a margin
    bool likeReference =
        false; ///< what SAM-Body4D writes where a body does not come from its reading any more
};

/// Numbers of a network at work beside its rows: graphs, tables, the allocator's slack. Bytes.
inline constexpr std::int64_t kNetworkBytes = 256LL << 20;

/// Every angle at zero.
[[nodiscard]] BodyParameters restingParameters(BodyParameters parameters);

/// Meshes of everybody's parameters, and the skeletons of what was read before anything was smoothed.
/// @param tell gets the share that is done  @throws like runBatched()
void giveMeshes(const BodyNetwork& network, const MeshOptions& options, std::span<MeshWork> work,
                const std::stop_token& stop, const std::function<void(double)>& tell);

} // namespace body4d::detail
