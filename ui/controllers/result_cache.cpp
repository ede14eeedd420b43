#include "ui/controllers/result_cache.h"

#include <algorithm>

namespace body4d::ui {
namespace {
/// Masks kept per target: enough for the frames that a running job has not written yet, and for scrubbing.
constexpr std::size_t kFramesKept = 512;
} // namespace

void ResultCache::reset(std::shared_ptr<ProjectStore> store, std::int64_t frameCount) {
    const std::lock_guard lock(mutex_);
    store_ = std::move(store);
    frameCount_ = frameCount;
    entries_.clear();
    world_.reset();
    ++generation_;
}

ResultCache::Entry& ResultCache::entry(TargetId id) {
    auto& e = entries_[id];
    if (e.lane.id == 0) {
        e.lane.id = id;
        e.lane.resize(frameCount_);
    }
    return e;
}

void ResultCache::load(TargetId id) {
    std::shared_ptr<ProjectStore> store;
    {
        const std::lock_guard lock(mutex_);
        store = store_;
    }
    if (!store) {
        return;
    }
    const auto track = store->track(id);
    auto body = store->body(id);
    const auto world = body ? store->world() : nullptr;
    const auto document = store->document();
    const auto* target = document.target(id);
    // What will be tracked anew is marked; a body is fitted anew as a whole with it, having one shape for all frames. Where
    // tracking stays, other traits or a painted mask outdate the whole body.
    const auto tracking = store->stage("segment", id);
    const bool retracked = tracking.status == StageStatus::Stale;
    const bool stale = retracked || store->stage("reconstruct", id).status == StageStatus::Stale;
    const auto isFresh = [&](std::size_t frame) {
        return retracked && std::any_of(tracking.done.begin(), tracking.done.end(), [&](const FrameRange& r) {
                   return r.contains(static_cast<std::int64_t>(frame));
               });
    };
    const std::lock_guard lock(mutex_);
    if (store != store_) {
        return; // another project was opened meanwhile
    }
    auto& e = entry(id);
    e.lane.clear();
    e.previews.clear();
    for (const auto& frame : track.frames) {
        e.lane.setTracked(frame);
    }
    e.body = std::move(body);
    if (e.body) {
        e.lane.setBodyTrack(*e.body, world.get());
    }
    if (target != nullptr) {
        e.lane.setReviewed(target->acceptedGuesses);
    }
    if (stale) {
        for (std::size_t i = 0; i < e.lane.states.size(); ++i) {
            e.lane.stale[i] = e.lane.states[i] != LaneState::None && !isFresh(i);
        }
    }
    e.frames.clear();
    e.order.clear();
    ++generation_;
}

void ResultCache::loadWorld() {
    std::shared_ptr<ProjectStore> store;
    {
        const std::lock_guard lock(mutex_);
        store = store_;
    }
    auto world = store ? store->world() : nullptr;
    const std::lock_guard lock(mutex_);
    if (store == store_) {
        world_ = std::move(world);
        ++generation_;
    }
}

void ResultCache::remove(TargetId id) {
    const std::lock_guard lock(mutex_);
    entries_.erase(id);
    ++generation_;
}

void ResultCache::remember(Entry& e, std::shared_ptr<const TargetFrame> frame) {
    const auto index = frame->frame;
    if (!e.frames.contains(index)) {
        e.order.push_back(index);
    }
    e.frames[index] = std::move(frame);
    while (e.frames.size() > kFramesKept) {
        e.frames.erase(e.order.front());
        e.order.pop_front();
    }
}

void ResultCache::addTracked(TargetId id, std::shared_ptr<const TargetFrame> frame,
                             std::shared_ptr<const BodyFrame> preview) {
    const std::lock_guard lock(mutex_);
    auto& e = entry(id);
    e.lane.setTracked(*frame);
    if (preview && preview->state != FrameState::Absent) {
        e.previews[frame->frame] = std::move(preview);
    } else {
        e.previews.erase(frame->frame);
    }
    remember(e, std::move(frame));
    ++generation_;
}

void ResultCache::setBody(TargetId id, std::shared_ptr<const BodyTrack> body) {
    const std::lock_guard lock(mutex_);
    auto& e = entry(id);
    e.body = std::move(body);
    if (e.body) {
        e.lane.setBodyTrack(*e.body, world_.get());
        for (const auto& frame : e.body->frames) {
            e.previews.erase(frame.frame);
        }
    }
    ++generation_;
}

void ResultCache::setStale(TargetId id, bool stale) {
    const std::lock_guard lock(mutex_);
    auto& e = entry(id);
    for (std::size_t i = 0; i < e.lane.states.size(); ++i) {
        e.lane.stale[i] = stale && e.lane.states[i] != LaneState::None;
    }
    ++generation_;
}

std::shared_ptr<const TargetFrame> ResultCache::trackFrame(TargetId id, std::int64_t frame) {
    std::shared_ptr<ProjectStore> store;
    {
        const std::lock_guard lock(mutex_);
        const auto it = entries_.find(id);
        if (it == entries_.end() || frame < 0 || frame >= static_cast<std::int64_t>(it->second.lane.states.size()) ||
            it->second.lane.states[static_cast<std::size_t>(frame)] == LaneState::None) {
            return nullptr;
        }
        const auto found = it->second.frames.find(frame);
        if (found != it->second.frames.end()) {
            return found->second;
        }
        store = store_;
    }
    if (!store) {
        return nullptr;
    }
    auto read = store->trackFrame(id, frame);
    if (!read) {
        return nullptr;
    }
    auto shared = std::make_shared<const TargetFrame>(std::move(*read));
    const std::lock_guard lock(mutex_);
    if (store == store_) {
        remember(entry(id), shared);
    }
    return shared;
}

std::shared_ptr<const BodyTrack> ResultCache::body(TargetId id) const {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(id);
    return it == entries_.end() ? nullptr : it->second.body;
}

std::shared_ptr<const BodyFrame> ResultCache::previewBody(TargetId id, std::int64_t frame) const {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(id);
    if (it == entries_.end()) {
        return nullptr;
    }
    const auto found = it->second.previews.find(frame);
    return found == it->second.previews.end() ? nullptr : found->second;
}

std::shared_ptr<const WorldFrame> ResultCache::world() const {
    const std::lock_guard lock(mutex_);
    return world_;
}

std::shared_ptr<const BodyTrack> ResultCache::bodyBeforeCompletion(TargetId id) const {
    std::shared_ptr<ProjectStore> store;
    {
        const std::lock_guard lock(mutex_);
        store = store_;
    }
    return store ? store->bodyBeforeCompletion(id) : nullptr;
}

std::optional<RleMask> ResultCache::amodalMask(TargetId id, std::int64_t frame) const {
    std::shared_ptr<ProjectStore> store;
    {
        const std::lock_guard lock(mutex_);
        store = store_;
    }
    return store ? store->amodalMask(id, frame) : std::nullopt;
}

Lane ResultCache::lane(TargetId id) const {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(id);
    return it == entries_.end() ? Lane{} : it->second.lane;
}

std::vector<Lane> ResultCache::lanes() const {
    const std::lock_guard lock(mutex_);
    std::vector<Lane> lanes;
    for (const auto& [id, e] : entries_) {
        lanes.push_back(e.lane);
    }
    return lanes;
}

std::int64_t ResultCache::frameCount() const {
    const std::lock_guard lock(mutex_);
    return frameCount_;
}

std::uint64_t ResultCache::generation() const {
    const std::lock_guard lock(mutex_);
    return generation_;
}

} // namespace body4d::ui
