// Development tool, not a test: tracks of a project, run there and back until they are long, fitted whole and in pieces.
//   long_tracks anny.safetensors PROJECT.body4d [--frames N] [--piece N] [--target ID]
// Prints how far key points lie apart, millimetres, on frames that were measured and on all of them.
#include "body/body_fitter.h"
#include "body/body_keypoints.h"
#include "body/body_metrics.h"
#include "pipeline/project.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

using namespace body4d;

namespace {

struct Distances {
    std::vector<double> all;
    void add(double millimetres) { all.push_back(millimetres); }
    void print(const char* of) {
        if (all.empty()) {
            return;
        }
        std::sort(all.begin(), all.end());
        const auto at = [&](double share) { return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))]; };
        const auto far = all.end() - std::upper_bound(all.begin(), all.end(), 1.0);
        std::printf("  %-9s %zu frames: median %.5f mm, 99 %% %.4f, 99.9 %% %.4f, worst %.4f; %td beyond 1 mm\n", of, all.size(),
                    at(0.5), at(0.99), at(0.999), all.back(), far);
    }
};

constexpr int kTold = 20; // frames that are named one by one

double cpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

} // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: long_tracks MODEL PROJECT [--frames N] [--piece N] [--target ID]\n");
        return 2;
    }
    std::size_t wanted = 4000;
    int piece = 2048, only = 0;
    for (int i = 3; i + 1 < argc; i += 2) {
        const std::string option = argv[i];
        const int value = std::atoi(argv[i + 1]);
        if (option == "--frames") {
            wanted = static_cast<std::size_t>(value);
        } else if (option == "--piece") {
            piece = value;
        } else if (option == "--target") {
            only = value;
        }
    }
    const auto model = BodyModel::loadAnny(argv[1]);
    const auto project = Project::open(argv[2], Project::Access::ReadOnly);
    const auto document = project->document();
    for (const auto& target : document.targets) {
        if (only != 0 && target.id != only) {
            continue;
        }
        const auto once = project->track(target.id, document.range).frames;
        if (once.empty()) {
            continue;
        }
        TargetTrack track{target.id, 0, {}};
        for (std::size_t n = 0; n < wanted; ++n) {
            const std::size_t lap = n % (2 * once.size());
            track.frames.push_back(once[lap < once.size() ? lap : 2 * once.size() - 1 - lap]);
            track.frames.back().frame = static_cast<std::int64_t>(n);
        }
        const auto& video = document.video;
        BodyFitOptions options;
        options.pieceFrames = piece;
        options.longFrames = 1;
        const BodyFitter fitter(model, options);
        const double start = cpuSeconds();
        const BodyTrack whole = fitter.fit(track, target.traits, video.width, video.height, video.fps, {}, {});
        const double between = cpuSeconds();
        const TrackSource source{target.id, 0, track.frames.size(), [&](std::size_t begin, std::size_t end) {
                                     return std::vector(track.frames.begin() + static_cast<std::ptrdiff_t>(begin),
                                                        track.frames.begin() + static_cast<std::ptrdiff_t>(end));
                                 }};
        std::vector<BodyFrame> pieces;
        (void)fitter.fitPieces(source, target.traits, video.width, video.height, video.fps, {}, {},
                               [&](std::vector<BodyFrame>&& frames) {
                                   std::move(frames.begin(), frames.end(), std::back_inserter(pieces));
                               });
        const double end = cpuSeconds();
        Distances measured, raw, rest;
        double worst = 0;
        std::string where;
        int told = 0;
        for (std::size_t n = 0; n < pieces.size(); ++n) {
            double distance = 0;
            std::size_t point = 0;
            for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
                const double apart = 1000 * norm(pieces[n].keypoints[k] - whole.frames[n].keypoints[k]);
                if (apart > distance) {
                    distance = apart;
                    point = k;
                }
            }
            if (distance > 1 && told++ < kTold) {
                std::printf("  frame %zu: %s %.2f mm%s\n", n, kBodyKeypoints[point].name, distance,
                            whole.frames[n].reprojectionPercent >= 0 ? "" : ", not measured");
            }
            if (whole.frames[n].reprojectionPercent >= 0) {
                measured.add(distance);
                raw.add(1000 * norm(pieces[n].rawPose.translation - whole.frames[n].rawPose.translation));
                if (distance > worst) {
                    worst = distance;
                    where = "frame " + std::to_string(n) + ", " + kBodyKeypoints[point].name;
                }
            } else {
                rest.add(distance);
            }
        }
        std::printf("target %d, %zu frames, pieces of %d: whole %.1f s, pieces %.1f s of processor time; worst: %s\n",
                    target.id, pieces.size(), piece, between - start, end - between, where.c_str());
        const BodyMetrics judged = measureBody(whole, track);
        BodyFitOptions together = options;
        together.longFrames = static_cast<int>(wanted) + 1;
        const BodyMetrics before = measureBody(
            BodyFitter(model, together).fit(track, target.traits, video.width, video.height, video.fps, {}, {}), track);
        std::printf("  steps judged frame by frame: 2D %.4f %%, IoU %.4f, acceleration %.3f; over the whole: %.4f %%, %.4f, %.3f\n",
                    judged.reprojectionPercent, judged.silhouetteIou, judged.jointAcceleration, before.reprojectionPercent,
                    before.silhouetteIou, before.jointAcceleration);
        measured.print("measured");
        raw.print("raw root");
        rest.print("others");
    }
    return 0;
}
