#include "base/error.h"
#include "pipeline/project.h"
#include "pipeline/run.h"
#include "video/video_reader.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/json_text.h"

namespace body4d::cli {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

const char* name(PictureColour::DynamicRange range) {
    switch (range) {
    case PictureColour::DynamicRange::Hlg:
        return "HDR (HLG)";
    case PictureColour::DynamicRange::Pq:
        return "HDR (PQ)";
    case PictureColour::DynamicRange::Standard:
        break;
    }
    return "SDR";
}

/// Null where the file does not say.
Json orNull(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json orNull(const std::optional<int>& value) {
    return value ? Json(*value) : Json();
}

Json describeColour(const PictureColour& colour) {
    return {{"dynamic_range", name(colour.dynamicRange)},
            {"shown_as", "SDR"},
            {"transfer", orNull(colour.transfer)},
            {"primaries", orNull(colour.primaries)},
            {"matrix", orNull(colour.matrix)},
            {"bit_depth", colour.bitDepth},
            {"levels", colour.fullRange ? "full" : "limited"},
            {"mastering_peak_nits", orNull(colour.masteringPeak)},
            {"brightest_pixel_nits", orNull(colour.brightestPixel)}};
}

/// The same for people, one line each.
Json colourInWords(const PictureColour& colour) {
    const auto told = [](const std::string& text) { return text.empty() ? "not tagged" : text; };
    Json out{{"dynamic_range", colour.hdr() ? std::string(name(colour.dynamicRange)) + ", shown as SDR" : "SDR"},
             {"transfer", told(colour.transfer)},
             {"primaries", told(colour.primaries)},
             {"matrix", told(colour.matrix)},
             {"bit_depth", colour.bitDepth},
             {"levels", colour.fullRange ? "full" : "limited"}};
    if (colour.masteringPeak) {
        out["mastering_peak"] = std::to_string(*colour.masteringPeak) + " cd/m2";
    }
    if (colour.brightestPixel) {
        out["brightest_pixel"] = std::to_string(*colour.brightestPixel) + " cd/m2";
    }
    return out;
}

Json describeVideo(const VideoInfo& info, bool forPeople) {
    return {{"path", info.path.string()},
            {"width", info.width},
            {"height", info.height},
            {"frames", info.frameCount},
            {"fps", info.fps},
            {"duration_seconds", info.durationSeconds},
            {"variable_frame_rate", info.variableFrameRate},
            {"rotation_degrees", info.rotationDegrees},
            {"codec", info.codec},
            {"pixel_format", info.pixelFormat},
            {"sound", info.hasAudio},
            {"images", info.isImageSequence},
            {"colour", forPeople ? colourInWords(info.colour) : describeColour(info.colour)}};
}

Json describeProject(const Project& project) {
    const auto document = project.document();
    Json out;
    out["project"] = project.folder().string();
    const auto& video = document.video;
    std::error_code ec;
    out["video"] = {{"path", video.path.string()}, {"present", fs::exists(video.path, ec)},
                    {"width", video.width},        {"height", video.height},
                    {"frames", video.frameCount},  {"fps", video.fps}};
    out["range"] = {document.range.begin, document.range.end};
    out["targets"] = Json::array();
    for (const auto& target : document.targets) {
        Json entry{{"id", target.id}, {"name", target.name}, {"colour", target.colour}};
        Json stages;
        for (const char* stage : {"segment", "reconstruct", "complete", "ground"}) {
            const auto state = project.stage(stage, target.id);
            stages[stage] = name(state.status);
            if (!state.failure.empty()) {
                entry["failure"] = state.failure;
            }
        }
        entry["stages"] = stages;
        out["targets"].push_back(entry);
    }
    out["scene_cuts"] = project.sceneCuts();
    const auto estimate = estimateRun(project);
    out["estimated_seconds_left"] = estimate.seconds;
    return out;
}

void printLines(const Json& json, const std::string& indent) {
    for (const auto& [key, value] : json.items()) {
        if (value.is_structured() && !value.empty() && (value.is_object() || value.front().is_object())) {
            std::cout << indent << key << ":\n";
            if (value.is_array()) {
                for (const auto& element : value) {
                    printLines(element, indent + "  ");
                    std::cout << '\n';
                }
            } else {
                printLines(value, indent + "  ");
            }
        } else {
            std::cout << indent << key << ": "
                      << (value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace)) << '\n';
        }
    }
}

int info(const std::string& input, bool json) {
    const auto out = isProject(input) ? describeProject(*Project::open(input, Project::Access::ReadOnly))
                                      : describeVideo(VideoReader::open(input)->info(), !json);
    if (json) {
        std::cout << jsonText(out) << '\n';
    } else {
        printLines(out, "");
    }
    return 0;
}

} // namespace

void addInfoCommand(CLI::App& app, Common& common, Action& action) {
    auto input = std::make_shared<std::string>();
    auto* sub = app.add_subcommand("info", "What a video or a project is and how far it has come");
    sub->add_option("input", *input, "Video, image folder or NAME.body4d")
        ->required()
        ->option_text("VIDEO|PROJECT.body4d");
    sub->callback(
        [input, &common, &action] { action = [input, &common] { return info(*input, common.json); }; });
}

} // namespace body4d::cli
