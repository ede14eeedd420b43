#include "pipeline/video_identity.h"

#include "base/files.h"

#include <algorithm>
#include <vector>

namespace body4d::detail {
namespace fs = std::filesystem;

VideoIdentity identifyVideo(const fs::path& path) {
    VideoIdentity identity;
    std::vector<std::byte> text;
    const auto append = [&text](std::span<const std::byte> bytes) { text.insert(text.end(), bytes.begin(), bytes.end()); };
    const auto appendText = [&](const std::string& s) { append(std::as_bytes(std::span(s.data(), s.size()))); };
    if (fs::is_directory(path)) {
        std::vector<std::string> entries;
        for (const auto& entry : fs::directory_iterator(path)) {
            if (entry.is_regular_file()) {
                identity.sizeBytes += entry.file_size();
                entries.push_back(entry.path().filename().string() + " " + std::to_string(entry.file_size()) + "\n");
            }
        }
        std::sort(entries.begin(), entries.end());
        for (const auto& entry : entries) {
            appendText(entry);
        }
    } else {
        const MappedFile file(path);
        const auto bytes = file.bytes();
        identity.sizeBytes = bytes.size();
        appendText(std::to_string(bytes.size()) + "\n");
        constexpr std::size_t kSample = 1 << 20;
        if (bytes.size() <= 3 * kSample) {
            append(bytes);
        } else {
            append(bytes.first(kSample));
            append(bytes.subspan(bytes.size() / 2, kSample));
            append(bytes.last(kSample));
        }
    }
    identity.hash = sha256(text);
    return identity;
}

} // namespace body4d::detail
