#pragma once

#include "base/image.h"
#include "body/body_track.h"
#include "body/world.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace body4d::detail {

/// A body track with the key of everything that it was computed from.
struct StoredBody {
    std::string key;
    std::string hint; ///< completion's sentence for the person
    BodyTrack track;
};
/// Numbers are stored in double precision, so reading gives back the very same track. @throws Error{Output}
void writeBody(const std::filesystem::path& file, const StoredBody& body);
/// @throws Error{Input} when missing, damaged or posed with another skeleton
[[nodiscard]] StoredBody readBody(const std::filesystem::path& file);
/// What storedKey() says of a body that was posed with another skeleton: no document asks for it, so it is outdated.
inline constexpr const char* kOtherSkeleton = "other skeleton";
/// Key of a stored body or world without reading its numbers; empty when there is none.
[[nodiscard]] std::string storedKey(const std::filesystem::path& file);

struct StoredWorld {
    std::string key;
    WorldFrame world;
};
void writeWorld(const std::filesystem::path& file, const StoredWorld& world);
[[nodiscard]] StoredWorld readWorld(const std::filesystem::path& file);

/// How the camera turned; kept apart from the world, because no body has a part in it and measuring reads the whole video.
struct StoredCamera {
    std::string key;
    CameraPath path;
};
void writeCamera(const std::filesystem::path& file, const StoredCamera& camera);
[[nodiscard]] StoredCamera readCamera(const std::filesystem::path& file);

using FrameMasks = std::vector<std::pair<std::int64_t, RleMask>>; ///< by rising frame
void writeMasks(const std::filesystem::path& file, const FrameMasks& masks);
[[nodiscard]] FrameMasks readMasks(const std::filesystem::path& file);

} // namespace body4d::detail
