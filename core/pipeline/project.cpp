#include "pipeline/project.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "pipeline/body_store.h"
#include "pipeline/fresh_frames.h"
#include "pipeline/project_impl.h"
#include "pipeline/prompt_mask.h"
#include "pipeline/scene_stage_internal.h"
#include "pipeline/stage_keys.h"
#include "video/video_hash.h"
#include "video/video_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <set>
#include <sys/file.h>
#include <unistd.h>

namespace body4d {
namespace fs = std::filesystem;
namespace {

/// Told apart by colour-blind people too; from the ninth on they repeat with another pattern.
constexpr const char* kPalette[] = {"#56B4E9", "#E69F00", "#2BB98A", "#CC79A7",
                                    "#F0E442", "#5B8DEF", "#E8743B", "#A58BFF"};

bool hasPrompts(const Target& target) {
    return std::any_of(target.prompts.begin(), target.prompts.end(),
                       [](const Prompt& p) { return !p.empty(); });
}

/// Whether a session has gone through all frames that the document wants of it.
bool covers(const detail::SessionJournal& journal, const std::optional<FrameRange>& wanted,
            Direction direction) {
    if (!wanted) {
        return true;
    }
    if (journal.key.empty()) {
        return false;
    }
    return direction == Direction::Forward ? journal.finished && journal.next >= wanted->end
                                           : journal.finished && journal.next < wanted->begin;
}

fs::path findVideo(const detail::LoadedProject& loaded, const fs::path& folder) {
    const auto& video = loaded.document.video;
    std::error_code ec;
    if (fs::exists(video.path, ec)) {
        return video.path;
    }
    if (!loaded.relativeVideo.empty() && fs::exists(folder / loaded.relativeVideo, ec)) {
        return fs::weakly_canonical(folder / loaded.relativeVideo, ec);
    }
    const auto beside = folder.parent_path();
    if (fs::exists(beside / video.path.filename(), ec)) {
        return beside / video.path.filename();
    }
    for (fs::directory_iterator it(beside, ec), end; !ec && it != end; it.increment(ec)) {
        std::error_code ignored;
        if (it->is_regular_file(ignored) && it->file_size(ignored) == video.sizeBytes &&
            videoHash(it->path()) == video.hash) {
            return it->path();
        }
    }
    return video.path; // stays as it was; reading frames will say that it is missing
}

} // namespace

const Target* ProjectDocument::target(TargetId id) const {
    const auto it =
        std::find_if(targets.begin(), targets.end(), [id](const Target& t) { return t.id == id; });
    return it == targets.end() ? nullptr : &*it;
}
Target* ProjectDocument::target(TargetId id) {
    const auto it =
        std::find_if(targets.begin(), targets.end(), [id](const Target& t) { return t.id == id; });
    return it == targets.end() ? nullptr : &*it;
}

Target& ProjectDocument::addTarget(std::optional<TargetId> wanted) {
    TargetId id = wanted.value_or(1);
    while (!wanted && target(id) != nullptr) {
        ++id;
    }
    BODY4D_EXPECT(target(id) == nullptr && id > 0);
    Target added;
    added.id = id;
    added.name = "Person " + std::to_string(id);
    added.colour = kPalette[static_cast<std::size_t>(id - 1) % std::size(kPalette)];
    const auto at = std::find_if(targets.begin(), targets.end(), [id](const Target& t) { return t.id > id; });
    return *targets.insert(at, std::move(added));
}

const char* name(StageStatus status) {
    switch (status) {
    case StageStatus::Missing:
        return "missing";
    case StageStatus::Partial:
        return "partial";
    case StageStatus::Done:
        return "done";
    case StageStatus::Stale:
        return "stale";
    case StageStatus::Failed:
        return "failed";
    }
    return "missing";
}

Project::Impl::~Impl() {
    if (lockFile >= 0) {
        ::close(lockFile); // lets the lock go
    }
}

void Project::Impl::takeLock() {
    const auto path = folder / ".lock";
    lockFile = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lockFile < 0) {
        throw Error(
            ErrorCode::Output, "Cannot write to the project: " + std::string(std::strerror(errno)) + ".",
            "Copy the project folder to a place where you may write, or open it read-only.", folder.string());
    }
    if (::flock(lockFile, LOCK_EX | LOCK_NB) != 0) {
        ::close(lockFile);
        lockFile = -1;
        throw Error(ErrorCode::Busy, "The project is open in another window or job.",
                    "Wait until that one is done or close it, or open the project read-only.",
                    folder.string());
    }
}

fs::path Project::Impl::bodyFile(BodyLevel level, TargetId id) const {
    const char* suffix = level == BodyLevel::Fitted      ? ".fitted.safetensors"
                         : level == BodyLevel::Completed ? ".completed.safetensors"
                                                         : ".safetensors";
    return folder / "bodies" / (std::to_string(id) + suffix);
}

void Project::Impl::scan() {
    for (const auto direction : {Direction::Forward, Direction::Backward}) {
        journals[detail::indexOf(direction)] = store.readJournal(direction, false);
    }
    for (const auto& target : document.targets) {
        for (const auto level : {BodyLevel::Fitted, BodyLevel::Completed, BodyLevel::Grounded}) {
            if (auto key = detail::storedKey(bodyFile(level, target.id)); !key.empty()) {
                bodies[{level, target.id}] = {std::move(key), {}, nullptr, false};
            }
        }
    }
    worldKey = detail::storedKey(worldFile());
    worldFrames = detail::storedWorldFrames(worldFile());
}

void Project::Impl::save() const {
    writeFileAtomically(projectFile(), detail::projectToYaml(document, failures, folder));
}

Project::Project(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Project::~Project() = default;

std::unique_ptr<Project> Project::create(const fs::path& folder, const fs::path& video) {
    std::error_code ec;
    if (fs::exists(folder / "project.yaml", ec)) {
        throw Error(ErrorCode::Usage, folder.filename().string() + " already holds a project.",
                    "Open that project, or choose another name or folder.", folder.string());
    }
    if (fs::exists(folder, ec) && (!fs::is_directory(folder, ec) || !fs::is_empty(folder, ec))) {
        throw Error(ErrorCode::Usage, folder.filename().string() + " exists and is no project.",
                    "Choose another name or folder.", folder.string());
    }
    // Everything that can be wrong with the video shows before anything is written.
    const auto info = VideoReader::open(video)->info();
    const auto hash = videoHash(video);

    // Folders that this call makes, the innermost first; taken back where it fails.
    std::vector<fs::path> made;
    for (auto at = fs::absolute(folder, ec); !at.empty() && !fs::exists(at, ec) && made.size() < 64;
         at = at.parent_path()) {
        made.push_back(at);
    }
    fs::create_directories(folder, ec);
    if (ec) {
        throw Error(ErrorCode::Output,
                    "Cannot create " + folder.filename().string() + ": " + ec.message() + ".",
                    "Check that the folder above exists and may be written to, or choose another one.",
                    folder.string());
    }
    try {
        auto impl = std::make_unique<Impl>(fs::canonical(folder));
        impl->takeLock();
        auto& v = impl->document.video;
        v.path = fs::canonical(video);
        v.sizeBytes = fs::is_regular_file(video, ec) ? fs::file_size(video, ec) : 0;
        v.hash = hash;
        v.width = info.width;
        v.height = info.height;
        v.fps = info.fps;
        v.frameCount = info.frameCount;
        impl->document.range = {0, info.frameCount};
        impl->save();
        return std::unique_ptr<Project>(new Project(std::move(impl)));
    } catch (...) {
        if (!made.empty()) {
            fs::remove_all(folder, ec); // nothing half-written stays behind
        }
        for (const auto& path : made) {
            fs::remove(path, ec); // only what is empty goes
        }
        fs::remove(folder / ".lock", ec); // where the folder was there before, empty
        throw;
    }
}

std::unique_ptr<Project> Project::open(const fs::path& folder, Access access) {
    std::error_code ec;
    if (!fs::exists(folder, ec)) {
        throw Error(ErrorCode::Input, "There is no project " + folder.filename().string() + ".",
                    "Check the path; a project is a folder that ends in .body4d.", folder.string());
    }
    if (!fs::exists(folder / "project.yaml", ec)) {
        throw Error(ErrorCode::Input, folder.filename().string() + " is no project: it has no project.yaml.",
                    "Choose a folder that ends in .body4d, or create a project from a video.",
                    folder.string());
    }
    auto impl = std::make_unique<Impl>(fs::canonical(folder));
    impl->readOnly = access == Access::ReadOnly;
    if (!impl->readOnly) {
        impl->takeLock();
    }
    auto loaded = detail::projectFromYaml(impl->projectFile());
    loaded.document.video.path = findVideo(loaded, impl->folder);
    impl->document = std::move(loaded.document);
    impl->failures = std::move(loaded.failures);
    if (!impl->readOnly) {
        // A killed writer leaves temporary files, never half of a result.
        std::vector<fs::path> doomed;
        for (fs::recursive_directory_iterator it(impl->folder, ec), end; !ec && it != end; it.increment(ec)) {
            const auto file = it->path().filename().string();
            if (file.starts_with('.') && file.find(".tmp") != std::string::npos) {
                doomed.push_back(it->path());
            }
        }
        for (const auto& path : doomed) {
            fs::remove(path, ec);
        }
    }
    impl->scan();
    if (!impl->readOnly) {
        impl->store.removeLeftovers(impl->journals[0], impl->journals[1]);
    }
    return std::unique_ptr<Project>(new Project(std::move(impl)));
}

const fs::path& Project::folder() const {
    return impl_->folder;
}
std::string Project::name() const {
    return impl_->folder.stem().string();
}
bool Project::readOnly() const {
    return impl_->readOnly;
}

ProjectDocument Project::document() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->document;
}

void Project::setDocument(const ProjectDocument& document) {
    if (impl_->readOnly) {
        throw Error(ErrorCode::Busy, "The project is open for reading only.",
                    "Close the program that writes it, then open it again.", impl_->folder.string());
    }
    const std::scoped_lock lock(impl_->mutex);
    auto old = std::exchange(impl_->document, document);
    try {
        impl_->save();
    } catch (...) {
        impl_->document = std::move(old);
        throw;
    }
    impl_->dropJoins();
}

StageState Project::stage(const std::string& stage, TargetId id) const {
    const std::scoped_lock lock(impl_->mutex);
    const auto& document = impl_->document;
    StageState state;
    if (const auto failure = impl_->failures.find({stage, id}); failure != impl_->failures.end()) {
        state.failure = failure->second;
    }
    const auto keyStatus = [](const std::string& stored, const std::string& wanted) {
        return stored.empty()     ? StageStatus::Missing
               : stored == wanted ? StageStatus::Done
                                  : StageStatus::Stale;
    };
    const auto bodyStatus = [&](BodyLevel level, const std::string& wanted) {
        const auto it = impl_->bodies.find({level, id});
        return keyStatus(it == impl_->bodies.end() ? std::string() : it->second.key, wanted);
    };
    if (stage == "scene") { // of nobody in particular
        state.status = detail::sceneStatus(impl_->folder, document);
        return state;
    }
    const auto* target = document.target(id);
    if (target == nullptr) {
        return state;
    }
    if (stage == "segment") {
        const auto key = detail::segmentKey(document);
        bool any = false, current = true, all = true;
        for (const auto direction : {Direction::Forward, Direction::Backward}) {
            const auto& journal = impl_->journals[detail::indexOf(direction)];
            const auto wanted = detail::sessionFrames(document, direction);
            if (const auto* ranges = detail::rangesOf(journal, id)) {
                state.done.insert(state.done.end(), ranges->begin(), ranges->end());
                any = any || !ranges->empty();
            }
            if (wanted) {
                current = current && (journal.key.empty() || journal.key == key);
                all = all && covers(journal, wanted, direction);
            }
        }
        state.status = !any       ? StageStatus::Missing
                       : !current ? StageStatus::Stale
                       : all      ? StageStatus::Done
                                  : StageStatus::Partial;
        if (!hasPrompts(*target)) {
            state.status = any ? StageStatus::Stale : StageStatus::Missing;
        }
        if (state.status == StageStatus::Stale) {
            state.done = detail::freshFrames(document, *target, impl_->journals);
        }
    } else {
        const auto computed = detail::asComputed(document, impl_->worldKey, impl_->worldFrames);
        if (stage == "reconstruct") {
            state.status = bodyStatus(BodyLevel::Fitted, detail::reconstructKey(computed, id));
        } else if (stage == "complete") {
            state.status = bodyStatus(BodyLevel::Completed, detail::completeKey(computed, id));
        } else if (stage == "ground") {
            state.status = bodyStatus(BodyLevel::Grounded, detail::groundKey(computed));
        }
    }
    if (stage != "segment" && state.status == StageStatus::Done) {
        state.done.push_back(document.range);
    }
    if (!state.failure.empty() && state.status != StageStatus::Done) {
        state.status = StageStatus::Failed;
    }
    return state;
}

} // namespace body4d
