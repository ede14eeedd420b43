#include "base/files.h"
#include "body/body_metrics.h"
#include "body/foot_contact.h"
#include "pipeline/job.h"
#include "pipeline/stage_keys.h"
#include "pipeline/weights_notes.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace body4d::detail {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kLookFrames = 1024; // of a track that are looked at together

Json rounded(double value) {
    return std::isfinite(value) ? Json(std::round(value * 1e6) / 1e6) : Json();
}

/// Mean over the frames that carry a value; null where none does.
template <typename Fn>
Json meanOf(const std::vector<BodyFrame>& frames, Fn value) {
    double sum = 0;
    long long count = 0;
    for (const auto& frame : frames) {
        if (const double v = value(frame); frame.state == FrameState::Visible && v >= 0) {
            sum += v;
            ++count;
        }
    }
    return count > 0 ? rounded(sum / static_cast<double>(count)) : Json();
}

Json enginesOf(const Options& options) {
    const auto engine = [&](const std::string& stage) {
        return withNote(engineVersion(options.text("engines." + stage)), stageWeightsNote(options, stage));
    };
    return Json{{"segment", engine("segment")},
                {"intrinsics", engine("intrinsics")},
                {"reconstruct", engine("reconstruct")},
                {"complete", options.boolean("completion.enable")
                                 ? engineVersion(options.text("engines.complete"))
                                 : std::string("off")},
                {"program", std::string("body4d ") + BODY4D_VERSION}};
}

Json useOf(const EngineUse& use) {
    const auto frames = use.framesEncoded + use.framesReused;
    return {{"device", use.device},
            {"precision", use.precision},
            {"weight_bytes", use.weightBytes},
            {"frames_encoded", use.framesEncoded},
            {"frames_reused", use.framesReused},
            {"person_frames", use.personFrames},
            {"seconds", rounded(use.seconds)},
            {"seconds_per_frame", frames > 0 ? rounded(use.seconds / static_cast<double>(frames)) : Json()},
            {"frames_per_call", use.framesPerCall},
            {"targets_per_call", use.targetsPerCall}};
}

/// Names of files and of people may be of any bytes; what is no UTF-8 in them is replaced.
std::string textOf(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// The part of a body that lies in the job's range; it may have been computed over more frames.
std::shared_ptr<const BodyTrack> onlyFrames(std::shared_ptr<const BodyTrack> body, const Job& job, TargetId id) {
    const auto& range = job.document.range;
    const auto inside = [&range](const BodyFrame& f) { return range.contains(f.frame); };
    if (std::all_of(body->frames.begin(), body->frames.end(), inside)) {
        return body;
    }
    auto part = std::make_shared<BodyTrack>(*body);
    std::erase_if(part->frames, [&inside](const BodyFrame& f) { return !inside(f); });
    part->firstFrame = part->frames.empty() ? range.begin : part->frames.front().frame;
    part->accelerationRaw = landmarkAcceleration(job.project.track(id, range), part->fps);
    part->acceleration = keypointAcceleration(*part);
    return part;
}

} // namespace

void writeMetrics(Job& job, const std::filesystem::path& folder) {
    const auto& range = job.document.range;
    Json out;
    out["engines"] = enginesOf(job.document.options);
    Json stages;
    double seconds = 0;
    for (const auto& [stage, value] : job.seconds) {
        stages[stage] = rounded(value);
        if (stage != "export" && stage != "load" && stage != "select") {
            seconds += value;
        }
    }
    const auto personFrames = job.summary.personFrames;
    out["timing"] = {{"person_frames", personFrames},
                     {"seconds", rounded(seconds)},
                     {"person_frames_per_second",
                      seconds > 0 ? rounded(static_cast<double>(personFrames) / seconds) : Json()},
                     {"stages", stages}};
    out["video"] = {{"file", job.document.video.path.filename().string()},
                    {"width", job.document.video.width},
                    {"height", job.document.video.height},
                    {"fps", rounded(job.document.video.fps)},
                    {"frames", {range.begin, range.end}}};
    out["targets"] = Json::array();
    const auto world = job.project.world();
    for (const auto& target : job.document.targets) {
        std::int64_t tracked = 0;
        for (auto at = range.begin; at < range.end; at += kLookFrames) {
            const auto track = job.project.track(target.id, {at, std::min(range.end, at + kLookFrames)});
            tracked += std::count_if(track.frames.begin(), track.frames.end(),
                                     [](const auto& f) { return f.state == FrameState::Visible; });
        }
        Json entry{
            {"id", target.id},
            {"name", target.name},
            {"frames", range.size()},
            {"tracked_frames", tracked},
            {"tracked_share", rounded(static_cast<double>(tracked) / std::max<double>(1, range.size()))}};
        if (const auto pages = ProjectWriter::bodyPages(job.project, target.id)) {
            const auto body = onlyFrames(std::make_shared<const BodyTrack>(pages->light()), job, target.id);
            entry["reprojection_percent"] =
                meanOf(body->frames, [](const auto& f) { return f.reprojectionPercent; });
            entry["silhouette_iou"] = meanOf(body->frames, [](const auto& f) { return f.silhouetteIou; });
            entry["joint_acceleration_raw"] = rounded(body->accelerationRaw);
            entry["joint_acceleration"] = rounded(body->acceleration);
            const double slide = world ? footSlide(*body, *world) : -1;
            entry["foot_slide_mps"] = slide >= 0 ? rounded(slide) : Json();
            Json states = {{"visible", 0}, {"occluded", 0}, {"completed", 0}, {"absent", 0}};
            for (const auto& frame : body->frames) {
                states[name(frame.state)] = states[name(frame.state)].get<int>() + 1;
            }
            entry["states"] = states;
        }
        out["targets"].push_back(std::move(entry));
    }
    const auto file = folder / "metrics.json";
    writeFileAtomically(file, textOf(out));
    job.summary.files.push_back(file);
}

void writeProfile(Job& job) {
    const auto device = describeDevice();
    Json out;
    out["device"] = {{"cpu", device.cpu},
                     {"cores", device.cores},
                     {"memory_bytes", device.memoryBytes},
                     {"gpu", device.gpu.empty() ? Json() : Json(device.gpu)},
                     {"gpu_memory_bytes", device.gpuMemoryBytes},
                     {"driver", device.driver.empty() ? Json() : Json(device.driver)}};
    out["versions"] = enginesOf(job.document.options);
    out["batch_size"] = job.document.options.integer("sam_3d_body.batch_size");
    out["budget_bytes"] = job.budget.bytes();
    out["cancelled"] = job.summary.cancelled;
    out["stages"] = Json::array();
    for (const auto& peak : job.telemetry.stagePeaks()) {
        Json stage{{"stage", peak.stage},
                   {"seconds", rounded(peak.seconds)},
                   {"process_peak_bytes", peak.processPeakBytes}};
        if (peak.devicePeakBytes) {
            stage["device_peak_bytes"] = *peak.devicePeakBytes;
        }
        if (peak.allocatorPeakBytes) {
            stage["allocator_peak_bytes"] = *peak.allocatorPeakBytes;
        }
        if (const auto it = job.profile.find(peak.stage); it != job.profile.end()) {
            stage["items"] = it->second.items;
            if (!it->second.batchSizes.empty()) {
                stage["batch_sizes_tried"] = it->second.batchSizes;
            }
            if (it->second.engine) {
                stage["engine"] = useOf(*it->second.engine);
            }
        }
        out["stages"].push_back(std::move(stage));
    }
    writeFileAtomically(job.project.folder() / "profile.json", textOf(out));
}

} // namespace body4d::detail
