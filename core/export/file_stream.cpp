#include "export/file_stream.h"

#include "base/error.h"

#include <cerrno>
#include <cstring>

namespace body4d {

FileStream::FileStream(const std::filesystem::path& path)
    : path_(path), file_(std::fopen(path.c_str(), "wb")) {
    if (!file_) {
        fail(errno);
    }
}

void FileStream::write(std::span<const std::byte> bytes) {
    if (!bytes.empty() && std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
        fail(errno);
    }
    size_ += bytes.size();
}

void FileStream::close() {
    if (std::fclose(file_.release()) != 0) {
        fail(errno);
    }
}

void FileStream::fail(int error) const {
    const bool full = error == ENOSPC || error == EDQUOT;
    throw Error(ErrorCode::Output, std::string("Cannot write the export: ") + std::strerror(error) + ".",
                full ? "Free some disk space, then export again."
                     : "Check that the folder exists and may be written to, or choose another one.",
                path_.string());
}

} // namespace body4d
