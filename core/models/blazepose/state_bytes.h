#pragma once

#include "base/error.h"
#include "base/pose_track.h"

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace body4d::blazepose {

/// Plain values one after the other, in memory order. One visitor serves both directions: `archive(a);
/// archive(b);`.
class StateWriter {
public:
    static constexpr bool kReads = false;
    template <typename T>
    requires std::is_trivially_copyable_v<T>
    void operator()(const T& value) {
        const auto bytes = std::as_bytes(std::span(&value, 1));
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    template <typename T>
    requires std::is_trivially_copyable_v<T>
    void operator()(const std::vector<T>& values) {
        (*this)(static_cast<std::uint64_t>(values.size()));
        const auto bytes = std::as_bytes(std::span(values));
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

/// @throws Error{Input} when the bytes end too early
class StateReader {
public:
    static constexpr bool kReads = true;
    explicit StateReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
    template <typename T>
    requires std::is_trivially_copyable_v<T>
    void operator()(T& value) { std::memcpy(&value, next(sizeof value).data(), sizeof value); }
    template <typename T>
    requires std::is_trivially_copyable_v<T>
    void operator()(std::vector<T>& values) {
        std::uint64_t count = 0;
        (*this)(count);
        if (count > bytes_.size() / sizeof(T)) {
            fail();
        }
        values.resize(count);
        const auto bytes = next(count * sizeof(T));
        if (!bytes.empty()) {
            std::memcpy(values.data(), bytes.data(), bytes.size());
        }
    }
    [[nodiscard]] bool atEnd() const { return bytes_.empty(); }
    [[noreturn]] static void fail() {
        throw Error(ErrorCode::Input, "The saved state of the tracker is damaged or from another version.",
                    "Run the segmentation of this video again from the start.");
    }

private:
    std::span<const std::byte> next(std::size_t count) {
        if (count > bytes_.size()) {
            fail();
        }
        const auto out = bytes_.first(count);
        bytes_ = bytes_.subspan(count);
        return out;
    }
    std::span<const std::byte> bytes_;
};

/// One frame of a target, whoever saw it.
template <typename Archive>
void visitFrame(Archive& archive, TargetFrame& f) {
    archive(f.frame);
    archive(f.state);
    archive(f.pose.points);
    archive(f.pose.roi);
    archive(f.pose.score);
    archive(f.hands);
    archive(f.mask.width);
    archive(f.mask.height);
    archive(f.mask.counts);
    archive(f.confidence);
    archive(f.similarity);
    archive(f.firm);
    archive(f.prompted);
    archive(f.afterCut);
}

} // namespace body4d::blazepose
