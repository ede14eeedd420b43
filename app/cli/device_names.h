#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <string>

namespace body4d::cli {

/// The names that LibTorch's programs know devices by, beside the number of a CUDA device and -1 for the CPU.
[[nodiscard]] inline CLI::Transformer deviceNames() {
    return CLI::Transformer(
        std::map<std::string, int>{{"cpu", -1}, {"cuda", 0}, {"cuda:0", 0}, {"cuda:1", 1}});
}

} // namespace body4d::cli
