#include "pipeline/weights_notes.h"

#include "base/error.h"
#include "base/log.h"
#include "models/weights_note.h"
#include "pipeline/run.h"

#include <algorithm>
#include <array>
#include <utility>

namespace body4d {
namespace {

/// Engines whose weights a person brings, with their main file.
constexpr std::array<std::pair<const char*, const char*>, 4> kFiles = {
    {{"sam3", "sam3.pt"},
     {"edgetam", "edgetam.pt"},
     {"sam3d_body", "sam3d_body/model.ckpt"},
     {"moge2", "moge2.pt"}}};

} // namespace

std::string stageWeightsNote(const Options& options, const std::string& stage) {
    if (stage != "segment" && stage != "intrinsics" && stage != "reconstruct") {
        return {};
    }
    const auto engine = options.text("engines." + stage);
    const auto* file =
        std::find_if(kFiles.begin(), kFiles.end(), [&](const auto& f) { return f.first == engine; });
    if (file == kFiles.end()) {
        return {};
    }
    try {
        return weightsNote(Engines::modelsFolder(options) / file->second);
    } catch (const Error& e) {
        log(LogLevel::Debug, e.what()); // whoever loads it says so with the remedy
        return {};
    }
}

std::string bodyWeightsNote(const Options& options) {
    std::string all;
    for (const char* stage : {"segment", "intrinsics", "reconstruct"}) {
        const auto note = stageWeightsNote(options, stage);
        if (!note.empty() && all.find(note) == std::string::npos) {
            all += (all.empty() ? "" : ", ") + note;
        }
    }
    return all;
}

std::string withNote(const std::string& name, const std::string& note) {
    return note.empty() ? name : name + " (" + note + ")";
}

} // namespace body4d
