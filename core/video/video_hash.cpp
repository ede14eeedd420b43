#include "video/video_hash.h"

#include "base/error.h"
#include "base/files.h"
#include "video/ffmpeg_internal.h"
#include "video/reader_internal.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <vector>

namespace body4d {

namespace fs = std::filesystem;

std::string videoHash(const fs::path& path) {
    ffmpeg::requireReadableFile(path);
    std::vector<std::byte> content;
    const auto append = [&](const void* data, std::size_t size) {
        const std::size_t at = content.size();
        content.resize(at + size);
        std::memcpy(content.data() + at, data, size);
    };
    const auto appendText = [&](const std::string& text) { append(text.c_str(), text.size() + 1); };
    if (fs::is_directory(path)) {
        for (const fs::path& image : listImages(path)) {
            appendText(image.filename().string());
            appendText(std::to_string(fs::file_size(image)));
        }
        return sha256(content);
    }
    constexpr std::uint64_t kPiece = 1 << 20;
    const std::uint64_t size = fs::file_size(path);
    appendText(std::to_string(size));
    std::ifstream in(path, std::ios::binary);
    std::vector<char> piece(static_cast<std::size_t>(std::min(size, kPiece)));
    for (const std::uint64_t from : {std::uint64_t{0}, size - piece.size()}) {
        in.seekg(static_cast<std::streamoff>(from));
        if (!in.read(piece.data(), static_cast<std::streamsize>(piece.size()))) {
            throw Error(ErrorCode::Input, "The file " + ffmpeg::quotedName(path) + " cannot be read.",
                        "Check the disk and the permissions.", path.string());
        }
        append(piece.data(), piece.size());
    }
    return sha256(content);
}

} // namespace body4d
