#pragma once

#include "base/image.h"
#include "base/safetensors_stream.h"
#include "body/body_track.h"
#include "body/world.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
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
/// A body file under way, for writeFileAtomically(): its frames come piece by piece.
class BodyWriter {
public:
    /// @param frames how many will come  @param joints of their poses  @throws Error{Output}
    BodyWriter(const std::filesystem::path& temporary, const std::filesystem::path& file, std::size_t frames,
               std::size_t joints);
    /// The next frames; they must not carry measured surfaces. @throws Error{Output}
    void append(std::span<const BodyFrame> frames);
    /// @param body what is to be said of the whole track; its frames are not looked at  @throws Error{Output}
    void finish(const StoredBody& body);

private:
    SafetensorsStream stream_;
    std::int64_t next_ = 0, frames_;
    std::size_t joints_;
};

/// A body file that is read piece by piece; of its frames nothing stays in memory. It goes on with the file that it opened
/// when another one takes its place. Threads may share it.
class BodyReader {
public:
    /// @throws Error{Input} when missing, damaged or posed with another skeleton
    explicit BodyReader(std::filesystem::path file);
    [[nodiscard]] const StoredBody& head() const { return head_; } ///< without frames, with a model of its own
    [[nodiscard]] std::size_t frameCount() const { return static_cast<std::size_t>(frames_); }
    [[nodiscard]] std::size_t joints() const { return joints_; }
    enum class Parts {
        All,
        WithoutJoints ///< no surfaces, and instead of its joints' rotations a pose has a single one, so that it counts as posed
    };
    [[nodiscard]] std::vector<FrameState> states() const; ///< of all frames
    /// Frames [begin, end), counted from the first. @throws Error{Input}
    [[nodiscard]] std::vector<BodyFrame> frames(std::size_t begin, std::size_t end, Parts parts = Parts::All) const;

private:
    void readSurfaces(std::size_t begin, std::span<BodyFrame> frames) const;
    std::filesystem::path path_;
    std::shared_ptr<const SafetensorsFile> file_;
    StoredBody head_;
    std::int64_t frames_ = 0;
    std::size_t joints_ = 0, modelVertices_ = 0;
    std::vector<std::int64_t> surfaceFrames_; ///< that have a measured surface, rising, counted from the first
};

/// What storedKey() says of a body that was posed with another skeleton: no document asks for it, so it is outdated.
inline constexpr const char* kOtherSkeleton = "other skeleton";
/// Key of a stored body or world without reading its numbers; empty when there is none.
[[nodiscard]] std::string storedKey(const std::filesystem::path& file);

/// Frames of a stored world; none where there is none.
[[nodiscard]] FrameRange storedWorldFrames(const std::filesystem::path& file);

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

} // namespace body4d::detail
