#include "models/blazepose_torch/torch_nets.h"

#include "base/error.h"
#include "base/log.h"
#include "device/memory_budget.h"
#include "models/blazepose_torch/tflite_net.h"

#include <ATen/ATen.h>
#include <ATen/DeviceAccelerator.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "nn/graph_cache.h"
#include "nn/runtime.h"

namespace body4d::blazepose {
namespace {

/// Of one crop in a batch at the widest place of each network, with its input and outputs; measured.
constexpr std::int64_t kDetectorBytes = 12LL << 20, kLandmarkBytes = 24LL << 20, kHandBytes = 24LL << 20;

std::filesystem::path modelFile(const std::filesystem::path& folder, const char* name) {
    const auto path = folder / name;
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code)) {
        throw Error(ErrorCode::MissingModel, "The pose network " + std::string(name) + " is not installed.",
                    "Run packaging/setup.sh once; it puts the networks in place.", path.string());
    }
    return path;
}

nn::Placement placementFor(const TorchEngineOptions& options) {
    auto placement = nn::Placement::choose(options.device);
    placement.tf32 = false; // ten bits of mantissa move landmarks by pixels
    placement.threads = options.threads;
    return placement;
}

/// Batch sizes of a network that are recorded at a time.
constexpr std::size_t kMostGraphs = 4;

/// An output by its size and, where another one has the same size, by its name.
struct Wanted {
    std::int64_t size = 0;
    std::string name = {};
};

/// One of the networks with what belongs to feeding it.
struct Network {
    Network(const std::filesystem::path& file, const nn::Placement& placement, int cropSide, float crop0,
            float crop1, std::int64_t bytes, const std::vector<Wanted>& wanted)
        : net(TfliteGraph::read(file), placement), side(cropSide), scale((crop1 - crop0) / 255),
          offset(crop0), bytesPerCrop(bytes), graphs(nn::workRecorder(placement.device), kMostGraphs) {
        // A run on an empty picture maps outputs by their size, since their order in the file is not ours to
        // rely on, and pays for what LibTorch sets up once.
        const nn::EngineScope scope(placement);
        const auto outputs = net(at::zeros({1, side, side, 3}, placement.options()));
        const auto& names = net.outputNames();
        for (const auto& [size, name] : wanted) {
            std::size_t found = 0;
            while (found < outputs.size() &&
                   (outputs[found].numel() != size || (!name.empty() && names[found] != name))) {
                ++found;
            }
            if (found == outputs.size()) {
                throw Error(ErrorCode::MissingModel, "A pose network has other outputs than expected.",
                            "Run packaging/setup.sh again; it replaces the files by the right version.",
                            file.string());
            }
            order.push_back(found);
        }
    }
    TfliteNet net;
    int side;
    float scale, offset; ///< 8-bit colours to the network's range
    std::int64_t bytesPerCrop;
    std::vector<std::size_t> order;
    nn::GraphCache graphs;
    std::atomic<int> fits{1 << 20}; ///< largest batch that is not known to be too large
};

class TorchNetworks final : public PoseNetworks {
public:
    explicit TorchNetworks(const TorchEngineOptions& options)
        : placement_(placementFor(options)), batch_(std::max(1, options.batch)), budget_(options.budgetGib),
          detector_(modelFile(options.modelsDir, "pose_detection.tflite"), placement_, kDetectorSide, -1, 1,
                    kDetectorBytes, {{kAnchorCount * 12}, {kAnchorCount}}),
          landmarker_(modelFile(options.modelsDir, "pose_landmark_full.tflite"), placement_, kLandmarkSide, 0,
                      1, kLandmarkBytes,
                      {{kNetPoints * 5},
                       {1},
                       {kLandmarkSide * kLandmarkSide},
                       {kHeatMapSide * kHeatMapSide * kNetPoints},
                       {kNetPoints * 3}}),
          modelsDir_(options.modelsDir) {}

    void detect(std::size_t count, const Produce& produce, const UseDetections& use,
                const std::stop_token& stop) override {
        run(detector_, count, produce, stop,
            [&](std::size_t i, const std::vector<at::Tensor>& outputs, std::int64_t row) {
                use(i, {part(outputs[0], row), part(outputs[1], row)});
            });
    }

    void landmarks(std::size_t count, const Produce& produce, const UseLandmarks& use,
                   const std::stop_token& stop) override {
        run(landmarker_, count, produce, stop,
            [&](std::size_t i, const std::vector<at::Tensor>& outputs, std::int64_t row) {
                use(i, {part(outputs[0], row), part(outputs[1], row), part(outputs[2], row),
                        part(outputs[3], row), part(outputs[4], row)});
            });
    }

    void hands(std::size_t count, const Produce& produce, const UseHands& use,
               const std::stop_token& stop) override {
        if (count == 0) {
            return;
        }
        std::call_once(handLoaded_, [this] {
            nn::guarded([this] {
                hand_.emplace(modelFile(modelsDir_, "hand_landmark_full.tflite"), placement_, kHandSide, 0.F,
                              1.F, kHandBytes,
                              std::vector<Wanted>{{kHandLandmarkCount * 3, "Identity"},
                                                  {1, "Identity_1"},
                                                  {1, "Identity_2"},
                                                  {kHandLandmarkCount * 3, "Identity_3"}});
            });
        });
        run(*hand_, count, produce, stop,
            [&](std::size_t i, const std::vector<at::Tensor>& outputs, std::int64_t row) {
                use(i, {part(outputs[0], row), part(outputs[1], row), part(outputs[2], row),
                        part(outputs[3], row)});
            });
    }

private:
    static std::span<const float> part(const at::Tensor& batch, std::int64_t row) {
        const auto size = batch.numel() / batch.size(0);
        return {batch.const_data_ptr<float>() + row * size, static_cast<std::size_t>(size)};
    }

    /// As many crops a batch as the person allows, as are known to fit and as the device has room for.
    [[nodiscard]] int batchFor(const Network& network) const {
        std::int64_t size = std::min(batch_, network.fits.load());
        if (placement_.onGpu()) {
            const auto [freeBytes, totalBytes] = at::accelerator::getMemoryInfo(placement_.device.index());
            size = std::clamp<std::int64_t>(static_cast<std::int64_t>(freeBytes) / 2 / network.bytesPerCrop,
                                            1, size);
        }
        return static_cast<int>(size);
    }

    template <typename Use>
    void run(Network& network, std::size_t count, const Produce& produce, const std::stop_token& stop,
             const Use& use) {
        if (count == 0) {
            return;
        }
        const nn::EngineScope scope(placement_);
        const BatchPlan plan{batchFor(network), placement_.onGpu() ? 0 : network.bytesPerCrop, 0};
        const auto report = runBatched(
            static_cast<std::int64_t>(count), plan, budget_,
            [&](std::int64_t begin, std::int64_t end) {
                const auto outputs = infer(network, begin, end, produce, stop);
                for (auto i = begin; i < end; ++i) {
                    use(static_cast<std::size_t>(i), outputs, i - begin);
                }
            },
            stop);
        if (report.sizesTried.size() >
            1) { // it ran out of memory on the way: later calls start with what fitted
            network.fits = report.finalSize;
            log(LogLevel::Warning, report.advice);
        }
    }

    /// Crops [begin, end) through the network; outputs in main memory, in the order of the network's `order`.
    std::vector<at::Tensor> infer(Network& network, std::int64_t begin, std::int64_t end,
                                  const Produce& produce, const std::stop_token& stop) {
        return nn::guarded([&] {
            const auto n = end - begin;
            // Where launches are recorded, by shape, batches are filled up to few sizes.
            const auto rows = network.graphs.active() ? nn::bucketOf(n) : n;
            auto bytes = at::empty({rows, network.side, network.side, 3},
                                   at::TensorOptions().dtype(at::kByte).pinned_memory(placement_.onGpu()));
            const auto cropBytes = static_cast<std::size_t>(bytes[0].numel());
            bytes.narrow(0, n, rows - n).zero_();
            Crop crop;
            for (std::int64_t i = 0; i < n; ++i) {
                if (stop.stop_requested()) {
                    throw Cancelled();
                }
                crop.side = network.side;
                produce(static_cast<std::size_t>(begin + i), crop);
                BODY4D_EXPECT(crop.rgb.size() == cropBytes);
                std::memcpy(bytes.mutable_data_ptr<std::uint8_t>() + static_cast<std::size_t>(i) * cropBytes,
                            crop.rgb.data(), cropBytes);
            }
            const auto outputs = network.graphs(
                "net", {bytes.to(placement_.device, /*non_blocking=*/true)}, [&network](const auto& in) {
                    return network.net(in[0].to(at::kFloat).mul_(network.scale).add_(network.offset));
                });
            std::vector<at::Tensor> out;
            for (const auto index : network.order) {
                out.push_back(outputs[index].to(at::kCPU));
            }
            return out;
        });
    }

    nn::Placement placement_;
    int batch_;
    MemoryBudget budget_;
    Network detector_, landmarker_;
    std::filesystem::path modelsDir_;
    std::optional<Network> hand_; ///< loaded when first needed
    std::once_flag handLoaded_;
};

} // namespace

std::shared_ptr<PoseNetworks> makeTorchNetworks(const TorchEngineOptions& options) {
    return nn::guarded(
        [&]() -> std::shared_ptr<PoseNetworks> { return std::make_shared<TorchNetworks>(options); });
}

} // namespace body4d::blazepose
