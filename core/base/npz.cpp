#include "base/npz.h"

#include "base/error.h"
#include "base/files.h"
#include "base/output_file.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace body4d {
namespace {

const char* numpyCode(DType type) {
    switch (type) {
    case DType::U8: return "|u1";
    case DType::I8: return "|i1";
    case DType::Bool: return "|b1";
    case DType::U16: return "<u2";
    case DType::I16: return "<i2";
    case DType::U32: return "<u4";
    case DType::I32: return "<i4";
    case DType::U64: return "<u8";
    case DType::I64: return "<i8";
    case DType::F16: return "<f2";
    case DType::F32: return "<f4";
    case DType::F64: return "<f8";
    case DType::C64: return "<c8";
    case DType::BF16: break;
    }
    throw Error(ErrorCode::Internal, "NumPy has no bfloat16.", "Report this.");
}

std::vector<std::byte> npyFile(const std::string& code, const std::vector<std::int64_t>& shape,
                               std::span<const std::byte> bytes) {
    std::string tuple = "(";
    for (const std::int64_t d : shape) {
        tuple += std::to_string(d) + ", ";
    }
    tuple += ")";
    std::string header = "{'descr': '" + code + "', 'fortran_order': False, 'shape': " + tuple + ", }";
    // Magic, version and length take 10 bytes; the whole is padded to 64 with a newline at the end.
    header.append(63 - (10 + header.size()) % 64, ' ');
    header.push_back('\n');
    std::vector<std::byte> out(10 + header.size() + bytes.size());
    std::memcpy(out.data(), "\x93NUMPY\x01\x00", 8);
    const auto length = static_cast<std::uint16_t>(header.size());
    std::memcpy(out.data() + 8, &length, 2);
    std::memcpy(out.data() + 10, header.data(), header.size());
    if (!bytes.empty()) {
        std::memcpy(out.data() + 10 + header.size(), bytes.data(), bytes.size());
    }
    return out;
}

class ByteSink {
public:
    template <typename T>
    void put(T value) {
        const auto* p = reinterpret_cast<const std::byte*>(&value);
        bytes.insert(bytes.end(), p, p + sizeof value);
    }
    void put(const std::string& text) {
        const auto* p = reinterpret_cast<const std::byte*>(text.data());
        bytes.insert(bytes.end(), p, p + text.size());
    }
    std::vector<std::byte> bytes;
};

template <typename T>
T readAt(std::span<const std::byte> bytes, std::uint64_t at) {
    if (at > bytes.size() || bytes.size() - at < sizeof(T)) {
        throw Error(ErrorCode::Input, "An npz file is cut off.", "Produce it again.");
    }
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

/// @returns nothing for arrays of strings and objects
bool parseNpy(std::span<const std::byte> bytes, NpyArray& out) {
    if (bytes.size() < 12 || std::memcmp(bytes.data(), "\x93NUMPY", 6) != 0) {
        throw Error(ErrorCode::Input, "A member of an npz file is not an array.", "Produce the file again.");
    }
    const bool longHeader = std::to_integer<int>(bytes[6]) > 1;
    const std::uint64_t size = longHeader ? readAt<std::uint32_t>(bytes, 8) : readAt<std::uint16_t>(bytes, 8);
    const std::uint64_t start = longHeader ? 12 : 10;
    if (start + size > bytes.size()) {
        throw Error(ErrorCode::Input, "An array's header is cut off.", "Produce the npz file again.");
    }
    const std::string header(reinterpret_cast<const char*>(bytes.data()) + start, size);
    const auto after = [&](const std::string& key) {
        const auto at = header.find(key);
        if (at == std::string::npos) {
            throw Error(ErrorCode::Input, "An array's header lacks " + key + ".", "Produce the npz file again.");
        }
        return at + key.size();
    };
    const auto quote = header.find('\'', header.find(':', after("'descr'")));
    if (quote == std::string::npos) {
        return false; // a structured type
    }
    const auto endQuote = header.find('\'', quote + 1);
    if (endQuote == std::string::npos) {
        return false;
    }
    const std::string code = header.substr(quote + 1, endQuote - quote - 1);
    bool known = false;
    for (const DType type : {DType::U8, DType::I8, DType::Bool, DType::U16, DType::I16, DType::U32, DType::I32,
                             DType::U64, DType::I64, DType::F16, DType::F32, DType::F64}) {
        if (code == numpyCode(type)) {
            out.dtype = type;
            known = true;
        }
    }
    if (!known) {
        return false;
    }
    if (header.find("True", after("'fortran_order'")) < header.find(',', after("'fortran_order'"))) {
        throw Error(ErrorCode::Input, "An array is in Fortran order.", "Save it with numpy.ascontiguousarray.");
    }
    std::size_t at = header.find('(', after("'shape'"));
    const std::size_t end = header.find(')', after("'shape'"));
    if (at == std::string::npos || end == std::string::npos) {
        throw Error(ErrorCode::Input, "An array's header has no shape.", "Produce the npz file again.");
    }
    std::uint64_t count = 1;
    while (at < end) {
        while (at < end && (header[at] < '0' || header[at] > '9')) {
            ++at;
        }
        std::int64_t d = 0;
        bool any = false;
        while (at < end && header[at] >= '0' && header[at] <= '9' && d < (std::int64_t{1} << 40)) {
            d = 10 * d + (header[at++] - '0');
            any = true;
        }
        if (any) {
            out.shape.push_back(d);
            if (d > 0 && count > bytes.size() / static_cast<std::uint64_t>(d)) {
                throw Error(ErrorCode::Input, "An array is larger than its file.", "Produce the npz file again.");
            }
            count *= static_cast<std::uint64_t>(d);
        }
    }
    const std::uint64_t wanted = count * byteSize(out.dtype);
    if (wanted > bytes.size() - start - size) {
        throw Error(ErrorCode::Input, "An array is cut off.", "Produce the npz file again.");
    }
    const auto data = bytes.subspan(start + size, wanted);
    out.bytes.assign(data.begin(), data.end());
    return true;
}

std::vector<std::byte> inflateRaw(std::span<const std::byte> packed, std::uint64_t size) {
    if (size > packed.size() * 1100ULL + 64) { // deflate cannot do better than about 1032:1
        throw Error(ErrorCode::Input, "An npz file has impossible sizes.", "Produce it again.");
    }
    std::vector<std::byte> out(size);
    z_stream stream{};
    if (inflateInit2(&stream, -15) != Z_OK) {
        throw Error(ErrorCode::Internal, "zlib does not start.", "Report this.");
    }
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int rc = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    if (rc != Z_STREAM_END || stream.total_out != size) {
        throw Error(ErrorCode::Input, "An npz file has a damaged member.", "Produce it again.");
    }
    return out;
}

} // namespace

void NpzWriter::addBytes(const std::string& name, DType dtype, std::span<const std::byte> bytes,
                         std::vector<std::int64_t> shape) {
    std::int64_t n = 1;
    for (const std::int64_t d : shape) {
        n *= d;
    }
    BODY4D_EXPECT(static_cast<std::size_t>(n) * byteSize(dtype) == bytes.size());
    members_[name + ".npy"] = {npyFile(numpyCode(dtype), shape, bytes), {}, 0, 0};
}

void NpzWriter::addFile(const std::string& name, DType dtype, std::vector<std::int64_t> shape,
                        std::filesystem::path file, std::uint64_t offset) {
    std::uint64_t size = byteSize(dtype);
    for (const std::int64_t d : shape) {
        size *= static_cast<std::uint64_t>(d);
    }
    members_[name + ".npy"] = {npyFile(numpyCode(dtype), shape, {}), std::move(file), offset, size};
}

void NpzWriter::addBool(const std::string& name, const std::vector<std::uint8_t>& values, std::vector<std::int64_t> shape) {
    addBytes(name, DType::Bool, std::as_bytes(std::span(values)), std::move(shape));
}

void NpzWriter::addString(const std::string& name, const std::string& value) {
    std::vector<std::uint32_t> wide(value.begin(), value.end()); // ASCII by construction: labels and JSON
    wide.resize(std::max<std::size_t>(1, wide.size()));
    members_[name + ".npy"] = {npyFile("<U" + std::to_string(wide.size()), {}, std::as_bytes(std::span(wide))), {}, 0, 0};
}

void NpzWriter::addStrings(const std::string& name, const std::vector<std::string>& values) {
    std::size_t longest = 1;
    for (const auto& value : values) {
        longest = std::max(longest, value.size());
    }
    std::vector<std::uint32_t> wide(longest * values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::copy(values[i].begin(), values[i].end(), wide.begin() + static_cast<std::ptrdiff_t>(i * longest));
    }
    members_[name + ".npy"] = {npyFile("<U" + std::to_string(longest), {static_cast<std::int64_t>(values.size())},
                                       std::as_bytes(std::span(wide))),
                               {}, 0, 0};
}

void NpzWriter::write(const std::filesystem::path& path) const {
    constexpr std::uint64_t kMost = 0xf0000000ULL; // what a zip without zip64 holds
    std::uint64_t total = 0;
    for (const auto& [name, member] : members_) {
        total += member.bytes.size() + member.size + 2 * name.size() + 100;
    }
    if (total > kMost) {
        throw Error(ErrorCode::Usage, "The npz would pass 4 GB, more than its format can hold.", "Export fewer frames.",
                    path.string());
    }
    writeFileAtomically(path, [&](const std::filesystem::path& temporary) {
        OutputFile file(temporary, path);
        ByteSink directory;
        std::uint64_t at = 0;
        for (const auto& [name, member] : members_) {
            const auto size = static_cast<std::uint32_t>(member.bytes.size() + member.size);
            const auto offset = static_cast<std::uint32_t>(at);
            // The values first: the header before them says their checksum.
            at += 30 + name.size();
            uLong crc = 0;
            const auto copy = [&](std::span<const std::byte> bytes) {
                crc = crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
                file.writeAt(at, bytes);
                at += bytes.size();
            };
            copy(member.bytes);
            readPieces(member.file, member.offset, member.size, copy);
            const auto common = [&](ByteSink& sink) {
                sink.put<std::uint16_t>(20);     // version needed
                sink.put<std::uint16_t>(0x0800); // names are UTF-8
                sink.put<std::uint16_t>(0);      // stored
                sink.put<std::uint16_t>(0);
                sink.put<std::uint16_t>(0x21); // 1 January 1980: results do not depend on the clock
                sink.put(static_cast<std::uint32_t>(crc));
                sink.put(size);
                sink.put(size);
                sink.put(static_cast<std::uint16_t>(name.size()));
                sink.put<std::uint16_t>(0);
            };
            ByteSink header;
            header.put<std::uint32_t>(0x04034b50);
            common(header);
            header.put(name);
            file.writeAt(offset, header.bytes);
            directory.put<std::uint32_t>(0x02014b50);
            directory.put<std::uint16_t>(20);
            common(directory);
            directory.put<std::uint16_t>(0);
            directory.put<std::uint16_t>(0);
            directory.put<std::uint16_t>(0);
            directory.put<std::uint32_t>(0);
            directory.put(offset);
            directory.put(name);
        }
        const auto length = static_cast<std::uint32_t>(directory.bytes.size());
        directory.put<std::uint32_t>(0x06054b50);
        directory.put<std::uint16_t>(0);
        directory.put<std::uint16_t>(0);
        directory.put(static_cast<std::uint16_t>(members_.size()));
        directory.put(static_cast<std::uint16_t>(members_.size()));
        directory.put(length);
        directory.put(static_cast<std::uint32_t>(at));
        directory.put<std::uint16_t>(0);
        file.writeAt(at, directory.bytes);
        file.close();
    });
}

template <typename T>
std::vector<T> NpyArray::as() const {
    std::size_t n = byteSize(dtype) > 0 ? bytes.size() / byteSize(dtype) : 0;
    std::vector<T> out(n);
    const auto load = [&]<typename S>(S) {
        for (std::size_t i = 0; i < n; ++i) {
            S raw;
            std::memcpy(&raw, bytes.data() + i * sizeof(S), sizeof(S));
            out[i] = static_cast<T>(raw);
        }
    };
    if (dtype == DTypeOf<T>::value) {
        if (n > 0) {
            std::memcpy(out.data(), bytes.data(), bytes.size());
        }
        return out;
    }
    if (std::is_floating_point_v<T>) {
        if (dtype == DType::F32) {
            load(float{});
            return out;
        }
        if (dtype == DType::F64) {
            load(double{});
            return out;
        }
        if (dtype == DType::F16) {
            for (std::size_t i = 0; i < n; ++i) {
                std::uint16_t raw;
                std::memcpy(&raw, bytes.data() + 2 * i, 2);
                out[i] = static_cast<T>(halfToFloat(raw));
            }
            return out;
        }
    }
    throw Error(ErrorCode::Input, "An array has an unexpected type.", "Produce the npz file again.");
}

template std::vector<float> NpyArray::as<float>() const;
template std::vector<double> NpyArray::as<double>() const;
template std::vector<std::int32_t> NpyArray::as<std::int32_t>() const;
template std::vector<std::int64_t> NpyArray::as<std::int64_t>() const;
template std::vector<std::uint8_t> NpyArray::as<std::uint8_t>() const;

std::map<std::string, NpyArray> readNpz(const std::filesystem::path& path) {
    const MappedFile file(path);
    const auto bytes = file.bytes();
    const auto fail = [&](const std::string& why) {
        throw Error(ErrorCode::Input, path.filename().string() + " is not a sound npz file: " + why + ".",
                    "Produce it again.", path.string());
    };
    if (bytes.size() < 22) {
        fail("it is too short");
    }
    std::uint64_t end = bytes.size() - 22;
    while (readAt<std::uint32_t>(bytes, end) != 0x06054b50) {
        if (end == 0 || bytes.size() - end > 22 + 65536) {
            fail("it has no directory");
        }
        --end;
    }
    std::map<std::string, NpyArray> arrays;
    const auto count = readAt<std::uint16_t>(bytes, end + 10);
    std::uint64_t at = readAt<std::uint32_t>(bytes, end + 16);
    for (unsigned i = 0; i < count; ++i) {
        if (readAt<std::uint32_t>(bytes, at) != 0x02014b50) {
            fail("its directory is damaged");
        }
        const auto method = readAt<std::uint16_t>(bytes, at + 10);
        std::uint64_t packed = readAt<std::uint32_t>(bytes, at + 20), size = readAt<std::uint32_t>(bytes, at + 24);
        const auto nameLength = readAt<std::uint16_t>(bytes, at + 28), extra = readAt<std::uint16_t>(bytes, at + 30),
                   comment = readAt<std::uint16_t>(bytes, at + 32);
        std::uint64_t local = readAt<std::uint32_t>(bytes, at + 42);
        if (at + 46 + nameLength > bytes.size()) {
            fail("its directory is cut off");
        }
        std::string name(reinterpret_cast<const char*>(bytes.data()) + at + 46, nameLength);
        const std::uint64_t data = local + 30 + readAt<std::uint16_t>(bytes, local + 26) +
                                   readAt<std::uint16_t>(bytes, local + 28);
        if (data > bytes.size() || packed > bytes.size() - data) {
            fail("member " + name + " is cut off");
        }
        const auto raw = bytes.subspan(data, packed);
        NpyArray array;
        bool kept = false;
        if (method == 0) {
            kept = parseNpy(raw, array);
        } else if (method == 8) {
            kept = parseNpy(inflateRaw(raw, size), array);
        } else {
            fail("member " + name + " is compressed in an unknown way");
        }
        if (kept) {
            if (name.ends_with(".npy")) {
                name.resize(name.size() - 4);
            }
            arrays.emplace(std::move(name), std::move(array));
        }
        at += 46ULL + nameLength + extra + comment;
    }
    return arrays;
}

} // namespace body4d
