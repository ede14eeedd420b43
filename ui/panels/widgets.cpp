#include "ui/panels/widgets.h"

#include "ui/action_registry.h"
#include "ui/icons.h"
#include "ui/theme.h"

#include <QAction>
#include <QEvent>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QStyleOptionComboBox>
#include <QStylePainter>

#include <utility>

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
    auto* button = withText ? new WordButton : new QToolButton;
    button->setDefaultAction(action);
    button->setToolButtonStyle(withText ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
    button->setFocusPolicy(Qt::TabFocus);
    button->setIconSize({20, 20});
    button->setAccessibleName(withoutMnemonic(action->text()));
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

namespace {
constexpr int kIconGap = 7, kKeyGap = 7, kWordPadding = 11;

/// "Brush  B": what it is called and the key.
std::pair<QString, QString> wordsOf(const QString& text) {
    const auto cut = text.indexOf(QLatin1String("  "));
    return cut < 0 ? std::pair(text, QString()) : std::pair(text.left(cut), text.mid(cut + 2));
}
} // namespace

QSize WordButton::sizeHint() const {
    if (toolButtonStyle() != Qt::ToolButtonTextBesideIcon) {
        return QToolButton::sizeHint();
    }
    ensurePolished();
    const auto [word, key] = wordsOf(text());
    const int width = iconSize().width() + kIconGap + fontMetrics().horizontalAdvance(word) +
                      (key.isEmpty() ? 0 : kKeyGap + fontMetrics().horizontalAdvance(key));
    return {width + 2 * kWordPadding, QToolButton::sizeHint().height()};
}

void WordButton::paintEvent(QPaintEvent* event) {
    if (toolButtonStyle() != Qt::ToolButtonTextBesideIcon) {
        QToolButton::paintEvent(event);
        return;
    }
    QStylePainter painter(this);
    QStyleOptionToolButton option;
    initStyleOption(&option);
    const QIcon picture = option.icon;
    const auto [word, key] = wordsOf(option.text);
    option.icon = {};
    option.text.clear();
    painter.drawComplexControl(QStyle::CC_ToolButton, option); // the plate alone
    const auto& t = tokens();
    const QColor ink = !isEnabled()                                ? blend(t.panel, t.dim, 0.62)
                       : objectName() == QLatin1String("primary") ? t.onAccent
                       : objectName() == QLatin1String("warning") ? t.warning
                                                                  : t.text;
    QColor faint = ink;
    faint.setAlphaF(objectName() == QLatin1String("primary") ? 0.92F : isEnabled() ? 0.80F : 1.0F);
    const auto& metrics = painter.fontMetrics();
    const int words = metrics.horizontalAdvance(word), keys = key.isEmpty() ? 0 : kKeyGap + metrics.horizontalAdvance(key);
    int x = (width() - iconSize().width() - kIconGap - words - keys) / 2;
    const QRect place(x, (height() - iconSize().height()) / 2, iconSize().width(), iconSize().height());
    picture.paint(&painter, place, Qt::AlignCenter, isEnabled() ? QIcon::Normal : QIcon::Disabled, isChecked() ? QIcon::On : QIcon::Off);
    x += iconSize().width() + kIconGap;
    painter.setPen(ink);
    painter.drawText(QRect(x, 0, words + 2, height()), Qt::AlignLeft | Qt::AlignVCenter, word);
    painter.setPen(faint);
    painter.drawText(QRect(x + words + kKeyGap, 0, keys, height()), Qt::AlignLeft | Qt::AlignVCenter, key);
}

ScrollFade::ScrollFade(QScrollArea* area) : QWidget(area), area_(area) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    area->installEventFilter(this);
    const auto* bar = area->verticalScrollBar();
    connect(bar, &QScrollBar::valueChanged, this, [this] { place(); });
    connect(bar, &QScrollBar::rangeChanged, this, [this] { place(); });
    place();
}

bool ScrollFade::eventFilter(QObject*, QEvent* event) {
    if (event->type() == QEvent::Resize || event->type() == QEvent::Show) {
        place();
    }
    return false;
}

void ScrollFade::place() {
    constexpr int kHeight = 26;
    const auto* view = area_->viewport();
    setGeometry(view->x(), view->y() + view->height() - kHeight, view->width(), kHeight);
    setVisible(area_->verticalScrollBar()->value() < area_->verticalScrollBar()->maximum());
    raise();
}

void ScrollFade::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    QColor clear = tokens().panel;
    clear.setAlpha(0);
    QLinearGradient fade(0, 0, 0, height());
    fade.setColorAt(0, clear);
    fade.setColorAt(0.85, tokens().panel);
    painter.fillRect(rect(), fade);
}

void HintedList::paintEvent(QPaintEvent* event) {
    QListView::paintEvent(event);
    if (model() && model()->rowCount() == 0) {
        QPainter painter(viewport());
        painter.setPen(tokens().dim);
        const int x = margin_.width(), y = margin_.height();
        painter.drawText(viewport()->rect().adjusted(x, y, -x, -y), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, hint_);
    }
}

void ElidingComboBox::paintEvent(QPaintEvent*) {
    QStylePainter painter(this);
    QStyleOptionComboBox option;
    initStyleOption(&option);
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    const int room = style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this).width() - 4;
    if (option.fontMetrics.horizontalAdvance(option.currentText) > room) { // what stands in brackets goes first
        option.currentText = option.currentText.section(QStringLiteral(" ("), 0, 0);
    }
    option.currentText = option.fontMetrics.elidedText(option.currentText, Qt::ElideRight, room);
    painter.drawControl(QStyle::CE_ComboBoxLabel, option);
}

} // namespace body4d::ui
