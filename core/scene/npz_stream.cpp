#include "scene/npz_stream.h"

#include "base/error.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <unistd.h>
#include <zlib.h>

namespace body4d {
namespace fs = std::filesystem;
namespace {

constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
// Sizes and places beyond 32 bits stand in an extra field of 64-bit ones (PKWARE's APPNOTE 4.5.3, "ZIP64").
constexpr std::uint32_t kEnd64 = 0x06064b50, kLocator64 = 0x07064b50, kElsewhere = 0xFFFFFFFF;
constexpr std::uint16_t kExtra64 = 1, kVersion = 20, kVersion64 = 45;

const std::map<DType, const char*>& codes() {
    static const std::map<DType, const char*> all = {
        {DType::U8, "|u1"},  {DType::U16, "<u2"}, {DType::U32, "<u4"}, {DType::I32, "<i4"},
        {DType::I64, "<i8"}, {DType::F32, "<f4"}, {DType::F64, "<f8"}};
    return all;
}

std::string npyHeader(DType type, const std::vector<std::int64_t>& shape) {
    std::string tuple;
    for (const auto d : shape) {
        tuple += std::to_string(d) + ", ";
    }
    std::string text = std::string("{'descr': '") + codes().at(type) +
                       "', 'fortran_order': False, 'shape': (" + tuple + "), }";
    text.append(63 - (10 + text.size()) % 64, ' ');
    text.push_back('\n');
    const auto length = static_cast<std::uint16_t>(text.size());
    std::string header("\x93NUMPY\x01\x00", 8);
    header.push_back(static_cast<char>(length & 0xFF));
    header.push_back(static_cast<char>(length >> 8));
    return header + text;
}

template <typename T>
void put(std::string& to, T value) {
    to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

} // namespace

struct NpzStream::Impl {
    struct Member {
        std::string name;
        std::uint64_t offset = 0, size = 0;
        std::uint32_t crc = 0;
    };
    fs::path path, temporary;
    std::FILE* file = nullptr;
    std::uint64_t written = 0;
    std::vector<Member> members;
    std::uint64_t missing = 0; ///< bytes of the array that is being written
    bool finished = false;

    [[noreturn]] void fail() const {
        throw Error(ErrorCode::Output,
                    "Cannot write " + path.filename().string() + ": " + std::strerror(errno) + ".",
                    "Free some space or choose another folder.", path.string());
    }
    void raw(const void* bytes, std::size_t size) {
        if (size > 0 && std::fwrite(bytes, 1, size, file) != size) {
            fail();
        }
        written += size;
    }
    [[nodiscard]] static std::string header(const Member& m, bool central) {
        const bool large = m.size >= kElsewhere, far = central && m.offset >= kElsewhere;
        std::string extra;
        if (large || far) {
            put(extra, kExtra64);
            put(extra, static_cast<std::uint16_t>((large ? 16 : 0) + (far ? 8 : 0)));
            if (large) {
                put(extra, m.size);
                put(extra, m.size);
            }
            if (far) {
                put(extra, m.offset);
            }
        }
        const auto version = extra.empty() ? kVersion : kVersion64;
        const auto size = large ? kElsewhere : static_cast<std::uint32_t>(m.size);
        std::string h;
        put(h, central ? kCentral : kLocal);
        if (central) {
            put(h, version);
        }
        put(h, version);
        put<std::uint16_t>(h, 0);
        put<std::uint16_t>(h, 0); // stored
        put<std::uint16_t>(h, 0);
        put<std::uint16_t>(h, 0x21); // the first day of 1980: equal content gives equal files
        put(h, m.crc);
        put(h, size);
        put(h, size);
        put(h, static_cast<std::uint16_t>(m.name.size()));
        put(h, static_cast<std::uint16_t>(extra.size()));
        if (central) {
            put<std::uint16_t>(h, 0);
            put<std::uint16_t>(h, 0);
            put<std::uint16_t>(h, 0);
            put<std::uint32_t>(h, 0);
            put(h, far ? kElsewhere : static_cast<std::uint32_t>(m.offset));
        }
        return h + m.name + extra;
    }
    void patchLast() {
        if (members.empty()) {
            return;
        }
        BODY4D_EXPECT(missing == 0);
        const auto text = header(members.back(), false);
        if (std::fseek(file, static_cast<long>(members.back().offset), SEEK_SET) != 0 ||
            std::fwrite(text.data(), 1, text.size(), file) != text.size() ||
            std::fseek(file, 0, SEEK_END) != 0) {
            fail();
        }
    }
};

NpzStream::NpzStream(const fs::path& path) : impl_(std::make_unique<Impl>()) {
    impl_->path = path;
    std::error_code code;
    if (path.has_parent_path()) {
        fs::create_directories(path.parent_path(), code);
    }
    impl_->temporary = path;
    impl_->temporary += "." + std::to_string(::getpid()) + ".tmp";
    impl_->file = std::fopen(impl_->temporary.c_str(), "wb");
    if (impl_->file == nullptr) {
        impl_->fail();
    }
}

NpzStream::~NpzStream() {
    if (impl_->file != nullptr) {
        std::fclose(impl_->file);
    }
    if (!impl_->finished) {
        std::error_code ignored;
        fs::remove(impl_->temporary, ignored);
    }
}

void NpzStream::begin(const std::string& name, DType type, const std::vector<std::int64_t>& shape) {
    impl_->patchLast();
    std::uint64_t bytes = byteSize(type);
    for (const auto d : shape) {
        bytes *= static_cast<std::uint64_t>(d);
    }
    const auto npy = npyHeader(type, shape);
    impl_->members.push_back({name + ".npy", impl_->written, bytes + npy.size(), 0});
    impl_->missing = bytes + npy.size();
    const auto header = Impl::header(impl_->members.back(), false);
    impl_->raw(header.data(), header.size());
    write(std::as_bytes(std::span(npy.data(), npy.size())));
}

void NpzStream::write(std::span<const std::byte> bytes) {
    BODY4D_EXPECT(bytes.size() <= impl_->missing);
    impl_->missing -= bytes.size();
    auto& crc = impl_->members.back().crc;
    crc = static_cast<std::uint32_t>(
        ::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
    impl_->raw(bytes.data(), bytes.size());
}

void NpzStream::finish() {
    impl_->patchLast();
    const auto start = impl_->written;
    std::string directory;
    for (const auto& member : impl_->members) {
        directory += Impl::header(member, true);
    }
    const std::uint64_t size = directory.size(), count = impl_->members.size();
    const bool far = start >= kElsewhere;
    if (far) {
        put(directory, kEnd64);
        constexpr std::uint64_t kRest = 44; // bytes of this record from here on
        put(directory, kRest);
        put(directory, kVersion64);
        put(directory, kVersion64);
        put<std::uint64_t>(directory, 0); // one disk
        put(directory, count);
        put(directory, count);
        put(directory, size);
        put(directory, start);
        put(directory, kLocator64);
        put<std::uint32_t>(directory, 0);
        put(directory, start + size);
        put<std::uint32_t>(directory, 1);
    }
    put(directory, kEnd);
    put<std::uint32_t>(directory, 0);
    put(directory, static_cast<std::uint16_t>(count));
    put(directory, static_cast<std::uint16_t>(count));
    put(directory, static_cast<std::uint32_t>(size));
    put(directory, far ? kElsewhere : static_cast<std::uint32_t>(start));
    put<std::uint16_t>(directory, 0);
    impl_->raw(directory.data(), directory.size());
    if (std::fflush(impl_->file) != 0 || ::fsync(::fileno(impl_->file)) != 0) {
        impl_->fail();
    }
    const bool closed = std::fclose(impl_->file) == 0;
    impl_->file = nullptr;
    if (!closed || std::rename(impl_->temporary.c_str(), impl_->path.c_str()) != 0) {
        impl_->fail();
    }
    impl_->finished = true;
}

std::span<const std::byte> NpzView::Array::item(std::int64_t i) const {
    BODY4D_EXPECT(!shape.empty() && i >= 0 && i < shape.front());
    const auto size = bytes.size() / static_cast<std::size_t>(shape.front());
    return bytes.subspan(static_cast<std::size_t>(i) * size, size);
}

namespace {

/// Reads numbers from a file that may be anything.
class Cursor {
public:
    Cursor(std::span<const std::byte> bytes, const fs::path& path) : bytes_(bytes), path_(path) {}
    template <typename T>
    [[nodiscard]] T at(std::uint64_t offset) const {
        T value;
        std::memcpy(&value, range(offset, sizeof value).data(), sizeof value);
        return value;
    }
    [[nodiscard]] std::span<const std::byte> range(std::uint64_t offset, std::uint64_t size) const {
        if (offset > bytes_.size() || bytes_.size() - offset < size) {
            fail("it is cut off");
        }
        return bytes_.subspan(offset, size);
    }
    [[noreturn]] void fail(const std::string& why) const {
        throw Error(ErrorCode::Input, path_.filename().string() + " cannot be read: " + why + ".",
                    "Run the scene command again; it makes the file anew.", path_.string());
    }

private:
    std::span<const std::byte> bytes_;
    const fs::path& path_;
};

std::vector<std::int64_t> shapeOf(const std::string& header, const Cursor& cursor) {
    const auto open = header.find('('), close = header.find(')');
    if (open == std::string::npos || close == std::string::npos || close < open) {
        cursor.fail("an array has no shape");
    }
    std::vector<std::int64_t> shape;
    std::int64_t value = -1;
    for (auto i = open + 1; i <= close; ++i) {
        const char c = header[i];
        if (c >= '0' && c <= '9' && value < (std::int64_t{1} << 40)) {
            value = 10 * std::max<std::int64_t>(value, 0) + (c - '0');
        } else if (value >= 0) {
            shape.push_back(value);
            value = -1;
        }
    }
    return shape;
}

} // namespace

NpzView::NpzView(const fs::path& path) : path_(path), file_(path) {
    const auto all = file_.bytes();
    const Cursor cursor(all, path_);
    constexpr std::uint64_t kEndSize = 22;
    if (all.size() < kEndSize || cursor.at<std::uint32_t>(all.size() - kEndSize) != kEnd) {
        cursor.fail("it is cut off, or no npz file of ours");
    }
    const auto count = cursor.at<std::uint16_t>(all.size() - kEndSize + 10);
    std::uint64_t entry = cursor.at<std::uint32_t>(all.size() - kEndSize + 16);
    constexpr std::uint64_t kLocatorSize = 20;
    if (entry == kElsewhere && all.size() >= kEndSize + kLocatorSize) {
        const auto locator = all.size() - kEndSize - kLocatorSize;
        const auto end = cursor.at<std::uint64_t>(locator + 8);
        if (cursor.at<std::uint32_t>(locator) != kLocator64 || cursor.at<std::uint32_t>(end) != kEnd64) {
            cursor.fail("its directory is damaged");
        }
        entry = cursor.at<std::uint64_t>(end + 48);
    }
    for (int i = 0; i < count; ++i) {
        if (cursor.at<std::uint32_t>(entry) != kCentral) {
            cursor.fail("its directory is damaged");
        }
        if (cursor.at<std::uint16_t>(entry + 10) != 0) {
            cursor.fail("it is compressed");
        }
        const auto nameSize = cursor.at<std::uint16_t>(entry + 28);
        std::uint64_t size = cursor.at<std::uint32_t>(entry + 24), offset = cursor.at<std::uint32_t>(entry + 42);
        auto extra = entry + 46 + nameSize; // ours is the only extra field that we write
        if ((size == kElsewhere || offset == kElsewhere) && cursor.at<std::uint16_t>(extra) != kExtra64) {
            cursor.fail("its directory is damaged");
        }
        extra += 4;
        if (size == kElsewhere) {
            size = cursor.at<std::uint64_t>(extra);
            extra += 16;
        }
        if (offset == kElsewhere) {
            offset = cursor.at<std::uint64_t>(extra);
        }
        const auto nameBytes = cursor.range(entry + 46, nameSize);
        std::string name(reinterpret_cast<const char*>(nameBytes.data()), nameBytes.size());
        entry +=
            46ULL + nameSize + cursor.at<std::uint16_t>(entry + 30) + cursor.at<std::uint16_t>(entry + 32);
        (void)cursor.range(offset, 30); // before it is reckoned with
        const std::uint64_t start = 30ULL + offset + cursor.at<std::uint16_t>(offset + 26ULL) +
                                    cursor.at<std::uint16_t>(offset + 28ULL);
        const auto npy = cursor.range(start, size);
        if (npy.size() < 10 || std::memcmp(npy.data(), "\x93NUMPY", 6) != 0) {
            cursor.fail("a member is no array");
        }
        const std::uint64_t headerSize = cursor.at<std::uint16_t>(start + 8);
        const auto headerBytes = cursor.range(start + 10, headerSize);
        const std::string header(reinterpret_cast<const char*>(headerBytes.data()), headerBytes.size());
        Array array;
        bool known = false;
        for (const auto& [type, code] : codes()) {
            if (header.find(std::string("'") + code + "'") != std::string::npos) {
                array.type = type;
                known = true;
            }
        }
        if (!known || header.find("'fortran_order': False") == std::string::npos) {
            cursor.fail("an array is of an unknown kind");
        }
        array.shape = shapeOf(header, cursor);
        std::uint64_t bytes = byteSize(array.type);
        for (const auto d : array.shape) {
            if (d != 0 && bytes > all.size() / static_cast<std::uint64_t>(d)) {
                cursor.fail("an array is larger than the file");
            }
            bytes *= static_cast<std::uint64_t>(d);
        }
        array.bytes = cursor.range(start + 10 + headerSize, bytes);
        if (name.ends_with(".npy")) {
            name.resize(name.size() - 4);
        }
        arrays_.emplace(std::move(name), std::move(array));
    }
}

const NpzView::Array& NpzView::at(const std::string& name) const {
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) {
        throw Error(ErrorCode::Input, path_.filename().string() + " has no array '" + name + "'.",
                    "Run the scene command again; it makes the file anew.", path_.string());
    }
    return found->second;
}

} // namespace body4d
