#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace body4d::cli {

struct ChildResult {
    bool started = false;
    int code = -1;      ///< exit code; -1: it did not start or was ended by a signal
    std::string output; ///< what it printed
};
/// Runs a program and waits for it. Ctrl+C reaches it, too.
/// @param complaints file for what it prints on stderr; empty: discarded
[[nodiscard]] ChildResult runChild(const std::vector<std::string>& command, const std::filesystem::path& complaints = {});

/// A folder for what is thrown away, removed at the end. @throws Error{Output}
class Scratch {
public:
    explicit Scratch(const std::string& name);
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace body4d::cli
