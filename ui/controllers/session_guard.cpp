#include "ui/controllers/session_guard.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <string>
#include <utility>

#include <unistd.h>

namespace body4d::ui {
namespace fs = std::filesystem;
namespace {

bool alive(long process) { return ::kill(static_cast<pid_t>(process), 0) == 0 || errno == EPERM; }

} // namespace

SessionGuard::SessionGuard(fs::path folder) : folder_(std::move(folder)) {}
SessionGuard::~SessionGuard() { closed(); }

fs::path SessionGuard::note() const { return folder_ / (std::to_string(::getpid()) + ".session"); }

void SessionGuard::opened(const fs::path& project) const {
    try {
        writeFileAtomically(note(), fs::absolute(project).string());
    } catch (const std::exception& e) {
        logWarning(std::string("A crash could not be recovered from by itself: ") + e.what());
    }
}

void SessionGuard::closed() const {
    std::error_code ec;
    fs::remove(note(), ec);
}

std::vector<fs::path> SessionGuard::takeAbandoned() const {
    std::vector<std::pair<fs::file_time_type, fs::path>> notes;
    std::error_code ec;
    for (fs::directory_iterator it(folder_, ec), end; !ec && it != end; it.increment(ec)) {
        const std::string name = it->path().stem().string();
        long process = 0;
        const auto parsed = std::from_chars(name.data(), name.data() + name.size(), process);
        if (it->path().extension() == ".session" && parsed.ec == std::errc() && process > 0 && !alive(process)) {
            std::error_code ignored;
            notes.emplace_back(it->last_write_time(ignored), it->path());
        }
    }
    std::sort(notes.rbegin(), notes.rend());
    std::vector<fs::path> projects;
    for (const auto& [time, path] : notes) {
        try {
            const fs::path project = readTextFile(path);
            if (fs::exists(project / "project.yaml", ec) && std::find(projects.begin(), projects.end(), project) == projects.end()) {
                projects.push_back(project);
            }
        } catch (const Error&) {
            // A note that cannot be read says nothing.
        }
        fs::remove(path, ec);
    }
    return projects;
}

} // namespace body4d::ui
