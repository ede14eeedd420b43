#include "base/error.h"
#include "pipeline/frame_feeder.h"
#include "pipeline/job.h"
#include "pipeline/people_walk.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace body4d::detail {
namespace {

constexpr double kWalkFps = 10;        ///< enough to follow people from one look to the next
constexpr double kLookSeconds = 1.5;   ///< from one look for people to the next,
constexpr int kFewest = 4, kMost = 24; ///< but so many of these pauses at least and at most
constexpr double kShotSeconds =
    0.3;                       ///< from a cut to a look: the first picture of a shot may still be blended
constexpr int kMostShots = 24; ///< that get a look of their own
constexpr std::size_t kFramesAhead = 8; ///< decoded

} // namespace

void autoSelect(Job& job) {
    job.meter.begin("select", "Looking for people");
    auto& segmenter = job.engines.segmenter(job.document.options);
    VideoReader::Options options;
    options.hardware = job.document.options.boolean("video.hardware");
    options.parkBytes = 0;
    options.keepBytes = 0;
    const auto& video = job.document.video;
    const auto range = job.document.range;
    const double fps = std::max(video.fps, 1e-3);
    const auto stride = std::max(1, static_cast<int>(std::lround(fps / kWalkFps)));
    const double last = static_cast<double>(range.size() - 1);
    const double pause = std::clamp(kLookSeconds * fps, last / kMost, std::max(1.0, last / kFewest));
    FrameFeeder frames(video.path, options, range, Direction::Forward, kFramesAhead);
    PeopleWalk walk(segmenter, fps, stride, job.stop);
    double due = static_cast<double>(range.begin); ///< the next look
    bool newShot = false;
    int shots = 0;
    for (auto i = range.begin; i < range.end; ++i) {
        const auto item = frames.next(job.stop);
        if (item.newShot) {
            newShot = true;
            if (++shots <= kMostShots) {
                due = std::min(due, static_cast<double>(i) + kShotSeconds * fps);
            }
        }
        const bool end = i + 1 == range.end;
        if ((i - range.begin) % stride == 0 || end) {
            const bool look = end || static_cast<double>(i) >= due - 0.5;
            walk.advance(i, item.image, newShot, look);
            newShot = false;
            due = look ? static_cast<double>(i) + pause : due;
        }
        job.meter.set("select", i + 1 - range.begin, range.size());
    }
    const auto prompts = walk.finish();
    if (prompts.empty()) {
        throw Error(ErrorCode::Input, "Nobody was found in this video.",
                    "Click a person yourself: --click FRAME:X,Y, or a click in the window.");
    }
    for (const auto& prompt : prompts) {
        job.document.addTarget().prompts.push_back(prompt);
    }
    job.project.setDocument(job.document);
    job.meter.finish("select");
    job.notice(prompts.size() == 1 ? "1 person was found."
                                   : std::to_string(prompts.size()) + " people were found.");
}

} // namespace body4d::detail
