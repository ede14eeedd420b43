#pragma once

#include <filesystem>
#include <vector>

namespace body4d::ui {

/// Remembers on disk which project this process has open, so that the next start can offer it again after a crash.
/// One small file a process; edits themselves are saved as they happen.
class SessionGuard {
public:
    /// @param folder for the notes of all processes; made when needed
    explicit SessionGuard(std::filesystem::path folder);
    ~SessionGuard(); ///< an orderly end: nothing to offer

    SessionGuard(const SessionGuard&) = delete;
    SessionGuard& operator=(const SessionGuard&) = delete;

    void opened(const std::filesystem::path& project) const;
    void closed() const;
    /// Projects of processes that are gone without having closed them, newest first; they are told once.
    [[nodiscard]] std::vector<std::filesystem::path> takeAbandoned() const;

private:
    [[nodiscard]] std::filesystem::path note() const;
    std::filesystem::path folder_;
};

} // namespace body4d::ui
