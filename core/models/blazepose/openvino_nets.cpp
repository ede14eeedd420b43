#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "base/pose_track.h"
#include "models/blazepose/band_crew.h"
#include "models/blazepose/landmark_split_internal.h"
#include "models/blazepose/pose_nets.h"

#include <openvino/openvino.hpp>
#include <openvino/runtime/intel_cpu/properties.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace body4d::blazepose {

namespace {

std::filesystem::path modelFile(const std::filesystem::path& folder, const char* name) {
    const auto path = folder / name;
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code)) {
        throw Error(ErrorCode::MissingModel, "The pose network " + std::string(name) + " is not installed.",
                    "Run packaging/setup.sh once; it puts the networks in place.", path.string());
    }
    return path;
}

/// A compiled network and its infer requests, lent to callers one at a time.
class RequestPool {
public:
    RequestPool(ov::CompiledModel model, std::size_t count, float scale, float offset)
        : model_(std::move(model)), scale_(scale), offset_(offset) {
        for (std::size_t i = 0; i < count; ++i) {
            idle_.push_back(i);
            auto& request = requests_.emplace_back(model_.create_infer_request());
            // Memory of ours: asking the runtime for its own takes as long as a layer, tensor by tensor.
            auto& io = tensors_.emplace_back();
            io.input = ov::Tensor(model_.input().get_element_type(), model_.input().get_shape());
            request.set_input_tensor(io.input);
            for (std::size_t k = 0; k < model_.outputs().size(); ++k) {
                const auto& port = model_.output(k);
                request.set_output_tensor(k,
                                          io.outputs.emplace_back(port.get_element_type(), port.get_shape()));
            }
        }
    }

    std::size_t acquire() {
        std::unique_lock lock(mutex_);
        returned_.wait(lock, [this] { return !idle_.empty(); });
        return take();
    }
    bool tryAcquire(std::size_t& slot) {
        const std::scoped_lock lock(mutex_);
        if (idle_.empty()) {
            return false;
        }
        slot = take();
        return true;
    }
    void release(std::size_t slot) {
        {
            const std::scoped_lock lock(mutex_);
            idle_.push_back(slot);
        }
        returned_.notify_one();
    }
    ov::InferRequest& request(std::size_t slot) { return requests_[slot]; }

    /// 8-bit colours to the network's range, straight into the input tensor (NHWC, as the crop lies).
    void fill(std::size_t slot, const Crop& crop) {
        float* out = input(slot);
        BODY4D_EXPECT(tensors_[slot].input.get_size() == crop.rgb.size());
        for (std::size_t i = 0; i < crop.rgb.size(); ++i) {
            out[i] = static_cast<float>(crop.rgb[i]) * scale_ + offset_;
        }
    }
    float* input(std::size_t slot) { return tensors_[slot].input.data<float>(); }
    std::span<const float> output(std::size_t slot, std::size_t index) const {
        const ov::Tensor& tensor = tensors_[slot].outputs[index];
        return {tensor.data<const float>(), tensor.get_size()};
    }
    [[nodiscard]] std::vector<ov::Output<const ov::Node>> outputs() const { return model_.outputs(); }

private:
    std::size_t take() {
        const std::size_t slot = idle_.back();
        idle_.pop_back();
        return slot;
    }
    ov::CompiledModel model_;
    float scale_, offset_;
    struct Tensors {
        ov::Tensor input;
        std::vector<ov::Tensor> outputs;
    };
    std::vector<ov::InferRequest> requests_;
    std::vector<Tensors> tensors_; ///< of every request
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::size_t> idle_;
};

/// Requests that one caller has under way; whatever happens, they are waited for and given back.
class InFlight {
public:
    explicit InFlight(RequestPool& pool) : pool_(pool) {}
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;
    ~InFlight() {
        for (const Entry& entry : entries_) {
            try {
                pool_.request(entry.slot).wait();
            } catch (const std::exception& e) {
                log(LogLevel::Debug, e.what()); // the caller is already unwinding for a better reason
            }
            pool_.release(entry.slot);
        }
    }
    struct Entry {
        std::size_t item = 0, slot = 0;
    };
    void add(Entry entry) { entries_.push_back(entry); }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    template <typename Use>
    void finishOldest(const Use& use) {
        const Entry entry = entries_.front();
        pool_.request(entry.slot).wait();
        use(entry);
        entries_.pop_front();
        pool_.release(entry.slot);
    }

private:
    RequestPool& pool_;
    std::deque<Entry> entries_;
};

/// Crops as they are, into the network's range.
auto fill(RequestPool& pool) {
    return [&pool](std::size_t slot, const Crop& crop) { pool.fill(slot, crop); };
}

class OpenVinoNetworks final : public PoseNetworks {
public:
    OpenVinoNetworks(const std::filesystem::path& modelsDir, const std::filesystem::path& cacheDir,
                     const NetworkOptions& options)
        : batch_(static_cast<std::size_t>(std::max(1, options.batch))) {
        const auto detectorFile = modelFile(modelsDir, "pose_detection.tflite");
        const auto landmarkFile = modelFile(modelsDir, "pose_landmark_full.tflite");
        modelsDir_ = modelsDir;
        threads_ = options.threads > 0 ? options.threads : static_cast<int>(usableCores());
        try {
            if (!cacheDir.empty()) {
                std::error_code ignored; // without a cache the start is slower, nothing else
                std::filesystem::create_directories(cacheDir, ignored);
                core_.set_property(ov::cache_dir(cacheDir.string()));
            }
            detector_ = load(detectorFile.string(), 2.F / 255.F, -1.F);
            loadLandmarks(landmarkFile, options.fused);
            mapOutputs();
        } catch (const Error&) {
            throw;
        } catch (const std::exception& e) {
            cannotLoad(e);
        }
    }

    void detect(std::size_t count, const Produce& produce, const UseDetections& use,
                const std::stop_token& stop) override {
        run(*detector_, kDetectorSide, count, produce, stop, fill(*detector_), [&](const auto& entry) {
            use(entry.item, {detector_->output(entry.slot, detectorOutputs_[0]),
                             detector_->output(entry.slot, detectorOutputs_[1])});
        });
    }

    void landmarks(std::size_t count, const Produce& produce, const UseLandmarks& use,
                   const std::stop_token& stop) override {
        std::unique_lock lone(loneMutex_, std::defer_lock);
        if (count == 1 && loneLandmarker_) {
            (void)lone.try_lock();
        }
        RequestPool& net = lone.owns_lock() ? *loneLandmarker_ : *landmarker_;
        const auto give = [&](std::size_t item, std::size_t slot, std::span<const float> mask) {
            const auto output = [&](std::size_t k) { return net.output(slot, landmarkOutputs_[k]); };
            use(item, {output(0), output(1), mask, output(3), output(4)});
        };
        if (!wide_) {
            run(net, kLandmarkSide, count, produce, stop, fill(net), [&](const auto& entry) {
                give(entry.item, entry.slot, net.output(entry.slot, landmarkOutputs_[2]));
            });
            return;
        }
        BandCrew& crew = lone.owns_lock() ? *loneCrew_ : noCrew_;
        const auto scratch = [&](std::size_t slot) -> WideScratch& {
            return lone.owns_lock() ? *loneScratch_ : *scratch_[slot];
        };
        run(
            net, kLandmarkSide, count, produce, stop,
            [&](std::size_t slot, const Crop& crop) {
                crew.run([&](BandOf band) { wide_->enter(crop, net.input(slot), scratch(slot), band); });
            },
            [&](const auto& entry) {
                const auto narrow = net.output(entry.slot, landmarkOutputs_[2]);
                WideScratch& used = scratch(entry.slot);
                crew.run([&](BandOf band) { wide_->leave(narrow.data(), used, band); });
                give(entry.item, entry.slot, WideLayers::logits(used));
            });
    }

    void hands(std::size_t count, const Produce& produce, const UseHands& use,
               const std::stop_token& stop) override {
        std::call_once(handLoaded_, [this] { loadHands(); });
        run(*hand_, kHandSide, count, produce, stop, fill(*hand_), [&](const auto& entry) {
            const auto output = [&](std::size_t k) { return hand_->output(entry.slot, handOutputs_[k]); };
            use(entry.item, {output(0), output(1), output(2), output(3)});
        });
    }

private:
    [[noreturn]] static void cannotLoad(const std::exception& e) {
        throw Error(ErrorCode::MissingModel, "The pose networks cannot be loaded.",
                    "Run packaging/setup.sh again; it checks the files and the OpenVINO runtime.", e.what());
    }

    void loadHands() {
        const auto file = modelFile(modelsDir_, "hand_landmark_full.tflite");
        try {
            hand_ = load(file.string(), 1.F / 255.F, 0.F);
            // Two outputs of either size: only their names tell them apart.
            const auto outputs = hand_->outputs();
            constexpr std::array<const char*, 4> kNames{"Identity", "Identity_1", "Identity_2", "Identity_3"};
            for (std::size_t k = 0; k < kNames.size(); ++k) {
                const auto at = std::find_if(outputs.begin(), outputs.end(), [&](const auto& output) {
                    return output.get_names().contains(kNames[k]);
                });
                const std::size_t size = k == 1 || k == 2 ? 1 : kHandLandmarkCount * 3;
                handOutputs_[k] = static_cast<std::size_t>(at - outputs.begin());
                if (at == outputs.end() || ov::shape_size(at->get_shape()) != size) {
                    throw std::runtime_error(std::string("output ") + kNames[k] + " of the hand network");
                }
            }
        } catch (const std::exception& e) {
            hand_.reset();
            cannotLoad(e);
        }
    }

    /// The layers on large planes run here, the rest on OpenVINO, which is slower at them.
    void loadLandmarks(const std::filesystem::path& file, bool fused) {
        auto split = fused ? splitLandmarks(core_.read_model(file.string())) : std::nullopt;
        if (!split) {
            landmarker_ = load(file.string(), 1.F / 255.F, 0.F);
            return;
        }
        wide_.emplace(split->wide);
        landmarker_ = load(split->narrow, 1, 0);
        for (int i = 0; i < threads_; ++i) {
            scratch_.push_back(WideLayers::makeScratch());
        }
        if (threads_ > 1) {
            loneLandmarker_ = load(split->narrow, 1, 0, 1);
            loneCrew_.emplace(kMostBands, std::min(threads_, kMostBands));
            loneScratch_ = WideLayers::makeScratch(loneCrew_->bands());
        }
    }

    /// @param source a file or a model  @param streams crops that run side by side; 0: one a thread
    template <typename Model>
    std::unique_ptr<RequestPool> load(const Model& source, float scale, float offset, int streams = 0) {
        // One thread a stream: crops of one frame run side by side. f32 by force: some CPUs would choose
        // bf16, which is off by whole pixels. Numbers below 1e-38 count as zero: where a mask is empty the
        // last layers meet little else, and the processor takes four times as long over them. Threads go
        // where there is room: a core of their own would be one that the decoder may be using.
        streams = streams > 0 ? streams : threads_;
        auto model = core_.compile_model(source, "CPU", ov::hint::inference_precision(ov::element::f32),
                                         ov::num_streams(streams), ov::inference_num_threads(threads_),
                                         ov::intel_cpu::denormals_optimization(true),
                                         ov::hint::enable_cpu_pinning(false));
        auto pool =
            std::make_unique<RequestPool>(std::move(model), static_cast<std::size_t>(streams), scale, offset);
        // The first inference allocates and is several times slower than the rest.
        const std::size_t slot = pool->acquire();
        pool->request(slot).infer();
        pool->release(slot);
        return pool;
    }

    /// Outputs are recognised by their size: their order in the file is not ours to rely on.
    void mapOutputs() {
        const auto find = [](RequestPool& pool, std::size_t size) {
            for (std::size_t i = 0; i < pool.outputs().size(); ++i) {
                if (pool.output(0, i).size() == size) {
                    return i;
                }
            }
            throw Error(ErrorCode::MissingModel, "A pose network has other outputs than expected.",
                        "Run packaging/setup.sh again; it replaces the files by the right version.");
        };
        detectorOutputs_ = {find(*detector_, kAnchorCount * 12), find(*detector_, kAnchorCount)};
        landmarkOutputs_ = {find(*landmarker_, kNetPoints * 5), find(*landmarker_, 1),
                            find(*landmarker_, wide_ ? std::size_t{kNarrowOut} * kNarrowSide * kNarrowSide
                                                     : std::size_t{kLandmarkSide} * kLandmarkSide),
                            find(*landmarker_, kHeatMapSide * kHeatMapSide * kNetPoints),
                            find(*landmarker_, kNetPoints * 3)};
    }

    template <typename Fill, typename Use>
    void run(RequestPool& pool, int side, std::size_t count, const Produce& produce,
             const std::stop_token& stop, const Fill& fillSlot, const Use& use) {
        InFlight flight(pool);
        Crop crop;
        crop.side = side;
        std::size_t next = 0;
        while (next < count || flight.size() > 0) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            std::size_t slot = 0;
            const bool start = next < count && flight.size() < batch_ &&
                               (flight.size() > 0 ? pool.tryAcquire(slot) : (slot = pool.acquire(), true));
            if (!start) {
                flight.finishOldest(use);
                continue;
            }
            try {
                produce(next, crop);
                fillSlot(slot, crop);
                pool.request(slot).start_async();
            } catch (...) {
                pool.release(slot);
                throw;
            }
            flight.add({next++, slot});
        }
    }

    std::size_t batch_;
    std::filesystem::path modelsDir_;
    int threads_ = 1;
    ov::Core core_;
    std::unique_ptr<RequestPool> detector_, landmarker_, hand_;
    /// The same network with all threads for one crop, for a person who is followed alone: the same numbers,
    /// sooner.
    std::unique_ptr<RequestPool> loneLandmarker_;
    std::mutex loneMutex_; ///< whoever does not get it takes the other one
    std::optional<WideLayers> wide_;
    std::vector<WideScratchPtr> scratch_; ///< one a request of the landmark network
    WideScratchPtr loneScratch_;
    std::optional<BandCrew> loneCrew_;
    BandCrew noCrew_{1, 1};
    std::once_flag handLoaded_;
    std::array<std::size_t, 4> handOutputs_{};
    std::array<std::size_t, 2> detectorOutputs_{};
    std::array<std::size_t, 5> landmarkOutputs_{};
};

} // namespace

std::shared_ptr<PoseNetworks> makeOpenVinoNetworks(const std::filesystem::path& modelsDir,
                                                   const std::filesystem::path& cacheDir,
                                                   const NetworkOptions& options) {
    return std::make_shared<OpenVinoNetworks>(modelsDir, cacheDir, options);
}

} // namespace body4d::blazepose
