#pragma once

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QString>

namespace body4d::ui {

/// An icon of resources/icons in the theme's text colour (dim where disabled, accent text where asked), crisp at every
/// scale factor. Icons are line drawings on a 20 x 20 grid with `currentColor` strokes.
[[nodiscard]] QIcon icon(const QString& name);
[[nodiscard]] QIcon icon(const QString& name, const QColor& colour);
[[nodiscard]] QPixmap iconPixmap(const QString& name, const QColor& colour, int size, double devicePixelRatio);
/// The application's own sign.
[[nodiscard]] QIcon applicationIcon();

} // namespace body4d::ui
