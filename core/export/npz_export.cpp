#include "base/npz.h"
#include "base/output_file.h"
#include "body/body_keypoints.h"
#include "export/export_metadata_internal.h"
#include "export/mask_bounds.h"
#include "export/writers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

namespace body4d {
namespace fs = std::filesystem;
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Named float arrays of one row a frame; rows of frames without a value stay NaN. Frames come by rising number and
/// wait in a file, so that memory does not grow with the clip.
class FrameTable {
public:
    /// @param path of the export; beside it a file with the values, which the destructor removes
    FrameTable(std::size_t frames, const fs::path& path)
        : frames_(frames), scratch_(path.parent_path() / ("." + path.filename().string() + ".tmp.bin")),
          file_(scratch_, path) {}
    ~FrameTable() {
        std::error_code ignored;
        fs::remove(scratch_, ignored);
    }
    FrameTable(const FrameTable&) = delete;
    FrameTable& operator=(const FrameTable&) = delete;

    /// Good until a later frame is asked for.
    float* row(const std::string& name, std::size_t frame, std::initializer_list<std::int64_t> shape) {
        while (frame >= begin_ + kPiece) {
            flush();
        }
        auto [it, isNew] = arrays_.try_emplace(name);
        Array& array = it->second;
        if (isNew) {
            array.shape = {static_cast<std::int64_t>(frames_)};
            array.shape.insert(array.shape.end(), shape);
            array.width = 1;
            for (const std::int64_t n : shape) {
                array.width *= static_cast<std::size_t>(n);
            }
            array.values.assign(kPiece * array.width, kNan);
            array.offset = size_;
            size_ += frames_ * array.width * sizeof(float);
            for (std::size_t piece = 0; piece < begin_; piece += kPiece) {
                store(array, piece);
            }
        }
        return array.values.data() + (frame - begin_) * array.width;
    }
    [[nodiscard]] bool has(const std::string& name) const { return arrays_.contains(name); }
    /// Ends the table. @param writer must write before the table goes
    void addTo(NpzWriter& writer) {
        while (begin_ < frames_) {
            flush();
        }
        file_.close();
        for (const auto& [name, array] : arrays_) {
            writer.addFile(name, DType::F32, array.shape, scratch_, array.offset);
        }
    }

private:
    static constexpr std::size_t kPiece = 64; // frames that wait in memory
    struct Array {
        std::vector<std::int64_t> shape;
        std::size_t width = 0;
        std::uint64_t offset = 0;
        std::vector<float> values; ///< of the frames that wait
    };
    void store(const Array& array, std::size_t begin) {
        const std::size_t count = std::min(kPiece, frames_ - begin) * array.width;
        file_.writeAt(array.offset + begin * array.width * sizeof(float),
                      std::as_bytes(std::span(array.values.data(), count)));
    }
    void flush() {
        for (auto& [name, array] : arrays_) {
            store(array, begin_);
            std::fill(array.values.begin(), array.values.end(), kNan);
        }
        begin_ += kPiece;
    }

    std::size_t frames_, begin_ = 0; ///< begin_: first frame that waits
    fs::path scratch_;
    OutputFile file_;
    std::uint64_t size_ = 0;
    std::map<std::string, Array> arrays_;
};

void put(float*& out, Vec3 v) {
    for (const double c : {v.x, v.y, v.z}) {
        *out++ = static_cast<float>(c);
    }
}
void put(float*& out, const Mat3& m) {
    for (const double c : m.m) {
        *out++ = static_cast<float>(c);
    }
}

/// Pose, joints in camera and world; names begin with `prefix`.
void putPose(FrameTable& table, const std::string& prefix, std::size_t row, const ExportClip& clip,
             const ExportPerson& person, std::int64_t frame, const BodyPose& pose,
             std::vector<Quat>& lastQuats) {
    const auto joints = static_cast<std::int64_t>(person.model().joints().size());
    float* matrices = table.row(prefix + "pose_rotations", row, {joints, 3, 3});
    float* quats = table.row(prefix + "pose_quaternions", row, {joints, 4});
    for (std::size_t j = 0; j < pose.rotations.size(); ++j) {
        put(matrices, pose.rotations[j]);
        Quat q = toQuat(pose.rotations[j]);
        Quat& last = lastQuats[j];
        if (q.x * last.x + q.y * last.y + q.z * last.z + q.w * last.w < 0) {
            q = {-q.x, -q.y, -q.z, -q.w};
        }
        last = q;
        for (const double c : {q.x, q.y, q.z, q.w}) {
            *quats++ = static_cast<float>(c);
        }
    }
    float* translation = table.row(prefix + "translation", row, {3});
    put(translation, pose.translation);
    const PosedSkeleton skeleton = person.model().skeleton(*person.rest, pose);
    const RigidTransform world = clip.worldFromCam(frame);
    const Intrinsics lens = clip.cameraAt(frame);
    float* inCam = table.row(prefix + "joints_cam", row, {joints, 3});
    float* inWorld = table.row(prefix + "joints_world", row, {joints, 3});
    float* inPicture = table.row(prefix + "joints_2d", row, {joints, 2});
    for (const Vec3 joint : skeleton.joints) {
        put(inCam, joint);
        put(inWorld, world * joint);
        const Vec2 px = project(lens, joint);
        *inPicture++ = static_cast<float>(px.x);
        *inPicture++ = static_cast<float>(px.y);
    }
}

void putKeypoints(FrameTable& table, std::size_t row, const ExportClip& clip, std::int64_t frame,
                  const BodyFrame& body) {
    const Intrinsics lens = clip.cameraAt(frame);
    float* inCam = table.row("keypoints_3d", row, {kBodyKeypointCount, 3});
    float* inWorld = table.row("keypoints_3d_world", row, {kBodyKeypointCount, 3});
    float* inPicture = table.row("keypoints_2d", row, {kBodyKeypointCount, 2});
    float* confidence = table.row("keypoints_confidence", row, {kBodyKeypointCount});
    const RigidTransform world = clip.worldFromCam(frame);
    for (std::size_t k = 0; k < body.keypoints.size(); ++k) {
        put(inCam, body.keypoints[k]);
        put(inWorld, world * body.keypoints[k]);
        const Vec2 px = project(lens, body.keypoints[k]);
        *inPicture++ = static_cast<float>(px.x);
        *inPicture++ = static_cast<float>(px.y);
        *confidence++ = body.confidence[k];
    }
}

/// What came with a measured body, under the official names, and its mesh.
void putSurface(FrameTable& table, std::size_t row, const BodyPose& pose) {
    if (!pose.surface) {
        return;
    }
    for (const auto& [name, values] : pose.surface->fields) {
        const auto count = static_cast<std::int64_t>(values.size());
        const std::int64_t width = name.ends_with("_rots") ? 9 : name.ends_with("_2d") ? 2 : name.ends_with("_3d") || name.ends_with("_coords") ? 3 : 0;
        float* out = width == 9 && count % 9 == 0         ? table.row(name, row, {count / 9, 3, 3})
                     : width > 0 && count % width == 0 ? table.row(name, row, {count / width, width})
                                                       : table.row(name, row, {count});
        std::copy(values.begin(), values.end(), out);
    }
    float* out = table.row("pred_vertices", row, {static_cast<std::int64_t>(pose.surface->vertices.size()), 3});
    for (const auto& v : pose.surface->vertices) {
        put(out, Vec3{v.x, v.y, v.z});
    }
}

/// What the network measured, before any body: picture points, 3D points, the mask's box.
void putObserved(FrameTable& table, std::size_t row, const TargetFrame& seen) {
    if (seen.pose.score > 0) {
        float* points = table.row("landmarks_2d", row, {kPoseLandmarkCount, 2});
        float* space = table.row("landmarks_3d", row, {kPoseLandmarkCount, 3});
        float* visibility = table.row("landmarks_visibility", row, {kPoseLandmarkCount});
        float* presence = table.row("landmarks_presence", row, {kPoseLandmarkCount});
        for (const PoseLandmark& point : seen.pose.points) {
            *points++ = static_cast<float>(point.px.x);
            *points++ = static_cast<float>(point.px.y);
            put(space, point.world);
            *visibility++ = point.visibility;
            *presence++ = point.presence;
        }
        float* roi = table.row("roi", row, {4});
        roi[0] = static_cast<float>(seen.pose.roi.centreX);
        roi[1] = static_cast<float>(seen.pose.roi.centreY);
        roi[2] = static_cast<float>(seen.pose.roi.side);
        roi[3] = static_cast<float>(seen.pose.roi.angle);
        *table.row("landmarks_score", row, {}) = seen.pose.score;
    }
    for (std::size_t side = 0; side < seen.hands.size(); ++side) {
        const HandLandmarks& hand = seen.hands[side];
        if (hand.score > 0) {
            float* points = table.row("hand_landmarks_2d", row, {2, kHandLandmarkCount, 2}) +
                            2 * side * hand.points.size();
            float* space = table.row("hand_landmarks_3d", row, {2, kHandLandmarkCount, 3}) +
                           3 * side * hand.points.size();
            for (const HandLandmark& point : hand.points) {
                *points++ = point.px.x;
                *points++ = point.px.y;
                for (const float c : {point.world.x, point.world.y, point.world.z}) {
                    *space++ = c;
                }
            }
            table.row("hand_confidence", row, {2})[side] = hand.score * hand.sideScore;
        }
    }
    *table.row("confidence", row, {}) = seen.confidence;
    if (!seen.mask.empty()) {
        const Box box = boundsOf(seen.mask);
        float* out = table.row("bbox", row, {4});
        out[0] = static_cast<float>(box.x0);
        out[1] = static_cast<float>(box.y0);
        out[2] = static_cast<float>(box.x1);
        out[3] = static_cast<float>(box.y1);
        *table.row("mask_area_px", row, {}) = static_cast<float>(area(seen.mask));
    }
}

void writePerson(const ExportClip& clip, const ExportPerson& person, const fs::path& path,
                 const std::function<void()>& tick) {
    const auto frames = static_cast<std::size_t>(clip.frameCount());
    const auto n = static_cast<std::int64_t>(frames);
    NpzWriter writer;
    std::error_code ignored;
    fs::create_directories(path.parent_path(), ignored); // what is wrong with it shows when the file is opened
    FrameTable table(frames, path);
    std::vector<std::int64_t> index(frames);
    std::vector<double> times(frames);
    std::vector<std::uint8_t> visible(frames), occluded(frames), completed(frames), contact(2 * frames),
        state(frames);
    std::vector<Quat> quats(person.model().joints().size()), rawQuats = quats;
    for (std::size_t i = 0; i < frames; ++i) {
        tick();
        const std::int64_t frame = clip.begin + static_cast<std::int64_t>(i);
        index[i] = frame;
        times[i] = clip.seconds(frame);
        const FrameState now = person.state(frame);
        state[i] = static_cast<std::uint8_t>(now);
        visible[i] = now == FrameState::Visible;
        occluded[i] = now == FrameState::Occluded;
        completed[i] = now == FrameState::Completed;
        const RigidTransform camFromWorld = inverse(clip.worldFromCam(frame));
        float* extrinsics = table.row("extrinsics", i, {3, 4});
        for (int r = 0; r < 3; ++r) {
            for (int c = 0; c < 3; ++c) {
                *extrinsics++ = static_cast<float>(camFromWorld.rotation(r, c));
            }
            *extrinsics++ = static_cast<float>(r == 0   ? camFromWorld.translation.x
                                               : r == 1 ? camFromWorld.translation.y
                                                        : camFromWorld.translation.z);
        }
        *table.row("focal_px", i, {}) = static_cast<float>(clip.cameraAt(frame).focalPx);
        if (person.source->observed) {
            putObserved(table, i, person.source->observed(frame));
        }
        const auto body = person.at(frame);
        if (body == nullptr || now == FrameState::Absent) {
            continue;
        }
        contact[2 * i] = body->footContact[0];
        contact[2 * i + 1] = body->footContact[1];
        const std::size_t joints = person.model().joints().size();
        if (body->pose.rotations.size() == joints) {
            putPose(table, "", i, clip, person, frame, body->pose, quats);
            putKeypoints(table, i, clip, frame, *body);
            putSurface(table, i, body->pose);
        }
        if (body->rawPose.rotations.size() == joints) {
            putPose(table, "raw_", i, clip, person, frame, body->rawPose, rawQuats);
        }
        *table.row("reprojection_percent", i, {}) =
            body->reprojectionPercent < 0 ? kNan : body->reprojectionPercent;
        *table.row("silhouette_iou", i, {}) = body->silhouetteIou < 0 ? kNan : body->silhouetteIou;
        *table.row("box_side_px", i, {}) = body->boxSidePx;
    }
    table.addTo(writer);
    writer.add("frame_index", index, {n});
    writer.add("pts_s", times, {n});
    writer.add("state", state, {n});
    writer.addBool("visible", visible, {n});
    writer.addBool("occluded", occluded, {n});
    writer.addBool("completed", completed, {n});
    writer.addBool("foot_contact", contact, {n, 2});

    // A measured body has its own, a row a frame.
    if (!table.has("shape_params")) {
        const BodyShape& s = person.track().shape;
        writer.add("shape_params",
                   std::vector<double>{s.gender, s.age, s.muscle, s.weight, s.height, s.proportions, s.scale},
                   {7});
        writer.addStrings("shape_param_names",
                          {"gender", "age", "muscle", "weight", "height", "proportions", "scale"});
    }
    writer.add("height_m", std::vector<double>{person.rest->heightMetres}, {1});
    std::vector<std::string> jointNames, keypointNames;
    std::vector<std::int32_t> parents, landmarkOf;
    std::vector<float> restJoints;
    for (const BodyJoint& joint : person.model().joints()) {
        jointNames.push_back(joint.name);
        parents.push_back(joint.parent);
    }
    for (const Vec3 joint : person.rest->joints) {
        for (const double c : {joint.x, joint.y, joint.z}) {
            restJoints.push_back(static_cast<float>(c));
        }
    }
    std::vector<std::uint8_t> limb;
    for (const BodyKeypoint& point : kBodyKeypoints) {
        keypointNames.emplace_back(point.name);
        landmarkOf.push_back(point.poseLandmark);
        limb.push_back(point.limb);
    }
    const auto joints = static_cast<std::int64_t>(jointNames.size());
    writer.addStrings("joint_names", jointNames);
    writer.add("parents", parents, {joints});
    writer.add("rest_joints", restJoints, {joints, 3});
    writer.addStrings("keypoint_names", keypointNames);
    writer.add("keypoint_landmark", landmarkOf, {kBodyKeypointCount});
    writer.addBool("keypoint_is_limb", limb, {kBodyKeypointCount});
    if (!table.has("focal_length")) {
        writer.add("focal_length", std::vector<double>{clip.camera.focalPx}, {1});
    }
    writer.add("intrinsics",
               std::vector<double>{clip.camera.focalPx, 0, clip.camera.centreX, 0, clip.camera.focalPx,
                                   clip.camera.centreY, 0, 0, 1},
               {3, 3});
    writer.add("image_size", std::vector<std::int32_t>{clip.camera.width, clip.camera.height}, {2});
    writer.add("fps", std::vector<double>{clip.rate()}, {1});
    writer.add("target_id", std::vector<std::int32_t>{person.id()}, {1});
    writer.add("schema_version", std::vector<std::int32_t>{1}, {1});
    writer.addString("target_name", person.source->target.name);
    writer.addString("units", "m");
    writer.addString("axes", "cam: x right, y down, z forward (OpenCV); world: " + clip.worldText());
    writer.addString("extrinsics_convention", "camera from world, OpenCV camera axes");
    writer.addString(
        "pose_convention",
        "rotations relative to the parent, in axes that at rest are the camera's; translation is the root "
        "joint in camera space; quaternions x y z w");
    writer.addString("engine", clip.engineText());
    writer.addString("body_model", person.model().name());
    writer.addString("version", clip.generator());
    nlohmann::ordered_json meta = exportMetadata(clip);
    meta["target"] = personMetadata(clip, person);
    writer.addString("metadata", meta.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace));
    writer.write(path);
}

} // namespace

ExportResult writeNpz(const ExportClip& clip, const fs::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress) {
    ExportResult result;
    const long long total = static_cast<long long>(clip.people.size()) * clip.frameCount();
    long long done = 0;
    for (const ExportPerson& person : clip.people) {
        const fs::path path = dir / (clip.fileStem(person) + ".npz");
        writePerson(clip, person, path, [&] {
            throwIfStopped(stop);
            if (progress && (++done % 16 == 0 || done == total)) {
                progress({"export", "npz", done, total, 0, -1});
            }
        });
        result.files.push_back(path);
    }
    return result;
}

} // namespace body4d
