#include "base/safetensors.h"

#include "base/safetensors_stream.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <zlib.h>

namespace body4d {
namespace {

constexpr std::array<std::pair<DType, const char*>, 14> kNames = {{{DType::U8, "U8"},
                                                                   {DType::I8, "I8"},
                                                                   {DType::I32, "I32"},
                                                                   {DType::I64, "I64"},
                                                                   {DType::F16, "F16"},
                                                                   {DType::BF16, "BF16"},
                                                                   {DType::F32, "F32"},
                                                                   {DType::F64, "F64"},
                                                                   {DType::Bool, "BOOL"},
                                                                   {DType::U16, "U16"},
                                                                   {DType::I16, "I16"},
                                                                   {DType::U32, "U32"},
                                                                   {DType::U64, "U64"},
                                                                   {DType::C64, "C64"}}};

/// A size or a place in the file. JSON turns whole numbers beyond 64 bits into floating point ones, and those have no
/// meaning here. @throws std::out_of_range
std::uint64_t sizeOf(const nlohmann::json& value) {
    if (!value.is_number_unsigned()) {
        throw std::out_of_range("a size that is no whole number");
    }
    return value.get<std::uint64_t>();
}

constexpr const char* kChecksum = "crc32"; ///< in the metadata

/// @param before of what comes before
unsigned long checksumOf(std::span<const std::byte> bytes, unsigned long before = 0) {
    // Without a place zlib begins anew.
    return bytes.empty() ? before : crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

unsigned long checksumOf(const std::string& text) {
    return checksumOf(std::as_bytes(std::span(text.data(), text.size())));
}

} // namespace

const char* dtypeName(DType type) noexcept {
    for (const auto& [key, name] : kNames) {
        if (key == type) {
            return name;
        }
    }
    return "?";
}

std::optional<DType> dtypeOfName(std::string_view name) noexcept {
    for (const auto& [key, known] : kNames) {
        if (name == known) {
            return key;
        }
    }
    return std::nullopt;
}

std::size_t byteSize(DType type) noexcept {
    switch (type) {
    case DType::U8:
    case DType::I8:
    case DType::Bool: return 1;
    case DType::F16:
    case DType::BF16:
    case DType::U16:
    case DType::I16: return 2;
    case DType::I32:
    case DType::U32:
    case DType::F32: return 4;
    case DType::I64:
    case DType::U64:
    case DType::F64:
    case DType::C64: return 8;
    }
    return 0;
}

std::int64_t TensorView::count() const {
    std::int64_t n = 1;
    for (const std::int64_t d : shape) {
        n *= d;
    }
    return n;
}

float halfToFloat(std::uint16_t half) noexcept {
    const int sign = half >> 15, exponent = (half >> 10) & 31, fraction = half & 1023;
    float value = 0;
    if (exponent == 31) {
        value = fraction != 0 ? std::nanf("") : INFINITY;
    } else if (exponent == 0) {
        value = std::ldexp(static_cast<float>(fraction), -24);
    } else {
        value = std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
    }
    return sign != 0 ? -value : value;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : path_(path), file_(path) {
    const auto fail = [&](const std::string& why) {
        throw Error(ErrorCode::Input, path.filename().string() + " is not a sound safetensors file: " + why + ".",
                    "Delete it and produce or download it again.", path.string());
    };
    const auto bytes = file_.bytes();
    std::uint64_t headerSize = 0;
    if (bytes.size() < 8) {
        fail("it is shorter than its header");
    }
    std::memcpy(&headerSize, bytes.data(), 8);
    if (headerSize > bytes.size() - 8) {
        fail("its header is cut off");
    }
    // A hundred bytes a tensor are usual. JSON takes many times its size in memory, so a larger one is refused.
    constexpr std::uint64_t kMostHeaderBytes = 16 << 20;
    if (headerSize > kMostHeaderBytes) {
        fail("its header is larger than any model's");
    }
    const auto data = bytes.subspan(8 + headerSize);
    try {
        const auto* text = reinterpret_cast<const char*>(bytes.data()) + 8;
        const auto header = nlohmann::json::parse(text, text + headerSize);
        for (const auto& [name, entry] : header.items()) {
            if (name == "__metadata__") {
                for (const auto& [key, value] : entry.items()) {
                    metadata_[key] = value.get<std::string>();
                }
                metadata_.erase(kChecksum); // see requireSound()
                continue;
            }
            TensorView view;
            const auto dtype = entry.at("dtype").get<std::string>();
            const auto known = dtypeOfName(dtype);
            if (!known) {
                fail("tensor " + name + " has the unknown type " + dtype);
            }
            view.dtype = *known;
            const auto begin = sizeOf(entry.at("data_offsets").at(0));
            const auto end = sizeOf(entry.at("data_offsets").at(1));
            std::uint64_t wanted = byteSize(view.dtype);
            if (!entry.at("shape").is_array()) {
                fail("tensor " + name + " has no shape");
            }
            for (const auto& size : entry.at("shape")) {
                const auto d = sizeOf(size);
                if (d > std::numeric_limits<std::int64_t>::max() || (d > 0 && wanted > data.size() / d)) {
                    fail("tensor " + name + " has an impossible shape");
                }
                wanted *= d;
                view.shape.push_back(static_cast<std::int64_t>(d));
            }
            if (begin > end || end > data.size() || end - begin != wanted) {
                fail("tensor " + name + " lies outside the file");
            }
            view.bytes = data.subspan(begin, end - begin);
            tensors_.emplace(name, std::move(view));
        }
    } catch (const nlohmann::json::exception& e) {
        fail(std::string("its header cannot be read (") + e.what() + ")");
    } catch (const std::out_of_range& e) {
        fail(std::string("its header has ") + e.what());
    }
}

const TensorView& SafetensorsFile::at(const std::string& name) const {
    const auto it = tensors_.find(name);
    if (it == tensors_.end()) {
        throw Error(ErrorCode::Input, path_.filename().string() + " lacks the tensor " + name + ".",
                    "Delete it and produce or download it again.", path_.string());
    }
    return it->second;
}

void SafetensorsFile::checkShape(const std::string& name, const TensorView& tensor,
                                 const std::vector<std::int64_t>& shape) const {
    if (shape.empty()) {
        return;
    }
    bool same = shape.size() == tensor.shape.size();
    for (std::size_t i = 0; same && i < shape.size(); ++i) {
        same = shape[i] == -1 || shape[i] == tensor.shape[i];
    }
    if (!same) {
        throw Error(ErrorCode::Input, "Tensor " + name + " of " + path_.filename().string() + " has a wrong shape.",
                    "Delete it and produce or download it again.", path_.string());
    }
}

void SafetensorsFile::wrongType(const std::string& name) const {
    throw Error(ErrorCode::Input, "Tensor " + name + " of " + path_.filename().string() + " has a wrong type.",
                "Delete it and produce or download it again.", path_.string());
}

void SafetensorsWriter::addBytes(const std::string& name, DType dtype, std::span<const std::byte> bytes,
                                 std::vector<std::int64_t> shape) {
    std::int64_t n = 1;
    for (const std::int64_t d : shape) {
        n *= d;
    }
    BODY4D_EXPECT(static_cast<std::size_t>(n) * byteSize(dtype) == bytes.size());
    entries_[name] = {dtype, std::move(shape), {bytes.begin(), bytes.end()}};
}

namespace {

/// Header of a file whose tensors lie one after the other in the order of their names.
template <typename Entries, typename BytesOf>
nlohmann::json headerOf(const Entries& entries, const BytesOf& bytesOf, const std::map<std::string, std::string>& metadata) {
    nlohmann::json header = nlohmann::json::object();
    if (!metadata.empty()) {
        header["__metadata__"] = metadata;
    }
    std::uint64_t at = 0;
    for (const auto& [name, entry] : entries) {
        const std::uint64_t end = at + bytesOf(entry);
        header[name] = {{"dtype", dtypeName(entry.dtype)}, {"shape", entry.shape}, {"data_offsets", {at, end}}};
        at = end;
    }
    return header;
}

std::string padded(const nlohmann::json& header) {
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    return text;
}

void writeHeader(OutputFile& file, const std::string& text) {
    const std::uint64_t size = text.size();
    file.writeAt(0, std::as_bytes(std::span(&size, 1)));
    file.writeAt(8, std::as_bytes(std::span(text.data(), text.size())));
}

std::uint64_t bytesOf(const SafetensorsStream::Tensor& tensor) {
    std::uint64_t n = byteSize(tensor.dtype);
    for (const std::int64_t d : tensor.shape) {
        n *= static_cast<std::uint64_t>(d);
    }
    return n;
}

} // namespace

void SafetensorsWriter::write(const std::filesystem::path& path) const {
    auto header = headerOf(entries_, [](const Entry& e) { return e.bytes.size(); }, metadata_);
    auto checksum = checksumOf(header.dump());
    for (const auto& [name, entry] : entries_) {
        checksum = checksumOf(entry.bytes, checksum);
    }
    header["__metadata__"][kChecksum] = std::to_string(checksum);
    const std::string text = padded(header);
    writeFileAtomically(path, [&](const std::filesystem::path& temporary) {
        OutputFile file(temporary, path);
        writeHeader(file, text);
        std::uint64_t at = 8 + text.size();
        for (const auto& [name, entry] : entries_) {
            file.writeAt(at, entry.bytes);
            at += entry.bytes.size();
        }
        file.close();
    });
}

SafetensorsStream::SafetensorsStream(const std::filesystem::path& file, const std::filesystem::path& named,
                                     std::map<std::string, Tensor> tensors, std::size_t metadataBytes)
    : file_(file, named), tensors_(std::move(tensors)) {
    headerBytes_ = padded(headerOf(tensors_, bytesOf, {{"", std::string(metadataBytes, ' ')}})).size();
    for (const auto& [name, tensor] : tensors_) {
        BODY4D_EXPECT(!tensor.shape.empty());
        begin_[name] = dataBytes_;
        dataBytes_ += bytesOf(tensor);
    }
}

void SafetensorsStream::putBytes(const std::string& name, DType dtype, std::int64_t row,
                                 std::span<const std::byte> bytes) {
    const Tensor& tensor = tensors_.at(name);
    const std::uint64_t all = bytesOf(tensor);
    const std::uint64_t wide = tensor.shape.front() > 0 ? all / static_cast<std::uint64_t>(tensor.shape.front()) : 0;
    const std::uint64_t at = static_cast<std::uint64_t>(row) * wide;
    BODY4D_EXPECT(tensor.dtype == dtype && row >= 0 && at + bytes.size() <= all);
    file_.writeAt(8 + headerBytes_ + begin_.at(name) + at, bytes);
}

void SafetensorsStream::finish(const std::map<std::string, std::string>& metadata) {
    std::string text = padded(headerOf(tensors_, bytesOf, metadata));
    BODY4D_EXPECT(text.size() <= headerBytes_);
    text.append(headerBytes_ - text.size(), ' ');
    writeHeader(file_, text);
    file_.extend(8 + headerBytes_ + dataBytes_); // also where the last rows were left out
    file_.close();
}

void requireSound(const std::filesystem::path& path) {
    const MappedFile file(path);
    bool sound = true;
    try {
        std::uint64_t size = 0;
        std::memcpy(&size, file.bytes().data(), std::min(sizeof size, file.bytes().size()));
        const auto rest = file.bytes().subspan(std::min(sizeof size, file.bytes().size()));
        size = std::min<std::uint64_t>(size, rest.size());
        const auto* text = reinterpret_cast<const char*>(rest.data());
        auto header = nlohmann::json::parse(text, text + size);
        if (auto metadata = header.value("__metadata__", nlohmann::json::object()); metadata.contains(kChecksum)) {
            const auto said = metadata.at(kChecksum).get<std::string>();
            metadata.erase(kChecksum);
            if (metadata.empty()) {
                header.erase("__metadata__");
            } else {
                header["__metadata__"] = metadata;
            }
            sound = said == std::to_string(checksumOf(rest.subspan(size), checksumOf(header.dump())));
        }
    } catch (const nlohmann::json::exception&) {
        sound = false;
    }
    if (!sound) {
        throw Error(ErrorCode::Input, path.filename().string() + " is damaged: it is not as it was written.",
                    "Delete it and produce it again.", path.string());
    }
}

void forgetPages(const SafetensorsFile& file) noexcept {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (const auto& [name, tensor] : file.tensors()) {
        if (!tensor.bytes.empty()) {
            const auto begin = reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) / page * page;
            const auto end = reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) + tensor.bytes.size();
            ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
        }
    }
}

template <typename T>
std::vector<T> rowValues(const SafetensorsFile& file, const std::string& name, std::int64_t begin, std::int64_t end,
                         const std::vector<std::int64_t>& shape) {
    const TensorView& tensor = file.at(name);
    bool sound = tensor.dtype == DTypeOf<T>::value && tensor.shape.size() == shape.size() && !shape.empty();
    for (std::size_t i = 0; sound && i < shape.size(); ++i) {
        sound = shape[i] == -1 || shape[i] == tensor.shape[i];
    }
    if (!sound || begin < 0 || end < begin || end > tensor.shape.front()) {
        throw Error(ErrorCode::Input, "The tensor " + name + " of a saved file has a wrong shape.",
                    "Delete the file and produce it again.");
    }
    const auto wide = tensor.shape.front() > 0 ? tensor.bytes.size() / static_cast<std::size_t>(tensor.shape.front()) : 0;
    const auto part = tensor.bytes.subspan(static_cast<std::size_t>(begin) * wide, static_cast<std::size_t>(end - begin) * wide);
    std::vector<T> out(part.size() / sizeof(T));
    if (!out.empty()) {
        std::memcpy(out.data(), part.data(), part.size());
    }
    return out;
}

template std::vector<std::uint8_t> rowValues<std::uint8_t>(const SafetensorsFile&, const std::string&, std::int64_t,
                                                           std::int64_t, const std::vector<std::int64_t>&);
template std::vector<std::uint32_t> rowValues<std::uint32_t>(const SafetensorsFile&, const std::string&, std::int64_t,
                                                             std::int64_t, const std::vector<std::int64_t>&);
template std::vector<std::int64_t> rowValues<std::int64_t>(const SafetensorsFile&, const std::string&, std::int64_t,
                                                           std::int64_t, const std::vector<std::int64_t>&);
template std::vector<float> rowValues<float>(const SafetensorsFile&, const std::string&, std::int64_t, std::int64_t,
                                             const std::vector<std::int64_t>&);
template std::vector<double> rowValues<double>(const SafetensorsFile&, const std::string&, std::int64_t, std::int64_t,
                                               const std::vector<std::int64_t>&);

} // namespace body4d
