#include "video/video_reader.h"

#include "video/ffmpeg_internal.h"
#include "video/reader_internal.h"

namespace body4d {

VideoReader::~VideoReader() = default;

std::unique_ptr<VideoReader> VideoReader::open(const std::filesystem::path& path, const Options& options) {
    ffmpeg::requireReadableFile(path);
    if (std::filesystem::is_directory(path)) {
        return openImages(path, listImages(path), options);
    }
    return openVideoFile(path, options);
}

} // namespace body4d
