#pragma once

#include "ui/controllers/backend.h"
#include "ui/controllers/task_queue.h"

#include <QDialog>

#include <vector>

class QLabel;
class QPushButton;
class QTreeWidget;

namespace body4d::ui {

/// The catalogue of engines: present or not, licence, place, size, memory. Files that a person has are checked strictly
/// and put in place. Never dials out. Not modal.
class ModelsDialog : public QDialog {
    Q_OBJECT
public:
    explicit ModelsDialog(std::shared_ptr<Backend> backend, QWidget* parent = nullptr);
    /// Checks and places a file in the background; the outcome is told in the dialog.
    void addFile(const std::filesystem::path& file);
    [[nodiscard]] QTreeWidget* table() const { return table_; }
    [[nodiscard]] QString outcome() const;

Q_SIGNALS:
    /// A file came in: engines may have become usable.
    void changed();

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void fill();
    void showDetail();
    void say(const QString& text, const QString& detail, bool good);
    std::shared_ptr<Backend> backend_;
    QTreeWidget* table_;
    QLabel *detail_, *outcome_;
    QPushButton* add_;
    TaskQueue queue_; // last: joined first
};

} // namespace body4d::ui
