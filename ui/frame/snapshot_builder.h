#pragma once

#include "ui/controllers/backend.h"
#include "ui/controllers/result_cache.h"
#include "ui/frame/frame_snapshot.h"
#include "ui/frame/surface_points.h"

#include <functional>
#include <map>
#include <set>
#include <memory>
#include <vector>

namespace body4d::ui {

/// What the bodies are compared with.
enum class Comparison {
    None,
    Raw,         ///< before smoothing and completion
    Uncompleted, ///< the run without completion
    OtherRun,    ///< another project of the same video
};

/// Bodies of another project, by the targets of the open one.
struct OtherRun {
    std::string name;
    std::map<TargetId, std::shared_ptr<const BodyTrack>> bodies;
};

/// The world as a reconstructed place has it: its cameras carry the bodies.
struct SceneSight {
    WorldFrame world;
    Intrinsics camera; ///< where no body tells
};

/// What snapshots carry beyond what is always shown.
struct SnapshotExtras {
    Comparison comparison = Comparison::None;
    std::shared_ptr<const OtherRun> other; ///< of Comparison::OtherRun
    std::shared_ptr<const SceneSight> scene; ///< nothing: the world of the bodies alone
    bool surface = false;                  ///< colours from the video
    bool confidence = false;               ///< how well each part was seen
    bool operator==(const SnapshotExtras&) const = default;
};

/// What a snapshot is made from; values and shared immutable things only, so it may cross threads.
struct SnapshotSource {
    std::shared_ptr<FrameProvider> frames;
    std::shared_ptr<ResultCache> results;
    struct TargetSource {
        TargetId id = 0;
        std::shared_ptr<const SegmentPreview> preview; ///< of the prompts on this frame; shown where nothing newer is
        std::shared_ptr<const RleMask> painted = {};   ///< the person's own silhouette of this frame, above all
    };
    std::vector<TargetSource> targets;
    SnapshotExtras extras;
    [[nodiscard]] std::shared_ptr<const WorldFrame> world() const {
        return extras.scene ? std::shared_ptr<const WorldFrame>(extras.scene, &extras.scene->world) : results->world();
    }
};

/// Decodes, unpacks masks, poses bodies. One worker thread at a time.
class SnapshotBuilder {
public:
    explicit SnapshotBuilder(std::shared_ptr<Backend> backend);
    [[nodiscard]] std::shared_ptr<const FrameSnapshot> build(const SnapshotSource& source, std::int64_t frame);
    [[nodiscard]] std::shared_ptr<const ScenePaths> buildPaths(const SnapshotSource& source);
    /// Another project: forgets shaped bodies and the provisional ground.
    void reset();

private:
    struct Shaped {
        BodyShape shape;
        std::shared_ptr<const BodyModel> model;
        RestBody rest;
        std::vector<SurfaceSample> samples; ///< made when first asked for
    };
    using ShapedBodies = std::map<TargetId, Shaped>;
    /// @param track of the body, null for a preview
    const Shaped* shaped(ShapedBodies& known, TargetId id, const BodyShape& shape, const BodyTrack* track);
    /// Poses what a target is compared with and measures the distances to it.
    void compare(const SnapshotSource& source, TargetId id, const BodyFrame& frame, const Shaped& body, PosedMesh& mesh,
                 TargetView& view, const RigidTransform& worldFromCam, std::int64_t index, double size);
    void paintSurfaces(FrameSnapshot& snapshot);
    /// @param size scales about the camera: nearer and smaller, or farther and larger, which looks the same from there
    [[nodiscard]] static std::shared_ptr<PosedMesh> posed(const Shaped& body, const BodyPose& pose,
                                                          const RigidTransform& worldFromCam, double size);
    RigidTransform worldFromCam(const std::shared_ptr<const WorldFrame>& world, std::int64_t frame) const;
    void guessGround(const Shaped& body, const BodyPose& pose);
    /// Metres from the camera down to a body's soles, as the provisional ground lies.
    [[nodiscard]] double depthBelow(const Shaped& body, const BodyPose& pose) const;
    /// See posed(): what lets a body stand on the provisional ground.
    [[nodiscard]] double provisionalSize(const Shaped& body, const BodyPose& pose) const;
    /// Tells once that a body cannot be shown with the skeleton that is here.
    void refuse(TargetId id);

    std::shared_ptr<Backend> backend_;
    ShapedBodies shaped_, others_; ///< others_: as the compared run shaped them
    SurfacePainter painter_;
    std::map<std::string, std::shared_ptr<const BodyModel>> models_;
    std::set<TargetId> refused_;
    bool groundGuessed_ = false;
    double cameraHeight_ = 1.5; ///< metres above the provisional ground
    double cameraTilt_ = 0;     ///< radians that the camera looks down
};

} // namespace body4d::ui
