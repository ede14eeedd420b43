// Speed and memory of SAM 3D Body as a run uses it: crops, network, shapes shared over a track, smoothing and
// meshes of several people on several frames, from pictures and masks in memory to bodies in memory. No
// video, no disk, no picture is drawn.
#include "base/error.h"
#include "models/torch_engines.h"
#include "pipeline/body_estimator.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "cli/bench_parts.h"
#include "cli/cpu_clock.h"
#include "cli/random_weights.h"
#include "nn/torch_plugin.h"

namespace body4d::cli {
namespace fs = std::filesystem;
namespace {

struct BodiesArguments {
    std::string weights, manifest, mode = "body";
    std::vector<int> batches = {16};
    int people = 5, frames = 90, device = -2, threads = 0;
    int width = 1280, height = 720;
    bool small = false;
};

/// People side by side, each as an ellipse that fills about half of the picture's height.
std::vector<TargetTrack> tracksOf(const BodiesArguments& arguments, int frames) {
    std::vector<TargetTrack> tracks(static_cast<std::size_t>(arguments.people));
    for (std::size_t t = 0; t < tracks.size(); ++t) {
        tracks[t].id = static_cast<TargetId>(t + 1);
        for (int f = 0; f < frames; ++f) {
            Mask mask(arguments.width, arguments.height);
            const double x = arguments.width * (static_cast<double>(t) + 1) / (arguments.people + 1.0) +
                             f % 16,
                         y = 0.5 * arguments.height, tall = 0.3 * arguments.height;
            for (int row = 0; row < mask.height; ++row) {
                for (int column = 0; column < mask.width; ++column) {
                    mask.row(row)[column] = std::hypot(3 * (column - x), row - y) < tall ? 255 : 0;
                }
            }
            TargetFrame frame;
            frame.frame = f;
            frame.state = FrameState::Visible;
            frame.firm = true;
            frame.mask = encodeRle(mask);
            tracks[t].frames.push_back(frame);
        }
    }
    return tracks;
}

class BodiesBench {
public:
    explicit BodiesBench(const BodiesArguments& arguments) : arguments_(arguments), status_(torchPlugin()) {
        if (status_.plugin == nullptr) {
            throw Error(ErrorCode::MissingModel, status_.reason, status_.remedy);
        }
        device_ = arguments.device != -2 ? arguments.device : status_.plugin->devices().empty() ? -1 : 0;
        const fs::path folder = fs::path(arguments.weights) / "sam3d_body";
        std::error_code code;
        if (!fs::exists(folder / "model.ckpt", code)) {
            fs::create_directories(folder, code);
            const auto official = Manifest::read(arguments.manifest);
            writeRandomBodyWeights(arguments.small ? smallBodyManifest(official) : official,
                                   folder / "model.ckpt", folder / "mhr_model.pt");
        }
        TorchEngineOptions options;
        options.modelsDir = fs::path(arguments.weights);
        options.device = device_;
        options.threads = arguments.threads;
        network_ = status_.plugin->engines().bodyNetwork("sam3d_body", options);
        for (int i = 0; i < 8; ++i) {
            auto picture = std::make_shared<Image>(arguments.width, arguments.height);
            for (std::size_t k = 0; k < picture->rgb.size(); ++k) {
                picture->rgb[k] =
                    static_cast<std::uint8_t>((k * 2654435761U + static_cast<std::size_t>(i) * 97U) >> 13U);
            }
            pictures_.push_back(std::move(picture));
        }
    }

    void measure(int batch) {
        Options options;
        options.set("sam_3d_body.batch_size", static_cast<long long>(batch));
        options.setFromText("sam_3d_body.inference_type", arguments_.mode);
        const auto estimator = makePictureEstimator("sam3d_body", network_, options, "SAM 3D Body");
        // What is chosen, built or recorded once is left out, as it is for the official program.
        const int warm = std::min(arguments_.frames, std::max(1, 5 * batch / std::max(1, arguments_.people)));
        (void)bodies(*estimator, tracksOf(arguments_, device_ >= 0 ? warm : 1));
        const auto tracks = tracksOf(arguments_, arguments_.frames);
        status_.plugin->resetPeak(device_);
        const double cpu = cpuSeconds();
        const auto start = std::chrono::steady_clock::now();
        (void)bodies(*estimator, tracks);
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        const double count = static_cast<double>(arguments_.frames) * arguments_.people;
        const auto devices = status_.plugin->devices();
        const nlohmann::ordered_json line = {
            {"bodies", "body4d"},
            {"mode", arguments_.mode},
            {"people", arguments_.people},
            {"frames", arguments_.frames},
            {"batch", batch},
            {"size", arguments_.small ? "small" : "full"},
            {"weights", "random"},
            {"device", device_ >= 0 ? devices.at(static_cast<std::size_t>(device_)).name : "cpu"},
            {"seconds", seconds},
            {"ms_per_person_frame", 1e3 * seconds / count},
            {"cpu_ms_per_person_frame", 1e3 * (cpuSeconds() - cpu) / count},
            {"peak_bytes", device_ >= 0 ? nlohmann::ordered_json(status_.plugin->allocator(device_).peak)
                                        : nlohmann::ordered_json()}};
        std::printf("%s\n", line.dump().c_str());
        std::fflush(stdout);
    }

private:
    std::vector<BodyTrack> bodies(const BodyEstimator& estimator,
                                  const std::vector<TargetTrack>& tracks) const {
        PictureFit fit;
        for (const auto& track : tracks) {
            fit.tracks.push_back(&track);
        }
        fit.width = arguments_.width;
        fit.height = arguments_.height;
        fit.fps = 25;
        fit.pictures = [this](std::int64_t frame) {
            return pictures_[static_cast<std::size_t>(frame) % pictures_.size()];
        };
        return estimator.fitTogether(fit, {}, {});
    }

    const BodiesArguments& arguments_;
    const TorchPluginStatus& status_;
    int device_ = -1;
    std::shared_ptr<const BodyNetwork> network_;
    std::vector<ImagePtr> pictures_;
};

} // namespace

void addBodiesBench(CLI::App& bench, Action& action) {
    auto a = std::make_shared<BodiesArguments>();
    auto* sub = bench.add_subcommand("bodies",
                                     "SAM 3D Body on several people and frames, a line of JSON a batch size");
    sub->add_option(
           "--weights", a->weights,
           "Folder with sam3d_body/model.ckpt and mhr_model.pt; random ones are written where it has none")
        ->required()
        ->option_text("DIR");
    sub->add_option("--manifest", a->manifest, "List of the official tensors, for random weights")
        ->option_text("FILE");
    sub->add_option("--mode", a->mode, "body, or full: with hands")
        ->option_text("body|full")
        ->check(CLI::IsMember({"body", "full"}))
        ->capture_default_str();
    sub->add_option("--people", a->people, "People on each frame")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    sub->add_option("--frames", a->frames, "Frames")->check(CLI::Range(1, 100000))->capture_default_str();
    sub->add_option("--batch", a->batches, "Batch sizes, a line each")->delimiter(',')->option_text("N,N...");
    sub->add_option("--device", a->device, "Index of a GPU; -1: the CPU; default: the first GPU there is");
    sub->add_option("--threads", a->threads, "On the CPU; 0: all cores");
    sub->add_option(
           "--picture",
           [a](const CLI::results_t& text) {
               return std::sscanf(text.at(0).c_str(), "%dx%d", &a->width, &a->height) == 2;
           },
           "Size of the pictures")
        ->option_text("WxH");
    sub->add_flag("--small", a->small, "Random weights of a tiny network, to try out what runs it");
    sub->callback([a, &action] {
        action = [a] {
            BodiesBench measuring(*a);
            for (const int batch : a->batches) {
                measuring.measure(batch);
            }
            return 0;
        };
    });
}

} // namespace body4d::cli
