#pragma once

#include "body/body_fitter.h"
#include "body/body_track.h"
#include "pipeline/body_store.h"
#include "pipeline/mask_store.h"
#include "pipeline/project.h"
#include "pipeline/track_store.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace body4d {

/// How far a stored body has come. Each level is a file of its own, so that a changed setting redoes only
/// what follows.
enum class BodyLevel { Fitted, Completed, Grounded };

namespace detail {

/// What a person said about the frames of a body: applied to whatever is shown and exported.
struct BodyReview {
    std::vector<FrameRange> rejected, absent;
    [[nodiscard]] bool empty() const { return rejected.empty() && absent.empty(); }
    [[nodiscard]] FrameState stateOf(std::int64_t frame, FrameState computed) const;
    void applyTo(std::span<BodyFrame> frames) const;
};

/// The body of a target as Project::body() gives it, read piece by piece.
struct BodyPages {
    BodyReader reader;
    BodyReview review;
    [[nodiscard]] std::vector<BodyFrame> frames(std::size_t begin, std::size_t end,
                                                BodyReader::Parts parts = BodyReader::Parts::All) const {
        auto out = reader.frames(begin, end, parts);
        review.applyTo(out);
        return out;
    }
    /// All frames, without their joints' rotations.
    [[nodiscard]] BodyTrack light() const {
        BodyTrack out = reader.head().track;
        out.frames = frames(0, reader.frameCount(), BodyReader::Parts::WithoutJoints);
        return out;
    }
};

} // namespace detail

/// The one that changes results of a project; used by run(). Thread-safe like the project itself.
class ProjectWriter {
public:
    /// @throws Error{Busy} when the project is open for reading only
    explicit ProjectWriter(Project& project);

    [[nodiscard]] detail::SessionJournal journal(Direction direction, bool withState) const;
    /// Forgets what a direction has tracked.
    void resetSession(Direction direction);
    /// Makes batches part of the results: files first, then the journal that names them. `journal.batches`
    /// gets them.
    void commit(Direction direction, detail::SessionJournal& journal,
                const std::vector<std::pair<TargetId, std::vector<TargetFrame>>>& batches);
    /// Takes the tail of a finished session back, so that it can go on. Saves nothing.
    void dropTail(Direction direction, detail::SessionJournal& journal);

    /// Keeps a state of a session from which it could go on after an edit; named by the journal from the next commit
    /// on. There are never many: where they get too many, every second one goes.
    void addCheckpoint(Direction direction, detail::SessionJournal& journal, const std::string& key,
                       std::span<const std::byte> state);
    /// Takes a session back to its last checkpoint that `holds` and whose state is there, under a new key; what came
    /// after it is forgotten.  @returns false, with nothing changed, where there is none
    bool rewind(Direction direction, detail::SessionJournal& journal, const std::string& key,
                const std::function<bool(const detail::SessionCheckpoint&)>& holds);

    [[nodiscard]] std::shared_ptr<const BodyTrack> body(BodyLevel level, TargetId id) const;
    [[nodiscard]] std::string bodyKey(BodyLevel level, TargetId id) const;
    [[nodiscard]] std::string bodyHint(TargetId id) const;
    void saveBody(BodyLevel level, std::shared_ptr<const BodyTrack> body, const std::string& key,
                  const std::string& hint = {});
    /// The same of a body whose frames come piece by piece. @param make hands them over in order, without measured
    /// surfaces, and returns the body without them (its key need not be set)
    /// @param frames how many it will hand over  @param joints of their poses
    void streamBody(BodyLevel level, TargetId id, const std::string& key, std::size_t frames, std::size_t joints,
                    const std::function<detail::StoredBody(const BodySink& sink)>& make);
    /// A body to be read piece by piece; nothing where there is none that can be read.
    [[nodiscard]] std::optional<detail::BodyReader> openBody(BodyLevel level, TargetId id) const;
    /// The same of what Project::body() would give.
    [[nodiscard]] static std::optional<detail::BodyPages> bodyPages(const Project& project, TargetId id);
    [[nodiscard]] std::string worldKey() const;
    /// A document with the range that the project's bodies and world were computed for, see detail::asComputed().
    [[nodiscard]] ProjectDocument asComputed(const ProjectDocument& document) const;
    void saveWorld(std::shared_ptr<const WorldFrame> world, const std::string& key);
    /// The camera's path, if it is there under this key.
    [[nodiscard]] std::optional<CameraPath> cameraPath(const std::string& key) const;
    void saveCameraPath(const CameraPath& path, const std::string& key);
    /// Masks of what is hidden. @param make hands them over by rising frame
    void saveAmodal(TargetId id, const std::function<void(const detail::MaskSink& sink)>& make);

    void setFailure(const std::string& stage, TargetId id, const std::string& why);
    void clearFailures();
    /// Removes results of targets that are gone and files that nothing names.
    void clean();

private:
    void note(BodyLevel level, TargetId id, const std::string& key, const std::string& hint,
              std::shared_ptr<const BodyTrack> body);
    Project& project_;
};

} // namespace body4d
