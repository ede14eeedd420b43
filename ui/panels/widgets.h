#pragma once

#include <QComboBox>
#include <QFrame>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QToolButton>

#include <utility>

class QAction;
class QLayout;
class QScrollArea;

namespace body4d::ui {

/// "TARGETS": small, dim, spaced capitals.
[[nodiscard]] QLabel* headingLabel(const QString& text);
[[nodiscard]] QLabel* dimLabel(const QString& text);
/// Icon button of an action; focus by Tab only, so that Space keeps playing after a click.
[[nodiscard]] QToolButton* actionButton(QAction* action, bool withText = false);
[[nodiscard]] QToolButton* iconButton(const QString& iconName, const QString& accessibleName);
[[nodiscard]] QFrame* rule();

/// Icon and words in the middle of the button; the key that does the same, behind two spaces in the text, is dim.
class WordButton : public QToolButton {
public:
    using QToolButton::QToolButton;
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

/// A curtain over the lower end of what scrolls: half a line of text does not look like a mistake but like more to come.
class ScrollFade : public QWidget {
public:
    explicit ScrollFade(QScrollArea* area);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void place();
    QScrollArea* area_;
};

/// A list that says something where it has nothing to show.
class HintedList : public QListView {
public:
    /// @param margin pixels around the hint: left and right, top and bottom
    HintedList(QString hint, QSize margin) : hint_(std::move(hint)), margin_(margin) {}

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString hint_;
    QSize margin_;
};

/// Choices in a narrow panel: what does not fit ends in an ellipsis.
class ElidingComboBox : public QComboBox {
public:
    using QComboBox::QComboBox;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace body4d::ui
