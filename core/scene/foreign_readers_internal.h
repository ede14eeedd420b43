#pragma once

#include "scene/foreign_scene.h"
#include "scene/rotation.h"

#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace body4d::detail {

/// What a single file holds, in its own axes.
struct RawScene {
    std::vector<ForeignObject> objects;
    std::vector<ForeignCamera> cameras;
    std::optional<UpAxis> up;   ///< what the file or its format says of itself
    bool turnByCameras = false; ///< the axes mean nothing, the cameras tell where up is
    bool cameraSpace = false;   ///< y up, seen from the origin; nobody knows where the floor is
    std::string kind;
};

[[nodiscard]] RawScene readPly(const std::filesystem::path& file);
[[nodiscard]] RawScene readObj(const std::filesystem::path& file);
[[nodiscard]] RawScene readGlb(const std::filesystem::path& file);
[[nodiscard]] RawScene readForeignNpz(const std::filesystem::path& file);
/// @param folder with cameras, images and points3D, .bin or .txt
[[nodiscard]] RawScene readColmap(const std::filesystem::path& folder);
/// Where a COLMAP model lies in or below a folder; empty: nowhere.
[[nodiscard]] std::filesystem::path colmapFolder(const std::filesystem::path& folder);

/// "NAME cannot be read: flaw". @throws always
[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& flaw,
                         const std::string& remedy = "Write the file again, or take another one.");

/// Reads little-endian values one after the other and stops at the end of the data.
class ByteCursor {
public:
    ByteCursor(std::span<const std::byte> bytes, const std::filesystem::path& file)
        : bytes_(bytes), file_(file) {}
    template <typename T>
    T take() {
        T value;
        std::memcpy(&value, skip(sizeof(T)), sizeof(T));
        return value;
    }
    /// Text up to a zero byte.
    std::string takeString();
    const std::byte* skip(std::uint64_t count) {
        if (count > bytes_.size() - at_) {
            refuse(file_, "it ends too early");
        }
        const auto* here = bytes_.data() + at_;
        at_ += static_cast<std::size_t>(count);
        return here;
    }
    [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

private:
    std::span<const std::byte> bytes_;
    const std::filesystem::path& file_;
    std::size_t at_ = 0;
};

/// Words of a text, line by line.
class TextCursor {
public:
    explicit TextCursor(std::string_view text) : text_(text) {}
    /// @returns whether there is another line, without its end
    bool line(std::string_view& out);
    /// The next word of a line; empty at its end.
    static std::string_view word(std::string_view& line);
    /// @returns whether the word is a number
    static bool number(std::string_view word, double& out);

private:
    std::string_view text_;
};

/// Keeps what is finite; drops the triangles of what is not.
void dropNonFinite(ForeignObject& object);

} // namespace body4d::detail
