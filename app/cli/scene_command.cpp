#include "base/error.h"
#include "pipeline/project.h"
#include "pipeline/run.h"
#include "pipeline/scene_bodies.h"
#include "pipeline/scene_client.h"
#include "pipeline/scene_run.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <memory>

#include "cli/commands.h"
#include "cli/device_names.h"
#include "cli/json_text.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace {

struct SceneArguments {
    SceneInput input;
    SceneSettings settings;
    SceneExport wanted;
    std::vector<std::string> paths; ///< what stands on the command line: one input, or several pictures
    std::string exportFeat;         ///< blocks, "5,11"
    std::string path, modelDir, exportDir = "workspace/gallery/scene", format = "glb",
                                extensions = "png,jpg,jpeg", viewChunk = "auto", preset, people;
    std::string backendUrl = "http://127.0.0.1:8008", backendToken;
    std::vector<std::string> useBackend; ///< the address that stands behind --use-backend, if any
    double numMaxPoints = 1e6;
    bool noBackend = false; ///< the default, which official command lines may spell out
    bool plain = false, keepSky = false, cleanUp = false;
};

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find(at, begin), text.size());
        if (end > begin) {
            parts.push_back(text.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return parts;
}

std::vector<int> blocksFrom(const std::string& text) {
    std::vector<int> blocks;
    for (const auto& word : split(text, ',')) {
        int block = 0;
        const auto* end = word.data() + word.size();
        if (const auto [at, code] = std::from_chars(word.data(), end, block); code != std::errc() || at != end) {
            throw Error(ErrorCode::Usage, "'" + word + "' is no number of a block.",
                        "Give numbers with commas between them, such as --export-feat 5,11.");
        }
        blocks.push_back(block);
    }
    std::sort(blocks.begin(), blocks.end());
    blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
    return blocks;
}

/// Values of a preset, which options that were given override.
void applyPreset(const std::string& name, const CLI::App& command, SceneArguments& a) {
    const auto given = [&](const char* option) {
        const auto* o = command.get_option_no_throw(option);
        return o != nullptr && o->count() > 0;
    };
    const auto set = [&](const char* option, auto& place, auto value) {
        if (!given(option)) {
            place = value;
        }
    };
    const bool memory = name == "memory";
    if (a.settings.engine == "da3") {
        set("--model-dir", a.modelDir, memory ? "da3-base" : "da3-large");
        set("--process-res", a.settings.processRes, memory ? 392 : name == "quality" ? 560 : 504);
    } else if (memory) { // one model, whose own resolution is the best that it does
        set("--process-res", a.settings.processRes, 392);
    }
    set("--process-res-method", a.settings.processResMethod,
        memory ? "lower_bound_resize" : "upper_bound_resize");
    set("--export-format", a.format, memory ? "mini_npz" : "mini_npz-glb");
    if (name != "quality") {
        set("--num-max-points", a.numMaxPoints, memory ? 250e3 : 500e3);
        set("--conf-thresh-percentile", a.wanted.confThreshPercentile, memory ? 60.0 : 50.0);
    }
}

int report(const SceneReport& r, const Common& common, const std::string& folder) {
    if (common.json) {
        nlohmann::ordered_json out{{"variant", r.variant},
                                   {"weights_note", r.weightsNote},
                                   {"frames", r.frames},
                                   {"width", r.width},
                                   {"height", r.height},
                                   {"passes", r.passes},
                                   {"resumed_passes", r.resumedPasses},
                                   {"points", r.points},
                                   {"metres", r.metres},
                                   {"notes", r.notes},
                                   {"folder", folder},
                                   {"files", nlohmann::json::array()}};
        for (const auto& file : r.files) {
            out["files"].push_back(file.string());
        }
        std::cout << jsonText(out) << '\n';
        return 0;
    }
    std::printf("%lld %s of %dx%d in %zu %s, %zu points (%s%s%s)\n", static_cast<long long>(r.frames),
                r.frames == 1 ? "frame" : "frames", r.width, r.height, r.passes.size(),
                r.passes.size() == 1 ? "pass" : "passes", r.points, r.variant.c_str(), r.weightsNote.empty() ? "" : ", ",
                r.weightsNote.c_str());
    for (const auto& file : r.files) {
        std::printf("  %s\n", file.c_str());
    }
    return 0;
}

/// What a server does of it.
SceneJob jobOf(const SceneArguments& a) {
    SceneJob job;
    job.input = a.input;
    job.settings = a.settings;
    job.wanted = a.wanted;
    job.exportDir = a.exportDir;
    job.peopleProject = a.people;
    return job;
}

/// `--use-backend` takes an address and stands alone, too, as Depth Anything 3 has it: what follows it may be
/// the input.
void sortBackend(SceneArguments& a) {
    constexpr const char* kAlone = "true"; // what CLI11 says of an option without the value that it may have
    if (a.useBackend.empty() || a.useBackend.front().empty() || a.useBackend.front() == kAlone) {
        return;
    }
    if (a.useBackend.front().starts_with("http://")) {
        a.backendUrl = a.useBackend.front();
    } else if (a.paths.empty()) {
        a.paths.push_back(a.useBackend.front());
    } else {
        throw Error(ErrorCode::Usage, "'" + a.useBackend.front() + "' is no address of a server.",
                    "Use --use-backend http://127.0.0.1:8008.");
    }
}

int act(SceneArguments a, const CLI::App& command, bool merge, const Common& common) {
    const auto* backend = command.get_option_no_throw("--use-backend");
    const bool elsewhere = backend != nullptr && backend->count() > 0;
    sortBackend(a);
    if (a.paths.empty()) {
        throw Error(ErrorCode::Usage, "An input is missing.", "Give a video, a picture or a folder.");
    }
    a.path = a.paths.front();
    if (!a.preset.empty()) {
        applyPreset(a.preset, command, a);
    }
    const bool pictures = a.input.kind == SceneInput::Kind::Images || a.input.kind == SceneInput::Kind::Auto;
    if (a.paths.size() > 1 && !pictures) {
        throw Error(ErrorCode::Usage, "There is more than one input.",
                    "Several pictures go to body4d scene images.");
    }
    if (a.paths.size() > 1 ||
        (a.input.kind == SceneInput::Kind::Images && std::filesystem::is_regular_file(a.path))) {
        a.input.pictures.assign(a.paths.begin(), a.paths.end());
    } else {
        a.input.path = a.path;
    }
    a.input.extensions = split(a.extensions, ',');
    a.settings.modelDir = a.modelDir;
    a.settings.exportFeat = blocksFrom(a.exportFeat);
    a.wanted.formats = split(a.format, '-');
    a.wanted.numMaxPoints = static_cast<std::size_t>(a.numMaxPoints);
    a.wanted.align = !a.plain;
    a.wanted.dropSky = !a.keepSky;
    if (a.viewChunk != "auto") {
        try {
            a.settings.viewChunk = std::stoi(a.viewChunk);
        } catch (const std::exception&) {
            a.settings.viewChunk = -1;
        }
        if (a.settings.viewChunk < 1) {
            throw Error(ErrorCode::Usage, "'" + a.viewChunk + "' is no number of frames.",
                        "Use --view-chunk auto or a number.");
        }
    }
    if (a.cleanUp) {
        clearScene(a.exportDir);
    }
    std::unique_ptr<Project> project;
    if (!a.people.empty() && !elsewhere) {
        project = Project::open(a.people, Project::Access::ReadOnly);
        a.wanted.people = peopleOf(*project);
    }
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    ProgressDisplay display(common.quiet);
    SceneEvents events;
    events.progress = [&display](const Progress& p) { display.show(p); };
    events.notice = [&display](const std::string& sentence) { display.note(sentence); };
    SceneReport result;
    try {
        result = merge       ? mergeScene(a.path, a.wanted, events, stop.get_token())
                 : elsewhere ? runSceneOn({a.backendUrl, a.backendToken}, jobOf(a), events, stop.get_token())
                             : runScene(a.input, a.settings, a.wanted, a.exportDir, Engines::modelsFolder(),
                                        events, stop.get_token());
    } catch (...) {
        display.clear();
        throw;
    }
    display.clear();
    return report(result, common, merge ? a.path : a.exportDir);
}

int bodies(SceneArguments a, const std::string& projectFolder, const Common& common) {
    a.wanted.numMaxPoints = static_cast<std::size_t>(a.numMaxPoints);
    a.wanted.align = !a.plain;
    a.wanted.dropSky = !a.keepSky;
    const auto project = Project::open(projectFolder, Project::Access::ReadOnly);
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    ProgressDisplay display(common.quiet);
    SceneEvents events;
    events.progress = [&display](const Progress& p) { display.show(p); };
    Engines engines;
    SceneBodiesReport result;
    try {
        result = placeBodies(*project, engines, a.path, a.wanted, events, stop.get_token());
    } catch (...) {
        display.clear();
        throw;
    }
    display.clear();
    const auto& scale = result.scale;
    if (common.json) {
        std::cout << result.json(true) << '\n';
        return 0;
    }
    std::printf("1 unit of the scene = %.4g m +- %.2g %% (measured to %.2g %% at %d places on bodies in %d "
                "frames; sizes of %d people known to %.2g %%)\n",
                scale.metresPerUnit, 100 * scale.relativeError, 100 * scale.measuredError, scale.samples,
                scale.frames, scale.people, 100 * scale.sizeError);
    constexpr double kDegrees = 57.29577951308232;
    std::printf("Ground from the %s: spread %.1f cm, %.1f degrees from the bodies' vertical\n",
                result.ground == "place" ? "floor of the place" : "feet", 100 * result.groundSpreadMetres,
                kDegrees * result.groundTiltRadians);
    std::printf("The scene's focal length is %.3f of the bodies'; %zu points\n", result.lens, result.points);
    for (const auto& note : result.notes) {
        std::printf("  %s\n", note.c_str());
    }
    for (const auto& file : result.files) {
        std::printf("  %s\n", file.c_str());
    }
    return 0;
}

void addBudget(CLI::App& sub, double& gib) {
    sub.add_option("--budget", gib, "Memory at most. Default: what is free")
        ->option_text("GiB")
        ->check(CLI::Range(0.01, 1e6));
}

/// What is left out of the cloud, and how the passes are put together.
void addCloudOptions(CLI::App& sub, SceneArguments& a) {
    sub.add_option("--num-max-points", a.numMaxPoints, "Points at most, spread over space. Default 1000000")
        ->option_text("N")
        ->check(CLI::Range(1.0, 1e9));
    sub.add_option("--conf-thresh-percentile", a.wanted.confThreshPercentile,
                   "Leaves out points below this percentile of the confidence. Default 40")
        ->option_text("P")
        ->check(CLI::Range(0.0, 100.0));
    sub.add_option("--voxel", a.wanted.voxel, "One point for each cell of this edge; 0 (default): no cells")
        ->option_text("SIZE")
        ->check(CLI::NonNegativeNumber);
    sub.add_flag("--keep-sky", a.keepSky, "Sky becomes points, too, where the model tells sky");
    sub.add_flag("!--no-loop-closure", a.wanted.closeLoops,
                 "Passes are aligned to their neighbours only, also where views return to a place");
    sub.add_flag("--plain-concat", a.plain, "Passes are put side by side without aligning them");
}

void addExportOptions(CLI::App& sub, SceneArguments& a) {
    sub.add_option("--export-format", a.format,
                   "mini_npz, npz, glb, ply, colmap, colmap_text, depth_vis, depth_png, depth_video, feat_vis, "
                   "feat_npz, joined by '-'. Default glb")
        ->option_text("A-B");
    sub.add_option("--feat-vis-fps", a.wanted.featVisFps, "Of the videos of feat_vis. Default 15")
        ->option_text("N")
        ->check(CLI::Range(0.1, 1000.0));
    addCloudOptions(sub, a);
    sub.add_flag("--show-cameras,!--no-show-cameras", a.wanted.showCameras, "Cameras in the GLB (default)");
    sub.add_option("--people", a.people, "Leaves out the people of a project that was made of the same video")
        ->option_text("PROJECT");
}

void addEstimateOptions(CLI::App& sub, SceneArguments& a, bool fps, bool extensions, bool sparse) {
    auto& s = a.settings;
    sub.add_option("--engine", s.engine, "da3 (default) or vggt")
        ->option_text("NAME")
        ->check(CLI::IsMember({"da3", "vggt"}));
    sub.add_option("--model-dir", a.modelDir, "Folder or file of the weights, or a model's name (da3-small)")
        ->option_text("DIR");
    sub.add_option("--export-dir", a.exportDir, "Folder of the results. Default workspace/gallery/scene")
        ->option_text("DIR");
    sub.add_option("--export-feat", a.exportFeat,
                   "Blocks of the network whose features are kept, such as 5,11, for feat_vis and feat_npz (only da3)")
        ->option_text("A,B");
    sub.add_flag("--auto-cleanup,!--no-auto-cleanup", a.cleanUp,
                 "Removes what an earlier run left in that folder; without, a run goes on where it stopped");
    sub.add_option("--device", s.device,
                   "cpu, cuda or the index of a CUDA device. Default: the first there is")
        ->option_text("NAME")
        ->transform(deviceNames());
    sub.add_option("--process-res", s.processRes, "Side that pictures are scaled to. Default 504, with --engine vggt 518")
        ->option_text("N")
        ->check(CLI::Range(14, 4096));
    sub.add_option("--process-res-method", s.processResMethod,
                   "upper_bound_resize (default), lower_bound_resize, ..._crop")
        ->option_text("NAME");
    sub.add_option("--vggt-mode", s.vggtMode,
                   "Of VGGT: crop (default: 518 wide), pad (518 the longer side, white around) or square "
                   "(black around)")
        ->option_text("NAME")
        ->check(CLI::IsMember({"crop", "pad", "square"}));
    sub.add_option("--ref-view-strategy", s.refViewStrategy,
                   "saddle_balanced (default), saddle_sim_range, first, middle")
        ->option_text("NAME");
    sub.add_flag("--use-ray-pose,!--no-use-ray-pose", s.useRayPose,
                 "Cameras are fitted to the rays that the network predicts for every pixel (only da3)");
    sub.add_flag("--use-point-head,!--no-use-point-head", s.usePointHead,
                 "Points from the network's own point maps instead of its depths, which are more exact (only vggt)");
    sub.add_option("--frames-chunk", s.framesChunk,
                   "Frames at once inside a pass: saves memory, never changes the result")
        ->option_text("N")
        ->check(CLI::Range(1, 4096));
    sub.add_option(
           "--view-chunk", a.viewChunk,
           "Frames seen together in one pass, which changes the result; auto (default): as many as fit")
        ->option_text("auto|N");
    sub.add_option("--overlap", s.overlap, "Frames that passes share. Default: a third of a pass")
        ->option_text("N")
        ->check(CLI::Range(0, 4096));
    sub.add_option("--chunk-policy", s.chunkPolicy,
                   "budget (default), or simple: 16, 8, 4 or 2 frames by the memory's size")
        ->option_text("NAME")
        ->check(CLI::IsMember({"budget", "simple"}));
    addBudget(sub, s.budgetGib);
    sub.add_option("--threads", s.threads, "On the CPU. Default: all cores")->option_text("N");
    sub.add_option("--preset", a.preset, "balanced, memory or quality; options given beside it win")
        ->option_text("NAME")
        ->check(CLI::IsMember({"balanced", "memory", "quality"}));
    sub.add_option("--use-backend", a.useBackend,
                   "Sends the job to body4d serve. Default http://127.0.0.1:8008")
        ->option_text("[URL]")
        ->expected(0, 1);
    sub.add_flag("--no-use-backend", a.noBackend, "Runs here (default)")->excludes("--use-backend");
    sub.add_option("--backend-url", a.backendUrl, "The same address, as Depth Anything 3 names it")
        ->option_text("URL");
    sub.add_option("--backend-token", a.backendToken,
                   "The server's token. Default: where a server of this person left it")
        ->option_text("WORD")
        ->envname("BODY4D_BACKEND_TOKEN");
    if (fps) {
        sub.add_option("--fps", a.input.fps, "Frames a second of a video. Default 1")
            ->option_text("N")
            ->check(CLI::Range(0.0, 1000.0));
        sub.add_option("--sampling", a.input.sampling, "Whose choice of frames: da3 (default), ffmpeg, vggt")
            ->option_text("NAME")
            ->check(CLI::IsMember({"da3", "ffmpeg", "vggt"}));
    }
    if (extensions) {
        sub.add_option("--image-extensions", a.extensions, "Default png,jpg,jpeg")->option_text("A,B");
    }
    if (sparse) {
        sub.add_option("--sparse-subdir", a.input.sparseSubdir, "Folder of the model below sparse/")
            ->option_text("NAME");
        sub.add_flag(
            "--align-to-input-ext-scale,!--no-align-to-input-ext-scale", s.alignToInputExtScale,
            "Depths take the scale of the given cameras (default); without, the cameras that of the depths");
    }
}

} // namespace

void addSceneCommand(CLI::App& app, Common& common, Action& action) {
    auto* scene =
        app.add_subcommand("scene", "Cameras, depths and points of a place from a video or pictures");
    scene->require_subcommand(1);
    using Kind = SceneInput::Kind;
    struct Verb {
        const char* name;
        const char* help;
        Kind kind;
        bool fps, extensions, sparse;
    };
    for (const auto& verb :
         {Verb{"auto", "Whatever it is", Kind::Auto, true, true, true},
          Verb{"image", "One picture", Kind::Image, false, false, false},
          Verb{"images", "A folder of pictures, or several pictures", Kind::Images, false, true, false},
          Verb{"video", "A video", Kind::Video, true, false, false},
          Verb{"colmap", "A folder with images/ and sparse/", Kind::Colmap, false, false, true}}) {
        auto a = std::make_shared<SceneArguments>();
        a->input.kind = verb.kind;
        auto* sub = scene->add_subcommand(verb.name, verb.help);
        sub->add_option("input", a->paths,
                        verb.kind == Kind::Images ? "Folder, or pictures" : "Video, picture or folder")
            ->option_text("INPUT");
        addEstimateOptions(*sub, *a, verb.fps, verb.extensions, verb.sparse);
        addExportOptions(*sub, *a);
        sub->callback([a, sub, &common, &action] {
            action = [a, sub, &common] { return act(*a, *sub, false, common); };
        });
    }
    auto a = std::make_shared<SceneArguments>();
    auto* sub =
        scene->add_subcommand("merge", "Aligns, merges and exports again what a run left in a folder");
    sub->add_option("folder", a->paths, "Folder of the results")->expected(1)->required()->option_text("DIR");
    addExportOptions(*sub, *a);
    addBudget(*sub, a->wanted.budgetGib);
    sub->callback(
        [a, sub, &common, &action] { action = [a, sub, &common] { return act(*a, *sub, true, common); }; });
    // Depth Anything 3's program has these beside the rest.
    for (const auto& [name, instead] :
         {std::pair("backend", "body4d serve keeps a model in memory; body4d scene auto INPUT --use-backend sends jobs."),
          std::pair("gallery", "Open the folder's scene.glb in body4d-studio, or in any viewer of GLB files."),
          std::pair("gradio", "body4d-studio is the window of this program.")}) {
        auto* other = scene->add_subcommand(name, "")->group("")->prefix_command();
        other->callback([name = std::string(name), instead = std::string(instead), &action] {
            action = [name, instead]() -> int {
                throw Error(ErrorCode::Usage, "There is no body4d scene " + name + ".", instead);
            };
        });
    }
    auto b = std::make_shared<SceneArguments>();
    auto projectFolder = std::make_shared<std::string>();
    auto* place = scene->add_subcommand("bodies", "Bodies of a project and the place in one GLB, in metres");
    place->add_option("project", *projectFolder, "Project made of the scene's video")
        ->required()
        ->option_text("PROJECT");
    place->add_option("folder", b->path, "Folder of the scene's results")->required()->option_text("DIR");
    addCloudOptions(*place, *b);
    addBudget(*place, b->wanted.budgetGib);
    place->callback([b, projectFolder, &common, &action] {
        action = [b, projectFolder, &common] { return bodies(*b, *projectFolder, common); };
    });
}

} // namespace body4d::cli
