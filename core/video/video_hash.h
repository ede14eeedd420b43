#pragma once

#include <filesystem>
#include <string>

namespace body4d {

/// Tells whether a video is still the one a project was made with, in milliseconds whatever its length:
/// SHA-256 of its size and of its first and last MiB; of a folder: of the names and sizes of its images. 64
/// hex digits.
/// @throws Error{Input}
[[nodiscard]] std::string videoHash(const std::filesystem::path& path);

} // namespace body4d
