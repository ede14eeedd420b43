#include "models/vggt/estimator.h"

#include "base/error.h"
#include "models/scene_blocks/views.h"
#include "models/vggt/network.h"

#include <ATen/ATen.h>

#include <optional>

namespace body4d::vggt {
namespace {

class Estimator final : public SceneEstimator {
public:
    Estimator(const std::filesystem::path& file, const nn::Placement& placement)
        : placement_(placement), file_(file) {
        traits_.engine = "vggt";
        traits_.variant = "vggt-1b";
        traits_.device = placement.onGpu() ? placement.device.index() : -1;
        traits_.pointMaps = true;
        const nn::EngineScope scope(placement_);
        load(false);
    }

    void prepare(bool /*knownCameras*/, bool /*rayPose*/, bool pointMaps) override {
        nn::guarded([&] {
            const nn::EngineScope scope(placement_);
            if (pointMaps != network_->point_head.has_value()) {
                load(pointMaps);
            }
        });
    }

    const SceneModelTraits& traits() const override { return traits_; }

    SceneMemory memory(int width, int height, int framesChunk) const override {
        const auto& c = network_->config;
        const std::int64_t patches = static_cast<std::int64_t>(width / 14) * (height / 14);
        const std::int64_t tokens = 1 + c.registers + patches,
                           pixels = static_cast<std::int64_t>(width) * height;
        const auto element = static_cast<std::int64_t>(c10::elementSize(placement_.dtype));
        std::int64_t channels = 0;
        for (const auto n : c.channels) {
            channels += n;
        }
        // What the libraries take beside tensors.
        constexpr std::int64_t kOnGpu = std::int64_t{64} << 20, kOnCpu = std::int64_t{64} << 20;
        SceneMemory memory;
        memory.fixedBytes = weightBytes_ + framesChunk * tokens * (2 * c.hidden * element + 16 * c.width) +
                            4 * pixels * (c.features + 72) + (placement_.onGpu() ? kOnGpu : kOnCpu);
        memory.residentBytes = weightBytes_;
        // Tokens with the frames' half; queries, keys, values, the result and once more in order; projected
        // maps; results.
        memory.bytesPerFrame =
            8 * tokens * c.width + 5 * element * tokens * c.width + 4 * patches * channels + 11 * pixels;
        if (network_->point_head) { // maps of its own; places and their confidence, as tensors and in the views
            constexpr std::int64_t kPoint = 4 * sizeof(float);
            memory.bytesPerFrame += 4 * patches * channels + 2 * kPoint * pixels;
        }
        return memory;
    }

    std::vector<SceneView> estimate(const SceneRequest& request, const std::stop_token& stop,
                                    const std::function<void(double)>& progress) override {
        return nn::guarded([&] {
            if (request.rayPose) {
                throw Error(ErrorCode::Usage, "VGGT predicts no rays.",
                            "Leave --use-ray-pose away, or use --engine da3.");
            }
            BODY4D_EXPECT(request.featureBlocks.empty());
            prepare(false, false, request.pointMaps);
            const nn::EngineScope scope(placement_);
            RunOptions options;
            options.framesAtOnce = request.framesChunk;
            options.stop = stop;
            options.progress = progress;
            const auto output = (*network_)(scene_blocks::picturesOf(request), options);
            auto views = scene_blocks::viewsOf(request, output.depth, output.confidence, output.cameras.extrinsics,
                                               output.cameras.intrinsics);
            for (std::size_t i = 0; request.pointMaps && i < views.size(); ++i) {
                const auto valuesOf = [i](const at::Tensor& maps) {
                    const auto one = maps[static_cast<std::int64_t>(i)].contiguous();
                    const auto* values = one.const_data_ptr<float>();
                    return std::vector<float>(values, values + one.numel());
                };
                views[i].points = valuesOf(output.points);
                views[i].pointsConfidence = valuesOf(output.pointsConfidence);
            }
            return views;
        });
    }

private:
    void load(bool points) {
        network_.reset(); // never both at once
        network_.emplace(loadNetwork(Checkpoint::open(file_), placement_, points));
        traits_.parametersMillions = 0;
        weightBytes_ = 0;
        for (const auto& [key, field] : nn::fieldsOf(*network_)) {
            traits_.parametersMillions += 1e-6 * static_cast<double>(field.tensor->numel());
            weightBytes_ += static_cast<std::int64_t>(field.tensor->nbytes());
        }
        if (!placement_.onGpu()) { // weights are read from the file when they are first used: now, so that budgets see them
            (void)(*network_)(at::zeros({2, 28, 28, 3}, at::kByte), RunOptions());
        }
    }

    nn::Placement placement_;
    std::filesystem::path file_;
    std::optional<Network> network_;
    SceneModelTraits traits_;
    std::int64_t weightBytes_ = 0;
};

} // namespace

std::unique_ptr<SceneEstimator> makeEstimator(const std::filesystem::path& file,
                                              const nn::Placement& placement) {
    return nn::guarded([&] { return std::make_unique<Estimator>(file, placement); });
}

} // namespace body4d::vggt
