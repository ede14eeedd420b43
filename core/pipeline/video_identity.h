#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace body4d::detail {

/// Size and hash by which a video is recognised after it was moved or renamed.
struct VideoIdentity {
    std::uint64_t sizeBytes = 0; ///< of all files of an image folder
    std::string hash;            ///< SHA-256 of the size and three samples of 1 MiB; of names and sizes for a folder
};
/// @throws Error{Input} when the file cannot be read
[[nodiscard]] VideoIdentity identifyVideo(const std::filesystem::path& path);

} // namespace body4d::detail
