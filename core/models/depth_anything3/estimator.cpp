#include "models/depth_anything3/estimator.h"

#include "base/error.h"
#include "models/depth_anything3/nested.h"
#include "models/depth_anything3/ray_poses.h"
#include "models/scene_blocks/views.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace body4d::da3 {
namespace {

/// Official name of the variant with these sizes.
std::string variantOf(const Config& config) {
    if (!config.anyView()) {
        return "da3metric-large";
    }
    return config.gated           ? "da3-giant"
           : config.width >= 1024 ? "da3-large"
           : config.width >= 768  ? "da3-base"
                                  : "da3-small";
}

template <typename Module>
std::pair<std::int64_t, std::int64_t> countOf(Module& network) { // values, bytes
    std::int64_t values = 0, bytes = 0;
    for (const auto& [key, field] : nn::fieldsOf(network)) {
        values += field.tensor->numel();
        bytes += static_cast<std::int64_t>(field.tensor->nbytes());
    }
    return {values, bytes};
}

/// Peak of one pass: x, its local half, then either queries to outputs of a block over all frames or the
/// projected maps; some frames' hidden layer; one frame at full resolution.
SceneMemory memoryOf(const Config& config, std::int64_t weightBytes, int elementSize, bool onGpu, int width,
                     int height, int framesChunk) {
    const std::int64_t patches = static_cast<std::int64_t>(width / 14) * (height / 14);
    const std::int64_t tokens = 1 + patches, pixels = static_cast<std::int64_t>(width) * height;
    const std::int64_t x = 4 * tokens * config.width;
    std::int64_t channels = 0;
    for (const auto c : config.channels) {
        channels += c;
    }
    // q, k, v and the result, and once more the result put in order.
    const std::int64_t over = config.anyView() ? 5 * elementSize * tokens * config.width : 0;
    const std::int64_t maps = 4 * patches * channels;
    const std::int64_t results = pixels * (3 + 2 * 4);
    const std::int64_t hidden =
        tokens * (config.hidden * (config.gated ? 3 : 2) * elementSize + 4 * config.width * 4);
    const std::int64_t fullResolution = 4 * pixels * (2 * config.features / 2 + 2 * 32 + 8);
    // What the libraries take beside tensors; on a CPU as measured, at any resolution, beyond the first small pass.
    constexpr std::int64_t kOnGpu = std::int64_t{64} << 20, kOnCpu = std::int64_t{64} << 20;
    SceneMemory memory;
    memory.fixedBytes = weightBytes + framesChunk * hidden + fullResolution + (onGpu ? kOnGpu : kOnCpu);
    memory.residentBytes = weightBytes;
    memory.bytesPerFrame = x + (config.anyView() ? x : 0) + maps + results + over;
    return memory;
}

class Estimator final : public SceneEstimator {
public:
    Estimator(const std::filesystem::path& file, const nn::Placement& placement)
        : placement_(placement), file_(Checkpoint::open(file)) {
        const nn::EngineScope scope(placement);
        nested_ = isNested(*file_);
        load({});
        config_ = network_->config;
        traits_.engine = "da3";
        traits_.device = placement.onGpu() ? placement.device.index() : -1;
        traits_.variant = nested_ ? "da3nested-giant-large" : variantOf(config_);
        traits_.cameras = traits_.together = config_.anyView();
        traits_.featureBlocks = static_cast<int>(config_.depth);
        traits_.featureChannels = static_cast<int>(config_.width);
        traits_.metres = nested_;
        if (!placement.onGpu()) {
            // Weights come from the file, and the library's kernels from its own, when they are first used. Now, so that
            // what the process holds tells what is left of a budget.
            (void)(*network_)(at::zeros({2, 28, 28, 3}, at::kByte), RunOptions());
        }
    }

    const SceneModelTraits& traits() const override { return traits_; }

    void prepare(bool knownCameras, bool rayPose, bool /*pointMaps*/) override {
        nn::guarded([&] {
            const nn::EngineScope scope(placement_);
            require(knownCameras, rayPose);
        });
    }

    SceneMemory memory(int width, int height, int framesChunk) const override {
        return memoryOf(config_, weightBytes_, static_cast<int>(c10::elementSize(placement_.dtype)),
                        placement_.onGpu(), width, height, framesChunk);
    }

    std::vector<SceneView> estimate(const SceneRequest& request, const std::stop_token& stop,
                                    const std::function<void(double)>& progress) override {
        return nn::guarded([&] {
            const nn::EngineScope scope(placement_);
            const auto pictures = scene_blocks::picturesOf(request);
            RunOptions options;
            options.reference = referenceViewFromName(request.referenceView);
            options.framesAtOnce = request.framesChunk;
            options.stop = stop;
            const double share = nested_ ? 0.7 : 1;
            options.progress = [&](double done) {
                if (progress) {
                    progress(share * done);
                }
            };
            options.cameras = known(request);
            options.rays = request.rayPose && config_.anyView();
            options.featureBlocks = request.featureBlocks;
            require(options.cameras.has_value(), options.rays);
            auto output = (*network_)(pictures, options);
            if (options.rays) {
                const auto pixels = output.rays.rays.size(1) * output.rays.rays.size(2);
                output.cameras = camerasOfRays(output.rays, output.cameras, pictures.size(1), pictures.size(2),
                                               rayRounds(rayCandidates(pixels)));
                output.rays = {};
                options.rays = false;
            }
            options.featureBlocks.clear();
            if (nested_) {
                const auto branch = loadNetwork(*file_, "model.da3_metric.", placement_, {});
                options.cameras.reset();
                options.progress = [&](double done) {
                    if (progress) {
                        progress(share + (1 - share) * done);
                    }
                };
                (void)toMetres(output, branch(pictures, options));
            } else if (!config_.anyView()) {
                pushSkyBack(output);
            }
            auto views = scene_blocks::viewsOf(request, output.depth, output.confidence,
                                               output.cameras.extrinsics, output.cameras.intrinsics);
            for (std::size_t f = 0; f < output.features.size(); ++f) {
                const auto& all = output.features[f];
                for (std::size_t i = 0; i < views.size(); ++i) {
                    const auto one = all[static_cast<std::int64_t>(i)];
                    const auto* values = one.const_data_ptr<float>();
                    views[i].features.push_back({request.featureBlocks[f], static_cast<int>(all.size(1)),
                                                 static_cast<int>(all.size(2)), static_cast<int>(all.size(3)),
                                                 {values, values + one.numel()}});
                }
                output.features[f].reset();
            }
            constexpr float kSkyShown = 0.5F;
            for (std::size_t i = 0; output.sky.defined() && i < views.size(); ++i) {
                const auto plane = output.sky[static_cast<std::int64_t>(i)].contiguous();
                const auto* sky = plane.const_data_ptr<float>();
                views[i].sky.resize(views[i].depth.size());
                std::transform(sky, sky + plane.numel(), views[i].sky.begin(),
                               [](float s) { return static_cast<std::uint8_t>(s >= kSkyShown); });
            }
            return views;
        });
    }

private:
    /// When memory runs out in it there is no network until it is called again.
    void load(const Network::Parts& parts) {
        network_.reset();
        network_.emplace(loadNetwork(*file_, nested_ ? "model.da3." : "model.", placement_, parts));
        parts_ = parts;
        const auto [values, bytes] = countOf(*network_);
        traits_.parametersMillions = 1e-6 * static_cast<double>(values);
        weightBytes_ = bytes;
    }

    /// Only runs that ask for them need these parts, which are as large as half the trunk.
    void require(bool cameras, bool rays) {
        const Network::Parts parts{.rays = (rays && config_.anyView()) || parts_.rays,
                                   .cameraEncoder = (cameras && config_.anyView()) || parts_.cameraEncoder};
        if (!network_ || parts.rays != parts_.rays || parts.cameraEncoder != parts_.cameraEncoder) {
            load(parts);
        }
    }

    static std::optional<Cameras> known(const SceneRequest& request) {
        if (request.cameras.empty()) {
            return std::nullopt;
        }
        const auto frames = static_cast<std::int64_t>(request.pictures.size());
        BODY4D_EXPECT(request.cameras.size() == request.pictures.size());
        // The network was trained with the first camera as the world and the middle distance from it as the
        // unit.
        const auto toFirst = inverse(request.cameras.front().cameraFromWorld);
        std::vector<RigidTransform> relative;
        std::vector<double> distances;
        for (const auto& camera : request.cameras) {
            relative.push_back(camera.cameraFromWorld * toFirst);
            distances.push_back(norm(relative.back().translation));
        }
        std::sort(distances.begin(), distances.end());
        const auto n = distances.size();
        const double median = distances[(n - 1) / 2]; // torch.median takes the lower of two
        const double unit = std::max(median, 0.1);
        Cameras cameras{at::zeros({frames, 3, 4}), at::zeros({frames, 3, 3})};
        auto e = cameras.extrinsics.accessor<float, 3>();
        auto k = cameras.intrinsics.accessor<float, 3>();
        for (std::int64_t i = 0; i < frames; ++i) {
            const auto& pose = relative[static_cast<std::size_t>(i)];
            const double t[3] = {pose.translation.x, pose.translation.y, pose.translation.z};
            for (int r = 0; r < 3; ++r) {
                for (int c = 0; c < 3; ++c) {
                    e[i][r][c] = static_cast<float>(pose.rotation(r, c));
                }
                e[i][r][3] = static_cast<float>(t[r] / unit);
            }
            const auto& lens = request.cameras[static_cast<std::size_t>(i)].camera;
            k[i][0][0] = static_cast<float>(lens.fx);
            k[i][1][1] = static_cast<float>(lens.fy);
            k[i][0][2] = static_cast<float>(lens.cx);
            k[i][1][2] = static_cast<float>(lens.cy);
            k[i][2][2] = 1;
        }
        return cameras;
    }

    nn::Placement placement_;
    std::optional<Checkpoint> file_;
    std::optional<Network> network_;
    Network::Parts parts_; ///< of the network that is loaded
    Config config_;
    SceneModelTraits traits_;
    std::int64_t weightBytes_ = 0;
    bool nested_ = false;
};

} // namespace

std::unique_ptr<SceneEstimator> makeEstimator(const std::filesystem::path& file,
                                              const nn::Placement& placement) {
    return nn::guarded([&] { return std::make_unique<Estimator>(file, placement); });
}

} // namespace body4d::da3
