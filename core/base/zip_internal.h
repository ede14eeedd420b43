#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace body4d::detail {

/// Members of a zip file that lies in memory, zip64 included. Nothing is unpacked or copied.
class ZipDirectory {
public:
    struct Member {
        std::span<const std::byte> packed;
        std::uint64_t size = 0; ///< unpacked
        std::uint32_t crc = 0;
        int method = 0; ///< 0 stored, 8 deflate
    };
    /// @param fail called with half a sentence about the flaw; must throw
    ZipDirectory(std::span<const std::byte> file, const std::function<void(const std::string&)>& fail);
    [[nodiscard]] const std::map<std::string, Member>& members() const { return members_; }

private:
    std::map<std::string, Member> members_;
};

/// Whether bytes begin like a zip file with members.
[[nodiscard]] bool looksLikeZip(std::span<const std::byte> file);

/// The member's content. Stored members are checked against their size only, packed ones also against the
/// limit of what deflate can do, so that memory stays within some 1000 times the file. @throws by `fail`
[[nodiscard]] std::vector<std::byte> unpack(const ZipDirectory::Member& member,
                                            const std::function<void(const std::string&)>& fail);

} // namespace body4d::detail
