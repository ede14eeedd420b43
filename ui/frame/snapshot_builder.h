#pragma once

#include "ui/controllers/backend.h"
#include "ui/controllers/result_cache.h"
#include "ui/frame/frame_snapshot.h"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace body4d::ui {

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
    bool compareRaw = false; ///< also the bodies before smoothing, and the distances to them
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
    };
    /// @param track of the body, null for a preview
    const Shaped* shaped(TargetId id, const BodyShape& shape, const BodyTrack* track);
    [[nodiscard]] static std::shared_ptr<PosedMesh> posed(const Shaped& body, const BodyPose& pose,
                                                          const RigidTransform& worldFromCam);
    RigidTransform worldFromCam(const std::shared_ptr<const WorldFrame>& world, std::int64_t frame) const;
    void guessGround(const Shaped& body, const BodyPose& pose);

    std::shared_ptr<Backend> backend_;
    std::map<TargetId, Shaped> shaped_;
    std::map<std::string, std::shared_ptr<const BodyModel>> models_;
    bool groundGuessed_ = false;
    double cameraHeight_ = 1.5; ///< metres above the provisional ground
};

} // namespace body4d::ui
