#include "base/error.h"
#include "base/log.h"
#include "pipeline/nearest.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/json_text.h"

namespace {

using namespace body4d;

void tell(const std::string& what, const std::string& remedy, const std::string& detail) {
    std::cerr << "body4d: " << what << '\n';
    if (!remedy.empty()) {
        std::cerr << "  " << remedy << '\n';
    }
    if (!detail.empty()) {
        // A file of another network lacks a thousand tensors: the first lines say as much.
        constexpr int kLines = 20;
        std::size_t end = 0;
        for (int line = 0; line < kLines && end != std::string::npos; ++line) {
            end = detail.find('\n', end == 0 ? 0 : end + 1);
        }
        const auto more = end == std::string::npos ? 0 : std::count(detail.begin() + static_cast<std::ptrdiff_t>(end) + 1, detail.end(), '\n');
        std::cerr << "  (" << detail.substr(0, end) << (more > 0 ? "\n  ... and " + std::to_string(more) + " lines more" : "")
                  << ")\n";
    }
}

/// The same for machines as well. @returns `code`
int fail(const cli::Common& common, int code, const std::string& what, const std::string& remedy,
         const std::string& detail = {}) {
    tell(what, remedy, detail);
    if (common.json) {
        std::cout << cli::jsonText(nlohmann::ordered_json{
                         {"error", what}, {"remedy", remedy}, {"detail", detail}, {"exit_code", code}})
                  << '\n';
    }
    return code;
}

/// Options and subcommands that were there to be used, for a guess at what was meant; empty or a sentence.
std::string guess(const CLI::App& app, const std::string& word) {
    std::vector<std::string> names;
    const auto collect = [&names](const CLI::App& a) {
        for (const auto* option : a.get_options()) {
            for (const auto& name : option->get_lnames()) {
                names.push_back("--" + name);
            }
        }
    };
    const auto chosen = app.get_subcommands();
    if (!chosen.empty()) {
        collect(*chosen.front());
    }
    collect(app);
    if (word.starts_with("-")) {
        return detail::didYouMean(word.substr(0, word.find('=')), names);
    }
    if (chosen.empty()) {
        std::vector<std::string> commands;
        for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
            commands.push_back(sub->get_name());
        }
        return detail::didYouMean(word, commands);
    }
    return {};
}

int usageError(const CLI::App& app, const CLI::ParseError& e) {
    std::string help = "body4d ";
    for (auto chosen = app.get_subcommands(); !chosen.empty(); chosen = chosen.front()->get_subcommands()) {
        help += chosen.front()->get_name() + " ";
    }
    help += "--help";
    if (dynamic_cast<const CLI::ExtrasError*>(&e) != nullptr ||
        (app.get_subcommands().empty() && !app.remaining(true).empty())) {
        auto left = app.remaining(true);
        const auto word = left.empty() ? std::string() : left.front();
        const char* kind = word.starts_with("-") ? "option" : app.get_subcommands().empty() ? "command" : "argument";
        tell("Unknown " + std::string(kind) + " '" + word + "'.",
             guess(app, word) + help + " lists all.", "");
        return 2;
    }
    tell(std::string(e.what()) + (std::string(e.what()).ends_with('.') ? "" : "."), help + " shows how.", "");
    return 2;
}

/// Where the caller has closed one of them, the next file that is opened would take its place, and be printed into.
void holdStandardStreams() {
    for (int stream = 0; stream < 3; ++stream) {
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF) {
            (void)open("/dev/null", O_RDWR); // takes the lowest free number, which is this one
        }
    }
}

} // namespace

int main(int argc, char** argv) {
    holdStandardStreams();
    std::setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
    setLogSink([](LogLevel level, const std::string& message) {
        // A video is opened by several stages: what is wrong with it is told once.
        static std::mutex mutex;
        static std::set<std::string> told;
        const std::scoped_lock lock(mutex);
        if (level >= LogLevel::Warning && told.insert(message).second) {
            std::cerr << "body4d: " << message << '\n';
        }
    });

    cli::Common common;
    cli::Action action;
    CLI::App app{"Body4D Studio: a video and a click become a moving 3D body."};
    app.name("body4d");
    app.set_version_flag("--version", std::string("body4d ") + BODY4D_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    app.add_flag("--json", common.json, "Results for machines, as JSON on stdout");
    app.add_flag("-q,--quiet", common.quiet, "No progress");
    cli::addRunCommand(app, common, action);
    cli::addInfoCommand(app, common, action);
    cli::addRecordCommand(app, common, action);
    cli::addExtractCommand(app, common, action);
    cli::addSceneCommand(app, common, action);
    cli::addServeCommand(app, common, action);
    cli::addExportCommand(app, common, action);
    cli::addImportCommand(app, common, action);
    cli::addModelsCommand(app, common, action);
    cli::addDoctorCommand(app, common, action);
    cli::addBenchCommand(app, common, action);
    cli::addProfileCommand(app, common, action);
    cli::addConfigCommand(app, common, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& e) {
        return app.exit(e);
    } catch (const CLI::ParseError& e) {
        return usageError(app, e);
    }
    try {
        const int code = action();
        if (!std::cout.flush() || std::fflush(stdout) != 0) {
            throw Error(ErrorCode::Output, "The results could not be printed.",
                        "Free some space where the output goes, or print them elsewhere.");
        }
        return code;
    } catch (const Error& e) {
        return fail(common, exitCode(e.code()), e.what(), e.remedy(), e.detail());
    } catch (const Cancelled&) {
        return fail(common, 130, "Cancelled.", "");
    } catch (const std::bad_alloc&) {
        return fail(common, exitCode(ErrorCode::OutOfMemory), "Not enough memory.",
                    "Close other programs, or use a smaller batch or resolution.");
    } catch (const std::filesystem::filesystem_error& e) {
        return fail(common, exitCode(ErrorCode::Input),
                    "Cannot use " + e.path1().filename().string() + ": " + e.code().message() + ".",
                    "Check the path and its permissions.", e.path1().string());
    } catch (const std::exception& e) {
        return fail(common, 1, "Internal error.",
                    "This is a mistake of the program: please report it with the line below.", e.what());
    }
}
