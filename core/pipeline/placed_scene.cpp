#include "pipeline/placed_scene.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "body/world.h"
#include "export/export_types.h"
#include "pipeline/export_scene.h"
#include "pipeline/scene_bodies.h"
#include "pipeline/scene_body_depth.h"
#include "pipeline/scene_ground.h"
#include "pipeline/scene_stage_internal.h"
#include "pipeline/scene_views.h"
#include "scene/cloud_filters.h"
#include "scene/unproject.h"

#include <algorithm>
#include <map>
#include <optional>
#include <system_error>

namespace body4d {
namespace fs = std::filesystem;
namespace {

/// Cameras of every frame of [begin, begin + count) between those of the frames that were seen.
std::vector<RigidTransform> pathOf(const std::map<std::int64_t, RigidTransform>& seen,
                                   const RigidTransform& common, std::int64_t begin, std::int64_t count) {
    std::vector<RigidTransform> path;
    for (auto frame = begin; frame < begin + count; ++frame) {
        const auto after = seen.lower_bound(frame);
        if (after == seen.end()) {
            path.push_back(common * seen.rbegin()->second);
        } else if (after == seen.begin() || after->first == frame) {
            path.push_back(common * after->second);
        } else {
            const auto before = std::prev(after);
            const double f = static_cast<double>(frame - before->first) /
                             static_cast<double>(after->first - before->first);
            path.push_back(common * detail::between(before->second, after->second, f));
        }
    }
    return path;
}

/// The height below which one point of a hundred lies.
float lowestHeight(const PointCloud& cloud) {
    if (cloud.empty()) {
        return 0;
    }
    std::vector<float> heights;
    for (const auto& p : cloud.positions) {
        heights.push_back(p.y);
    }
    return valueAtRank(heights, heights.size() / 100);
}

} // namespace

PlacedScene placeScene(const Project& project, Engines& engines, const fs::path& sceneFolder,
                       const PlacingOptions& options, const SceneEvents& events,
                       const std::stop_token& stop) {
    const auto folder = detail::SceneFolder::read(sceneFolder);
    const auto document = project.document();
    if (folder.originalWidth != document.video.width || folder.originalHeight != document.video.height) {
        throw Error(ErrorCode::Input,
                    "The scene was not made of the project's video: the frames have another size.",
                    "Make it with body4d scene video " + document.video.path.filename().string() + ".",
                    sceneFolder.string());
    }
    std::optional<ExportScene> bodies;
    if (std::any_of(document.targets.begin(), document.targets.end(),
                    [&](const Target& t) { return project.bodyStates(t.id).has_value(); })) {
        bodies = exportScene(project, engines);
    }
    std::vector<detail::Person> people;
    if (bodies) {
        for (auto& target : bodies->targets) {
            people.emplace_back(target);
        }
    }

    const detail::SceneViews views(folder, options.align, true,
                                   MemoryBudget(document.options.number("memory.budget_gib")),
                                   events.progress, stop);
    PlacedScene placed;
    placed.variant = folder.variant;
    placed.weightsNote = folder.weightsNote;
    std::vector<BodyDepthSample> samples;
    detail::DepthSampler sampler(folder.mapping);
    std::map<std::int64_t, RigidTransform> worldFromCam; // of the scene, in its units
    QuantileSketch confidences;
    views.forEach(false, "bodies", [&](std::size_t index, SceneView& view) {
        if (!view.hasCamera) {
            throw Error(ErrorCode::Input, "The scene has no cameras: its model sees pictures one by one.",
                        "Make it with a model that sees pictures together (da3-small).",
                        sceneFolder.string());
        }
        if (index == 0) {
            const auto& m = folder.mapping;
            placed.camera = {view.camera.fx / m.scaleX, (view.camera.cx + m.offsetX) / m.scaleX,
                             (view.camera.cy + m.offsetY) / m.scaleY, folder.originalWidth,
                             folder.originalHeight};
        }
        confidences.add(view.confidence);
        worldFromCam[view.frame] = inverse(view.cameraFromWorld);
        for (std::size_t i = 0; i < people.size(); ++i) {
            sampler.add(people[i], static_cast<int>(i), view, samples);
        }
    });
    placed.scale = solveBodyScale(samples);
    const bool scaled = placed.scale.frames > 0;
    placed.metres = scaled || folder.metres;
    const double metres = scaled ? placed.scale.metresPerUnit : 1;
    for (auto& [frame, pose] : worldFromCam) {
        pose.translation = metres * pose.translation;
    }
    // The scene's world is turned and moved so that its first camera stands where the ground's solution put
    // it.
    const auto first = worldFromCam.begin();
    const bool grounded = bodies && !bodies->world.worldFromCam.empty();
    RigidTransform place; // level: y up, z towards the camera
    place.rotation.m = {1, 0, 0, 0, -1, 0, 0, 0, -1};
    if (grounded) {
        place = worldFromCamAt(bodies->world, first->first);
        placed.world = bodies->world;
    }
    auto common = place * inverse(first->second);

    const auto masks = peopleOf(project);
    CappedCloud points(options.maxPoints, options.voxel > 0 ? options.voxel / metres : 0);
    PointRules rules;
    rules.minimumConfidence = options.percentile >= 0 && confidences.count() > 0
                                  ? confidenceThreshold(confidences, options.percentile)
                                  : 0;
    rules.dropSky = options.dropSky;
    rules.normals = false;
    views.forEach(true, "points", [&](std::size_t index, SceneView& view) {
        Mask hidden;
        if (options.withoutPeople) {
            hidden = detail::hiddenPixels(masks(view.frame), folder, options.peopleGrowth);
            rules.hidden = [&hidden](int x, int y) { return hidden.row(y)[x] != 0; };
        }
        PointCloud some;
        addPoints(view, static_cast<std::uint32_t>(index), rules, some);
        points.add(some);
    });
    placed.cloud = points.take();
    const auto move = [&](const RigidTransform& t, double scale) {
        for (auto& p : placed.cloud.positions) {
            const auto q = t * (scale * Vec3{p.x, p.y, p.z});
            p = {static_cast<float>(q.x), static_cast<float>(q.y), static_cast<float>(q.z)};
        }
    };
    move(common, metres);
    RigidTransform level;
    const auto ground =
        scaled ? detail::groundUnder(people, worldFromCam, common, placed.cloud.positions) : std::nullopt;
    if (ground) {
        level = ground->level;
        placed.world.groundUncertaintyMetres = ground->spreadMetres;
    } else if (!grounded) {
        level.translation.y = -static_cast<double>(lowestHeight(placed.cloud));
    }
    move(level, 1);
    common = level * common;
    const auto begin = grounded ? placed.world.firstFrame : first->first;
    const auto count = grounded ? static_cast<std::int64_t>(placed.world.worldFromCam.size())
                                : worldFromCam.rbegin()->first - first->first + 1;
    placed.world.worldFromCam = pathOf(worldFromCam, common, begin, count);
    placed.world.firstFrame = begin;
    placed.world.cameraMoves = true;
    for (const auto& [frame, pose] : worldFromCam) {
        placed.cameras.push_back(common * pose);
    }
    return placed;
}

std::shared_ptr<const PlacedScene> placedScene(const Project& project, Engines& engines,
                                               const std::stop_token& stop) {
    const auto folder = detail::sceneFolderOf(project.folder());
    std::error_code ec;
    if (!fs::is_regular_file(folder / "scene.json", ec)) {
        return nullptr;
    }
    const auto scene = detail::SceneFolder::read(folder);
    if (scene.passes.empty() || scene.passes.back().end < static_cast<std::int64_t>(scene.frames.size())) {
        return nullptr; // a beginning
    }
    const auto options = project.document().options;
    PlacingOptions placing;
    placing.maxPoints = static_cast<std::size_t>(options.integer("scene.max_points"));
    placing.withoutPeople = options.boolean("scene.without_people");
    return std::make_shared<const PlacedScene>(placeScene(project, engines, folder, placing, {}, stop));
}

} // namespace body4d
