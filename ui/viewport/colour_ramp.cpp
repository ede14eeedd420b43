#include "ui/viewport/colour_ramp.h"

#include "ui/theme.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace body4d::ui {
namespace {
constexpr std::array<QRgb, 5> kValueStops{0xFF46327E, 0xFF365C8D, 0xFF21918C, 0xFF5EC962, 0xFFFDE725};
} // namespace

QColor heatColour(double share) {
    const QColor calm(0x4C9FFE), middle(0xF5D23D), hot(0xF2463D);
    share = std::clamp(share, 0.0, 1.0);
    return share < 0.5 ? blend(calm, middle, 2 * share) : blend(middle, hot, 2 * share - 1);
}

QColor valueColour(double share) {
    const double at = std::clamp(share, 0.0, 1.0) * (kValueStops.size() - 1);
    const auto i = std::min(static_cast<std::size_t>(at), kValueStops.size() - 2);
    return blend(QColor(kValueStops[i]), QColor(kValueStops[i + 1]), at - static_cast<double>(i));
}

std::string valueColourShader() {
    std::string text = "vec3 valueColour(float share) {\n  float at = clamp(share, 0.0, 1.0) * " +
                       std::to_string(kValueStops.size() - 1) + ".0;\n  vec3 c = ";
    const auto stop = [](QRgb rgb) {
        return "vec3(" + std::to_string(qRed(rgb) / 255.0) + ", " + std::to_string(qGreen(rgb) / 255.0) + ", " +
               std::to_string(qBlue(rgb) / 255.0) + ")";
    };
    text += stop(kValueStops[0]) + ";\n";
    for (std::size_t i = 1; i < kValueStops.size(); ++i) {
        text += "  c = mix(c, " + stop(kValueStops[i]) + ", clamp(at - " + std::to_string(i - 1) + ".0, 0.0, 1.0));\n";
    }
    return text + "  return c;\n}\n";
}

} // namespace body4d::ui
