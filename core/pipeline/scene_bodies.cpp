#include "pipeline/scene_bodies.h"

#include "base/error.h"
#include "base/files.h"
#include "base/order_statistics.h"
#include "body/rasterizer.h"
#include "body/world.h"
#include "export/export_clip.h"
#include "export/exporter.h"
#include "pipeline/export_scene.h"
#include "pipeline/scene_body_depth.h"
#include "pipeline/scene_ground.h"
#include "pipeline/scene_views.h"
#include "scene/cloud_filters.h"
#include "scene/rotation.h"
#include "scene/unproject.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace body4d {
namespace fs = std::filesystem;
namespace {

using detail::between;
using detail::DepthSampler;
using detail::Person;

/// All masks of a frame in one. @param next gives one after the other, empty ones too
template <typename Targets, typename MaskOf>
Mask unitedMask(const Targets& targets, const MaskOf& maskOf) {
    Mask all;
    for (const auto& target : targets) {
        const auto mask = maskOf(target);
        if (mask.empty()) {
            continue;
        }
        if (all.empty()) {
            all = mask;
        } else if (all.width == mask.width && all.height == mask.height) {
            std::transform(all.values.begin(), all.values.end(), mask.values.begin(), all.values.begin(),
                           [](std::uint8_t a, std::uint8_t b) { return std::max(a, b); });
        }
    }
    return all;
}

/// The scene's lens in pixels of the video, the middle of all views.
struct Lens {
    std::vector<double> focal, centreX, centreY;
    void add(const PinholeCamera& camera, const InputMapping& mapping) {
        focal.push_back(0.5 * (camera.fx / mapping.scaleX + camera.fy / mapping.scaleY));
        centreX.push_back((camera.cx + mapping.offsetX) / mapping.scaleX);
        centreY.push_back((camera.cy + mapping.offsetY) / mapping.scaleY);
    }
    [[nodiscard]] Intrinsics camera(int width, int height) {
        return {upperMedian(focal), upperMedian(centreX), upperMedian(centreY), width, height};
    }
};

/// Where a body's root goes so that it fills the same pixels through another lens.
Vec3 throughLens(Vec3 root, const Intrinsics& from, const Intrinsics& to) {
    const double z = root.z * to.focalPx / from.focalPx;
    return {root.x + z * (from.centreX - to.centreX) / to.focalPx,
            root.y + z * (from.centreY - to.centreY) / to.focalPx, z};
}

/// Cameras of all frames of a video of which a scene knows some.
class Path {
public:
    /// @param known world from camera, by frame; not empty
    Path(const std::map<std::int64_t, RigidTransform>& known, const WorldFrame& own,
         const std::vector<std::int64_t>& cuts)
        : own_(own), cuts_(cuts) {
        for (const auto& [frame, pose] : known) {
            bent_[frame] = pose * inverse(ownPose(frame));
        }
    }

    [[nodiscard]] RigidTransform at(std::int64_t frame) const {
        const auto after = bent_.lower_bound(frame);
        if (after == bent_.begin() || (after != bent_.end() && after->first == frame)) {
            return after->second * ownPose(frame);
        }
        const auto before = std::prev(after);
        if (after == bent_.end() || cutBetween(before->first, frame)) {
            const bool later = after != bent_.end() && !cutBetween(frame, after->first);
            return (later ? after : before)->second * ownPose(frame);
        }
        if (cutBetween(frame, after->first)) {
            return before->second * ownPose(frame);
        }
        const double f =
            static_cast<double>(frame - before->first) / static_cast<double>(after->first - before->first);
        return between(before->second, after->second, f) * ownPose(frame);
    }

    [[nodiscard]] RigidTransform ownPose(std::int64_t frame) const {
        return own_.worldFromCam.empty() ? RigidTransform{gltfFromOpenCv(), {}} : worldFromCamAt(own_, frame);
    }

private:
    /// A new shot starts after `first`, at `second` at the latest.
    [[nodiscard]] bool cutBetween(std::int64_t first, std::int64_t second) const {
        const auto cut = std::upper_bound(cuts_.begin(), cuts_.end(), first);
        return cut != cuts_.end() && *cut <= second;
    }
    const WorldFrame& own_;
    const std::vector<std::int64_t>& cuts_;
    /// What leads from the bodies' own world to the scene's, which changes little from frame to frame.
    std::map<std::int64_t, RigidTransform> bent_;
};

class Placement {
public:
    Placement(ExportScene bodies, ExportOptions options, const fs::path& folder, const SceneExport& wanted,
              const SceneEvents& events, const std::stop_token& stop)
        : bodies_(std::move(bodies)), options_(std::move(options)),
          folder_(detail::SceneFolder::read(folder)), wanted_(wanted), events_(events), stop_(stop) {
        if (folder_.originalWidth != bodies_.source.width ||
            folder_.originalHeight != bodies_.source.height) {
            throw Error(ErrorCode::Input,
                        "The scene was not made of the bodies' video: the frames have another size.",
                        "Make it with body4d scene video " + bodies_.source.fileName + ".", folder.string());
        }
        for (auto& target : bodies_.targets) {
            people_.emplace_back(target);
        }
    }

    SceneBodiesReport run() {
        const detail::SceneViews views(folder_, wanted_.align, wanted_.closeLoops,
                                       MemoryBudget(wanted_.budgetGib), events_.progress, stop_);
        measure(views);
        lookThroughLens();
        const auto common = standing();
        auto place = pointsOf(views, common);
        const auto level = ground(place->positions, common);
        for (auto& p : place->positions) {
            const auto q = level * Vec3{p.x, p.y, p.z};
            p = {static_cast<float>(q.x), static_cast<float>(q.y), static_cast<float>(q.z)};
        }
        place->normals.clear(); // none were measured
        walk(level * common);
        bodies_.place = std::move(place);
        write();
        return std::move(report_);
    }

private:
    void measure(const detail::SceneViews& views) {
        std::vector<BodyDepthSample> samples;
        DepthSampler sampler(folder_.mapping);
        Lens lens;
        views.forEach(false, "bodies", [&](std::size_t, SceneView& view) {
            if (!view.hasCamera) {
                throw Error(ErrorCode::Input, "The scene has no cameras: its model sees pictures one by one.",
                            "Make it with a model that sees pictures together (da3-small).",
                            folder_.folder.string());
            }
            confidences_.add(view.confidence);
            worldFromCam_[view.frame] = inverse(view.cameraFromWorld);
            lens.add(view.camera, folder_.mapping);
            for (std::size_t i = 0; i < people_.size(); ++i) {
                sampler.add(people_[i], static_cast<int>(i), view, samples);
            }
        });
        lens_ = lens.camera(folder_.originalWidth, folder_.originalHeight);
        const double own = bodies_.targets.front().body->camera.focalPx;
        report_.lens = lens_.focalPx / own;
        constexpr double kNoLens = 3; // by which no two estimates of one lens differ
        if (!(report_.lens < kNoLens && report_.lens > 1 / kNoLens)) {
            report_.notes.push_back("The scene's cameras have a focal length of " + text(lens_.focalPx) +
                                    " pixels, the bodies' camera " + text(own) +
                                    ": no lens fits both, and bodies keep theirs.");
            lens_ = bodies_.targets.front().body->camera;
            report_.lens = 1;
        }
        // A person's distance follows the lens, as their place will.
        std::vector<double> sizes;
        for (auto& s : samples) {
            const auto& person = people_[static_cast<std::size_t>(s.person)];
            const auto from = person.target->body->cameraAt(s.frame);
            const auto root = person.visible(s.frame)->pose.translation;
            s.metres += throughLens(root, from, lens_).z - root.z;
        }
        report_.scale = solveBodyScale(samples, sizeSigma());
        if (report_.scale.frames == 0) {
            throw Error(ErrorCode::Input, "In none of the scene's frames a body is seen.",
                        "Make the scene with more frames a second (--fps 5), over the project's range.",
                        folder_.folder.string());
        }
        for (auto& [frame, pose] : worldFromCam_) {
            pose.translation = report_.scale.metresPerUnit * pose.translation;
        }
    }

    /// Nobody's size is known to less than the ground's own solution assumes, unless it was given.
    [[nodiscard]] double sizeSigma() const {
        constexpr double kGiven = 0.01;
        const bool given = std::all_of(people_.begin(), people_.end(), [](const Person& p) {
            return p.target->target.traits.heightMetres > 0;
        });
        return given ? kGiven : WorldOptions().sizeSigma;
    }

    void lookThroughLens() {
        for (auto& person : people_) {
            const auto old = person.target->body;
            person.frames = std::make_shared<const BodyFrames>(person.frames, [old, lens = lens_](BodyFrame& frame) {
                const auto from = old->cameraAt(frame.frame);
                const auto root = frame.pose.translation;
                frame.pose.translation = throughLens(root, from, lens);
                frame.rawPose.translation = throughLens(frame.rawPose.translation, from, lens);
                for (auto& point : frame.keypoints) {
                    point = point + (frame.pose.translation - root);
                }
            });
            auto moved = std::make_shared<BodyTrack>(*old);
            moved->frames.clear();
            moved->camera = lens_;
            moved->shots.clear();
            person.target->paged = person.frames;
            person.target->body = std::move(moved);
        }
        bodies_.world.focalPx = lens_.focalPx;
    }

    /// The scene's world in metres, turned and moved so that its first camera stands where the bodies' world
    /// has it: that knows the vertical.
    [[nodiscard]] RigidTransform standing() const {
        const auto& [frame, pose] = *worldFromCam_.begin();
        return Path(worldFromCam_, bodies_.world, bodies_.cuts).ownPose(frame) * inverse(pose);
    }

    /// Points without people, in metres, in the common world.
    std::shared_ptr<PointCloud> pointsOf(const detail::SceneViews& views, const RigidTransform& common) {
        const double metres = report_.scale.metresPerUnit;
        CappedCloud points(wanted_.numMaxPoints, wanted_.voxel > 0 ? wanted_.voxel / metres : 0);
        PointRules rules;
        rules.minimumConfidence =
            confidences_.count() > 0 ? confidenceThreshold(confidences_, wanted_.confThreshPercentile) : 0;
        rules.dropSky = wanted_.dropSky;
        rules.normals = false;
        views.forEach(true, "points", [&](std::size_t index, SceneView& view) {
            const auto mask = wanted_.people
                                  ? wanted_.people(view.frame)
                                  : unitedMask(bodies_.targets, [&](const ExportTarget& target) {
                                        const auto seen =
                                            target.observed ? target.observed(view.frame).mask : RleMask();
                                        return seen.empty() ? Mask() : decodeRle(seen);
                                    });
            const auto hidden = detail::hiddenPixels(mask, folder_, wanted_.peopleGrowth);
            rules.hidden = [&hidden](int x, int y) { return hidden.row(y)[x] != 0; };
            PointCloud some;
            addPoints(view, static_cast<std::uint32_t>(index), rules, some);
            points.add(some);
        });
        auto place = std::make_shared<PointCloud>(points.take());
        for (auto& p : place->positions) {
            const auto q = common * (metres * Vec3{p.x, p.y, p.z});
            p = {static_cast<float>(q.x), static_cast<float>(q.y), static_cast<float>(q.z)};
        }
        report_.points = place->size();
        return place;
    }

    /// The floor at 0, y up.
    RigidTransform ground(std::span<const Vec3f> points, const RigidTransform& common) {
        const auto found = detail::groundUnder(people_, worldFromCam_, common, points);
        BODY4D_EXPECT(found); // the scale was found from visible bodies
        report_.ground = found->plane.found ? "place" : "feet";
        report_.groundSpreadMetres = found->spreadMetres;
        report_.groundTiltRadians = found->tiltRadians;
        bodies_.world.groundUncertaintyMetres = report_.groundSpreadMetres;
        return found->level;
    }

    /// One camera a frame, for all frames that bodies or cameras have.
    void walk(const RigidTransform& worldFromScene) {
        auto begin = worldFromCam_.begin()->first, end = worldFromCam_.rbegin()->first + 1;
        for (const auto& person : people_) {
            const auto& track = *person.target->body;
            begin = std::min(begin, track.firstFrame);
            end = std::max(end, track.firstFrame + static_cast<std::int64_t>(person.frames->count()));
        }
        std::map<std::int64_t, RigidTransform> known;
        for (const auto& [frame, pose] : worldFromCam_) {
            known[frame] = worldFromScene * pose;
        }
        const Path path(known, bodies_.world, bodies_.cuts);
        std::vector<RigidTransform> cameras;
        for (auto frame = begin; frame < end; ++frame) {
            cameras.push_back(path.at(frame));
        }
        bodies_.world.worldFromCam = std::move(cameras);
        bodies_.world.firstFrame = begin;
        bodies_.world.cameraMoves = true;
    }

    void write() {
        bodies_.name += "_in_scene";
        options_.glb.separateFiles = false;
        const std::vector<std::string> formats = {"glb"};
        auto result = exportAll(bodies_, formats, folder_.folder, options_, stop_, events_.progress);
        report_.files = std::move(result.files);
        report_.notes.insert(report_.notes.end(), result.notes.begin(), result.notes.end());
        const auto file = folder_.folder / "bodies_in_scene.json";
        writeFileAtomically(file, std::string_view(report_.json(false)));
        report_.files.push_back(file);
    }

    [[nodiscard]] static std::string text(double v) {
        char out[32];
        std::snprintf(out, sizeof out, "%.0f", v);
        return out;
    }

    ExportScene bodies_;
    ExportOptions options_;
    detail::SceneFolder folder_;
    const SceneExport& wanted_;
    const SceneEvents& events_;
    const std::stop_token& stop_;
    std::vector<Person> people_;
    QuantileSketch confidences_;
    std::map<std::int64_t, RigidTransform> worldFromCam_; ///< of the scene; in metres after measure()
    Intrinsics lens_;
    SceneBodiesReport report_;
};

} // namespace

std::string SceneBodiesReport::json(bool withFiles) const {
    nlohmann::ordered_json out = {{"metres_per_unit", scale.metresPerUnit},
                                  {"relative_error", scale.relativeError},
                                  {"relative_error_of_measurement", scale.measuredError},
                                  {"relative_error_of_body_sizes", scale.sizeError},
                                  {"spread", scale.spread},
                                  {"samples", scale.samples},
                                  {"frames", scale.frames},
                                  {"people", scale.people},
                                  {"lens", lens},
                                  {"ground", ground},
                                  {"ground_tilt_degrees", groundTiltRadians * 180 / std::numbers::pi},
                                  {"ground_spread_metres", groundSpreadMetres},
                                  {"points", points},
                                  {"notes", notes}};
    if (withFiles) {
        out["files"] = nlohmann::json::array();
        for (const auto& file : files) {
            out["files"].push_back(file.string());
        }
    }
    return out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace); // paths need not be UTF-8
}

std::function<Mask(std::int64_t)> peopleOf(const Project& project) {
    return [&project, targets = project.document().targets](std::int64_t frame) {
        return unitedMask(targets, [&](const Target& target) {
            const auto seen = project.trackFrame(target.id, frame);
            return seen && !seen->mask.empty() ? decodeRle(seen->mask) : Mask();
        });
    };
}

SceneBodiesReport placeBodies(ExportScene bodies, ExportOptions options, const fs::path& sceneFolder,
                              const SceneExport& wanted, const SceneEvents& events,
                              const std::stop_token& stop) {
    if (bodies.targets.empty()) {
        throw Error(ErrorCode::Input, "There are no bodies to place.", "Run the project first.");
    }
    return Placement(std::move(bodies), std::move(options), sceneFolder, wanted, events, stop).run();
}

SceneBodiesReport placeBodies(const Project& project, Engines& engines, const fs::path& sceneFolder,
                              const SceneExport& wanted, const SceneEvents& events,
                              const std::stop_token& stop) {
    const auto document = project.document();
    const auto folder = detail::SceneFolder::read(sceneFolder);
    if (folder.videoBytes >= 0 && folder.videoBytes != static_cast<std::int64_t>(document.video.sizeBytes)) {
        throw Error(ErrorCode::Input,
                    folder.videoBytes == 0 ? "The scene was made of pictures, not of the project's video."
                                           : "The scene was made of another video than the project.",
                    "Make it with body4d scene video " + document.video.path.filename().string() + ".",
                    sceneFolder.string());
    }
    auto all = wanted;
    all.people = peopleOf(project);
    return placeBodies(exportScene(project, engines), exportOptions(document), sceneFolder, all, events,
                       stop);
}

} // namespace body4d
