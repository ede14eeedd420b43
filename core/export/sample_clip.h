#pragma once

#include "body/body_model.h"

#include <filesystem>
#include <stop_token>

namespace body4d {

/// Writes a short clip of a mannequin that walks through a plain studio: something to try the program on where no video
/// is at hand. Drawn with the program's own renderer. About two seconds of work.
/// @throws Error{Output}; Cancelled, leaving no file
void writeSampleClip(const BodyModel& model, const std::filesystem::path& file, const std::stop_token& stop);

} // namespace body4d
