#include "base/error.h"
#include "base/log.h"
#include "models/torch_engines.h"
#include "pipeline/run.h"
#include "pipeline/weights_notes.h"

#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

namespace body4d {
namespace fs = std::filesystem;
namespace {

fs::path programFolder() {
    std::error_code ec;
    return fs::read_symlink("/proc/self/exe", ec).parent_path();
}

TorchPlace placeOf(const Options& options) {
    return {options.text("runtime.device"), options.text("runtime.precision") == "float32"};
}

/// Where compiled networks are kept between starts; empty where there is no home folder.
fs::path cacheFolder() {
    if (const char* dir = std::getenv("XDG_CACHE_HOME"); dir != nullptr && *dir != '\0') {
        return fs::path(dir) / "body4d";
    }
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
        return fs::path(home) / ".cache" / "body4d";
    }
    return {};
}

} // namespace

struct Engines::Impl {
    std::mutex mutex;
    /// Kept for the life of the engines: callers hold references. Few combinations are ever used.
    std::map<std::tuple<std::string, int, bool, bool, bool, ModelFolder, TorchPlace>, std::unique_ptr<Segmenter>> segmenters;
    std::map<std::string, std::shared_ptr<const BodyModel>> bodies;
    std::map<std::tuple<std::string, ModelFolder, TorchPlace>, std::shared_ptr<const BodyNetwork>> bodyNetworks;
    std::unique_ptr<Segmenter> testSegmenter;
    std::shared_ptr<const BodyEstimator> testEstimator;
    std::shared_ptr<const Completer> completer = makeMotionPriorCompleter();
    std::shared_ptr<const FovNetwork> testFovNetwork;
    std::jthread warming; ///< last member: joined first
};

Engines::Engines() : impl_(std::make_unique<Impl>()) {}
Engines::~Engines() = default;

fs::path Engines::modelsFolder() {
    if (const char* dir = std::getenv("BODY4D_MODELS"); dir != nullptr && *dir != '\0') {
        return dir;
    }
    std::error_code ec;
    const auto program = programFolder();
    for (const auto& place : {program.parent_path() / "share" / "body4d" / "models", program / "models"}) {
        if (fs::is_directory(place, ec)) {
            return place;
        }
    }
    return BODY4D_BUILD_MODELS;
}

ModelFolder Engines::modelsFolder(const Options& options) {
    /// A file's name in the models folder, the option that tells where it is, and its place in SAM-Body4D's layout.
    struct Place {
        const char *name, *option, *layout;
    };
    constexpr Place kPlaces[] = {
        {"sam3.pt", "sam3.ckpt_path", "sam3/sam3.pt"},
        {"sam3d_body/model.ckpt", "sam_3d_body.ckpt_path", "sam-3d-body-dinov3/model.ckpt"},
        {"sam3d_body/mhr_model.pt", "sam_3d_body.mhr_path", "sam-3d-body-dinov3/assets/mhr_model.pt"},
        {"moge2.pt", "sam_3d_body.fov_path", "moge-2-vitl-normal/model.pt"}};
    ModelFolder folder(modelsFolder());
    const fs::path root = options.text("paths.ckpt_root");
    std::error_code ec;
    for (const auto& place : kPlaces) {
        const auto given = options.text(place.option);
        if (!given.empty()) {
            folder.put(place.name, given);
        } else if (!root.empty() &&
                   (fs::exists(root / place.layout, ec) || !fs::exists(folder.path() / place.name, ec))) {
            folder.put(place.name, root / place.layout);
        }
    }
    return folder;
}

Segmenter& Engines::segmenter(const Options& options) {
    const std::scoped_lock lock(impl_->mutex);
    if (impl_->testSegmenter) {
        return *impl_->testSegmenter;
    }
    const auto name = options.text("engines.segment");
    Segmenter::Options wanted;
    wanted.batch = static_cast<int>(options.integer("sam_3d_body.batch_size"));
    wanted.sharpenEdges = options.boolean("mask.sharpen");
    wanted.hands = options.boolean("hands");
    wanted.likeReference = options.text("compat") == "sam-body4d";
    const auto models = modelsFolder(options);
    const auto place = name == "blazepose" ? TorchPlace() : placeOf(options);
    auto& segmenter =
        impl_->segmenters[{name, wanted.batch, wanted.sharpenEdges, wanted.hands, wanted.likeReference, models, place}];
    if (!segmenter) {
        const auto budgetGib = options.number("memory.budget_gib");
        if (name == "blazepose") {
            segmenter = makeBlazePoseSegmenter(modelsFolder(), cacheFolder(), wanted);
        } else if (name == "blazepose_torch") {
            segmenter = makeBlazePoseTorchSegmenter(modelsFolder(), wanted, budgetGib, place);
        } else {
            segmenter = makeTorchSegmenter(name, models, cacheFolder(), wanted, budgetGib, place);
        }
    }
    return *segmenter;
}

std::shared_ptr<const BodyModel> Engines::bodyModel(const std::string& name) {
    const std::scoped_lock lock(impl_->mutex);
    if (impl_->testEstimator) {
        return impl_->testEstimator->model();
    }
    if (name != "anny") {
        throw Error(ErrorCode::MissingModel, "There is no body model '" + name + "'.",
                    "Use the body model anny; body4d models lists what is here.");
    }
    auto& body = impl_->bodies[name];
    if (!body) {
        body = BodyModel::loadAnny(modelsFolder() / "anny.safetensors");
    }
    return body;
}

std::shared_ptr<const BodyEstimator> Engines::bodyEstimator(const Options& options) {
    {
        const std::scoped_lock lock(impl_->mutex);
        if (impl_->testEstimator) {
            return impl_->testEstimator;
        }
    }
    const auto name = options.text("engines.reconstruct");
    if (name == "anny") {
        return makeAnnyEstimator(bodyModel(name), options);
    }
    const std::scoped_lock lock(impl_->mutex);
    const auto models = modelsFolder(options);
    const auto place = placeOf(options);
    auto& network = impl_->bodyNetworks[{name, models, place}];
    if (!network) {
        network = makeTorchBodyNetwork(name, models, place);
    }
    return makePictureEstimator(name, network, options,
                                withNote(name == "sam3d_body" ? "SAM 3D Body" : name, stageWeightsNote(options, "reconstruct")));
}

std::shared_ptr<const Completer> Engines::completer(const Options&) {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->completer;
}

std::shared_ptr<const FovNetwork> Engines::fovNetwork(const Options& options) {
    {
        const std::scoped_lock lock(impl_->mutex);
        if (impl_->testFovNetwork) {
            return impl_->testFovNetwork;
        }
    }
    return makeTorchFovNetwork(options.text("engines.intrinsics"), modelsFolder(options),
                               static_cast<int>(options.integer("camera.fov_tokens")), placeOf(options));
}

void Engines::warmUp() {
    impl_->warming = std::jthread([this] {
        try {
            (void)segmenter(Options());
            (void)bodyModel("anny");
        } catch (const std::exception& e) {
            // Whoever needs the engine gets the error with its remedy.
            log(LogLevel::Info, std::string("Engines could not be loaded in advance: ") + e.what());
        }
    });
}

void Engines::setSegmenterForTests(std::unique_ptr<Segmenter> segmenter) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->testSegmenter = std::move(segmenter);
}

void Engines::setBodyEstimatorForTests(std::shared_ptr<const BodyEstimator> estimator) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->testEstimator = std::move(estimator);
}

void Engines::setFovNetworkForTests(std::shared_ptr<const FovNetwork> network) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->testFovNetwork = std::move(network);
}

void Engines::setCompleterForTests(std::shared_ptr<const Completer> completer) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->completer = std::move(completer);
}

} // namespace body4d
