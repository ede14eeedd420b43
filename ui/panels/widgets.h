#pragma once

#include <QComboBox>
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

/// Choices in a narrow panel: what does not fit ends in an ellipsis.
class ElidingComboBox : public QComboBox {
public:
    using QComboBox::QComboBox;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace body4d::ui
