#pragma once

#include <QString>
#include <QWidget>

#include <string>

namespace body4d::ui {

class ProjectController;

/// The field for one option of the project, made from the option's own declaration: a check box, a number with its
/// unit, or a list of choices. Shows what the document says and edits it, one undo step a change.
/// @param key of findOption()  @returns null for an unknown key and for options that are free text
[[nodiscard]] QWidget* makeOptionField(ProjectController& project, const std::string& key);

/// What an option is called in front of its field.
[[nodiscard]] QString optionLabel(const std::string& key);

} // namespace body4d::ui
