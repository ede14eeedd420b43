#pragma once

#include "body/rasterizer.h"
#include "export/export_types.h"
#include "scene/body_scale.h"
#include "base/scene_view.h"
#include "models/scene_input.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace body4d::detail {

/// One who is placed.
struct Person {
    ExportTarget* target = nullptr;
    RestBody rest;
    std::shared_ptr<const BodyFrames> frames; ///< of the target
    explicit Person(ExportTarget& who) : target(&who), rest(who.model->shaped(who.body->shape)), frames(who.frames()) {}
    [[nodiscard]] std::shared_ptr<const BodyFrame> visible(std::int64_t frame) const {
        const auto& track = *target->body;
        const auto at = frame - track.firstFrame;
        if (at < 0 || at >= static_cast<std::int64_t>(frames->count()) || track.camera.focalPx <= 0) {
            return nullptr;
        }
        const auto body = frames->at(static_cast<std::size_t>(at));
        return body->state == FrameState::Visible ? body : nullptr;
    }
};

/// Depths of bodies where the scene's maps show them.
class DepthSampler {
public:
    explicit DepthSampler(const InputMapping& mapping) : mapping_(mapping) {}

    /// Pixels that the body covers inside the measured mask, but not along its edge, where maps blend a
    /// person with what is behind. Depths are those of the body as it was fitted.
    void add(const Person& person, int index, const SceneView& view, std::vector<BodyDepthSample>& samples);

private:
    [[nodiscard]] std::size_t at(int x, int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(depth_.width) +
               static_cast<std::size_t>(x);
    }
    const InputMapping& mapping_;
    std::vector<Vec3f> vertices_;
    DepthImage depth_;
    std::vector<std::size_t> pixels_;
};

/// Between two transforms whose rotations are near each other.
[[nodiscard]] RigidTransform between(const RigidTransform& a, const RigidTransform& b, double f);

} // namespace body4d::detail
