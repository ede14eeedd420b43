#pragma once

#include "base/files.h"
#include "base/npz.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace body4d {

/// Writes NumPy's .npz array by array and piece by piece, so that arrays may be larger than memory.
/// Uncompressed. The file appears under its name when finish() returns.
class NpzStream {
public:
    /// @throws Error{Output}
    explicit NpzStream(const std::filesystem::path& path);
    ~NpzStream(); ///< without finish(): removes what was written
    NpzStream(const NpzStream&) = delete;
    NpzStream& operator=(const NpzStream&) = delete;
    /// Begins an array; the one before must be complete.
    void begin(const std::string& name, DType type, const std::vector<std::int64_t>& shape);
    void write(std::span<const std::byte> bytes);
    template <typename T>
    void write(const std::vector<T>& values) {
        write(std::as_bytes(std::span<const T>(values)));
    }
    void finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Arrays of an uncompressed .npz, in place in the mapped file.
class NpzView {
public:
    struct Array {
        DType type = DType::F32;
        std::vector<std::int64_t> shape;
        std::span<const std::byte> bytes;
        /// Bytes of item i of the first dimension. @throws std::logic_error outside
        [[nodiscard]] std::span<const std::byte> item(std::int64_t i) const;
    };
    /// @throws Error{Input} when the file is cut off, compressed or no npz
    explicit NpzView(const std::filesystem::path& path);
    [[nodiscard]] bool contains(const std::string& name) const { return arrays_.contains(name); }
    /// @throws Error{Input}
    [[nodiscard]] const Array& at(const std::string& name) const;

private:
    std::filesystem::path path_;
    MappedFile file_;
    std::map<std::string, Array> arrays_;
};

} // namespace body4d
