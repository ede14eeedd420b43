#include "ui/panels/command_palette.h"

#include "ui/action_registry.h"
#include "ui/theme.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStandardItemModel>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>
#include <vector>

namespace body4d::ui {
namespace {

constexpr int kKeyRole = Qt::UserRole + 1, kGroupRole = Qt::UserRole + 2, kIdRole = Qt::UserRole + 3;

class CommandDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {200, 30}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const auto& t = tokens();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRect r = option.rect.adjusted(4, 1, -4, -1);
        if (option.state.testFlag(QStyle::State_Selected)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(blend(t.raised, t.accent, t.dark ? 0.3 : 0.18));
            painter->drawRoundedRect(r, 5, 5);
        }
        const bool enabled = option.state.testFlag(QStyle::State_Enabled);
        const QColor aside = option.state.testFlag(QStyle::State_Selected) ? blend(t.dim, t.text, 0.6) : t.dim;
        painter->setPen(enabled ? aside : blend(t.raised, t.dim, 0.6));
        painter->drawText(r.adjusted(10, 0, 0, 0), Qt::AlignVCenter, index.data(kGroupRole).toString());
        painter->setPen(enabled ? t.text : blend(t.raised, t.dim, 0.7));
        painter->drawText(r.adjusted(96, 0, -90, 0), Qt::AlignVCenter, index.data().toString());
        painter->setPen(aside);
        painter->drawText(r.adjusted(0, 0, -10, 0), Qt::AlignVCenter | Qt::AlignRight, index.data(kKeyRole).toString());
        painter->restore();
    }
};

} // namespace

int fuzzyScore(const QString& needle, const QString& text) {
    int score = 0, at = 0, last = -2;
    for (const QChar c : needle) {
        if (c.isSpace()) {
            continue;
        }
        const auto found = text.indexOf(c, at, Qt::CaseInsensitive);
        if (found < 0) {
            return -1;
        }
        const bool wordStart = found == 0 || !text[found - 1].isLetterOrNumber();
        score += found == last + 1 ? 6 : wordStart ? 5 : 1;
        last = static_cast<int>(found);
        at = last + 1;
    }
    return score * 100 - static_cast<int>(text.size());
}

CommandPalette::CommandPalette(const ActionRegistry& actions, QWidget* window) : QFrame(window), actions_(actions) {
    setObjectName(QStringLiteral("palette"));
    setAccessibleName(tr("Command palette"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(6);
    search_ = new QLineEdit;
    search_->setPlaceholderText(tr("Type a command"));
    search_->setAccessibleName(tr("Command"));
    search_->installEventFilter(this);
    list_ = new QListView;
    list_->setObjectName(QStringLiteral("commands"));
    list_->setItemDelegate(new CommandDelegate(list_));
    list_->setAccessibleName(tr("Commands"));
    list_->setFocusPolicy(Qt::NoFocus);
    list_->setFrameShape(QFrame::NoFrame);
    model_ = new QStandardItemModel(this);
    list_->setModel(model_);
    list_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    column->addWidget(search_);
    column->addWidget(list_);
    connect(search_, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(search_, &QLineEdit::returnPressed, this, &CommandPalette::run);
    connect(list_, &QListView::clicked, this, &CommandPalette::run);
    hide();
}

void CommandPalette::popup() {
    const auto& t = tokens();
    setStyleSheet(QStringLiteral("QFrame#palette { background: %1; border: 1px solid %2; border-radius: 8px; }"
                                 "QListView#commands { background: %1; }")
                      .arg(t.raised.name(), t.line.name()));
    const int w = std::min(620, parentWidget()->width() - 40), h = std::min(420, parentWidget()->height() - 120);
    setGeometry((parentWidget()->width() - w) / 2, 72, w, h);
    search_->clear();
    filter({});
    show();
    raise();
    search_->setFocus(Qt::PopupFocusReason);
}

void CommandPalette::filter(const QString& text) {
    std::vector<std::pair<int, QAction*>> hits;
    for (auto* action : actions_.all()) {
        if (ActionRegistry::idOf(action) == QLatin1String("help.palette")) {
            continue;
        }
        const int score = text.isEmpty() ? 0 : fuzzyScore(text, ActionRegistry::groupOf(action) + QLatin1Char(' ') + action->text());
        if (score >= 0 || text.isEmpty()) {
            hits.emplace_back(score - (action->isEnabled() ? 0 : 1000000), action);
        }
    }
    std::stable_sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    model_->clear();
    for (const auto& [score, action] : hits) {
        auto* item = new QStandardItem(withoutMnemonic(action->text()));
        item->setData(action->shortcut().toString(QKeySequence::NativeText), kKeyRole);
        item->setData(ActionRegistry::groupOf(action), kGroupRole);
        item->setData(ActionRegistry::idOf(action), kIdRole);
        item->setEnabled(action->isEnabled());
        model_->appendRow(item);
    }
    list_->setCurrentIndex(model_->index(0, 0));
}

void CommandPalette::run() {
    const auto id = list_->currentIndex().data(kIdRole).toString();
    hide();
    if (auto* action = actions_.action(id); action && action->isEnabled()) {
        action->trigger();
    }
}

bool CommandPalette::eventFilter(QObject* object, QEvent* event) {
    if (object == search_ && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const int row = list_->currentIndex().row(), rows = model_->rowCount();
        switch (key->key()) {
        case Qt::Key_Down: list_->setCurrentIndex(model_->index((row + 1) % std::max(1, rows), 0)); return true;
        case Qt::Key_Up: list_->setCurrentIndex(model_->index((row + rows - 1) % std::max(1, rows), 0)); return true;
        case Qt::Key_Escape: hide(); return true;
        default: break;
        }
    } else if (object == search_ && event->type() == QEvent::FocusOut) {
        hide();
    }
    return QFrame::eventFilter(object, event);
}

} // namespace body4d::ui
