#pragma once

#include "device/telemetry.h"
#include "models/blazepose/pose_nets.h"
#include "models/scene_bench.h"
#include "models/scene_estimator.h"
#include "models/body_network.h"
#include "models/fov_network.h"
#include "models/model_folder.h"
#include "models/segmenter.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "nn/torch_plugin.h"

namespace body4d {

/// Where a person wants networks on LibTorch to run, and with which numbers.
struct TorchPlace {
    std::string device = "auto"; ///< "auto": the first CUDA device, else the CPU; "cpu"; "cuda:0", ...
    bool fullPrecision = false;  ///< float32 also where half precision is as good and faster
    auto operator<=>(const TorchPlace&) const = default;
};

/// What an engine on LibTorch is made with.
struct TorchEngineOptions {
    ModelFolder modelsDir;
    int device = -1;            ///< index of a CUDA device; -1: the CPU
    int threads = 0;            ///< on the CPU, for one caller; 0: all usable cores
    bool fullPrecision = false; ///< see TorchPlace
    int batch = 16;             ///< crops or frames a call at most
    double budgetGib = 0;       ///< of main memory; 0: what is free less a margin
    Segmenter::Options segment; ///< for segmenters
};

/// The engines in the plug-in, see TorchPlugin::engines(). Thread-safe. Errors arrive as Error, out of memory
/// as OutOfMemoryError. What it returns must not outlive the process's plug-in, which is never unloaded.
class TorchEngines {
public:
    virtual ~TorchEngines();
    /// The embedded pose networks. @throws Error{MissingModel}
    [[nodiscard]] virtual std::shared_ptr<blazepose::PoseNetworks>
    poseNetworks(const TorchEngineOptions& options) = 0;
    /// A segmenter that lives wholly in the plug-in, by its engine name.
    /// @throws Error{MissingModel} when there is none of that name or its weights are not here
    [[nodiscard]] virtual std::unique_ptr<Segmenter> segmenter(const std::string& engine,
                                                               const TorchEngineOptions& options) = 0;
    /// A scene network, by its engine name. @param weights an existing file
    /// @throws Error{MissingModel} when there is none of that name, Error{Input} when the file is not its
    [[nodiscard]] virtual std::unique_ptr<SceneEstimator> sceneEstimator(const std::string& engine,
                                                                         const std::filesystem::path& weights,
                                                                         const TorchEngineOptions& options) = 0;
    /// A network that sees bodies ("sam3d_body").
    /// @throws Error{MissingModel} when there is none of that name or its weights are not here
    [[nodiscard]] virtual std::unique_ptr<BodyNetwork> bodyNetwork(const std::string& engine,
                                                                   const TorchEngineOptions& options) = 0;
    /// A network that tells how wide the camera sees ("moge2"). @param tokens pieces of a picture, about
    /// @throws Error{MissingModel} when there is none of that name or its weights are not here
    [[nodiscard]] virtual std::unique_ptr<FovNetwork> fovNetwork(const std::string& engine,
                                                                 const TorchEngineOptions& options, int tokens) = 0;
    /// How a device cuts people out of pictures for "sam3d_body", in words. @param device index, -1: the CPU
    [[nodiscard]] virtual std::string cropMethod(int device) = 0;
    /// A scene network to be measured, see makeSceneBench().
    [[nodiscard]] virtual std::unique_ptr<SceneBench> sceneBench(const SceneBenchOptions& options) = 0;
};

/// The engine `blazepose_torch`: the tracker of the embedded default with its networks on LibTorch, where
/// `place` says.
/// @param budgetGib of main memory; 0: what is free less a margin
/// @throws Error{MissingModel} with the set-up command where LibTorch or the networks are not here
[[nodiscard]] std::unique_ptr<Segmenter> makeBlazePoseTorchSegmenter(const std::filesystem::path& modelsDir,
                                                                     const Segmenter::Options& options,
                                                                     double budgetGib = 0, const TorchPlace& place = {});

/// A tracker of masks from the plug-in ("sam3", "edgetam"), where `place` says, with the
/// landmarks of the embedded default on its masks.
/// @param cacheDir of the landmark networks, see makeBlazePoseSegmenter
/// @throws Error{MissingModel} saying what to get and where to put it; Error{Usage} for a device that is not there
[[nodiscard]] std::unique_ptr<Segmenter> makeTorchSegmenter(const std::string& engine,
                                                            const ModelFolder& modelsDir,
                                                            const std::filesystem::path& cacheDir,
                                                            const Segmenter::Options& options, double budgetGib = 0,
                                                            const TorchPlace& place = {});

/// A network that sees bodies ("sam3d_body"), where `place` says.
/// @throws Error{MissingModel} saying what to get and where to put it; Error{Usage} for a device that is not there
[[nodiscard]] std::unique_ptr<BodyNetwork> makeTorchBodyNetwork(const std::string& engine,
                                                                const ModelFolder& modelsDir,
                                                                const TorchPlace& place = {});

/// A network that tells how wide the camera sees ("moge2"), where `place` says.
/// @param tokens pieces that a picture is cut into, about
/// @throws Error{MissingModel} saying what to get and where to put it; Error{Usage} for a device that is not there
[[nodiscard]] std::unique_ptr<FovNetwork> makeTorchFovNetwork(const std::string& engine,
                                                              const ModelFolder& modelsDir, int tokens,
                                                              const TorchPlace& place = {});

/// The plug-in's engines. @throws Error{MissingModel} where there is no plug-in, with its reason and remedy
[[nodiscard]] TorchEngines& requireTorchEngines();
/// Whether the plug-in and LibTorch are installed. Loads nothing.
[[nodiscard]] bool torchEnginesInstalled();
/// Index of the device that engines use: the first CUDA device, else -1. Loads LibTorch.
[[nodiscard]] int preferredTorchDevice();
/// Index of a device by the name that TorchPlace gives it; -1: the CPU.
/// @throws Error{Usage} where there is no such device, naming those that there are
[[nodiscard]] int torchDeviceOf(const std::string& name);
/// What LibTorch's allocator on that device holds, for Telemetry::setAllocatorProbe; an empty function where
/// LibTorch is not loaded or has no device. Loads nothing.
[[nodiscard]] std::function<AllocatorUse()> torchAllocatorProbe();

} // namespace body4d
