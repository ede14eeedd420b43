#include "models/scene_bench/bench.h"

#include "base/error.h"
#include "models/scene_bench/everything_kept.h"
#include "models/scene_blocks/place_weights.h"

#include <ATen/ATen.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/SDPBackend.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <chrono>
#include <cmath>
#include <optional>
#include <torch/headeronly/version.h>

#include "nn/cpu_books.h"

namespace body4d::scene_bench {
namespace {

constexpr std::int64_t kPatch = 14;

/// Weights that keep activations in range, equal in every run on a device.
class RandomWeights final : public nn::Fields {
public:
    explicit RandomWeights(at::Device device)
        : options_(at::TensorOptions().device(device).dtype(at::kFloat)) {
        at::manual_seed(7);
    }

protected:
    void take(const std::string& key, at::Tensor& slot) override {
        auto x = at::randn(slot.sizes(), options_);
        const auto leaf = key.substr(key.rfind('.') + 1);
        if (leaf == "gamma") {
            x.mul_(0.05).add_(0.3);
        } else if (leaf == "bias") {
            x.mul_(0.02);
        } else if (leaf != "weight") {
            x.mul_(0.5); // tokens and positions
        } else if (x.dim() == 1) {
            x.mul_(0.1).add_(1);
        } else {
            x.div_(std::sqrt(static_cast<double>(x[0].numel())));
        }
        slot = x;
    }

private:
    at::TensorOptions options_;
};

/// Sizes of the released variants that see frames together, and of no other.
std::optional<da3::Config> da3Sizes(const std::string& model) {
    da3::Config c;
    if (model == "da3-small") {
        return c;
    }
    if (model == "da3-base") {
        c.width = 768, c.heads = 12, c.hidden = 3072, c.features = 128;
        c.channels = {96, 192, 384, 768};
        return c;
    }
    c.features = 256;
    c.channels = {256, 512, 1024, 1024};
    if (model == "da3-large") {
        c.width = 1024, c.depth = 24, c.heads = 16, c.hidden = 4096, c.altStart = 8;
        c.outLayers = {11, 15, 19, 23};
        return c;
    }
    if (model == "da3-giant") {
        c.width = 1536, c.depth = 40, c.heads = 24, c.hidden = 4096, c.altStart = 13;
        c.gated = true;
        c.outLayers = {19, 27, 33, 39};
        return c;
    }
    return std::nullopt;
}

/// The founding note's network.
vggt::Config noteSizes() {
    vggt::Config c;
    c.width = 128;
    c.hidden = 512;
    c.patchDepth = 0;
    c.features = 128;
    return c;
}

template <typename Network>
Network randomly(Network network, const nn::Placement& placement) {
    RandomWeights weights(placement.device);
    network.fields(weights);
    scene_blocks::PlaceWeights place(placement,
                                     std::is_same_v<Network, vggt::Network> ? "aggregator." : "backbone.");
    network.fields(place);
    network.device = placement.device;
    return network;
}

nn::Placement placementOf(const SceneBenchOptions& options) {
    // The founding note ran its network in float32.
    auto placement =
        nn::Placement::choose(options.device, options.model == "tiny" ? at::kFloat : at::kBFloat16);
    if (options.dtype != "auto") {
        placement.dtype = options.dtype == "bfloat16" ? at::kBFloat16 : at::kFloat;
    }
    placement.threads = options.threads;
    return placement;
}

std::string cudaVersion() {
    const long v = at::hasCUDA() ? at::detail::getCUDAHooks().versionCUDART() : 0;
    return v > 0 ? std::to_string(v / 1000) + "." + std::to_string(v % 1000 / 10) : "";
}

std::string cudnnVersion() {
    if (!at::hasCUDA() || !at::detail::getCUDAHooks().compiledWithCuDNN()) {
        return {};
    }
    const long v = at::detail::getCUDAHooks().versionRuntimeCuDNN();
    return std::to_string(v / 10000) + "." + std::to_string(v / 100 % 100) + "." + std::to_string(v % 100);
}

struct OurLevels {
    std::vector<at::Tensor> levels;
};

class Bench final : public SceneBench {
public:
    explicit Bench(const SceneBenchOptions& options)
        : placement_(placementOf(options)), random_(options.weights.empty()) {
        if (!placement_.onGpu()) {
            nn::countCpuMemory();
            nn::limitCpuMemory(0);
        }
        const nn::EngineScope scope(placement_);
        const auto small = da3Sizes(options.model);
        if (!random_ && options.model == "tiny") {
            throw Error(ErrorCode::Usage, "The network 'tiny' has random weights only.",
                        "Leave --weights away.");
        }
        if (small) {
            da3_.emplace(random_
                             ? randomly(da3::Network(*small), placement_)
                             : da3::loadNetwork(Checkpoint::open(options.weights), "model.", placement_, {}));
            if (!da3_->config.anyView()) {
                throw Error(ErrorCode::Input,
                            "These weights see frames one by one: there is nothing to keep.",
                            "Use those of SMALL, BASE, LARGE or GIANT.", options.weights.string());
            }
            count(*da3_, da3_->config.width, da3_->config.depth, da3_->config.heads);
        } else {
            const auto sizes = options.model == "tiny" ? noteSizes() : vggt::Config();
            vggt_.emplace(random_ ? randomly(vggt::Network(sizes), placement_)
                                  : vggt::loadNetwork(Checkpoint::open(options.weights), placement_, false));
            count(*vggt_, sizes.width, sizes.depth, sizes.heads);
        }
        if (!placement_.onGpu() && options.limitBytes > 0) {
            nn::limitCpuMemory(options.limitBytes);
        }
    }
    ~Bench() override {
        if (!placement_.onGpu()) {
            nn::limitCpuMemory(0);
        }
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    const SceneBenchSizes& sizes() const override { return sizes_; }

    SceneBenchConditions conditions(int frames, int width, int height) override {
        return nn::guarded([&] {
            const nn::EngineScope scope(placement_);
            SceneBenchConditions c;
            c.libtorch = TORCH_VERSION;
            c.randomWeights = random_;
            c.dtype = placement_.dtype == at::kBFloat16 ? "bfloat16 matrices, float32 else" : "float32";
            if (placement_.onGpu()) {
                c.cuda = cudaVersion();
                c.cudnn = cudnnVersion();
                if (placement_.dtype == at::kFloat) {
                    c.dtype += placement_.tf32 ? ", TF32 products" : "";
                }
                c.memory = "CUDA caching allocator: peak of allocated bytes";
            } else {
                c.memory =
                    "CPU allocator of LibTorch: peak of allocated bytes, without the libraries' own scratch";
            }
            // The kernel depends on shape and type only: nothing of that size is needed for the question.
            const auto tokens =
                static_cast<std::int64_t>(frames) * (1 + (width / kPatch) * (height / kPatch));
            const auto channels = sizes_.width / sizes_.heads;
            const auto q = at::empty({1, 1, 1, channels}, placement_.options())
                               .expand({1, sizes_.heads, tokens, channels});
            switch (static_cast<at::SDPBackend>(at::_fused_sdp_choice(q, q, q))) {
            case at::SDPBackend::flash_attention:
                c.attention = "flash";
                break;
            case at::SDPBackend::efficient_attention:
                c.attention = "efficient";
                break;
            case at::SDPBackend::cudnn_attention:
                c.attention = "cudnn";
                break;
            default:
                c.attention = "math";
            }
            return c;
        });
    }

    SceneBenchPass run(const SceneBenchRequest& request, const std::stop_token& stop) override {
        BODY4D_EXPECT(request.scenes > 0 && request.frames > 0 && request.width % kPatch == 0 &&
                      request.height % kPatch == 0);
        return nn::guarded([&] {
            const nn::EngineScope scope(placement_);
            const auto all = static_cast<std::int64_t>(request.scenes) * request.frames;
            const auto pictures = drawn(all, request.height, request.width);
            SceneBenchPass pass;
            synchronize();
            const auto begin = std::chrono::steady_clock::now();
            const auto depth = request.variant == SceneVariant::EverythingKept
                                   ? everything(request, pictures, stop, pass)
                                   : ours(request, pictures, stop, pass);
            synchronize();
            pass.milliseconds =
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
            if (request.depths && depth.defined()) {
                const auto flat = depth.cpu().contiguous();
                pass.depths.assign(flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel());
                const auto* bytes = pictures.const_data_ptr<std::uint8_t>();
                pass.pictures.assign(bytes, bytes + pictures.numel());
            }
            return pass;
        });
    }

    void resetPeak() override {
        nn::guarded([&] {
            if (placement_.onGpu()) {
                at::accelerator::resetPeakStats(placement_.device.index());
            } else {
                nn::resetCpuPeak();
            }
        });
    }

    std::int64_t peakBytes() override {
        return nn::guarded([&] {
            return placement_.onGpu()
                       ? static_cast<std::int64_t>(at::accelerator::getDeviceStats(placement_.device.index())
                                                       .allocated_bytes[0]
                                                       .peak)
                       : nn::cpuBytes().peak;
        });
    }

private:
    template <typename Network>
    void count(Network& network, std::int64_t width, std::int64_t depth, std::int64_t heads) {
        sizes_.width = width;
        sizes_.depth = depth;
        sizes_.heads = heads;
        for (const auto& [key, field] : nn::fieldsOf(network)) {
            sizes_.parameters += field.tensor->numel();
            sizes_.weightBytes += static_cast<std::int64_t>(field.tensor->nbytes());
        }
    }

    void synchronize() const {
        if (placement_.onGpu()) {
            at::accelerator::synchronizeDevice(placement_.device.index());
        }
    }

    /// Waves of colours, equal in every run.
    static at::Tensor drawn(std::int64_t frames, std::int64_t height, std::int64_t width) {
        const auto wave = [](std::int64_t n, double step, double phase) {
            return (at::arange(n, at::kFloat) * step + phase).sin();
        };
        auto pictures = at::empty({frames, height, width, 3}, at::kByte);
        for (std::int64_t i = 0; i < frames; ++i) {
            for (int c = 0; c < 3; ++c) {
                const double phase = 0.3 * static_cast<double>(i) + c;
                pictures.select(0, i).select(2, c).copy_(wave(height, 0.05, phase).unsqueeze(1) *
                                                             wave(width, 0.07, -phase).unsqueeze(0) * 100 +
                                                         128);
            }
        }
        return pictures;
    }

    at::Tensor everything(const SceneBenchRequest& request, const at::Tensor& pictures,
                          const std::stop_token& stop, SceneBenchPass& pass) const {
        auto kept =
            std::make_shared<EverythingKept>(da3_ ? da3Outputs(*da3_, pictures, request.scenes, stop)
                                                  : vggtOutputs(*vggt_, pictures, request.scenes, stop));
        at::Tensor depth;
        if (request.heads) {
            depth = (da3_ ? da3Heads(*da3_, *kept) : vggtHeads(*vggt_, *kept, request.scenes)).depth;
        }
        pass.keptBytes = kept->bytes();
        kept->images.reset();
        pass.kept = std::move(kept);
        return depth;
    }

    at::Tensor ours(const SceneBenchRequest& request, const at::Tensor& pictures, const std::stop_token& stop,
                    SceneBenchPass& pass) const {
        auto kept = std::make_shared<OurLevels>();
        std::vector<at::Tensor> depths;
        for (int scene = 0; scene < request.scenes; ++scene) {
            const auto part =
                pictures.narrow(0, static_cast<std::int64_t>(scene) * request.frames, request.frames);
            // A pass without heads ends where they would begin.
            std::stop_source trunkDone;
            const std::stop_callback passOn(stop, [&trunkDone] { trunkDone.request_stop(); });
            const auto hold = [&](std::size_t level, const at::Tensor& maps) {
                kept->levels.push_back(maps);
                if (!request.heads && level == 3) {
                    trunkDone.request_stop();
                }
            };
            try {
                if (da3_) {
                    da3::RunOptions options;
                    options.reference = da3::ReferenceView::First;
                    options.stop = trunkDone.get_token();
                    options.inspectLevel = hold;
                    depths.push_back((*da3_)(part, options).depth);
                } else {
                    vggt::RunOptions options;
                    options.stop = trunkDone.get_token();
                    options.inspectLevel = hold;
                    depths.push_back((*vggt_)(part, options).depth);
                }
            } catch (const Cancelled&) {
                if (request.heads || stop.stop_requested()) {
                    throw;
                }
            }
            if (scene + 1 < request.scenes) {
                // The next scene is another run: what the heads have read is not needed any more.
                for (const auto& level : kept->levels) {
                    pass.keptBytes += static_cast<std::int64_t>(level.nbytes());
                }
                kept->levels.clear();
            }
        }
        for (const auto& level : kept->levels) {
            pass.keptBytes += static_cast<std::int64_t>(level.nbytes());
        }
        pass.kept = std::move(kept);
        return depths.empty() ? at::Tensor() : depths.size() == 1 ? depths.front() : at::cat(depths);
    }

    nn::Placement placement_;
    bool random_ = true;
    std::optional<da3::Network> da3_;
    std::optional<vggt::Network> vggt_;
    SceneBenchSizes sizes_;
};

} // namespace

std::unique_ptr<SceneBench> makeBench(const SceneBenchOptions& options) {
    return nn::guarded([&] { return std::make_unique<Bench>(options); });
}

} // namespace body4d::scene_bench
