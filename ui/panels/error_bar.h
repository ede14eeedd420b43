#pragma once

#include "ui/controllers/user_message.h"

#include <QFrame>

class QLabel;
class QHBoxLayout;
class QPlainTextEdit;
class QPushButton;

namespace body4d::ui {

class ActionRegistry;

/// A bar at the top of the view that a problem concerns: what, why, what to do as buttons; details folded. Never modal.
class ErrorBar : public QFrame {
    Q_OBJECT
public:
    explicit ErrorBar(const ActionRegistry& actions, QWidget* parent = nullptr);
    void show(const UserMessage& message);
    void dismiss();
    [[nodiscard]] const UserMessage& message() const { return message_; }

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void restyle();
    const ActionRegistry& actions_;
    UserMessage message_;
    QLabel *icon_, *text_;
    QHBoxLayout* buttons_;
    QPushButton* fold_;
    QPlainTextEdit* detail_;
};

} // namespace body4d::ui
