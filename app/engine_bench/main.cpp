// Measures the LibTorch engines without the rest of the program: speed by batch size, the allocator's peak, and what
// happens when memory runs out. One line of JSON a measurement.
#include "base/error.h"
#include "device/memory_budget.h"
#include "device/telemetry.h"
#include "nn/torch_plugin.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace body4d;

namespace {

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void measureBatches(TorchPlugin& plugin, int device, int size) {
    for (int batch = 1; batch <= 256; batch *= 4) {
        (void)plugin.probe(device, batch, size); // first call: kernels are chosen
        plugin.resetPeak(device);
        const int rounds = 5;
        const double begin = seconds();
        for (int i = 0; i < rounds; ++i) {
            (void)plugin.probe(device, batch, size);
        }
        const double each = (seconds() - begin) / rounds;
        std::printf("{\"probe\": {\"device\": %d, \"batch\": %d, \"size\": %d, \"ms\": %.3f, \"pictures_per_second\": %.1f, "
                    "\"allocator_peak_mib\": %.1f}}\n",
                    device, batch, size, 1e3 * each, batch / each,
                    static_cast<double>(plugin.allocator(device).peak) / (1 << 20));
    }
}

/// Starts with a batch that cannot fit and shows that the run goes on with one that does.
int runOutOfMemory(TorchPlugin& plugin, int device, int size, int items) {
    const MemoryBudget budget;
    int done = 0;
    const BatchReport report = runBatched(
        items, BatchPlan{items, 0, 0}, budget,
        [&](std::int64_t begin, std::int64_t end) {
            try {
                (void)plugin.probe(device, static_cast<int>(end - begin), size);
            } catch (const std::bad_alloc&) {
                plugin.emptyCache();
                throw;
            }
            done += static_cast<int>(end - begin);
        },
        {});
    std::string tried;
    for (const int n : report.sizesTried) {
        tried += (tried.empty() ? "" : ", ") + std::to_string(n);
    }
    std::printf("{\"out_of_memory\": {\"items\": %d, \"done\": %d, \"sizes_tried\": [%s], \"final\": %d, \"advice\": \"%s\"}}\n", items,
                done, tried.c_str(), report.finalSize, report.advice.c_str());
    return done == items ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    try {
        const double begin = seconds();
        const TorchPluginStatus& status = torchPlugin();
        if (status.plugin == nullptr) {
            std::fprintf(stderr, "%s\n%s\n", status.reason.c_str(), status.remedy.c_str());
            return 4;
        }
        TorchPlugin& plugin = *status.plugin;
        const auto devices = plugin.devices();
        const DeviceDescription machine = describeDevice();
        std::printf("{\"libtorch\": \"%s\", \"load_seconds\": %.2f, \"gpu\": \"%s\", \"driver\": \"%s\", \"devices\": %zu, "
                    "\"gpu_memory_gib\": %.1f}\n",
                    plugin.version().c_str(), seconds() - begin, devices.empty() ? "" : devices[0].name.c_str(),
                    machine.driver.c_str(), devices.size(),
                    devices.empty() ? 0.0 : static_cast<double>(devices[0].totalBytes) / (1 << 30));
        const int device = devices.empty() ? -1 : 0;
        const int size = argc > 1 ? std::atoi(argv[1]) : (device < 0 ? 64 : 512);
        const auto cpu = plugin.probe(-1, 2, 64), here = plugin.probe(device, 2, 64);
        const double difference = std::abs(cpu[1] - here[1]) / std::abs(cpu[1]);
        std::printf("{\"agreement_with_cpu\": %.2e}\n", difference);
        measureBatches(plugin, device, size);
        int rc = difference < 1e-3 ? 0 : 1;
        if (device >= 0) {
            // 32 + 32 feature maps in float32 of 1024 x 1024 pictures: about 160 MiB a picture and layer.
            rc |= runOutOfMemory(plugin, device, 1024, 2048);
            Telemetry telemetry;
            plugin.resetPeak(device);
            telemetry.setAllocatorProbe([&] {
                const AllocatorBytes bytes = plugin.allocator(device);
                return std::pair(bytes.current, bytes.peak);
            });
            telemetry.beginStage("probe");
            for (int i = 0; i < 40; ++i) {
                (void)plugin.probe(device, 64, 1024);
            }
            telemetry.endStage();
            for (const auto& peak : telemetry.stagePeaks()) {
                std::printf("{\"telemetry\": {\"stage\": \"%s\", \"seconds\": %.2f, \"process_peak_mib\": %.0f, "
                            "\"device_peak_mib\": %.0f, \"allocator_peak_mib\": %.0f}}\n",
                            peak.stage.c_str(), peak.seconds, static_cast<double>(peak.processPeakBytes) / (1 << 20),
                            static_cast<double>(peak.devicePeakBytes.value_or(-1)) / (1 << 20),
                            static_cast<double>(peak.allocatorPeakBytes.value_or(-1)) / (1 << 20));
            }
        }
        return rc;
    } catch (const Error& e) {
        std::fprintf(stderr, "%s\n%s\n%s\n", e.what(), e.remedy().c_str(), e.detail().c_str());
        return exitCode(e.code());
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
