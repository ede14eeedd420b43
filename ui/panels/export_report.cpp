#include "ui/panels/export_report.h"

#include "ui/controllers/core_text.h"
#include "ui/controllers/telemetry_controller.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QDesktopServices>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QTreeWidget>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace body4d::ui {

ExportReport::ExportReport(QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("What was written"));
    resize(900, 380);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 14, 16, 14);
    column->setSpacing(10);
    summary_ = new QLabel;
    summary_->setObjectName(QStringLiteral("title"));
    summary_->setWordWrap(true);
    column->addWidget(summary_);
    auto* what = dimLabel(tr("Every file was read again and compared with the bodies of the project."));
    what->setWordWrap(true);
    column->addWidget(what);
    table_ = new QTreeWidget;
    table_->setAccessibleName(tr("Files that were read again"));
    table_->setRootIsDecorated(false);
    table_->setHeaderLabels({tr("Kind"), tr("Files"), tr("People"), tr("Frames"), tr("Length"), tr("Vertices"), tr("Bounds"),
                             tr("Off by, at most"), tr("Verdict")});
    table_->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table_->header()->setStretchLastSection(true);
    column->addWidget(table_, 1);
    auto* row = new QHBoxLayout;
    auto* open = new QPushButton(tr("Open the folder"));
    open->setAutoDefault(false);
    connect(open, &QPushButton::clicked, this, [this] {
        const auto* item = table_->currentItem() ? table_->currentItem() : table_->topLevelItem(0);
        if (item) {
            QDesktopServices::openUrl(QUrl::fromLocalFile(item->data(0, Qt::UserRole).toString()));
        }
    });
    auto* leave = new QPushButton(tr("Close"));
    connect(leave, &QPushButton::clicked, this, &QDialog::close);
    row->addWidget(open);
    row->addStretch(1);
    row->addWidget(leave);
    column->addLayout(row);
}

void ExportReport::setChecks(const std::vector<ExportCheck>& checks) {
    summary_->setText(summary(checks));
    table_->clear();
    for (const auto& c : checks) {
        const bool sound = c.problems.empty();
        const bool bounded = c.low.x < c.high.x;
        QStringList problems;
        for (const auto& problem : c.problems) {
            problems << coreText(problem);
        }
        const QString size = bounded ? tr("%1 × %2 × %3 m")
                                           .arg(c.high.x - c.low.x, 0, 'f', 2)
                                           .arg(c.high.y - c.low.y, 0, 'f', 2)
                                           .arg(c.high.z - c.low.z, 0, 'f', 2)
                                     : QString();
        auto* item = new QTreeWidgetItem(
            table_, {QString::fromStdString(c.format), QString::number(c.files), QString::number(c.people),
                     QString::number(c.frames), c.seconds >= 0 ? tr("%1 s").arg(c.seconds, 0, 'f', 2) : QString(),
                     c.vertices > 0 ? QString::number(c.vertices) : QString(), size,
                     c.maxMm >= 0 ? tr("%1 mm").arg(c.maxMm, 0, 'f', c.maxMm < 0.1 ? 3 : 1) : QString(),
                     sound ? tr("✓ sound") : tr("✗ %1").arg(problems.join(QLatin1Char(' ')))});
        item->setForeground(8, sound ? tokens().ok : tokens().error);
        item->setToolTip(8, problems.join(QLatin1Char('\n')));
        item->setToolTip(0, QString::fromStdString(c.file.string()));
        item->setData(0, Qt::UserRole, QString::fromStdString(c.file.parent_path().string()));
        for (int column = 1; column <= 5; ++column) {
            item->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
        }
    }
}

QString ExportReport::summary(const std::vector<ExportCheck>& checks) {
    int files = 0, bad = 0;
    double worst = -1;
    for (const auto& c : checks) {
        files += c.files;
        bad += c.problems.empty() ? 0 : 1;
        worst = std::max(worst, c.maxMm);
    }
    QString text = bad == 0 ? tr("%n files were written and read again: all are sound.", nullptr, files)
                            : tr("%n files were written; something is wrong with some.", nullptr, files);
    if (bad == 0 && worst >= 0) {
        text += tr(" No vertex is off by more than %1 mm.").arg(worst, 0, 'f', worst < 0.1 ? 3 : 1);
    }
    return text;
}

} // namespace body4d::ui
