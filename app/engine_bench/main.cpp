// Measures the LibTorch engines without the rest of the program: speed by batch size, the allocator's peak,
// and what happens when memory runs out. One line of JSON a measurement.
//
//     body4d-engine-bench MODELS_FOLDER [--device N] [--threads N] [--largest BATCH] [--rounds N]
//     body4d-engine-bench vram|inference ...    as body4d bench vram|inference, without plots as pixels
//     body4d-engine-bench bodies ...            SAM 3D Body on several people and frames
#include "base/error.h"
#include "device/telemetry.h"
#include "models/torch_engines.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "cli/bench_parts.h"

using namespace body4d;
using blazepose::PoseNetworks;

namespace {

struct Arguments {
    std::string models;
    int device = -2; ///< -2: the first CUDA device, else the CPU
    int threads = 0, largest = 64, rounds = 5;
};

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Colours in waves, another picture for every index.
void draw(std::size_t index, blazepose::Crop& crop) {
    crop.rgb.resize(static_cast<std::size_t>(crop.side) * static_cast<std::size_t>(crop.side) * 3);
    for (std::size_t i = 0; i < crop.rgb.size(); ++i) {
        crop.rgb[i] =
            static_cast<std::uint8_t>(127.5 + 127 * std::sin(0.001 * static_cast<double>(i * (index + 7))));
    }
}

std::vector<float> points(PoseNetworks& networks, std::size_t count) {
    std::vector<float> out;
    networks.landmarks(count, draw,
                       [&](std::size_t, const blazepose::LandmarkTensors& t) {
                           out.insert(out.end(), t.points.begin(), t.points.end());
                       },
                       {});
    return out;
}

double mib(std::int64_t bytes) {
    return static_cast<double>(bytes) / (1 << 20);
}

class Bench {
public:
    Bench(TorchPlugin& plugin, const Arguments& arguments, int device)
        : plugin_(plugin), arguments_(arguments), device_(device) {}

    [[nodiscard]] std::shared_ptr<PoseNetworks> networks(int batch, int device) {
        TorchEngineOptions options;
        options.modelsDir = arguments_.models;
        options.device = device;
        options.threads = arguments_.threads;
        options.batch = batch;
        return plugin_.engines().poseNetworks(options);
    }

    /// @returns the largest difference to the CPU, in pixels of 256
    double agreement() {
        const auto here = points(*networks(4, device_), 8), there = points(*networks(4, -1), 8);
        double worst = here.size() == there.size() ? 0 : 1e9;
        for (std::size_t i = 0; i < there.size() && worst < 1e9; ++i) {
            worst = std::max(worst, std::abs(static_cast<double>(here[i]) - static_cast<double>(there[i])));
        }
        std::printf("{\"agreement_with_cpu_px\": %.2e}\n", worst);
        return worst;
    }

    void speed() {
        for (int batch = 1; batch <= arguments_.largest; batch *= 4) {
            const auto nets = networks(batch, device_);
            const auto count = static_cast<std::size_t>(std::max(batch, 4));
            (void)points(*nets, count); // the first call chooses kernels
            plugin_.resetPeak(device_);
            const double begin = seconds();
            for (int i = 0; i < arguments_.rounds; ++i) {
                (void)points(*nets, count);
            }
            const double each = (seconds() - begin) / (arguments_.rounds * static_cast<double>(count));
            std::printf("{\"landmarks\": {\"device\": %d, \"batch\": %d, \"ms_per_crop\": %.3f, "
                        "\"crops_per_second\": %.1f, "
                        "\"allocator_peak_mib\": %.1f}}\n",
                        device_, batch, 1e3 * each, 1 / each, mib(plugin_.allocator(device_).peak));
        }
    }

    /// Asks for a batch that cannot fit: the run has to go on with one that does.
    void outOfMemory() {
        constexpr int kItems = 16384; // some 400 GB at once
        const auto nets = networks(kItems, device_);
        const auto found = points(*nets, kItems);
        std::printf("{\"out_of_memory\": {\"crops_asked_at_once\": %d, \"crops_done\": %zu, "
                    "\"allocator_peak_mib\": %.1f}}\n",
                    kItems, found.size() / (blazepose::kNetPoints * 5), mib(plugin_.allocator(device_).peak));
    }

    void gauges() {
        Telemetry telemetry;
        plugin_.resetPeak(device_);
        telemetry.setAllocatorProbe([this] {
            const AllocatorBytes bytes = plugin_.allocator(device_);
            return AllocatorUse{bytes.current, bytes.peak, bytes.reserved};
        });
        telemetry.beginStage("landmarks");
        (void)points(*networks(64, device_), device_ >= 0 ? 2048 : 64);
        telemetry.endStage();
        for (const auto& peak : telemetry.stagePeaks()) {
            std::printf("{\"telemetry\": {\"stage\": \"%s\", \"seconds\": %.2f, \"process_peak_mib\": %.0f, "
                        "\"device_peak_mib\": %.0f, \"allocator_peak_mib\": %.0f}}\n",
                        peak.stage.c_str(), peak.seconds, mib(peak.processPeakBytes),
                        peak.devicePeakBytes ? mib(*peak.devicePeakBytes) : -1,
                        peak.allocatorPeakBytes ? mib(*peak.allocatorPeakBytes) : -1);
        }
    }

private:
    TorchPlugin& plugin_;
    const Arguments& arguments_;
    int device_;
};

bool parse(int argc, char** argv, Arguments& out) {
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        int* number = word == "--device"    ? &out.device
                      : word == "--threads" ? &out.threads
                      : word == "--largest" ? &out.largest
                      : word == "--rounds"  ? &out.rounds
                                            : nullptr;
        if (number != nullptr && i + 1 < argc) {
            *number = std::atoi(argv[++i]);
        } else if (out.models.empty() && word.front() != '-') {
            out.models = word;
        } else {
            return false;
        }
    }
    return !out.models.empty() && out.largest > 0 && out.rounds > 0;
}

int scenes(int argc, char** argv) {
    cli::Common common;
    cli::Action action;
    CLI::App app{"Memory and speed of the scene networks and of SAM 3D Body."};
    app.name("body4d-engine-bench");
    app.require_subcommand(1);
    app.fallthrough();
    app.add_flag("--json", common.json, "Results for machines, as JSON on stdout");
    app.add_flag("-q,--quiet", common.quiet, "No progress");
    cli::addVramBench(app, common, action, {});
    cli::addInferenceBench(app, common, action);
    cli::addBodiesBench(app, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e);
    }
    return action();
}

} // namespace

int main(int argc, char** argv) {
    const std::string first = argc > 1 ? argv[1] : "";
    Arguments arguments;
    if (first != "vram" && first != "inference" && first != "bodies" && !parse(argc, argv, arguments)) {
        std::fprintf(
            stderr,
            "body4d-engine-bench MODELS_FOLDER [--device N] [--threads N] [--largest BATCH] [--rounds N]\n");
        return 2;
    }
    try {
        if (arguments.models.empty()) {
            return scenes(argc, argv);
        }
        const double begin = seconds();
        const TorchPluginStatus& status = torchPlugin();
        if (status.plugin == nullptr) {
            std::fprintf(stderr, "%s\n%s\n", status.reason.c_str(), status.remedy.c_str());
            return exitCode(ErrorCode::MissingModel);
        }
        TorchPlugin& plugin = *status.plugin;
        const auto devices = plugin.devices();
        std::printf("{\"libtorch\": \"%s\", \"load_seconds\": %.2f, \"gpu\": \"%s\", \"driver\": \"%s\", "
                    "\"devices\": %zu, "
                    "\"gpu_memory_gib\": %.1f}\n",
                    plugin.version().c_str(), seconds() - begin,
                    devices.empty() ? "" : devices[0].name.c_str(), describeDevice().driver.c_str(),
                    devices.size(), devices.empty() ? 0.0 : mib(devices[0].totalBytes) / 1024);
        const int device = arguments.device != -2 ? arguments.device : devices.empty() ? -1 : 0;
        Bench bench(plugin, arguments, device);
        const double difference = bench.agreement();
        bench.speed();
        if (device >= 0) {
            bench.outOfMemory();
        }
        bench.gauges();
        return difference < 1e-2 ? 0 : 1;
    } catch (const Error& e) {
        std::fprintf(stderr, "%s\n%s\n%s\n", e.what(), e.remedy().c_str(), e.detail().c_str());
        return exitCode(e.code());
    } catch (const Cancelled&) {
        return 130;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
