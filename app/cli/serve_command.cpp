#include "base/error.h"
#include "base/files.h"
#include "pipeline/run.h"
#include "pipeline/scene_server.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <memory>
#include <system_error>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/device_names.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace fs = std::filesystem;
namespace {

/// The token for clients of the same person; gone when the server ends.
class TokenFile {
public:
    TokenFile(const fs::path& path, const std::string& token) : path_(path) {
        std::error_code code;
        if (fs::create_directories(path.parent_path(), code)) {
            fs::permissions(path.parent_path(), fs::perms::owner_all, code);
        }
        // A new file that nobody else can read at any moment, whatever lay there.
        fs::remove(path, code);
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        const auto size = static_cast<ssize_t>(token.size());
        written_ = file >= 0 && ::write(file, token.data(), token.size()) == size;
        if (file >= 0) {
            ::close(file);
        }
    }
    ~TokenFile() {
        std::error_code code;
        if (written_) {
            fs::remove(path_, code);
        }
    }
    TokenFile(const TokenFile&) = delete;
    TokenFile& operator=(const TokenFile&) = delete;

private:
    fs::path path_;
    bool written_ = false;
};

int serve(SceneServerOptions options, const std::string& modelDir, bool lazy, const Common& common) {
    std::stop_source stop;
    const StopOnSignal onSignal(stop);
    options.settings.modelDir = modelDir;
    options.modelsDir = Engines::modelsFolder();
    if (options.token.empty()) {
        const char* given = std::getenv("BODY4D_BACKEND_TOKEN");
        options.token = given != nullptr && *given != '\0' ? given : randomToken();
    }
    SceneServer server(options);
    const TokenFile tokenLies(tokenFile(server.port()), options.token);
    if (!lazy) {
        if (!common.quiet) {
            std::fprintf(stderr, "Loading the model ...\n");
        }
        server.load();
    }
    const std::string host =
        options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
    const std::string url = "http://" + host + ":" + std::to_string(server.port());
    if (common.json) {
        std::cout << nlohmann::ordered_json{{"url", url}, {"token", options.token}}.dump() << std::endl;
    } else {
        std::printf(
            "Serving at %s\nToken: %s\nbody4d scene auto INPUT --use-backend %s sends a job; Ctrl+C ends.\n",
            url.c_str(), options.token.c_str(), url.c_str());
    }
    server.serve(stop.get_token());
    return 0;
}

} // namespace

void addServeCommand(CLI::App& app, Common& common, Action& action) {
    auto o = std::make_shared<SceneServerOptions>();
    auto modelDir = std::make_shared<std::string>();
    auto lazy = std::make_shared<bool>(false);
    auto* sub =
        app.add_subcommand("serve", "Keeps a scene model in memory and takes jobs over HTTP on this machine");
    sub->add_option("--engine", o->settings.engine, "da3 (default) or vggt")
        ->option_text("NAME")
        ->check(CLI::IsMember({"da3", "vggt"}));
    sub->add_option("--model-dir", *modelDir, "Folder or file of the weights, or a model's name (da3-small)")
        ->option_text("DIR");
    sub->add_option("--device", o->settings.device,
                    "cpu, cuda or the index of a CUDA device. Default: the first there is")
        ->option_text("NAME")
        ->transform(deviceNames());
    sub->add_option("--threads", o->settings.threads, "On the CPU. Default: all cores")->option_text("N");
    sub->add_option("--host", o->host, "A loopback address. Default 127.0.0.1")->option_text("HOST");
    sub->add_option("--port", o->port, "0: any that is free. Default 8008")
        ->option_text("N")
        ->check(CLI::Range(0, 65535));
    sub->add_option("--token", o->token,
                    "What clients have to know. Default: BODY4D_BACKEND_TOKEN, else drawn")
        ->option_text("WORD");
    sub->add_option("--queue", o->queue, "Jobs that may wait. Default 8")
        ->option_text("N")
        ->check(CLI::Range(1, 10000));
    auto gallery = std::make_shared<std::string>(); // Depth Anything 3's server has one
    sub->add_option("--gallery-dir", *gallery, "")->group("");
    sub->add_flag("--lazy", *lazy, "Loads the model with the first job");
    sub->callback(
        [=, &common, &action] {
            action = [=, &common] {
                if (!gallery->empty()) {
                    throw Error(ErrorCode::Usage, "This server shows no gallery.",
                                "Open scene.glb of the results in body4d-studio, or in any viewer of GLB files.");
                }
                return serve(*o, *modelDir, *lazy, common);
            };
        });
}

} // namespace body4d::cli
