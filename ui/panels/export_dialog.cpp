#include "ui/panels/export_dialog.h"

#include "ui/controllers/core_text.h"
#include "ui/controllers/project_controller.h"
#include "ui/controllers/telemetry_controller.h"
#include "ui/panels/option_field.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QPainter>
#include <QScrollArea>
#include <QSpinBox>
#include <QStorageInfo>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace body4d::ui {
namespace {

constexpr int kForecastDelayMs = 200;

struct Preset {
    const char* title;
    const char* help;
    std::vector<std::string> formats;
    const char* mesh; ///< of GLB; empty: as it is set
};
const std::array<Preset, 6>& presets() {
    static const std::array<Preset, 6> all{{
        {QT_TRANSLATE_NOOP("body4d::ui::ExportDialog", "Game, web"),
         QT_TRANSLATE_NOOP("body4d::ui::ExportDialog", "One GLB: everybody with skeleton and skin, opens everywhere"),
         {"glb"}, "skinned"},
        {QT_TRANSLATE_NOOP("body4d::ui::ExportDialog", "Exact"),
         QT_TRANSLATE_NOOP("body4d::ui::ExportDialog", "GLB with the exact mesh of every frame: no error, large"),
         {"glb"}, "exact"},
        {QT_TRANSLATE_NOOP("body4d::ui::ExportDialog", "Frames"),
         QT_TRANSLATE_NOOP("body4d::ui::ExportDialog", "A mesh file for every person and frame"),
         {"ply"}, ""},
        {QT_TRANSLATE_NOOP("body4d::ui::ExportDialog", "Data"),
         QT_TRANSLATE_NOOP("body4d::ui::ExportDialog", "Parameters, joints, tables and masks for scripts"),
         {"npz", "csv", "coco"}, ""},
        {QT_TRANSLATE_NOOP("body4d::ui::ExportDialog", "Motion"),
         QT_TRANSLATE_NOOP("body4d::ui::ExportDialog", "The moving skeleton for animation tools"),
         {"bvh"}, ""},
        {QT_TRANSLATE_NOOP("body4d::ui::ExportDialog", "Watch"),
         QT_TRANSLATE_NOOP("body4d::ui::ExportDialog", "The video with the bodies drawn over it"),
         {"overlay"}, ""},
    }};
    return all;
}

constexpr std::array kFields{"export.glb_mesh",  "export.rig",           "export.glb_influences", "export.separate_files",
                             "export.axes",      "export.space",         "export.overlay_masks",  "export.overlay_skeleton",
                             "export.overlay_labels", "export.quality",  "export.sound"};

QString errorText(const ExportForecast& forecast) {
    return forecast.maxMm < 0 ? QString()
                              : ExportDialog::tr(" · off by %1 mm, at most %2 mm")
                                    .arg(forecast.meanMm, 0, 'f', forecast.meanMm < 0.1 ? 2 : 1)
                                    .arg(forecast.maxMm, 0, 'f', 1);
}

/// Rounded, with a little room to the check mark before it and the name behind it.
QPixmap swatchPixmap(const QColor& colour, double ratio) {
    constexpr int kSide = 12, kRoom = 6;
    QPixmap pixmap(QSize(kSide + 2 * kRoom, kSide) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawRoundedRect(QRectF(kRoom, 0, kSide, kSide), 3, 3);
    return pixmap;
}

} // namespace

ExportDialog::ExportDialog(std::span<const ExportFormat> formats, ProjectController& project, QWidget* parent)
    : QDialog(parent), project_(project) {
    setWindowTitle(tr("Export"));
    resize(980, 620);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 14, 16, 14);
    column->setSpacing(10);
    auto* chips = new QHBoxLayout;
    chips->setSpacing(8);
    chips->addWidget(headingLabel(tr("Preset")));
    chips->addSpacing(4);
    for (const auto& preset : presets()) {
        auto* button = new QPushButton(tr(preset.title));
        button->setToolTip(tr(preset.help));
        button->setAutoDefault(false);
        connect(button, &QPushButton::clicked, this, [this, &preset] {
            if (*preset.mesh != '\0') {
                project_.setOption("export.glb_mesh", std::string(preset.mesh));
            }
            choose(preset.formats);
        });
        chips->addWidget(button);
    }
    chips->addStretch(1);
    column->addLayout(chips);
    column->addWidget(rule());
    auto* middle = new QHBoxLayout;
    middle->setSpacing(20);
    middle->addWidget(makeFiles(formats), 5);
    auto* right = new QVBoxLayout;
    right->setSpacing(10);
    right->addWidget(makeScope());
    right->addWidget(makeOptions(), 1);
    middle->addLayout(right, 3);
    column->addLayout(middle, 1);
    column->addWidget(rule());
    auto* where = new QHBoxLayout;
    where->setSpacing(8);
    where->addWidget(dimLabel(tr("Folder")));
    folder_ = new QLineEdit;
    folder_->setAccessibleName(tr("Folder"));
    auto* browse = new QPushButton(tr("Choose…"));
    browse->setAutoDefault(false);
    where->addWidget(folder_, 1);
    where->addWidget(browse);
    column->addLayout(where);
    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(12);
    check_ = new QCheckBox(tr("Read the files again and compare"));
    check_->setToolTip(tr("Counts, bounds, clip length and the largest distance of a vertex, with code that does not know the writer"));
    check_->setChecked(true);
    bottom->addWidget(check_);
    auto* words = new QVBoxLayout;
    words->setSpacing(0);
    total_ = new QLabel;
    total_->setObjectName(QStringLiteral("title"));
    total_->setFont(tabularFont(font()));
    total_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    why_ = dimLabel({});
    why_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    queue_ = dimLabel({});
    queue_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    words->addWidget(total_);
    words->addWidget(why_);
    words->addWidget(queue_);
    bottom->addLayout(words, 1);
    auto* leave = new QPushButton(tr("Close"));
    leave->setAutoDefault(false);
    go_ = new QPushButton(tr("Export"));
    go_->setObjectName(QStringLiteral("primary"));
    go_->setDefault(true);
    bottom->addWidget(leave);
    bottom->addWidget(go_);
    column->addLayout(bottom);

    forecastTimer_.setSingleShot(true);
    forecastTimer_.setInterval(kForecastDelayMs);
    connect(&forecastTimer_, &QTimer::timeout, this, [this] {
        if (isVisible() && project_.isOpen()) {
            Q_EMIT forecastWanted(wish());
        }
    });
    connect(leave, &QPushButton::clicked, this, &QDialog::close);
    connect(browse, &QPushButton::clicked, this, [this] {
        const QString dir = QFileDialog::getExistingDirectory(this, tr("Folder for the exports"), folder_->text());
        if (!dir.isEmpty()) {
            folder_->setText(dir);
        }
    });
    connect(folder_, &QLineEdit::textChanged, this, &ExportDialog::refresh);
    connect(go_, &QPushButton::clicked, this, [this] {
        const auto wanted = wish();
        close(); // the outcome is told in the window, where this would lie over it
        Q_EMIT exportRequested(wanted);
    });
    connect(&project_, &ProjectController::documentChanged, this, &ExportDialog::loadPeople);
    connect(&project_, &ProjectController::documentChanged, this, &ExportDialog::askForecast);
    connect(&project_, &ProjectController::resultsChanged, this, &ExportDialog::askForecast);
    connect(&project_, &ProjectController::opened, this, [this] {
        loadPeople();
        setRange(project_.document().range);
    });
    loadPeople();
    setRange(project_.document().range);
    refresh();
}

QWidget* ExportDialog::makeFiles(std::span<const ExportFormat> formats) {
    auto* list = new QWidget;
    auto* column = new QVBoxLayout(list);
    column->setContentsMargins(0, 0, 8, 0);
    column->setSpacing(1);
    for (const auto& format : formats) {
        auto* line = new QHBoxLayout;
        auto* box = new QCheckBox(coreText(format.title));
        box->setChecked(format.byDefault);
        box->setAccessibleDescription(coreText(format.description));
        box->setToolTip(QString::fromStdString(format.fileNames));
        auto* forecast = dimLabel({});
        forecast->setFont(tabularFont(font()));
        forecast->setAccessibleName(tr("Forecast of %1").arg(coreText(format.title)));
        line->addWidget(box);
        line->addStretch(1);
        line->addWidget(forecast);
        column->addLayout(line);
        auto* help = dimLabel(coreText(format.description));
        help->setWordWrap(true);
        help->setContentsMargins(25, 0, 0, 7);
        column->addWidget(help);
        rows_.push_back({format.name, box, forecast});
        connect(box, &QCheckBox::toggled, this, [this] {
            refresh();
            askForecast();
        });
    }
    column->addStretch(1);
    auto* area = new QScrollArea;
    area->setWidget(list);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    return area;
}

QWidget* ExportDialog::makeScope() {
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(headingLabel(tr("Frames")));
    auto* range = new QHBoxLayout;
    range->setSpacing(6);
    first_ = new QSpinBox;
    first_->setAccessibleName(tr("First frame"));
    last_ = new QSpinBox;
    last_->setAccessibleName(tr("Last frame"));
    for (auto* spin : {first_, last_}) {
        spin->setKeyboardTracking(false);
        spin->setMinimumWidth(74);
        connect(spin, &QSpinBox::valueChanged, this, [this] {
            refresh();
            askForecast();
        });
    }
    auto* whole = new QPushButton(tr("All"));
    whole->setToolTip(tr("Every frame that was processed"));
    whole->setAutoDefault(false);
    auto* marked = new QPushButton(tr("In – out"));
    marked->setToolTip(tr("The range of the timeline"));
    marked->setAutoDefault(false);
    connect(whole, &QPushButton::clicked, this, [this] { setRange({0, project_.document().video.frameCount}); });
    connect(marked, &QPushButton::clicked, this, [this] { setRange(project_.document().range); });
    range->addWidget(first_, 1);
    range->addWidget(dimLabel(tr("to")));
    range->addWidget(last_, 1);
    range->addWidget(whole);
    range->addWidget(marked);
    column->addLayout(range);
    column->addSpacing(4);
    column->addWidget(headingLabel(tr("People")));
    people_ = new QListWidget;
    people_->setAccessibleName(tr("People to export"));
    people_->setMaximumHeight(96);
    people_->setIconSize({24, 12});
    people_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(people_, &QListWidget::itemChanged, this, [this] {
        if (!loading_) {
            refresh();
            askForecast();
        }
    });
    column->addWidget(people_);
    return box;
}

QWidget* ExportDialog::makeOptions() {
    auto* content = new QWidget;
    auto* form = new QFormLayout(content);
    form->setContentsMargins(0, 0, 8, 0);
    form->setHorizontalSpacing(10);
    form->setVerticalSpacing(4);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(headingLabel(tr("Options")));
    for (const auto* key : kFields) {
        if (auto* field = makeOptionField(project_, key)) {
            auto* label = dimLabel(optionLabel(key));
            label->setMinimumHeight(28);
            field->setMinimumHeight(28);
            label->setBuddy(field);
            label->setToolTip(field->toolTip());
            form->addRow(label, field);
        }
    }
    auto* area = new QScrollArea;
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    return area;
}

void ExportDialog::showEvent(QShowEvent* event) {
    QDialog::showEvent(event);
    askForecast();
}

void ExportDialog::loadPeople() {
    const auto& targets = project_.document().targets;
    std::vector<TargetId> off;
    for (int i = 0; i < people_->count(); ++i) {
        if (people_->item(i)->checkState() != Qt::Checked) {
            off.push_back(people_->item(i)->data(Qt::UserRole).toInt());
        }
    }
    loading_ = true;
    people_->clear();
    for (const auto& target : targets) {
        const QPixmap swatch = swatchPixmap(QColor(QString::fromStdString(target.colour)), devicePixelRatioF());
        auto* item = new QListWidgetItem(swatch, QStringLiteral("%1  %2").arg(target.id).arg(personName(target.name)), people_);
        item->setData(Qt::UserRole, target.id);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
        item->setCheckState(std::find(off.begin(), off.end(), target.id) == off.end() ? Qt::Checked : Qt::Unchecked);
    }
    loading_ = false;
    const int last = static_cast<int>(std::max<std::int64_t>(1, project_.document().video.frameCount)) - 1;
    first_->setRange(0, last);
    last_->setRange(0, last);
    refresh();
}

void ExportDialog::setRange(FrameRange range) {
    first_->setValue(static_cast<int>(range.begin));
    last_->setValue(static_cast<int>(std::max(range.begin, range.end - 1)));
}

void ExportDialog::setFolder(const QString& folder) { folder_->setText(folder); }
QString ExportDialog::folder() const { return folder_->text().trimmed(); }

std::vector<std::string> ExportDialog::chosen() const {
    std::vector<std::string> names;
    for (const auto& row : rows_) {
        if (row.box->isChecked()) {
            names.push_back(row.name);
        }
    }
    return names;
}

void ExportDialog::choose(const std::vector<std::string>& formats) {
    for (const auto& row : rows_) {
        row.box->setChecked(std::find(formats.begin(), formats.end(), row.name) != formats.end());
    }
}

ExportWish ExportDialog::wish() const {
    ExportWish wish;
    wish.formats = chosen();
    wish.folder = folder();
    wish.range = {first_->value(), std::max(first_->value(), last_->value()) + 1};
    wish.check = check_->isChecked();
    bool all = true;
    for (int i = 0; i < people_->count(); ++i) {
        if (people_->item(i)->checkState() == Qt::Checked) {
            wish.targets.push_back(people_->item(i)->data(Qt::UserRole).toInt());
        } else {
            all = false;
        }
    }
    if (all) {
        wish.targets.clear();
    }
    return wish;
}

void ExportDialog::askForecast() { forecastTimer_.start(); }

void ExportDialog::setForecasts(const std::vector<ExportForecast>& forecasts) {
    forecasts_ = forecasts;
    for (const auto& row : rows_) {
        const auto it = std::find_if(forecasts.begin(), forecasts.end(), [&](const auto& f) { return f.format == row.name; });
        row.forecast->setText(it == forecasts.end() ? QString()
                                                    : tr("≈ %1").arg(formatBytes(static_cast<std::int64_t>(it->bytes))) + errorText(*it));
    }
    refresh();
}

QString ExportDialog::forecastText(const std::string& format) const {
    const auto it = std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.name == format; });
    return it == rows_.end() ? QString() : it->forecast->text();
}

void ExportDialog::setQueue(const QStringList& titles) {
    queue_->setText(titles.isEmpty() ? QString() : tr("At work or waiting: %1").arg(titles.join(QStringLiteral(", "))));
    queue_->setVisible(!titles.isEmpty());
    go_->setText(titles.isEmpty() ? tr("Export") : tr("Add to the queue"));
}

void ExportDialog::refresh() {
    const auto formats = chosen();
    bool nobody = people_->count() > 0;
    for (int i = 0; i < people_->count(); ++i) {
        nobody = nobody && people_->item(i)->checkState() != Qt::Checked;
    }
    std::int64_t bytes = 0;
    for (const auto& forecast : forecasts_) {
        if (std::find(formats.begin(), formats.end(), forecast.format) != formats.end()) {
            bytes += static_cast<std::int64_t>(forecast.bytes);
        }
    }
    // The folder itself may not be there yet.
    QString place = folder();
    while (!place.isEmpty() && !QFileInfo::exists(place) && place != QFileInfo(place).path()) {
        place = QFileInfo(place).path();
    }
    const QStorageInfo disk(place);
    const bool tight = disk.isValid() && bytes > disk.bytesAvailable();
    total_->setText(bytes > 0 ? tr("Together ≈ %1").arg(formatBytes(bytes)) : QString());
    const bool ready = !formats.empty() && !folder().isEmpty() && !nobody && first_->value() <= last_->value();
    go_->setEnabled(ready && project_.isOpen());
    const QString why = formats.empty()                       ? tr("Choose at least one kind of file.")
                        : folder().isEmpty()                  ? tr("Choose a folder.")
                        : nobody                              ? tr("Choose at least one person.")
                        : first_->value() > last_->value()    ? tr("The first frame lies behind the last one.")
                        : tight                               ? tr("Only %1 are free there.").arg(formatBytes(disk.bytesAvailable()))
                                                              : QString();
    why_->setText(why);
    why_->setVisible(!why.isEmpty());
}

} // namespace body4d::ui
