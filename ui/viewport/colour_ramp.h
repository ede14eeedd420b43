#pragma once

#include <QColor>

#include <string>

namespace body4d::ui {

/// From calm (0) over amber to red (1): errors and differences.
[[nodiscard]] QColor heatColour(double share);
/// From dark violet (0) over green to yellow (1): values without good or bad, even in brightness.
[[nodiscard]] QColor valueColour(double share);
/// The same as a function of the shading language, "vec3 valueColour(float share)".
[[nodiscard]] std::string valueColourShader();

} // namespace body4d::ui
