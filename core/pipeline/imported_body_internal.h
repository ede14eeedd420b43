#pragma once

#include "base/geometry.h"
#include "body/body_model.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace body4d::detail {

/// One body in one frame as a file says it; camera axes, metres.
struct ImportedBody {
    std::shared_ptr<MeasuredSurface> surface = std::make_shared<MeasuredSurface>();
    Vec3 translation;
    std::vector<Vec3> keypoints;                         ///< relative to the translation, may be empty
    std::vector<Vec2> keypointsPx;                       ///< the official pixels, may be empty
    double focalPx = 0;                                  ///< 0: not said
    std::vector<std::array<std::uint32_t, 3>> triangles; ///< empty: not said
};

/// Whether a file's name ends so, in upper or lower case. @param extension with its dot, lower case
[[nodiscard]] bool hasExtension(const std::filesystem::path& file, const char* extension);
/// The last number in a name.
[[nodiscard]] std::optional<std::int64_t> numberIn(const std::filesystem::path& file);
/// What is in a folder but for hidden files, by number, then by name.
[[nodiscard]] std::vector<std::filesystem::path> sortedEntries(const std::filesystem::path& folder);

/// The fields of SAM 3D Body's output. @throws Error with ErrorCode::Input where a body is not complete
[[nodiscard]] ImportedBody readNpzBody(const std::filesystem::path& file);
/// A mesh of SAM-Body4D: camera space, turned half about x. @throws Error with ErrorCode::Input where it is empty
[[nodiscard]] ImportedBody readPlyBody(const std::filesystem::path& file);

} // namespace body4d::detail
