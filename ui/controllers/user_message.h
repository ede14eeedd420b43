#pragma once

#include "base/error.h"

#include <QMetaType>
#include <QString>
#include <QStringList>

#include <exception>

namespace body4d::ui {

/// What the error bar shows: what happened, what to do next, buttons for it, and details folded away.
struct UserMessage {
    enum class Severity { Info, Warning, Error };
    Severity severity = Severity::Error;
    QString what;
    QString remedy;
    QString detail;
    QStringList actions; ///< ids of the action registry, most useful first
};

/// The message of an Error with the actions that suit its code; of anything else "Internal error".
[[nodiscard]] UserMessage toMessage(const std::exception& error);
/// Ids of actions that help against a kind of failure; never empty.
[[nodiscard]] QStringList actionsFor(ErrorCode code);

} // namespace body4d::ui

Q_DECLARE_METATYPE(body4d::ui::UserMessage)
