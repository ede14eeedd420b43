#pragma once

#include <QColor>
#include <QObject>
#include <QString>

class QApplication;
class QFont;

namespace body4d::ui {

enum class ThemeMode { System, Dark, Light };

/// The colours of one theme. Roles, not places: a widget asks for what a thing means.
struct ThemeTokens {
    bool dark = true;
    QColor window, panel, raised;            ///< surfaces, back to front
    QColor line, text, dim;
    QColor accent, ok, warning, error;
    QColor viewTop, viewBottom, grid;        ///< 3D view
    QColor lane;                             ///< empty lane of the timeline
    QColor onAccent;                         ///< text on accent

    [[nodiscard]] static const ThemeTokens& darkTokens();
    [[nodiscard]] static const ThemeTokens& lightTokens();
};

/// WCAG 2 contrast ratio, 1..21.
[[nodiscard]] double contrastRatio(const QColor& a, const QColor& b);
/// Black or white, whichever reads better on `background`.
[[nodiscard]] QColor readableOn(const QColor& background);
[[nodiscard]] QColor blend(const QColor& a, const QColor& b, double shareOfB);

/// The theme in force; widgets that paint themselves repaint on changed().
class Theme : public QObject {
    Q_OBJECT
public:
    [[nodiscard]] static Theme& instance();
    [[nodiscard]] const ThemeTokens& tokens() const { return *tokens_; }
    [[nodiscard]] ThemeMode mode() const { return mode_; }
    /// Sets style, palette and style sheet of the application.
    void apply(QApplication& app, ThemeMode mode);

Q_SIGNALS:
    void changed();

private:
    Theme() : tokens_(&ThemeTokens::darkTokens()) {}
    const ThemeTokens* tokens_;
    ThemeMode mode_ = ThemeMode::Dark;
};
/// Shorthand for painting code.
[[nodiscard]] inline const ThemeTokens& tokens() { return Theme::instance().tokens(); }

/// Digits of equal width, so that running numbers do not jitter.
[[nodiscard]] QFont tabularFont(const QFont& base);

} // namespace body4d::ui
