#pragma once

#include "base/image.h"
#include "models/scene_input.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace body4d::detail {

/// scene.json of a folder: what the passes in it belong to.
struct SceneFolder {
    std::filesystem::path folder;
    std::string key;     ///< of everything that the passes depend on
    std::string variant; ///< of the network
    std::string weightsNote; ///< what the weights say of themselves
    bool metres = false;
    bool aligned = false; ///< passes have one world: cameras were known, or there is but one pass
    InputMapping mapping;
    int originalWidth = 0, originalHeight = 0;
    std::int64_t videoBytes = 0; ///< size of the video's file; 0: pictures; -1: an earlier version did not write it
    std::vector<std::int64_t> frames; ///< sampled frames by their number in the input
    std::vector<std::string> names;   ///< of the pictures
    struct Pass {
        std::int64_t begin = 0, end = 0; ///< of `frames`
        std::string file;                ///< below the folder
    };
    std::vector<Pass> passes;

    /// @throws Error{Input} when there is none or it is damaged
    [[nodiscard]] static SceneFolder read(const std::filesystem::path& folder);
    void write() const; ///< atomic
    [[nodiscard]] std::filesystem::path fileOf(std::size_t pass) const {
        return folder / passes.at(pass).file;
    }
};

/// Which pixels of the scene's maps a mask of the whole frame covers, grown by `growth` of them.
/// @param mask in any size; empty: none
[[nodiscard]] Mask hiddenPixels(const Mask& mask, const SceneFolder& scene, int growth);

} // namespace body4d::detail
