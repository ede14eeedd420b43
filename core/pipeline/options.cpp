#include "pipeline/options.h"

#include "base/error.h"
#include "pipeline/nearest.h"
#include "pipeline/option_text.h"

#include <algorithm>
#include <cmath>

namespace body4d {
namespace {

const std::vector<std::string> kBodyStages = {"reconstruct"};

OptionSpec toggle(std::string key, bool value, std::string label, std::string help,
                  std::vector<std::string> stages, std::string flag = {}) {
    return {std::move(key),    value,          std::move(label), std::move(help), "", 0, 0, {},
            std::move(stages), std::move(flag)};
}

OptionSpec number(std::string key, OptionValue value, double low, double high, std::string unit,
                  std::string label, std::string help, std::vector<std::string> stages,
                  std::string flag = {}) {
    return {std::move(key),
            std::move(value),
            std::move(label),
            std::move(help),
            std::move(unit),
            low,
            high,
            {},
            std::move(stages),
            std::move(flag)};
}

OptionSpec choice(std::string key, std::string value, std::vector<std::string> choices, std::string label,
                  std::string help, std::vector<std::string> stages, std::string flag = {}) {
    return {std::move(key),     std::move(value),  std::move(label), std::move(help), "", 0, 0,
            std::move(choices), std::move(stages), std::move(flag)};
}

OptionSpec place(std::string key, std::string label, std::string help, std::string flag = {}) {
    return {std::move(key), std::string(), std::move(label), std::move(help), "", 0, 0, {}, {}, std::move(flag)};
}

OptionSpec smoothing(const std::string& limb) {
    return number("smoothing." + limb, 1.0, 0, 10, "", "Smoothing, " + limb,
                  "How strongly time smooths the " + limb + ": 0 none, 1 usual, 4 strong.", kBodyStages);
}

std::vector<OptionSpec> buildSpecs() {
    using LL = long long;
    return {
        toggle("completion.enable", true, "Completion", "Fill in poses while a person is hidden.",
               {"complete"}, "--completion"),
        number("completion.max_gap_seconds", 4.0, 0, 60, "s", "Longest gap",
               "Longer stretches without any measurement are not filled in.", {"complete"}),
        number("completion.visible_share", 0.72, 0.1, 1, "", "Visible share",
               "A frame counts as hidden where less of the silhouette is seen, relative to usual.",
               {"complete"}),
        place("paths.ckpt_root", "Checkpoint folder",
              "Folder of checkpoints as SAM-Body4D lays them out; empty: the program's own models folder."),
        place("sam3.ckpt_path", "SAM 3 checkpoint",
              "Weights of SAM 3; empty: sam3/sam3.pt in the checkpoint folder, or the models folder."),
        number("sam_3d_body.batch_size", LL{16}, 1, 1024, "frames", "Batch size",
               "Frames per saved batch and crops per network call; more needs more memory, results are the "
               "same.",
               {}, "--batch"),
        number("sam_3d_body.window_frames", LL{64}, 1, 1024, "frames", "Window of SAM-Body4D",
               "Frames that compat smooths together, knowing nothing of others; there it is the batch size.",
               kBodyStages),
        place("sam_3d_body.ckpt_path", "SAM 3D Body checkpoint",
              "Weights of SAM 3D Body; empty: sam-3d-body-dinov3/model.ckpt in the checkpoint folder."),
        place("sam_3d_body.mhr_path", "MHR body model",
              "The body model; empty: sam-3d-body-dinov3/assets/mhr_model.pt in the checkpoint folder."),
        place("sam_3d_body.fov_path", "MoGe-2 checkpoint",
              "Weights of MoGe-2; empty: moge-2-vitl-normal/model.pt in the checkpoint folder."),
        choice("sam_3d_body.inference_type", "body", {"body", "full"}, "SAM 3D Body looks at",
               "What sam3d_body looks at: bodies, or also every hand that is large enough, at three times "
               "the work.",
               kBodyStages, "--inference-type"),
        place("runtime.output_dir", "Output folder", "Where runs without -o put their results; empty: -o is needed."),
        choice("runtime.device", "auto", {"auto", "cpu", "cuda:0", "cuda:1", "cuda:2", "cuda:3"}, "Device",
               "Where networks on LibTorch run; auto: the first NVIDIA GPU, else the CPU. blazepose always takes the CPU.", {},
               "--device"),
        choice("runtime.precision", "auto", {"auto", "float32"}, "Precision",
               "Numbers of networks on a GPU: auto takes half precision where its authors do; float32 is exact and slower.", {},
               "--precision"),
        number("memory.budget_gib", 0.0, 0, 4096, "GiB", "Memory budget",
               "Memory that may be used; 0: what is free less a margin.", {}, "--budget"),
        choice("engines.segment", "blazepose", {"blazepose", "blazepose_torch", "sam3", "edgetam"},
               "Segmenter", "Engine that turns clicks into masks.", {"segment"}),
        choice("engines.complete", "motion_prior", {"motion_prior"}, "Completer",
               "Engine that fills in hidden people.", {"complete"}),
        choice("engines.intrinsics", "prior", {"prior", "moge2"}, "Camera", "Engine that finds the field of view.",
               {"camera", "reconstruct"}),
        choice("engines.reconstruct", "anny", {"anny", "sam3d_body"}, "Body", "Engine that turns people into 3D bodies.",
               kBodyStages),
        choice("engines.scene", "none",
               {"none", "da3-small", "da3-base", "da3-large", "da3-giant", "da3nested-giant-large", "vggt"}, "Scene",
               "Network that turns the video into cameras and a point cloud of the place; none: no scene.",
               {"scene"}),
        choice("compat", "none", {"none", "sam-body4d"}, "Compatibility",
               "Decide as SAM-Body4D does, mistakes included: SAM 3 shares one memory among all people, SAM 3D Body "
               "smooths in windows and takes shapes from first frames.",
               {"segment"}),
        choice("scene.weights", "auto", {}, "Scene weights",
               "File or folder of own weights for the scene's engine; auto: those in the models folder.", {"scene"}),
        number("scene.process_res", LL{504}, 56, 4096, "px", "Resolution",
               "Longer side of the pictures that the scene's network sees; time and memory grow with its square.",
               {"scene"}),
        number("scene.fps", 1.0, 0.01, 240, "/s", "Pictures a second",
               "How many frames of a second of video the scene is made of.", {"scene"}),
        number("scene.view_chunk", LL{0}, 0, 4096, "frames", "Frames per pass",
               "Frames that the network sees together; passes are aligned afterwards. 0: as many as the memory holds.",
               {"scene"}),
        number("scene.max_points", LL{500'000}, 1000, 100'000'000, "points", "Points",
               "Most points of the scene's cloud, spread over space.", {}),
        toggle("scene.without_people", true, "Without people",
               "Leaves the tracked people out of the scene's cloud: their bodies stand there instead.", {}),
        toggle("video.hardware", false, "Hardware decoding", "Try the machine's video decoder first.", {}),
        toggle("mask.sharpen", true, "Sharpen masks", "Mask edges follow the edges of the picture.",
               {"segment"}),
        toggle("hands", true, "Hands", "Move the fingers where hands are large and clear enough.",
               {"segment"}, "--hands"),
        number("camera.fov_degrees", 55.0, 5, 170, "°", "Field of view",
               "Field of view of the picture's longer side.", {"camera", "reconstruct"}),
        number("camera.fov_tokens", LL{3600}, 60, 3600, "", "Detail of the field of view",
               "Pieces that moge2 cuts a picture into; 1200 is three times faster.",
               {"camera", "reconstruct"}),
        number("reconstruct.fps", 0.0, 0, 1000, "/s", "Bodies a second",
               "How many frames of a second are made a body of; those between are interpolated and count as not "
               "measured. 0: every frame.",
               kBodyStages, "--body-fps"),
        toggle("fit.silhouette", true, "Fit to silhouette", "Find the build from the masks.", kBodyStages),
        number("fit.iterations", LL{8}, 0, 100, "", "Fit iterations", "Most steps of the body fit.",
               kBodyStages),
        smoothing("root"),
        smoothing("torso"),
        smoothing("arms"),
        smoothing("legs"),
        smoothing("head"),
        choice("world.camera", "auto", {"auto", "static", "moving"}, "Camera motion",
               "Whether the camera moved; auto measures it from the background.",
               {"camera", "complete", "ground"}),
        toggle("ground.foot_lock", false, "Foot locking", "Keep planted feet where they are.", {"ground"}),
        choice("export.glb_mesh", "skinned", {"skinned", "exact"}, "GLB mesh",
               "Skeleton animation, or the exact mesh of every frame (large).", {}, "--glb-mesh"),
        choice("export.glb_influences", "4", {"4", "8"}, "GLB influences",
               "Joints that move a vertex; every viewer reads 4, Blender and few others read 8.", {},
               "--glb-influences"),
        toggle("export.glb_leaf_bones", false, "GLB end joints",
               "An end joint after every last joint, so that tools draw it at its length.", {},
               "--glb-leaf-bones"),
        toggle("export.glb_ground", true, "GLB ground", "A grid of lines on the ground.", {}, "--glb-ground"),
        toggle("export.glb_camera", true, "GLB camera", "The camera with its motion.", {}, "--glb-camera"),
        place("export.mhr_lod_map", "MHR level of detail",
              "lod1_to_lodK_mapping.npz of MHR's release: exports of its bodies have that level's mesh; empty: the first.",
              "--mhr-lod-map"),
        place("export.mhr_lod_mesh", "Mesh of that level", "The level's mesh as .ply, for its triangles.", "--mhr-lod-mesh"),
        choice("export.rig", "own", {"own", "mixamo"}, "Rig", "Bone names in GLB and BVH.", {}, "--rig"),
        choice("export.axes", "gltf", {"gltf", "opencv", "z_up"}, "Axes", "Axes of PLY and OBJ.", {},
               "--axes"),
        choice("export.space", "world", {"world", "camera"}, "Space",
               "PLY and OBJ in the gravity-aligned world or in the camera.", {}, "--space"),
        toggle("export.separate_files", false, "A file per person", "One GLB for each person.", {},
               "--separate-files"),
        toggle("export.overlay_bodies", true, "Overlay bodies", "Bodies over the overlay video.", {},
               "--overlay-bodies"),
        number("export.overlay_opacity", 1.0, 0, 1, "", "Overlay opacity",
               "Of measured bodies in the overlay video; completed ones are fainter.", {},
               "--overlay-opacity"),
        toggle("export.overlay_masks", false, "Overlay masks",
               "Masks with their outlines over the overlay video.", {}, "--overlay-masks"),
        toggle("export.overlay_skeleton", false, "Overlay skeleton", "Bones over the overlay video.", {},
               "--overlay-skeleton"),
        toggle("export.overlay_labels", false, "Overlay labels",
               "Number and name above everybody in the overlay video.", {}, "--overlay-labels"),
        number("export.quality", LL{20}, 0, 51, "CRF", "Video quality",
               "Of the overlay video; lower is better.", {}, "--quality"),
        toggle("export.sound", true, "Sound", "Keep the video's sound in the overlay video.", {}, "--sound"),
        number("seed", LL{0}, 0, 2147483647, "", "Seed", "Of engines that draw random numbers.", {}),
    };
}

const OptionSpec& specOf(const std::string& key) {
    if (const auto* spec = findOption(key)) {
        return *spec;
    }
    std::vector<std::string> keys;
    for (const auto& spec : optionSpecs()) {
        keys.push_back(spec.key);
    }
    throw Error(ErrorCode::Usage, "Unknown option '" + key + "'.",
                detail::didYouMean(key, keys) + "body4d config lists all options.",
                key);
}

[[noreturn]] void wrongValue(const OptionSpec& spec, const std::string& given) {
    std::string wanted;
    if (!spec.choices.empty()) {
        for (const auto& c : spec.choices) {
            wanted += (wanted.empty() ? "one of " : ", ") + c;
        }
    } else if (std::holds_alternative<bool>(spec.defaultValue)) {
        wanted = "on or off";
    } else if (std::holds_alternative<std::string>(spec.defaultValue)) {
        wanted = "a text";
    } else {
        wanted = std::holds_alternative<long long>(spec.defaultValue) ? "a whole number" : "a number";
        if (spec.minimum != spec.maximum) {
            wanted += " from " + detail::optionText(spec.minimum) + " to " + detail::optionText(spec.maximum);
        }
    }
    std::string remedy = "Give " + wanted + ".";
    if (!spec.choices.empty() && !given.empty()) {
        remedy = detail::didYouMean(given, spec.choices) + "Give " + wanted + ".";
    }
    throw Error(ErrorCode::Usage, "'" + given + "' is no value for " + spec.key + ".", remedy, spec.key);
}

OptionValue valueOf(const std::map<std::string, OptionValue>& values, const std::string& key) {
    const auto& spec = specOf(key);
    const auto it = values.find(key);
    return it != values.end() ? it->second : spec.defaultValue;
}

} // namespace

const std::vector<OptionSpec>& optionSpecs() {
    static const std::vector<OptionSpec> specs = buildSpecs();
    return specs;
}

const OptionSpec* findOption(const std::string& key) {
    const auto& specs = optionSpecs();
    const auto it = std::find_if(specs.begin(), specs.end(), [&](const auto& s) { return s.key == key; });
    return it == specs.end() ? nullptr : &*it;
}

bool Options::boolean(const std::string& key) const {
    return std::get<bool>(valueOf(values_, key));
}
long long Options::integer(const std::string& key) const {
    return std::get<long long>(valueOf(values_, key));
}
double Options::number(const std::string& key) const {
    return std::get<double>(valueOf(values_, key));
}
std::string Options::text(const std::string& key) const {
    return std::get<std::string>(valueOf(values_, key));
}

void Options::set(const std::string& key, const OptionValue& value) {
    const auto& spec = specOf(key);
    const auto given = detail::optionText(value);
    const auto inRange = [&spec](double v) {
        return std::isfinite(v) && (spec.minimum == spec.maximum || (v >= spec.minimum && v <= spec.maximum));
    };
    if (std::holds_alternative<double>(spec.defaultValue)) {
        double v = 0;
        if (const auto* whole = std::get_if<long long>(&value)) {
            v = static_cast<double>(*whole);
        } else if (const auto* real = std::get_if<double>(&value)) {
            v = *real;
        } else {
            wrongValue(spec, given);
        }
        if (!inRange(v)) {
            wrongValue(spec, given);
        }
        values_[key] = v;
        return;
    }
    if (value.index() != spec.defaultValue.index()) {
        wrongValue(spec, given);
    }
    if (const auto* whole = std::get_if<long long>(&value);
        whole != nullptr && !inRange(static_cast<double>(*whole))) {
        wrongValue(spec, given);
    }
    if (const auto* text = std::get_if<std::string>(&value);
        text != nullptr && !spec.choices.empty() &&
        std::find(spec.choices.begin(), spec.choices.end(), *text) == spec.choices.end()) {
        wrongValue(spec, given);
    }
    values_[key] = value;
}

void Options::setFromText(const std::string& key, const std::string& value) {
    const auto& spec = specOf(key);
    const auto parsed = detail::parseOption(spec.defaultValue, value);
    if (!parsed) {
        wrongValue(spec, value);
    }
    set(key, *parsed);
}

void Options::merge(const Options& stronger) {
    for (const auto& [key, value] : stronger.values_) {
        values_[key] = value;
    }
}

} // namespace body4d
