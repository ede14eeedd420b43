#include "pipeline/project_writer.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "pipeline/project_impl.h"
#include "pipeline/stage_keys.h"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace body4d {
namespace fs = std::filesystem;

ProjectWriter::ProjectWriter(Project& project) : project_(project) {
    if (project.readOnly()) {
        throw Error(ErrorCode::Busy, "The project is open for reading only.",
                    "Close the program that writes it, then open it again.", project.folder().string());
    }
}

detail::SessionJournal ProjectWriter::journal(Direction direction, bool withState) const {
    if (withState) {
        return project_.impl_->store.readJournal(direction, true);
    }
    const std::scoped_lock lock(project_.impl_->mutex);
    return project_.impl_->journals[detail::indexOf(direction)];
}

void ProjectWriter::resetSession(Direction direction) {
    auto& impl = *project_.impl_;
    detail::SessionJournal old;
    {
        const std::scoped_lock lock(impl.mutex);
        old = std::exchange(impl.journals[detail::indexOf(direction)], {});
        impl.dropJoins();
        impl.batchCache.remove_if([direction](const auto& c) { return c.direction == direction; });
    }
    impl.store.removeJournal(direction);
    for (const auto& checkpoint : old.checkpoints) {
        impl.store.removeCheckpoint(direction, checkpoint.next);
    }
    for (const auto& [id, ranges] : old.batches) {
        for (const auto& range : ranges) {
            impl.store.removeBatch(direction, id, range);
        }
    }
}

void ProjectWriter::commit(Direction direction, detail::SessionJournal& journal,
                           const std::vector<std::pair<TargetId, std::vector<TargetFrame>>>& batches) {
    auto& impl = *project_.impl_;
    for (const auto& [id, frames] : batches) {
        if (frames.empty()) {
            continue;
        }
        impl.store.writeBatch(direction, id, frames);
        journal.batches[id].push_back({frames.front().frame, frames.back().frame + 1});
    }
    impl.store.writeJournal(direction, journal);
    auto light = journal;
    light.state.clear();
    const std::scoped_lock lock(impl.mutex);
    impl.journals[detail::indexOf(direction)] = std::move(light);
    impl.dropJoins();
    for (const auto& [id, frames] : batches) {
        if (!frames.empty()) {
            // What was just written is read next, by the fit: it need not come back from the disk.
            impl.batchCache.push_front({direction,
                                        id,
                                        {frames.front().frame, frames.back().frame + 1},
                                        std::make_shared<const std::vector<TargetFrame>>(frames)});
        }
    }
    impl.trimCache();
}

void ProjectWriter::dropTail(Direction direction, detail::SessionJournal& journal) {
    auto& impl = *project_.impl_;
    for (const auto& [id, range] : journal.tail) {
        auto& ranges = journal.batches[id];
        ranges.erase(std::remove(ranges.begin(), ranges.end(), range), ranges.end());
    }
    const std::scoped_lock lock(impl.mutex);
    impl.dropJoins();
    impl.batchCache.remove_if([&](const auto& c) {
        const auto it = journal.tail.find(c.id);
        return c.direction == direction && it != journal.tail.end() && it->second == c.range;
    });
    journal.tail.clear();
    journal.finished = false;
}

void ProjectWriter::addCheckpoint(Direction direction, detail::SessionJournal& journal, const std::string& key,
                                  std::span<const std::byte> state) {
    constexpr std::int64_t kNearest = 24; // frames: about a second
    constexpr std::size_t kMost = 16;
    auto& all = journal.checkpoints;
    const auto spacing = all.size() < 2 ? kNearest : std::max(kNearest, std::abs(all[1].next - all[0].next));
    if (std::abs(journal.next - (all.empty() ? journal.origin : all.back().next)) < spacing) {
        return;
    }
    auto& store = project_.impl_->store;
    store.writeCheckpoint(direction, journal.next, state);
    detail::SessionCheckpoint added{key, journal.next, {}};
    for (const auto& [id, ranges] : journal.batches) {
        added.batches[id] = ranges.size();
    }
    all.push_back(std::move(added));
    if (all.size() > kMost) {
        std::vector<detail::SessionCheckpoint> kept;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (i % 2 == 1) {
                kept.push_back(std::move(all[i]));
            } else {
                store.removeCheckpoint(direction, all[i].next);
            }
        }
        all = std::move(kept);
    }
}

bool ProjectWriter::rewind(Direction direction, detail::SessionJournal& journal, const std::string& key,
                           const std::function<bool(const detail::SessionCheckpoint&)>& holds) {
    auto& impl = *project_.impl_;
    auto keep = journal.checkpoints.size();
    std::vector<std::byte> state;
    for (; keep > 0; --keep) {
        const auto& checkpoint = journal.checkpoints[keep - 1];
        if (!holds(checkpoint)) {
            continue;
        }
        try {
            state = impl.store.readCheckpoint(direction, checkpoint.next);
            break;
        } catch (const Error& e) {
            logWarning(e.what()); // an earlier one will do
        }
    }
    if (keep == 0) {
        return false;
    }
    const auto old = journal;
    const auto& to = old.checkpoints[keep - 1];
    journal.key = key;
    journal.next = to.next;
    journal.state = std::move(state);
    journal.finished = false;
    journal.tail.clear();
    journal.checkpoints.resize(keep);
    std::erase_if(journal.cuts, [&](std::int64_t cut) {
        return direction == Direction::Forward ? cut >= to.next : cut <= to.next;
    });
    for (auto& [id, ranges] : journal.batches) {
        const auto count = to.batches.find(id);
        ranges.resize(std::min(ranges.size(), count == to.batches.end() ? 0 : count->second));
    }
    {
        const std::scoped_lock lock(impl.mutex);
        impl.batchCache.remove_if([direction](const auto& c) { return c.direction == direction; });
    }
    commit(direction, journal, {});
    for (auto i = keep; i < old.checkpoints.size(); ++i) {
        impl.store.removeCheckpoint(direction, old.checkpoints[i].next);
    }
    for (const auto& [id, ranges] : old.batches) {
        for (auto i = journal.batches[id].size(); i < ranges.size(); ++i) {
            impl.store.removeBatch(direction, id, ranges[i]);
        }
    }
    return true;
}

std::shared_ptr<const BodyTrack> ProjectWriter::body(BodyLevel level, TargetId id) const {
    return project_.impl_->loadBody(level, id);
}

std::string ProjectWriter::bodyKey(BodyLevel level, TargetId id) const {
    const std::scoped_lock lock(project_.impl_->mutex);
    const auto it = project_.impl_->bodies.find({level, id});
    return it == project_.impl_->bodies.end() ? std::string() : it->second.key;
}

std::string ProjectWriter::bodyHint(TargetId id) const {
    const auto body = openBody(BodyLevel::Completed, id);
    return body ? body->head().hint : std::string();
}

void ProjectWriter::saveBody(BodyLevel level, std::shared_ptr<const BodyTrack> body, const std::string& key,
                             const std::string& hint) {
    auto& impl = *project_.impl_;
    const auto id = body->id;
    detail::writeBody(impl.bodyFile(level, id), {key, hint, *body});
    note(level, id, key, hint, std::move(body));
}

void ProjectWriter::streamBody(BodyLevel level, TargetId id, const std::string& key, std::size_t frames,
                               std::size_t joints, const std::function<detail::StoredBody(const BodySink& sink)>& make) {
    const auto file = project_.impl_->bodyFile(level, id);
    std::string hint;
    writeFileAtomically(file, [&](const fs::path& temporary) {
        detail::BodyWriter writer(temporary, file, frames, joints);
        auto body = make([&writer](std::vector<BodyFrame>&& piece) { writer.append(piece); });
        body.key = key;
        hint = body.hint;
        writer.finish(body);
    });
    note(level, id, key, hint, nullptr);
}

void ProjectWriter::note(BodyLevel level, TargetId id, const std::string& key, const std::string& hint,
                         std::shared_ptr<const BodyTrack> body) {
    auto& impl = *project_.impl_;
    const std::scoped_lock lock(impl.mutex);
    impl.bodies[{level, id}] = {key, hint, std::move(body), false};
    // Only the farthest level is shown again and again; earlier ones are read back when a setting changes.
    for (auto& [at, loaded] : impl.bodies) {
        if (at.second == id && at.first < level) {
            loaded.track.reset();
        }
    }
}

std::optional<detail::BodyReader> ProjectWriter::openBody(BodyLevel level, TargetId id) const {
    return project_.impl_->openBody(level, id);
}

std::optional<detail::BodyPages> ProjectWriter::bodyPages(const Project& project, TargetId id) {
    for (const auto level : project.impl_->levelsOf(id)) {
        if (auto reader = project.impl_->openBody(level, id)) {
            return detail::BodyPages{*std::move(reader), project.impl_->reviewOf(id)};
        }
    }
    return std::nullopt;
}

std::string ProjectWriter::worldKey() const {
    const std::scoped_lock lock(project_.impl_->mutex);
    return project_.impl_->worldKey;
}

ProjectDocument ProjectWriter::asComputed(const ProjectDocument& document) const {
    const std::scoped_lock lock(project_.impl_->mutex);
    return detail::asComputed(document, project_.impl_->worldKey, project_.impl_->worldFrames);
}

void ProjectWriter::saveWorld(std::shared_ptr<const WorldFrame> world, const std::string& key) {
    auto& impl = *project_.impl_;
    detail::writeWorld(impl.worldFile(), {key, *world});
    const std::scoped_lock lock(impl.mutex);
    impl.worldFrames = {world->firstFrame, world->firstFrame + static_cast<std::int64_t>(world->worldFromCam.size())};
    impl.world = std::move(world);
    impl.worldKey = key;
}

std::optional<CameraPath> ProjectWriter::cameraPath(const std::string& key) const {
    const auto file = project_.impl_->cameraFile();
    if (detail::storedKey(file) != key) {
        return std::nullopt;
    }
    try {
        return detail::readCamera(file).path;
    } catch (const std::exception& e) {
        logWarning(std::string(e.what()) + " The camera is measured again.");
        return std::nullopt;
    }
}

void ProjectWriter::saveCameraPath(const CameraPath& path, const std::string& key) {
    detail::writeCamera(project_.impl_->cameraFile(), {key, path});
}

void ProjectWriter::saveAmodal(TargetId id, const std::function<void(const detail::MaskSink& sink)>& make) {
    auto& impl = *project_.impl_;
    detail::writeMasks(impl.amodalFile(id), make);
    const std::scoped_lock lock(impl.mutex);
    impl.amodal.erase(id); // read when they are asked for
}

void ProjectWriter::setFailure(const std::string& stage, TargetId id, const std::string& why) {
    const std::scoped_lock lock(project_.impl_->mutex);
    project_.impl_->failures[{stage, id}] = why;
    project_.impl_->save();
}

void ProjectWriter::clearFailures() {
    const std::scoped_lock lock(project_.impl_->mutex);
    if (!project_.impl_->failures.empty()) {
        project_.impl_->failures.clear();
        project_.impl_->save();
    }
}

void ProjectWriter::clean() {
    auto& impl = *project_.impl_;
    std::set<std::string> ids;
    {
        const std::scoped_lock lock(impl.mutex);
        for (const auto& target : impl.document.targets) {
            ids.insert(std::to_string(target.id));
        }
        std::erase_if(impl.bodies,
                      [&](const auto& b) { return !ids.contains(std::to_string(b.first.second)); });
    }
    std::error_code ec;
    std::vector<fs::path> doomed;
    for (fs::directory_iterator it(impl.folder / "bodies", ec), end; !ec && it != end; it.increment(ec)) {
        const auto file = it->path().filename().string();
        const auto id = file.substr(0, file.find('.'));
        if (file != "world.safetensors" && file != "camera.safetensors" && !file.starts_with('.') && !ids.contains(id)) {
            doomed.push_back(it->path());
        }
    }
    for (const char* kind : {"tracks", "masks"}) {
        std::error_code ignored;
        for (fs::directory_iterator it(impl.folder / kind, ignored), end; !ignored && it != end;
             it.increment(ignored)) {
            if (it->is_directory() && !ids.contains(it->path().filename().string())) {
                doomed.push_back(it->path());
            }
        }
    }
    for (const auto& path : doomed) {
        fs::remove_all(path, ec);
    }
}

} // namespace body4d
