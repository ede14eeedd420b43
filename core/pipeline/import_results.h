#pragma once

#include "base/geometry.h"
#include "base/progress.h"
#include "body/body_track.h"
#include "pipeline/options.h"

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// Results of SAM 3D Body or of SAM-Body4D, made elsewhere.
struct ImportRequest {
    /// One person each: an .npz of the official model (one frame), a folder of such files or of .ply meshes
    /// (a frame each, by the number in the name), or a folder of such folders.
    std::vector<std::filesystem::path> sources;
    /// Whose triangles the official vertices have; empty: the .npz says so, or a .ply beside it does.
    std::filesystem::path mesh;
    std::filesystem::path
        video;       ///< that the results belong to; empty: plain pictures of the right size are made
    Options options; ///< tell where the MHR body model lies: it ties meshes to their joints
};

struct ImportSummary {
    int people = 0;
    std::int64_t frames = 0;       ///< bodies of all people
    Intrinsics camera;             ///< of most frames
    std::vector<ShotCamera> shots; ///< where frames have other focal lengths
    /// Farthest that a keypoint lies from where the results say it does, through this program's camera;
    /// negative: the results do not say.
    double worstKeypointPx = -1;
    std::vector<std::string> notes; ///< sentences for the person
};

/// Makes a project of them. Vertices are kept as they are: nothing else is needed to show and export them.
/// @param folder of the new project  @throws Error{Input, Output, Usage}, Cancelled
ImportSummary importResults(const std::filesystem::path& folder, const ImportRequest& request,
                            const std::stop_token& stop, const ProgressFn& progress = {});

} // namespace body4d
