#pragma once

#include "export/exporter.h"

#include <QDialog>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace body4d::ui {

/// What to write and where. Not modal; the export itself runs as a job.
class ExportDialog : public QDialog {
    Q_OBJECT
public:
    ExportDialog(std::span<const ExportFormat> formats, const QString& folder, QWidget* parent = nullptr);
    void setFolder(const QString& folder);
    [[nodiscard]] std::vector<std::string> chosen() const;
    [[nodiscard]] QString folder() const;
    void choose(const std::vector<std::string>& formats);

Q_SIGNALS:
    void exportRequested(const std::vector<std::string>& formats, const QString& folder);

private:
    void refresh();
    std::vector<std::pair<std::string, QCheckBox*>> boxes_;
    QLineEdit* folder_;
    QPushButton* go_;
    QLabel* why_;
};

} // namespace body4d::ui
