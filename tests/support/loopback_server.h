#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

/// A web server for tests on 127.0.0.1 that serves files from memory, one request a connection, and
/// misbehaves as told.
class LoopbackServer {
public:
    struct File {
        std::string content, etag = "\"1\"";
        std::string redirect{};     ///< instead of content
        std::string extraHeaders{}; ///< whole lines with \r\n
        std::string token{};        ///< needed where not empty
        int status = 0;             ///< instead of content
        std::size_t dropAfter = 0;  ///< the connection ends after so many bytes of the body ...
        int drops = 0;              ///< ... so many times
        bool ranges = true;
    };
    struct Request {
        std::string path, range, authorization;
    };

    LoopbackServer() {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        good_ = ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                ::listen(listener_, 8) == 0 &&
                ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    ~LoopbackServer() {
        thread_.request_stop();
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }
    void put(const std::string& path, File file) {
        const std::scoped_lock lock(mutex_);
        files_[path] = std::move(file);
    }
    [[nodiscard]] std::vector<Request> requests() const {
        const std::scoped_lock lock(mutex_);
        return requests_;
    }

private:
    static std::string header(const std::string& request, const std::string& name) {
        const auto at = request.find("\r\n" + name + ": ");
        if (at == std::string::npos) {
            return {};
        }
        const auto begin = at + name.size() + 4;
        return request.substr(begin, request.find("\r\n", begin) - begin);
    }
    static void send(int to, const std::string& bytes) {
        for (std::size_t at = 0; at < bytes.size();) {
            const auto n = ::send(to, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
            if (n <= 0) {
                return;
            }
            at += static_cast<std::size_t>(n);
        }
    }
    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) {
                return;
            }
            std::string request;
            char buffer[4096];
            while (request.find("\r\n\r\n") == std::string::npos) {
                const auto n = ::recv(client, buffer, sizeof buffer, 0);
                if (n <= 0) {
                    break;
                }
                request.append(buffer, static_cast<std::size_t>(n));
            }
            answer(client, request);
            ::close(client);
        }
    }
    void answer(int client, const std::string& request) {
        const auto begin = request.find(' ') + 1;
        Request seen{request.substr(begin, request.find(' ', begin) - begin), header(request, "Range"),
                     header(request, "Authorization")};
        File file;
        {
            const std::scoped_lock lock(mutex_);
            requests_.push_back(seen);
            const auto found = files_.find(seen.path);
            if (found == files_.end()) {
                send(client, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngone");
                return;
            }
            file = found->second;
            if (found->second.drops > 0) {
                --found->second.drops;
            } else {
                file.dropAfter = 0;
            }
        }
        if (!file.token.empty() && seen.authorization != "Bearer " + file.token) {
            send(client, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
            return;
        }
        if (file.status != 0) {
            send(client, "HTTP/1.1 " + std::to_string(file.status) +
                             " As told\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }
        if (!file.redirect.empty()) {
            send(client, "HTTP/1.1 302 Found\r\n" + file.extraHeaders + "Location: " + file.redirect +
                             "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }
        std::size_t from = 0;
        if (file.ranges && seen.range.starts_with("bytes=") && header(request, "If-Range") == file.etag) {
            from = std::stoul(seen.range.substr(6));
        }
        if (from > 0 && from >= file.content.size()) {
            send(client, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */" +
                             std::to_string(file.content.size()) +
                             "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }
        const auto body = file.content.substr(from);
        std::string head = from > 0
                               ? "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " +
                                     std::to_string(from) + "-" + std::to_string(file.content.size() - 1) +
                                     "/" + std::to_string(file.content.size()) + "\r\n"
                               : "HTTP/1.1 200 OK\r\n";
        head += "ETag: " + file.etag + "\r\n" + file.extraHeaders +
                "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
        send(client, head + (file.dropAfter > 0 ? body.substr(0, file.dropAfter) : body));
    }

    int listener_ = -1;
    bool good_ = false;
    unsigned short port_ = 0;
    mutable std::mutex mutex_;
    std::map<std::string, File> files_;
    std::vector<Request> requests_;
    std::jthread thread_;
};
