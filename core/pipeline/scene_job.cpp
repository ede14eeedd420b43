#include "pipeline/scene_job.h"

#include "base/error.h"
#include "pipeline/nearest.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>
#include <vector>

namespace body4d {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr std::pair<const char*, SceneInput::Kind> kKinds[] = {{"auto", SceneInput::Kind::Auto},
                                                               {"image", SceneInput::Kind::Image},
                                                               {"images", SceneInput::Kind::Images},
                                                               {"video", SceneInput::Kind::Video},
                                                               {"colmap", SceneInput::Kind::Colmap}};

/// Every field once, for both directions. @param f called with a name and a place
template <typename Job, typename F>
void eachField(Job& job, F&& f) {
    f("input", job.input.path);
    f("image_paths", job.input.pictures);
    f("kind", job.input.kind);
    f("fps", job.input.fps);
    f("sampling", job.input.sampling);
    f("image_extensions", job.input.extensions);
    f("sparse_subdir", job.input.sparseSubdir);
    f("engine", job.settings.engine);
    f("model_dir", job.settings.modelDir);
    f("process_res", job.settings.processRes);
    f("process_res_method", job.settings.processResMethod);
    f("ref_view_strategy", job.settings.refViewStrategy);
    f("use_ray_pose", job.settings.useRayPose);
    f("use_point_head", job.settings.usePointHead);
    f("export_feat_layers", job.settings.exportFeat);
    f("align_to_input_ext_scale", job.settings.alignToInputExtScale);
    f("vggt_mode", job.settings.vggtMode);
    f("frames_chunk", job.settings.framesChunk);
    f("view_chunk", job.settings.viewChunk);
    f("overlap", job.settings.overlap);
    f("chunk_policy", job.settings.chunkPolicy);
    f("budget", job.settings.budgetGib);
    f("export_dir", job.exportDir);
    f("export_formats", job.wanted.formats);
    f("num_max_points", job.wanted.numMaxPoints);
    f("conf_thresh_percentile", job.wanted.confThreshPercentile);
    f("voxel", job.wanted.voxel);
    f("close_loops", job.wanted.closeLoops);
    f("show_cameras", job.wanted.showCameras);
    f("drop_sky", job.wanted.dropSky);
    f("align", job.wanted.align);
    f("feat_vis_fps", job.wanted.featVisFps);
    f("people_growth", job.wanted.peopleGrowth);
    f("people", job.peopleProject);
}

[[noreturn]] void wrong(const std::string& what, const std::string& remedy, const std::string& detail = {}) {
    throw Error(ErrorCode::Usage, what, remedy, detail);
}

Json parsed(std::string_view text) {
    try {
        auto json = Json::parse(text);
        if (!json.is_object()) {
            wrong("The job is no JSON object.", "Send one object with at least input and export_dir.");
        }
        return json;
    } catch (const Json::parse_error& e) {
        wrong("The job is no JSON.", "Send one object with at least input and export_dir.", e.what());
    }
}

struct Reader {
    const Json& json;

    template <typename Value>
    void operator()(const char* name, Value& place) const {
        const auto found = json.find(name);
        if (found == json.end()) {
            return;
        }
        try {
            read(*found, place);
        } catch (const Json::exception& e) {
            wrong(std::string("'") + name + "' has a value of the wrong type.",
                  "body4d scene auto --help describes it.", e.what());
        }
    }
    static void read(const Json& value, fs::path& place) { place = value.get<std::string>(); }
    static void read(const Json& value, std::vector<fs::path>& places) {
        const auto words = value.get<std::vector<std::string>>();
        places.assign(words.begin(), words.end());
    }
    static void read(const Json& value, std::vector<int>& places) {
        places.clear();
        for (const auto& one : value.get_ref<const Json::array_t&>()) {
            read(one, places.emplace_back());
        }
    }
    static void read(const Json& value, SceneInput::Kind& place) {
        const auto name = value.get<std::string>();
        for (const auto& [kind, meant] : kKinds) {
            if (name == kind) {
                place = meant;
                return;
            }
        }
        wrong("There is no kind of input '" + name + "'.", "Use auto, image, images, video or colmap.");
    }
    template <typename Value>
    static void read(const Json& value, Value& place) {
        // The library turns 1.5 into 1, and true as well.
        if constexpr (std::is_same_v<Value, bool>) {
            place = value.get_ref<const Json::boolean_t&>();
        } else if constexpr (std::is_unsigned_v<Value>) {
            place = static_cast<Value>(value.get_ref<const Json::number_unsigned_t&>());
        } else if constexpr (std::is_integral_v<Value>) {
            if (!value.is_number_integer()) {
                (void)value.get_ref<const Json::number_integer_t&>();
            }
            place = value.get<Value>();
        } else if constexpr (std::is_floating_point_v<Value>) {
            if (!value.is_number()) {
                (void)value.get_ref<const Json::number_float_t&>();
            }
            place = value.get<Value>();
        } else {
            place = value.get<Value>();
        }
    }
};

struct Writer {
    Json& json;
    void operator()(const char* name, const fs::path& value) const { json[name] = value.string(); }
    void operator()(const char* name, const std::vector<fs::path>& values) const {
        if (!values.empty()) {
            json[name] = Json::array();
            for (const auto& value : values) {
                json[name].push_back(value.string());
            }
        }
    }
    void operator()(const char* name, const SceneInput::Kind& value) const {
        for (const auto& [kind, meant] : kKinds) {
            if (value == meant) {
                json[name] = kind;
            }
        }
    }
    template <typename Value>
    void operator()(const char* name, const Value& value) const {
        json[name] = value;
    }
};

} // namespace

std::string toJson(const SceneJob& job) {
    Json json;
    eachField(job, Writer{json});
    return json.dump();
}

SceneJob sceneJobFromJson(std::string_view text) {
    auto json = parsed(text);
    SceneJob job;
    // As clients of the official server write it: "mini_npz-glb".
    if (const auto joined = json.find("export_format"); joined != json.end() && joined->is_string()) {
        std::istringstream words(joined->get<std::string>());
        Json formats = Json::array();
        for (std::string word; std::getline(words, word, '-');) {
            formats.push_back(word);
        }
        json.erase(joined);
        json["export_formats"] = formats;
    }
    for (const char* name : {"extrinsics", "intrinsics"}) {
        if (json.contains(name) && !json[name].is_null()) {
            wrong("Cameras do not go into a job.",
                  "Put them into a COLMAP folder (images/ and sparse/) and send it as kind colmap.");
        }
        json.erase(name);
    }
    std::vector<std::string> names;
    eachField(job, [&names](const char* name, const auto&) { names.emplace_back(name); });
    for (const auto& [name, value] : json.items()) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            std::string all;
            for (const auto& known : names) {
                all += (all.empty() ? "" : ", ") + known;
            }
            wrong("A job has no '" + name + "'.", detail::didYouMean(name, names) + "It has " + all + ".");
        }
    }
    eachField(job, Reader{json});
    const auto requireAbsolute = [](const char* name, const fs::path& path) {
        if (!path.is_absolute()) {
            wrong(std::string("'") + name + "' is no absolute path.",
                  "The server runs in another folder: give the whole path.", path.string());
        }
    };
    requireAbsolute("export_dir", job.exportDir);
    for (const auto& picture : job.input.pictures) {
        requireAbsolute("image_paths", picture);
    }
    if (job.input.pictures.empty()) {
        requireAbsolute("input", job.input.path);
    } else if (!job.input.path.empty()) {
        wrong("A job has 'input' or 'image_paths', not both.", "Leave one of them away.");
    }
    requireSceneFormats(job.wanted.formats);
    return job;
}

std::string toJson(const SceneReport& r) {
    Json json{{"variant", r.variant},  {"weights_note", r.weightsNote}, {"frames", r.frames}, {"width", r.width},
              {"height", r.height},    {"passes", r.passes}, {"resumed_passes", r.resumedPasses},
              {"points", r.points},    {"metres", r.metres}, {"notes", r.notes},
              {"files", Json::array()}};
    for (const auto& file : r.files) {
        json["files"].push_back(file.string());
    }
    return json.dump();
}

SceneReport sceneReportFromJson(std::string_view text) {
    SceneReport r;
    try {
        const auto json = Json::parse(text);
        r.variant = json.at("variant");
        r.weightsNote = json.at("weights_note");
        r.frames = json.at("frames");
        r.width = json.at("width");
        r.height = json.at("height");
        r.passes = json.at("passes").get<std::vector<std::int64_t>>();
        r.resumedPasses = json.at("resumed_passes");
        r.points = json.at("points");
        r.metres = json.at("metres");
        r.notes = json.at("notes").get<std::vector<std::string>>();
        for (const auto& file : json.at("files")) {
            r.files.emplace_back(file.get<std::string>());
        }
    } catch (const Json::exception& e) {
        throw Error(ErrorCode::Input, "The server's answer cannot be read.",
                    "Use a server of the same version.", e.what());
    }
    return r;
}

} // namespace body4d
