#include "ui/panels/guide_dialog.h"

#include "ui/action_registry.h"
#include "ui/controllers/core_text.h"
#include "ui/controllers/telemetry_controller.h"
#include "ui/language.h"
#include "ui/panels/run_panel.h"
#include "ui/theme.h"

#include <QFile>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <QRegularExpression>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextTable>
#include <QVBoxLayout>

#include <algorithm>

namespace body4d::ui {
namespace {

constexpr double kFits = 0.85; ///< of a machine's memory: the system and the program itself need some

QString headingOf(const QTextBlock& block) {
    return block.blockFormat().headingLevel() == 2 ? block.text() : QString();
}

} // namespace

QString guideText(const ActionRegistry& actions) {
    QFile file(QStringLiteral(":/guide_%1.md").arg(usedLanguage()));
    if (!file.exists()) {
        file.setFileName(QStringLiteral(":/guide.md"));
    }
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    QString text = QString::fromUtf8(file.readAll());
    static const QRegularExpression place(QStringLiteral("\\{key:([A-Za-z.]+)\\}"));
    for (auto match = place.match(text); match.hasMatch(); match = place.match(text)) {
        const auto* action = actions.action(match.captured(1));
        QString said;
        if (action && !action->shortcuts().isEmpty()) {
            said =
                QStringLiteral("**%1**").arg(action->shortcuts().first().toString(QKeySequence::NativeText));
        } else if (action) {
            said = QStringLiteral("*%1*").arg(withoutMnemonic(action->text()));
        }
        text.replace(match.capturedStart(), match.capturedLength(), said);
    }
    return text;
}

QString machineText(const DeviceDescription& device, const std::vector<ModelEntry>& models,
                    const CostHistory& costs) {
    QStringList lines;
    lines << QString() << GuideDialog::tr("### This machine") << QString();
    lines << GuideDialog::tr("%1, %n cores, %2 of memory. %3", nullptr, static_cast<int>(device.cores))
                 .arg(QString::fromStdString(device.cpu), formatBytes(device.memoryBytes),
                      device.gpu.empty()
                          ? GuideDialog::tr("No GPU was found.")
                          : GuideDialog::tr("GPU: %1, %2, driver %3.")
                                .arg(QString::fromStdString(device.gpu), formatBytes(device.gpuMemoryBytes),
                                     QString::fromStdString(device.driver)));
    lines << QString()
          << GuideDialog::tr("| stage | engine | frames of a person a second | memory at most | runs |")
          << QStringLiteral("|---|---|---|---|---|");
    for (const auto& [key, cost] : costs.all()) {
        const QString name = QString::fromStdString(key);
        lines << QStringLiteral("| %1 | %2 | %3 | %4 | %5 |")
                     .arg(stageName(name.section(QLatin1Char('/'), 0, 0).toStdString()),
                          name.section(QLatin1Char('/'), 1), QLocale().toString(1 / cost.secondsPerItem, 'g', 3),
                          formatBytes(cost.peakBytes), QString::number(cost.runs));
    }
    if (costs.all().empty()) {
        lines << GuideDialog::tr("| nothing has run here yet |  |  |  |  |");
    }
    lines << QString() << GuideDialog::tr("### What engines need") << QString()
          << GuideDialog::tr("| engine | stage | memory | here |") << QStringLiteral("|---|---|---|---|");
    const auto room = std::max(device.memoryBytes, device.gpuMemoryBytes);
    for (const auto& model : models) {
        if (model.memoryBytes <= 0) {
            continue;
        }
        const bool onGpu =
            static_cast<double>(model.memoryBytes) < kFits * static_cast<double>(device.gpuMemoryBytes);
        const bool fits = static_cast<double>(model.memoryBytes) < kFits * static_cast<double>(room);
        lines << QStringLiteral("| %1 | %2 | %3 | %4 |")
                     .arg(coreText(model.title), stageName(model.stage),
                          formatBytes(model.memoryBytes),
                          onGpu  ? GuideDialog::tr("fits on the GPU")
                          : fits ? GuideDialog::tr("fits in main memory")
                                 : GuideDialog::tr("more than there is"));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

GuideDialog::GuideDialog(const ActionRegistry& actions, const DeviceDescription& device,
                         const std::vector<ModelEntry>& models, const CostHistory& costs, QWidget* parent)
    : QDialog(parent) {
    setWindowTitle(tr("Guide"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(980, 700);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 14, 16, 14);
    row->setSpacing(12);
    auto* left = new QVBoxLayout;
    search_ = new QLineEdit;
    search_->setPlaceholderText(tr("Find in the guide"));
    search_->setAccessibleName(tr("Find in the guide"));
    search_->setToolTip(tr("Enter goes to the next place"));
    search_->setClearButtonEnabled(true);
    chapters_ = new QListWidget;
    chapters_->setAccessibleName(tr("Chapters"));
    left->addWidget(search_);
    left->addWidget(chapters_, 1);
    row->addLayout(left, 0);
    chapters_->setFixedWidth(210);
    search_->setFixedWidth(210);
    text_ = new QTextBrowser;
    text_->setAccessibleName(tr("Guide"));
    text_->setOpenExternalLinks(false);
    text_->document()->setDocumentMargin(14);
    text_->setMarkdown(guideText(actions) + machineText(device, models, costs));
    row->addWidget(text_, 1);
    for (auto* table : text_->document()->rootFrame()->childFrames()) {
        if (auto* made = qobject_cast<QTextTable*>(table)) {
            auto format = made->format();
            format.setCellPadding(5);
            format.setCellSpacing(0);
            format.setBorderBrush(tokens().line);
            made->setFormat(format);
        }
    }
    for (auto block = text_->document()->begin(); block.isValid(); block = block.next()) {
        if (const auto heading = headingOf(block); !heading.isEmpty()) {
            chapters_->addItem(heading);
        }
    }
    connect(chapters_, &QListWidget::currentTextChanged, this, &GuideDialog::showChapter);
    connect(search_, &QLineEdit::textChanged, this, [this](const QString& words) {
        text_->moveCursor(QTextCursor::Start);
        (void)find(words);
    });
    connect(search_, &QLineEdit::returnPressed, this, [this] { (void)find(search_->text()); });
    search_->setFocus();
}

void GuideDialog::showChapter(const QString& heading) {
    for (auto block = text_->document()->begin(); block.isValid(); block = block.next()) {
        if (headingOf(block) == heading) {
            text_->moveCursor(QTextCursor::End); // so that the heading comes to stand at the top
            text_->setTextCursor(QTextCursor(block));
            return;
        }
    }
}

bool GuideDialog::find(const QString& text) {
    if (text.isEmpty()) {
        return false;
    }
    if (text_->find(text)) {
        return true;
    }
    text_->moveCursor(QTextCursor::Start);
    return text_->find(text);
}

} // namespace body4d::ui
