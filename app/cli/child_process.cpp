#include "cli/child_process.h"

#include "base/error.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace body4d::cli {
namespace fs = std::filesystem;

ChildResult runChild(const std::vector<std::string>& command, const fs::path& complaints) {
    ChildResult result;
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return result;
    }
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO,
                                     complaints.empty() ? "/dev/null" : complaints.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
    // The signals that are blocked here reach the child: Ctrl+C ends it, too.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    std::vector<char*> words;
    for (const auto& word : command) {
        words.push_back(const_cast<char*>(word.c_str()));
    }
    words.push_back(nullptr);
    pid_t child = -1;
    result.started = ::posix_spawnp(&child, words[0], &files, &attributes, words.data(), environ) == 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    ::close(ends[1]);
    char buffer[4096];
    for (ssize_t n = 0; result.started && (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
        result.output.append(buffer, static_cast<std::size_t>(n));
    }
    ::close(ends[0]);
    int status = 0;
    if (result.started && ::waitpid(child, &status, 0) == child && WIFEXITED(status)) {
        result.code = WEXITSTATUS(status);
    }
    return result;
}

Scratch::Scratch(const std::string& name) {
    auto pattern = (fs::temp_directory_path() / (name + "-XXXXXX")).string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw Error(ErrorCode::Output, "Cannot create a temporary folder.",
                    "Set TMPDIR to a folder with room.");
    }
    path_ = pattern;
}

Scratch::~Scratch() {
    std::error_code ec;
    fs::remove_all(path_, ec);
}

} // namespace body4d::cli
