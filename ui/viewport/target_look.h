#pragma once

#include <QColor>

namespace body4d::ui {

/// How bodies are drawn.
enum class BodyDisplay {
    Surface,
    Wireframe,
    Skeleton,
    Video,      ///< points on the surface in the colours that the video shows there
    Doubt,      ///< by what the fit says of itself
    Confidence, ///< every part by how well it was seen
    Difference, ///< by the distance from the body that it is compared with
};

/// How a target looks in space.
struct TargetLook {
    QColor colour;
    bool visible = true;
    bool operator==(const TargetLook&) const = default;
};

} // namespace body4d::ui
