#include "ui/panels/stage_row.h"

#include "ui/controllers/project_controller.h"
#include "ui/controllers/core_text.h"
#include "ui/controllers/telemetry_controller.h"
#include "ui/icons.h"
#include "ui/panels/option_field.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace body4d::ui {
namespace {

constexpr int kStageFieldHeight = 27;

void addRow(QFormLayout* form, const QString& text, QWidget* field) {
    auto* label = dimLabel(text);
    label->setMinimumHeight(kStageFieldHeight);
    label->setBuddy(field);
    label->setToolTip(field->toolTip());
    field->setMinimumHeight(kStageFieldHeight);
    if (field->accessibleName().isEmpty()) {
        field->setAccessibleName(text);
    }
    form->addRow(label, field);
}

QFormLayout* makeForm() {
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(10);
    form->setVerticalSpacing(4);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    return form;
}

} // namespace

StageRow::StageRow(ProjectController& project, const QString& title, const std::string& stage,
                   const std::vector<ModelEntry>& models, const std::vector<std::string>& options, QWidget* parent)
    : QFrame(parent), project_(project), stage_(stage) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(3);
    head_ = new QHBoxLayout;
    head_->setSpacing(4);
    auto* name = new QLabel(title);
    name->setObjectName(QStringLiteral("title"));
    name->setMinimumHeight(22);
    head_->addWidget(name);
    head_->addStretch(1);
    estimate_ = dimLabel({});
    estimate_->setFont(tabularFont(font()));
    estimate_->setAccessibleName(tr("%1: estimate").arg(title));
    head_->addWidget(estimate_);
    fold_ = new QToolButton;
    fold_->setCheckable(true);
    fold_->setIcon(icon(QStringLiteral("chevron-right")));
    fold_->setIconSize({14, 14});
    fold_->setObjectName(QStringLiteral("small"));
    fold_->setFocusPolicy(Qt::TabFocus);
    fold_->setAccessibleName(tr("Options of %1").arg(title));
    fold_->setToolTip(tr("More options of this stage"));
    head_->addWidget(fold_);
    column->addLayout(head_);
    if (findOption("engines." + stage)) {
        engines_ = new ElidingComboBox;
        engines_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        engines_->setMinimumContentsLength(6);
        engines_->setMinimumHeight(kStageFieldHeight);
        engines_->setObjectName(QString::fromStdString("engines." + stage));
        engines_->setAccessibleName(tr("Engine of %1").arg(title));
        setModels(models);
        connectEngines();
        column->addWidget(engines_);
    }
    fields_ = makeForm();
    column->addLayout(fields_);
    note_ = dimLabel({});
    note_->setWordWrap(true);
    note_->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    connect(note_, &QLabel::linkActivated, this, &StageRow::linkActivated);
    note_->hide();
    column->addWidget(note_);
    folded_ = new QWidget;
    options_ = makeForm();
    folded_->setLayout(options_);
    folded_->hide();
    column->addWidget(folded_);
    auto keep = fold_->sizePolicy(); // estimates stand in one column, arrow or not
    keep.setRetainSizeWhenHidden(true);
    fold_->setSizePolicy(keep);
    fold_->hide();
    for (const auto& key : options) {
        if (auto* field = makeOptionField(project, key)) {
            addOption(optionLabel(key), field);
            optionFields_[key] = field;
        }
    }
    connect(fold_, &QToolButton::toggled, this, [this](bool open) { setFolded(!open); });
}

void StageRow::setModels(const std::vector<ModelEntry>& models) {
    if (!engines_) {
        return;
    }
    const QSignalBlocker quiet(engines_);
    engines_->clear();
    const std::string key = "engines." + stage_;
    const auto& choices = findOption(key)->choices;
    auto* items = qobject_cast<QStandardItemModel*>(engines_->model());
    const auto add = [&](const std::string& name, const ModelEntry* entry, bool usable) {
        engines_->addItem(entry ? coreText(entry->title) : name == "none" ? tr("None") : QString::fromStdString(name),
                          QString::fromStdString(name));
        const int i = engines_->count() - 1;
        if (entry) {
            engines_->setItemData(i, coreText(usable ? entry->licence : entry->missing), Qt::ToolTipRole);
        }
        if (!usable && items) {
            items->item(i)->setEnabled(false);
        }
    };
    for (const auto& name : choices) {
        const auto it = std::find_if(models.begin(), models.end(), [&](const ModelEntry& m) { return m.name == name; });
        const bool known = it != models.end();
        add(name, known ? &*it : nullptr, !known || it->present || name == choices.front());
    }
    for (const auto& model : models) {
        // What this program cannot run yet is listed all the same, greyed, with where it would come from.
        if (model.stage == stage_ && std::find(choices.begin(), choices.end(), model.name) == choices.end()) {
            add(model.name, &model, false);
        }
    }
    showEngine();
}

void StageRow::showEngine() {
    engines_->setCurrentIndex(engines_->findData(QString::fromStdString(project_.document().options.text("engines." + stage_))));
    engines_->setToolTip(engines_->currentText());
    engines_->setEnabled(project_.isOpen());
}

void StageRow::connectEngines() {
    connect(engines_, &QComboBox::activated, this, [this](int i) {
        project_.setOption("engines." + stage_, engines_->itemData(i).toString().toStdString());
    });
    connect(&project_, &ProjectController::documentChanged, this, &StageRow::showEngine);
    connect(&project_, &ProjectController::opened, this, &StageRow::showEngine);
    connect(&project_, &ProjectController::closed, this, &StageRow::showEngine);
}

void StageRow::addToHead(QWidget* widget) { head_->insertWidget(1, widget); }

void StageRow::addField(const QString& label, QWidget* field) { addRow(fields_, label, field); }

void StageRow::addOption(const QString& label, QWidget* field) {
    addRow(options_, label, field);
    fold_->show();
}

void StageRow::setOptionVisible(const std::string& key, bool visible) {
    if (const auto it = optionFields_.find(key); it != optionFields_.end()) {
        options_->setRowVisible(it->second, visible);
    }
}

void StageRow::setNote(const QString& note) {
    note_->setText(note);
    note_->setVisible(!note.isEmpty());
}

void StageRow::setFieldsVisible(bool visible) {
    for (int i = 0; i < fields_->rowCount(); ++i) {
        fields_->setRowVisible(i, visible);
    }
    fold_->setVisible(visible && options_->rowCount() > 0);
    folded_->setVisible(visible && fold_->isChecked());
}

void StageRow::setEstimate(const StageEstimate* estimate) {
    if (!estimate) {
        estimate_->clear();
        estimate_->setToolTip({});
        return;
    }
    if (estimate->items == 0) {
        estimate_->setText(tr("Up to date"));
        estimate_->setToolTip(tr("Nothing to do here"));
        return;
    }
    QString text = tr("~ %1").arg(formatDuration(std::max(1.0, estimate->seconds)));
    if (estimate->peakBytes > 0) {
        text += QStringLiteral(" · ") + formatBytes(estimate->peakBytes);
    }
    estimate_->setText(text);
    const auto items = static_cast<int>(estimate->items);
    estimate_->setToolTip((stage_ == "scene" ? tr("%n frames; %1", nullptr, items) : tr("%n frames of people; %1", nullptr, items))
                              .arg(estimate->measured ? tr("from earlier runs on this machine")
                                                      : tr("a first guess, until it was measured here")));
}

QString StageRow::estimateText() const { return estimate_->text(); }

void StageRow::setFolded(bool folded) {
    folded_->setVisible(!folded);
    fold_->setIcon(icon(folded ? QStringLiteral("chevron-right") : QStringLiteral("chevron-down")));
}

} // namespace body4d::ui
