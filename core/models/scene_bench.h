#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// How a scene network keeps what its heads read.
enum class SceneVariant {
    EverythingKept, ///< as the official programs do: VGGT keeps the tokens behind all 24 pairs of blocks,
                    ///< Depth Anything 3 four of them twice; all frames pass a layer at once, heads take
                    ///< eight
    KeptOutputs,    ///< as this program does: only what the heads read, narrowed as soon as it exists, a few
                    ///< frames at a time
};

struct SceneBenchOptions {
    /// "tiny" (the founding note's network: VGGT 128 wide, with one convolution instead of the transformer
    /// that reads patches), "vggt-1b", "da3-small", "da3-base", "da3-large", "da3-giant"
    std::string model = "tiny";
    std::filesystem::path weights; ///< of vggt-1b and da3-*; empty: random ones, equal in every run
    int device = -1, threads = 0;
    std::string dtype =
        "auto"; ///< of the transformer's matrices: "float32", "bfloat16"; auto: what the engines take
    std::int64_t limitBytes = 0; ///< on the CPU: memory runs out there; 0: where the machine's does
};

/// What a measurement was made on and with.
struct SceneBenchConditions {
    std::string libtorch, cuda, cudnn; ///< empty without CUDA
    std::string dtype,
        attention;      ///< kernel of attention over all frames: "flash", "efficient", "cudnn", "math"
    std::string memory; ///< whose books the bytes come from
    bool randomWeights = true;
};

/// Sizes of the network; parameters as far as they are loaded.
struct SceneBenchSizes {
    std::int64_t width = 0, depth = 0, heads = 0, patch = 14;
    std::int64_t parameters = 0, weightBytes = 0;
};

struct SceneBenchRequest {
    SceneVariant variant = SceneVariant::KeptOutputs;
    int scenes = 1, frames = 1;    ///< frames of a scene are seen together
    int width = 518, height = 518; ///< multiples of 14
    bool heads = true;             ///< false: ends when everything that the heads read is there
    bool depths = false;           ///< the result carries them, and the pictures
};

struct SceneBenchPass {
    double milliseconds = 0;    ///< until the device was done
    std::int64_t keptBytes = 0; ///< of what the heads read
    std::shared_ptr<void> kept; ///< holds that in memory
    std::vector<float> depths;  ///< [scenes * frames, height, width], where asked for
    std::vector<std::uint8_t> pictures; ///< [scenes * frames, height, width, 3], where depths are asked for
};

/// A scene network to be measured, on drawn pictures. One thread at a time.
class SceneBench {
public:
    virtual ~SceneBench();
    [[nodiscard]] virtual const SceneBenchSizes& sizes() const = 0;
    /// @param frames, width, height decide which kernel attention takes
    [[nodiscard]] virtual SceneBenchConditions conditions(int frames, int width, int height) = 0;
    /// @throws OutOfMemoryError, Cancelled, Error
    virtual SceneBenchPass run(const SceneBenchRequest& request, const std::stop_token& stop) = 0;
    /// Begins a new peak at what is held. What the allocator keeps for later stays: fetching it anew would
    /// cost time.
    virtual void resetPeak() = 0;
    /// Highest sum of what was held since resetPeak(), weights included.
    [[nodiscard]] virtual std::int64_t peakBytes() = 0;
};

/// The names that SceneBenchOptions::model takes.
[[nodiscard]] const std::vector<std::string>& sceneBenchModels();

/// @throws Error{Usage, MissingModel, Input, OutOfMemory}
[[nodiscard]] std::unique_ptr<SceneBench> makeSceneBench(const SceneBenchOptions& options);

} // namespace body4d
