#include "ui/panels/error_bar.h"

#include "ui/action_registry.h"
#include "ui/icons.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace body4d::ui {

ErrorBar::ErrorBar(const ActionRegistry& actions, QWidget* parent) : QFrame(parent), actions_(actions) {
    setObjectName(QStringLiteral("errorBar"));
    setFocusPolicy(Qt::TabFocus);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 8, 8);
    column->setSpacing(6);
    auto* top = new QHBoxLayout;
    top->setSpacing(10);
    icon_ = new QLabel;
    text_ = new QLabel;
    text_->setWordWrap(true);
    text_->setTextFormat(Qt::RichText);
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    top->addWidget(icon_, 0, Qt::AlignTop);
    top->addWidget(text_, 1);
    auto* close = iconButton(QStringLiteral("close"), tr("Dismiss"));
    connect(close, &QToolButton::clicked, this, &ErrorBar::dismiss);
    top->addWidget(close, 0, Qt::AlignTop);
    column->addLayout(top);
    buttons_ = new QHBoxLayout;
    buttons_->setSpacing(6);
    column->addLayout(buttons_);
    fold_ = new QPushButton(tr("Details"), this);
    fold_->setCheckable(true);
    detail_ = new QPlainTextEdit;
    detail_->setReadOnly(true);
    detail_->setMaximumHeight(110);
    detail_->setAccessibleName(tr("Details of the problem"));
    detail_->hide();
    column->addWidget(detail_);
    connect(fold_, &QPushButton::toggled, detail_, &QWidget::setVisible);
    connect(&Theme::instance(), &Theme::changed, this, &ErrorBar::restyle);
    hide();
}

void ErrorBar::restyle() {
    const auto& t = tokens();
    const bool error = message_.severity == UserMessage::Severity::Error;
    const bool info = message_.severity == UserMessage::Severity::Info;
    const QColor colour = error ? t.error : info ? t.accent : t.warning;
    icon_->setPixmap(iconPixmap(error ? QStringLiteral("error") : info ? QStringLiteral("info") : QStringLiteral("warning"),
                                colour, 20, devicePixelRatioF()));
    setStyleSheet(QStringLiteral("QFrame#errorBar { background: %1; border: none; border-bottom: 2px solid %2; }")
                      .arg(blend(t.raised, colour, 0.10).name(), colour.name()));
}

void ErrorBar::show(const UserMessage& message) {
    message_ = message;
    restyle();
    QString html = QStringLiteral("<b>%1</b>").arg(message.what.toHtmlEscaped());
    if (!message.remedy.isEmpty()) {
        html += QStringLiteral("<br>%1").arg(message.remedy.toHtmlEscaped());
    }
    text_->setText(html);
    setAccessibleName(message.what);
    setAccessibleDescription(message.remedy);
    while (auto* item = buttons_->takeAt(0)) {
        if (auto* widget = item->widget(); widget && widget != fold_) {
            widget->deleteLater();
        }
        delete item;
    }
    for (const auto& id : message.actions) {
        if (auto* action = actions_.action(id)) {
            QString text = action->text();
            auto* button = new QPushButton(text.remove(QStringLiteral("…")));
            connect(button, &QPushButton::clicked, this, [this, action] {
                dismiss();
                action->trigger();
            });
            buttons_->addWidget(button);
        }
    }
    if (message.severity == UserMessage::Severity::Error) {
        auto* copy = new QPushButton(tr("Copy report"));
        connect(copy, &QPushButton::clicked, this, [this] {
            QGuiApplication::clipboard()->setText(
                QStringLiteral("%1\n%2\n%3\n").arg(message_.what, message_.remedy, message_.detail));
        });
        buttons_->addWidget(copy);
    }
    fold_->setChecked(false);
    fold_->setVisible(!message.detail.isEmpty());
    buttons_->addWidget(fold_);
    buttons_->addStretch(1);
    detail_->setPlainText(message.detail);
    QFrame::show();
}

void ErrorBar::dismiss() { hide(); }

void ErrorBar::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        dismiss();
    } else {
        QFrame::keyPressEvent(event);
    }
}

} // namespace body4d::ui
