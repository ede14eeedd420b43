#include "ui/main_window.h"
#include "ui/panels/error_bar.h"
#include "ui/panels/export_dialog.h"
#include "ui/panels/export_report.h"

#include <QDesktopServices>
#include <QLabel>
#include <QUrl>

#include <algorithm>

namespace body4d::ui {
namespace {

RunRequest requestOf(const ExportWish& wish) {
    RunRequest request;
    request.exports = wish.formats;
    request.exportFolder = wish.folder.toStdString();
    request.exportRange = wish.range;
    request.exportTargets = wish.targets;
    request.checkExports = wish.check;
    return request;
}

} // namespace

void MainWindow::createExportActions() {
    const QString g = tr("Export");
    actions_->add({"export.dialog", g, tr("Export…"), {QKeySequence(Qt::CTRL | Qt::Key_E)}, "export",
                   tr("GLB, PLY, npz, overlay video and more")},
                  [this] { showExportDialog(); });
    actions_->add({"export.report", g, tr("Show what was found in the files"), {}, "info",
                   tr("Counts, bounds, length and differences of the last export, read again")},
                  [this] {
                      if (report_) {
                          report_->show();
                          report_->raise();
                      }
                  });
    actions_->add({"export.openFolder", g, tr("Open the folder"), {}, "open", tr("Of the last export")}, [this] {
        if (!lastExport_.empty()) {
            QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(lastExport_.string())));
        }
    });
}

ExportDialog* MainWindow::exportDialog() {
    if (export_) {
        return export_;
    }
    export_ = new ExportDialog(backend_->exportFormats(), *project_, this);
    connect(export_, &ExportDialog::exportRequested, this, &MainWindow::startExport);
    connect(export_, &ExportDialog::forecastWanted, this, [this](const ExportWish& wish) {
        auto request = requestOf(wish);
        request.exports.clear();
        for (const auto& format : backend_->exportFormats()) {
            request.exports.push_back(format.name); // also of what may be chosen next
        }
        importQueue_.restart("forecast", [this, request, backend = backend_, store = project_->store()](const std::stop_token& stop) {
            std::vector<ExportForecast> forecasts;
            try {
                forecasts = backend->forecastExports(*store, request, stop);
            } catch (const std::exception&) {
                // Nobody chosen, nothing fitted yet: the export itself says so.
            }
            if (!stop.stop_requested()) {
                postTo(this, [this, forecasts] { export_->setForecasts(forecasts); });
            }
        });
    });
    const auto queue = [this] {
        QStringList titles;
        if (run_->running()) {
            titles << run_->title();
        }
        titles << run_->waiting();
        export_->setQueue(titles);
    };
    connect(run_, &RunController::queueChanged, export_, queue);
    connect(run_, &RunController::started, export_, queue);
    connect(run_, &RunController::finished, export_, queue);
    connect(run_, &RunController::failed, export_, queue);
    queue();
    return export_;
}

ExportReport* MainWindow::exportReport() {
    return report_;
}

void MainWindow::showExportDialog() {
    if (!project_->isOpen()) {
        return;
    }
    auto* dialog = exportDialog();
    if (dialog->folder().isEmpty()) {
        const auto video = project_->document().video.path;
        const auto base = project_->isDraft() ? video.parent_path() : project_->store()->folder().parent_path();
        dialog->setFolder(QString::fromStdString((base / (video.stem().string() + "-export")).string()));
    }
    dialog->show();
    dialog->raise();
    dialog->activateWindow();
}

void MainWindow::wireExport() {
    // Another project goes elsewhere.
    connect(project_, &ProjectController::closed, this, [this] {
        if (export_) {
            export_->setFolder({});
            export_->hide();
        }
    });
}

void MainWindow::startExport(const ExportWish& wish) {
    if (!project_->isOpen() || wish.formats.empty()) {
        return;
    }
    QStringList names;
    for (const auto& format : wish.formats) {
        names << QString::fromStdString(format).toUpper();
    }
    enqueue(tr("Export %1").arg(names.join(QStringLiteral(", "))), requestOf(wish));
}

void MainWindow::enqueue(const QString& title, const RunRequest& request) {
    previews_->cancel();
    auto events = liveEvents();
    run_->enqueue(title, [backend = backend_, project = project_, store = project_->store(), results = project_->results(), request,
                          events](const std::stop_token& stop, const ProgressFn& progress,
                                  const std::function<void(const std::string&)>& notice) mutable {
        project->flush(); // the worker reads the document from disk
        events.progress = progress;
        events.notice = notice;
        return backend->run(*store, request, events, stop);
    });
}

void MainWindow::tellExport(const RunSummary& summary) {
    lastExport_ = summary.files.front().parent_path();
    QStringList names;
    for (const auto& file : summary.files) {
        names << QString::fromStdString(file.string());
    }
    UserMessage message;
    message.severity = UserMessage::Severity::Info;
    message.what = tr("%n files were written.", nullptr, static_cast<int>(summary.files.size()));
    message.remedy = QString::fromStdString(lastExport_.string());
    message.detail = names.join(QLatin1Char('\n'));
    message.actions = {QStringLiteral("export.openFolder")};
    if (!summary.checks.empty()) {
        if (!report_) {
            report_ = new ExportReport(this);
        }
        report_->setChecks(summary.checks);
        message.what = ExportReport::summary(summary.checks);
        message.actions.prepend(QStringLiteral("export.report"));
        if (std::any_of(summary.checks.begin(), summary.checks.end(), [](const ExportCheck& c) { return !c.problems.empty(); })) {
            message.severity = UserMessage::Severity::Warning;
        }
    }
    refreshEnabled();
    showMessage(message);
}

} // namespace body4d::ui
