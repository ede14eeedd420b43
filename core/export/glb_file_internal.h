#pragma once

#include "export/file_stream.h"
#include "export/motion_table_internal.h"

#include <nlohmann/json.hpp>

#include <array>
#include <filesystem>
#include <span>
#include <vector>

namespace body4d {

/// Assembles a binary glTF: JSON grows in memory, binary data goes to a scratch file as it comes, so that
/// memory does not grow with the clip. One buffer, every view aligned to 4 bytes.
class GlbFile {
public:
    using Json = nlohmann::ordered_json;
    enum class Target { None = 0, Vertices = 34962, Indices = 34963 };

    /// @param scratch where binary data waits; removed by the destructor
    explicit GlbFile(std::filesystem::path scratch);
    ~GlbFile();
    GlbFile(const GlbFile&) = delete;
    GlbFile& operator=(const GlbFile&) = delete;

    Json root; ///< everything but buffers, bufferViews and accessors

    /// Floats as an accessor of `components` each (1 SCALAR, 2 VEC2, 3 VEC3, 4 VEC4, 16 MAT4).
    /// @param bounds writes min and max, equal to the data bit by bit
    int addFloats(std::span<const float> values, int components, bool bounds, Target target = Target::None);
    /// Floats that wait in a file, without bounds.
    int addFloats(const detail::FileFloats& values, int components);
    int addIndices(std::span<const std::uint32_t> values); ///< as u16 where all are below 65535
    int addJoints(std::span<const std::uint16_t> values);  ///< VEC4; as u8 where all are below 256

    [[nodiscard]] std::uint64_t binarySize() const { return stream_.size(); }
    /// Header, JSON and binary chunk. @throws Error{Output}, Error{Usage} past 4 GiB
    void write(const std::filesystem::path& path);

private:
    /// The next `size` bytes of the scratch file; they are to be written, then padded.
    int beginView(std::uint64_t size, Target target);
    void pad();
    int addView(std::span<const std::byte> bytes, Target target);
    int addAccessor(Json accessor);
    std::filesystem::path scratch_;
    FileStream stream_;
    Json views_ = Json::array(), accessors_ = Json::array();
};

} // namespace body4d
