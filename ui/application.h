#pragma once

#include "ui/controllers/backend.h"

#include <functional>
#include <memory>

namespace body4d::ui {

/// Parses the command line, opens the window, runs the event loop.
/// @param makeBackend called once the arguments are known to be good; must be quick, the window waits for it
/// @returns the process's exit code: 0 done, 1 no display, 2 usage
int runStudio(int argc, char** argv, const std::function<std::shared_ptr<Backend>()>& makeBackend);

} // namespace body4d::ui
