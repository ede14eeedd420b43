#pragma once

#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

class QAction;
class QLayout;

namespace body4d::ui {

/// "TARGETS": small, dim, spaced capitals.
[[nodiscard]] QLabel* headingLabel(const QString& text);
[[nodiscard]] QLabel* dimLabel(const QString& text);
/// Icon button of an action; focus by Tab only, so that Space keeps playing after a click.
[[nodiscard]] QToolButton* actionButton(QAction* action, bool withText = false);
[[nodiscard]] QToolButton* iconButton(const QString& iconName, const QString& accessibleName);
[[nodiscard]] QFrame* rule();

} // namespace body4d::ui
