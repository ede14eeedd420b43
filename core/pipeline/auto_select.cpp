#include "base/error.h"
#include "pipeline/job.h"
#include "video/video_reader.h"

#include <algorithm>
#include <cmath>

namespace body4d::detail {
namespace {

constexpr int kLooks = 5;
constexpr float kClearEnough = 0.35F;

/// Half-open box of the pixels inside.
Box boundingBox(const RleMask& rle) {
    Box box{1e9, 1e9, -1, -1};
    std::int64_t at = 0;
    for (std::size_t i = 0; i < rle.counts.size(); ++i) {
        const std::int64_t run = rle.counts[i];
        if (i % 2 == 1 && run > 0) {
            const auto x0 = at / rle.height, x1 = (at + run - 1) / rle.height;
            box.x0 = std::min(box.x0, static_cast<double>(x0));
            box.x1 = std::max(box.x1, static_cast<double>(x1 + 1));
            box.y0 = std::min(box.y0, x0 == x1 ? static_cast<double>(at % rle.height) : 0);
            box.y1 = std::max(box.y1, x0 == x1 ? static_cast<double>((at + run - 1) % rle.height + 1)
                                               : static_cast<double>(rle.height));
        }
        at += run;
    }
    return box;
}

/// A pixel centre inside the mask near the wanted place: where a person would have clicked.
PointPrompt clickInside(const RleMask& rle, Vec2 wanted) {
    const auto mask = decodeRle(rle);
    double best = 1e18;
    PointPrompt point{wanted.x, wanted.y, true};
    for (int y = 0; y < mask.height; ++y) {
        for (int x = 0; x < mask.width; ++x) {
            if (mask.row(y)[x] < 128) {
                continue;
            }
            const double d = norm(Vec2{x + 0.5, y + 0.5} - wanted);
            if (d < best) {
                best = d;
                point = {x + 0.5, y + 0.5, true};
            }
        }
    }
    return point;
}

} // namespace

void autoSelect(Job& job) {
    job.meter.begin("select", "Looking for people");
    auto& segmenter = job.engines.segmenter(job.document.options);
    VideoReader::Options options;
    options.hardware = job.document.options.boolean("video.hardware");
    const auto reader = VideoReader::open(job.document.video.path, options);
    const auto range = job.document.range;
    std::vector<SegmentPreview> best;
    std::int64_t bestFrame = range.begin;
    double bestScore = 0;
    for (int look = 0; look < kLooks && look < range.size(); ++look) {
        job.throwIfCancelled();
        const auto frame = range.begin + (range.size() - 1) * look / std::max(1, kLooks - 1);
        auto people = segmenter.findPeople(reader->read(frame), job.stop);
        std::erase_if(people, [](const auto& p) { return !p.found || p.frame.confidence < kClearEnough; });
        // The first frame wins ties: tracking from there needs one direction only.
        double score = look == 0 ? 0.2 : 0;
        for (const auto& person : people) {
            score += 0.5 + 0.5 * person.frame.confidence;
        }
        if (!people.empty() && score > bestScore) {
            bestScore = score;
            best = std::move(people);
            bestFrame = frame;
        }
    }
    if (best.empty()) {
        throw Error(ErrorCode::Input, "Nobody was found in this video.",
                    "Click a person yourself: --click FRAME:X,Y, or a click in the window.");
    }
    for (const auto& person : best) {
        auto& target = job.document.addTarget();
        const auto box = boundingBox(person.frame.mask);
        const auto& points = person.frame.pose.points;
        constexpr int kShoulders[] = {11, 12}, kHips[] = {23, 24};
        Vec2 torso{0.5 * (box.x0 + box.x1), 0.5 * (box.y0 + box.y1)};
        if (person.frame.pose.score > 0) {
            torso = 0.25 * (points[kShoulders[0]].px + points[kShoulders[1]].px + points[kHips[0]].px +
                            points[kHips[1]].px);
        }
        Prompt prompt;
        prompt.frame = bestFrame;
        prompt.points.push_back(clickInside(person.frame.mask, torso));
        target.prompts.push_back(std::move(prompt));
    }
    job.project.setDocument(job.document);
    job.meter.finish("select");
    job.notice(best.size() == 1 ? "1 person was found."
                                : std::to_string(best.size()) + " people were found.");
}

} // namespace body4d::detail
