#pragma once

#include "base/image.h"
#include "base/output_file.h"
#include "base/safetensors.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace body4d::detail {

/// Takes masks by rising frame.
using MaskSink = std::function<void(std::int64_t frame, const RleMask& mask)>;

/// Writes masks of some frames in one atomic file. @param make hands them over; the memory that they take does not grow
/// @throws Error{Output}, what `make` throws
void writeMasks(const std::filesystem::path& file, const std::function<void(const MaskSink& sink)>& make);

/// Masks of some frames, read one by one. It goes on with the file that it opened when another one takes its place.
/// Threads may share it.
class MaskReader {
public:
    /// @throws Error{Input} when missing or damaged
    explicit MaskReader(const std::filesystem::path& file);
    [[nodiscard]] std::optional<RleMask> at(std::int64_t frame) const;

private:
    std::shared_ptr<const SafetensorsFile> file_;
    std::vector<std::int64_t> frames_, offsets_; ///< of each mask's run lengths, and their end
    std::vector<std::int32_t> sizes_;            ///< width, height
};

} // namespace body4d::detail
