#include "ui/controllers/user_message.h"

#include "ui/controllers/core_text.h"

namespace body4d::ui {

QStringList actionsFor(ErrorCode code) {
    switch (code) {
    case ErrorCode::Usage: return {"run.settings"};
    case ErrorCode::Input: return {"file.open"};
    case ErrorCode::MissingModel: return {"help.models"};
    case ErrorCode::OutOfMemory: return {"run.halveBatch", "run.completionOff"};
    case ErrorCode::Output: return {"file.saveAs", "export.dialog"};
    case ErrorCode::Busy: return {"file.open"};
    case ErrorCode::Internal: break;
    }
    return {"view.log"};
}

UserMessage toMessage(const std::exception& error) {
    if (const auto* known = dynamic_cast<const Error*>(&error)) {
        return {UserMessage::Severity::Error, coreText(known->what()), coreText(known->remedy()),
                QString::fromStdString(known->detail()), actionsFor(known->code())};
    }
    return {UserMessage::Severity::Error, coreText("Internal error: this should not have happened."),
            coreText("Your work is saved; try again, and send the details if it comes back."),
            QString::fromUtf8(error.what()), actionsFor(ErrorCode::Internal)};
}

} // namespace body4d::ui
