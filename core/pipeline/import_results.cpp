#include "pipeline/import_results.h"

#include "base/error.h"
#include "body/body_keypoints.h"
#include "body/measured_body.h"
#include "body/mhr_keypoints.h"
#include "body/mhr_model.h"
#include "body/ply_mesh.h"
#include "body/world.h"
#include "pipeline/imported_body_internal.h"
#include "pipeline/project_writer.h"
#include "pipeline/run.h"
#include "pipeline/stage_keys.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>

namespace body4d {
namespace fs = std::filesystem;
namespace {

using detail::hasExtension;
using detail::ImportedBody;
using detail::numberIn;
using detail::readNpzBody;
using detail::readPlyBody;
using detail::sortedEntries;

/// The official code counts pixels from the middle of the first one, this program from its corner.
constexpr double kPixelOrigin = 0.5;

struct ImportedPerson {
    std::string name;
    std::map<std::int64_t, ImportedBody> frames;
};

class Importer {
public:
    Importer(const ImportRequest& request, const std::stop_token& stop, const ProgressFn& progress)
        : request_(request), stop_(stop), progress_(progress) {}

    ImportSummary run(const fs::path& folder) {
        for (const auto& source : request_.sources) {
            readSource(source);
        }
        if (people_.empty()) {
            throw Error(ErrorCode::Input, "There is nothing to import.",
                        "Give .npz files with the fields of SAM 3D Body's output, or folders of PLY meshes.");
        }
        for (const auto& person : people_) {
            lastFrame_ = std::max(lastFrame_, person.frames.rbegin()->first);
        }
        findTriangles();
        findCamera();
        const auto project = Project::create(folder, videoFor(folder));
        auto document = project->document();
        for (const auto& person : people_) {
            document.addTarget().name = person.name;
        }
        document.range = {0, std::min(document.video.frameCount, lastFrame_ + 1)};
        // What the window shows, and what a run over the same clip begins with.
        const auto& camera = summary_.camera;
        const double degrees =
            2 * std::atan(std::max(camera.width, camera.height) / (2 * camera.focalPx)) * 180 / std::numbers::pi;
        document.options.set("camera.fov_degrees", std::clamp(degrees, 5.0, 170.0));
        project->setDocument(document);
        save(*project);
        return summary_;
    }

private:
    void throwIfStopped() const {
        if (stop_.stop_requested()) {
            throw Cancelled();
        }
    }

    void readSource(const fs::path& source) {
        std::error_code code;
        if (!fs::exists(source, code)) {
            throw Error(ErrorCode::Input, "There is no " + source.string() + ".", "Check the path.",
                        source.string());
        }
        if (!fs::is_directory(source, code)) {
            ImportedPerson person;
            person.name = source.stem().string();
            person.frames.emplace(0, readFile(source));
            people_.push_back(std::move(person));
            return;
        }
        ImportedPerson person;
        person.name =
            source.filename().empty() ? source.parent_path().filename().string() : source.filename().string();
        std::int64_t next = 0;
        for (const auto& entry : sortedEntries(source)) {
            throwIfStopped();
            if (fs::is_directory(entry, code)) {
                readSource(entry);
            } else if (hasExtension(entry, ".npz") || hasExtension(entry, ".ply")) {
                const auto frame = numberIn(entry).value_or(next);
                if (frame > kLastFrame || !person.frames.emplace(frame, readFile(entry)).second) {
                    throw Error(ErrorCode::Input,
                                "Two files or none stand for frame " + std::to_string(frame) + ".",
                                "Name files by frame: 00000000.ply, 00000001.ply, ...", entry.string());
                }
                next = frame + 1;
            }
        }
        if (!person.frames.empty()) {
            if (std::all_of(person.name.begin(), person.name.end(),
                            [](unsigned char c) { return std::isdigit(c); })) {
                person.name = "Person " + person.name;
            }
            people_.push_back(std::move(person));
        }
    }

    ImportedBody readFile(const fs::path& file) {
        if (progress_) {
            progress_({"import", "Reading " + file.filename().string(), ++read_, 0, 0, -1});
        }
        if (hasExtension(file, ".ply")) {
            return readPlyBody(file);
        }
        if (hasExtension(file, ".npz")) {
            firstNpz_ = firstNpz_.empty() ? file : firstNpz_;
            return readNpzBody(file);
        }
        throw Error(ErrorCode::Input, file.filename().string() + " is no result that can be imported.",
                    "Give .npz or .ply files, or folders of them.", file.string());
    }

    /// Gives all bodies without triangles those of a mesh with as many vertices.
    void findTriangles() {
        std::map<std::size_t, std::vector<std::array<std::uint32_t, 3>>> known;
        for (auto& person : people_) {
            for (auto& [frame, body] : person.frames) {
                const auto count = body.surface->vertices.size();
                if (count != person.frames.begin()->second.surface->vertices.size()) {
                    throw Error(ErrorCode::Input, "The meshes of " + person.name + " differ in size.",
                                "Import frames of one run of one model together.");
                }
                if (!body.triangles.empty()) {
                    continue;
                }
                if (!known.contains(count)) {
                    known[count] = trianglesFor(count);
                }
                body.triangles = known[count];
            }
        }
    }

    [[nodiscard]] std::vector<std::array<std::uint32_t, 3>> trianglesFor(std::size_t vertices) const {
        if (!request_.mesh.empty()) {
            auto mesh = readPly(request_.mesh);
            if (mesh.vertices.size() != vertices) {
                throw Error(ErrorCode::Input,
                            request_.mesh.filename().string() + " has " +
                                std::to_string(mesh.vertices.size()) + " vertices, the results have " +
                                std::to_string(vertices) + ".",
                            "Give a mesh of the model that made the results.", request_.mesh.string());
            }
            return std::move(mesh.triangles);
        }
        for (const auto& entry : sortedEntries(firstNpz_.parent_path())) {
            if (hasExtension(entry, ".ply")) {
                auto mesh = readPly(entry);
                if (mesh.vertices.size() == vertices) {
                    return std::move(mesh.triangles);
                }
            }
        }
        throw Error(ErrorCode::Input, "Nothing says which vertices make triangles.",
                    "Name a mesh of the same model with --mesh, such as mhr_face_mask.ply of "
                    "https://github.com/facebookresearch/MHR (tools/mhr_smpl_conversion/assets).");
    }

    /// The cameras through which the keypoints fall where the results say: one for all but for focal lengths,
    /// which results of several shots have of their own.
    void findCamera() {
        findShots();
        double n = 0;
        Vec2 meanRay, meanPx;
        const auto eachPoint = [&](auto fn) {
            for (const auto& person : people_) {
                for (const auto& [frame, body] : person.frames) {
                    const auto count = std::min(body.keypoints.size(), body.keypointsPx.size());
                    const double scale = body.focalPx > 0 && summary_.camera.focalPx > 0
                                             ? body.focalPx / summary_.camera.focalPx
                                             : 1;
                    for (std::size_t k = 0; k < count; ++k) {
                        const auto p = body.keypoints[k] + body.translation;
                        if (p.z > 1e-3) {
                            fn(Vec2{scale * p.x / p.z, scale * p.y / p.z}, body.keypointsPx[k]);
                        }
                    }
                }
            }
        };
        eachPoint([&](Vec2 ray, Vec2 px) {
            meanRay = meanRay + ray;
            meanPx = meanPx + px;
            ++n;
        });
        auto& camera = summary_.camera;
        if (n < 3) {
            return; // a mesh folder says nothing of its camera: videoFor() takes a usual one
        }
        meanRay = (1 / n) * meanRay;
        meanPx = (1 / n) * meanPx;
        double both = 0, spread = 0;
        eachPoint([&](Vec2 ray, Vec2 px) {
            const auto a = ray - meanRay, b = px - meanPx;
            both += a.x * b.x + a.y * b.y;
            spread += a.x * a.x + a.y * a.y;
        });
        if (camera.focalPx <= 0) {
            camera.focalPx = spread > 0 ? both / spread : 0;
        }
        if (!(camera.focalPx > 0)) {
            throw Error(ErrorCode::Input, "The keypoints fit no camera.",
                        "Check that the files belong together.");
        }
        const auto centre = meanPx - camera.focalPx * meanRay;
        camera.width = static_cast<int>(std::lround(2 * centre.x));
        camera.height = static_cast<int>(std::lround(2 * centre.y));
        camera.centreX = centre.x + kPixelOrigin;
        camera.centreY = centre.y + kPixelOrigin;
        eachPoint([&](Vec2 ray, Vec2 px) {
            const Vec2 shown = project(camera, {ray.x, ray.y, 1});
            summary_.worstKeypointPx =
                std::max(summary_.worstKeypointPx, norm(shown - px - Vec2{kPixelOrigin, kPixelOrigin}));
        });
    }

    /// What the results say of their focal lengths, by frames. The camera's is that of most frames.
    void findShots() {
        std::map<std::int64_t, double> focal;
        for (const auto& person : people_) {
            for (const auto& [frame, body] : person.frames) {
                if (body.focalPx > 0) {
                    focal[frame] = body.focalPx;
                }
            }
        }
        std::map<double, int> frames;
        int most = 0;
        for (const auto& [frame, px] : focal) {
            if (summary_.shots.empty() || summary_.shots.back().focalPx != px) {
                summary_.shots.push_back({frame, px});
            }
            if (++frames[px] > most) {
                most = frames[px];
                summary_.camera.focalPx = px;
            }
        }
        if (summary_.shots.size() == 1) {
            summary_.shots.clear();
        }
    }

    /// The video; its size completes the camera. Without one, plain pictures beside the project.
    fs::path videoFor(const fs::path& folder) {
        auto& camera = summary_.camera;
        const bool unknown = camera.width == 0; // no keypoints say where the middle of the pictures is
        if (!request_.video.empty()) {
            const auto info = VideoReader::open(request_.video)->info();
            if (camera.width > 0 &&
                (std::abs(info.width - camera.width) > 2 || std::abs(info.height - camera.height) > 2)) {
                throw Error(ErrorCode::Input,
                            "The results belong to pictures of " + std::to_string(camera.width) + " x " +
                                std::to_string(camera.height) + ", not of " + std::to_string(info.width) +
                                " x " + std::to_string(info.height) + ".",
                            "Give the video that they were made from.", request_.video.string());
            }
            camera.width = info.width;
            camera.height = info.height;
            if (lastFrame_ >= info.frameCount) {
                summary_.notes.push_back(
                    "The results go on after the video's end; what lies behind it is left out.");
            }
        } else if (unknown) {
            camera.width = 1920;
            camera.height = 1080;
        }
        if (unknown) {
            camera.centreX = camera.width / 2.0 + kPixelOrigin;
            camera.centreY = camera.height / 2.0 + kPixelOrigin;
        }
        if (camera.focalPx == 0) {
            // What SAM 3D Body assumes of a camera that nobody knows.
            camera.focalPx = std::hypot(camera.width, camera.height);
            summary_.notes.emplace_back(
                "The meshes do not say through which camera they were seen; a usual one is taken.");
        }
        if (!request_.video.empty()) {
            return request_.video;
        }
        if (camera.width < 16 || camera.height < 16 || camera.width > 16384 || camera.height > 16384) {
            throw Error(ErrorCode::Input, "The size of the pictures cannot be told from the results.",
                        "Name the video or picture that they were made from with --video.");
        }
        Image plain(camera.width, camera.height);
        std::fill(plain.rgb.begin(), plain.rgb.end(), std::uint8_t{64});
        const auto pictures = folder.parent_path() / (folder.stem().string() + "_pictures");
        std::error_code code;
        fs::create_directories(pictures, code);
        for (std::int64_t frame = 0; frame <= lastFrame_; ++frame) {
            throwIfStopped();
            auto name = std::to_string(frame);
            name.insert(0, name.size() < 8 ? 8 - name.size() : 0, '0');
            writeImage(pictures / (name + ".png"), plain);
        }
        summary_.notes.push_back("No video was given: plain pictures stand in for it, in " +
                                 pictures.filename().string() + ".");
        return pictures;
    }

    /// MHR, where its asset is here: it ties meshes to their joints.
    void findBodyModel() {
        const auto file = Engines::modelsFolder(request_.options) / kMhrAssetFile;
        std::error_code code;
        if (!fs::is_regular_file(file, code)) {
            if (const auto given = request_.options.text("sam_3d_body.mhr_path"); !given.empty()) {
                throw Error(ErrorCode::Input, "The body model that sam_3d_body.mhr_path names is not there.",
                            "Correct the path, or leave the option out: meshes are then kept without a skin.",
                            given);
            }
            return;
        }
        try {
            mhr_ = MhrModel::load(file);
        } catch (const Error& e) {
            summary_.notes.push_back(std::string(e.what()) +
                                     " So nothing ties these meshes to their joints.");
        }
    }

    /// The person's body at rest; without a model where the asset is not here or the results do not say its
    /// lengths.
    [[nodiscard]] MhrPerson ownBody(const MeasuredSurface& surface) const {
        const auto identity = surface.fields.find("shape_params"),
                   parameters = surface.fields.find("mhr_model_params");
        if (!mhr_ || surface.vertices.size() != mhr_->vertexCount() || identity == surface.fields.end() ||
            parameters == surface.fields.end() || identity->second.size() != kMhrIdentityCount ||
            parameters->second.size() != kMhrParameterCount) {
            return {};
        }
        return mhr_->person(identity->second, parameters->second);
    }

    [[nodiscard]] BodyTrack trackOf(const ImportedPerson& person, TargetId id,
                                    const ProjectDocument& document) const {
        const auto& first = person.frames.begin()->second;
        const bool isMhr = first.surface->joints.size() == kMhrJointCount;
        const auto joints = isMhr ? mhrJoints() : singleJoint();
        const auto own = ownBody(*first.surface);
        // Without the body at rest, the first frame stands for it.
        const auto atRest = own.model ? own.frames : first.surface->rotations;
        RestBody rest;
        rest.vertices = first.surface->vertices;
        rest.joints = first.surface->joints;
        const auto [low, high] =
            std::minmax_element(rest.vertices.begin(), rest.vertices.end(),
                                [](const Vec3f& a, const Vec3f& b) { return a.y < b.y; });
        rest.heightMetres = static_cast<double>(high->y - low->y);
        BodyTrack track;
        track.id = id;
        track.engine = isMhr ? "SAM 3D Body (imported)" : "meshes (imported)";
        track.bodyModel = isMhr ? "mhr" : "mesh";
        track.ownModel = own.model
                             ? own.model
                             : makeMeasuredBody(track.bodyModel, joints, first.triangles, std::move(rest));
        track.camera = summary_.camera;
        track.shots = summary_.shots;
        track.fps = document.video.fps;
        track.firstFrame = document.range.begin;
        track.frames.resize(static_cast<std::size_t>(document.range.size()));
        for (std::size_t i = 0; i < track.frames.size(); ++i) {
            auto& frame = track.frames[i];
            frame.frame = document.range.begin + static_cast<std::int64_t>(i);
            const auto found = person.frames.find(frame.frame);
            if (found == person.frames.end()) {
                continue;
            }
            const auto& body = found->second;
            frame.state = FrameState::Visible;
            frame.pose.translation = body.translation;
            body.surface->rotations = turnsFromRest(body.surface->rotations, atRest);
            frame.pose.surface = body.surface;
            setRotationsFromSurface(frame.pose, joints);
            frame.rawPose = frame.pose;
            if (body.keypoints.size() >= kMhrKeypointCount) {
                for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
                    frame.keypoints[k] = body.keypoints[kMhrKeypointOf[k]] + body.translation;
                    frame.confidence[k] = 1;
                }
            }
            if (const auto box = body.surface->fields.find("bbox");
                box != body.surface->fields.end() && box->second.size() == 4) {
                frame.boxSidePx = std::max(box->second[2] - box->second[0], box->second[3] - box->second[1]);
            }
        }
        return track;
    }

    /// A level camera over the lowest point that anybody has, where feet say nothing.
    [[nodiscard]] WorldFrame levelWorld(const FrameRange& range) const {
        double lowest = 0;
        for (const auto& person : people_) {
            for (const auto& [frame, body] : person.frames) {
                for (const auto& v : body.surface->vertices) {
                    lowest = std::max(lowest, static_cast<double>(v.y) + body.translation.y);
                }
            }
        }
        RigidTransform level;
        level.rotation.m = {1, 0, 0, 0, -1, 0, 0, 0, -1};
        level.translation = {0, lowest, 0};
        WorldFrame world;
        world.focalPx = summary_.camera.focalPx;
        world.firstFrame = range.begin;
        world.worldFromCam.assign(static_cast<std::size_t>(range.size()), level);
        return world;
    }

    void save(Project& project) {
        findBodyModel();
        const auto document = project.document();
        ProjectWriter writer(project);
        const auto key = detail::groundKey(document);
        std::vector<std::shared_ptr<const BodyTrack>> tracks;
        bool haveKeypoints = true;
        for (std::size_t i = 0; i < people_.size(); ++i) {
            throwIfStopped();
            const auto id = document.targets[i].id;
            tracks.push_back(std::make_shared<const BodyTrack>(trackOf(people_[i], id, document)));
            haveKeypoints = haveKeypoints && !people_[i].frames.begin()->second.keypoints.empty();
            summary_.frames +=
                std::count_if(tracks.back()->frames.begin(), tracks.back()->frames.end(),
                              [](const BodyFrame& f) { return f.state == FrameState::Visible; });
            writer.saveBody(BodyLevel::Grounded, tracks.back(), key);
        }
        summary_.people = static_cast<int>(people_.size());
        if (haveKeypoints) {
            std::vector<const BodyTrack*> bodies;
            for (const auto& track : tracks) {
                bodies.push_back(track.get());
            }
            CameraPath still;
            still.firstFrame = document.range.begin;
            still.shotFromCam.resize(static_cast<std::size_t>(document.range.size()));
            writer.saveWorld(std::make_shared<const WorldFrame>(solveWorld(bodies, still, {})), key);
        } else {
            writer.saveWorld(std::make_shared<const WorldFrame>(levelWorld(document.range)), key);
        }
    }

    static constexpr std::int64_t kLastFrame = 10'000'000;
    const ImportRequest& request_;
    const std::stop_token& stop_;
    const ProgressFn& progress_;
    std::vector<ImportedPerson> people_;
    ImportSummary summary_;
    std::shared_ptr<const MhrModel> mhr_; ///< null: its asset is not here
    std::int64_t lastFrame_ = 0;
    long long read_ = 0;
    fs::path firstNpz_;
};

} // namespace

ImportSummary importResults(const fs::path& folder, const ImportRequest& request, const std::stop_token& stop,
                            const ProgressFn& progress) {
    return Importer(request, stop, progress).run(folder);
}

} // namespace body4d
