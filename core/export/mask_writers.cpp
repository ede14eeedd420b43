#include "base/files.h"
#include "base/parallel.h"
#include "body/body_keypoints.h"
#include "export/export_metadata_internal.h"
#include "export/file_stream.h"
#include "export/mask_bounds.h"
#include "export/writers.h"
#include "video/video_writer.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <mutex>

namespace body4d {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Box boundsOf(const RleMask& mask) {
    if (mask.height <= 0) {
        return {};
    }
    int x0 = mask.width, y0 = mask.height, x1 = 0, y1 = 0;
    std::int64_t at = 0;
    for (std::size_t i = 0; i < mask.counts.size(); ++i) {
        const std::int64_t end = at + mask.counts[i];
        if (i % 2 == 1 && end > at) {
            const auto firstColumn = static_cast<int>(at / mask.height),
                       lastColumn = static_cast<int>((end - 1) / mask.height);
            x0 = std::min(x0, firstColumn);
            x1 = std::max(x1, lastColumn + 1);
            const bool oneColumn =
                firstColumn == lastColumn; // a run over the edge of a column touches both ends
            y0 = std::min(y0, oneColumn ? static_cast<int>(at % mask.height) : 0);
            y1 = std::max(y1, oneColumn ? static_cast<int>((end - 1) % mask.height) + 1 : mask.height);
        }
        at = end;
    }
    return x1 > x0 ? Box{double(x0), double(y0), double(x1), double(y1)} : Box{};
}

namespace {

std::string frameNumber(std::int64_t frame) {
    char text[32];
    std::snprintf(text, sizeof text, "%06lld", static_cast<long long>(frame));
    return text;
}

Json maskMetadata(const ExportClip& clip) {
    Json meta = exportMetadata(clip);
    meta["units"] = "px";
    meta["axes"] = "x right, y down, origin at the upper left corner of the upright frame";
    meta["values"] = "255 inside, 0 outside; file names are frame numbers of the source";
    meta["targets"] = Json::array();
    for (const ExportPerson& person : clip.people) {
        meta["targets"].push_back(personMetadata(clip, person));
    }
    return meta;
}

std::array<double, 4> cocoBox(const RleMask& mask) {
    const Box box = boundsOf(mask);
    return {box.x0, box.y0, box.width(), box.height()};
}

/// COCO's 17 body points among kBodyKeypoints, in COCO's order.
constexpr std::array<std::size_t, 17> kCocoPoints = {
    keypoint::kNose,       keypoint::kLeftEye,      keypoint::kRightEye,      keypoint::kLeftEar,
    keypoint::kRightEar,   keypoint::kLeftShoulder, keypoint::kRightShoulder, keypoint::kLeftElbow,
    keypoint::kRightElbow, keypoint::kLeftWrist,    keypoint::kRightWrist,    keypoint::kLeftHip,
    keypoint::kRightHip,   keypoint::kLeftKnee,     keypoint::kRightKnee,     keypoint::kLeftAnkle,
    keypoint::kRightAnkle};
/// COCO's own list of bones, counted from 1.
const Json kCocoSkeleton = {{16, 14}, {14, 12}, {17, 15}, {15, 13}, {12, 13}, {6, 12}, {7, 13},
                            {6, 7},   {6, 8},   {7, 9},   {8, 10},  {9, 11},  {2, 3},  {1, 2},
                            {1, 3},   {2, 4},   {3, 5},   {4, 6},   {5, 7}};

} // namespace

ExportResult writeMasks(const ExportClip& clip, const fs::path& dir, const std::stop_token& stop,
                        const ProgressFn& progress) {
    ExportResult result;
    std::mutex sourceMutex, progressMutex;
    std::atomic<long long> done{0};
    const long long total = static_cast<long long>(clip.people.size()) * clip.frameCount();
    const auto pathOf = [&](const char* kind, const ExportPerson& person, std::size_t index) {
        return dir / kind / clip.fileStem(person) / (frameNumber(clip.begin + static_cast<std::int64_t>(index)) + ".png");
    };
    for (const ExportPerson& person : clip.people) {
        std::vector<std::uint8_t> seen(static_cast<std::size_t>(clip.frameCount())), whole = seen; ///< files that were written
        parallelFor(
            seen.size(),
            [&](std::size_t begin, std::size_t end) {
                for (std::size_t i = begin; i < end; ++i) {
                    throwIfStopped(stop);
                    const std::int64_t frame = clip.begin + static_cast<std::int64_t>(i);
                    RleMask mask, amodal;
                    {
                        const std::scoped_lock lock(sourceMutex);
                        if (person.source->observed) {
                            mask = person.source->observed(frame).mask;
                        }
                        if (person.source->amodalMask) {
                            amodal = person.source->amodalMask(frame);
                        }
                    }
                    if (!mask.empty()) {
                        writeMaskPng(pathOf("masks", person, i), decodeRle(mask));
                        seen[i] = 1;
                    }
                    if (!amodal.empty()) {
                        writeMaskPng(pathOf("masks_amodal", person, i), decodeRle(amodal));
                        whole[i] = 1;
                    }
                    const long long now = ++done;
                    if (progress) {
                        const std::scoped_lock lock(progressMutex);
                        progress({"export", "masks", now, total, 0, -1});
                    }
                }
            },
            clip.options.threads);
        for (const auto& [kind, written] : {std::pair{"masks", &seen}, std::pair{"masks_amodal", &whole}}) {
            for (std::size_t i = 0; i < written->size(); ++i) {
                if ((*written)[i] != 0) {
                    result.files.push_back(pathOf(kind, person, i));
                }
            }
        }
    }
    if (result.files.empty()) {
        result.notes.emplace_back("There are no masks in these frames.");
        return result;
    }
    const fs::path meta = dir / "masks" / (clip.fileStem() + ".json");
    writeFileAtomically(meta, maskMetadata(clip).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    result.files.push_back(meta);
    return result;
}

ExportResult writeCoco(const ExportClip& clip, const fs::path& dir, const std::stop_token& stop,
                       const ProgressFn& progress) {
    const fs::path path = dir / (clip.fileStem() + "_coco.json");
    writeFileAtomically(path, [&](const fs::path& temporary) {
        FileStream out(temporary);
        const auto dump = [](const Json& json) {
            return json.dump(-1, ' ', false, Json::error_handler_t::replace);
        };
        Json info = maskMetadata(clip);
        info["description"] = "People of " + clip.scene.source.fileName + " by " + clip.generator();
        Json names = Json::array();
        for (const std::size_t k : kCocoPoints) {
            names.push_back(kBodyKeypoints[k].name);
        }
        out.write("{\"info\":" + dump(info) + ",\n\"licenses\":[],\n\"categories\":[" +
                  dump({{"id", 1},
                        {"name", "person"},
                        {"supercategory", "person"},
                        {"keypoints", names},
                        {"skeleton", kCocoSkeleton}}) +
                  "],\n\"images\":[");
        for (std::int64_t frame = clip.begin; frame < clip.end; ++frame) {
            out.write(std::string(frame > clip.begin ? ",\n" : "\n") +
                      dump({{"id", frame},
                            {"file_name", frameNumber(frame) + ".png"},
                            {"width", clip.camera.width},
                            {"height", clip.camera.height},
                            {"frame_index", frame},
                            {"pts_s", clip.seconds(frame)}}));
        }
        out.write("],\n\"annotations\":[");
        std::int64_t id = 0;
        long long done = 0;
        const long long total = static_cast<long long>(clip.people.size()) * clip.frameCount();
        for (const ExportPerson& person : clip.people) {
            for (std::int64_t frame = clip.begin; frame < clip.end; ++frame) {
                throwIfStopped(stop);
                if (progress && (++done % 32 == 0 || done == total)) {
                    progress({"export", "COCO", done, total, 0, -1});
                }
                const RleMask mask =
                    person.source->observed ? person.source->observed(frame).mask : RleMask{};
                const RleMask amodal =
                    person.source->amodalMask ? person.source->amodalMask(frame) : RleMask{};
                const auto body = person.shown(frame);
                if (mask.empty() && amodal.empty() && body == nullptr) {
                    continue;
                }
                const auto encoded = [](const RleMask& rle) {
                    return Json{{"size", {rle.height, rle.width}}, {"counts", toCocoString(rle)}};
                };
                const RleMask& main = mask.empty() ? amodal : mask;
                Json entry = {{"id", ++id},       {"image_id", frame},
                              {"category_id", 1}, {"track_id", person.id()},
                              {"iscrowd", 0},     {"state", name(person.state(frame))}};
                if (!main.empty()) {
                    entry["segmentation"] = encoded(main);
                    entry["area"] = area(main);
                    entry["bbox"] = cocoBox(main);
                }
                if (!amodal.empty()) {
                    entry["amodal_segmentation"] = encoded(amodal);
                    entry["amodal_bbox"] = cocoBox(amodal);
                }
                if (body != nullptr) {
                    Json points = Json::array();
                    int labelled = 0;
                    for (const std::size_t k : kCocoPoints) {
                        const Vec2 px = project(clip.cameraAt(frame), body->keypoints[k]);
                        const bool inside =
                            px.x >= 0 && px.y >= 0 && px.x < clip.camera.width && px.y < clip.camera.height;
                        const int visibility = !inside ? 0 : body->confidence[k] >= 0.5F ? 2 : 1;
                        labelled += visibility > 0;
                        points.push_back(inside ? std::round(100 * px.x) / 100 : 0.0);
                        points.push_back(inside ? std::round(100 * px.y) / 100 : 0.0);
                        points.push_back(visibility);
                    }
                    entry["keypoints"] = points;
                    entry["num_keypoints"] = labelled;
                }
                out.write(std::string(id > 1 ? ",\n" : "\n") + dump(entry));
            }
        }
        out.write("]}\n");
        out.close();
    });
    ExportResult result;
    result.files.push_back(path);
    return result;
}

} // namespace body4d
