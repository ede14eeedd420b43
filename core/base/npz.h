#pragma once

#include "base/safetensors.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace body4d {

/// Writes NumPy's .npz: an uncompressed zip of .npy arrays, C order, little-endian, no pickled objects.
class NpzWriter {
public:
    template <typename T>
    void add(const std::string& name, const std::vector<T>& values, std::vector<std::int64_t> shape) {
        addBytes(name, DTypeOf<T>::value, std::as_bytes(std::span<const T>(values)), std::move(shape));
    }
    void addBool(const std::string& name, const std::vector<std::uint8_t>& values, std::vector<std::int64_t> shape);
    /// A zero-dimensional or one-dimensional array of unicode strings.
    void addString(const std::string& name, const std::string& value);
    void addStrings(const std::string& name, const std::vector<std::string>& values);
    void addBytes(const std::string& name, DType dtype, std::span<const std::byte> bytes, std::vector<std::int64_t> shape);
    /// Values that wait in a file until write() copies them. @param offset of their first byte in it
    void addFile(const std::string& name, DType dtype, std::vector<std::int64_t> shape, std::filesystem::path file,
                 std::uint64_t offset);
    /// Atomic. @throws Error{Output}
    void write(const std::filesystem::path& path) const;

private:
    struct Member {
        std::vector<std::byte> bytes; ///< the .npy file, without the values where these wait in a file
        std::filesystem::path file;
        std::uint64_t offset = 0, size = 0; ///< of the values in `file`
    };
    std::map<std::string, Member> members_; ///< by file name
};

/// One array of an .npz; bytes are little-endian in C order.
struct NpyArray {
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::vector<std::byte> bytes;
    /// @throws Error{Input} when T is not the array's type (F16/F32/F64 convert among each other)
    template <typename T>
    [[nodiscard]] std::vector<T> as() const;
};

/// Reads stored and deflated members. Arrays of strings or objects are skipped, never executed.
/// @throws Error{Input} naming the file and the flaw
[[nodiscard]] std::map<std::string, NpyArray> readNpz(const std::filesystem::path& path);

} // namespace body4d
