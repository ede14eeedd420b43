#include "base/error.h"
#include "pipeline/job.h"
#include "video/video_reader.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace body4d::detail {
namespace {

constexpr int kLooks = 5;
constexpr double kClearEnough = 0.6;
/// Branches, straps and crowds look like people lying down far more often than people lie down.
constexpr double kTilted = 1.2, kTiltedWorth = 0.55;
constexpr double kInsideAnother = 0.6; ///< share of a box inside a clearer person's: part of that one

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

double worthOf(const TargetFrame& person) {
    const bool posed = person.pose.score > 0;
    const double tilt = posed ? std::abs(std::remainder(person.pose.roi.angle, 2 * std::numbers::pi)) : 0;
    return person.confidence * (tilt > kTilted ? kTiltedWorth : 1);
}

struct Candidate {
    TargetFrame person;
    Box box;
    double worth = 0;
};

/// People of one frame, clearest first, without those that are a part of a clearer one.
std::vector<Candidate> candidatesOf(std::vector<SegmentPreview> people) {
    std::vector<Candidate> all;
    for (auto& p : people) {
        if (p.found && !p.frame.mask.empty() && area(p.frame.mask) > 0) {
            const double worth = worthOf(p.frame);
            const Box box = boundingBox(p.frame.mask);
            all.push_back({std::move(p.frame), box, worth});
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.worth > b.worth; });
    std::vector<Candidate> kept;
    for (auto& c : all) {
        const bool part = std::any_of(kept.begin(), kept.end(), [&c](const Candidate& k) {
            const Box common{std::max(c.box.x0, k.box.x0), std::max(c.box.y0, k.box.y0),
                             std::min(c.box.x1, k.box.x1), std::min(c.box.y1, k.box.y1)};
            return common.area() > kInsideAnother * c.box.area();
        });
        if (!part) {
            kept.push_back(std::move(c));
        }
    }
    return kept;
}

} // namespace

void autoSelect(Job& job) {
    job.meter.begin("select", "Looking for people");
    auto& segmenter = job.engines.segmenter(job.document.options);
    VideoReader::Options options;
    options.hardware = job.document.options.boolean("video.hardware");
    const auto reader = VideoReader::open(job.document.video.path, options);
    const auto range = job.document.range;
    std::vector<Candidate> best;
    std::int64_t bestFrame = range.begin;
    double bestScore = 0;
    for (int look = 0; look < kLooks && look < range.size(); ++look) {
        job.throwIfCancelled();
        const auto frame = range.begin + (range.size() - 1) * look / std::max(1, kLooks - 1);
        auto people = candidatesOf(segmenter.findPeople(reader->read(frame), job.stop));
        // The first frame wins ties: tracking from there needs one direction only.
        double score = look == 0 ? 0.2 : 0;
        const auto clear = std::count_if(people.begin(), people.end(),
                                         [](const auto& c) { return c.worth >= kClearEnough; });
        // Where nobody is clear, one doubtful person is better than none.
        people.resize(std::min<std::size_t>(people.size(),
                                            static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, clear))));
        for (const auto& person : people) {
            score += person.worth;
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
    for (const auto& [person, box, worth] : best) {
        auto& target = job.document.addTarget();
        const auto& points = person.pose.points;
        constexpr int kShoulders[] = {11, 12}, kHips[] = {23, 24};
        Vec2 torso{0.5 * (box.x0 + box.x1), 0.5 * (box.y0 + box.y1)};
        if (person.pose.score > 0) {
            torso = 0.25 * (points[kShoulders[0]].px + points[kShoulders[1]].px + points[kHips[0]].px +
                            points[kHips[1]].px);
        }
        Prompt prompt;
        prompt.frame = bestFrame;
        prompt.points.push_back(clickInside(person.mask, torso));
        target.prompts.push_back(std::move(prompt));
    }
    job.project.setDocument(job.document);
    job.meter.finish("select");
    job.notice(best.size() == 1 ? "1 person was found."
                                : std::to_string(best.size()) + " people were found.");
}

} // namespace body4d::detail
