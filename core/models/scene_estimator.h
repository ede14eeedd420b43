#pragma once

#include "base/scene_view.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// What a scene model can do.
struct SceneModelTraits {
    std::string engine;   ///< "da3", "vggt"
    std::string variant;  ///< "da3-small", "vggt-1b"
    bool cameras = true;  ///< without, only depths come out
    bool together = true; ///< frames are seen together; without, they can be cut into any chunks
    bool metres = false;  ///< depths and cameras are in metres
    double parametersMillions = 0;
    int device = -1; ///< index of the CUDA device that it runs on; -1: the CPU
    bool pointMaps = false; ///< can give every pixel's place beside its depth
    int featureBlocks = 0, featureChannels = 0; ///< blocks whose features it gives, and their width; 0: none
};

/// What estimate() takes at most: fixedBytes + bytesPerFrame * frames.
struct SceneMemory {
    std::int64_t fixedBytes = 0;    ///< weights and full-resolution work on a few frames
    std::int64_t bytesPerFrame = 0; ///< of one pass
    std::int64_t residentBytes = 0; ///< of fixedBytes, what is held already: the weights
};

struct SceneRequest {
    std::vector<ImagePtr> pictures; ///< of one size, sides multiples of 14, see models/scene_input.h
    /// Known cameras for all pictures or none, in pixels of these pictures; the network is told, and its own
    /// are replaced by them.
    struct KnownCamera {
        RigidTransform cameraFromWorld;
        PinholeCamera camera;
    };
    std::vector<KnownCamera> cameras;
    std::string referenceView = "saddle_balanced";
    bool rayPose = false; ///< cameras are fitted to the network's rays instead of read from its camera tokens; only da3
    bool pointMaps = false; ///< views come with SceneView::points; where SceneModelTraits::pointMaps allows
    int framesChunk = 8;  ///< frames at once where that changes only time and memory
    std::vector<int> featureBlocks; ///< whose features come with the views; below SceneModelTraits::featureBlocks
};

/// A network that turns pictures of a place into depths and cameras of one common world. One thread at a
/// time.
class SceneEstimator {
public:
    virtual ~SceneEstimator();
    [[nodiscard]] virtual const SceneModelTraits& traits() const = 0;
    /// Loads what requests with known cameras, with cameras from rays or with point maps take beside the rest, so that
    /// memory() knows of it. Such requests do the same where this was not called. @throws OutOfMemoryError
    virtual void prepare(bool knownCameras, bool rayPose, bool pointMaps);
    /// @param width, height of a picture
    [[nodiscard]] virtual SceneMemory memory(int width, int height, int framesChunk) const = 0;
    /// @returns one view a picture, in their order  @throws OutOfMemoryError, Cancelled, Error
    [[nodiscard]] virtual std::vector<SceneView> estimate(const SceneRequest& request,
                                                          const std::stop_token& stop,
                                                          const std::function<void(double)>& progress) = 0;
};

/// The file that an engine's weights are in. @param weights, modelsDir as below  @throws Error{MissingModel}
[[nodiscard]] std::filesystem::path findSceneWeights(const std::string& engine,
                                                     const std::filesystem::path& modelsDir,
                                                     const std::filesystem::path& weights);
/// Those of an engine that the models folder has, the largest model first; may be empty.
[[nodiscard]] std::vector<std::filesystem::path> sceneWeightsIn(const std::string& engine,
                                                                const std::filesystem::path& modelsDir);
/// What the weights take in float32 in main memory, of a .safetensors file without the parts that no run reads.
/// @throws Error{Input}
[[nodiscard]] std::int64_t sceneWeightBytes(const std::string& engine, const std::filesystem::path& file);

/// The scene engine of that name in the plug-in.
/// @param weights a file, or a folder with model.safetensors or model.pt; empty: where the models folder has
/// it
/// @param device index of a CUDA device, -1: the CPU, -2: the first CUDA device where there is one
/// @throws Error{MissingModel} saying what to get and where to put it
[[nodiscard]] std::unique_ptr<SceneEstimator> makeSceneEstimator(const std::string& engine,
                                                                 const std::filesystem::path& modelsDir,
                                                                 const std::filesystem::path& weights,
                                                                 int device = -2, int threads = 0);

} // namespace body4d
