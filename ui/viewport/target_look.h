#pragma once

#include <QColor>

namespace body4d::ui {

/// How a target looks in space.
struct TargetLook {
    QColor colour;
    bool visible = true;
    bool operator==(const TargetLook&) const = default;
};

} // namespace body4d::ui
