#include "base/files.h"
#include "models/torch_engines.h"
#include "pipeline/job.h"
#include "pipeline/stage_keys.h"
#include "video/video_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <numbers>

namespace body4d::detail {

double measuredFov(Job& job) {
    const auto& document = job.document;
    const auto engine = document.options.text("engines.intrinsics");
    const auto tokens = static_cast<int>(document.options.integer("camera.fov_tokens"));
    // One camera for the clip, from the first frame that is processed. The answer is kept: asking again costs
    // more than everything else of a run that has nothing to do.
    const auto file = job.project.folder() / "cache" / "fov.json";
    const nlohmann::json key = {document.video.hash, engineVersion(engine), tokens, document.range.begin};
    try {
        const auto kept = nlohmann::json::parse(std::ifstream(file));
        if (kept.at("key") == key) {
            return kept.at("degrees").get<double>();
        }
    } catch (const nlohmann::json::exception&) {
        // None, or not ours: it is measured again.
    }
    VideoReader::Options reading;
    reading.hardware = document.options.boolean("video.hardware");
    reading.keepBytes = 0;
    const auto picture = VideoReader::open(document.video.path, reading)->read(document.range.begin);
    job.throwIfCancelled();
    const double focal = makeTorchFovNetwork(engine, Engines::modelsFolder(), tokens)->focalPx(*picture);
    const double degrees =
        2 * std::atan(std::max(picture->width, picture->height) / (2 * focal)) * 180 / std::numbers::pi;
    std::error_code code;
    std::filesystem::create_directories(file.parent_path(), code);
    writeFileAtomically(file, nlohmann::json{{"key", key}, {"degrees", degrees}}.dump());
    char text[120];
    std::snprintf(text, sizeof text, "The camera sees %.1f° along its longer side (focal length %.0f px).",
                  degrees, focal);
    job.notice(text);
    return degrees;
}

} // namespace body4d::detail
