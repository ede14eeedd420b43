#include "ui/panels/shortcut_sheet.h"

#include "ui/action_registry.h"
#include "ui/panels/command_palette.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QKeySequenceEdit>
#include <QLineEdit>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace body4d::ui {

ShortcutSheet::ShortcutSheet(ActionRegistry& actions, QWidget* parent) : QDialog(parent), actions_(actions) {
    setWindowTitle(tr("Keyboard shortcuts"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(600, 640);
    auto* column = new QVBoxLayout(this);
    auto* search = new QLineEdit;
    search->setPlaceholderText(tr("Search a command or a key"));
    search->setAccessibleName(tr("Search"));
    search->setClearButtonEnabled(true);
    tree_ = new QTreeWidget;
    tree_->setColumnCount(2);
    tree_->setHeaderLabels({tr("Command"), tr("Key")});
    tree_->setAccessibleName(tr("Shortcuts"));
    tree_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    tree_->setRootIsDecorated(false);
    tree_->setIndentation(14);
    column->addWidget(search);
    column->addWidget(tree_, 1);
    auto* row = new QHBoxLayout;
    edit_ = new QKeySequenceEdit;
    edit_->setAccessibleName(tr("New key"));
    edit_->installEventFilter(this);
    auto* set = new QPushButton(tr("Set key"));
    auto* reset = new QPushButton(tr("Default"));
    // Enter in the search must not take the selected command's key away.
    set->setAutoDefault(false);
    reset->setAutoDefault(false);
    row->addWidget(dimLabel(tr("Change the selected one:")));
    row->addWidget(edit_, 1);
    row->addWidget(set);
    row->addWidget(reset);
    column->addLayout(row);
    clash_ = new QLabel;
    clash_->setWordWrap(true);
    clash_->hide();
    column->addWidget(clash_);
    column->addWidget(dimLabel(tr("Video: left click includes, right click (or Ctrl+click) excludes, click a point to remove "
                                  "it, drag to move it, wheel zooms, middle button pans.\n3D: drag orbits, middle button or "
                                  "Shift+drag pans, wheel zooms to the cursor, double click sets the centre.")));
    qobject_cast<QLabel*>(column->itemAt(column->count() - 1)->widget())->setWordWrap(true);
    connect(search, &QLineEdit::textChanged, this, &ShortcutSheet::fill);
    connect(set, &QPushButton::clicked, this, &ShortcutSheet::assign);
    connect(reset, &QPushButton::clicked, this, [this, search] {
        if (auto* item = tree_->currentItem()) {
            actions_.resetKeys(item->data(0, Qt::UserRole).toString());
            fill(search->text());
        }
    });
    connect(edit_, &QKeySequenceEdit::keySequenceChanged, this, [this](const QKeySequence& key) {
        const auto* item = tree_->currentItem();
        auto* other = item && !key.isEmpty() ? actions_.conflict(item->data(0, Qt::UserRole).toString(), key) : nullptr;
        clash_->setVisible(other != nullptr);
        if (other) {
            clash_->setStyleSheet(QStringLiteral("color: %1").arg(tokens().warning.name()));
            clash_->setText(tr("This key belongs to “%1”; setting it here takes it from there.").arg(withoutMnemonic(other->text())));
        }
    });
    fill({});
    search->setFocus();
}

bool ShortcutSheet::eventFilter(QObject* watched, QEvent* event) {
    if (watched == edit_ && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool plain = (key->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
        if (plain && key->key() == Qt::Key_Escape) {
            if (edit_->keySequence().isEmpty()) {
                reject();
            } else {
                edit_->clear();
            }
            return true;
        }
        if (plain && (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter)) {
            if (!edit_->keySequence().isEmpty()) {
                assign();
            }
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

void ShortcutSheet::fill(const QString& search) {
    const QString current = tree_->currentItem() ? tree_->currentItem()->data(0, Qt::UserRole).toString() : QString();
    tree_->clear();
    QHash<QString, QTreeWidgetItem*> groups;
    for (auto* action : actions_.all()) {
        QStringList keys;
        for (const auto& key : action->shortcuts()) {
            keys << key.toString(QKeySequence::NativeText);
        }
        QString text = withoutMnemonic(action->text());
        const QString all = text + QLatin1Char(' ') + keys.join(QLatin1Char(' '));
        if (!search.isEmpty() && !all.contains(search, Qt::CaseInsensitive) && fuzzyScore(search, text) < 0) {
            continue;
        }
        auto*& group = groups[ActionRegistry::groupOf(action)];
        if (!group) {
            group = new QTreeWidgetItem(tree_, {ActionRegistry::groupOf(action).toUpper()});
            group->setFlags(Qt::ItemIsEnabled);
            group->setForeground(0, tokens().dim);
            group->setExpanded(true);
        }
        auto* item = new QTreeWidgetItem(group, {text, keys.join(QStringLiteral(",  "))});
        item->setData(0, Qt::UserRole, ActionRegistry::idOf(action));
        if (ActionRegistry::idOf(action) == current) {
            tree_->setCurrentItem(item);
        }
    }
    tree_->expandAll();
}

void ShortcutSheet::assign() {
    auto* item = tree_->currentItem();
    const auto key = edit_->keySequence();
    if (!item || item->data(0, Qt::UserRole).toString().isEmpty()) {
        return;
    }
    const auto id = item->data(0, Qt::UserRole).toString();
    if (auto* other = key.isEmpty() ? nullptr : actions_.conflict(id, key)) {
        auto keys = other->shortcuts();
        keys.removeAll(key);
        actions_.setKeys(ActionRegistry::idOf(other), keys);
    }
    actions_.setKeys(id, key.isEmpty() ? QList<QKeySequence>{} : QList<QKeySequence>{key});
    edit_->clear();
    fill({});
}

} // namespace body4d::ui
