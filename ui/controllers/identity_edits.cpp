#include "ui/controllers/identity_edits.h"

#include "pipeline/prompt_mask.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace body4d::ui {
namespace {

/// Takes the prompts from `frame` on out of a target.
std::vector<Prompt> takeFrom(Target& target, std::int64_t frame) {
    const auto at = std::lower_bound(target.prompts.begin(), target.prompts.end(), frame,
                                     [](const Prompt& p, std::int64_t f) { return p.frame < f; });
    std::vector<Prompt> taken(std::make_move_iterator(at), std::make_move_iterator(target.prompts.end()));
    target.prompts.erase(at, target.prompts.end());
    return taken;
}

std::vector<FrameRange> from(const std::vector<FrameRange>& ranges, std::int64_t frame) {
    return withoutRange(ranges, {0, frame});
}

std::vector<FrameRange> joined(std::vector<FrameRange> a, const std::vector<FrameRange>& b) {
    for (const auto& r : b) {
        a = withRange(std::move(a), r);
    }
    return a;
}

void pin(Target& target, std::int64_t frame, const std::optional<PointPrompt>& where) {
    const bool said = std::any_of(target.prompts.begin(), target.prompts.end(),
                                  [frame](const Prompt& p) { return p.frame == frame && !p.empty(); });
    if (where && !said) {
        promptAt(target, frame).points.push_back(*where);
    }
}

} // namespace

Prompt& promptAt(Target& target, std::int64_t frame) {
    auto it = std::lower_bound(target.prompts.begin(), target.prompts.end(), frame,
                               [](const Prompt& p, std::int64_t f) { return p.frame < f; });
    if (it == target.prompts.end() || it->frame != frame) {
        it = target.prompts.insert(it, Prompt{});
        it->frame = frame;
    }
    return *it;
}

void dropEmptyPrompts(Target& target) {
    std::erase_if(target.prompts, [](const Prompt& p) { return p.empty(); });
}

void swapFrom(ProjectDocument& document, TargetId a, TargetId b, std::int64_t frame,
              const std::optional<PointPrompt>& whereA, const std::optional<PointPrompt>& whereB) {
    auto *first = document.target(a), *second = document.target(b);
    if (first == nullptr || second == nullptr || first == second) {
        return;
    }
    const FrameRange rest{frame, document.video.frameCount};
    const auto exchange = [&](std::vector<FrameRange>& p, std::vector<FrameRange>& q) {
        const auto ofP = from(p, frame), ofQ = from(q, frame);
        p = joined(withoutRange(p, rest), ofQ);
        q = joined(withoutRange(q, rest), ofP);
    };
    auto ofFirst = takeFrom(*first, frame), ofSecond = takeFrom(*second, frame);
    std::move(ofSecond.begin(), ofSecond.end(), std::back_inserter(first->prompts));
    std::move(ofFirst.begin(), ofFirst.end(), std::back_inserter(second->prompts));
    exchange(first->absent, second->absent);
    exchange(first->acceptedGuesses, second->acceptedGuesses);
    exchange(first->rejectedGuesses, second->rejectedGuesses);
    pin(*first, frame, whereB);
    pin(*second, frame, whereA);
}

TargetId splitAt(ProjectDocument& document, TargetId id, std::int64_t frame, const std::optional<PointPrompt>& where) {
    const auto* known = document.target(id);
    if (known == nullptr || frame <= 0 || frame >= document.video.frameCount) {
        return 0;
    }
    const auto name = known->name;
    const auto traits = known->traits;
    const TargetId added = document.addTarget().id; // may move the others
    auto *before = document.target(id), *after = document.target(added);
    after->name = name + " (2)";
    after->traits = traits;
    after->prompts = takeFrom(*before, frame);
    const FrameRange rest{frame, document.video.frameCount};
    after->absent = withRange(from(before->absent, frame), {0, frame});
    before->absent = withRange(before->absent, rest);
    after->acceptedGuesses = from(before->acceptedGuesses, frame);
    after->rejectedGuesses = from(before->rejectedGuesses, frame);
    before->acceptedGuesses = withoutRange(before->acceptedGuesses, rest);
    before->rejectedGuesses = withoutRange(before->rejectedGuesses, rest);
    pin(*after, frame, where);
    return added;
}

void mergeInto(ProjectDocument& document, TargetId kept, TargetId gone) {
    auto *target = document.target(kept), *other = document.target(gone);
    if (target == nullptr || other == nullptr || target == other) {
        return;
    }
    for (auto& prompt : other->prompts) {
        // What was clicked where this one is said to be absent belongs to somebody else.
        if (!contains(other->absent, prompt.frame)) {
            auto& at = promptAt(*target, prompt.frame);
            if (at.empty()) {
                at = std::move(prompt);
            }
        }
    }
    target->absent = commonRanges(target->absent, other->absent);
    target->acceptedGuesses = joined(target->acceptedGuesses, other->acceptedGuesses);
    target->rejectedGuesses = joined(target->rejectedGuesses, other->rejectedGuesses);
    std::erase_if(document.targets, [gone](const Target& t) { return t.id == gone; });
}

} // namespace body4d::ui
