#pragma once

#include "models/scene_estimator.h"
#include "pipeline/scene_run.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace body4d {

struct SceneServerOptions {
    std::string host = "127.0.0.1"; ///< a loopback address: nobody else can reach it
    int port = 8008;                ///< 0: any that is free
    std::string token;              ///< whoever asks has to know it; never empty
    std::size_t queue = 8;          ///< jobs that may wait
    SceneSettings settings;         ///< engine, modelDir, device and threads of the model that is loaded
    std::filesystem::path modelsDir;
    /// For tests; empty: makeSceneEstimator().
    std::function<std::unique_ptr<SceneEstimator>(const SceneSettings& settings)> makeEstimator;
};

/// Keeps a scene model in memory and runs jobs that arrive over HTTP, one after the other:
///
///     GET    /status      model, device, uptime, length of the queue
///     POST   /inference   a job (scene_job.h); 202 with its task_id, 400 when it is wrong, 503 when the queue is full
///
///     GET    /tasks, /task/ID   status (pending, running, completed, failed, cancelled), progress 0..1, message, result
///
///     DELETE /task/ID     cancels what waits or runs, forgets what is over
///
/// Every request carries "Authorization: Bearer TOKEN". A job that names another engine or model than the one
/// that is loaded takes its place. The last hundred tasks that are over are remembered.
class SceneServer {
public:
    /// Takes the port; jobs are answered from serve() on.
    /// @throws Error{Usage} when the host is no loopback address, the token is empty or the port is taken
    explicit SceneServer(SceneServerOptions options);
    ~SceneServer();
    [[nodiscard]] int port() const;
    /// Loads the model, so that what is missing is told at once. @throws Error{MissingModel, Input}
    void load();
    /// Until it is asked to stop; jobs that run or wait then are cancelled.
    void serve(const std::stop_token& stop);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Whether a host is this machine without any doubt: "localhost", 127.*.*.* or ::1, and no other name.
[[nodiscard]] bool isLoopback(const std::string& host);
/// 32 random hexadecimal digits.
[[nodiscard]] std::string randomToken();
/// Where the token of a server on a port lies for clients of the same person: in the session's own folder.
[[nodiscard]] std::filesystem::path tokenFile(int port);

} // namespace body4d
