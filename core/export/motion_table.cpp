#include "base/error.h"
#include "export/motion_table_internal.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace body4d::detail {
namespace {

constexpr std::size_t kPieceKeys = 256; // that wait in memory

template <std::size_t N>
bool differs(const std::array<float, N>& a, const std::array<float, N>& b, float tolerance) {
    for (std::size_t i = 0; i < N; ++i) {
        if (std::fabs(a[i] - b[i]) > tolerance) {
            return true;
        }
    }
    return false;
}

} // namespace

MotionKey keyOf(const RigidTransform& t, const MotionKey* last) {
    const Quat q = toQuat(t.rotation);
    MotionKey key;
    key.rotation = {static_cast<float>(q.x), static_cast<float>(q.y), static_cast<float>(q.z), static_cast<float>(q.w)};
    if (last != nullptr && key.rotation[0] * last->rotation[0] + key.rotation[1] * last->rotation[1] +
                                   key.rotation[2] * last->rotation[2] + key.rotation[3] * last->rotation[3] <
                               0) {
        for (float& c : key.rotation) {
            c = -c;
        }
    }
    key.translation = {static_cast<float>(t.translation.x), static_cast<float>(t.translation.y),
                       static_cast<float>(t.translation.z)};
    return key;
}

MotionTable::MotionTable(std::filesystem::path scratch, std::size_t joints, std::size_t most, float turns, float moves)
    : scratch_(std::move(scratch)), file_(scratch_, scratch_), joints_(joints), turns_(turns), moves_(moves), most_(most) {}

MotionTable::~MotionTable() {
    std::error_code ignored;
    std::filesystem::remove(scratch_, ignored);
}

void MotionTable::add(std::span<const RigidTransform> joints) {
    BODY4D_EXPECT(joints.size() == joints_.size());
    for (std::size_t j = 0; j < joints.size(); ++j) {
        put(j, keyOf(joints[j], count_ > 0 ? &joints_[j].last : nullptr));
    }
    ++count_;
    flush();
}

void MotionTable::repeatLast() {
    for (std::size_t j = 0; j < joints_.size(); ++j) {
        put(j, MotionKey(joints_[j].last));
    }
    ++count_;
    flush();
}

void MotionTable::put(std::size_t joint, const MotionKey& key) {
    Joint& j = joints_[joint];
    if (count_ == 0) {
        j.first = key;
    }
    j.last = key;
    j.turns = j.turns || differs(key.rotation, j.first.rotation, turns_);
    j.moves = j.moves || differs(key.translation, j.first.translation, moves_);
    j.rotations.insert(j.rotations.end(), key.rotation.begin(), key.rotation.end());
    j.translations.insert(j.translations.end(), key.translation.begin(), key.translation.end());
    if (joint == 0) {
        const Vec3 p{key.translation[0], key.translation[1], key.translation[2]};
        low_ = {std::min(low_.x, p.x), std::min(low_.y, p.y), std::min(low_.z, p.z)};
        high_ = {std::max(high_.x, p.x), std::max(high_.y, p.y), std::max(high_.z, p.z)};
    }
}

void MotionTable::flush() {
    if (count_ - stored_ >= kPieceKeys) {
        finish();
    }
}

void MotionTable::finish() {
    BODY4D_EXPECT(count_ <= most_);
    for (std::size_t j = 0; j < joints_.size(); ++j) {
        file_.writeAt(offsetOf(j) + 4 * sizeof(float) * stored_, std::as_bytes(std::span(joints_[j].rotations)));
        file_.writeAt(offsetOf(j) + 4 * sizeof(float) * most_ + 3 * sizeof(float) * stored_,
                      std::as_bytes(std::span(joints_[j].translations)));
        joints_[j].rotations.clear();
        joints_[j].translations.clear();
    }
    stored_ = count_;
}

std::uint64_t MotionTable::offsetOf(std::size_t joint) const {
    return static_cast<std::uint64_t>(joint) * most_ * 7 * sizeof(float);
}

FileFloats MotionTable::rotations(std::size_t joint) const {
    return {scratch_, offsetOf(joint), 4 * count_};
}

FileFloats MotionTable::translations(std::size_t joint) const {
    return {scratch_, offsetOf(joint) + 4 * sizeof(float) * most_, 3 * count_};
}

} // namespace body4d::detail
