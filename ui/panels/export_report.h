#pragma once

#include "export/export_doctor.h"

#include <QDialog>

#include <vector>

class QLabel;
class QTreeWidget;

namespace body4d::ui {

/// What exported files turned out to hold when they were read again. Not modal.
class ExportReport : public QDialog {
    Q_OBJECT
public:
    explicit ExportReport(QWidget* parent = nullptr);
    void setChecks(const std::vector<ExportCheck>& checks);
    [[nodiscard]] QTreeWidget* table() const { return table_; }
    /// One sentence: how many files, whether all are sound, the largest distance.
    [[nodiscard]] static QString summary(const std::vector<ExportCheck>& checks);

private:
    QLabel* summary_;
    QTreeWidget* table_;
};

} // namespace body4d::ui
