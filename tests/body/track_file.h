#pragma once

#include "base/pose_track.h"
#include "base/safetensors.h"

#include <filesystem>

/// A track with its picture size, for development: one safetensors file per clip.
///   ok u8 [N], xy [N,P,2], z [N,P], vis [N,P], pres [N,P], world [N,P,3] (P >= 33), roi [N,4] (cx, cy, side, angle),
///   score [N], rle i32 (all runs, COCO order), rle_offset i64 [N+1], size i64 [2] (width, height), fps [1]
struct TrackFile {
    body4d::TargetTrack track;
    int width = 0, height = 0;
    double fps = 0;
};

inline TrackFile readTrackFile(const std::filesystem::path& path) {
    using namespace body4d;
    const SafetensorsFile file(path);
    TrackFile out;
    const auto size = file.values<std::int64_t>("size");
    out.width = static_cast<int>(size[0]);
    out.height = static_cast<int>(size[1]);
    out.fps = file.values<double>("fps")[0];
    const auto ok = file.values<std::uint8_t>("ok");
    const auto xy = file.values<double>("xy"), z = file.values<double>("z"), vis = file.values<double>("vis"),
               pres = file.values<double>("pres"), world = file.values<double>("world"), roi = file.values<double>("roi"),
               score = file.values<double>("score");
    const auto rle = file.values<std::int32_t>("rle");
    const auto offset = file.values<std::int64_t>("rle_offset");
    const std::size_t points = z.size() / ok.size();
    out.track.id = 1;
    for (std::size_t n = 0; n < ok.size(); ++n) {
        TargetFrame frame;
        frame.frame = static_cast<std::int64_t>(n);
        if (ok[n] != 0) {
            frame.state = FrameState::Visible;
            frame.pose.score = static_cast<float>(score[n]);
            frame.pose.roi = {roi[4 * n], roi[4 * n + 1], roi[4 * n + 2], roi[4 * n + 3]};
            for (std::size_t k = 0; k < kPoseLandmarkCount; ++k) {
                const std::size_t i = n * points + k;
                frame.pose.points[k] = {{xy[2 * i], xy[2 * i + 1]},
                                        static_cast<float>(z[i]),
                                        static_cast<float>(vis[i]),
                                        static_cast<float>(pres[i]),
                                        {world[3 * i], world[3 * i + 1], world[3 * i + 2]}};
            }
            frame.mask = {out.width, out.height, {}};
            for (auto i = offset[n]; i < offset[n + 1]; ++i) {
                frame.mask.counts.push_back(static_cast<std::uint32_t>(rle[static_cast<std::size_t>(i)]));
            }
        }
        out.track.frames.push_back(std::move(frame));
    }
    return out;
}
