#pragma once

#include "models/blazepose/crop.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>

namespace body4d::blazepose {

inline constexpr int kDetectorSide = 224;
inline constexpr int kAnchorCount = 2254;
inline constexpr int kLandmarkSide = 256;
inline constexpr int kNetPoints = 39; ///< 33 body points, 2 alignment points, 4 unused
inline constexpr int kHeatMapSide = 64;
inline constexpr int kHandSide = 224;

/// Raw outputs of the person detector; valid during the call that hands them over.
struct DetectorTensors {
    std::span<const float> boxes;  ///< [2254, 12] pixels of 224 relative to the anchor
    std::span<const float> scores; ///< [2254] logits
};

/// Raw outputs of the landmark network; valid during the call that hands them over.
struct LandmarkTensors {
    std::span<const float> points;   ///< [39, 5]: x, y, z in pixels of 256, logits of visibility and presence
    std::span<const float> presence; ///< [1] probability
    std::span<const float> mask;     ///< [256, 256] logits
    std::span<const float> heatMaps; ///< [64, 64, 39] logits
    std::span<const float> world;    ///< [39, 3] metres, axes of the crop
};

/// Raw outputs of the hand network; valid during the call that hands them over.
struct HandTensors {
    std::span<const float> points;   ///< [21, 3]: x, y, z in pixels of 224
    std::span<const float> presence; ///< [1] probability of a hand
    std::span<const float> right;    ///< [1] probability of a right hand
    std::span<const float> world;    ///< [21, 3] metres, axes of the crop
};

/// The networks behind an interface, so that tracking is tested without them and runs on several runtimes.
/// Several threads may call at once. How many crops run at a time changes a result by rounding at most.
class PoseNetworks {
public:
    /// Fills the i-th crop; called in the caller's thread, in order, while earlier crops are being computed.
    using Produce = std::function<void(std::size_t i, Crop& crop)>;
    using UseDetections = std::function<void(std::size_t i, const DetectorTensors& tensors)>;
    using UseLandmarks = std::function<void(std::size_t i, const LandmarkTensors& tensors)>;
    using UseHands = std::function<void(std::size_t i, const HandTensors& tensors)>;

    virtual ~PoseNetworks();
    /// Runs `count` crops of 224 x 224; results come in the caller's thread, in order.
    /// @throws Cancelled when `stop` is requested between crops
    virtual void detect(std::size_t count, const Produce& produce, const UseDetections& use,
                        const std::stop_token& stop) = 0;
    /// The same for crops of 256 x 256.
    virtual void landmarks(std::size_t count, const Produce& produce, const UseLandmarks& use,
                           const std::stop_token& stop) = 0;
    /// The same for crops of hands, 224 x 224. Networks without one for hands see none.
    /// @throws Error{MissingModel} on first use, where it is not installed
    virtual void hands(std::size_t count, const Produce& produce, const UseHands& use,
                       const std::stop_token& stop);
};

struct NetworkOptions {
    int threads = 0;   ///< cores to use; 0: all
    int batch = 16;    ///< crops in flight at most for one caller
    bool fused = true; ///< the landmark network's large layers run fused, see WideLayers
};
/// The networks on OpenVINO's CPU plug-in in float32, compiled once and kept in `cacheDir`; the one for hands
/// is loaded when it is first needed.
/// @throws Error{MissingModel}
[[nodiscard]] std::shared_ptr<PoseNetworks> makeOpenVinoNetworks(const std::filesystem::path& modelsDir,
                                                                 const std::filesystem::path& cacheDir,
                                                                 const NetworkOptions& options);

} // namespace body4d::blazepose
