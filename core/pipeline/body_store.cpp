#include "pipeline/body_store.h"

#include "base/error.h"
#include "base/files.h"
#include "base/safetensors.h"
#include "body/anny_skeleton.h"
#include "body/measured_body.h"
#include "pipeline/store_meta_internal.h"

#include <algorithm>
#include <functional>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

void addPose(std::vector<double>& translations, std::vector<double>& rotations, const BodyPose& pose,
             std::size_t joints) {
    translations.insert(translations.end(), {pose.translation.x, pose.translation.y, pose.translation.z});
    for (std::size_t j = 0; j < joints; ++j) {
        const Mat3 m = j < pose.rotations.size() ? pose.rotations[j] : Mat3();
        rotations.insert(rotations.end(), m.m.begin(), m.m.end());
    }
}

/// @param withJoints false: a single rotation stands for all of them
BodyPose poseAt(const std::vector<double>& translations, const std::vector<double>& rotations, std::size_t frame,
                std::size_t joints, bool withJoints) {
    BodyPose pose;
    pose.translation = {translations[3 * frame], translations[3 * frame + 1], translations[3 * frame + 2]};
    pose.rotations.resize(withJoints ? joints : std::min<std::size_t>(joints, 1));
    for (std::size_t j = 0; withJoints && j < joints; ++j) {
        std::copy_n(rotations.begin() + static_cast<std::ptrdiff_t>(9 * (frame * joints + j)), 9,
                    pose.rotations[j].m.begin());
    }
    return pose;
}

/// What frames of a body have in its file, one row a frame.
struct BodyRows {
    std::vector<std::uint8_t> state, posed, contact;
    std::vector<double> translation, rotation, rawTranslation, rawRotation, keypoints;
    std::vector<float> confidence, quality;
};

/// Calls fn(name, rows, shape of a row) for each of them.
template <typename Fn>
void forEachRows(const BodyRows& rows, std::size_t joints, const Fn& fn) {
    using Shape = std::vector<std::int64_t>;
    constexpr std::int64_t kK = kBodyKeypointCount;
    const auto j = static_cast<std::int64_t>(joints);
    fn("state", rows.state, Shape{});
    fn("posed", rows.posed, Shape{});
    fn("foot_contact", rows.contact, Shape{2});
    fn("translation", rows.translation, Shape{3});
    fn("rotation", rows.rotation, Shape{j, 3, 3});
    fn("raw_translation", rows.rawTranslation, Shape{3});
    fn("raw_rotation", rows.rawRotation, Shape{j, 3, 3});
    fn("keypoints", rows.keypoints, Shape{kK, 3});
    fn("confidence", rows.confidence, Shape{kK});
    fn("reprojection_iou_box", rows.quality, Shape{3});
}

BodyRows rowsOf(std::span<const BodyFrame> frames, std::size_t joints) {
    BodyRows out;
    out.rotation.reserve(9 * joints * frames.size());
    out.rawRotation.reserve(9 * joints * frames.size());
    for (const auto& f : frames) {
        out.state.push_back(static_cast<std::uint8_t>(f.state));
        out.posed.push_back(f.pose.rotations.empty() ? 0 : 1);
        out.contact.insert(out.contact.end(), {static_cast<std::uint8_t>(f.footContact[0] ? 1 : 0),
                                               static_cast<std::uint8_t>(f.footContact[1] ? 1 : 0)});
        addPose(out.translation, out.rotation, f.pose, joints);
        addPose(out.rawTranslation, out.rawRotation, f.rawPose, joints);
        for (const auto& k : f.keypoints) {
            out.keypoints.insert(out.keypoints.end(), {k.x, k.y, k.z});
        }
        out.confidence.insert(out.confidence.end(), f.confidence.begin(), f.confidence.end());
        out.quality.insert(out.quality.end(), {f.reprojectionPercent, f.silhouetteIou, f.boxSidePx});
    }
    return out;
}

FrameState stateOf(std::uint8_t stored) { return static_cast<FrameState>(std::min<std::uint8_t>(stored, 3)); }

constexpr std::size_t kRowsHeld = 128; // of a body file that are held in memory as rows

/// What a body file says of the whole track: numbers.
struct TrackNumbers {
    std::vector<double> shape, camera, scalars;
};
TrackNumbers numbersOf(const BodyTrack& t) {
    return {{t.shape.gender, t.shape.age, t.shape.muscle, t.shape.weight, t.shape.height, t.shape.proportions, t.shape.scale},
            {t.camera.focalPx, t.camera.centreX, t.camera.centreY, static_cast<double>(t.camera.width),
             static_cast<double>(t.camera.height)},
            {t.fps, t.accelerationRaw, t.acceleration}};
}

/// ... and words.
std::map<std::string, std::string> metadataOf(const StoredBody& body) {
    const auto& t = body.track;
    nlohmann::json meta = {{"key", body.key},    {"hint", body.hint},         {"target", t.id},
                           {"engine", t.engine}, {"body_model", t.bodyModel}, {"first_frame", t.firstFrame}};
    for (const auto& shot : t.shots) {
        meta["shots"].push_back({{"first_frame", shot.firstFrame}, {"focal_px", shot.focalPx}});
    }
    if (t.ownModel) {
        for (const auto& joint : t.ownModel->joints()) {
            meta["joints"].push_back(joint.name);
        }
    }
    return {{"body4d", meta.dump()}, {"units", "metres; camera space: x right, y down, z away"}};
}

std::map<std::string, SafetensorsStream::Tensor> tensorsOf(std::size_t frames, std::size_t joints) {
    std::map<std::string, SafetensorsStream::Tensor> out;
    forEachRows({}, joints, [&]<typename T>(const char* name, const std::vector<T>&, std::vector<std::int64_t> shape) {
        shape.insert(shape.begin(), static_cast<std::int64_t>(frames));
        out[name] = {DTypeOf<T>::value, std::move(shape)};
    });
    out["shape"] = {DType::F64, {7}};
    out["camera"] = {DType::F64, {5}};
    out["fps_acceleration"] = {DType::F64, {3}};
    return out;
}

std::size_t jointCount(const BodyTrack& track) {
    std::size_t joints = 0;
    for (const auto& f : track.frames) {
        joints = std::max({joints, f.pose.rotations.size(), f.rawPose.rotations.size()});
    }
    return joints;
}

/// Single precision: at a few metres half precision would be off by pixels' fractions that exports promise.
void addVector(std::vector<float>& out, Vec3 v) {
    for (const double c : {v.x, v.y, v.z}) {
        out.push_back(static_cast<float>(c));
    }
}

/// Measured surfaces of a track and the body model that came with it.
void addSurfaces(SafetensorsWriter& out, const BodyTrack& track) {
    std::vector<std::int64_t> frames;
    std::vector<std::uint8_t> raw; // 1 where nothing was smoothed: the raw pose shows the same surface
    std::vector<float> vertices, joints, rotations;
    std::map<std::string, std::vector<float>> fields;
    std::map<std::string, std::size_t> fieldFrames;
    std::size_t vertexCount = 0, jointCount = 0;
    for (std::size_t i = 0; i < track.frames.size(); ++i) {
        const auto& surface = track.frames[i].pose.surface;
        if (!surface) {
            continue;
        }
        BODY4D_EXPECT(frames.empty() ||
                      (surface->vertices.size() == vertexCount && surface->joints.size() == jointCount));
        vertexCount = surface->vertices.size();
        jointCount = surface->joints.size();
        frames.push_back(static_cast<std::int64_t>(i));
        raw.push_back(track.frames[i].rawPose.surface == surface ? 1 : 0);
        for (const auto& v : surface->vertices) {
            vertices.insert(vertices.end(), {v.x, v.y, v.z});
        }
        for (std::size_t j = 0; j < jointCount; ++j) {
            addVector(joints, surface->joints[j]);
            for (const double c : surface->rotations[j].m) {
                rotations.push_back(static_cast<float>(c));
            }
        }
        for (const auto& [name, values] : surface->fields) {
            auto& all = fields[name];
            all.insert(all.end(), values.begin(), values.end());
            ++fieldFrames[name];
        }
    }
    const auto m = static_cast<std::int64_t>(frames.size());
    if (m > 0) {
        const auto v = static_cast<std::int64_t>(vertexCount), j = static_cast<std::int64_t>(jointCount);
        out.add("surface_frames", frames, {m});
        out.add("surface_raw", raw, {m});
        out.add("surface_vertices", vertices, {m, v, 3});
        out.add("surface_joints", joints, {m, j, 3});
        out.add("surface_rotations", rotations, {m, j, 3, 3});
        for (const auto& [name, values] : fields) {
            // What only some frames have cannot be told apart from the others: it is left out.
            if (fieldFrames[name] == frames.size() && values.size() % frames.size() == 0) {
                out.add("field_" + name, values,
                        {m, static_cast<std::int64_t>(values.size() / frames.size())});
            }
        }
    }
    if (const auto& model = track.ownModel) {
        std::vector<std::uint32_t> triangles;
        for (const auto& t : model->topology().triangles) {
            triangles.insert(triangles.end(), t.begin(), t.end());
        }
        std::vector<std::int32_t> parents;
        for (const auto& joint : model->joints()) {
            parents.push_back(joint.parent);
        }
        const auto rest = model->shaped({});
        std::vector<float> restVertices, restJoints;
        for (const auto& v : rest.vertices) {
            restVertices.insert(restVertices.end(), {v.x, v.y, v.z});
        }
        for (const auto& joint : rest.joints) {
            addVector(restJoints, joint);
        }
        out.add("model_triangles", triangles, {static_cast<std::int64_t>(triangles.size() / 3), 3});
        out.add("model_parents", parents, {static_cast<std::int64_t>(parents.size())});
        out.add("model_rest_vertices", restVertices, {static_cast<std::int64_t>(rest.vertices.size()), 3});
        out.add("model_rest_joints", restJoints, {static_cast<std::int64_t>(rest.joints.size()), 3});
        const auto& skin = model->skin();
        if (skin.perVertex > 0) {
            const auto per = static_cast<std::int64_t>(skin.perVertex);
            const auto count = static_cast<std::int64_t>(rest.vertices.size());
            out.add("model_skin_joints", std::vector<std::uint32_t>(skin.joint.begin(), skin.joint.end()),
                    {count, per});
            out.add("model_skin_weights", skin.weight, {count, per});
        }
        out.add("model_height", std::vector<double>{rest.heightMetres}, {1});
    }
}

std::vector<Vec3f> points(const std::vector<float>& values) {
    std::vector<Vec3f> out(values.size() / 3);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = {values[3 * i], values[3 * i + 1], values[3 * i + 2]};
    }
    return out;
}

std::vector<Vec3> exactPoints(const std::vector<float>& values) {
    std::vector<Vec3> out(values.size() / 3);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = {values[3 * i], values[3 * i + 1], values[3 * i + 2]};
    }
    return out;
}

[[noreturn]] void damaged(const fs::path& file) {
    throw Error(ErrorCode::Input, file.filename().string() + " is damaged.", "Delete it and run or import it again.", file.string());
}

std::shared_ptr<const BodyModel> readModel(const SafetensorsFile& in, const std::string& name,
                                           const std::vector<std::string>& jointNames, const fs::path& file) {
    const auto indices = in.values<std::uint32_t>("model_triangles", {-1, 3});
    const auto parents =
        in.values<std::int32_t>("model_parents", {static_cast<std::int64_t>(jointNames.size())});
    RestBody rest;
    rest.vertices = points(in.values<float>("model_rest_vertices", {-1, 3}));
    rest.joints =
        exactPoints(in.values<float>("model_rest_joints", {static_cast<std::int64_t>(parents.size()), 3}));
    rest.heightMetres = in.values<double>("model_height", {1}).front();
    std::vector<std::array<std::uint32_t, 3>> triangles(indices.size() / 3);
    bool sound = true;
    for (std::size_t i = 0; i < indices.size(); ++i) {
        sound = sound && indices[i] < rest.vertices.size();
        triangles[i / 3][i % 3] = indices[i];
    }
    std::vector<BodyJoint> joints(parents.size());
    for (std::size_t j = 0; j < joints.size(); ++j) {
        sound = sound && parents[j] >= -1 && parents[j] < static_cast<std::int32_t>(j);
        joints[j] = {jointNames[j], parents[j]};
    }
    SkinWeights skin;
    if (in.contains("model_skin_joints")) {
        const auto count = static_cast<std::int64_t>(rest.vertices.size());
        const auto jointIndices = in.values<std::uint32_t>("model_skin_joints", {count, -1});
        skin.weight = in.values<float>("model_skin_weights", in.at("model_skin_joints").shape);
        skin.perVertex = static_cast<int>(in.at("model_skin_joints").shape[1]);
        for (const auto joint : jointIndices) {
            sound = sound && joint < joints.size();
            skin.joint.push_back(static_cast<std::uint16_t>(joint));
        }
    }
    if (!sound) {
        damaged(file);
    }
    return makeMeasuredBody(name, std::move(joints), std::move(triangles), std::move(rest), std::move(skin));
}

/// Joints of the poses in a body's file; 0: nobody is posed in it.
std::size_t storedJoints(const SafetensorsFile& in) { return static_cast<std::size_t>(in.at("rotation").shape.at(1)); }

/// Tracks that bring no model of their own are posed with a skeleton of this program's.
bool ofOtherSkeleton(const SafetensorsFile& in, const nlohmann::json& meta) {
    if (meta.contains("joints") || meta.value("body_model", std::string()) != "anny") {
        return false;
    }
    const auto joints = storedJoints(in);
    return joints != 0 && joints != annyJointCount();
}

} // namespace

BodyWriter::BodyWriter(const fs::path& temporary, const fs::path& file, std::size_t frames, std::size_t joints)
    // A key, a hint and a few names; of shots with a lens of their own there may be many.
    : stream_(temporary, file, tensorsOf(frames, joints), 64 << 10), frames_(static_cast<std::int64_t>(frames)),
      joints_(joints) {}

void BodyWriter::append(std::span<const BodyFrame> frames) {
    while (!frames.empty()) {
        const auto now = frames.first(std::min(frames.size(), kRowsHeld));
        forEachRows(rowsOf(now, joints_), joints_,
                    [&](const char* name, const auto& rows, const auto&) { stream_.put(name, next_, rows); });
        next_ += static_cast<std::int64_t>(now.size());
        frames = frames.subspan(now.size());
    }
}

void BodyWriter::finish(const StoredBody& body) {
    BODY4D_EXPECT(next_ == frames_ && !body.track.ownModel);
    const auto numbers = numbersOf(body.track);
    stream_.put("shape", 0, numbers.shape);
    stream_.put("camera", 0, numbers.camera);
    stream_.put("fps_acceleration", 0, numbers.scalars);
    stream_.finish(metadataOf(body));
}

void writeBody(const fs::path& file, const StoredBody& body) {
    const auto& t = body.track;
    const auto joints = jointCount(t);
    const bool surfaces = t.ownModel || std::any_of(t.frames.begin(), t.frames.end(),
                                                    [](const BodyFrame& f) { return f.pose.surface != nullptr; });
    if (!surfaces) {
        writeFileAtomically(file, [&](const fs::path& temporary) {
            BodyWriter out(temporary, file, t.frames.size(), joints);
            out.append(t.frames);
            out.finish(body);
        });
        return;
    }
    SafetensorsWriter out;
    for (const auto& [key, text] : metadataOf(body)) {
        out.setMetadata(key, text);
    }
    forEachRows(rowsOf(t.frames, joints), joints, [&](const char* name, const auto& rows, std::vector<std::int64_t> shape) {
        shape.insert(shape.begin(), static_cast<std::int64_t>(t.frames.size()));
        out.add(name, rows, std::move(shape));
    });
    const auto numbers = numbersOf(t);
    out.add("shape", numbers.shape, {7});
    out.add("camera", numbers.camera, {5});
    out.add("fps_acceleration", numbers.scalars, {3});
    addSurfaces(out, t);
    out.write(file);
}

BodyReader::BodyReader(fs::path file) : path_(std::move(file)), file_(std::make_shared<const SafetensorsFile>(path_)) {
    const SafetensorsFile& in = *file_;
    const auto meta = metaOf(in, path_);
    if (ofOtherSkeleton(in, meta)) {
        throw Error(ErrorCode::Input,
                    "The body in " + path_.filename().string() + " was made by another version of this program: its skeleton has " +
                        std::to_string(storedJoints(in)) + " joints, not " + std::to_string(annyJointCount()) + ".",
                    "Run the project again: just the bodies are made anew.", path_.string());
    }
    head_.key = meta.at("key").get<std::string>();
    head_.hint = meta.at("hint").get<std::string>();
    auto& t = head_.track;
    t.id = meta.at("target").get<int>();
    t.engine = meta.at("engine").get<std::string>();
    t.bodyModel = meta.at("body_model").get<std::string>();
    t.firstFrame = meta.at("first_frame").get<std::int64_t>();
    frames_ = in.at("state").count();
    joints_ = storedJoints(in);
    for (const auto& [name, tensor] : tensorsOf(frameCount(), joints_)) { // so that frames() finds what it needs
        if (in.at(name).dtype != tensor.dtype || in.at(name).shape != tensor.shape) {
            throw Error(ErrorCode::Input, "Tensor " + name + " of " + path_.filename().string() + " has a wrong shape.",
                        "Delete it and run again.", path_.string());
        }
    }
    const auto s = in.values<double>("shape", {7});
    const auto c = in.values<double>("camera", {5});
    const auto scalars = in.values<double>("fps_acceleration", {3});
    t.shape = {s[0], s[1], s[2], s[3], s[4], s[5], s[6]};
    t.camera = {c[0], c[1], c[2], static_cast<int>(c[3]), static_cast<int>(c[4])};
    if (const auto shots = meta.find("shots"); shots != meta.end()) {
        for (const auto& shot : *shots) {
            t.shots.push_back({shot.at("first_frame").get<std::int64_t>(), shot.at("focal_px").get<double>()});
        }
    }
    t.fps = scalars[0];
    t.accelerationRaw = scalars[1];
    t.acceleration = scalars[2];
    if (in.contains("surface_frames")) {
        surfaceFrames_ = in.values<std::int64_t>("surface_frames");
        const bool rising = std::adjacent_find(surfaceFrames_.begin(), surfaceFrames_.end(), std::greater_equal<>()) ==
                            surfaceFrames_.end();
        if (surfaceFrames_.empty() || !rising || surfaceFrames_.front() < 0 || surfaceFrames_.back() >= frames_) {
            damaged(path_);
        }
    }
    if (meta.contains("joints")) {
        t.ownModel = readModel(in, t.bodyModel, meta.at("joints").get<std::vector<std::string>>(), path_);
        modelVertices_ = t.ownModel->shaped({}).vertices.size();
    }
    forgetPages(in);
}

std::vector<FrameState> BodyReader::states() const {
    std::vector<FrameState> out;
    for (const auto state : file_->values<std::uint8_t>("state")) {
        out.push_back(stateOf(state));
    }
    return out;
}

std::vector<BodyFrame> BodyReader::frames(std::size_t begin, std::size_t end, Parts parts) const {
    std::vector<BodyFrame> out;
    out.reserve(end - begin);
    const bool withJoints = parts == Parts::All;
    while (begin < end) {
        const std::size_t now = std::min(end, begin + kRowsHeld);
        const auto rows = [&]<typename T>(T, const char* name) {
            return rowValues<T>(*file_, name, static_cast<std::int64_t>(begin), static_cast<std::int64_t>(now),
                                file_->at(name).shape);
        };
        const auto state = rows(std::uint8_t{}, "state"), posed = rows(std::uint8_t{}, "posed"),
                   contact = rows(std::uint8_t{}, "foot_contact");
        const auto translation = rows(0.0, "translation"), rawTranslation = rows(0.0, "raw_translation"),
                   keypoints = rows(0.0, "keypoints");
        const auto rotation = withJoints ? rows(0.0, "rotation") : std::vector<double>(),
                   rawRotation = withJoints ? rows(0.0, "raw_rotation") : std::vector<double>();
        const auto confidence = rows(0.0F, "confidence"), quality = rows(0.0F, "reprojection_iou_box");
        for (std::size_t i = 0; i < now - begin; ++i) {
            BodyFrame f;
            f.frame = head_.track.firstFrame + static_cast<std::int64_t>(begin + i);
            f.state = stateOf(state[i]);
            if (posed[i] != 0) {
                f.pose = poseAt(translation, rotation, i, joints_, withJoints);
                f.rawPose = poseAt(rawTranslation, rawRotation, i, joints_, withJoints);
            }
            for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
                const auto at = i * kBodyKeypointCount + k;
                f.keypoints[k] = {keypoints[3 * at], keypoints[3 * at + 1], keypoints[3 * at + 2]};
                f.confidence[k] = confidence[at];
            }
            f.footContact = {contact[2 * i] != 0, contact[2 * i + 1] != 0};
            f.reprojectionPercent = quality[3 * i];
            f.silhouetteIou = quality[3 * i + 1];
            f.boxSidePx = quality[3 * i + 2];
            out.push_back(std::move(f));
        }
        if (withJoints) {
            readSurfaces(begin, std::span(out).last(now - begin));
        }
        forgetPages(*file_);
        begin = now;
    }
    return out;
}

/// @param begin of `frames`, counted from the track's first
void BodyReader::readSurfaces(std::size_t begin, std::span<BodyFrame> frames) const {
    const SafetensorsFile& in = *file_;
    const auto m = static_cast<std::int64_t>(surfaceFrames_.size());
    const auto first = std::lower_bound(surfaceFrames_.begin(), surfaceFrames_.end(), static_cast<std::int64_t>(begin)) -
                       surfaceFrames_.begin(),
               last = std::lower_bound(surfaceFrames_.begin(), surfaceFrames_.end(),
                                       static_cast<std::int64_t>(begin + frames.size())) -
                      surfaceFrames_.begin();
    for (auto row = first; row < last; ++row) { // one at a time: a mesh is large
        const auto values = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
            return rowValues<float>(in, name, row, row + 1, shape);
        };
        auto surface = std::make_shared<MeasuredSurface>();
        surface->vertices = points(values("surface_vertices", {m, -1, 3}));
        surface->joints = exactPoints(values("surface_joints", {m, -1, 3}));
        const auto matrices =
            values("surface_rotations", {m, static_cast<std::int64_t>(surface->joints.size()), 3, 3});
        surface->rotations.resize(surface->joints.size());
        for (std::size_t i = 0; i < matrices.size(); ++i) {
            surface->rotations[i / 9].m[i % 9] = matrices[i];
        }
        for (const auto& [name, tensor] : in.tensors()) {
            if (name.starts_with("field_") && tensor.shape.size() == 2 && tensor.shape[0] == m) {
                surface->fields[name.substr(6)] = values(name, tensor.shape);
            }
        }
        const bool raw = !in.contains("surface_raw") ||
                         rowValues<std::uint8_t>(in, "surface_raw", row, row + 1, {m}).front() != 0;
        auto& frame = frames[static_cast<std::size_t>(surfaceFrames_[static_cast<std::size_t>(row)]) - begin];
        frame.pose.surface = surface;
        frame.rawPose.surface = raw ? surface : nullptr;
    }
    if (!head_.track.ownModel) {
        return;
    }
    const auto joints = head_.track.ownModel->joints().size(); // it poses every frame
    for (const auto& frame : frames) {
        const auto& surface = frame.pose.surface;
        const bool sound = surface ? surface->joints.size() == joints && surface->rotations.size() == joints &&
                                         surface->vertices.size() == modelVertices_
                                   : frame.pose.rotations.empty() || frame.pose.rotations.size() == joints;
        if (!sound) {
            damaged(path_);
        }
    }
}

StoredBody readBody(const fs::path& file) {
    const BodyReader reader(file);
    StoredBody body = reader.head();
    body.track.frames = reader.frames(0, reader.frameCount());
    return body;
}

std::string storedKey(const fs::path& file) {
    std::error_code ec;
    if (!fs::exists(file, ec)) {
        return {};
    }
    try {
        const SafetensorsFile in(file);
        const auto meta = metaOf(in, file);
        return in.contains("rotation") && ofOtherSkeleton(in, meta) ? kOtherSkeleton : meta.at("key").get<std::string>();
    } catch (const std::exception&) {
        return {}; // damaged: as good as absent, the next run writes it anew
    }
}

} // namespace body4d::detail
