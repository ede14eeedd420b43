#include "ui/theme.h"

#include <QApplication>
#include <QFont>
#include <QFontMetricsF>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>
#include <QStyleHints>

#include <algorithm>
#include <cmath>
#include <utility>

/// Resources of a static library are registered by hand. Outside of any namespace, as Qt's macro asks.
static void registerResources() { Q_INIT_RESOURCE(resources); }

namespace body4d::ui {
namespace {

double channel(double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); }
double luminance(const QColor& c) {
    return 0.2126 * channel(c.redF()) + 0.7152 * channel(c.greenF()) + 0.0722 * channel(c.blueF());
}

/// `@role` stands for a colour.
constexpr const char* kStyleSheet = R"(
* { outline: none; }
QMainWindow, QDialog { background: @window; }
QMainWindow::separator { background: @window; width: 5px; height: 5px; }
QMainWindow::separator:hover { background: @accent; }
QToolTip { background: @raised; color: @text; border: 1px solid @line; padding: 5px 7px; }
QMenuBar { background: @panel; color: @text; padding: 3px 6px; border: none; }
QMenuBar::item { padding: 5px 9px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: @raised; }
QMenu { background: @raised; color: @text; border: 1px solid @line; border-radius: 6px; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: @accentSoft; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @line; margin: 5px 8px; }
QMenu::icon { padding-left: 8px; }
QToolBar { background: @panel; border: none; border-bottom: 1px solid @line; padding: 6px 8px; spacing: 4px; }
QToolBar::separator { background: @line; width: 1px; margin: 5px 6px; }
QToolButton { background: transparent; color: @text; border: 1px solid transparent; border-radius: 6px;
  padding: 5px 9px; }
QToolBar QToolButton { background: @raised; border: 1px solid @line; }
QToolButton:hover, QToolBar QToolButton:hover { background: @hover; border-color: @line; }
QToolButton:pressed { background: @accentSoft; }
QToolButton:checked, QToolBar QToolButton:checked { background: @accentSoft; border-color: @accent; color: @text; }
QToolButton:checked:disabled, QToolBar QToolButton:checked:disabled { background: transparent; border-color: @line; color: @faint; }
QToolButton:disabled { color: @faint; }
QToolBar QToolButton:disabled { background: transparent; border-color: @line; }
QToolButton:focus, QPushButton:focus, QComboBox:focus, QAbstractSpinBox:focus, QLineEdit:focus { border: 1px solid @accent; }
QToolButton#primary { background: @accent; color: @onAccent; border-color: @accent; font-weight: 600; }
QToolButton#primary:hover { background: @accentHover; }
QToolButton#primary:focus { border: 2px solid @text; }
QToolButton#primary:disabled { background: transparent; color: @faint; border-color: @line; }
QToolButton#warning { color: @warning; border-color: @warning; background: @warningSoft; }
QToolButton#quiet:checked { background: transparent; border-color: transparent; }
QToolButton#quiet:checked:hover { background: @hover; }
QToolButton#small { padding: 2px; border-radius: 4px; }
QToolButton::menu-indicator { image: none; }
QPushButton { background: @raised; color: @text; border: 1px solid @line; border-radius: 6px; padding: 6px 14px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @accentSoft; }
QPushButton:disabled { color: @faint; background: transparent; }
QPushButton#primary { background: @accent; color: @onAccent; border-color: @accent; font-weight: 600; padding: 8px 20px; min-height: 19px; }
QPushButton#primary:hover { background: @accentHover; }
QPushButton#primary:focus { border: 2px solid @text; }
QPushButton#primary:disabled { background: transparent; color: @faint; border-color: @line; }
QPushButton#link { background: transparent; border: none; color: @accent; padding: 2px 4px; text-align: left; }
QPushButton#link:hover, QPushButton#link:focus { text-decoration: underline; }
QDockWidget { color: @text; titlebar-close-icon: none; }
QDockWidget > QWidget { background: @panel; }
QWidget#dockTitle { background: @panel; }
QWidget#timeline { background: @panel; border-top: 1px solid @line; }
QStatusBar { background: @panel; color: @dim; border-top: 1px solid @line; min-height: 26px; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: @dim; padding: 0 7px; }
QLabel#heading { color: @dim; font-weight: 700; }
QLabel#dim { color: @dim; }
QLabel#title { color: @text; font-weight: 600; }
QLabel#display { color: @text; font-weight: 600; }
QLabel#chip { background: @chip; color: @text; border-radius: 5px; padding: 4px 9px; }
QFrame#card { background: @raised; border: 1px solid @line; border-left: 3px solid @accent; border-radius: 6px; }
QFrame#rule { background: @line; border: none; max-height: 1px; }
QComboBox, QAbstractSpinBox, QLineEdit { background: @field; color: @text; border: 1px solid @line; border-radius: 6px;
  padding: 4px 8px; min-height: 19px; selection-background-color: @accent; selection-color: @onAccent; }
QComboBox:hover, QAbstractSpinBox:hover, QLineEdit:hover { border-color: @dim; }
QComboBox:disabled, QAbstractSpinBox:disabled, QLineEdit:disabled { color: @faint; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url(@arrowDown); width: 12px; height: 12px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { background: transparent; border: none; width: 16px; }
QAbstractSpinBox::up-arrow { image: url(@arrowUp); width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: url(@arrowDown); width: 9px; height: 9px; }
QComboBox QAbstractItemView { background: @raised; color: @text; border: 1px solid @line; padding: 4px;
  selection-background-color: @accentSoft; selection-color: @text; }
QListView, QTreeView, QTableView, QPlainTextEdit { background: @panel; color: @text; border: none;
  selection-background-color: @accentSoft; selection-color: @text; }
QTreeView::item { padding: 4px 6px; }
QListView::item { padding: 3px 2px; }
QUndoView::item { padding: 4px 12px; }
QListView::indicator, QTreeView::indicator { width: 15px; height: 15px; border: 1px solid @dim; border-radius: 4px; background: @field; }
QListView::indicator:checked, QTreeView::indicator:checked { background: @accent; border-color: @accent; image: url(@check); }
QDialog { background: @panel; border: 1px solid @line; }
QDialog QTreeView, QDialog QListView { background: @field; border: 1px solid @line; border-radius: 6px; }
QDialog QHeaderView::section { background: @field; }
QPlainTextEdit { padding: 6px; }
QHeaderView::section { background: @panel; color: @dim; border: none; border-bottom: 1px solid @line; padding: 5px 8px; }
QCheckBox, QRadioButton { color: @text; spacing: 8px; }
QCheckBox:disabled { color: @faint; }
QCheckBox::indicator { width: 15px; height: 15px; border: 1px solid @dim; border-radius: 4px; background: @field; }
QCheckBox::indicator:hover { border-color: @accent; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(@check); }
QCheckBox:focus { text-decoration: underline; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: 5px; min-width: 24px; min-height: 24px; }
QScrollBar::handle:hover { background: @faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QSlider::groove:horizontal { height: 4px; background: @line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -4px 0; border-radius: 6px; background: @text; }
QSlider::handle:horizontal:focus { background: @accent; }
QProgressBar { background: @field; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QSplitter::handle { background: @window; }
QSplitter::handle:hover { background: @accent; }
QTabBar::tab { background: transparent; color: @dim; padding: 5px 12px; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
)";

QString styleSheet(const ThemeTokens& t) {
    const auto icon = [&](const char* name) {
        return QStringLiteral(":/icons/themed/%1-%2.svg").arg(QLatin1String(name), QLatin1String(t.dark ? "dark" : "light"));
    };
    // Longest names first: "accentSoft" starts with "accent".
    std::vector<std::pair<QString, QString>> roles{
        {"window", t.window.name()},
        {"panel", t.panel.name()},
        {"raised", t.raised.name()},
        {"line", t.line.name()},
        {"text", t.text.name()},
        {"dim", t.dim.name()},
        {"faint", blend(t.panel, t.dim, 0.62).name()},
        {"hover", blend(t.raised, t.text, 0.08).name()},
        {"field", (t.dark ? t.window : t.panel).name()},
        {"accent", t.accent.name()},
        {"accentSoft", blend(t.raised, t.accent, t.dark ? 0.30 : 0.18).name()},
        {"accentHover", blend(t.accent, t.dark ? QColor(Qt::white) : QColor(Qt::black), 0.12).name()},
        {"onAccent", t.onAccent.name()},
        {"ok", t.ok.name()},
        {"warning", t.warning.name()},
        {"warningSoft", blend(t.raised, t.warning, 0.05).name()},
        {"error", t.error.name()},
        {"chip", t.dark ? QStringLiteral("rgba(20,22,26,200)") : QStringLiteral("rgba(255,255,255,215)")},
        {"arrowDown", icon("arrow-down")},
        {"arrowUp", icon("arrow-up")},
        {"check", icon("check")},
    };
    std::sort(roles.begin(), roles.end(), [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
    QString sheet = QString::fromLatin1(kStyleSheet);
    for (const auto& [role, value] : roles) {
        sheet.replace(QLatin1Char('@') + role, value);
    }
    return sheet;
}

bool systemIsDark() {
    // Qt 6.4 has no colour scheme hint; the platform's own palette tells.
    const QPalette palette = QApplication::style()->standardPalette();
    return luminance(palette.color(QPalette::Window)) < luminance(palette.color(QPalette::WindowText));
}

} // namespace

const ThemeTokens& ThemeTokens::darkTokens() {
    static const ThemeTokens t{true,
                               QColor(0x1B1E23), QColor(0x22262C), QColor(0x2B3038),
                               QColor(0x3A414C), QColor(0xE6E9EE), QColor(0xA3ADBA),
                               QColor(0x4C9FFE), QColor(0x4CC38A), QColor(0xF5B83D), QColor(0xF3706F),
                               QColor(0x2B3038), QColor(0x16181C), QColor(0x3F4651),
                               QColor(0x1A1D21), QColor(0x0C1116)};
    return t;
}

const ThemeTokens& ThemeTokens::lightTokens() {
    static const ThemeTokens t{false,
                               QColor(0xF3F5F8), QColor(0xFFFFFF), QColor(0xE9EDF2),
                               QColor(0xCBD2DB), QColor(0x1B1E23), QColor(0x566170),
                               QColor(0x0B66D0), QColor(0x187849), QColor(0x8A5B00), QColor(0xC0272D),
                               QColor(0xE7ECF2), QColor(0xC9D2DC), QColor(0xA9B4C0),
                               QColor(0xE1E6EC), QColor(0xFFFFFF)};
    return t;
}

double contrastRatio(const QColor& a, const QColor& b) {
    const double la = luminance(a), lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

QColor readableOn(const QColor& background) {
    const QColor dark(0x0C1116), light(Qt::white);
    return contrastRatio(background, dark) >= contrastRatio(background, light) ? dark : light;
}

QColor blend(const QColor& a, const QColor& b, double shareOfB) {
    const auto mix = [&](int x, int y) { return static_cast<int>(std::lround(x + (y - x) * shareOfB)); };
    return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

Theme& Theme::instance() {
    static Theme theme;
    return theme;
}

void Theme::apply(QApplication& app, ThemeMode mode) {
    registerResources();
    const bool dark = mode == ThemeMode::Dark || (mode == ThemeMode::System && systemIsDark());
    mode_ = mode;
    tokens_ = dark ? &ThemeTokens::darkTokens() : &ThemeTokens::lightTokens();
    const auto& t = *tokens_;
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QPalette p;
    p.setColor(QPalette::Window, t.panel);
    p.setColor(QPalette::WindowText, t.text);
    p.setColor(QPalette::Base, t.dark ? t.window : t.panel);
    p.setColor(QPalette::AlternateBase, t.raised);
    p.setColor(QPalette::Text, t.text);
    p.setColor(QPalette::PlaceholderText, t.dim);
    p.setColor(QPalette::Button, t.raised);
    p.setColor(QPalette::ButtonText, t.text);
    p.setColor(QPalette::BrightText, t.error);
    p.setColor(QPalette::ToolTipBase, t.raised);
    p.setColor(QPalette::ToolTipText, t.text);
    p.setColor(QPalette::Highlight, t.accent);
    p.setColor(QPalette::HighlightedText, t.onAccent);
    p.setColor(QPalette::Link, t.accent);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        p.setColor(QPalette::Disabled, role, blend(t.panel, t.dim, 0.62));
    }
    QApplication::setPalette(p);
    app.setStyleSheet(styleSheet(t));
    Q_EMIT changed();
}

QFont tabularFont(const QFont& base) {
    // The usual interface fonts have digits of equal width; others are replaced where they do not.
    const QFontMetricsF metrics(base);
    const double width = metrics.horizontalAdvance(QLatin1Char('0'));
    for (const char digit : {'1', '4', '7', '8'}) {
        if (std::abs(metrics.horizontalAdvance(QLatin1Char(digit)) - width) > 0.01) {
            QFont mono = base;
            mono.setFamilies({QStringLiteral("DejaVu Sans"), QStringLiteral("Noto Sans"), QStringLiteral("monospace")});
            return mono;
        }
    }
    return base;
}

} // namespace body4d::ui
