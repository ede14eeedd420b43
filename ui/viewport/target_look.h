#pragma once

#include <QColor>

namespace body4d::ui {

/// How bodies are drawn.
enum class BodyDisplay {
    Surface,
    Wireframe,
    Skeleton,
    Doubt,      ///< by what the fit says of itself
    Difference, ///< by the distance from the body before smoothing and completion
};

/// How a target looks in space.
struct TargetLook {
    QColor colour;
    bool visible = true;
    bool operator==(const TargetLook&) const = default;
};

} // namespace body4d::ui
