#include "pipeline/project_yaml.h"

#include "base/error.h"
#include "base/files.h"
#include "pipeline/option_text.h"
#include "pipeline/prompt_mask.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

std::string text(double value) {
    return numberText(value);
}

void writeRanges(YAML::Emitter& out, const char* key, const std::vector<FrameRange>& ranges) {
    if (ranges.empty()) {
        return;
    }
    out << YAML::Key << key << YAML::Value << YAML::Flow << YAML::BeginSeq;
    for (const auto& r : ranges) {
        out << YAML::Flow << YAML::BeginSeq << static_cast<long long>(r.begin) << static_cast<long long>(r.end)
            << YAML::EndSeq;
    }
    out << YAML::EndSeq;
}

std::vector<FrameRange> readRanges(const YAML::Node& node) {
    std::vector<FrameRange> ranges;
    for (const auto& entry : node) {
        ranges = withRange(std::move(ranges), {entry[0].as<long long>(), entry[1].as<long long>()});
    }
    return ranges;
}

void writeTarget(YAML::Emitter& out, const Target& target) {
    out << YAML::BeginMap;
    out << YAML::Key << "id" << YAML::Value << target.id;
    out << YAML::Key << "name" << YAML::Value << YAML::DoubleQuoted << target.name;
    out << YAML::Key << "colour" << YAML::Value << YAML::DoubleQuoted << target.colour;
    out << YAML::Key << "traits" << YAML::Value << YAML::Flow << YAML::BeginMap;
    out << YAML::Key << "age" << YAML::Value << text(target.traits.age);
    out << YAML::Key << "build" << YAML::Value << text(target.traits.build);
    out << YAML::Key << "gender" << YAML::Value << text(target.traits.gender);
    out << YAML::Key << "height_metres" << YAML::Value << text(target.traits.heightMetres);
    out << YAML::EndMap;
    out << YAML::Key << "prompts" << YAML::Value << YAML::BeginSeq;
    for (const auto& prompt : target.prompts) {
        out << YAML::BeginMap << YAML::Key << "frame" << YAML::Value << static_cast<long long>(prompt.frame);
        if (!prompt.points.empty()) {
            out << YAML::Key << "points" << YAML::Value << YAML::BeginSeq;
            for (const auto& point : prompt.points) {
                out << YAML::Flow << YAML::BeginMap << YAML::Key << "x" << YAML::Value << text(point.x)
                    << YAML::Key << "y" << YAML::Value << text(point.y) << YAML::Key << "include"
                    << YAML::Value << point.include << YAML::EndMap;
            }
            out << YAML::EndSeq;
        }
        if (prompt.box) {
            out << YAML::Key << "box" << YAML::Value << YAML::Flow << YAML::BeginSeq << text(prompt.box->x0)
                << text(prompt.box->y0) << text(prompt.box->x1) << text(prompt.box->y1) << YAML::EndSeq;
        }
        if (prompt.mask) {
            out << YAML::Key << "mask" << YAML::Value << YAML::Flow << YAML::BeginMap << YAML::Key << "width"
                << YAML::Value << prompt.mask->width << YAML::Key << "height" << YAML::Value
                << prompt.mask->height << YAML::Key << "counts" << YAML::Value << YAML::DoubleQuoted
                << toCocoString(*prompt.mask) << YAML::EndMap;
        }
        out << YAML::EndMap;
    }
    out << YAML::EndSeq;
    writeRanges(out, "absent", target.absent);
    writeRanges(out, "accepted_guesses", target.acceptedGuesses);
    writeRanges(out, "rejected_guesses", target.rejectedGuesses);
    out << YAML::EndMap;
}

std::string withoutFullStop(std::string sentence) {
    if (sentence.ends_with('.')) {
        sentence.pop_back();
    }
    return sentence;
}

/// Of a video that there is.
void checkVideo(const YAML::Node& node, const VideoReference& video) {
    const auto refuse = [&](const char* key) {
        throw YAML::Exception(node[key].Mark(), std::string("'") + key + "' of no video is " + node[key].Scalar());
    };
    if (video.width < 1) {
        refuse("width");
    } else if (video.height < 1) {
        refuse("height");
    } else if (!(video.fps >= 0 && std::isfinite(video.fps))) { // 0: of a single picture
        refuse("fps");
    } else if (video.frameCount < 1) {
        refuse("frames");
    }
}

/// What yaml-cpp says, for people.
std::string inWords(const YAML::Exception& e) {
    constexpr std::string_view kMissing = "first invalid key: \"";
    if (const auto at = e.msg.find(kMissing); at != std::string::npos) {
        const auto key = e.msg.substr(at + kMissing.size());
        return "'" + key.substr(0, key.find('"')) + "' is missing";
    }
    if (dynamic_cast<const YAML::BadConversion*>(&e) != nullptr || dynamic_cast<const YAML::BadSubscript*>(&e) != nullptr) {
        return "a value of another kind belongs here";
    }
    return e.msg;
}

Target readTarget(const YAML::Node& node) {
    Target target;
    target.id = node["id"].as<int>();
    target.name = node["name"].as<std::string>("");
    target.colour = node["colour"].as<std::string>("");
    if (const auto traits = node["traits"]) {
        const PersonTraits usual;
        target.traits.age = traits["age"].as<double>(usual.age);
        target.traits.build = traits["build"].as<double>(usual.build);
        target.traits.gender = traits["gender"].as<double>(usual.gender);
        target.traits.heightMetres = traits["height_metres"].as<double>(usual.heightMetres);
    }
    for (const auto& entry : node["prompts"]) {
        Prompt prompt;
        prompt.frame = entry["frame"].as<long long>();
        for (const auto& point : entry["points"]) {
            prompt.points.push_back(
                {point["x"].as<double>(), point["y"].as<double>(), point["include"].as<bool>(true)});
        }
        if (const auto box = entry["box"]) {
            prompt.box =
                Box{box[0].as<double>(), box[1].as<double>(), box[2].as<double>(), box[3].as<double>()};
        }
        if (const auto mask = entry["mask"]) {
            prompt.mask = std::make_shared<const RleMask>(fromCocoString(
                mask["counts"].as<std::string>(), mask["width"].as<int>(), mask["height"].as<int>()));
        }
        target.prompts.push_back(std::move(prompt));
    }
    target.absent = readRanges(node["absent"]);
    target.acceptedGuesses = readRanges(node["accepted_guesses"]);
    target.rejectedGuesses = readRanges(node["rejected_guesses"]);
    std::sort(target.prompts.begin(), target.prompts.end(),
              [](const Prompt& a, const Prompt& b) { return a.frame < b.frame; });
    return target;
}

} // namespace

std::string projectToYaml(const ProjectDocument& document, const StageFailures& failures,
                          const fs::path& folder) {
    YAML::Emitter out;
    out << YAML::Comment("Body4D Studio project. The program rewrites this file.") << YAML::Newline;
    out << YAML::BeginMap;
    out << YAML::Key << "schema" << YAML::Value << ProjectDocument::kSchemaVersion;
    const auto& video = document.video;
    out << YAML::Key << "video" << YAML::Value << YAML::BeginMap;
    out << YAML::Key << "path" << YAML::Value << YAML::DoubleQuoted << video.path.string();
    std::error_code ec;
    if (const auto relative = fs::relative(video.path, folder, ec); !ec && !relative.empty()) {
        out << YAML::Key << "relative" << YAML::Value << YAML::DoubleQuoted << relative.string();
    }
    out << YAML::Key << "bytes" << YAML::Value << std::to_string(video.sizeBytes);
    out << YAML::Key << "hash" << YAML::Value << YAML::DoubleQuoted << video.hash;
    out << YAML::Key << "width" << YAML::Value << video.width;
    out << YAML::Key << "height" << YAML::Value << video.height;
    out << YAML::Key << "fps" << YAML::Value << text(video.fps);
    out << YAML::Key << "frames" << YAML::Value << static_cast<long long>(video.frameCount);
    out << YAML::EndMap;
    out << YAML::Key << "range" << YAML::Value << YAML::Flow << YAML::BeginSeq
        << static_cast<long long>(document.range.begin) << static_cast<long long>(document.range.end)
        << YAML::EndSeq;
    out << YAML::Key << "targets" << YAML::Value << YAML::BeginSeq;
    for (const auto& target : document.targets) {
        writeTarget(out, target);
    }
    out << YAML::EndSeq;
    out << YAML::Key << "options" << YAML::Value << YAML::BeginMap;
    for (const auto& [key, value] : document.options.values()) {
        out << YAML::Key << key << YAML::Value;
        if (std::holds_alternative<std::string>(value)) {
            out << YAML::DoubleQuoted;
        }
        out << optionText(value);
    }
    out << YAML::EndMap;
    if (!failures.empty()) {
        out << YAML::Key << "failures" << YAML::Value << YAML::BeginSeq;
        for (const auto& [where, why] : failures) {
            out << YAML::BeginMap << YAML::Key << "stage" << YAML::Value << where.first << YAML::Key
                << "target" << YAML::Value << where.second << YAML::Key << "why" << YAML::Value
                << YAML::DoubleQuoted << why << YAML::EndMap;
        }
        out << YAML::EndSeq;
    }
    out << YAML::EndMap << YAML::Newline;
    return out.c_str();
}

LoadedProject projectFromYaml(const fs::path& file) {
    const auto damaged = [&](int line, const std::string& why) {
        return Error(ErrorCode::Input,
                     "The project cannot be read: " + file.filename().string() +
                         (line > 0 ? ":" + std::to_string(line) : std::string()) + ": " + why + ".",
                     "Restore project.yaml from a backup, or create the project again from the video.",
                     file.string());
    };
    LoadedProject loaded;
    try {
        const auto root = YAML::Load(readTextFile(file));
        if (!root.IsMap() || !root["schema"] || !root["video"]) {
            throw damaged(1, "it is no project file");
        }
        if (const int schema = root["schema"].as<int>(); schema > ProjectDocument::kSchemaVersion) {
            throw Error(ErrorCode::Input, "The project was written by a newer version of this program.",
                        "Update Body4D Studio, or create the project again from the video.", file.string());
        }
        auto& document = loaded.document;
        const auto video = root["video"];
        document.video.path = video["path"].as<std::string>();
        loaded.relativeVideo = video["relative"].as<std::string>("");
        document.video.sizeBytes = video["bytes"].as<std::uint64_t>(0);
        document.video.hash = video["hash"].as<std::string>("");
        document.video.width = video["width"].as<int>();
        document.video.height = video["height"].as<int>();
        document.video.fps = video["fps"].as<double>();
        document.video.frameCount = video["frames"].as<long long>();
        checkVideo(video, document.video);
        if (const auto range = root["range"]) {
            document.range = {range[0].as<long long>(), range[1].as<long long>()};
            if (document.range.begin < 0 || document.range.end <= document.range.begin ||
                document.range.end > document.video.frameCount) {
                throw damaged(range.Mark().line + 1, "the video has no such range");
            }
        } else {
            document.range = {0, document.video.frameCount};
        }
        for (const auto& node : root["targets"]) {
            auto target = readTarget(node);
            if (target.id < 1 || document.target(target.id) != nullptr) {
                throw damaged(node.Mark().line + 1,
                              "two people have the number " + std::to_string(target.id) + ", or it is none");
            }
            document.targets.push_back(std::move(target));
        }
        for (const auto& pair : root["options"]) {
            const auto key = pair.first.as<std::string>();
            // A key of another version of the program is no reason to refuse the whole document.
            if (findOption(key) != nullptr) {
                try {
                    document.options.setFromText(key, pair.second.as<std::string>());
                } catch (const Error& e) {
                    throw damaged(pair.second.Mark().line + 1, withoutFullStop(e.what()));
                }
            }
        }
        for (const auto& node : root["failures"]) {
            loaded.failures[{node["stage"].as<std::string>(), node["target"].as<int>()}] =
                node["why"].as<std::string>("");
        }
    } catch (const YAML::Exception& e) {
        throw damaged(e.mark.is_null() ? 0 : e.mark.line + 1, inWords(e));
    }
    return loaded;
}

} // namespace body4d::detail
