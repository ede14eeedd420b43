#include "models/edgetam/segmenter.h"

#include "base/error.h"
#include "models/edgetam/network.h"
#include "models/sam3/segmenter.h"

#include <system_error>
#include <utility>

namespace body4d::edgetam {

sam3::TrackerOptions trackerOptions() {
    sam3::TrackerOptions options;
    options.memorySelection = false;
    options.mostConditioning = 0;
    options.correctionsUseMemory = true;
    return options;
}

std::shared_ptr<const sam3::Model> load(const std::filesystem::path& file, const nn::Placement& placement,
                                        const Config& config) {
    auto network = std::make_shared<Network>(config);
    const nn::EngineScope scope(placement);
    nn::LoadOptions options;
    const auto checkpoint = Checkpoint::open(file);
    options.names = isTransformersFile(checkpoint) ? transformersNames() : officialNames();
    (void)nn::loadStrict(*network, checkpoint, options);
    network->prepare(placement.device, sam3::precisionFor(placement));
    auto model = std::make_shared<sam3::Model>();
    model->placement = placement;
    model->name = "edgetam";
    model->title = "EdgeTAM";
    model->tracker = trackerOptions();
    model->weightBytes = network->parameterBytes();
    model->network = std::move(network);
    return model;
}

std::unique_ptr<Segmenter> makeSegmenter(const std::filesystem::path& modelsDir,
                                         const nn::Placement& placement, const Segmenter::Options& options,
                                         double budgetGib) {
    std::error_code code;
    auto file = modelsDir / kCheckpointFile;
    if (!std::filesystem::is_regular_file(file, code)) {
        file = modelsDir / kTransformersFile;
    }
    if (!std::filesystem::is_regular_file(file, code)) {
        throw Error(ErrorCode::MissingModel, "The weights of EdgeTAM are not here.",
                    "Fetch them with body4d models get edgetam, or put edgetam.pt into " +
                        modelsDir.string() + ". The engine blazepose works without them.",
                    (modelsDir / kCheckpointFile).string());
    }
    return nn::guarded([&] { return sam3::makeSegmenter(load(file, placement), options, budgetGib); });
}

} // namespace body4d::edgetam
