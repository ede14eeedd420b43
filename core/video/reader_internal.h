#pragma once

#include "video/video_reader.h"

namespace body4d {

/// A video file. @throws Error{Input}
[[nodiscard]] std::unique_ptr<VideoReader> openVideoFile(const std::filesystem::path& path,
                                                         const VideoReader::Options& options);
/// Images of one size in the given order. @throws Error{Input} when the first cannot be read
[[nodiscard]] std::unique_ptr<VideoReader> openImages(const std::filesystem::path& path,
                                                      std::vector<std::filesystem::path> images,
                                                      const VideoReader::Options& options);
/// Images of a folder in natural order ("2.png" before "10.png"). @throws Error{Input} when there is none
[[nodiscard]] std::vector<std::filesystem::path> listImages(const std::filesystem::path& folder);

/// See readImage(); also says what the file's colours are.
[[nodiscard]] Image readImage(const std::filesystem::path& path, PictureColour& colour);

} // namespace body4d
