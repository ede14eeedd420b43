#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

namespace body4d {

/// The content of a binary file under way, in this machine's order, which is the little-endian one of the formats.
struct Bytes {
    std::vector<std::byte> bytes;

    template <typename T>
    void put(T value) {
        const auto at = bytes.size();
        bytes.resize(at + sizeof value);
        std::memcpy(bytes.data() + at, &value, sizeof value);
    }
    void text(const std::string& s) {
        const auto* p = reinterpret_cast<const std::byte*>(s.data());
        bytes.insert(bytes.end(), p, p + s.size());
    }
    /// With a zero behind it.
    void ended(const std::string& s) {
        text(s);
        bytes.push_back(std::byte{0});
    }
    /// Up to a multiple of four.
    void pad(std::byte with) {
        while (bytes.size() % 4 != 0) {
            bytes.push_back(with);
        }
    }
};

} // namespace body4d
