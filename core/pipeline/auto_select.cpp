#include "base/error.h"
#include "pipeline/frame_feeder.h"
#include "pipeline/job.h"
#include "pipeline/people_walk.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace body4d::detail {
namespace {

constexpr double kWalkFps = 6;       ///< at least; enough to follow people from one look to the next
constexpr double kLookSeconds = 1.5; ///< from one look for people to the next,
/// While nobody new comes, each pause is so many times the last, and so long at most.
constexpr double kLonger = 1.5, kLongestSeconds = 3;
constexpr int kFewest = 4, kMost = 24; ///< but so many of these pauses at least and at most
constexpr double kShotSeconds =
    0.3;                       ///< from a cut to a look: the first picture of a shot may still be blended
constexpr int kMostShots = 24; ///< that get a look of their own
constexpr std::size_t kFramesAhead = 8; ///< decoded

/// Who was found where: "2 people were found, clearest on the frames 0 and 36."
std::string foundSentence(const std::vector<Prompt>& prompts) {
    if (prompts.size() == 1) {
        return "1 person was found, clearest on frame " + std::to_string(prompts.front().frame) + ".";
    }
    std::string text = std::to_string(prompts.size()) + " people were found, clearest on the frames ";
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        text += (i == 0 ? "" : i + 1 == prompts.size() ? " and " : ", ") + std::to_string(prompts[i].frame);
    }
    return text + ".";
}

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
    const auto stride = std::max(1, static_cast<int>(fps / kWalkFps));
    const double last = static_cast<double>(range.size() - 1);
    const double pause = std::clamp(kLookSeconds * fps, last / kMost, std::max(1.0, last / kFewest));
    FrameFeeder frames(video.path, options, range, Direction::Forward, kFramesAhead);
    PeopleWalk walk(segmenter, fps, stride, job.stop);
    double due = static_cast<double>(range.begin); ///< the next look
    const double longest = std::max(pause, std::min(kLongestSeconds * fps, last / kFewest));
    double wait = pause;
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
            const bool news = walk.advance(i, item.image, newShot, look);
            newShot = false;
            if (look) {
                wait = news ? pause : std::min(kLonger * wait, longest);
                due = static_cast<double>(i) + wait;
            }
        }
        job.meter.set("select", i + 1 - range.begin, range.size());
    }
    const auto prompts = walk.finish();
    if (prompts.empty()) {
        throw Error(
            ErrorCode::Input, "Nobody was found in this video.",
            "Click a person where most of the body shows: --click FRAME:X,Y, or a click in the window.");
    }
    for (const auto& prompt : prompts) {
        job.document.addTarget().prompts.push_back(prompt);
    }
    job.project.setDocument(job.document);
    job.meter.finish("select");
    job.notice(foundSentence(prompts));
}

} // namespace body4d::detail
