#pragma once

#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QList>
#include <QObject>
#include <QString>

#include <functional>

class QWidget;

namespace body4d::ui {

/// What an action is called, without the mark of its key in menus: "&Open" and "打开(&O)" are "Open" and "打开".
[[nodiscard]] QString withoutMnemonic(QString text);

/// Every command of the window, once: menus, tool bar, palette, shortcut sheet and error bar all draw from here.
class ActionRegistry : public QObject {
    Q_OBJECT
public:
    explicit ActionRegistry(QWidget* window);

    struct Spec {
        QString id;       ///< "playback.toggle"
        QString group;    ///< heading in the shortcut sheet
        QString text;
        QList<QKeySequence> keys;
        QString iconName; ///< may be empty
        QString help;     ///< one sentence for the tooltip, may be empty
        bool checkable = false;
    };
    QAction* add(const Spec& spec, const std::function<void()>& run);
    /// For checkable actions: `run` gets the new state, on the person's doing only.
    QAction* addToggle(Spec spec, bool checked, const std::function<void(bool)>& run);
    [[nodiscard]] QAction* action(const QString& id) const; ///< nullptr: unknown
    [[nodiscard]] const QList<QAction*>& all() const { return order_; }
    [[nodiscard]] static QString idOf(const QAction* action);
    [[nodiscard]] static QString groupOf(const QAction* action);
    [[nodiscard]] QList<QKeySequence> defaultKeys(const QString& id) const { return defaults_.value(id); }
    /// The action that already has this key, or nullptr.
    [[nodiscard]] QAction* conflict(const QString& id, const QKeySequence& key) const;
    /// Sets and remembers; an empty list removes the keys.
    void setKeys(const QString& id, const QList<QKeySequence>& keys);
    void resetKeys(const QString& id);

Q_SIGNALS:
    void keysChanged();

private:
    void describe(QAction* action);
    QWidget* window_;
    QList<QAction*> order_;
    QHash<QString, QAction*> byId_;
    QHash<QString, QList<QKeySequence>> defaults_;
};

} // namespace body4d::ui
