#include "base/files.h"

#include "base/error.h"
#include "base/output_file.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace body4d {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void failOutput(const fs::path& path, int error) {
    const std::string reason = std::strerror(error);
    std::string remedy = "Check that the folder exists and may be written to, or choose another one.";
    if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
        remedy = "Free some disk space, then run again: finished batches are kept.";
    }
    throw Error(ErrorCode::Output, "Cannot write " + path.filename().string() + ": " + reason + ".", remedy,
                path.string());
}

void syncPath(const fs::path& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
    if (fd >= 0) {
        const int rc = ::fsync(fd);
        const int error = errno;
        ::close(fd);
        // Some file systems refuse fsync on folders; that is not a failed write.
        if (rc != 0 && error != EINVAL && error != ENOTSUP) {
            failOutput(path, error);
        }
    }
}

fs::path temporaryFor(const fs::path& path) {
    static std::atomic<unsigned> counter{0};
    return path.parent_path() / ("." + path.filename().string() + "." + std::to_string(::getpid()) + "-" +
                                 std::to_string(counter++) + ".tmp" + path.extension().string());
}

} // namespace

void writeFileAtomically(const fs::path& path, const std::function<void(const fs::path&)>& fn) {
    const fs::path folder = path.parent_path().empty() ? fs::path(".") : path.parent_path();
    std::error_code ec;
    fs::create_directories(folder, ec);
    if (ec) {
        failOutput(path, ec.value());
    }
    const fs::path temporary = temporaryFor(path);
    try {
        fn(temporary);
        syncPath(temporary, O_RDONLY);
        fs::rename(temporary, path, ec);
        if (ec) {
            failOutput(path, ec.value());
        }
    } catch (...) {
        fs::remove(temporary, ec);
        throw;
    }
    syncPath(folder, O_RDONLY | O_DIRECTORY);
}

OutputFile::OutputFile(const fs::path& path, fs::path named)
    : named_(std::move(named)), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
    if (file_ < 0) {
        failOutput(named_, errno);
    }
}

OutputFile::~OutputFile() {
    if (file_ >= 0) {
        ::close(file_);
    }
}

void OutputFile::writeAt(std::uint64_t offset, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            failOutput(named_, errno);
        }
        offset += static_cast<std::uint64_t>(n);
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
}

void OutputFile::extend(std::uint64_t size) {
    struct stat info {};
    if (::fstat(file_, &info) != 0 ||
        (static_cast<std::uint64_t>(info.st_size) < size && ::ftruncate(file_, static_cast<off_t>(size)) != 0)) {
        failOutput(named_, errno);
    }
}

void OutputFile::close() {
    if (::close(std::exchange(file_, -1)) != 0) {
        failOutput(named_, errno);
    }
}

void writeFileAtomically(const fs::path& path, std::span<const std::byte> bytes) {
    writeFileAtomically(path, [&](const fs::path& temporary) {
        OutputFile file(temporary, path);
        file.writeAt(0, bytes);
        file.close();
    });
}

void writeFileAtomically(const fs::path& path, std::string_view text) {
    writeFileAtomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

std::vector<std::byte> readFile(const fs::path& path) {
    const MappedFile file(path);
    return {file.bytes().begin(), file.bytes().end()};
}

std::string readTextFile(const fs::path& path) {
    const MappedFile file(path);
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

void readPieces(const fs::path& path, std::uint64_t offset, std::uint64_t size,
                const std::function<void(std::span<const std::byte>)>& fn) {
    std::ifstream in(path, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(offset));
    std::vector<std::byte> piece(std::size_t{1} << 16);
    while (size > 0) {
        const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(size, piece.size()));
        if (!in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(now))) {
            throw Error(ErrorCode::Output, "An intermediate file of the export cannot be read back.",
                        "Free some disk space, then export again.", path.string());
        }
        fn(std::span<const std::byte>(piece.data(), now));
        size -= now;
    }
}

MappedFile::MappedFile(const fs::path& path) {
    const auto fail = [&](int error) {
        throw Error(ErrorCode::Input, "Cannot read " + path.filename().string() + ": " + std::strerror(error) + ".",
                    "Check the path and its permissions.", path.string());
    };
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fail(errno);
    }
    struct stat info {};
    if (::fstat(fd, &info) != 0 || S_ISDIR(info.st_mode)) {
        const int error = S_ISDIR(info.st_mode) ? EISDIR : errno;
        ::close(fd);
        fail(error);
    }
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size > 0) {
        void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
        const int error = errno;
        ::close(fd);
        if (at == MAP_FAILED) {
            fail(error);
        }
        bytes_ = {static_cast<const std::byte*>(at), size};
    } else {
        ::close(fd);
    }
}

MappedFile::~MappedFile() {
    if (!bytes_.empty()) {
        ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
    }
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
}

std::string sha256(std::span<const std::byte> bytes) {
    // FIPS 180-4. The constants are the first 32 bits of the fractional parts of cube and square roots of primes.
    static constexpr std::array<std::uint32_t, 64> k = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
    std::array<std::uint32_t, 8> h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const auto rotr = [](std::uint32_t x, int n) { return (x >> n) | (x << (32 - n)); };
    const auto block = [&](const unsigned char* p) {
        std::array<std::uint32_t, 64> w{};
        for (std::size_t i = 0; i < 16; ++i) {
            w[i] = (std::uint32_t{p[4 * i]} << 24) | (std::uint32_t{p[4 * i + 1]} << 16) |
                   (std::uint32_t{p[4 * i + 2]} << 8) | p[4 * i + 3];
        }
        for (std::size_t i = 16; i < 64; ++i) {
            const std::uint32_t s0 = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
            const std::uint32_t s1 = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        auto v = h;
        for (std::size_t i = 0; i < 64; ++i) {
            const std::uint32_t s1 = rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25);
            const std::uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
            const std::uint32_t s0 = rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22);
            const std::uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v = {t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]};
        }
        for (std::size_t i = 0; i < 8; ++i) {
            h[i] += v[i];
        }
    };
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    const std::size_t whole = bytes.size() / 64;
    for (std::size_t i = 0; i < whole; ++i) {
        block(data + 64 * i);
    }
    std::array<unsigned char, 128> tail{};
    const std::size_t rest = bytes.size() % 64;
    if (rest > 0) {
        std::memcpy(tail.data(), data + 64 * whole, rest);
    }
    tail[rest] = 0x80;
    const std::size_t length = rest < 56 ? 64 : 128;
    const std::uint64_t bits = static_cast<std::uint64_t>(bytes.size()) * 8;
    for (std::size_t i = 0; i < 8; ++i) {
        tail[length - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
    }
    for (std::size_t i = 0; i < length; i += 64) {
        block(tail.data() + i);
    }
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const std::uint32_t word : h) {
        for (int shift = 28; shift >= 0; shift -= 4) {
            out.push_back(digits[(word >> shift) & 15]);
        }
    }
    return out;
}

} // namespace body4d
