#include "base/error.h"
#include "base/files.h"
#include "export/glb_scene_internal.h"
#include "export/writers.h"

#include <cmath>
#include <cstdio>

namespace body4d {
namespace fs = std::filesystem;
using detail::GlbScene;

ExportResult writeGlb(const ExportClip& clip, const fs::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress) {
    const GlbOptions& options = clip.options.glb;
    ExportResult result;
    const long long total = static_cast<long long>(clip.people.size()) * clip.frameCount();
    long long done = 0;
    const auto tick = [&] {
        throwIfStopped(stop);
        ++done;
        if (progress && (done % 32 == 0 || done == total)) {
            progress({"export", "GLB", done, total, 0, -1});
        }
    };
    const auto writeOne = [&](const fs::path& path, std::span<const ExportPerson> people) {
        writeFileAtomically(path, [&](const fs::path& temporary) {
            GlbScene scene(clip, fs::path(temporary.string() + ".bin"));
            if (options.camera) {
                scene.addCameras();
            }
            for (const ExportPerson& person : people) {
                const std::string& name = person.source->target.name;
                const bool skinned = person.model().skin().perVertex > 0;
                if (options.mesh == GlbMesh::Exact || !skinned) {
                    scene.addExact(person, tick);
                    if (options.mesh != GlbMesh::Exact) {
                        const bool hasSkeleton = person.model().joints().size() > 1;
                        if (hasSkeleton) {
                            scene.addArmature(person, [&] { throwIfStopped(stop); });
                        }
                        result.notes.push_back(name +
                                               ": no weights tie this mesh to its joints, so the file holds "
                                               "the mesh of every frame" +
                                               (hasSkeleton
                                                    ? " and beside it the skeleton, which does not move it."
                                                    : " instead of a skeleton that moves one."));
                    }
                    continue;
                }
                const SkinError error = scene.addSkinned(person, tick);
                if (error.frames == 0) {
                    result.notes.push_back(name + " is not shown in these frames and is left out of " +
                                           path.filename().string() + ".");
                    continue;
                }
                char text[160];
                std::snprintf(
                    text, sizeof text,
                    "skin against the exact mesh: mean %.2f mm, max %.2f mm (%d frames, %d joints a vertex).",
                    error.meanMm, error.maxMm, error.frames, options.influences > 4 ? 8 : 4);
                result.notes.push_back(name + ": " + text);
            }
            scene.addPlace();
            if (options.ground) {
                scene.addGround(people);
            }
            scene.write(temporary);
        });
        result.files.push_back(path);
    };
    if (options.separateFiles) {
        for (const ExportPerson& person : clip.people) {
            writeOne(dir / (clip.fileStem(person) + ".glb"), std::span(&person, 1));
        }
    } else {
        writeOne(dir / (clip.fileStem() + ".glb"), clip.people);
    }
    // Half a pixel lies between those who count pixels from corners and from middles.
    constexpr double kOffAxisPx = 0.75;
    if (std::fabs(clip.camera.centreX - 0.5 * clip.camera.width) > kOffAxisPx ||
        std::fabs(clip.camera.centreY - 0.5 * clip.camera.height) > kOffAxisPx) {
        result.notes.emplace_back(
            "glTF cameras have their axis in the middle of the picture; this one's is elsewhere (see "
            "the camera's extras).");
    }
    return result;
}

} // namespace body4d
