#pragma once

#include "pipeline/scene_job.h"

#include <stop_token>
#include <string>

namespace body4d {

/// A server of scenes, see scene_server.h.
struct SceneBackend {
    std::string url;   ///< "http://127.0.0.1:8008"
    std::string token; ///< empty: where the server of that port left it, see tokenFile()
};

/// Sends a job to a server and waits for it. Progress and sentences arrive as from runScene(); when `stop` is
/// asked to stop, the job is cancelled there.
/// @param job with any paths: they are made absolute. Engine and model are the server's where the job names
/// none
/// @throws Error as runScene() does, with the server's words; Error{Input} when no server answers; Cancelled
SceneReport runSceneOn(const SceneBackend& backend, SceneJob job, const SceneEvents& events,
                       const std::stop_token& stop);

} // namespace body4d
