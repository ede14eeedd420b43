#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace body4d {

/// Writes a file so that a reader sees the old content or the new one, never a part: a temporary file in the same
/// folder, fsync, rename, fsync of the folder. Creates missing folders.
/// @throws Error{Output} with the path and the system's reason (full disk, permissions); nothing is left behind
void writeFileAtomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void writeFileAtomically(const std::filesystem::path& path, std::string_view text);

/// For content that is written piece by piece: fn gets the temporary path; on return the file is fsynced and renamed,
/// on an exception it is removed and the exception goes on.
void writeFileAtomically(const std::filesystem::path& path,
                         const std::function<void(const std::filesystem::path& temporary)>& fn);

/// @throws Error{Input} when the file cannot be read
[[nodiscard]] std::vector<std::byte> readFile(const std::filesystem::path& path);
[[nodiscard]] std::string readTextFile(const std::filesystem::path& path);

/// SHA-256 as 64 lower-case hex digits.
[[nodiscard]] std::string sha256(std::span<const std::byte> bytes);

/// Read-only memory map of a whole file. Move-only.
class MappedFile {
public:
    /// @throws Error{Input}
    explicit MappedFile(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

private:
    std::span<const std::byte> bytes_;
};

} // namespace body4d
