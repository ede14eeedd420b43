#pragma once

#include <QDialog>

class QKeySequenceEdit;
class QLabel;
class QTreeWidget;

namespace body4d::ui {

class ActionRegistry;

/// All keys with search; a key can be changed, and a clash is told. Not modal.
class ShortcutSheet : public QDialog {
    Q_OBJECT
public:
    explicit ShortcutSheet(ActionRegistry& actions, QWidget* parent = nullptr);

protected:
    /// Enter sets what was recorded, Esc gives it up and then closes: neither is recorded as a key.
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fill(const QString& search);
    void assign();
    ActionRegistry& actions_;
    QTreeWidget* tree_;
    QKeySequenceEdit* edit_;
    QLabel* clash_;
};

} // namespace body4d::ui
