#include "pipeline/scene_server.h"

#include "base/error.h"
#include "base/log.h"
#include "pipeline/project.h"
#include "pipeline/scene_bodies.h"
#include "pipeline/scene_job.h"
#include "pipeline/scene_load.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <httplib.h>
#include <map>
#include <mutex>
#include <sys/random.h>
#include <thread>
#include <unistd.h>

namespace body4d {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct Task {
    std::int64_t id = 0;
    SceneJob job;
    std::string status = "pending";
    double progress = 0;
    std::string message;
    int exitCode = 0;
    std::string remedy;
    std::vector<std::string> notes;
    std::string result; ///< JSON
    std::stop_source stop;
    [[nodiscard]] bool over() const { return status != "pending" && status != "running"; }
};

Json describe(const Task& task) {
    Json json{{"task_id", std::to_string(task.id)},
              {"status", task.status},
              {"progress", task.progress},
              {"message", task.message},
              {"export_dir", task.job.exportDir.string()},
              {"notes", task.notes}};
    if (task.status == "failed") {
        json["remedy"] = task.remedy;
        json["exit_code"] = task.exitCode;
    }
    if (!task.result.empty()) {
        json["result"] = Json::parse(task.result);
    }
    return json;
}

void answer(httplib::Response& response, int status, const Json& json) {
    response.status = status;
    response.set_content(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n",
                         "application/json");
}

void refuse(httplib::Response& response, int status, const std::string& what, const std::string& remedy) {
    answer(response, status, {{"success", false}, {"message", what}, {"remedy", remedy}});
}

/// Takes as long wherever two words of one length differ.
bool equalWords(const std::string& a, const std::string& b) {
    if (a.size() != b.size()) {
        return false;
    }
    unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    }
    return difference == 0;
}

} // namespace

struct SceneServer::Impl {
    explicit Impl(SceneServerOptions given) : options(std::move(given)) {
        if (!isLoopback(options.host)) {
            throw Error(ErrorCode::Usage, "'" + options.host + "' is no loopback address.",
                        "Use 127.0.0.1; to reach the server from elsewhere, forward its port with ssh -L.");
        }
        if (options.token.empty()) {
            throw Error(ErrorCode::Usage, "A server needs a token.", "Leave --token away and one is drawn.");
        }
        if (options.queue < 1) {
            throw Error(ErrorCode::Usage, "A queue of no jobs takes none.", "Use --queue 1 or more.");
        }
        routes();
        port = options.port > 0 ? (http.bind_to_port(options.host, options.port) ? options.port : -1)
                                : http.bind_to_any_port(options.host);
        if (port <= 0) {
            throw Error(ErrorCode::Usage,
                        "Port " + std::to_string(options.port) + " of " + options.host + " cannot be used.",
                        "Another server may run there: choose another one with --port, or end it.");
        }
    }

    // ---- HTTP: called from its threads ----

    void routes() {
        constexpr std::size_t kMostBytes = 1 << 20;
        http.set_payload_max_length(kMostBytes);
        http.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
            if (equalWords(request.get_header_value("Authorization"), "Bearer " + options.token)) {
                return httplib::Server::HandlerResponse::Unhandled;
            }
            response.set_header("WWW-Authenticate", "Bearer");
            refuse(response, 401, "The token is missing or wrong.",
                   "Send the header Authorization: Bearer TOKEN with the token that body4d serve printed.");
            return httplib::Server::HandlerResponse::Handled;
        });
        http.Get("/status",
                 [this](const httplib::Request&, httplib::Response& response) { status(response); });
        http.Get("/tasks", [this](const httplib::Request&, httplib::Response& response) {
            const std::scoped_lock lock(mutex);
            Json all = Json::array();
            for (const auto& [id, task] : tasks) {
                all.push_back(describe(*task));
            }
            answer(response, 200, {{"tasks", all}});
        });
        http.Get(R"(/task/(\d{1,15}))", [this](const httplib::Request& request, httplib::Response& response) {
            const std::scoped_lock lock(mutex);
            if (const auto task = find(request)) {
                answer(response, 200, describe(*task));
            } else {
                unknown(response);
            }
        });
        http.Delete(R"(/task/(\d{1,15}))",
                    [this](const httplib::Request& request, httplib::Response& response) {
                        cancel(request, response);
                    });
        http.Post("/inference", [this](const httplib::Request& request, httplib::Response& response) {
            submit(request, response);
        });
        http.set_error_handler([](const httplib::Request& request, httplib::Response& response) {
            constexpr int kTooLarge = 413, kNotFound = 404;
            if (!response.body.empty()) {
                return;
            }
            if (response.status == kTooLarge) {
                refuse(response, response.status, "The job is larger than 1 MiB.",
                       "Send a folder or a video as input instead of many single pictures.");
            } else if (response.status == kNotFound) {
                refuse(response, response.status, "There is nothing at " + request.path + ".",
                       "Use /status, /tasks, /task/ID or /inference.");
            } else {
                refuse(response, response.status, "The request cannot be understood.",
                       "Use GET /status, /tasks or /task/ID, POST /inference, DELETE /task/ID.");
            }
        });
        http.set_exception_handler(
            [](const httplib::Request&, httplib::Response& response, std::exception_ptr failure) {
                std::string what = "Internal error.";
                try {
                    std::rethrow_exception(failure);
                } catch (const std::exception& e) {
                    what = e.what();
                } catch (...) {
                }
                refuse(response, 500, what, "");
            });
    }

    void status(httplib::Response& response) {
        const std::scoped_lock lock(mutex);
        answer(response, 200,
               {{"model_loaded", !variant.empty()},
                {"engine", loaded.engine},
                {"model_dir", loaded.modelDir.string()},
                {"variant", variant},
                {"uptime", std::chrono::duration<double>(Clock::now() - started).count()},
                {"running", running},
                {"waiting", waiting.size()},
                {"queue", options.queue}});
    }

    /// Under the mutex. @returns null where there is none
    std::shared_ptr<Task> find(const httplib::Request& request) const {
        const auto found = tasks.find(std::stoll(request.matches[1]));
        return found != tasks.end() ? found->second : nullptr;
    }

    static void unknown(httplib::Response& response) {
        refuse(response, 404, "There is no such task.", "/tasks lists those that are remembered.");
    }

    void cancel(const httplib::Request& request, httplib::Response& response) {
        const std::scoped_lock lock(mutex);
        const auto task = find(request);
        if (task == nullptr) {
            unknown(response);
            return;
        }
        if (task->over()) {
            tasks.erase(task->id);
        } else if (task->status == "pending") {
            std::erase(waiting, task);
            task->status = "cancelled";
            forgetOld();
        } else {
            task->stop.request_stop(); // the worker says when it is over
        }
        answer(response, 200,
               {{"success", true}, {"task_id", std::to_string(task->id)}, {"status", task->status}});
    }

    void submit(const httplib::Request& request, httplib::Response& response) {
        auto task = std::make_shared<Task>();
        try {
            task->job = sceneJobFromJson(request.body);
        } catch (const Error& e) {
            refuse(response, 400, e.what(), e.remedy() + (e.detail().empty() ? "" : " (" + e.detail() + ")"));
            return;
        }
        // Where the model lies and runs is the server's to say, unless the job wants another one.
        if (task->job.settings.modelDir.empty() && task->job.settings.engine == options.settings.engine) {
            task->job.settings.modelDir = options.settings.modelDir;
        }
        task->job.settings.device = options.settings.device;
        task->job.settings.threads = options.settings.threads;
        const std::scoped_lock lock(mutex);
        if (waiting.size() >= options.queue) {
            response.set_header("Retry-After", "10");
            refuse(response, 503, "The queue is full.",
                   "Send the job again later, or cancel one with DELETE /task/ID.");
            return;
        }
        task->id = ++lastId;
        tasks.emplace(task->id, task);
        waiting.push_back(task);
        wake.notify_one();
        answer(response, 202,
               {{"success", true},
                {"message", "accepted"},
                {"task_id", std::to_string(task->id)},
                {"export_dir", task->job.exportDir.string()}});
    }

    // ---- the worker ----

    void work(const std::stop_token& stop) {
        while (true) {
            std::shared_ptr<Task> task;
            {
                std::unique_lock lock(mutex);
                if (!wake.wait(lock, stop, [this] { return !waiting.empty(); }) || stop.stop_requested()) {
                    return;
                }
                task = waiting.front();
                waiting.pop_front();
                task->status = "running";
                running = true;
            }
            const std::stop_callback passOn(stop, [&task] { task->stop.request_stop(); });
            perform(*task);
            const std::scoped_lock lock(mutex);
            running = false;
            forgetOld();
        }
    }

    void perform(Task& task) {
        const auto end = [&](const char* status, int code, const std::string& message,
                             const std::string& remedy) {
            const std::scoped_lock lock(mutex);
            task.status = status;
            task.exitCode = code;
            task.message = message;
            task.remedy = remedy;
        };
        try {
            const auto result = toJson(run(task));
            {
                const std::scoped_lock lock(mutex);
                task.result = result;
                task.progress = 1;
            }
            end("completed", 0, "", "");
        } catch (const Cancelled&) {
            end("cancelled", 130, "Cancelled.", "");
        } catch (const Error& e) {
            end("failed", exitCode(e.code()), e.what(), e.remedy());
        } catch (const std::bad_alloc&) {
            end("failed", exitCode(ErrorCode::OutOfMemory), "Not enough memory.",
                "Use a smaller process_res or view_chunk.");
        } catch (const std::exception& e) {
            end("failed", exitCode(ErrorCode::Internal), e.what(), "");
        }
    }

    SceneReport run(Task& task) {
        const auto& job = task.job;
        SceneEvents events;
        events.progress = [&](const Progress& p) {
            const std::scoped_lock lock(mutex);
            // Merging and writing have progress of their own; nobody likes a bar that runs backwards.
            const double done = p.total > 0 ? static_cast<double>(p.done) / static_cast<double>(p.total) : 0;
            task.progress =
                std::max(task.progress, std::min(p.stage == "scene" ? 0.9 * done : 0.9 + 0.1 * done, 0.999));
            task.message = p.phase.empty() ? p.stage : p.phase;
        };
        events.notice = [&](const std::string& sentence) {
            const std::scoped_lock lock(mutex);
            task.notes.push_back(sentence);
        };
        auto wanted = job.wanted;
        std::unique_ptr<Project> project;
        if (!job.peopleProject.empty()) {
            project = Project::open(job.peopleProject, Project::Access::ReadOnly);
            wanted.people = peopleOf(*project);
        }
        ensureLoaded(job.settings, events.notice);
        return runScene(job.input, job.settings, wanted, job.exportDir, options.modelsDir, events,
                        task.stop.get_token(), estimator.get(), weights);
    }

    /// The model that the settings want; the one before leaves memory first.
    void ensureLoaded(const SceneSettings& wanted, const std::function<void(const std::string&)>& notice) {
        {
            const std::scoped_lock lock(mutex);
            if (estimator != nullptr && wanted.engine == loaded.engine &&
                wanted.modelDir == loaded.modelDir) {
                return;
            }
            variant.clear();
        }
        estimator.reset();
        weights.clear();
        if (options.makeEstimator) {
            estimator = options.makeEstimator(wanted);
        } else {
            auto found =
                detail::loadSceneEstimator(wanted, options.modelsDir, MemoryBudget(wanted.budgetGib), notice);
            estimator = std::move(found.estimator);
            weights = std::move(found.weights);
        }
        const std::scoped_lock lock(mutex);
        loaded = wanted;
        variant = estimator->traits().variant;
    }

    /// Under the mutex.
    void forgetOld() {
        constexpr std::ptrdiff_t kRemembered = 100;
        auto over = std::count_if(tasks.begin(), tasks.end(), [](const auto& t) { return t.second->over(); });
        for (auto task = tasks.begin(); task != tasks.end() && over > kRemembered;) {
            if (task->second->over()) {
                task = tasks.erase(task);
                --over;
            } else {
                ++task;
            }
        }
    }

    SceneServerOptions options;
    httplib::Server http;
    int port = -1;
    const Clock::time_point started = Clock::now();

    std::mutex mutex; ///< of everything below but the estimator and its weights, which are the worker's
    std::condition_variable_any wake;
    std::map<std::int64_t, std::shared_ptr<Task>> tasks;
    std::deque<std::shared_ptr<Task>> waiting;
    std::int64_t lastId = 0;
    bool running = false;
    SceneSettings loaded;
    std::string variant; ///< of the model that is loaded; empty: none
    std::unique_ptr<SceneEstimator> estimator;
    fs::path weights; ///< that it was loaded from
};

SceneServer::SceneServer(SceneServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
SceneServer::~SceneServer() = default;

int SceneServer::port() const {
    return impl_->port;
}

void SceneServer::load() {
    impl_->ensureLoaded(impl_->options.settings, [](const std::string& sentence) { logWarning(sentence); });
}

void SceneServer::serve(const std::stop_token& stop) {
    std::jthread worker([this](const std::stop_token& ending) { impl_->work(ending); });
    // The library knows no way to be asked before it listens: one that waits until it does.
    const std::jthread watcher([this, &stop](const std::stop_token& ending) {
        std::mutex mutex;
        std::condition_variable_any change;
        std::unique_lock lock(mutex);
        const std::stop_callback wake(stop, [&change] { change.notify_all(); });
        while (!ending.stop_requested()) {
            if (stop.stop_requested() && impl_->http.is_running()) {
                impl_->http.stop();
                return;
            }
            change.wait_for(lock, ending, std::chrono::milliseconds(stop.stop_requested() ? 5 : 200),
                            [] { return false; });
        }
    });
    if (!impl_->http.listen_after_bind() && !stop.stop_requested()) {
        throw Error(ErrorCode::Internal, "The server ended by itself.", "Start it again.");
    }
}

bool isLoopback(const std::string& host) {
    constexpr std::uint32_t kNetwork = 127; // its first byte
    in_addr four{};
    in6_addr six{};
    return host == "localhost" ||
           (::inet_pton(AF_INET, host.c_str(), &four) == 1 && ntohl(four.s_addr) >> 24 == kNetwork) ||
           (::inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six) != 0);
}

std::string randomToken() {
    unsigned char bytes[16];
    if (::getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes)) {
        throw Error(ErrorCode::Internal, "The system gave no random numbers.", "Give a token with --token.");
    }
    std::string token;
    for (const unsigned char b : bytes) {
        token += "0123456789abcdef"[b >> 4];
        token += "0123456789abcdef"[b & 15];
    }
    return token;
}

fs::path tokenFile(int port) {
    const char* session = std::getenv("XDG_RUNTIME_DIR");
    const fs::path folder = session != nullptr && *session == '/'
                                ? fs::path(session)
                                : fs::temp_directory_path() / ("body4d-" + std::to_string(::getuid()));
    return folder / ("body4d-serve-" + std::to_string(port) + ".token");
}

} // namespace body4d
