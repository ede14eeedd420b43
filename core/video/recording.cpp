#include "video/recording.h"

#include "base/error.h"
#include "video/video_reader.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace body4d {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPartEnding = ".part.mkv";

/// The name, or "name (2)" and so on.
fs::path unused(const fs::path& wanted) {
    std::error_code ignored;
    fs::path file = wanted;
    for (int number = 2; fs::exists(file, ignored) ||
                         fs::exists(file.parent_path() / (file.stem().string() + kPartEnding), ignored);
         ++number) {
        file = wanted.parent_path() /
               (wanted.stem().string() + " (" + std::to_string(number) + ")" + wanted.extension().string());
    }
    return file;
}

bool beingWritten(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return true; // or not ours to touch
    }
    const bool locked = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0;
    ::close(descriptor);
    return locked;
}

} // namespace

fs::path freeRecordingName(const fs::path& folder) {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm local{};
    localtime_r(&now, &local);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y-%m-%d %H.%M.%S", &local); // colons are not for every disk
    return unused(folder / ("Camera " + std::string(stamp) + ".mkv"));
}

std::vector<fs::path> unfinishedRecordings(const fs::path& folder) {
    std::vector<std::pair<fs::file_time_type, fs::path>> found;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (it->path().filename().string().ends_with(kPartEnding) && it->is_regular_file(ignored) &&
            it->file_size(ignored) > 0 && !beingWritten(it->path())) {
            found.emplace_back(it->last_write_time(ignored), it->path());
        }
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<fs::path> files;
    for (auto& [time, file] : found) {
        files.push_back(std::move(file));
    }
    return files;
}

fs::path recoverRecording(const fs::path& unfinished) {
    (void)VideoReader::open(unfinished); // says what is wrong with it
    std::string name = unfinished.filename().string();
    if (name.ends_with(kPartEnding)) {
        name.resize(name.size() - std::string(kPartEnding).size());
        name += ".mkv";
    }
    fs::path file = unfinished.parent_path() / name;
    std::error_code error;
    for (int number = 2; fs::exists(file, error); ++number) {
        file = unfinished.parent_path() /
               (fs::path(name).stem().string() + " (" + std::to_string(number) + ").mkv");
    }
    fs::rename(unfinished, file, error);
    if (error) {
        throw Error(ErrorCode::Output, "The recording could not get its name.",
                    "Rename it by hand: " + unfinished.string(), error.message());
    }
    return file;
}

} // namespace body4d
