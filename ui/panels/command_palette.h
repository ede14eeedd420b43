#pragma once

#include <QFrame>

class QLineEdit;
class QListView;
class QSortFilterProxyModel;
class QStandardItemModel;

namespace body4d::ui {

class ActionRegistry;

/// Every command by a few letters of its name (Ctrl+P). Floats over the window, never blocks it.
class CommandPalette : public QFrame {
    Q_OBJECT
public:
    CommandPalette(const ActionRegistry& actions, QWidget* window);
    void popup();

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void run();
    void filter(const QString& text);
    const ActionRegistry& actions_;
    QLineEdit* search_;
    QListView* list_;
    QStandardItemModel* model_;
};

/// Whether all letters of `needle` occur in order in `text`; higher is better, negative: no match.
[[nodiscard]] int fuzzyScore(const QString& needle, const QString& text);

} // namespace body4d::ui
