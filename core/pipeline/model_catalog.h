#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace body4d {

/// One engine that a stage can use, and what it needs.
struct ModelEntry {
    std::string name;  ///< "blazepose", "anny", "sam3", ...
    std::string stage; ///< "segment", "reconstruct", ...
    std::string title;
    std::string licence;
    std::string source;                       ///< where a person gets it
    std::vector<std::filesystem::path> files; ///< relative to the models folder
    double parametersMillions = 0;
    std::int64_t memoryBytes = 0;
    bool implemented =
        false; ///< this program has the engine; others are listed so that people know what comes
    bool present = false;
    std::string missing; ///< sentence: which file goes where
};
[[nodiscard]] std::vector<ModelEntry> modelCatalog(const std::filesystem::path& modelsFolder);

} // namespace body4d
