#pragma once

#include "export/export_types.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace body4d {

/// A target with what every writer needs of it.
struct ExportPerson {
    const ExportTarget* source = nullptr;
    std::shared_ptr<const RestBody> rest;
    std::shared_ptr<const BodyFrames> frames;

    [[nodiscard]] TargetId id() const { return source->target.id; }
    [[nodiscard]] const BodyModel& model() const { return *source->model; }
    /// What is the same in all frames; these are in `frames`.
    [[nodiscard]] const BodyTrack& track() const { return *source->body; }
    /// Null outside the track.
    [[nodiscard]] std::shared_ptr<const BodyFrame> at(std::int64_t frame) const;
    /// Has a body that may be shown: not absent, with a whole pose of which something was measured or
    /// filled in.
    [[nodiscard]] bool isShown(std::int64_t frame) const;
    /// That body; null where there is none.
    [[nodiscard]] std::shared_ptr<const BodyFrame> shown(std::int64_t frame) const;
    /// All frames in which a body is shown, rising.
    [[nodiscard]] std::vector<std::int64_t> shownFrames(std::int64_t begin, std::int64_t end) const;
    [[nodiscard]] FrameState state(std::int64_t frame) const;

private:
    /// Counted from the track's first; nothing outside it.
    [[nodiscard]] std::optional<std::size_t> indexOf(std::int64_t frame) const;
};

/// A run of frames with one state, half-open.
struct StateRun {
    std::int64_t begin = 0, end = 0;
    FrameState state = FrameState::Absent;
};

/// Scene and options made concrete: the frames, their times, the people, the camera. Read-only after
/// construction, so that several threads may use it.
class ExportClip {
public:
    /// @throws Error{Input} where no target or no frame is left, Error{Usage} for an unknown target
    ExportClip(const ExportScene& scene, const ExportOptions& options);

    const ExportScene& scene;
    const ExportOptions& options;
    std::int64_t begin = 0, end = 0; ///< half-open, frames of the source
    std::vector<ExportPerson> people;
    Intrinsics camera;             ///< where `shots` say nothing else
    std::vector<ShotCamera> shots; ///< of the exported frames, the first at `begin`, neighbours differ

    [[nodiscard]] std::int64_t frameCount() const { return end - begin; }
    /// Presentation time in the source.
    [[nodiscard]] double seconds(std::int64_t frame) const;
    /// Time from the first exported frame.
    [[nodiscard]] double clipSeconds(std::int64_t frame) const { return seconds(frame) - seconds(begin); }
    /// The camera that took `frame`.
    [[nodiscard]] Intrinsics cameraAt(std::int64_t frame) const;
    /// Average rate of the exported frames, from their times.
    [[nodiscard]] double rate() const;
    /// y up, ground 0, metres, from OpenCV camera space.
    [[nodiscard]] RigidTransform worldFromCam(std::int64_t frame) const;
    [[nodiscard]] bool hasWorld() const { return !scene.world.worldFromCam.empty(); }
    /// From OpenCV camera space into a file's space and axes.
    [[nodiscard]] RigidTransform fileFromCam(std::int64_t frame, ExportSpace space, ExportAxes axes) const;
    [[nodiscard]] std::vector<StateRun> stateRuns(const ExportPerson& person) const;
    /// Whether `frame` starts a new shot.
    [[nodiscard]] bool isCut(std::int64_t frame) const;
    /// "Body4D Studio 0.1.0"
    [[nodiscard]] std::string generator() const;
    /// "<project>_<id>"
    [[nodiscard]] std::string fileStem(const ExportPerson& person) const;
    [[nodiscard]] std::string fileStem() const; ///< "<project>"
    /// "BlazePose + Anny; ..." of the scene's engines
    [[nodiscard]] std::string engineText() const;
    [[nodiscard]] std::string worldText() const; ///< what the world's axes and origin are, one sentence
};

/// The half turn about x between OpenCV's axes and glTF's.
[[nodiscard]] Mat3 gltfFromOpenCv();
[[nodiscard]] const char* describe(ExportAxes axes);

/// @throws Cancelled when a stop is asked for
void throwIfStopped(const std::stop_token& stop);

} // namespace body4d
