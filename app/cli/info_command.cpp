#include "base/error.h"
#include "pipeline/project.h"
#include "pipeline/run.h"
#include "video/video_reader.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>
#include <memory>

#include "cli/arguments.h"
#include "cli/commands.h"

namespace body4d::cli {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

Json describeVideo(const VideoInfo& info) {
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
            {"images", info.isImageSequence}};
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
                      << (value.is_string() ? value.get<std::string>() : value.dump()) << '\n';
        }
    }
}

int info(const std::string& input, bool json) {
    const auto out = isProject(input) ? describeProject(*Project::open(input, Project::Access::ReadOnly))
                                      : describeVideo(VideoReader::open(input)->info());
    if (json) {
        std::cout << out.dump(2) << '\n';
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
