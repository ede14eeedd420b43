#pragma once

#include "export/export_doctor.h"
#include "export/exporter.h"
#include "pipeline/project.h"

#include <QDialog>
#include <QTimer>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

class QCheckBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;
class QSpinBox;

namespace body4d::ui {

class ProjectController;

/// One export: what, of whom, which frames, where to.
struct ExportWish {
    std::vector<std::string> formats;
    QString folder;
    FrameRange range;
    std::vector<TargetId> targets; ///< empty: everybody
    bool check = true;             ///< read the files again and compare
};

/// What to write, of whom, which frames and where, with what it will take. Not modal; exports run as jobs, one after the
/// other, so several may be asked for.
class ExportDialog : public QDialog {
    Q_OBJECT
public:
    ExportDialog(std::span<const ExportFormat> formats, ProjectController& project, QWidget* parent = nullptr);
    void setFolder(const QString& folder);
    [[nodiscard]] QString folder() const;
    [[nodiscard]] std::vector<std::string> chosen() const;
    void choose(const std::vector<std::string>& formats);
    [[nodiscard]] ExportWish wish() const;
    void setRange(FrameRange range);
    void setForecasts(const std::vector<ExportForecast>& forecasts);
    /// Titles of jobs that run or wait.
    void setQueue(const QStringList& titles);
    [[nodiscard]] QString forecastText(const std::string& format) const;

Q_SIGNALS:
    void exportRequested(const body4d::ui::ExportWish& wish);
    /// Something that the sizes depend on has changed.
    void forecastWanted(const body4d::ui::ExportWish& wish);

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Row {
        std::string name;
        QCheckBox* box;
        QLabel* forecast;
    };
    QWidget* makeFiles(std::span<const ExportFormat> formats);
    QWidget* makeScope();
    QWidget* makeOptions();
    void loadPeople();
    void refresh();
    void askForecast();

    ProjectController& project_;
    std::vector<Row> rows_;
    std::vector<ExportForecast> forecasts_;
    QSpinBox *first_, *last_;
    QListWidget* people_;
    QCheckBox* check_;
    QLineEdit* folder_;
    QPushButton* go_;
    QLabel *why_, *total_, *queue_;
    QTimer forecastTimer_;
    bool loading_ = false;
};

} // namespace body4d::ui
