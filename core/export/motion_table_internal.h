#pragma once

#include "base/geometry.h"
#include "base/output_file.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace body4d::detail {

/// A key of a joint or camera as files carry it.
struct MotionKey {
    std::array<float, 4> rotation{};    ///< quaternion x y z w
    std::array<float, 3> translation{}; ///< metres
};
/// @param last the key before, of whose two quaternions the nearer one is taken, so that a linear blend takes the short way;
/// may be null
[[nodiscard]] MotionKey keyOf(const RigidTransform& t, const MotionKey* last);

/// Values of a file that is being written, one after the other.
struct FileFloats {
    std::filesystem::path file;
    std::uint64_t offset = 0; ///< of the first one, bytes
    std::size_t count = 0;
};

/// Keys of all joints of a skeleton, which wait in a file: memory does not grow with the clip.
class MotionTable {
public:
    /// @param scratch where they wait; removed by the destructor  @param most keys a joint that may come
    /// @param turns,moves by which a number of a key may differ from the first of a joint at rest
    MotionTable(std::filesystem::path scratch, std::size_t joints, std::size_t most, float turns, float moves);
    ~MotionTable();
    MotionTable(const MotionTable&) = delete;
    MotionTable& operator=(const MotionTable&) = delete;

    /// One key for each joint.
    void add(std::span<const RigidTransform> joints);
    /// The last keys once more.
    void repeatLast();
    /// Nothing comes any more: what is below may be asked for.
    void finish();

    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] const MotionKey& first(std::size_t joint) const { return joints_[joint].first; }
    /// Whether any key differs from the first.
    [[nodiscard]] bool turns(std::size_t joint) const { return joints_[joint].turns; }
    [[nodiscard]] bool moves(std::size_t joint) const { return joints_[joint].moves; }
    /// Bounds of the first joint's places.
    [[nodiscard]] Vec3 low() const { return low_; }
    [[nodiscard]] Vec3 high() const { return high_; }
    [[nodiscard]] FileFloats rotations(std::size_t joint) const;
    [[nodiscard]] FileFloats translations(std::size_t joint) const;

private:
    struct Joint {
        MotionKey first, last;
        bool turns = false, moves = false;
        std::vector<float> rotations, translations; ///< keys that are not in the file yet
    };
    void put(std::size_t joint, const MotionKey& key);
    void flush();
    [[nodiscard]] std::uint64_t offsetOf(std::size_t joint) const;
    std::filesystem::path scratch_;
    OutputFile file_;
    std::vector<Joint> joints_;
    float turns_, moves_;
    std::size_t most_, count_ = 0, stored_ = 0; ///< keys a joint: room for; all; those in the file
    Vec3 low_{1e9, 1e9, 1e9}, high_{-1e9, -1e9, -1e9};
};

} // namespace body4d::detail
