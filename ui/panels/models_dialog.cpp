#include "ui/panels/models_dialog.h"

#include "base/error.h"
#include "ui/controllers/core_text.h"
#include "ui/controllers/telemetry_controller.h"
#include "ui/controllers/user_message.h"
#include "ui/panels/run_panel.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace body4d::ui {
namespace {
constexpr int kStage = 1, kState = 2;
constexpr int kWhatToDo = 7; ///< column
} // namespace

ModelsDialog::ModelsDialog(std::shared_ptr<Backend> backend, QWidget* parent)
    : QDialog(parent), backend_(std::move(backend)) {
    setWindowTitle(tr("Models"));
    setAttribute(Qt::WA_DeleteOnClose);
    setAcceptDrops(true);
    resize(1080, 620);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 14, 16, 14);
    column->setSpacing(10);
    auto* intro = dimLabel(tr("Everything runs on this machine; this program never downloads by itself. Weights that you have "
                              "can be dropped here: their size, content and every tensor are checked before they are put in place."));
    intro->setWordWrap(true);
    column->addWidget(intro);
    table_ = new QTreeWidget;
    table_->setAccessibleName(tr("Models"));
    table_->setRootIsDecorated(false);
    table_->setHeaderLabels({tr("Engine"), tr("Stage"), tr("State"), tr("Size"), tr("Memory"), tr("Licence"), tr("Place"), tr("What to do")});
    table_->setWordWrap(true);
    table_->setTextElideMode(Qt::ElideRight);
    column->addWidget(table_, 1);
    detail_ = new QLabel;
    detail_->setWordWrap(true);
    detail_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    detail_->setMinimumHeight(66);
    detail_->setAlignment(Qt::AlignTop);
    detail_->setAccessibleName(tr("About the selected engine"));
    column->addWidget(detail_);
    connect(table_, &QTreeWidget::currentItemChanged, this, &ModelsDialog::showDetail);
    outcome_ = new QLabel;
    outcome_->setWordWrap(true);
    outcome_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    outcome_->setAccessibleName(tr("Outcome"));
    outcome_->hide();
    column->addWidget(outcome_);
    auto* row = new QHBoxLayout;
    add_ = new QPushButton(tr("Add a file…"));
    add_->setObjectName(QStringLiteral("primary"));
    add_->setToolTip(tr("A checkpoint or model file from your disk; which engine it belongs to is recognised"));
    connect(add_, &QPushButton::clicked, this, [this] {
        const QString file = QFileDialog::getOpenFileName(
            this, tr("Add a model file"), {},
            tr("Model files (*.safetensors *.pt *.pth *.ckpt *.bin *.tflite);;All files (*)"));
        if (!file.isEmpty()) {
            addFile(file.toStdString());
        }
    });
    auto* leave = new QPushButton(tr("Close"));
    leave->setAutoDefault(false);
    connect(leave, &QPushButton::clicked, this, &QDialog::close);
    row->addWidget(add_);
    row->addStretch(1);
    row->addWidget(leave);
    column->addLayout(row);
    fill();
}

void ModelsDialog::fill() {
    table_->clear();
    for (const auto& m : backend_->models()) {
        const bool ready = m.present && m.implemented;
        const QString state = ready ? tr("✓ ready") : !m.implemented ? tr("not in this version") : tr("missing");
        std::int64_t bytes = 0;
        QStringList places;
        for (const auto& file : m.files) {
            bytes += file.bytes;
            places << QString::fromStdString(file.path.string());
        }
        auto* item = new QTreeWidgetItem(
            table_, {coreText(m.title), stageName(m.stage), state, bytes > 0 ? formatBytes(bytes) : QStringLiteral("–"),
                     m.memoryBytes > 0 ? formatBytes(m.memoryBytes) : QStringLiteral("–"), coreText(m.licence),
                     places.join(QStringLiteral(", ")), coreText(m.missing)});
        item->setForeground(2, ready ? tokens().ok : m.implemented ? tokens().warning : tokens().dim);
        for (int i = 0; i < table_->columnCount(); ++i) {
            item->setToolTip(i, item->text(i));
        }
        item->setToolTip(0, coreText(m.source));
    }
    auto* header = table_->header();
    header->setSectionResizeMode(QHeaderView::Interactive);
    const int widths[] = {326, 96, 132, 76, 80, 132, 150, 0};
    for (int i = 0; i < table_->columnCount(); ++i) {
        table_->resizeColumnToContents(i); // words of another language may be longer
        table_->setColumnWidth(i, i == kStage || i == kState ? std::max(widths[i], table_->columnWidth(i)) : widths[i]);
    }
    table_->setColumnHidden(kWhatToDo, true); // a sentence: it stands below the table
    header->setStretchLastSection(true);
    table_->setCurrentItem(table_->topLevelItem(0));
}

void ModelsDialog::showDetail() {
    const auto* item = table_->currentItem();
    if (!item) {
        detail_->clear();
        return;
    }
    QStringList lines{QStringLiteral("<b>%1</b> · %2 · %3").arg(item->text(0).toHtmlEscaped(), item->text(2).toHtmlEscaped(), item->text(5).toHtmlEscaped())};
    lines << tr("From: %1 &nbsp; Place: %2").arg(item->toolTip(0).toHtmlEscaped(), (item->text(6).isEmpty() ? tr("built in") : item->text(6)).toHtmlEscaped());
    if (!item->text(kWhatToDo).isEmpty()) {
        lines << item->text(kWhatToDo).toHtmlEscaped();
    }
    detail_->setText(lines.join(QStringLiteral("<br>")));
}

void ModelsDialog::say(const QString& text, const QString& detail, bool good) {
    outcome_->setStyleSheet(QStringLiteral("color: %1").arg((good ? tokens().ok : tokens().error).name()));
    outcome_->setText(text);
    outcome_->setToolTip(detail);
    outcome_->show();
}

QString ModelsDialog::outcome() const { return outcome_->isHidden() ? QString() : outcome_->text(); }

void ModelsDialog::addFile(const std::filesystem::path& file) {
    add_->setEnabled(false);
    say(tr("Checking %1 …").arg(QString::fromStdString(file.filename().string())), {}, true);
    queue_.post([this, file, backend = backend_](const std::stop_token&) {
        try {
            const auto place = backend->addModel(file);
            postTo(this, [this, place] {
                add_->setEnabled(true);
                say(tr("✓ Sound, and put in place: %1").arg(QString::fromStdString(place.string())), {}, true);
                fill();
                Q_EMIT changed();
            });
        } catch (const std::exception& e) {
            postTo(this, [this, message = toMessage(e)] {
                add_->setEnabled(true);
                // The first lines of what differs; all of it in the tool tip.
                const QString detail = message.detail.section(QLatin1Char('\n'), 0, 3);
                say(message.what + QLatin1Char(' ') + message.remedy + (detail.isEmpty() ? QString() : QLatin1Char('\n') + detail),
                    message.detail, false);
            });
        }
    });
}

void ModelsDialog::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) {
        event->acceptProposedAction();
    }
}

void ModelsDialog::dropEvent(QDropEvent* event) {
    for (const auto& url : event->mimeData()->urls()) {
        if (url.isLocalFile()) {
            event->acceptProposedAction();
            addFile(url.toLocalFile().toStdString());
        }
    }
}

} // namespace body4d::ui
