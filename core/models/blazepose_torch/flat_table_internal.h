#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace body4d::blazepose {

/// A FlatBuffers file: little-endian, tables by relative offsets. Every access is checked against the file's
/// end.
class FlatBytes {
public:
    using Fail = std::function<void(const std::string&)>; ///< must throw
    FlatBytes(std::span<const std::byte> bytes, Fail fail) : bytes_(bytes), fail_(std::move(fail)) {}

    template <typename T>
    [[nodiscard]] T at(std::uint64_t place) const {
        T value{};
        if (place > bytes_.size() || bytes_.size() - place < sizeof(T)) {
            fail("it is cut off or its offsets are damaged");
        }
        std::memcpy(&value, bytes_.data() + place, sizeof value);
        return value;
    }
    [[nodiscard]] std::span<const std::byte> part(std::uint64_t place, std::uint64_t size) const {
        if (place > bytes_.size() || size > bytes_.size() - place) {
            fail("it is cut off or its offsets are damaged");
        }
        return bytes_.subspan(place, size);
    }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[noreturn]] void fail(const std::string& why) const {
        fail_(why);
        std::abort(); // the contract of `fail`
    }

private:
    std::span<const std::byte> bytes_;
    Fail fail_;
};

/// One table of it. Fields are numbered in the order of the schema; absent ones have their default.
class FlatTable {
public:
    FlatTable(const FlatBytes& bytes, std::uint64_t place) : bytes_(&bytes), place_(place) {
        const auto back = bytes.at<std::int32_t>(place);
        const auto table = static_cast<std::int64_t>(place) - back;
        if (table < 0) {
            bytes.fail("its offsets are damaged");
        }
        vtable_ = static_cast<std::uint64_t>(table);
        vtableSize_ = bytes.at<std::uint16_t>(vtable_);
    }
    [[nodiscard]] static FlatTable root(const FlatBytes& bytes) {
        return {bytes, bytes.at<std::uint32_t>(0)};
    }

    template <typename T>
    [[nodiscard]] T scalar(int field, T otherwise) const {
        const auto where = fieldPlace(field);
        return where ? bytes_->at<T>(*where) : otherwise;
    }
    [[nodiscard]] std::optional<FlatTable> table(int field) const {
        const auto where = reference(field);
        return where ? std::optional<FlatTable>(FlatTable(*bytes_, *where)) : std::nullopt;
    }
    /// Numbers of a vector; empty where it is absent.
    template <typename T>
    [[nodiscard]] std::vector<T> vector(int field) const {
        std::vector<T> out;
        const auto bytes = vectorBytes(field, sizeof(T));
        out.resize(bytes.size() / sizeof(T));
        if (!out.empty()) {
            std::memcpy(out.data(), bytes.data(), bytes.size());
        }
        return out;
    }
    [[nodiscard]] std::span<const std::byte> vectorBytes(int field, std::size_t itemSize) const {
        const auto where = reference(field);
        return where ? bytes_->part(*where + 4, std::uint64_t{bytes_->at<std::uint32_t>(*where)} * itemSize)
                     : std::span<const std::byte>();
    }
    [[nodiscard]] std::vector<FlatTable> tables(int field) const {
        std::vector<FlatTable> out;
        if (const auto where = reference(field)) {
            const std::uint64_t count = bytes_->at<std::uint32_t>(*where);
            (void)bytes_->part(*where + 4, 4 * count);
            out.reserve(count);
            for (std::uint64_t i = 0; i < count; ++i) {
                const auto item = *where + 4 + 4 * i;
                out.emplace_back(*bytes_, item + bytes_->at<std::uint32_t>(item));
            }
        }
        return out;
    }

private:
    [[nodiscard]] std::optional<std::uint64_t> fieldPlace(int field) const {
        const auto entry = static_cast<std::uint64_t>(4 + 2 * field);
        if (entry + 2 > vtableSize_) {
            return std::nullopt;
        }
        const auto offset = bytes_->at<std::uint16_t>(vtable_ + entry);
        return offset == 0 ? std::nullopt : std::optional<std::uint64_t>(place_ + offset);
    }
    [[nodiscard]] std::optional<std::uint64_t> reference(int field) const {
        const auto where = fieldPlace(field);
        return where ? std::optional<std::uint64_t>(*where + bytes_->at<std::uint32_t>(*where))
                     : std::nullopt;
    }

    const FlatBytes* bytes_;
    std::uint64_t place_, vtable_ = 0, vtableSize_ = 0;
};

} // namespace body4d::blazepose
