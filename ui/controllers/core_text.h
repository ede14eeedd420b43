#pragma once

#include <QString>

#include <span>
#include <string>

namespace body4d::ui {

/// What the core says, in the window's language. The core knows English alone: labels and help of options,
/// names of engines and file formats, hints, notes and frequent errors are looked up here; "%1" in the table
/// stands for names and numbers. What the table does not know stays English.
[[nodiscard]] QString coreText(const std::string& text);

/// The name of a person as the window shows it: one that the program gave ("Person 2") is translated, a person's own
/// choice is not. Files keep what was given.
[[nodiscard]] QString personName(const std::string& name);

/// A label as it stands within a sentence: with a small first letter where the language writes nouns so.
[[nodiscard]] QString withinSentence(const QString& label);

/// The table, English: for the test that compares it with the core's own tables.
[[nodiscard]] std::span<const char* const> coreTexts();

} // namespace body4d::ui
