#pragma once

#include "export/export_clip.h"
#include "export/rig.h"

#include <vector>

namespace body4d {

/// Distance between the skin as a file carries it and the body model's own mesh.
struct SkinError {
    double meanMm = 0, maxMm = 0;
    int frames = 0; ///< looked at
};

/// The body model's own mesh in some frames of a clip, and how the rig moves there.
struct SkinSamples {
    std::vector<Vec3> rest;                        ///< [V] y up
    std::vector<std::vector<Vec3>> exact;          ///< [frames][V] y up
    std::vector<std::vector<RigidTransform>> move; ///< [frames][rig joints] from rest to the frame
};
/// At most 24 shown frames, evenly chosen.
[[nodiscard]] SkinSamples sampleSkin(const ExportClip& clip, const ExportPerson& person, const Rig& rig);

[[nodiscard]] SkinError measureSkinError(const SkinSamples& samples, const RigSkin& skin);

/// Where a vertex had more joints than fit, chooses joints and weights anew so that it follows the sampled
/// frames best; other vertices stay as they are.
void refineSkin(RigSkin& skin, const SkinWeights& full, const Rig& rig, const SkinSamples& samples);

} // namespace body4d
