#pragma once

#include "export/export_clip.h"
#include "export/rig.h"

namespace body4d {

/// Distance between the skin as a file carries it and the body model's own mesh.
struct SkinError {
    double meanMm = 0, maxMm = 0;
    int frames = 0; ///< looked at
};
/// Over at most 24 shown frames, evenly chosen.
[[nodiscard]] SkinError measureSkinError(const ExportClip& clip, const ExportPerson& person, const Rig& rig,
                                         const RigSkin& skin);

} // namespace body4d
