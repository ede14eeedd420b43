#include "pipeline/scene_bodies.h"

#include "base/error.h"
#include "base/files.h"
#include "body/world.h"
#include "export/exporter.h"
#include "pipeline/export_scene.h"
#include "pipeline/scene_stage_internal.h"
#include "pipeline/scene_views.h"
#include "scene/cloud_filters.h"
#include "scene/unproject.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <system_error>

namespace body4d {
namespace fs = std::filesystem;
namespace {

/// A person with what is needed to pose them.
struct Person {
    const ExportTarget* target = nullptr;
    RestBody rest;
};

/// Depths of a posed body where the scene's map shows it: the nearest vertex of each pixel inside the
/// measured mask.
void addSamples(const Person& person, int index, const SceneView& view, const InputMapping& mapping,
                std::vector<BodyDepthSample>& samples) {
    const auto& track = *person.target->body;
    const auto at = view.frame - track.firstFrame;
    if (at < 0 || at >= static_cast<std::int64_t>(track.frames.size()) ||
        track.frames[static_cast<std::size_t>(at)].state != FrameState::Visible ||
        track.camera.focalPx <= 0) {
        return;
    }
    const auto seen = person.target->observed(view.frame);
    if (seen.mask.empty()) {
        return;
    }
    const auto mask = decodeRle(seen.mask);
    std::vector<Vec3f> vertices;
    person.target->model->pose(person.rest, track.frames[static_cast<std::size_t>(at)].pose, vertices);
    std::map<int, double> nearest; // by pixel of the map
    for (const auto& v : vertices) {
        if (!(v.z > 0)) {
            continue;
        }
        const auto px = project(track.camera, {v.x, v.y, v.z});
        const int fullX = static_cast<int>(std::floor(px.x * mask.width / track.camera.width));
        const int fullY = static_cast<int>(std::floor(px.y * mask.height / track.camera.height));
        if (fullX < 0 || fullY < 0 || fullX >= mask.width || fullY >= mask.height ||
            mask.row(fullY)[fullX] < 128) {
            continue;
        }
        const int x = static_cast<int>(std::floor(px.x * mapping.scaleX - mapping.offsetX));
        const int y = static_cast<int>(std::floor(px.y * mapping.scaleY - mapping.offsetY));
        if (x < 0 || y < 0 || x >= view.camera.width || y >= view.camera.height) {
            continue;
        }
        auto [place, fresh] = nearest.try_emplace(y * view.camera.width + x, static_cast<double>(v.z));
        if (!fresh) {
            place->second = std::min(place->second, static_cast<double>(v.z));
        }
    }
    for (const auto& [pixel, metres] : nearest) {
        const float units = view.depth[static_cast<std::size_t>(pixel)];
        if (isDepth(units)) {
            samples.push_back({view.frame, index, metres, static_cast<double>(units)});
        }
    }
}

/// Between two poses of a camera; quaternions of neighbouring frames are near each other.
RigidTransform between(const RigidTransform& a, const RigidTransform& b, double f) {
    auto p = toQuat(a.rotation), q = toQuat(b.rotation);
    const double sign = p.x * q.x + p.y * q.y + p.z * q.z + p.w * q.w < 0 ? -1 : 1;
    double x = (1 - f) * p.x + f * sign * q.x, y = (1 - f) * p.y + f * sign * q.y,
           z = (1 - f) * p.z + f * sign * q.z, w = (1 - f) * p.w + f * sign * q.w;
    const double n = std::sqrt(x * x + y * y + z * z + w * w);
    x /= n;
    y /= n;
    z /= n;
    w /= n;
    RigidTransform out;
    out.rotation.m = {1 - 2 * (y * y + z * z), 2 * (x * y - z * w),     2 * (x * z + y * w),
                      2 * (x * y + z * w),     1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
                      2 * (x * z - y * w),     2 * (y * z + x * w),     1 - 2 * (x * x + y * y)};
    out.translation = (1 - f) * a.translation + f * b.translation;
    return out;
}

} // namespace

std::function<Mask(std::int64_t)> peopleOf(const Project& project) {
    return [&project](std::int64_t frame) {
        Mask all;
        for (const auto& target : project.document().targets) {
            const auto seen = project.trackFrame(target.id, frame);
            if (!seen || seen->mask.empty()) {
                continue;
            }
            const auto mask = decodeRle(seen->mask);
            if (all.empty()) {
                all = mask;
            } else if (all.width == mask.width && all.height == mask.height) {
                std::transform(all.values.begin(), all.values.end(), mask.values.begin(), all.values.begin(),
                               [](std::uint8_t a, std::uint8_t b) { return std::max(a, b); });
            }
        }
        return all;
    };
}

namespace {

/// Cameras of every frame of [begin, begin + count) between those of the frames that were seen.
std::vector<RigidTransform> pathOf(const std::map<std::int64_t, RigidTransform>& seen, const RigidTransform& common,
                                   std::int64_t begin, std::int64_t count) {
    std::vector<RigidTransform> path;
    for (auto frame = begin; frame < begin + count; ++frame) {
        const auto after = seen.lower_bound(frame);
        if (after == seen.end()) {
            path.push_back(common * seen.rbegin()->second);
        } else if (after == seen.begin() || after->first == frame) {
            path.push_back(common * after->second);
        } else {
            const auto before = std::prev(after);
            const double f = static_cast<double>(frame - before->first) / static_cast<double>(after->first - before->first);
            path.push_back(common * between(before->second, after->second, f));
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
    const auto at = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 100);
    std::nth_element(heights.begin(), at, heights.end());
    return *at;
}

} // namespace

PlacedScene placeScene(const Project& project, Engines& engines, const fs::path& sceneFolder, const PlacingOptions& options,
                       const SceneEvents& events, const std::stop_token& stop) {
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
                    [&](const Target& t) { return project.body(t.id) != nullptr; })) {
        bodies = exportScene(project, engines);
    }
    std::vector<Person> people;
    if (bodies) {
        for (const auto& target : bodies->targets) {
            people.push_back({&target, target.model->shaped(target.body->shape)});
        }
    }

    const detail::SceneViews views(folder, options.align, events.progress, stop);
    PlacedScene placed;
    placed.variant = folder.variant;
    placed.weightsNote = folder.weightsNote;
    std::vector<BodyDepthSample> samples;
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
                             (view.camera.cy + m.offsetY) / m.scaleY, folder.originalWidth, folder.originalHeight};
        }
        confidences.add(view.confidence);
        worldFromCam[view.frame] = inverse(view.cameraFromWorld);
        for (std::size_t i = 0; i < people.size(); ++i) {
            addSamples(people[i], static_cast<int>(i), view, folder.mapping, samples);
        }
    });
    placed.scale = solveBodyScale(samples);
    const bool scaled = placed.scale.frames > 0;
    placed.metres = scaled || folder.metres;
    const double metres = scaled ? placed.scale.metresPerUnit : 1;
    for (auto& [frame, pose] : worldFromCam) {
        pose.translation = metres * pose.translation;
    }
    // The scene's world is turned and moved so that its first camera stands where the ground's solution put it.
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
            hidden = grownMask(masks(view.frame), view.camera.width, view.camera.height, options.peopleGrowth);
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
    if (!grounded) {
        RigidTransform lift;
        lift.translation.y = -static_cast<double>(lowestHeight(placed.cloud));
        move(lift, 1);
        common = lift * common;
    }
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

std::shared_ptr<const PlacedScene> placedScene(const Project& project, Engines& engines, const std::stop_token& stop) {
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

SceneBodiesReport placeBodies(const Project& project, Engines& engines, const fs::path& sceneFolder,
                              const SceneExport& wanted, const SceneEvents& events,
                              const std::stop_token& stop) {
    PlacingOptions placing;
    placing.maxPoints = wanted.numMaxPoints;
    placing.voxel = wanted.voxel;
    placing.percentile = wanted.confThreshPercentile;
    placing.dropSky = wanted.dropSky;
    placing.align = wanted.align;
    placing.peopleGrowth = wanted.peopleGrowth;
    auto scene = exportScene(project, engines);
    auto placed = placeScene(project, engines, sceneFolder, placing, events, stop);
    SceneBodiesReport report;
    report.scale = placed.scale;
    if (report.scale.frames == 0) {
        throw Error(ErrorCode::Input, "In none of the scene's frames a body is seen.",
                    "Make the scene with more frames a second (--fps 5), over the project's range.",
                    sceneFolder.string());
    }
    report.points = placed.cloud.size();
    scene.world = std::move(placed.world);
    scene.place = std::make_shared<PointCloud>(std::move(placed.cloud));
    scene.name += "_in_scene";
    auto options = exportOptions(project.document());
    options.glb.separateFiles = false;
    const std::vector<std::string> formats = {"glb"};
    auto files = exportAll(scene, formats, sceneFolder, options, stop, events.progress);
    report.files = std::move(files.files);
    report.notes = std::move(files.notes);
    const nlohmann::ordered_json json = {
        {"metres_per_unit", report.scale.metresPerUnit}, {"relative_error", report.scale.relativeError},
        {"spread", report.scale.spread}, {"samples", report.scale.samples},
        {"frames", report.scale.frames}, {"points", report.points}};
    writeFileAtomically(sceneFolder / "bodies_in_scene.json", std::string_view(json.dump(1)));
    report.files.push_back(sceneFolder / "bodies_in_scene.json");
    return report;
}

} // namespace body4d
