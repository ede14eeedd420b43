#include "base/error.h"
#include "models/people_finder.h"
#include "pipeline/job.h"
#include "video/video_reader.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

namespace body4d::detail {
namespace {

constexpr int kLooks = 5;
constexpr double kClearEnough = 0.6, kDoubtful = 0.5;
/// Branches, straps and crowds look like people lying down far more often than people lie down.
constexpr double kTilted = 1.2, kTiltedWorth = 0.55;
constexpr double kInsideAnother = 0.6; ///< share of a box inside a clearer person's: part of that one
constexpr double kSamePerson = 0.5;    ///< overlap of boxes from which on a click means who was found

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

/// A click in the middle of as much of a candidate's trunk as is in the picture.
PointPrompt clickOn(const Candidate& candidate, const Image& picture) {
    const auto& [person, box, worth] = candidate;
    Vec2 sum;
    int count = 0;
    if (person.pose.score > 0) {
        constexpr int kTrunk[] = {11, 12, 23, 24}; // shoulders and hips
        for (const int k : kTrunk) {
            const Vec2 px = person.pose.points[k].px;
            if (px.x >= 0 && px.y >= 0 && px.x < picture.width && px.y < picture.height) {
                sum = sum + px;
                ++count;
            }
        }
    }
    const Vec2 middle{0.5 * (box.x0 + box.x1), 0.5 * (box.y0 + box.y1)};
    return clickInside(person.mask, count > 0 ? (1.0 / count) * sum : middle);
}

/// The prompt that finds a candidate again: tracking starts from a prompt, which looks closer than a search over the
/// whole frame, and that search takes coats on hooks for people. The embedded tracker looks for a person around a click,
/// and a box helps it where that finds something else. To a tracker of masks one click may mean a shirt as well as who
/// wears it: it gets the box as well, and the click alone where that finds something else.
std::optional<Prompt> promptFor(const Candidate& candidate, std::int64_t frame, const ImagePtr& picture,
                                Segmenter& segmenter, const std::stop_token& stop, Box& found) {
    Prompt prompt;
    prompt.frame = frame;
    prompt.points.push_back(clickOn(candidate, *picture));
    const bool boxFirst = segmenter.takesMasks();
    for (const bool withBox : {boxFirst, !boxFirst}) {
        prompt.box = withBox ? std::optional<Box>(candidate.box) : std::nullopt;
        const auto seen = segmenter.preview(picture, prompt, stop);
        if (seen.found && !seen.frame.mask.empty()) {
            found = boundingBox(seen.frame.mask);
            if (intersectionOverUnion(found, candidate.box) >= kSamePerson) {
                return prompt;
            }
        }
    }
    return std::nullopt;
}

/// A frame that was looked at and who is on it.
struct Look {
    std::int64_t frame = 0;
    ImagePtr picture;
    std::vector<Candidate> people;
    double score = 0;
};

} // namespace

void autoSelect(Job& job) {
    job.meter.begin("select", "Looking for people");
    auto& segmenter = job.engines.segmenter(job.document.options);
    VideoReader::Options options;
    options.hardware = job.document.options.boolean("video.hardware");
    const auto reader = VideoReader::open(job.document.video.path, options);
    const auto range = job.document.range;
    std::vector<Look> looks;
    std::vector<ImagePtr> pictures;
    for (int look = 0; look < kLooks && look < range.size(); ++look) {
        job.throwIfCancelled();
        Look seen;
        seen.frame = range.begin + (range.size() - 1) * look / std::max(1, kLooks - 1);
        seen.picture = reader->read(seen.frame);
        pictures.push_back(seen.picture);
        looks.push_back(std::move(seen));
    }
    auto people = findPeopleOn(segmenter, pictures, job.stop);
    for (std::size_t look = 0; look < looks.size(); ++look) {
        auto& seen = looks[look];
        seen.people = candidatesOf(std::move(people[look]));
        // The first frame wins ties: tracking from there needs one direction only.
        seen.score = look == 0 ? 0.2 : 0;
        const auto clear = std::count_if(seen.people.begin(), seen.people.end(),
                                         [](const auto& c) { return c.worth >= kClearEnough; });
        // Where nobody is clear, one doubtful person is better than none; a building that looks like one is not.
        const bool doubtful = clear == 0 && !seen.people.empty() && seen.people.front().worth >= kDoubtful;
        seen.people.resize(static_cast<std::size_t>(doubtful ? 1 : clear));
        for (const auto& person : seen.people) {
            seen.score += person.worth;
        }
    }
    std::stable_sort(looks.begin(), looks.end(),
                     [](const Look& a, const Look& b) { return a.score > b.score; });
    std::vector<Prompt> prompts;
    for (const auto& look : looks) {
        std::vector<Box> boxes;
        for (const auto& person : look.people) {
            job.throwIfCancelled();
            Box found;
            auto prompt = promptFor(person, look.frame, look.picture, segmenter, job.stop, found);
            const bool twice = std::any_of(boxes.begin(), boxes.end(), [&found](const Box& b) {
                return intersectionOverUnion(b, found) >= kSamePerson;
            });
            if (prompt && !twice) {
                prompts.push_back(std::move(*prompt));
                boxes.push_back(found);
            }
        }
        if (!prompts.empty()) {
            break;
        }
    }
    if (prompts.empty()) {
        throw Error(ErrorCode::Input, "Nobody was found in this video.",
                    "Click a person yourself: --click FRAME:X,Y, or a click in the window.");
    }
    for (auto& prompt : prompts) {
        job.document.addTarget().prompts.push_back(std::move(prompt));
    }
    job.project.setDocument(job.document);
    job.meter.finish("select");
    job.notice(prompts.size() == 1 ? "1 person was found."
                                   : std::to_string(prompts.size()) + " people were found.");
}

} // namespace body4d::detail
