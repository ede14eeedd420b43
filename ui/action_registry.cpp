#include "ui/action_registry.h"

#include "ui/icons.h"

#include <QRegularExpression>
#include <QSettings>
#include <QWidget>

namespace body4d::ui {
namespace {
constexpr const char* kGroup = "body4dGroup";
constexpr const char* kHelp = "body4dHelp";

QString settingsKey(const QString& id) { return QStringLiteral("shortcuts/") + id; }
} // namespace

QString withoutMnemonic(QString text) {
    static const QRegularExpression inBrackets(QStringLiteral("\\(&[^)]\\)"));
    return text.remove(inBrackets).remove(QLatin1Char('&'));
}

ActionRegistry::ActionRegistry(QWidget* window) : QObject(window), window_(window) {}

QAction* ActionRegistry::add(const Spec& spec, const std::function<void()>& run) {
    auto* action = new QAction(spec.text, window_);
    action->setObjectName(spec.id);
    action->setProperty(kGroup, spec.group);
    action->setProperty(kHelp, spec.help);
    action->setCheckable(spec.checkable);
    if (!spec.iconName.isEmpty()) {
        action->setIcon(icon(spec.iconName));
    }
    defaults_[spec.id] = spec.keys;
    const QSettings settings;
    auto keys = spec.keys;
    if (settings.contains(settingsKey(spec.id))) {
        keys = QKeySequence::listFromString(settings.value(settingsKey(spec.id)).toString());
    }
    action->setShortcuts(keys);
    describe(action);
    if (run) {
        connect(action, &QAction::triggered, this, [run] { run(); });
    }
    window_->addAction(action);
    order_.push_back(action);
    byId_[spec.id] = action;
    return action;
}

QAction* ActionRegistry::addToggle(Spec spec, bool checked, const std::function<void(bool)>& run) {
    spec.checkable = true;
    auto* action = add(spec, {});
    action->setChecked(checked);
    connect(action, &QAction::triggered, this, [run](bool on) { run(on); });
    return action;
}

QAction* ActionRegistry::action(const QString& id) const { return byId_.value(id, nullptr); }

QString ActionRegistry::idOf(const QAction* action) { return action->objectName(); }
QString ActionRegistry::groupOf(const QAction* action) { return action->property(kGroup).toString(); }

void ActionRegistry::describe(QAction* action) {
    QString text = withoutMnemonic(action->text());
    text.remove(QStringLiteral("…"));
    const QString key = action->shortcut().toString(QKeySequence::NativeText);
    QString tip = key.isEmpty() ? text : QStringLiteral("%1 (%2)").arg(text, key);
    const QString help = action->property(kHelp).toString();
    if (!help.isEmpty()) {
        tip += QLatin1Char('\n') + help;
    }
    action->setToolTip(tip);
    action->setStatusTip(help);
}

QAction* ActionRegistry::conflict(const QString& id, const QKeySequence& key) const {
    for (auto* action : order_) {
        if (idOf(action) != id && action->shortcuts().contains(key)) {
            return action;
        }
    }
    return nullptr;
}

void ActionRegistry::setKeys(const QString& id, const QList<QKeySequence>& keys) {
    if (auto* found = action(id)) {
        found->setShortcuts(keys);
        QSettings().setValue(settingsKey(id), QKeySequence::listToString(keys));
        describe(found);
        Q_EMIT keysChanged();
    }
}

void ActionRegistry::resetKeys(const QString& id) {
    if (auto* found = action(id)) {
        found->setShortcuts(defaults_.value(id));
        QSettings().remove(settingsKey(id));
        describe(found);
        Q_EMIT keysChanged();
    }
}

} // namespace body4d::ui
