#include "base/error.h"
#include "base/log.h"
#include "pipeline/body_store.h"
#include "pipeline/fresh_frames.h"
#include "pipeline/project_impl.h"
#include "pipeline/prompt_mask.h"
#include "pipeline/stage_keys.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>

// What a project has computed: tracks, bodies, the world, masks of what is hidden. Read when asked for, kept in small caches.

namespace body4d {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kLookFrames = 1024; // of a track that are looked at together

} // namespace

std::shared_ptr<const std::vector<TargetFrame>> Project::Impl::batch(Direction direction, TargetId id,
                                                                     FrameRange range) {
    {
        const std::scoped_lock lock(mutex);
        for (auto it = batchCache.begin(); it != batchCache.end(); ++it) {
            if (it->direction == direction && it->id == id && it->range == range) {
                batchCache.splice(batchCache.begin(), batchCache, it);
                return batchCache.front().frames;
            }
        }
    }
    auto frames = std::make_shared<const std::vector<TargetFrame>>(store.readBatch(direction, id, range));
    const std::scoped_lock lock(mutex);
    batchCache.push_front({direction, id, range, frames});
    trimCache();
    return frames;
}

TargetTrack Project::Impl::directionTrack(Direction direction, TargetId id, FrameRange range) {
    std::vector<FrameRange> ranges;
    {
        const std::scoped_lock lock(mutex);
        if (const auto* saved = detail::rangesOf(journals[detail::indexOf(direction)], id)) {
            std::copy_if(saved->begin(), saved->end(), std::back_inserter(ranges),
                         [&range](FrameRange r) { return r.end > range.begin && r.begin < range.end; });
        }
    }
    std::sort(ranges.begin(), ranges.end(), [](auto a, auto b) { return a.begin < b.begin; });
    TargetTrack out;
    out.id = id;
    for (const auto& r : ranges) {
        try {
            const auto frames = batch(direction, id, r); // held: another thread may push it out of the cache
            for (const auto& f : *frames) {
                if (f.frame >= range.begin && f.frame < range.end) {
                    if (out.frames.empty()) {
                        out.firstFrame = f.frame;
                    }
                    out.frames.push_back(f);
                }
            }
        } catch (const Error& e) {
            // Taken away between the look at the list and the look at the file, or damaged: the run will redo
            // it.
            logWarning(e.what());
            break;
        }
    }
    return out;
}

void Project::Impl::applySaid(TargetTrack& track) const {
    const std::scoped_lock lock(mutex);
    const auto* target = document.target(track.id);
    if (target == nullptr) {
        return;
    }
    for (auto& frame : track.frames) {
        body4d::applySaid(*target, frame);
    }
}

TargetTrack Project::Impl::track(TargetId id, FrameRange range) {
    auto out = trackedOnly(id, range);
    applySaid(out);
    return out;
}

TargetTrack Project::Impl::trackedOnly(TargetId id, FrameRange range) {
    std::vector<Prompt> prompts;
    {
        const std::scoped_lock lock(mutex);
        if (const auto* target = document.target(id)) {
            for (const auto& prompt : target->prompts) {
                if (!prompt.empty()) {
                    prompts.push_back(prompt);
                }
            }
        }
    }
    if (prompts.empty()) {
        return {id, range.begin, {}};
    }
    const auto first = prompts.front().frame, last = prompts.back().frame;
    TargetTrack out;
    if (first != last) {
        const auto join = joinOf(id, prompts);
        out = joinTracks(*join, directionTrack(Direction::Forward, id, range), directionTrack(Direction::Backward, id, range),
                         range);
    } else {
        out = directionTrack(Direction::Backward, id, {range.begin, std::min(range.end, first)});
        const auto after = directionTrack(Direction::Forward, id, {std::max(range.begin, first), range.end});
        out.frames.insert(out.frames.end(), after.frames.begin(), after.frames.end());
    }
    out.id = id;
    out.firstFrame = out.frames.empty() ? range.begin : out.frames.front().frame;
    return out;
}

std::shared_ptr<const TrackJoin> Project::Impl::joinOf(TargetId id, std::span<const Prompt> prompts) {
    FrameRange all{std::numeric_limits<std::int64_t>::max(), 0};
    std::uint64_t begun = 0;
    {
        const std::scoped_lock lock(mutex);
        begun = joinsDropped;
        if (const auto it = joined.find(id); it != joined.end()) {
            return it->second;
        }
        for (const auto& journal : journals) {
            if (const auto* saved = detail::rangesOf(journal, id)) {
                for (const auto& r : *saved) {
                    all = {std::min(all.begin, r.begin), std::max(all.end, r.end)};
                }
            }
        }
    }
    auto join = std::make_shared<TrackJoin>();
    for (auto at = all.begin; at < all.end; at += kLookFrames) {
        const FrameRange some{at, std::min(all.end, at + kLookFrames)};
        join->look(directionTrack(Direction::Forward, id, some), directionTrack(Direction::Backward, id, some));
    }
    join->decide(prompts);
    const std::scoped_lock lock(mutex);
    if (joinsDropped == begun) {
        joined[id] = join;
    }
    return join;
}

TargetTrack Project::track(TargetId id) const {
    return impl_->track(id, {0, std::numeric_limits<std::int64_t>::max()});
}
TargetTrack Project::track(TargetId id, FrameRange range) const {
    return impl_->track(id, range);
}

std::optional<TargetFrame> Project::trackFrame(TargetId id, std::int64_t frame) const {
    const auto track = impl_->track(id, {frame, frame + 1});
    return track.frames.empty() ? std::nullopt : std::optional<TargetFrame>(track.frames.front());
}

std::shared_ptr<const BodyTrack> Project::Impl::loadBody(BodyLevel level, TargetId id) {
    {
        const std::scoped_lock lock(mutex);
        const auto it = bodies.find({level, id});
        if (it == bodies.end()) {
            return nullptr;
        }
        if (it->second.track || it->second.refused) {
            return it->second.track;
        }
    }
    try {
        auto stored = detail::readBody(bodyFile(level, id));
        auto track = std::make_shared<const BodyTrack>(std::move(stored.track));
        const std::scoped_lock lock(mutex);
        bodies[{level, id}] = {stored.key, stored.hint, track, false};
        return track;
    } catch (const std::exception& e) {
        refuse(level, id, e);
        return nullptr;
    }
}

void Project::Impl::refuse(BodyLevel level, TargetId id, const std::exception& why) {
    const auto* known = dynamic_cast<const Error*>(&why);
    logWarning(known ? why.what() + (' ' + known->remedy())
                     : bodyFile(level, id).filename().string() + " is damaged and counts as missing: " + why.what());
    const std::scoped_lock lock(mutex);
    const auto it = bodies.find({level, id});
    if (it != bodies.end() && it->second.key == detail::kOtherSkeleton) {
        it->second.refused = true; // stays outdated until it is made anew
    } else {
        bodies.erase({level, id});
    }
}

std::optional<detail::BodyReader> Project::Impl::openBody(BodyLevel level, TargetId id) {
    {
        const std::scoped_lock lock(mutex);
        const auto it = bodies.find({level, id});
        if (it == bodies.end() || it->second.refused) {
            return std::nullopt;
        }
    }
    try {
        return detail::BodyReader(bodyFile(level, id));
    } catch (const std::exception& e) {
        refuse(level, id, e);
        return std::nullopt;
    }
}

std::vector<BodyLevel> Project::Impl::levelsOf(TargetId id) const {
    // What is up to date comes first, the farthest of it; after that what is there.
    const std::scoped_lock lock(mutex);
    const auto computed = detail::asComputed(document, worldKey, worldFrames);
    const std::pair<BodyLevel, std::string> wanted[] = {
        {BodyLevel::Grounded, detail::groundKey(computed)},
        {BodyLevel::Completed, detail::completeKey(computed, id)},
        {BodyLevel::Fitted, detail::reconstructKey(computed, id)},
    };
    std::vector<BodyLevel> order;
    for (const bool current : {true, false}) {
        for (const auto& [level, key] : wanted) {
            const auto it = bodies.find({level, id});
            if (it != bodies.end() && (it->second.key == key) == current) {
                order.push_back(level);
            }
        }
    }
    return order;
}

std::shared_ptr<const BodyTrack> Project::body(TargetId id) const {
    for (const auto level : impl_->levelsOf(id)) {
        if (auto body = impl_->loadBody(level, id)) {
            return impl_->reviewed(std::move(body));
        }
    }
    return nullptr;
}

std::optional<std::vector<FrameState>> Project::bodyStates(TargetId id) const {
    const auto pages = ProjectWriter::bodyPages(*this, id);
    if (!pages) {
        return std::nullopt;
    }
    auto states = pages->reader.states();
    auto frame = pages->reader.head().track.firstFrame;
    for (auto& state : states) {
        state = pages->review.stateOf(frame++, state);
    }
    return states;
}

std::shared_ptr<const BodyTrack> Project::bodyBeforeCompletion(TargetId id) const {
    return impl_->loadBody(BodyLevel::Fitted, id);
}

std::shared_ptr<const BodyTrack> Project::Impl::reviewed(std::shared_ptr<const BodyTrack> body) const {
    const auto said = reviewOf(body->id);
    if (said.empty()) {
        return body;
    }
    auto copy = std::make_shared<BodyTrack>(*body);
    said.applyTo(copy->frames);
    return copy;
}

detail::BodyReview Project::Impl::reviewOf(TargetId id) const {
    const std::scoped_lock lock(mutex);
    const auto* target = document.target(id);
    return target == nullptr ? detail::BodyReview{} : detail::BodyReview{target->rejectedGuesses, target->absent};
}

FrameState detail::BodyReview::stateOf(std::int64_t frame, FrameState computed) const {
    if (contains(absent, frame)) {
        return FrameState::Absent;
    }
    return computed == FrameState::Completed && contains(rejected, frame) ? FrameState::Occluded : computed;
}

void detail::BodyReview::applyTo(std::span<BodyFrame> frames) const {
    for (auto& frame : frames) {
        if (frame.state == FrameState::Completed && contains(rejected, frame.frame)) {
            frame.confidence.fill(0); // not to be shown
        }
        frame.state = stateOf(frame.frame, frame.state);
    }
}

std::shared_ptr<const WorldFrame> Project::world() const {
    {
        const std::scoped_lock lock(impl_->mutex);
        if (impl_->world || impl_->worldKey.empty()) {
            return impl_->world;
        }
    }
    try {
        auto world = std::make_shared<const WorldFrame>(detail::readWorld(impl_->worldFile()).world);
        const std::scoped_lock lock(impl_->mutex);
        impl_->world = world;
        return world;
    } catch (const Error& e) {
        logWarning(e.what());
        return nullptr;
    }
}

std::optional<RleMask> Project::amodalMask(TargetId id, std::int64_t frame) const {
    std::shared_ptr<const detail::MaskReader> masks;
    bool known = false;
    {
        const std::scoped_lock lock(impl_->mutex);
        if (const auto* target = impl_->document.target(id);
            target != nullptr && (contains(target->rejectedGuesses, frame) || contains(target->absent, frame))) {
            return std::nullopt;
        }
        if (const auto it = impl_->amodal.find(id); it != impl_->amodal.end()) {
            masks = it->second;
            known = true;
        }
    }
    if (!known) {
        try {
            if (std::error_code ec; fs::exists(impl_->amodalFile(id), ec)) {
                masks = std::make_shared<const detail::MaskReader>(impl_->amodalFile(id));
            }
        } catch (const Error& e) {
            logWarning(e.what());
        }
        const std::scoped_lock lock(impl_->mutex);
        impl_->amodal[id] = masks;
    }
    return masks ? masks->at(frame) : std::nullopt;
}

std::vector<std::int64_t> Project::sceneCuts() const {
    const std::scoped_lock lock(impl_->mutex);
    std::set<std::int64_t> cuts;
    for (const auto& journal : impl_->journals) {
        cuts.insert(journal.cuts.begin(), journal.cuts.end());
    }
    return {cuts.begin(), cuts.end()};
}

} // namespace body4d
