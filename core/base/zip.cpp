#include "base/zip_internal.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <zlib.h>

namespace body4d::detail {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                        kLocator64 = 0x07064b50;
constexpr std::uint16_t kExtra64 = 1;
constexpr std::uint32_t kAll32 = 0xffffffff;
constexpr std::size_t kEndSize = 22, kLocatorSize = 20, kEnd64Size = 56, kCentralSize = 46, kLocalSize = 30;

/// Little-endian numbers at checked places.
class Reader {
public:
    Reader(std::span<const std::byte> bytes, const std::function<void(const std::string&)>& fail)
        : bytes_(bytes), fail_(fail) {}

    template <typename T>
    [[nodiscard]] T at(std::uint64_t place) const {
        T value{};
        if (place > bytes_.size() || bytes_.size() - place < sizeof(T)) {
            fail_("its directory is cut off");
        } else {
            std::memcpy(&value, bytes_.data() + place, sizeof value);
        }
        return value;
    }
    [[nodiscard]] std::span<const std::byte> part(std::uint64_t place, std::uint64_t size,
                                                  const char* what) const {
        if (place > bytes_.size() || size > bytes_.size() - place) {
            fail_(std::string(what) + " is cut off");
            return {};
        }
        return bytes_.subspan(place, size);
    }

private:
    std::span<const std::byte> bytes_;
    const std::function<void(const std::string&)>& fail_;
};

struct Sizes {
    std::uint64_t size, packed, local;
};

/// Replaces the values that are marked as too large for 32 bits by those of the zip64 field.
void readExtra64(const Reader& read, std::uint64_t at, std::uint64_t end, Sizes& s) {
    while (at + 4 <= end) {
        const auto id = read.at<std::uint16_t>(at), length = read.at<std::uint16_t>(at + 2);
        at += 4;
        if (id == kExtra64) {
            for (std::uint64_t* value : {&s.size, &s.packed, &s.local}) {
                if (*value == kAll32 && at + 8 <= end) {
                    *value = read.at<std::uint64_t>(at);
                    at += 8;
                }
            }
            return;
        }
        at += length;
    }
}

} // namespace

bool looksLikeZip(std::span<const std::byte> file) {
    std::uint32_t signature = 0;
    if (file.size() < kEndSize) {
        return false;
    }
    std::memcpy(&signature, file.data(), sizeof signature);
    return signature == kLocal || signature == kEnd;
}

ZipDirectory::ZipDirectory(std::span<const std::byte> file,
                           const std::function<void(const std::string&)>& fail) {
    const Reader read(file, fail);
    if (file.size() < kEndSize) {
        fail("it is too short for a zip file");
    }
    // The end record lies last but for a comment of at most 64 KiB.
    std::uint64_t end = file.size() - kEndSize;
    const std::uint64_t earliest = end > 65535 ? end - 65535 : 0;
    while (read.at<std::uint32_t>(end) != kEnd) {
        if (end == earliest) {
            fail("it has no directory, as if cut off");
        }
        --end;
    }
    std::uint64_t count = read.at<std::uint16_t>(end + 10), at = read.at<std::uint32_t>(end + 16);
    if (end >= kLocatorSize && read.at<std::uint32_t>(end - kLocatorSize) == kLocator64) {
        const auto end64 = read.at<std::uint64_t>(end - kLocatorSize + 8);
        (void)read.part(end64, kEnd64Size, "its directory");
        if (read.at<std::uint32_t>(end64) != kEnd64) {
            fail("its directory is damaged");
        }
        count = read.at<std::uint64_t>(end64 + 32);
        at = read.at<std::uint64_t>(end64 + 48);
    }
    if (count > file.size() / kCentralSize) {
        fail("its directory is damaged");
    }
    for (std::uint64_t i = 0; i < count; ++i) {
        if (read.at<std::uint32_t>(at) != kCentral) {
            fail("its directory is damaged");
        }
        Member member;
        const auto flags = read.at<std::uint16_t>(at + 8);
        member.method = read.at<std::uint16_t>(at + 10);
        member.crc = read.at<std::uint32_t>(at + 16);
        Sizes sizes{read.at<std::uint32_t>(at + 24), read.at<std::uint32_t>(at + 20),
                    read.at<std::uint32_t>(at + 42)};
        const std::uint64_t nameLength = read.at<std::uint16_t>(at + 28),
                            extra = read.at<std::uint16_t>(at + 30),
                            comment = read.at<std::uint16_t>(at + 32);
        const auto nameBytes = read.part(at + kCentralSize, nameLength, "its directory");
        std::string name(reinterpret_cast<const char*>(nameBytes.data()), nameBytes.size());
        readExtra64(read, at + kCentralSize + nameLength, at + kCentralSize + nameLength + extra, sizes);
        if ((flags & 1) != 0) {
            fail("member " + name + " is encrypted");
        }
        (void)read.part(sizes.local, kLocalSize, "a member");
        if (read.at<std::uint32_t>(sizes.local) != kLocal) {
            fail("member " + name + " is not where the directory says");
        }
        const std::uint64_t data = sizes.local + kLocalSize + read.at<std::uint16_t>(sizes.local + 26) +
                                   read.at<std::uint16_t>(sizes.local + 28);
        member.packed = read.part(data, sizes.packed, "a member");
        member.size = sizes.size;
        if (member.method == 0 && member.size != member.packed.size()) {
            fail("member " + name + " has two sizes");
        }
        members_.emplace(std::move(name), member);
        at += kCentralSize + nameLength + extra + comment;
    }
}

std::vector<std::byte> unpack(const ZipDirectory::Member& member,
                              const std::function<void(const std::string&)>& fail) {
    if (member.method == 0) {
        return {member.packed.begin(), member.packed.end()};
    }
    if (member.method != 8) {
        fail("a member is compressed in an unknown way");
    }
    // Deflate cannot do better than about 1032:1.
    if (member.size / 1100 > member.packed.size() || member.size > std::numeric_limits<uInt>::max() ||
        member.packed.size() > std::numeric_limits<uInt>::max()) {
        fail("a member has impossible sizes");
    }
    std::vector<std::byte> out(member.size);
    z_stream stream{};
    if (inflateInit2(&stream, -15) != Z_OK) {
        fail("zlib does not start");
    }
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(member.packed.data()));
    stream.avail_in = static_cast<uInt>(member.packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int rc = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    if (rc != Z_STREAM_END || stream.total_out != member.size) {
        fail("a member is damaged");
    }
    return out;
}

} // namespace body4d::detail
