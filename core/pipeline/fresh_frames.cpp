#include "pipeline/fresh_frames.h"

#include "pipeline/stage_keys.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace body4d::detail {
namespace {

constexpr auto kFirst = std::numeric_limits<std::int64_t>::min(), kLast = std::numeric_limits<std::int64_t>::max();

/// Rising, neighbours joined.
std::vector<FrameRange> joined(std::vector<FrameRange> ranges) {
    std::sort(ranges.begin(), ranges.end(), [](auto a, auto b) { return a.begin < b.begin; });
    std::vector<FrameRange> out;
    for (const auto& r : ranges) {
        if (!out.empty() && r.begin <= out.back().end) {
            out.back().end = std::max(out.back().end, r.end);
        } else if (r.size() > 0) {
            out.push_back(r);
        }
    }
    return out;
}

/// What one direction has saved of a target and would save again.
std::vector<FrameRange> soundOf(const ProjectDocument& document, const SessionJournal& journal, Direction direction,
                                TargetId id) {
    const auto found = journal.batches.find(id);
    const auto wanted = sessionFrames(document, direction);
    if (journal.key.empty() || found == journal.batches.end() || !wanted ||
        journal.origin != (direction == Direction::Forward ? wanted->begin : wanted->end - 1)) {
        return {};
    }
    auto ranges = found->second;
    if (journal.key != segmentKey(document)) {
        const auto last = std::find_if(
            journal.checkpoints.rbegin(), journal.checkpoints.rend(),
            [&](const SessionCheckpoint& c) { return c.key == prefixKey(document, direction, c.next); });
        const auto count = last == journal.checkpoints.rend() || !last->batches.contains(id) ? 0 : last->batches.at(id);
        ranges.resize(std::min(ranges.size(), count));
    }
    return joined(std::move(ranges));
}

void addPart(std::vector<FrameRange>& out, const std::vector<FrameRange>& ranges, FrameRange inside) {
    for (const auto& r : ranges) {
        out.push_back({std::max(r.begin, inside.begin), std::min(r.end, inside.end)});
    }
    std::erase_if(out, [](const FrameRange& r) { return r.size() == 0; });
}

bool covers(const std::vector<FrameRange>& ranges, FrameRange all) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const FrameRange& r) { return r.begin <= all.begin && r.end >= all.end; });
}

} // namespace

std::vector<FrameRange> freshFrames(const ProjectDocument& document, const Target& target,
                                    std::span<const SessionJournal, 2> journals) {
    std::optional<FrameRange> said; // from the first prompt to the last
    for (const auto& prompt : target.prompts) {
        if (!prompt.empty()) {
            said = said ? FrameRange{std::min(said->begin, prompt.frame), std::max(said->end, prompt.frame + 1)}
                        : FrameRange{prompt.frame, prompt.frame + 1};
        }
    }
    if (!said) {
        return {};
    }
    const auto forward = soundOf(document, journals[0], Direction::Forward, target.id),
               backward = soundOf(document, journals[1], Direction::Backward, target.id);
    std::vector<FrameRange> fresh;
    addPart(fresh, backward, {kFirst, said->begin});
    if (said->size() == 1) {
        addPart(fresh, forward, {said->begin, kLast});
    } else {
        if (covers(forward, *said) && covers(backward, *said)) {
            fresh.push_back(*said);
        }
        addPart(fresh, forward, {said->end, kLast});
    }
    return joined(std::move(fresh));
}

} // namespace body4d::detail
