#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>

namespace body4d {

/// A file under way that is filled at any place, unbuffered; writeFileAtomically() makes it appear whole.
class OutputFile {
public:
    /// Creates or empties `path`. @param named what messages call it  @throws Error{Output}
    OutputFile(const std::filesystem::path& path, std::filesystem::path named);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    /// What is never written lies there as zeros. @throws Error{Output}
    void writeAt(std::uint64_t offset, std::span<const std::byte> bytes);
    /// Makes the file at least so long. @throws Error{Output}
    void extend(std::uint64_t size);
    /// @throws Error{Output}; without it a failure of the last bytes would go unseen
    void close();

private:
    std::filesystem::path named_;
    int file_ = -1;
};

/// Calls fn with `size` bytes of an intermediate file from `offset` on, a piece at a time.
/// @throws Error{Output} when they cannot be read back
void readPieces(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t size,
                const std::function<void(std::span<const std::byte>)>& fn);

} // namespace body4d
