#pragma once

#include "base/image.h"

#include <filesystem>
#include <functional>

#include "cli/commands.h"

namespace body4d::cli {

/// The parts of `bench` that are commands of their own.
/// @param writePicture for plots as pixels; empty: they are drawn as text only
void addVramBench(CLI::App& bench, Common& common, Action& action,
                  const std::function<void(const std::filesystem::path&, const Image&)>& writePicture);
void addInferenceBench(CLI::App& bench, Common& common, Action& action);
void addBodiesBench(CLI::App& bench, Action& action);
void addExtractBench(CLI::App& bench, Common& common, Action& action);

} // namespace body4d::cli
