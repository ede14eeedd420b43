#pragma once

#include <filesystem>
#include <string>

namespace body4d {

/// What a file of weights says of them in its metadata's "note", such as "random weights". Files in the safetensors
/// format can say something, whatever they are called; mostly nothing. Empty also where there is no such file.
/// @throws Error{Input} for a damaged safetensors file
[[nodiscard]] std::string weightsNote(const std::filesystem::path& file);

} // namespace body4d
