#pragma once

#include "base/annotation.h"
#include "base/image.h"
#include "base/progress.h"
#include "models/scene_estimator.h"
#include "scene/loop_closure.h"
#include "scene/point_cloud.h"
#include "scene/sim3.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// Pictures of a place.
struct SceneInput {
    enum class Kind { Auto, Image, Images, Video, Colmap };
    Kind kind = Kind::Auto;
    std::filesystem::path path;
    std::vector<std::filesystem::path> pictures; ///< one by one, in this order, instead of `path`
    double fps = 1;                                               ///< of videos
    std::string sampling = "da3";                                 ///< of videos: "da3", "ffmpeg", "vggt"
    FrameRange range;                                             ///< of videos; empty: all frames
    std::vector<std::string> extensions = {"png", "jpg", "jpeg"}; ///< of folders
    std::string sparseSubdir;                                     ///< of COLMAP: below sparse/
};

/// How a place is seen. Names and defaults are Depth Anything 3's where it has them.
struct SceneSettings {
    std::string engine = "da3";
    std::filesystem::path modelDir; ///< empty: what the models folder has
    int processRes = 0; ///< 0: what the engine's own programs take, 504 of da3 and 518 of vggt
    std::string processResMethod = "upper_bound_resize";
    std::string vggtMode = "crop"; ///< of VGGT: "crop", "pad", "square"
    std::string refViewStrategy = "saddle_balanced";
    bool useRayPose = false; ///< cameras from the network's rays instead of its camera tokens; only da3
    bool usePointHead = false; ///< points from the network's own point maps instead of its depths; only vggt
    /// Blocks of the network whose features are kept with the passes, for feat_vis and feat_npz; only da3.
    std::vector<int> exportFeat;
    /// Of COLMAP folders: depths take the scale of the given cameras. Else the given cameras are brought to the scale,
    /// place and turn of the network's.
    bool alignToInputExtScale = true;
    /// Model chunk: frames at once inside a pass. Saves memory, never changes the result.
    int framesChunk = 8;
    /// View chunk: frames that are seen together in one pass. Changes the result; passes are aligned
    /// afterwards. 0: as many as the budget holds.
    int viewChunk = 0;
    int overlap = -1; ///< frames that neighbouring passes share; negative: a third of a pass
    std::string chunkPolicy = "budget"; ///< "simple": 16, 8, 4 or 2 frames by the size of the memory
    double budgetGib = 0;               ///< 0: what is free less a margin
    int device = -2, threads = 0;
};

/// What becomes of it.
struct SceneExport {
    /// mini_npz, npz, glb, ply, colmap, colmap_text, depth_vis, depth_png, depth_video, feat_vis, feat_npz.
    std::vector<std::string> formats = {"glb"};
    std::size_t numMaxPoints = 1'000'000;
    double confThreshPercentile = 40;
    double voxel = 0; ///< edge of a cell of which one point is kept; 0: all points up to the limit
    bool showCameras = true;
    bool dropSky = true;
    bool align = true;      ///< false: passes are put side by side as they are
    bool closeLoops = true; ///< drift is corrected where views return
    /// People in a frame of the input, in any size; empty where nobody is. May be empty.
    std::function<Mask(std::int64_t frame)> people;
    double featVisFps = 15; ///< of the videos of feat_vis
    int peopleGrowth = 4; ///< pixels by which masks of people grow
    double budgetGib = 0; ///< memory for aligning, merging and writing; 0: what is free less a margin
};

struct SceneEvents {
    ProgressFn progress;
    std::function<void(const std::string&)> notice; ///< sentences for people
};

/// What was done, also written to scene_report.json.
struct SceneReport {
    std::string variant;
    std::string weightsNote; ///< what the weights' file says of itself ("random weights"); mostly empty
    std::int64_t frames = 0;
    int width = 0, height = 0;        ///< of the processed pictures
    std::vector<std::int64_t> passes; ///< frames of each
    std::int64_t resumedPasses = 0;   ///< that were there already
    std::vector<Sim3Fit> alignment;   ///< of each pass to the one before
    std::vector<SceneLoop> loops;     ///< that were closed
    bool metres = false;
    std::size_t points = 0;
    std::vector<std::filesystem::path> files;
    std::vector<std::string> notes;
    struct Stage {
        std::string name;
        double seconds = 0;
        std::int64_t peakBytes = 0; ///< of the process
        std::int64_t devicePeakBytes = 0;
    };
    std::vector<Stage> stages;
};

/// Sees the pictures pass by pass, each kept in `folder`/chunks as soon as it is done, then aligns, merges
/// and exports. Passes that are there from an interrupted run with the same settings are not repeated. When
/// memory runs out a pass is repeated with half the frames, and aligning, merging and writing go on with
/// fewer points; the report's notes say so.
/// @param estimator one that is loaded already; null: the one of the settings
/// @param weights the file that `estimator` was loaded from, if any: another file is another scene
/// @throws Error, Cancelled
SceneReport runScene(const SceneInput& input, const SceneSettings& settings, const SceneExport& wanted,
                     const std::filesystem::path& folder, const std::filesystem::path& modelsDir,
                     const SceneEvents& events, const std::stop_token& stop,
                     SceneEstimator* estimator = nullptr, const std::filesystem::path& weights = {});

/// Aligns, merges and exports again what runScene() left in a folder; needs no network. Memory does not grow
/// with the number of passes; where it runs out, fewer points are made.
SceneReport mergeScene(const std::filesystem::path& folder, const SceneExport& wanted,
                       const SceneEvents& events, const std::stop_token& stop);

/// Removes what an earlier run left in a folder, and nothing else. A folder without a scene is left alone.
void clearScene(const std::filesystem::path& folder);

/// @throws Error{Usage} naming the formats that there are
void requireSceneFormats(const std::vector<std::string>& formats);

} // namespace body4d
