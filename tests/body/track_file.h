#pragma once

#include "base/pose_track.h"
#include "base/safetensors.h"

#include <filesystem>
#include <string>

/// A track with its picture size, for development: one safetensors file per target.
///   xy [N,33,2], z, visibility, presence [N,33], world [N,33,3], roi [N,4] (cx, cy, side, angle), score [N],
///   state u8 [N], mask_counts (all runs, COCO order), mask_offsets i64 [N+1]; metadata first_frame, width,
///   height, fps
struct TrackFile {
    body4d::TargetTrack track;
    int width = 0, height = 0;
    double fps = 0;
};

inline TrackFile readTrackFile(const std::filesystem::path& path) {
    using namespace body4d;
    const SafetensorsFile file(path);
    TrackFile out;
    const auto number = [&](const char* key) { return std::stod(file.metadata().at(key)); };
    out.width = static_cast<int>(number("width"));
    out.height = static_cast<int>(number("height"));
    out.fps = number("fps");
    out.track.id = 1;
    out.track.firstFrame = static_cast<std::int64_t>(number("first_frame"));
    const auto state = file.values<std::uint8_t>("state");
    const auto xy = file.values<double>("xy"), z = file.values<double>("z"),
               visibility = file.values<double>("visibility"), presence = file.values<double>("presence"),
               world = file.values<double>("world"), roi = file.values<double>("roi"),
               score = file.values<double>("score");
    const auto counts = file.values<std::uint32_t>("mask_counts");
    const auto offsets = file.values<std::int64_t>("mask_offsets");
    for (std::size_t n = 0; n < state.size(); ++n) {
        TargetFrame frame;
        frame.frame = out.track.firstFrame + static_cast<std::int64_t>(n);
        frame.state = static_cast<FrameState>(state[n]);
        frame.pose.score = static_cast<float>(score[n]);
        frame.pose.roi = {roi[4 * n], roi[4 * n + 1], roi[4 * n + 2], roi[4 * n + 3]};
        for (std::size_t k = 0; k < kPoseLandmarkCount; ++k) {
            const std::size_t i = n * kPoseLandmarkCount + k;
            frame.pose.points[k] = {{xy[2 * i], xy[2 * i + 1]},
                                    static_cast<float>(z[i]),
                                    static_cast<float>(visibility[i]),
                                    static_cast<float>(presence[i]),
                                    {world[3 * i], world[3 * i + 1], world[3 * i + 2]}};
        }
        if (offsets[n] < offsets[n + 1]) {
            frame.mask = {
                out.width, out.height, {counts.begin() + offsets[n], counts.begin() + offsets[n + 1]}};
        }
        out.track.frames.push_back(std::move(frame));
    }
    return out;
}
