#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace body4d {

/// Buffered output to a plain file; every failure is an Error{Output} with the system's reason.
class FileStream {
public:
    /// Creates or empties the file. @throws Error{Output}
    explicit FileStream(const std::filesystem::path& path);
    void write(std::span<const std::byte> bytes);
    void write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }
    template <typename T>
    void writeValue(const T& value) {
        write(std::as_bytes(std::span<const T, 1>(&value, 1)));
    }
    [[nodiscard]] std::uint64_t size() const { return size_; }
    /// Flushes and closes; without it a failure of the last bytes would go unseen.
    void close();

private:
    [[noreturn]] void fail(int error) const;
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::filesystem::path path_;
    std::unique_ptr<std::FILE, Closer> file_;
    std::uint64_t size_ = 0;
};

} // namespace body4d
