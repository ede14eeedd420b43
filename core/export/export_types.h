#pragma once

#include "base/annotation.h"
#include "base/geometry.h"
#include "base/image.h"
#include "base/path_list.h"
#include "base/pose_track.h"
#include "base/progress.h"
#include "body/body_model.h"
#include "body/body_track.h"
#include "export/body_frames.h"
#include "scene/point_cloud.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace body4d {

/// Facts about the video that go into files. Never the user's full path.
struct ExportSource {
    std::string fileName;      ///< "walk.mp4"
    std::string sha256;        ///< of the file, may be empty
    int width = 0, height = 0; ///< upright frame
    double fps = 0;            ///< average rate
    bool variableFrameRate = false;
    std::vector<double>
        frameTimes;             ///< presentation time of every frame in seconds from 0; empty: index / fps
    std::filesystem::path path; ///< where the overlay reads frames and sound; written into no file
};

/// A person to export.
struct ExportTarget {
    Target target;                          ///< id, name and colour are used
    std::shared_ptr<const BodyTrack> body;  ///< never null; may leave its frames to `paged`
    std::shared_ptr<const BodyFrames> paged; ///< the body's frames where `body` does not have them, else null
    std::shared_ptr<const BodyModel> model; ///< the body that `body` was fitted with, never null
    /// What the segment stage measured in a frame (mask, landmarks); may be empty. Called from one thread at
    /// a time.
    std::function<TargetFrame(std::int64_t frame)> observed;
    /// The body as it would be seen with nothing in front, as a mask; may be empty. Called from one thread at
    /// a time.
    std::function<RleMask(std::int64_t frame)> amodalMask;

    /// The body's frames, wherever they are.
    [[nodiscard]] std::shared_ptr<const BodyFrames> frames() const {
        return paged ? paged : std::make_shared<const BodyFrames>(body);
    }
};

/// Everything that exports may say. Cheap to copy: tracks and models are shared, masks come by call.
struct ExportScene {
    std::string name;           ///< project's name, begins every file name
    std::string programVersion; ///< "0.1.0"
    ExportSource source;
    std::vector<ExportTarget> targets;
    /// Points of the place, in the world of `world`; goes into GLB as it stands. May be null.
    std::shared_ptr<const PointCloud> place;
    WorldFrame world; ///< without entries the camera stands at the origin and looks along -z, y up
    std::vector<std::int64_t>
        cuts; ///< first frames of new shots, rising: nothing is interpolated across them
    std::vector<std::pair<std::string, std::string>> engines;  ///< stage, engine with version
    std::vector<std::pair<std::string, std::string>> settings; ///< what the result depends on
    std::string weightsNote; ///< what pictures of the bodies have to say about them, "random weights"; mostly empty
    std::vector<std::string> licences; ///< of models whose output or mesh is in the files
};

/// Directions of the axes in files that leave the choice. Units are metres but for BVH (centimetres).
enum class ExportAxes {
    Gltf,   ///< y up, z towards the viewer
    OpenCv, ///< x right, y down, z away from the viewer
    ZUp,    ///< x right, y away from the viewer, z up (Blender, robotics)
};
enum class ExportSpace {
    World, ///< gravity-aligned, ground at 0
    Camera ///< origin in the camera of that frame
};

/// How the motion of the mesh is stored in GLB.
enum class GlbMesh {
    Skinned, ///< a skeleton moves one mesh; opens everywhere
    Exact,   ///< the mesh of every frame as it is; large, for short clips
};
/// Which skeleton GLB and BVH carry.
enum class RigPreset {
    Own,    ///< all joints of the body model under its names
    Mixamo, ///< Mixamo's joints and names ("mixamorig:Hips"); the rest is merged into them
};

struct GlbOptions {
    GlbMesh mesh = GlbMesh::Skinned;
    RigPreset rig = RigPreset::Own;
    int influences =
        4; ///< joints a vertex: 4 (read by every viewer) or 8 (two sets; Blender reads both, many viewers only one)
    bool leafBones = false; ///< adds an end joint to every last joint, so that tools draw it at its length
    bool separateFiles = false; ///< one file a target instead of one with everybody
    bool camera = true;
    /// A grid of lines on the ground as wide as the motion: scale and floor for viewers without their own, and the
    /// extent of the scene for those that would otherwise cut off what leaves the bind pose (VTK, F3D).
    bool ground = true;
};

struct MeshFileOptions {
    ExportAxes axes = ExportAxes::Gltf;
    ExportSpace space = ExportSpace::World;
};

/// What is drawn over the video.
struct OverlayStyle {
    bool bodies = true;
    bool masks = false; ///< measured masks at `maskOpacity` with an outline
    bool skeleton = false;
    bool labels = false;      ///< a tag with id and name above each person
    double bodyOpacity = 1.0; ///< of measured frames
    double completedOpacity = 0.6;
    double maskOpacity = 0.45;
    int samples = 2; ///< 1, 2, 3: edge of the sample grid in a pixel
};

struct OverlayOptions {
    OverlayStyle style;
    int quality = 20; ///< CRF of the encoder, lower is better
    bool sound = true;
};

/// One set of options for all formats.
struct ExportOptions {
    std::int64_t beginFrame = 0;   ///< half-open range of frames; clipped to what was processed
    std::int64_t endFrame = -1;    ///< negative: to the end
    std::vector<TargetId> targets; ///< empty: all
    GlbOptions glb;
    MeshFileOptions mesh; ///< PLY, OBJ
    RigPreset bvhRig = RigPreset::Own;
    OverlayOptions overlay;
    unsigned threads = 0; ///< 0: all usable cores
};

/// What an export left behind.
struct ExportResult {
    PathList files;
    std::vector<std::string> notes; ///< for people: skin error, frames left out, ...
    void append(ExportResult other) {
        files.append(other.files);
        notes.insert(notes.end(), std::make_move_iterator(other.notes.begin()),
                     std::make_move_iterator(other.notes.end()));
    }
};

} // namespace body4d
