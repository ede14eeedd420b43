#pragma once

#include <CLI/CLI.hpp>

#include <charconv>
#include <string>

namespace body4d::cli {

/// The names that LibTorch's programs know devices by, beside the number of a CUDA device and -1 for the CPU.
[[nodiscard]] inline CLI::Validator deviceNames() {
    return CLI::Validator(
        [](std::string& word) -> std::string {
            if (word == "cpu") {
                word = "-1";
            } else if (word == "cuda") {
                word = "0";
            } else if (word.starts_with("cuda:")) {
                word.erase(0, word.find(':') + 1);
            }
            int number = 0;
            const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), number);
            constexpr int kFirstThereIs = -2;
            return code == std::errc() && end == word.data() + word.size() && number >= kFirstThereIs
                       ? ""
                       : "'" + word + "' is no device; use cpu, cuda, or the number of a CUDA device";
        },
        "");
}

} // namespace body4d::cli
