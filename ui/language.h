#pragma once

#include <QString>

#include <vector>

namespace body4d::ui {

/// A language of the window.
struct Language {
    QString code; ///< as Qt names locales: "de", "zh_CN"
    QString name; ///< in itself: "Deutsch"
};

/// English, then what this program was built with.
[[nodiscard]] const std::vector<Language>& languages();

/// Of languages(), the first one that the system asks for and that can be drawn; English where there is none.
[[nodiscard]] QString systemLanguage();

/// Whether a font with the letters of the language is installed. Needs a QGuiApplication.
[[nodiscard]] bool canBeDrawn(const QString& code);

/// Sets what tr() gives from now on and how numbers are written in the window; texts that stand already stay.
/// Numbers of files and of the core keep the point: the C library is told so, whatever the system's locale
/// says.
/// @param wanted a code of languages(), or "system"
/// @returns the code of what is spoken now; English where `wanted` is not known
QString useLanguage(const QString& wanted);

/// What useLanguage() chose last; "en" before.
[[nodiscard]] QString usedLanguage();

/// Where the choice is kept: a code or "system", which is the default.
inline constexpr const char* kLanguageSetting = "window/language";

} // namespace body4d::ui
