#include "pipeline/scene_stage_internal.h"

#include "base/error.h"
#include "base/files.h"
#include "device/memory_budget.h"
#include "models/scene_estimator.h"
#include "models/scene_input.h"
#include "models/torch_engines.h"
#include "pipeline/cost_history.h"
#include "pipeline/model_catalog.h"
#include "pipeline/scene_frames.h"
#include "pipeline/scene_run.h"
#include "pipeline/stage_keys.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <system_error>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

constexpr const char* kEngine = "engines.scene";
constexpr long long kFewestFrames = 2; ///< a run of fewer says nothing about the time of a frame

/// Written when the stage has ended well; without it what is there is a beginning.
fs::path markOf(const fs::path& project) {
    return sceneFolderOf(project) / "stage.json";
}

std::string markedKey(const fs::path& project) {
    const auto file = markOf(project);
    if (std::error_code ec; !fs::is_regular_file(file, ec)) {
        return {};
    }
    try {
        return nlohmann::json::parse(readTextFile(file)).at("key").get<std::string>();
    } catch (const std::exception&) {
        return {}; // a damaged mark is none
    }
}

/// The resolution that a project asks for: what the option says where nothing was chosen is Depth Anything 3's; VGGT
/// has one of its own.
int resolutionOf(const ProjectDocument& document, const std::string& engine) {
    const auto chosen = static_cast<int>(document.options.integer("scene.process_res"));
    return chosen == usualSceneResolution("da3") ? usualSceneResolution(engine) : chosen;
}

SceneSettings settingsOf(const ProjectDocument& document) {
    const auto& o = document.options;
    const auto engine = o.text(kEngine), weights = o.text("scene.weights");
    SceneSettings settings;
    settings.engine = engine.starts_with("vggt") ? "vggt" : "da3";
    settings.modelDir = weights == "auto" ? engine : weights;
    settings.processRes = resolutionOf(document, settings.engine);
    settings.viewChunk = static_cast<int>(o.integer("scene.view_chunk"));
    settings.budgetGib = o.number("memory.budget_gib");
    if (o.text("runtime.device") != "auto") {
        settings.device = torchDeviceOf(o.text("runtime.device"));
    }
    return settings;
}

/// Weights of a catalogue's model that are not there: the catalogue knows best what to do.
void requireWeights(const ProjectDocument& document) {
    if (document.options.text("scene.weights") != "auto") {
        return;
    }
    const auto engine = document.options.text(kEngine);
    for (const auto& model : modelCatalog(Engines::modelsFolder())) {
        if (model.name == engine && !model.present) {
            throw Error(ErrorCode::MissingModel, "The weights of " + model.title + " are not here.", model.missing,
                        Engines::modelsFolder().string());
        }
    }
}

/// Sizes that the memory of one pass follows from, as the networks have them.
struct Sizes {
    double millions = 0;
    int width = 0, hidden = 0, features = 0, channels = 0; ///< channels: of the four maps together
};
Sizes sizesOf(const std::string& engine) {
    if (engine == "da3-small") {
        return {34.3, 384, 1536, 64, 720};
    }
    if (engine == "da3-base") {
        return {135.4, 768, 3072, 128, 1440};
    }
    if (engine == "da3-large") {
        return {410.9, 1024, 4096, 256, 3840};
    }
    if (engine == "vggt") {
        return {1256.5, 1024, 4096, 256, 3840};
    }
    return {engine == "da3-giant" ? 1355.7 : 1689.8, 1536, 4096, 256, 3840};
}

std::string costName(const ProjectDocument& document) {
    return document.options.text(kEngine) + "@" + std::to_string(document.options.integer("scene.process_res"));
}

} // namespace

bool sceneWanted(const ProjectDocument& document) {
    return document.options.text(kEngine) != "none";
}

fs::path sceneFolderOf(const fs::path& project) {
    return project / "scene";
}

StageStatus sceneStatus(const fs::path& project, const ProjectDocument& document) {
    if (!sceneWanted(document)) {
        return StageStatus::Missing;
    }
    const auto key = markedKey(project);
    if (key.empty()) {
        std::error_code ec;
        return fs::is_regular_file(sceneFolderOf(project) / "scene.json", ec) ? StageStatus::Partial
                                                                              : StageStatus::Missing;
    }
    return key == sceneKey(document) ? StageStatus::Done : StageStatus::Stale;
}

SceneCost sceneCost(const ProjectDocument& document) {
    const auto& o = document.options;
    const auto engine = o.text(kEngine);
    SceneCost cost;
    const double fps = document.video.fps > 0 ? document.video.fps : 25;
    cost.frames = std::clamp<std::int64_t>(
        std::llround(std::ceil(static_cast<double>(document.range.size()) / fps * o.number("scene.fps"))), 1,
        std::max<std::int64_t>(1, document.range.size()));
    if (const auto known = CostHistory::load().find("scene", costName(document))) {
        cost.secondsPerFrame = known->secondsPerItem;
        cost.peakBytes = known->peakBytes;
        cost.measured = true;
        return cost;
    }
    const auto mapping =
        engine == "vggt" ? vggtMapping(document.video.width, document.video.height, VggtMode::Crop,
                                       resolutionOf(document, "vggt"))
                         : inputMapping(document.video.width, document.video.height, resolutionOf(document, "da3"),
                                        ProcessMethod::UpperBoundResize);
    const auto s = sizesOf(engine);
    const double pixels = static_cast<double>(mapping.width) * mapping.height, patches = pixels / (14 * 14);
    // Two operations a weight and patch, the maps' convolutions, and what two cores do in a second.
    constexpr double kOperationsPerSecond = 6e10;
    cost.secondsPerFrame = (2e6 * s.millions * patches + 40.0 * s.features * s.features * pixels) / kOperationsPerSecond;
    const double perFrame = patches * s.width * 4 * 7 + 4 * patches * s.channels + 11 * pixels;
    const double fixed = 4e6 * s.millions + 8 * patches * (2 * s.hidden + 4 * s.width) * 4 + 4 * pixels * (s.features + 72) +
                         600e6;
    const auto chunk = o.integer("scene.view_chunk");
    constexpr std::int64_t kUsualPass = 24;
    const auto together = std::min<std::int64_t>(cost.frames, chunk > 0 ? chunk : kUsualPass);
    cost.peakBytes = static_cast<std::int64_t>(fixed + perFrame * static_cast<double>(together));
    return cost;
}

void runSceneStage(Job& job, SceneEstimator* estimator) {
    const auto& document = job.document;
    if (job.project.stage("scene", 0).status == StageStatus::Done) {
        job.meter.finish("scene");
        return;
    }
    if (estimator == nullptr) {
        requireWeights(document);
    }
    SceneInput input;
    input.kind = SceneInput::Kind::Video;
    input.path = document.video.path;
    input.fps = document.options.number("scene.fps");
    input.range = document.range;
    SceneExport wanted;
    wanted.formats.clear(); // the window and the exports make what they need from the views
    const auto folder = sceneFolderOf(job.project.folder());
    std::error_code ec;
    fs::create_directories(folder, ec);
    fs::remove(markOf(job.project.folder()), ec);
    job.meter.begin("scene", "Loading the scene's network");
    std::string phase;
    SceneEvents events;
    events.progress = [&](const Progress& p) {
        if (p.phase != phase) {
            phase = p.phase;
            job.meter.begin("scene", phase);
        }
        if (p.stage == "scene") { // what follows takes a moment and counts otherwise
            job.meter.set("scene", p.done, p.total);
        }
    };
    events.notice = [&](const std::string& sentence) { job.notice(sentence); };
    const auto report = runScene(input, settingsOf(document), wanted, folder, Engines::modelsFolder(), events, job.stop,
                                 estimator);
    writeFileAtomically(markOf(job.project.folder()), nlohmann::ordered_json{{"key", sceneKey(document)}}.dump(1) + "\n");
    const auto seen = std::find_if(report.stages.begin(), report.stages.end(),
                                   [](const SceneReport::Stage& s) { return s.name == "estimate"; });
    {
        const std::scoped_lock lock(job.mutex);
        job.profile["scene"].items = report.frames;
    }
    if (seen != report.stages.end() && report.resumedPasses == 0) {
        auto history = CostHistory::load();
        history.record("scene", costName(document), seen->seconds, report.frames, seen->peakBytes, kFewestFrames);
        history.save();
    }
    job.meter.finish("scene");
}

} // namespace body4d::detail
