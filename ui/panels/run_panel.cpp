#include "ui/panels/run_panel.h"

#include "ui/action_registry.h"
#include "ui/controllers/telemetry_controller.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QFrame>
#include <QLabel>
#include <QProgressBar>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <array>

namespace body4d::ui {
namespace {
constexpr int kFieldHeight = 28;
constexpr const char* kBatch = "sam_3d_body.batch_size";
constexpr const char* kBudget = "memory.budget_gib";
constexpr const char* kCompletion = "completion.enable";
constexpr const char* kFootLock = "ground.foot_lock";
constexpr std::array<const char*, 5> kLimbs{"smoothing.root", "smoothing.torso", "smoothing.arms", "smoothing.legs",
                                            "smoothing.head"};
} // namespace

QString stageTitle(const std::string& stage) {
    if (stage == "segment") {
        return RunPanel::tr("Tracking");
    }
    if (stage == "reconstruct") {
        return RunPanel::tr("Fitting bodies");
    }
    if (stage == "complete") {
        return RunPanel::tr("Completing");
    }
    if (stage == "ground") {
        return RunPanel::tr("Finding the ground");
    }
    if (stage == "export") {
        return RunPanel::tr("Exporting");
    }
    return QString::fromStdString(stage);
}

RunPanel::RunPanel(ProjectController& project, RunController& run, const ActionRegistry& actions,
                   std::vector<ModelEntry> models, QWidget* parent)
    : QWidget(parent), project_(project), run_(run), models_(std::move(models)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 2, 12, 8);
    column->setSpacing(8);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(10);
    form->setVerticalSpacing(4);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    const auto row = [&](const QString& text, QWidget* field, const char* key) {
        auto* label = dimLabel(text);
        label->setMinimumHeight(kFieldHeight);
        field->setMinimumHeight(kFieldHeight);
        label->setBuddy(field);
        field->setAccessibleName(text);
        if (const auto* spec = key ? findOption(key) : nullptr) {
            const QString help = QString::fromStdString(spec->help);
            field->setToolTip(help);
            label->setToolTip(help);
        }
        form->addRow(label, field);
    };
    segment_ = engineBox("engines.segment", "segment");
    row(tr("Segment"), segment_, "engines.segment");
    body_ = engineBox("engines.reconstruct", "reconstruct");
    row(tr("Body"), body_, "engines.reconstruct");
    completion_ = new QCheckBox(tr("fill in hidden frames"));
    row(tr("Completion"), completion_, kCompletion);
    batch_ = new QSpinBox;
    batch_->setRange(1, 1024);
    batch_->setSuffix(tr(" frames"));
    batch_->setKeyboardTracking(false);
    row(tr("Batch size"), batch_, kBatch);
    budget_ = new QDoubleSpinBox;
    budget_->setRange(0, 4096);
    budget_->setDecimals(1);
    budget_->setSingleStep(0.5);
    budget_->setSuffix(tr(" GiB"));
    budget_->setSpecialValueText(tr("what is free"));
    budget_->setKeyboardTracking(false);
    row(tr("Budget"), budget_, kBudget);
    smoothing_ = new QDoubleSpinBox;
    smoothing_->setRange(0, 10);
    smoothing_->setSingleStep(0.25);
    smoothing_->setDecimals(2);
    smoothing_->setKeyboardTracking(false);
    row(tr("Smoothing"), smoothing_, nullptr);
    smoothing_->setToolTip(tr("How strongly time smooths all limbs: 0 none, 1 usual, 4 strong."));
    footLock_ = new QCheckBox(tr("keep planted feet"));
    row(tr("Foot lock"), footLock_, kFootLock);
    range_ = new QLabel;
    range_->setFont(tabularFont(font()));
    row(tr("Range"), range_, nullptr);
    range_->setToolTip(tr("Set with I (in) and O (out) at the time cursor"));
    column->addLayout(form);
    estimate_ = dimLabel({});
    estimate_->setWordWrap(true);
    estimate_->setFont(tabularFont(font()));
    column->addWidget(estimate_);
    hint_ = dimLabel({});
    hint_->setWordWrap(true);
    column->addWidget(hint_);

    card_ = new QFrame;
    card_->setObjectName(QStringLiteral("card"));
    auto* card = new QVBoxLayout(card_);
    card->setContentsMargins(12, 9, 8, 9);
    card->setSpacing(6);
    cardTitle_ = new QLabel;
    cardTitle_->setObjectName(QStringLiteral("title"));
    cardTitle_->setWordWrap(true);
    cardTitle_->setFont(tabularFont(font()));
    cardBar_ = new QProgressBar;
    cardBar_->setTextVisible(false);
    cardBar_->setAccessibleName(tr("Progress"));
    cardDetail_ = dimLabel({});
    cardDetail_->setWordWrap(true);
    cardDetail_->setFont(tabularFont(font()));
    auto* bottom = new QHBoxLayout;
    bottom->addWidget(cardDetail_, 1);
    bottom->addWidget(actionButton(actions.action(QStringLiteral("run.pause"))), 0, Qt::AlignTop);
    bottom->addWidget(actionButton(actions.action(QStringLiteral("run.cancel"))), 0, Qt::AlignTop);
    card->addWidget(cardTitle_);
    card->addWidget(cardBar_);
    card->addLayout(bottom);
    card_->hide();
    column->addWidget(card_);
    queue_ = new QWidget;
    auto* waiting = new QVBoxLayout(queue_);
    waiting->setContentsMargins(0, 0, 0, 0);
    waiting->setSpacing(2);
    queue_->hide();
    column->addWidget(queue_);
    column->addStretch(1);

    const auto edit = [this](const char* key, OptionValue value) {
        if (!loading_) {
            project_.setOption(key, value);
        }
    };
    connect(completion_, &QCheckBox::clicked, this, [edit](bool on) { edit(kCompletion, on); });
    connect(footLock_, &QCheckBox::clicked, this, [edit](bool on) { edit(kFootLock, on); });
    connect(batch_, &QSpinBox::valueChanged, this, [edit](int n) { edit(kBatch, static_cast<long long>(n)); });
    connect(budget_, &QDoubleSpinBox::valueChanged, this, [edit](double g) { edit(kBudget, g); });
    connect(smoothing_, &QDoubleSpinBox::valueChanged, this, [this](double s) {
        if (loading_) {
            return;
        }
        project_.undoStack()->beginMacro(tr("Change smoothing"));
        for (const auto* key : kLimbs) {
            project_.setOption(key, s);
        }
        project_.undoStack()->endMacro();
    });
    connect(&project_, &ProjectController::documentChanged, this, &RunPanel::load);
    connect(&project_, &ProjectController::resultsChanged, this, &RunPanel::showEstimate);
    connect(&project_, &ProjectController::saved, this, &RunPanel::showEstimate);
    connect(&run_, &RunController::started, this, [this](const QString& title) {
        clock_.start();
        cardTitle_->setText(tr("%1: starting").arg(title));
        cardDetail_->setText(tr("Esc does not stop it; Cancel keeps what is finished."));
        cardBar_->setRange(0, 0);
        card_->show();
    });
    connect(&run_, &RunController::progressed, this, &RunPanel::showProgress);
    connect(&run_, &RunController::cancelRequested, this, [this] { cardTitle_->setText(tr("Stopping; finished frames are kept")); });
    connect(&run_, &RunController::finished, this, [this] { card_->setVisible(run_.paused()); });
    connect(&run_, &RunController::failed, this, [this] { card_->hide(); });
    connect(&run_, &RunController::pausedChanged, this, [this](bool paused) {
        const auto& p = run_.progress();
        if (paused) {
            cardTitle_->setText(p.total > 0 ? tr("Paused at %1 of %2").arg(p.done).arg(p.total) : tr("Paused"));
            cardDetail_->setText(tr("Memory is free; Resume goes on from here."));
        }
        card_->setVisible(paused || run_.running());
    });
    connect(&run_, &RunController::queueChanged, this, &RunPanel::showQueue);
    load();
}

QComboBox* RunPanel::engineBox(const std::string& key, const std::string& stage) {
    auto* box = new QComboBox;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(6);
    const auto* spec = findOption(key);
    if (!spec) {
        return box;
    }
    auto* items = qobject_cast<QStandardItemModel*>(box->model());
    const auto add = [&](const std::string& name, const ModelEntry* entry, bool usable) {
        box->addItem(entry ? QString::fromStdString(entry->title) : QString::fromStdString(name), QString::fromStdString(name));
        const int i = box->count() - 1;
        if (entry) {
            box->setItemData(i, usable ? QString::fromStdString(entry->licence) : QString::fromStdString(entry->missing),
                             Qt::ToolTipRole);
        }
        if (!usable && items) {
            items->item(i)->setEnabled(false);
        }
    };
    for (const auto& name : spec->choices) {
        const auto it = std::find_if(models_.begin(), models_.end(), [&](const ModelEntry& m) { return m.name == name; });
        add(name, it == models_.end() ? nullptr : &*it, true);
    }
    for (const auto& model : models_) {
        // What this program cannot run yet is listed all the same, greyed, with where it would come from.
        if (model.stage == stage && std::find(spec->choices.begin(), spec->choices.end(), model.name) == spec->choices.end()) {
            add(model.name, &model, false);
        }
    }
    connect(box, &QComboBox::activated, this, [this, box, key](int i) {
        if (!loading_) {
            project_.setOption(key, box->itemData(i).toString().toStdString());
        }
    });
    return box;
}

void RunPanel::focusBatch() {
    batch_->setFocus(Qt::ShortcutFocusReason);
    batch_->selectAll();
}

void RunPanel::load() {
    loading_ = true;
    const auto& d = project_.document();
    const auto& o = d.options;
    segment_->setCurrentIndex(segment_->findData(QString::fromStdString(o.text("engines.segment"))));
    body_->setCurrentIndex(body_->findData(QString::fromStdString(o.text("engines.reconstruct"))));
    completion_->setChecked(o.boolean(kCompletion));
    footLock_->setChecked(o.boolean(kFootLock));
    batch_->setValue(static_cast<int>(o.integer(kBatch)));
    budget_->setValue(o.number(kBudget));
    smoothing_->setValue(o.number("smoothing.torso"));
    for (QWidget* w : std::initializer_list<QWidget*>{segment_, body_, completion_, footLock_, batch_, budget_, smoothing_}) {
        w->setEnabled(project_.isOpen());
    }
    range_->setText(project_.isOpen() ? tr("in %1 – out %2").arg(d.range.begin).arg(d.range.end - 1) : tr("–"));
    loading_ = false;
    showEstimate();
}

void RunPanel::showEstimate() {
    const auto& e = project_.estimate();
    QStringList parts;
    if (project_.isOpen() && e.seconds == 0) {
        parts << tr("Everything is up to date");
    } else if (project_.isOpen() && e.seconds > 0) {
        parts << tr("Estimate %1").arg(formatDuration(e.seconds));
    }
    if (project_.isOpen() && e.seconds != 0 && e.peakBytes >= 0) {
        parts << tr("%1 peak").arg(formatBytes(e.peakBytes));
    }
    estimate_->setText(parts.join(QStringLiteral(" · ")));
    estimate_->setVisible(!parts.isEmpty());
    const QString hint = project_.isOpen() ? QString::fromStdString(e.completionHint) : QString();
    hint_->setText(hint.isEmpty() ? QString() : tr("Completion: %1").arg(hint));
    hint_->setVisible(!hint.isEmpty());
}

void RunPanel::showQueue() {
    while (auto* item = queue_->layout()->takeAt(0)) {
        item->widget()->deleteLater(); // may be the one whose button was pressed
        delete item;
    }
    const auto titles = run_.waiting();
    for (int i = 0; i < titles.size(); ++i) {
        auto* line = new QWidget;
        auto* row = new QHBoxLayout(line);
        row->setContentsMargins(12, 0, 8, 0);
        row->addWidget(dimLabel(tr("%1. %2, waits").arg(i + 1).arg(titles[i])), 1);
        auto* drop = iconButton(QStringLiteral("close"), tr("Take %1 out of the queue").arg(titles[i]));
        connect(drop, &QToolButton::clicked, this, [this, i] { run_.dropWaiting(i); });
        row->addWidget(drop);
        queue_->layout()->addWidget(line);
    }
    queue_->setVisible(!titles.isEmpty());
}

void RunPanel::showProgress(const Progress& p) {
    if (run_.cancelling()) {
        return;
    }
    QString title = stageTitle(p.stage);
    if (p.total > 0) {
        title += tr(": %1 of %2").arg(p.done).arg(p.total);
        cardBar_->setRange(0, 1000);
        cardBar_->setValue(static_cast<int>(1000 * p.done / p.total));
    } else {
        cardBar_->setRange(0, 0);
    }
    cardTitle_->setText(title);
    QStringList parts;
    if (p.perSecond > 0) {
        parts << tr("%1 person-frames/s").arg(p.perSecond, 0, 'f', p.perSecond < 10 ? 1 : 0);
    }
    if (p.etaSeconds >= 0) {
        parts << tr("%1 left").arg(formatDuration(p.etaSeconds));
    }
    parts << tr("%1 elapsed").arg(formatDuration(static_cast<double>(clock_.elapsed()) / 1000));
    if (!p.phase.empty() && QString::fromStdString(p.phase).compare(stageTitle(p.stage), Qt::CaseInsensitive) != 0) {
        parts << QString::fromStdString(p.phase);
    }
    cardDetail_->setText(parts.join(QStringLiteral(" · ")));
}

} // namespace body4d::ui
