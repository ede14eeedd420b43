#include "base/files.h"
#include "pipeline/job.h"
#include "pipeline/stage_keys.h"
#include "pipeline/weights_notes.h"
#include "video/video_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <numbers>

namespace body4d::detail {
namespace {

constexpr double kSameLens = 0.02; ///< relative difference of focal lengths up to which shots have one camera

double degreesOf(const VideoReference& video, double focalPx) {
    return 2 * std::atan(std::max(video.width, video.height) / (2 * focalPx)) * 180 / std::numbers::pi;
}

std::string sentence(const VideoReference& video, const std::vector<ShotCamera>& shots) {
    char text[120];
    if (shots.size() == 1) {
        std::snprintf(text, sizeof text,
                      "The camera sees %.1f\u00b0 along its longer side (focal length %.0f px).",
                      degreesOf(video, shots.front().focalPx), shots.front().focalPx);
        return text;
    }
    std::string out = "The camera sees along its longer side:";
    for (const auto& shot : shots) {
        std::snprintf(text, sizeof text, "%s %.1f\u00b0 from frame %lld (focal length %.0f px)",
                      &shot == &shots.front() ? "" : ",", degreesOf(video, shot.focalPx),
                      static_cast<long long>(shot.firstFrame), shot.focalPx);
        out += text;
    }
    return out + ".";
}

} // namespace

std::vector<ShotCamera> measuredShots(Job& job) {
    const auto& document = job.document;
    const auto engine = document.options.text("engines.intrinsics");
    const auto tokens = static_cast<int>(document.options.integer("camera.fov_tokens"));
    std::vector<ShotCamera> shots = {{document.range.begin, 0}};
    for (const auto cut : job.project.sceneCuts()) {
        if (cut > document.range.begin && cut < document.range.end) {
            shots.push_back({cut, 0});
        }
    }
    // Asking again costs more than everything else of a run that has nothing to do.
    const auto file = job.project.folder() / "cache" / "fov.json";
    const auto note = stageWeightsNote(document.options, "intrinsics");
    const nlohmann::json key = {document.video.hash, withNote(engineVersion(engine), note), tokens};
    nlohmann::json known = nlohmann::json::object();
    try {
        const auto kept = nlohmann::json::parse(std::ifstream(file));
        if (kept.at("key") == key) {
            known = kept.at("focal_px").get<std::map<std::string, double>>();
        }
    } catch (const nlohmann::json::exception&) {
        // None, or not ours: it is measured again.
    }
    std::shared_ptr<const FovNetwork> network;
    std::shared_ptr<VideoReader> reader;
    for (auto& shot : shots) {
        const auto name = std::to_string(shot.firstFrame);
        if (!known.contains(name)) {
            job.throwIfCancelled();
            if (!network) {
                VideoReader::Options reading;
                reading.hardware = document.options.boolean("video.hardware");
                reading.keepBytes = 0;
                reader = VideoReader::open(document.video.path, reading);
                network = job.engines.fovNetwork(document.options);
            }
            known[name] = network->focalPx(*reader->read(shot.firstFrame));
        }
        shot.focalPx = known[name].get<double>();
    }
    if (network) {
        std::error_code code;
        std::filesystem::create_directories(file.parent_path(), code);
        writeFileAtomically(file, nlohmann::json{{"key", key}, {"focal_px", known}}.dump());
    }
    // A cut back to the same camera is no other camera.
    std::vector<ShotCamera> cameras;
    for (auto shot : shots) {
        const auto same = std::find_if(cameras.begin(), cameras.end(), [&](const ShotCamera& c) {
            return std::abs(c.focalPx - shot.focalPx) < kSameLens * c.focalPx;
        });
        shot.focalPx = same != cameras.end() ? same->focalPx : shot.focalPx;
        if (cameras.empty() || cameras.back().focalPx != shot.focalPx) {
            cameras.push_back(shot);
        }
    }
    if (network) {
        job.notice(withNote(sentence(document.video, cameras), note));
    }
    return cameras;
}

double clipFov(const Job& job, const std::vector<ShotCamera>& shots) {
    const auto& range = job.document.range;
    std::vector<std::pair<double, std::int64_t>> lengths; // degrees, frames
    for (std::size_t i = 0; i < shots.size(); ++i) {
        const auto end = i + 1 < shots.size() ? shots[i + 1].firstFrame : range.end;
        lengths.emplace_back(degreesOf(job.document.video, shots[i].focalPx), end - shots[i].firstFrame);
    }
    std::sort(lengths.begin(), lengths.end());
    std::int64_t passed = 0;
    for (const auto& [degrees, frames] : lengths) {
        passed += frames;
        if (2 * passed >= range.size()) {
            return degrees;
        }
    }
    return lengths.back().first;
}

} // namespace body4d::detail
