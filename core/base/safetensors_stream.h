#pragma once

#include "base/output_file.h"
#include "base/safetensors.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace body4d {

/// One file whose tensors are filled row by row, in any order, so that memory does not grow with them. Rows that are
/// never written are zeros.
class SafetensorsStream {
public:
    struct Tensor {
        DType dtype = DType::F32;
        std::vector<std::int64_t> shape; ///< rows first
    };
    /// @param file created or emptied; for writeFileAtomically()  @param named what messages call it
    /// @param metadataBytes room for what finish() is told, in JSON  @throws Error{Output}
    SafetensorsStream(const std::filesystem::path& file, const std::filesystem::path& named,
                      std::map<std::string, Tensor> tensors, std::size_t metadataBytes);
    /// Values of whole rows, from `row` on. @throws Error{Output}
    template <typename T>
    void put(const std::string& name, std::int64_t row, const std::vector<T>& values) {
        putBytes(name, DTypeOf<T>::value, row, std::as_bytes(std::span(values)));
    }
    /// Writes the header and closes the file. @throws Error{Output}
    void finish(const std::map<std::string, std::string>& metadata);

private:
    void putBytes(const std::string& name, DType dtype, std::int64_t row, std::span<const std::byte> bytes);
    OutputFile file_;
    std::map<std::string, Tensor> tensors_;
    std::map<std::string, std::uint64_t> begin_; ///< in the file's data
    std::uint64_t headerBytes_ = 0, dataBytes_ = 0;
};

/// Reads a whole file. @throws Error{Input} where one of SafetensorsWriter, which writes a checksum (CRC-32) with it, is not as
/// it was written; files without one only have to have a header
void requireSound(const std::filesystem::path& path);

/// Gives back the memory of what was read of a file; it comes from the disk again when it is looked at again.
void forgetPages(const SafetensorsFile& file) noexcept;

/// Copies rows [begin, end) of a tensor out. @param shape of the whole tensor, -1 matches anything
/// @throws Error{Input} on another dtype, another shape or beyond its end
template <typename T>
[[nodiscard]] std::vector<T> rowValues(const SafetensorsFile& file, const std::string& name, std::int64_t begin,
                                       std::int64_t end, const std::vector<std::int64_t>& shape);

} // namespace body4d
