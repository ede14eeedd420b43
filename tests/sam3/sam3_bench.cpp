// A tool for developers, not a test: what a frame costs with random weights, on synthetic frames.
//
//     sam3_bench sam3|edgetam tiny|full FRAMES OBJECTS [--device N] [--float32] [--weights FILE] [--rounds N]
//                [--video WxH] [--threads N]
//
// --device N   a CUDA device, -1 the CPU (default)    --float32   instead of bfloat16 on a GPU
// --weights F  a checkpoint of the official layout; it is written first where there is none, and then loaded
// from
// --rounds N   encodings to take the mean of (default 10; 0: none)    --video WxH  of the frames (default
// 1280x720)
// --threads N  cores for LibTorch (default all)
//
// Prints a table, and one JSON object on the last line. Operators are counted with LibTorch's own record
// functions: all that one frame dispatches, nested ones too, and those that wait for a value of the device's.
#include "tiny_network.h"

#include "base/checkpoint.h"
#include "models/sam3/session.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/record_function.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <sys/resource.h>

#include "../edgetam/tiny_edgetam.h"
#include "nn/strict_loader.h"

using namespace body4d;
using namespace body4d::sam3;

namespace {

double cpuSeconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

double wallSeconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int operators = 0, reads = 0;

struct Wanted {
    bool edgetam = false, full = false, float32 = false;
    int frames = 0, objects = 0, device = -1, rounds = 10, threads = 0, width = 1280, height = 720;
    std::string weights;
};

/// A ball that rolls over a noisy ground: every frame is another one.
ImagePtr picture(const Wanted& wanted, int t) {
    auto image = std::make_shared<Image>(wanted.width, wanted.height);
    const double unit = wanted.height / 720.0; // drawn for 1280 x 720
    std::uint32_t noise = 12345;
    for (int y = 0; y < image->height; ++y) {
        auto* row = image->row(y);
        for (int x = 0; x < image->width; ++x) {
            noise = noise * 1664525U + 1013904223U;
            const double dx = x - (300 + 8.0 * (t % 80)) * unit, dy = y - 360 * unit;
            const bool ball = dx * dx + dy * dy < 150.0 * 150 * unit * unit;
            for (int c = 0; c < 3; ++c) {
                row[3 * x + c] = static_cast<std::uint8_t>((ball ? 150 + 30 * c : 60) + (noise >> 27));
            }
        }
    }
    return image;
}

void synchronise(const nn::Placement& placement) {
    if (placement.onGpu()) {
        at::accelerator::synchronizeDevice(placement.device.index());
    }
}

std::int64_t peakBytes(const nn::Placement& placement) {
    if (placement.onGpu()) {
        return at::accelerator::getDeviceStats(placement.device.index()).allocated_bytes[0].peak;
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return std::int64_t{usage.ru_maxrss} * 1024;
}

std::int64_t bytesNow(const nn::Placement& placement) {
    return placement.onGpu()
               ? at::accelerator::getDeviceStats(placement.device.index()).allocated_bytes[0].current
               : 0;
}

/// Loads what the person has, after writing random weights there where nothing is.
std::shared_ptr<const Model> load(const Wanted& wanted, const nn::Placement& placement) {
    std::unique_ptr<VideoNetwork> network;
    if (wanted.edgetam) {
        network = std::make_unique<edgetam::Network>(wanted.full ? edgetam::Config()
                                                                 : edgetam::testing::tinyConfig());
    } else {
        network = std::make_unique<Network>(wanted.full ? Config() : sam3::testing::tinyConfig());
    }
    const auto fill = [&] { sam3::testing::fillIn(*network, wanted.edgetam ? "e" : "a"); };
    if (!wanted.weights.empty()) {
        if (!std::filesystem::exists(wanted.weights)) {
            fill();
            SafetensorsWriter writer;
            nn::detail::FieldCollector collector;
            network->fields(collector);
            for (const auto& [name, field] : collector.fields) {
                const auto values = field.tensor->contiguous();
                writer.add(
                    name, std::span(values.const_data_ptr<float>(), static_cast<std::size_t>(values.numel())),
                    values.sizes().vec());
            }
            writer.write(wanted.weights);
        }
        if (wanted.edgetam) {
            return edgetam::load(wanted.weights, placement,
                                 wanted.full ? edgetam::Config() : edgetam::testing::tinyConfig());
        }
        return Model::load(wanted.weights, placement, wanted.full ? Config() : sam3::testing::tinyConfig());
    }
    fill();
    network->prepare(placement.device, precisionFor(placement));
    auto model = std::make_shared<Model>();
    model->placement = placement;
    model->weightBytes = network->parameterBytes();
    model->network = std::move(network);
    if (wanted.edgetam) {
        model->name = "edgetam";
        model->tracker = edgetam::trackerOptions();
    }
    return model;
}

int measure(const Wanted& wanted) {
    if (wanted.device >= 0) {
        (void)dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL); // registers itself
    }
    auto placement = nn::Placement::choose(wanted.device, at::kBFloat16);
    if (wanted.float32) {
        placement.dtype = at::kFloat;
    }
    placement.threads = wanted.threads;
    const auto loading = wallSeconds();
    const auto model = load(wanted, placement);
    const nn::EngineScope scope(placement);
    const auto size = model->network->config.imageSize;
    std::printf("%s, %s, %lld x %lld, %s in %s, weights %.0f MiB, ready after %.1f s\n", model->name.c_str(),
                wanted.full ? "full size" : "tiny", static_cast<long long>(size),
                static_cast<long long>(size), nn::deviceName(placement.device).c_str(),
                at::toString(model->network->inputType), static_cast<double>(model->weightBytes) / (1 << 20),
                wallSeconds() - loading);
    at::addThreadLocalCallback(at::RecordFunctionCallback([](const at::RecordFunction& f) {
                                   ++operators;
                                   reads += std::strcmp(f.name(), "aten::_local_scalar_dense") == 0 ? 1 : 0;
                                   return std::unique_ptr<at::ObserverContext>();
                               }).scopes({at::RecordScope::FUNCTION}));

    std::printf("\nframes a call   encoder: ms a frame   CPU ms   operators\n");
    std::string encoders;
    for (const int batch : {1, 2, 4, 8}) {
        if (wanted.rounds == 0 || (!placement.onGpu() && batch > 2)) {
            break; // a CPU gains nothing from larger ones
        }
        std::vector<at::Tensor> frames(static_cast<std::size_t>(batch), model->prepare(*picture(wanted, 0)));
        const auto images = at::cat(frames);
        for (int warm = 0; warm < (placement.onGpu() ? 3 : 1); ++warm) {
            (void)model->network->encode(images);
        }
        synchronise(placement);
        operators = 0;
        const int rounds = placement.onGpu() ? wanted.rounds : std::min(wanted.rounds, wanted.full ? 1 : 3);
        const double start = wallSeconds(), cpu = cpuSeconds();
        for (int i = 0; i < rounds; ++i) {
            (void)model->network->encode(images);
        }
        synchronise(placement);
        const double ms = 1000 * (wallSeconds() - start) / (rounds * batch);
        std::printf("%13d   %20.2f %8.1f %11d\n", batch, ms, 1000 * (cpuSeconds() - cpu) / (rounds * batch),
                    operators / rounds);
        encoders += (encoders.empty() ? "" : ",") + std::to_string(ms);
    }

    SessionOptions how;
    how.tracker = model->tracker;
    how.framesAhead = placement.onGpu() ? 4 : 1;
    std::vector<SessionTarget> targets;
    for (int id = 1; id <= wanted.objects; ++id) {
        Prompt prompt;
        prompt.points.push_back({wanted.width * 0.156 * id, wanted.height * 0.5, true});
        targets.push_back({id, {prompt}});
    }
    Session session(model, targets, Direction::Forward, how);
    // The first frames set things up and look back at less: they are left out of the means.
    const int warm = std::min(wanted.frames / 2, 24);
    double start = 0, cpu = 0;
    std::int64_t warmBytes = 0, results = 0;
    // Drawn ahead, so that drawing does not count: the ball comes back after 80 frames.
    std::vector<ImagePtr> pictures;
    for (int t = 0; t < std::min(wanted.frames, 80); ++t) {
        pictures.push_back(picture(wanted, t));
    }
    for (int t = 0; t < wanted.frames; ++t) {
        const auto& frame = pictures[static_cast<std::size_t>(t % 80)];
        if (t == warm) {
            synchronise(placement);
            warmBytes = bytesNow(placement);
            operators = reads = 0;
            start = wallSeconds();
            cpu = cpuSeconds();
        }
        results += static_cast<std::int64_t>(session.advance(t, frame, false, {}).items.size());
    }
    results += static_cast<std::int64_t>(session.finish().items.size());
    synchronise(placement);
    const int counted = wanted.frames - warm;
    const double ms = 1000 * (wallSeconds() - start) / counted, cpuMs = 1000 * (cpuSeconds() - cpu) / counted;
    const double mib = 1 << 20;
    std::printf("\nsession of %d frames with %d objects: %lld results\n", wanted.frames, wanted.objects,
                static_cast<long long>(results));
    std::printf("  %.2f ms a frame (%.1f frames/s), CPU %.1f ms, %d operators, %.2f reads of single values\n",
                ms, 1000 / ms, cpuMs, operators / counted, static_cast<double>(reads) / counted);
    std::printf(
        "  remembered %.1f MiB; peak %.0f MiB; on the device %.0f MiB when warm, %.0f MiB at the end\n",
        static_cast<double>(session.rememberedBytes()) / mib, static_cast<double>(peakBytes(placement)) / mib,
        static_cast<double>(warmBytes) / mib, static_cast<double>(bytesNow(placement)) / mib);
    const auto& graphs = *model->network->graphs;
    std::printf("  recorded work: %zu graphs, %zu launches\n", graphs.recordings(), graphs.launches());
    std::printf("{\"engine\":\"%s\",\"size\":\"%s\",\"device\":\"%s\",\"precision\":\"%s\",\"objects\":%d,"
                "\"encoder_ms_by_batch\":[%s],\"ms_per_frame\":%.4f,\"cpu_ms_per_frame\":%.2f,"
                "\"operators_per_frame\":%d,\"host_reads_per_frame\":%.3f,\"peak_bytes\":%lld,"
                "\"warm_bytes\":%lld,\"end_bytes\":%lld,\"remembered_bytes\":%lld,\"graph_launches\":%zu}\n",
                model->name.c_str(), wanted.full ? "full" : "tiny", nn::deviceName(placement.device).c_str(),
                at::toString(model->network->inputType), wanted.objects, encoders.c_str(), ms, cpuMs,
                operators / counted, static_cast<double>(reads) / counted,
                static_cast<long long>(peakBytes(placement)), static_cast<long long>(warmBytes),
                static_cast<long long>(bytesNow(placement)),
                static_cast<long long>(session.rememberedBytes()), graphs.launches());
    return results > 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    Wanted wanted;
    bool good = argc >= 5;
    if (good) {
        const std::string_view engine = argv[1], size = argv[2];
        good = (engine == "sam3" || engine == "edgetam") && (size == "tiny" || size == "full");
        wanted.edgetam = engine == "edgetam";
        wanted.full = size == "full";
        wanted.frames = std::atoi(argv[3]);
        wanted.objects = std::atoi(argv[4]);
        good = good && wanted.frames > 1 && wanted.objects > 0;
    }
    for (int i = 5; good && i < argc; ++i) {
        const std::string_view option = argv[i];
        if (option == "--float32") {
            wanted.float32 = true;
        } else if (i + 1 < argc && option == "--device") {
            wanted.device = std::atoi(argv[++i]);
        } else if (i + 1 < argc && option == "--rounds") {
            wanted.rounds = std::max(0, std::atoi(argv[++i]));
        } else if (i + 1 < argc && option == "--threads") {
            wanted.threads = std::max(0, std::atoi(argv[++i]));
        } else if (i + 1 < argc && option == "--video") {
            good = std::sscanf(argv[++i], "%dx%d", &wanted.width, &wanted.height) == 2 && wanted.width > 31 &&
                   wanted.height > 31;
        } else if (i + 1 < argc && option == "--weights") {
            wanted.weights = argv[++i];
        } else {
            good = false;
        }
    }
    if (!good) {
        std::fprintf(stderr, "sam3_bench sam3|edgetam tiny|full FRAMES OBJECTS [--device N] [--float32] "
                             "[--weights FILE] [--rounds N] [--video WxH] [--threads N]\n");
        return 2;
    }
    try {
        return measure(wanted);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "sam3_bench: %s\n", e.what());
        return 1;
    }
}
