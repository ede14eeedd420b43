#pragma once

#include "pipeline/options.h"

#include <optional>
#include <string>

namespace body4d::detail {

/// The value as it stands in YAML: booleans as true and false, numbers so that reading gives the same value.
[[nodiscard]] std::string optionText(const OptionValue& value);
/// Reads a text as the type of `like`; booleans also as on/off, yes/no, 1/0. Nothing when it is no such
/// value.
[[nodiscard]] std::optional<OptionValue> parseOption(const OptionValue& like, const std::string& text);
/// Shortest text that reads back as the same number.
[[nodiscard]] std::string numberText(double value);

} // namespace body4d::detail
