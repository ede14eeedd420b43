#include "ui/panels/widgets.h"

#include "ui/icons.h"

#include <QAction>
#include <QStyleOptionComboBox>
#include <QStylePainter>

namespace body4d::ui {

QLabel* headingLabel(const QString& text) {
    auto* label = new QLabel(text.toUpper());
    label->setObjectName(QStringLiteral("heading"));
    QFont font = label->font();
    font.setPointSizeF(font.pointSizeF() * 0.82);
    font.setLetterSpacing(QFont::AbsoluteSpacing, 0.9);
    font.setBold(true);
    label->setFont(font);
    return label;
}

QLabel* dimLabel(const QString& text) {
    auto* label = new QLabel(text);
    label->setObjectName(QStringLiteral("dim"));
    return label;
}

QToolButton* actionButton(QAction* action, bool withText) {
    auto* button = new QToolButton;
    button->setDefaultAction(action);
    button->setToolButtonStyle(withText ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
    button->setFocusPolicy(Qt::TabFocus);
    button->setIconSize({20, 20});
    QString name = action->text();
    button->setAccessibleName(name.remove(QLatin1Char('&')));
    return button;
}

QToolButton* iconButton(const QString& iconName, const QString& accessibleName) {
    auto* button = new QToolButton;
    button->setIcon(icon(iconName));
    button->setIconSize({18, 18});
    button->setFocusPolicy(Qt::TabFocus);
    button->setAccessibleName(accessibleName);
    button->setToolTip(accessibleName);
    return button;
}

QFrame* rule() {
    auto* line = new QFrame;
    line->setObjectName(QStringLiteral("rule"));
    line->setFixedHeight(1);
    return line;
}

void ElidingComboBox::paintEvent(QPaintEvent*) {
    QStylePainter painter(this);
    QStyleOptionComboBox option;
    initStyleOption(&option);
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    const int room = style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this).width() - 4;
    option.currentText = option.fontMetrics.elidedText(option.currentText, Qt::ElideRight, room);
    painter.drawControl(QStyle::CE_ComboBoxLabel, option);
}

} // namespace body4d::ui
