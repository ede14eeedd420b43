#include "pipeline/scene_client.h"

#include "base/error.h"
#include "base/files.h"
#include "pipeline/scene_server.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <httplib.h>
#include <regex>
#include <system_error>
#include <thread>

namespace body4d {
namespace {

using Json = nlohmann::ordered_json;

struct Address {
    std::string host;
    int port = 8008;
};

Address addressOf(const std::string& url) {
    static const std::regex form(R"(http://(\[[0-9a-fA-F:]+\]|[^:/\[\]]+)(?::(\d{1,5}))?/?)");
    std::smatch parts;
    if (!std::regex_match(url, parts, form) || (parts[2].matched && std::stoi(parts[2].str()) > 65535)) {
        throw Error(ErrorCode::Usage, "'" + url + "' is no address of a server.",
                    "Use http://127.0.0.1:8008.");
    }
    Address address;
    address.host = parts[1].str();
    if (address.host.starts_with('[')) {
        address.host = address.host.substr(1, address.host.size() - 2);
    }
    if (parts[2].matched) {
        address.port = std::stoi(parts[2].str());
    }
    return address;
}

std::string tokenOf(const SceneBackend& backend, const Address& address) {
    if (!backend.token.empty()) {
        return backend.token;
    }
    std::error_code code;
    const auto file = tokenFile(address.port);
    // What a server here left for its own person is nobody else's to see.
    if (!isLoopback(address.host) || !std::filesystem::is_regular_file(file, code)) {
        return {};
    }
    auto token = readTextFile(file);
    token.erase(token.find_last_not_of(" \r\n") + 1);
    return token;
}

ErrorCode codeOf(int exit) {
    for (const auto code :
         {ErrorCode::Usage, ErrorCode::Input, ErrorCode::MissingModel, ErrorCode::OutOfMemory}) {
        if (exitCode(code) == exit) {
            return code;
        }
    }
    return ErrorCode::Internal;
}

class Connection {
public:
    explicit Connection(const SceneBackend& backend)
        : url_(backend.url), address_(addressOf(backend.url)), client_(address_.host, address_.port),
          headers_{{"Authorization", "Bearer " + tokenOf(backend, address_)}} {
        client_.set_connection_timeout(5);
        client_.set_read_timeout(30);
    }
    Json post(const std::string& path, const std::string& body) {
        return answer(client_.Post(path, headers_, body, "application/json"));
    }
    Json get(const std::string& path) { return answer(client_.Get(path, headers_)); }
    Json cancel(const std::string& path) { return answer(client_.Delete(path, headers_)); }

private:
    Json answer(const httplib::Result& result) const {
        if (!result) {
            throw Error(ErrorCode::Input, "No server answers at " + url_ + ".",
                        "Start one with body4d serve.", httplib::to_string(result.error()));
        }
        const auto json = Json::parse(result->body, nullptr, false);
        if (result->status / 100 == 2 && json.is_object()) {
            return json;
        }
        const auto word = [&](const char* name, const char* otherwise) {
            return json.is_object() ? json.value(name, otherwise) : otherwise;
        };
        throw Error(result->status == 503                            ? ErrorCode::Busy
                    : result->status == 400 || result->status == 401 ? ErrorCode::Usage
                                                                     : ErrorCode::Input,
                    word("message", "The server cannot be understood."),
                    word("remedy", "Is it a server of this program, and of this version?"),
                    "HTTP " + std::to_string(result->status));
    }

    std::string url_;
    Address address_;
    httplib::Client client_;
    httplib::Headers headers_;
};

} // namespace

SceneReport runSceneOn(const SceneBackend& backend, SceneJob job, const SceneEvents& events,
                       const std::stop_token& stop) {
    for (auto* path : {&job.input.path, &job.exportDir, &job.peopleProject}) {
        if (!path->empty()) {
            *path = std::filesystem::absolute(*path);
        }
    }
    for (auto& picture : job.input.pictures) {
        picture = std::filesystem::absolute(picture);
    }
    // A model given as a path is meant from here, one given as a name ("da3-small") from the server's models.
    std::error_code code;
    if (!job.settings.modelDir.empty() && std::filesystem::exists(job.settings.modelDir, code)) {
        job.settings.modelDir = std::filesystem::absolute(job.settings.modelDir);
    }
    Connection connection(backend);
    const std::string path =
        "/task/" + connection.post("/inference", toJson(job)).at("task_id").get<std::string>();
    std::size_t told = 0;
    bool asked = false;
    while (true) {
        if (stop.stop_requested() && !asked) {
            (void)connection.cancel(path);
            asked = true;
        }
        const auto task = connection.get(path);
        const auto status = task.at("status").get<std::string>();
        const auto& notes = task.at("notes");
        for (; told < notes.size(); ++told) {
            if (events.notice) {
                events.notice(notes[told].get<std::string>());
            }
        }
        if (status == "completed") {
            return sceneReportFromJson(task.at("result").dump());
        }
        if (status == "cancelled") {
            throw Cancelled();
        }
        if (status == "failed") {
            throw Error(codeOf(task.value("exit_code", 1)), task.value("message", ""),
                        task.value("remedy", ""));
        }
        if (events.progress) {
            Progress p;
            p.stage = "scene";
            p.phase = status == "pending" ? "waiting for the server" : task.value("message", "");
            p.total = 1000;
            p.done = static_cast<long long>(1000 * task.value("progress", 0.0));
            events.progress(p);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(asked ? 20 : 100));
    }
}

} // namespace body4d
