#pragma once

#include "base/error.h"
#include "base/files.h"

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace body4d {

enum class DType { U8, I8, I32, I64, F16, BF16, F32, F64, Bool, U16, I16, U32, U64, C64 };
[[nodiscard]] std::size_t byteSize(DType type) noexcept;
/// As the safetensors format spells it: "F32", "BF16", "C64" (two floats), ...
[[nodiscard]] const char* dtypeName(DType type) noexcept;
[[nodiscard]] std::optional<DType> dtypeOfName(std::string_view name) noexcept;

template <typename T>
struct DTypeOf;
template <> struct DTypeOf<std::uint8_t> { static constexpr DType value = DType::U8; };
template <> struct DTypeOf<std::int32_t> { static constexpr DType value = DType::I32; };
template <> struct DTypeOf<std::uint32_t> { static constexpr DType value = DType::U32; };
template <> struct DTypeOf<std::int64_t> { static constexpr DType value = DType::I64; };
template <> struct DTypeOf<float> { static constexpr DType value = DType::F32; };
template <> struct DTypeOf<double> { static constexpr DType value = DType::F64; };

/// One tensor of a file: dtype, shape and little-endian bytes in C order. Valid as long as its file.
struct TensorView {
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
    [[nodiscard]] std::int64_t count() const;
};

/// Reader of the safetensors format (https://github.com/huggingface/safetensors), memory-mapped, hostile input checked.
class SafetensorsFile {
public:
    /// @throws Error{Input} naming the file and the flaw
    explicit SafetensorsFile(const std::filesystem::path& path);

    [[nodiscard]] const std::map<std::string, TensorView>& tensors() const { return tensors_; }
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }
    [[nodiscard]] bool contains(const std::string& name) const { return tensors_.contains(name); }
    /// @throws Error{Input} when missing
    [[nodiscard]] const TensorView& at(const std::string& name) const;
    /// Copies values out; F16/BF16/F64 convert to float, everything else must match.
    /// @throws Error{Input} on another dtype or, where `shape` is not empty, another shape (-1 matches anything)
    template <typename T>
    [[nodiscard]] std::vector<T> values(const std::string& name, std::vector<std::int64_t> shape = {}) const;

private:
    void checkShape(const std::string& name, const TensorView& tensor, const std::vector<std::int64_t>& shape) const;
    [[noreturn]] void wrongType(const std::string& name) const;
    std::filesystem::path path_;
    MappedFile file_;
    std::map<std::string, TensorView> tensors_;
    std::map<std::string, std::string> metadata_;
};

/// Half precision (IEEE binary16) to single.
[[nodiscard]] float halfToFloat(std::uint16_t half) noexcept;

template <typename T>
std::vector<T> SafetensorsFile::values(const std::string& name, std::vector<std::int64_t> shape) const {
    const TensorView& tensor = at(name);
    checkShape(name, tensor, shape);
    std::vector<T> out(static_cast<std::size_t>(tensor.count()));
    if (tensor.dtype == DTypeOf<T>::value) {
        if (!out.empty()) {
            std::memcpy(out.data(), tensor.bytes.data(), tensor.bytes.size());
        }
        return out;
    }
    if constexpr (std::is_floating_point_v<T>) {
        const auto load = [&]<typename S>(S, auto convert) {
            for (std::size_t i = 0; i < out.size(); ++i) {
                S raw;
                std::memcpy(&raw, tensor.bytes.data() + i * sizeof(S), sizeof(S));
                out[i] = static_cast<T>(convert(raw));
            }
        };
        switch (tensor.dtype) {
        case DType::F16: load(std::uint16_t{}, [](std::uint16_t h) { return halfToFloat(h); }); return out;
        case DType::BF16:
            load(std::uint16_t{}, [](std::uint16_t h) {
                const std::uint32_t bits = static_cast<std::uint32_t>(h) << 16;
                float f;
                std::memcpy(&f, &bits, sizeof f);
                return f;
            });
            return out;
        case DType::F32: load(float{}, [](float f) { return f; }); return out;
        case DType::F64: load(double{}, [](double f) { return f; }); return out;
        default: break;
        }
    }
    wrongType(name);
}

/// Collects tensors and writes them in one atomic file. Spans are copied when added.
class SafetensorsWriter {
public:
    template <typename T>
    void add(const std::string& name, std::span<const T> values, std::vector<std::int64_t> shape) {
        addBytes(name, DTypeOf<T>::value, std::as_bytes(values), std::move(shape));
    }
    template <typename T>
    void add(const std::string& name, const std::vector<T>& values, std::vector<std::int64_t> shape) {
        add(name, std::span<const T>(values), std::move(shape));
    }
    void addBytes(const std::string& name, DType dtype, std::span<const std::byte> bytes, std::vector<std::int64_t> shape);
    void setMetadata(const std::string& key, const std::string& value) { metadata_[key] = value; }
    /// @throws Error{Output}
    void write(const std::filesystem::path& path) const;

private:
    struct Entry {
        DType dtype;
        std::vector<std::int64_t> shape;
        std::vector<std::byte> bytes;
    };
    std::map<std::string, Entry> entries_;
    std::map<std::string, std::string> metadata_;
};

} // namespace body4d
