#include "export/export_metadata_internal.h"

#include <chrono>
#include <ctime>

namespace body4d {
using Json = nlohmann::ordered_json;

namespace {

std::string today() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

Json pairs(const std::vector<std::pair<std::string, std::string>>& values) {
    Json out = Json::object();
    for (const auto& [key, value] : values) {
        out[key] = value;
    }
    return out;
}

} // namespace

Json toJson(const RigidTransform& t) {
    Json rows = Json::array();
    for (int r = 0; r < 3; ++r) {
        rows.push_back({t.rotation(r, 0), t.rotation(r, 1), t.rotation(r, 2)});
    }
    return {{"rotation", rows}, {"translation", {t.translation.x, t.translation.y, t.translation.z}}};
}

Json exportMetadata(const ExportClip& clip) {
    const ExportScene& scene = clip.scene;
    Json source = {{"file", scene.source.fileName},
                   {"width", scene.source.width},
                   {"height", scene.source.height},
                   {"fps", scene.source.fps},
                   {"variable_frame_rate", scene.source.variableFrameRate}};
    if (!scene.source.sha256.empty()) {
        source["sha256"] = scene.source.sha256;
    }
    Json out = {
        {"schema_version", 1},
        {"program", "Body4D Studio"},
        {"version", scene.programVersion},
        {"date", today()},
        {"project", scene.name},
        {"source", source},
        {"frames", {{"begin", clip.begin}, {"end", clip.end}}},
        {"start_seconds", clip.seconds(clip.begin)},
        {"fps", clip.rate()},
        {"units", "m"},
        {"world", clip.worldText()},
        {"scale_source", "body model: height follows the chosen age and build"},
        {"camera",
         {{"model", "pinhole"},
          {"focal_px", clip.camera.focalPx},
          {"centre_px", {clip.camera.centreX, clip.camera.centreY}},
          {"size_px", {clip.camera.width, clip.camera.height}}}},
        {"engines", pairs(scene.engines)},
        {"settings", pairs(scene.settings)},
        {"licences", scene.licences},
    };
    for (const ShotCamera& shot : clip.shots) {
        out["camera"]["shots"].push_back({{"first_frame", shot.firstFrame}, {"focal_px", shot.focalPx}});
    }
    if (clip.hasWorld()) {
        out["ground_uncertainty_m"] = scene.world.groundUncertaintyMetres;
    }
    return out;
}

Json personMetadata(const ExportClip& clip, const ExportPerson& person) {
    const BodyShape& s = person.track().shape;
    Json runs = Json::array();
    for (const StateRun& run : clip.stateRuns(person)) {
        runs.push_back({{"begin", run.begin}, {"end", run.end}, {"state", name(run.state)}});
    }
    return {{"target_id", person.id()},
            {"name", person.source->target.name},
            {"colour", person.source->target.colour},
            {"engine", person.track().engine},
            {"body_model", person.model().name()},
            {"height_m", person.rest->heightMetres},
            {"shape",
             {{"gender", s.gender},
              {"age", s.age},
              {"muscle", s.muscle},
              {"weight", s.weight},
              {"height", s.height},
              {"proportions", s.proportions},
              {"scale", s.scale}}},
            {"frame_states", runs}};
}

} // namespace body4d
