#pragma once

#include "pipeline/options.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace body4d::cli {

/// A folder NAME.body4d, also one that is missing or renamed.
[[nodiscard]] bool isProject(const std::filesystem::path& path);

/// Values that were given by an option's own flag (`--batch 8`) or by `--set KEY=VALUE`.
struct OptionFlags {
    std::map<std::string, std::string> flags; ///< option key -> text; empty: not given
    std::vector<std::string> settings;        ///< "KEY=VALUE", stronger

    /// Adds the flags of all options whose key begins with `prefix`, and --set.
    void addTo(CLI::App& command, const std::string& prefix = {});
    /// @throws Error{Usage} naming the nearest known key, the range or the choices
    void applyTo(Options& options) const;
};

/// "glb,ply" and repetitions of it; the default formats where nothing was given.
/// @throws Error{Usage} naming the nearest known format
[[nodiscard]] std::vector<std::string> exportFormatNames(const std::vector<std::string>& lists);

} // namespace body4d::cli
