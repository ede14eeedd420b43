#include "pipeline/scene_run.h"

#include "base/error.h"
#include "base/files.h"
#include "device/memory_budget.h"
#include "device/proc.h"
#include "device/telemetry.h"
#include "models/torch_engines.h"
#include "models/weights_note.h"
#include "pipeline/scene_folder.h"
#include "pipeline/scene_frames.h"
#include "pipeline/scene_load.h"
#include "pipeline/scene_memory.h"
#include "pipeline/scene_merge_internal.h"
#include "scene/scene_alignment.h"
#include "scene/view_store.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <new>
#include <span>
#include <system_error>

namespace body4d {
namespace fs = std::filesystem;
namespace {

/// Beyond, time grows with the square of the frames and quality no more: what Depth Anything 3's own program
/// for long videos takes on a GPU; a CPU would take hours.
constexpr int kMostOnGpu = 120, kMostOnCpu = 24;

/// Frames a pass by the size of the memory, as the simple policy has them.
int simplePass(double gib) {
    return gib >= 16 ? 16 : gib >= 12 ? 8 : gib >= 8 ? 4 : 2;
}

struct DeviceBytes {
    std::int64_t free = 0, total = 0; ///< 0: no device
};
DeviceBytes bytesOf(int device) {
    const auto* plugin = loadedTorchPlugin();
    if (device < 0 || plugin == nullptr) {
        return {};
    }
    const auto devices = plugin->devices();
    if (device >= static_cast<int>(devices.size())) {
        return {};
    }
    const auto& one = devices[static_cast<std::size_t>(device)];
    return {one.freeBytes, one.totalBytes};
}

constexpr double kGib = 1024.0 * 1024 * 1024;

std::string fileIdentity(const fs::path& file) {
    std::error_code code;
    const auto size = fs::file_size(file, code);
    const auto time = fs::last_write_time(file, code).time_since_epoch().count();
    return std::to_string(size) + ":" + std::to_string(time);
}

class SceneRun {
public:
    SceneRun(const SceneInput& input, const SceneSettings& settings, const fs::path& folder,
             const SceneExport& wanted, const SceneEvents& events, const std::stop_token& stop,
             SceneReport& report)
        : settings_(settings), events_(events), stop_(stop), report_(report), frames_(input, settings),
          budget_(settings.budgetGib), framesChunk_(settings.framesChunk), points_(wanted.numMaxPoints) {
        scene_.folder = folder;
    }

    /// @param weights their file; empty: an estimator of a test's own
    detail::SceneFolder run(SceneEstimator& estimator, int device, const fs::path& weights) {
        if (!weights.empty()) {
            // Another file in the same place is another network.
            weightsIdentity_ = fileIdentity(weights);
            report_.weightsNote = weightsNote(weights);
        }
        const auto& traits = estimator.traits();
        const auto& mapping = frames_.mapping();
        report_.variant = traits.variant;
        report_.metres = traits.metres;
        report_.frames = frames_.count();
        report_.width = mapping.width;
        report_.height = mapping.height;
        requireFeatures(traits);
        requirePointMaps(traits);
        const bool resumed = resume(traits);
        if (covered() < frames_.count()) {
            estimator.prepare(!frames_.cameras().empty(), settings_.useRayPose, settings_.usePointHead);
            requireSmallest(estimator, device);
        }
        if (!resumed) {
            begin(traits);
        }
        auto memory = memoryOf(estimator, framesChunk_);
        auto size = static_cast<std::int64_t>(passSize(memory, device));
        if (settings_.viewChunk == 0 && settings_.chunkPolicy == "budget") {
            // Where few fit, more of them seen together are worth the time that smaller steps inside a pass take.
            constexpr std::int64_t kFew = 8;
            const auto lean = memoryOf(estimator, 1);
            if (const auto more = static_cast<std::int64_t>(passSize(lean, device)); size < kFew && more > size) {
                framesChunk_ = 1;
                memory = lean;
                size = more;
            }
            size = std::max(size, fewestTogether(traits));
        }
        std::int64_t overlap = !traits.together         ? 0
                               : settings_.overlap >= 0 ? settings_.overlap
                                                        : std::clamp<std::int64_t>(size / 3, 1, 30);
        while (covered() < frames_.count()) {
            overlap = std::min(overlap, size - 1);
            const auto begin = std::max<std::int64_t>(0, covered() - (scene_.passes.empty() ? 0 : overlap));
            const auto end = std::min(begin + size, frames_.count());
            try {
                if (device < 0) {
                    detail::giveBackFreedMemory(); // of the pass before: the budget is measured by what the process
                                           // holds
                    budget_.require(memory.fixedBytes - memory.residentBytes +
                                    memory.bytesPerFrame * (end - begin));
                }
                pass(estimator, begin, end);
                continue;
            } catch (const OutOfMemoryError&) {
            } catch (const std::bad_alloc&) {
            }
            // First what leaves the result as it is, where that frees a good part of a pass.
            const auto lean = memoryOf(estimator, 1);
            const auto whole = memory.fixedBytes + memory.bytesPerFrame * (end - begin);
            constexpr std::int64_t kGoodPart = 10;
            if (framesChunk_ > 1 && kGoodPart * (memory.fixedBytes - lean.fixedBytes) > whole) {
                framesChunk_ = 1;
                memory = lean;
                notice("Memory ran out with " + std::to_string(end - begin) +
                       " frames in a pass; going on with --frames-chunk 1, which takes longer and changes "
                       "nothing else.");
                continue;
            }
            const auto advice =
                detail::smallerSceneAdvice(std::max(mapping.width, mapping.height), traits.variant, points_);
            if (end - begin <= 1) {
                throw Error(ErrorCode::OutOfMemory, "Not even one picture of this size fits the memory.",
                            detail::smallerSceneRemedy(std::max(mapping.width, mapping.height), traits.variant, points_));
            }
            size = std::max<std::int64_t>(1, (end - begin) / 2);
            notice("Memory ran out with " + std::to_string(end - begin) +
                   " frames in a pass; going on with " + std::to_string(size) +
                   ". More stay together with" + (advice.starts_with("in this") ? ", " : " ") + advice + ".");
        }
        if (traits.together && scene_.passes.size() > 1 && overlap == 0) {
            notice("Passes share no frames: they cannot be aligned and lie as they are.");
        }
        return scene_;
    }

    void notice(const std::string& sentence) {
        report_.notes.push_back(sentence);
        if (events_.notice) {
            events_.notice(sentence);
        }
    }

private:
    [[nodiscard]] std::int64_t covered() const {
        return scene_.passes.empty() ? 0 : scene_.passes.back().end;
    }

    [[nodiscard]] int passSize(const SceneMemory& memory, int device) const {
        if (settings_.viewChunk > 0) {
            return settings_.viewChunk;
        }
        const auto there = bytesOf(device);
        const bool onDevice = there.total > 0;
        if (settings_.chunkPolicy == "simple") {
            const auto size = onDevice && settings_.budgetGib <= 0 ? there.total : budget_.bytes();
            return simplePass(static_cast<double>(size) / kGib);
        }
        // What is free, beside the weights, which are there already.
        auto bytes = budget_.remaining();
        if (onDevice) {
            bytes = settings_.budgetGib > 0 ? std::min(budget_.bytes() - memory.residentBytes, there.free)
                                            : there.free;
        }
        constexpr double kMargin = 0.92;
        const double room = kMargin * static_cast<double>(bytes) -
                            static_cast<double>(memory.fixedBytes - memory.residentBytes);
        const double fits = room / static_cast<double>(std::max<std::int64_t>(1, memory.bytesPerFrame));
        return static_cast<int>(
            std::clamp(fits, 1.0, static_cast<double>(onDevice ? kMostOnGpu : kMostOnCpu)));
    }

    /// With the features that are wanted beside the rest: once from the network, once in the views.
    [[nodiscard]] SceneMemory memoryOf(const SceneEstimator& estimator, int framesChunk) const {
        const auto& m = frames_.mapping();
        auto memory = estimator.memory(m.width, m.height, framesChunk);
        constexpr std::int64_t kPatch = 14, kTwice = 2 * sizeof(float);
        if (estimator.traits().device < 0) {
            memory.bytesPerFrame += kTwice * (m.width / kPatch) * (m.height / kPatch) *
                                    estimator.traits().featureChannels *
                                    static_cast<std::int64_t>(settings_.exportFeat.size());
        }
        return memory;
    }

    void requireFeatures(const SceneModelTraits& traits) const {
        for (const int block : settings_.exportFeat) {
            if (traits.featureBlocks == 0) {
                throw Error(ErrorCode::Usage, "The engine " + traits.engine + " gives no features.",
                            "Leave --export-feat away, or use --engine da3.");
            }
            if (block < 0 || block >= traits.featureBlocks) {
                throw Error(ErrorCode::Usage,
                            traits.variant + " has no block " + std::to_string(block) + " to take features from.",
                            "Use numbers from 0 to " + std::to_string(traits.featureBlocks - 1) + ".");
            }
        }
    }

    void requirePointMaps(const SceneModelTraits& traits) const {
        if (settings_.usePointHead && !traits.pointMaps) {
            throw Error(ErrorCode::Usage, "The engine " + traits.engine + " has no head for points.",
                        "Leave --use-point-head away, or use --engine vggt.");
        }
        if (settings_.usePointHead && !frames_.cameras().empty()) {
            throw Error(ErrorCode::Usage, "Point maps lie in the network's own world, which the given cameras replace.",
                        "Leave --use-point-head away: depths follow the cameras.");
        }
    }

    /// Frames a pass at least: passes of one share none, and cannot be aligned.
    [[nodiscard]] std::int64_t fewestTogether(const SceneModelTraits& traits) const {
        return std::min<std::int64_t>(traits.together ? 2 : 1, frames_.count());
    }

    /// The fewest frames that a scene can be put together from must fit the budget: told before anything is done.
    void requireSmallest(const SceneEstimator& estimator, int device) const {
        if (device >= 0 && settings_.budgetGib <= 0) {
            return; // the device itself says what fits
        }
        const auto lean = memoryOf(estimator, 1);
        const auto frames = settings_.viewChunk == 1 ? 1 : fewestTogether(estimator.traits());
        detail::giveBackFreedMemory();
        const auto held = device >= 0 ? lean.residentBytes : detail::processUse().residentBytes;
        const auto least = held + lean.fixedBytes - lean.residentBytes + frames * lean.bytesPerFrame;
        if (least <= budget_.bytes()) {
            return;
        }
        // A little more, for no two runs hold quite the same.
        constexpr double kSpare = 1.01, kSteps = 100;
        char figures[2][24];
        std::snprintf(figures[0], sizeof figures[0], "%.2f", static_cast<double>(budget_.bytes()) / kGib);
        std::snprintf(figures[1], sizeof figures[1], "%.2f", std::ceil(kSpare * kSteps * static_cast<double>(least) / kGib) / kSteps);
        const auto& m = frames_.mapping();
        throw Error(ErrorCode::OutOfMemory,
                    std::string("The memory is too small: ") + figures[0] + " GiB are there, and with " +
                        std::to_string(frames) + (frames == 1 ? " picture" : " pictures") +
                        " at once it takes " + figures[1] + " GiB.",
                    std::string("Use --budget ") + figures[1] + " or more. " +
                        detail::smallerSceneRemedy(std::max(m.width, m.height), estimator.traits().variant, 0));
    }

    /// Passes of a run with the same settings that was interrupted. @returns whether there was one
    bool resume(const SceneModelTraits& traits) {
        const std::string depends =
            "2|" + traits.variant + "|" + settings_.engine + "|" + fs::path(settings_.modelDir).string() +
            "|" + std::to_string(frames_.resolution()) + "|" + settings_.processResMethod + "|" +
            settings_.refViewStrategy + "|" + settings_.vggtMode + "|" + std::to_string(settings_.viewChunk) +
            "|" + std::to_string(settings_.overlap) + "|" + settings_.chunkPolicy + "|" + weightsIdentity_ +
            "|" + frames_.identity();
        std::string frames;
        for (const auto n : frames_.numbers()) {
            frames += std::to_string(n) + ",";
        }
        // What is as it always was leaves the key of earlier runs alone.
        std::string features;
        for (const int block : settings_.exportFeat) {
            features += "|feature " + std::to_string(block);
        }
        const std::string everything = depends + features + (settings_.useRayPose ? "|rays|" : "") +
                                       (settings_.usePointHead ? "|points|" : "") +
                                       (settings_.alignToInputExtScale ? "" : "|own scale|") + frames;
        scene_.key = sha256(std::as_bytes(std::span(everything)));
        std::error_code code;
        if (fs::is_regular_file(scene_.folder / "scene.json", code)) {
            auto before = detail::SceneFolder::read(scene_.folder);
            if (before.key == scene_.key) {
                // Only what is there and whole counts.
                std::size_t sound = 0;
                for (; sound < before.passes.size(); ++sound) {
                    try {
                        const ViewFile file(before.fileOf(sound));
                        if (static_cast<std::int64_t>(file.size()) !=
                            before.passes[sound].end - before.passes[sound].begin) {
                            break;
                        }
                    } catch (const Error&) {
                        break;
                    }
                }
                before.passes.resize(sound);
                scene_ = std::move(before);
                report_.resumedPasses = static_cast<std::int64_t>(sound);
                if (sound > 0) {
                    notice("Going on: " + std::to_string(sound) + " passes are there already.");
                }
                return true;
            }
        }
        return false;
    }

    void begin(const SceneModelTraits& traits) {
        scene_.variant = traits.variant;
        scene_.weightsNote = report_.weightsNote;
        scene_.metres = traits.metres;
        scene_.aligned = !frames_.cameras().empty() && settings_.alignToInputExtScale;
        scene_.mapping = frames_.mapping();
        scene_.originalWidth = frames_.originalWidth();
        scene_.originalHeight = frames_.originalHeight();
        scene_.videoBytes = frames_.videoBytes();
        scene_.frames = frames_.numbers();
        scene_.names = frames_.names();
        scene_.passes.clear();
        std::error_code code;
        if (fs::is_regular_file(scene_.folder / "scene.json", code)) {
            notice("The folder held a scene of another input or of other settings: its passes make room for this one's.");
            fs::remove_all(scene_.folder / "chunks", code);
        }
        scene_.write();
    }

    void pass(SceneEstimator& estimator, std::int64_t begin, std::int64_t end) {
        SceneRequest request;
        request.referenceView = settings_.refViewStrategy;
        request.framesChunk = framesChunk_;
        request.rayPose = settings_.useRayPose;
        request.pointMaps = settings_.usePointHead;
        request.featureBlocks = settings_.exportFeat;
        const auto stopIfAsked = [this] {
            if (stop_.stop_requested()) {
                throw Cancelled();
            }
        };
        for (auto i = begin; i < end; ++i) {
            stopIfAsked();
            const auto again = i - lastBegin_;
            request.pictures.push_back(again >= 0 && again < static_cast<std::int64_t>(last_.size())
                                           ? last_[static_cast<std::size_t>(again)]
                                           : frames_.read(i));
            if (!frames_.cameras().empty()) {
                request.cameras.push_back(frames_.cameras()[static_cast<std::size_t>(i)]);
            }
        }
        last_ = request.pictures; // also where the pass fails and is tried again with fewer
        lastBegin_ = begin;
        tell(begin, end, 0);
        auto views = estimator.estimate(request, stop_, [&](double done) { tell(begin, end, done); });
        stopIfAsked();
        for (std::size_t i = 0; i < views.size(); ++i) {
            views[i].frame = frames_.numbers()[static_cast<std::size_t>(begin) + i];
        }
        for (auto& view : views) {
            dropBorder(view);
        }
        if (!request.cameras.empty()) {
            useKnown(request, views);
        }
        char name[40];
        std::snprintf(name, sizeof name, "chunks/chunk_%04zu.npz", scene_.passes.size());
        writeViews(scene_.folder / name, views);
        scene_.passes.push_back({begin, end, name});
        scene_.write();
    }

    /// What was added around a picture has no depth.
    void dropBorder(SceneView& view) const {
        const auto& m = frames_.mapping();
        const double right = frames_.originalWidth() * m.scaleX - m.offsetX,
                     bottom = frames_.originalHeight() * m.scaleY - m.offsetY;
        if (m.offsetX >= 0 && m.offsetY >= 0) {
            return;
        }
        for (int y = 0; y < m.height; ++y) {
            for (int x = 0; x < m.width; ++x) {
                if (x + 0.5 < -m.offsetX || y + 0.5 < -m.offsetY || x + 0.5 > right || y + 0.5 > bottom) {
                    view.depth[static_cast<std::size_t>(y) * static_cast<std::size_t>(m.width) +
                               static_cast<std::size_t>(x)] = 0;
                }
            }
        }
    }

    /// The given cameras replace those of the network, whose depths are brought to their scale; or they are
    /// brought to the network's world.
    void useKnown(const SceneRequest& request, std::vector<SceneView>& views) {
        std::vector<Vec3> own, given;
        std::vector<PointPair> centres;
        for (std::size_t i = 0; i < views.size(); ++i) {
            own.push_back(inverse(views[i].cameraFromWorld).translation);
            given.push_back(inverse(request.cameras[i].cameraFromWorld).translation);
            centres.push_back({given.back(), own.back()});
        }
        if (!settings_.alignToInputExtScale && views.front().hasCamera) {
            const auto networkFromGiven = exactSim3(centres);
            if (!networkFromGiven) {
                notice("The cameras of a pass stand on a line: the network's own are kept.");
                return;
            }
            for (std::size_t i = 0; i < views.size(); ++i) {
                const auto pose = inverse(request.cameras[i].cameraFromWorld);
                views[i].cameraFromWorld = inverse(RigidTransform{networkFromGiven->rotation * pose.rotation,
                                                                  *networkFromGiven * pose.translation});
                views[i].camera = request.cameras[i].camera;
            }
            return;
        }
        const double scale = views.front().hasCamera ? scaleBetween(own, given) : 0;
        if (!(scale > 0)) {
            notice("The cameras of a pass do not move: its depths keep the network's own scale.");
        }
        for (std::size_t i = 0; i < views.size(); ++i) {
            for (auto& d : views[i].depth) {
                d = static_cast<float>(d * (scale > 0 ? scale : 1));
            }
            views[i].hasCamera = true;
            views[i].cameraFromWorld = request.cameras[i].cameraFromWorld;
            views[i].camera = request.cameras[i].camera;
        }
    }

    void tell(std::int64_t begin, std::int64_t end, double done) const {
        if (events_.progress) {
            Progress progress;
            progress.stage = "scene";
            progress.phase = "frames " + std::to_string(begin + 1) + " to " + std::to_string(end) + " of " +
                             std::to_string(frames_.count());
            progress.total = 100 * frames_.count();
            progress.done =
                100 * begin + static_cast<long long>(100 * done * static_cast<double>(end - begin));
            events_.progress(progress);
        }
    }

    const SceneSettings& settings_;
    const SceneEvents& events_;
    const std::stop_token& stop_;
    SceneReport& report_;
    std::string weightsIdentity_;
    detail::SceneFrames frames_;
    MemoryBudget budget_;
    int framesChunk_;
    const std::size_t points_; ///< wanted, for advice
    detail::SceneFolder scene_;
    std::vector<ImagePtr> last_; ///< of the pass before, for the frames that the next one shares
    std::int64_t lastBegin_ = 0;
};

} // namespace

SceneReport runScene(const SceneInput& input, const SceneSettings& settings, const SceneExport& wanted,
                     const fs::path& folder, const fs::path& modelsDir, const SceneEvents& events,
                     const std::stop_token& stop, SceneEstimator* estimator, const fs::path& weights) {
    requireSceneFormats(wanted.formats);
    const auto asksFor = [&wanted](const char* format) {
        return std::find(wanted.formats.begin(), wanted.formats.end(), format) != wanted.formats.end();
    };
    if (settings.exportFeat.empty() && (asksFor("feat_vis") || asksFor("feat_npz"))) {
        throw Error(ErrorCode::Usage, "Features are to be written, but of no block.",
                    "Name blocks of the network, such as --export-feat 5,11.");
    }
    if (settings.chunkPolicy != "budget" && settings.chunkPolicy != "simple") {
        throw Error(ErrorCode::Usage, "There is no chunk policy '" + settings.chunkPolicy + "'.",
                    "Use budget or simple.");
    }
    if (settings.viewChunk < 0 || settings.framesChunk < 1) {
        throw Error(ErrorCode::Usage, "Chunks have at least one frame.",
                    "Use --view-chunk auto or a number.");
    }
    SceneReport report;
    Telemetry telemetry;
    SceneRun run(input, settings, folder, wanted, events, stop,
                 report); // what is wrong with the input is told first
    telemetry.beginStage("load");
    std::unique_ptr<SceneEstimator> own;
    fs::path file = weights;
    if (estimator == nullptr) {
        auto loaded = detail::loadSceneEstimator(settings, modelsDir, MemoryBudget(settings.budgetGib),
                                                 [&run](const std::string& sentence) { run.notice(sentence); });
        own = std::move(loaded.estimator);
        file = std::move(loaded.weights);
        estimator = own.get();
    }
    const int device = estimator->traits().device;
    if (device >= 0) {
        telemetry.setAllocatorProbe(torchAllocatorProbe());
    }
    telemetry.beginStage("estimate");
    const auto scene = run.run(*estimator, device, file);
    own.reset(); // its memory is free for what follows
    auto merged = wanted;
    merged.budgetGib = wanted.budgetGib > 0 ? wanted.budgetGib : settings.budgetGib;
    detail::mergeInto(scene, merged, events, stop, telemetry, report);
    return report;
}

} // namespace body4d
