#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "pipeline/download_internal.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <curl/curl.h>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <mutex>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

constexpr int kTries = 4;
constexpr long kConnectSeconds = 30, kStalledSeconds = 60, kMostRedirects = 8;

/// The part file, locked against another process that fetches the same.
class PartFile {
public:
    explicit PartFile(const fs::path& path) : path_(path) {
        fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd_ < 0) {
            fail(errno);
        }
        if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
            ::close(fd_);
            throw Error(ErrorCode::Busy, "Another process is downloading " + path.stem().string() + ".",
                        "Wait for it, or end it and start again: it goes on where it was.", path.string());
        }
    }
    ~PartFile() { ::close(fd_); }
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    [[nodiscard]] std::int64_t size() const {
        struct stat info {};
        return ::fstat(fd_, &info) == 0 ? static_cast<std::int64_t>(info.st_size) : 0;
    }
    void truncate() {
        if (::ftruncate(fd_, 0) != 0) {
            fail(errno);
        }
    }
    /// @returns 0 or the system's error
    int append(const char* data, std::size_t size) {
        if (::lseek(fd_, 0, SEEK_END) < 0) {
            return errno;
        }
        while (size > 0) {
            const ssize_t n = ::write(fd_, data, size);
            if (n < 0 && errno == EINTR) {
                continue;
            }
            if (n < 0) {
                return errno;
            }
            data += n;
            size -= static_cast<std::size_t>(n);
        }
        return 0;
    }
    void sync() {
        if (::fsync(fd_) != 0) {
            fail(errno);
        }
    }
    [[noreturn]] void fail(int error) const {
        throw Error(ErrorCode::Output,
                    "Cannot write " + path_.filename().string() + ": " + std::strerror(error) + ".",
                    error == ENOSPC || error == EDQUOT
                        ? "Free some disk space, then run it again: it goes on where it was."
                        : "Check that the models folder may be written to.",
                    path_.string());
    }

private:
    fs::path path_;
    int fd_ = -1;
};

/// One answer of a server, redirects included.
struct Answer {
    PartFile* part = nullptr;
    std::int64_t offset = 0; ///< asked for from there
    std::string etag;
    std::string linkedHash; ///< of large files on the hub: SHA-256, told before the redirect to the store
    std::int64_t linkedSize = 0, rangeTotal = 0, length = -1;
    long status = 0;
    int writeError = 0;
    bool begun = false;     ///< the body of the last answer has begun
    bool elsewhere = false; ///< it continues from another place than asked for
    std::int64_t rangeStart = 0;
    const std::function<void(std::int64_t, std::int64_t)>* progress = nullptr;
    std::stop_token stop;
    std::int64_t expected = 0;

    [[nodiscard]] std::int64_t total() const {
        return expected > 0     ? expected
               : linkedSize > 0 ? linkedSize
               : rangeTotal > 0 ? rangeTotal
               : length >= 0    ? length
                                : 0;
    }
};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::int64_t number(const std::string& text) {
    char* end = nullptr;
    const auto value = std::strtoll(text.c_str(), &end, 10);
    return end != text.c_str() && value > 0 ? value : 0;
}

bool isSha256(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::size_t takeHeader(char* data, std::size_t size, std::size_t count, void* user) {
    auto& answer = *static_cast<Answer*>(user);
    std::string line(data, size * count);
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) {
        line.pop_back();
    }
    if (line.starts_with("HTTP/")) { // a new answer, after a redirect
        const auto space = line.find(' ');
        answer.status = space != std::string::npos ? std::strtol(line.c_str() + space, nullptr, 10) : 0;
        answer.etag.clear();
        answer.rangeTotal = 0;
        answer.length = -1;
        return size * count;
    }
    const auto colon = line.find(':');
    if (colon == std::string::npos) {
        return size * count;
    }
    const auto name = lower(line.substr(0, colon));
    auto value = line.substr(colon + 1);
    value.erase(0, value.find_first_not_of(" \t"));
    if (name == "etag") {
        answer.etag = value;
    } else if (name == "content-length") {
        answer.length = number(value);
    } else if (name == "content-range") {
        const auto slash = value.rfind('/');
        answer.rangeTotal = slash != std::string::npos ? number(value.substr(slash + 1)) : 0;
        const auto digit = value.find_first_of("0123456789");
        answer.rangeStart = digit != std::string::npos ? number(value.substr(digit)) : 0;
    } else if (name == "x-linked-size") {
        answer.linkedSize = number(value);
    } else if (name == "x-linked-etag") {
        value.erase(std::remove(value.begin(), value.end(), '"'), value.end());
        answer.linkedHash = isSha256(lower(value)) ? lower(value) : std::string();
    }
    return size * count;
}

std::size_t takeBody(char* data, std::size_t size, std::size_t count, void* user) {
    auto& answer = *static_cast<Answer*>(user);
    if (answer.status != 200 && answer.status != 206) {
        return size * count; // an error page
    }
    if (!answer.begun) {
        answer.begun = true;
        if (answer.status == 200 && answer.offset > 0) {
            // The server does not continue, or its file is another one by now.
            answer.part->truncate();
            answer.offset = 0;
        }
        if (answer.status == 206 && answer.rangeStart != answer.offset) {
            answer.elsewhere = true;
            return 0;
        }
    }
    answer.writeError = answer.part->append(data, size * count);
    return answer.writeError == 0 ? size * count : 0;
}

int tellProgress(void* user, curl_off_t, curl_off_t now, curl_off_t, curl_off_t) {
    const auto& answer = *static_cast<Answer*>(user);
    if (*answer.progress && answer.begun) {
        (*answer.progress)(answer.offset + now, answer.total());
    }
    return answer.stop.stop_requested() ? 1 : 0;
}

void startCurl() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

[[noreturn]] void refuse(const Download& download, long status) {
    if (status == 401 || status == 403) {
        throw Error(ErrorCode::MissingModel,
                    download.token.empty() ? "The server gives this file only to people whom it knows."
                                           : "The server does not accept the token for this file.",
                    download.gateHelp.empty() ? "Check the address and your access." : download.gateHelp,
                    download.url + " answered " + std::to_string(status));
    }
    throw Error(ErrorCode::MissingModel, "The server does not have the file any more.",
                "Look at the model's page; body4d models names it. A file that you have is added by body4d "
                "models add FILE.",
                download.url + " answered " + std::to_string(status));
}

/// @returns the library's code; the answer is filled
CURLcode ask(const Download& download, Answer& answer, const std::string& knownEtag, std::string& message) {
    const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
    if (!curl) {
        return CURLE_FAILED_INIT;
    }
    std::array<char, CURL_ERROR_SIZE> text{};
    curl_slist* headers = nullptr;
    const auto header = [&headers](const std::string& line) {
        headers = curl_slist_append(headers, line.c_str());
    };
    if (!download.token.empty()) {
        header("Authorization: Bearer " +
               download.token); // dropped by the library when redirected to another host
    }
    if (answer.offset > 0) {
        header("Range: bytes=" + std::to_string(answer.offset) + "-");
        header("If-Range: " + knownEtag);
    }
    const std::unique_ptr<curl_slist, void (*)(curl_slist*)> owner(headers, curl_slist_free_all);
    const bool secure = download.url.starts_with("https:");
    curl_easy_setopt(curl.get(), CURLOPT_URL, download.url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, secure ? "https" : "http,https");
    curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
    curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, kMostRedirects);
    curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, kStalledSeconds);
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "body4d");
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, owner.get());
    curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, &takeHeader);
    curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &takeBody);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, &tellProgress);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &answer);
    curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, text.data());
    const auto code = curl_easy_perform(curl.get());
    message = text[0] != '\0' ? text.data() : curl_easy_strerror(code);
    return code;
}

bool worthAnotherTry(CURLcode code, long status) {
    switch (code) {
    case CURLE_OK:
        return status >= 500 || status == 408 || status == 429;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return true;
    default:
        return false;
    }
}

/// @throws Cancelled
void wait(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any waker;
    std::unique_lock lock(mutex);
    waker.wait_for(lock, stop, time, [] { return false; });
    if (stop.stop_requested()) {
        throw Cancelled();
    }
}

void requireSpace(const fs::path& folder, std::int64_t bytes) {
    std::error_code ec;
    const auto space = fs::space(folder, ec);
    if (!ec && bytes > 0 && space.available < static_cast<std::uintmax_t>(bytes)) {
        throw Error(ErrorCode::Output,
                    "The disk has " + std::to_string(space.available >> 20) +
                        " MiB free, the rest of the file needs " + std::to_string(bytes >> 20) + " MiB.",
                    "Free some disk space, or put the models folder elsewhere with BODY4D_MODELS.",
                    folder.string());
    }
}

std::string readEtag(const fs::path& file) {
    std::ifstream in(file);
    std::string etag;
    std::getline(in, etag);
    return etag;
}

} // namespace

void fetch(const Download& download, const std::function<void(const fs::path&)>& check,
           const std::function<void(std::int64_t, std::int64_t)>& progress, const std::stop_token& stop) {
    startCurl();
    std::error_code ec;
    fs::create_directories(download.target.parent_path(), ec);
    const fs::path partPath = download.target.string() + ".part",
                   etagPath = download.target.string() + ".part.etag";
    PartFile part(partPath);
    std::string hash = download.sha256;
    std::int64_t bytes = download.bytes;
    const auto dropPart = [&] {
        fs::remove(partPath, ec);
        fs::remove(etagPath, ec);
    };
    for (int attempt = 0;; ++attempt) {
        Answer answer;
        answer.part = &part;
        answer.progress = &progress;
        answer.stop = stop;
        answer.expected = bytes;
        const auto etag = readEtag(etagPath);
        if (part.size() > 0 && etag.empty()) {
            part.truncate(); // of what version it is a part is not known
        }
        answer.offset = part.size();
        if (bytes > 0 && answer.offset >= bytes) {
            break; // whole already, or too long, which the checks below tell
        }
        requireSpace(download.target.parent_path(), bytes - answer.offset);
        std::string message;
        const auto code = ask(download, answer, etag, message);
        if (answer.writeError != 0) {
            part.fail(answer.writeError);
        }
        if (stop.stop_requested()) {
            throw Cancelled();
        }
        if (answer.begun && !answer.etag.empty()) {
            std::ofstream(etagPath) << answer.etag << '\n';
        }
        if (code == CURLE_OK && (answer.status == 200 || answer.status == 206)) {
            bytes = answer.total();
            hash = hash.empty() ? answer.linkedHash : hash;
            break;
        }
        if (code == CURLE_OK && answer.status == 416) { // the part is as long as the file, or longer
            if (answer.rangeTotal == part.size()) {
                bytes = bytes > 0 ? bytes : part.size();
                break;
            }
            part.truncate();
        } else if (answer.elsewhere) {
            part.truncate();
        } else if (!worthAnotherTry(code, answer.status)) {
            if (code == CURLE_OK) {
                refuse(download, answer.status);
            }
            throw Error(ErrorCode::Input, "The file cannot be downloaded.",
                        "Check the network, proxy and certificates.", download.url + ": " + message);
        }
        if (attempt + 1 >= kTries) {
            throw Error(ErrorCode::Input, "The connection to the server was lost.",
                        "Run it again later: it goes on where it was.",
                        download.url + ": " +
                            (code == CURLE_OK ? "answered " + std::to_string(answer.status) : message));
        }
        log(LogLevel::Info, "The download is taken up again: " + message);
        wait(std::chrono::milliseconds(250 << attempt), stop);
    }
    part.sync();
    if (bytes > 0 && part.size() != bytes) {
        const auto size = part.size();
        dropPart();
        throw Error(ErrorCode::Input,
                    "The download has " + std::to_string(size) + " bytes instead of " +
                        std::to_string(bytes) + ".",
                    "Run it again; if it happens twice, the file at its source has changed.", download.url);
    }
    if (!hash.empty() && sha256(MappedFile(partPath).bytes()) != hash) {
        dropPart();
        throw Error(ErrorCode::Input, "The download is damaged: its SHA-256 is not the published one.",
                    "Run it again; if it happens twice, the file at its source has changed.",
                    download.url + ", expected " + hash);
    }
    try {
        check(partPath);
    } catch (...) {
        dropPart();
        throw;
    }
    fs::rename(partPath, download.target, ec);
    if (ec) {
        part.fail(ec.value());
    }
    fs::remove(etagPath, ec);
}

} // namespace body4d::detail
