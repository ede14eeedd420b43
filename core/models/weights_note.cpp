#include "models/weights_note.h"

#include "base/safetensors.h"

#include <array>
#include <fstream>
#include <map>
#include <mutex>
#include <system_error>

namespace body4d {
namespace fs = std::filesystem;
namespace {

/// Such a file begins with the length of its header in eight bytes, then with the header, which is JSON.
bool isSafetensors(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::array<char, 9> start{};
    return in.read(start.data(), start.size()) && start.back() == '{';
}

struct Known {
    fs::file_time_type time;
    std::uintmax_t size = 0;
    std::string note;
};

} // namespace

std::string weightsNote(const fs::path& file) {
    std::error_code code;
    const auto time = fs::last_write_time(file, code);
    const auto size = code ? 0 : fs::file_size(file, code);
    if (code) {
        return {};
    }
    // Stages ask for it whenever they compare what they are made of, and headers name thousands of tensors.
    static std::mutex mutex;
    static std::map<fs::path, Known> known;
    const std::scoped_lock lock(mutex);
    const auto found = known.find(file);
    if (found != known.end() && found->second.time == time && found->second.size == size) {
        return found->second.note;
    }
    std::string note;
    if (isSafetensors(file)) {
        const SafetensorsFile weights(file);
        const auto said = weights.metadata().find("note");
        note = said == weights.metadata().end() ? std::string() : said->second;
    }
    known[file] = {time, size, note};
    return note;
}

} // namespace body4d
