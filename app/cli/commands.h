#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace body4d::cli {

/// What every command shares.
struct Common {
    bool json = false;  ///< results for machines on stdout
    bool quiet = false; ///< no progress
};

/// Each adds its subcommand; the action to take, returning the exit code, is left in `action`.
using Action = std::function<int()>;
void addRunCommand(CLI::App& app, Common& common, Action& action);
void addInfoCommand(CLI::App& app, Common& common, Action& action);
void addRecordCommand(CLI::App& app, Common& common, Action& action);
void addExtractCommand(CLI::App& app, Common& common, Action& action);
void addSceneCommand(CLI::App& app, Common& common, Action& action);
void addServeCommand(CLI::App& app, Common& common, Action& action);
void addExportCommand(CLI::App& app, Common& common, Action& action);
void addImportCommand(CLI::App& app, Common& common, Action& action);
void addModelsCommand(CLI::App& app, Common& common, Action& action);
void addDoctorCommand(CLI::App& app, Common& common, Action& action);
void addBenchCommand(CLI::App& app, Common& common, Action& action);
void addProfileCommand(CLI::App& app, Common& common, Action& action);
void addConfigCommand(CLI::App& app, Common& common, Action& action);

} // namespace body4d::cli
