#include "cli/latency_bench.h"

#include "base/error.h"
#include "device/telemetry.h"
#include "models/torch_engines.h"
#include "pipeline/model_catalog.h"
#include "pipeline/run.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <optional>

#include "cli/child_process.h"
#include "cli/cpu_clock.h"
#include "cli/json_text.h"
#include "cli/progress_display.h"
#include "cli/random_weights.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr int kWidth = 1280, kHeight = 720;
/// What the founding plan set out to reach for four frames of one person on an RTX 4090, and what its
/// arithmetic allows there: 1.94 TFLOP a crop in body mode at 40 to 60 % of its bfloat16 peak.
constexpr double kPlanBefore = 800, kPlanFast = 60, kPlanSlow = 80, kBoundFast = 80, kBoundSlow = 116;
constexpr const char* kPlanDevice = "RTX 4090";

std::vector<BodyQuery> queriesOf(const LatencyArguments& arguments) {
    std::vector<BodyQuery> queries;
    const auto camera = intrinsicsFromFov(kWidth, kHeight, 0.96);
    for (int f = 0; f < arguments.frames; ++f) {
        auto picture = std::make_shared<Image>(kWidth, kHeight);
        for (std::size_t i = 0; i < picture->rgb.size(); ++i) {
            picture->rgb[i] =
                static_cast<std::uint8_t>((i * 2654435761U + static_cast<std::size_t>(f) * 97U) >> 13U);
        }
        for (int p = 0; p < arguments.people; ++p) {
            auto mask = std::make_shared<Mask>(kWidth, kHeight);
            const double x = kWidth * (p + 1.0) / (arguments.people + 1.0), y = 0.5 * kHeight;
            for (int row = 0; row < kHeight; ++row) {
                for (int column = 0; column < kWidth; ++column) {
                    mask->row(row)[column] = std::hypot((column - x) / 90, (row - y) / 270) < 1 ? 255 : 0;
                }
            }
            queries.push_back({picture, mask, camera});
        }
    }
    return queries;
}

double middle(std::vector<double> values) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

} // namespace

int benchLatency(const LatencyArguments& arguments, bool json, bool quiet) {
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    ProgressDisplay display(quiet);
    auto models = Engines::modelsFolder(arguments.options);
    std::optional<Scratch> scratch;
    const auto here = [&](const char* name) {
        std::error_code ec;
        return fs::exists(models / name, ec);
    };
    const bool official = here("sam3d_body/model.ckpt") && here("sam3d_body/mhr_model.pt");
    if (!official) {
        display.note("SAM 3D Body's weights are not here: random ones are written, some 3 GB ...");
        scratch.emplace("body4d-latency");
        const auto checkpoint = scratch->path() / "model.ckpt", bodyModel = scratch->path() / "mhr_model.pt";
        writeRandomBodyWeights(officialManifest("sam3d_body"), checkpoint, bodyModel);
        models.put("sam3d_body/model.ckpt", checkpoint);
        models.put("sam3d_body/mhr_model.pt", bodyModel);
    }
    display.note("Loading ...");
    const auto network = makeTorchBodyNetwork("sam3d_body", models);
    const auto queries = queriesOf(arguments);
    std::vector<double> lookMs, poseMs, cpuMs;
    for (int round = 0; round <= arguments.rounds; ++round) {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        display.note(round == 0
                         ? std::string("Warming up ...")
                         : "Round " + std::to_string(round) + " of " + std::to_string(arguments.rounds));
        using Clock = std::chrono::steady_clock;
        const auto ms = [](Clock::time_point a, Clock::time_point b) {
            return std::chrono::duration<double, std::milli>(b - a).count();
        };
        const double cpu = cpuSeconds();
        const auto start = Clock::now();
        const auto readings = network->look(queries);
        const auto looked = Clock::now();
        std::vector<BodyParameters> parameters;
        for (const auto& reading : readings) {
            parameters.push_back(reading.parameters);
        }
        (void)network->pose(parameters);
        const auto end = Clock::now();
        if (round > 0) { // the first chooses kernels and fills caches
            lookMs.push_back(ms(start, looked));
            poseMs.push_back(ms(looked, end));
            cpuMs.push_back(1e3 * (cpuSeconds() - cpu));
        }
    }
    const auto device = describeDevice();
    const auto crops = static_cast<double>(queries.size());
    const double total = middle(lookMs) + middle(poseMs);
    const bool gpu = network->onGpu();
    Json out;
    out["device"] = {{"gpu", gpu ? Json(device.gpu) : Json()},
                     {"cpu", device.cpu},
                     {"cores", device.cores},
                     {"driver", gpu ? Json(device.driver) : Json()}};
    out["engine"] = "sam3d_body";
    out["mode"] = "body";
    out["weights"] = official ? "official" : "random";
    out["frames"] = arguments.frames;
    out["people"] = arguments.people;
    out["rounds"] = arguments.rounds;
    out["look_ms"] = middle(lookMs);
    out["mesh_ms"] = middle(poseMs);
    out["total_ms"] = total;
    out["ms_per_crop"] = total / crops;
    out["cpu_ms"] = middle(cpuMs);
    out["plan"] = {{"device", kPlanDevice},
                   {"before_ms", kPlanBefore},
                   {"wanted_ms", {kPlanFast, kPlanSlow}},
                   {"bound_ms", {kBoundFast, kBoundSlow}}};
    const bool planned =
        gpu && arguments.frames * arguments.people == 4 && device.gpu.find("4090") != std::string::npos;
    out["plan"]["answered_here"] = planned;
    if (json) {
        std::cout << jsonText(out) << '\n';
        return 0;
    }
    std::printf("SAM 3D Body, body mode, %s weights, on %s\n",
                official ? "official" : "random (speed only: no bodies come out)",
                gpu ? device.gpu.c_str()
                    : (device.cpu + ", " + std::to_string(device.cores) + " cores").c_str());
    std::printf(
        "%d frames of %d %s: %.1f ms (%.1f looking, %.1f meshes), %.1f ms a crop, %.0f ms of processor time; "
        "median of %d rounds\n",
        arguments.frames, arguments.people, arguments.people == 1 ? "person" : "people", total,
        middle(lookMs), middle(poseMs), total / crops, middle(cpuMs), arguments.rounds);
    if (planned) {
        std::printf(
            "The plan wanted %.0f to %.0f ms here, down from %.0f; arithmetic alone takes %.0f to %.0f ms.\n",
            kPlanFast, kPlanSlow, kPlanBefore, kBoundFast, kBoundSlow);
    } else {
        std::printf("The plan's question (%.0f ms down to %.0f to %.0f ms for 4 frames of one person) is "
                    "about an %s, where "
                    "arithmetic alone takes %.0f to %.0f ms: this device and setting do not answer it.\n",
                    kPlanBefore, kPlanFast, kPlanSlow, kPlanDevice, kBoundFast, kBoundSlow);
    }
    return 0;
}

} // namespace body4d::cli
