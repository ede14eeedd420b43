#include "ui/panels/run_panel.h"

#include "ui/action_registry.h"
#include "ui/controllers/core_text.h"
#include "ui/controllers/telemetry_controller.h"
#include "ui/panels/option_field.h"
#include "ui/panels/stage_row.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QFrame>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <filesystem>

namespace body4d::ui {
namespace {

constexpr int kFieldHeight = 28;
constexpr const char* kBatch = "sam_3d_body.batch_size";
constexpr const char* kBudget = "memory.budget_gib";
constexpr const char* kCompletion = "completion.enable";
constexpr const char* kFootLock = "ground.foot_lock";
constexpr const char* kBodyDetail = "sam_3d_body.inference_type";
constexpr const char* kIntrinsics = "engines.intrinsics";
struct Limb {
    const char* key;
    const char* label;
};
constexpr std::array<Limb, 5> kLimbs{{
    {"smoothing.root", QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "Smooth place")},
    {"smoothing.torso", QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "Smooth torso")},
    {"smoothing.arms", QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "Smooth arms")},
    {"smoothing.legs", QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "Smooth legs")},
    {"smoothing.head", QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "Smooth head")}}};
/// Named as Depth Anything 3's programs and `body4d scene --preset` name them.
struct ScenePreset {
    const char* name;
    long long resolution, points;
};
constexpr std::array<ScenePreset, 3> kScenePresets{{
    {QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "balanced"), 504, 500'000},
    {QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "memory"), 392, 250'000},
    {QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "quality"), 560, 1'000'000}}};
/// What the networks need for the crop of one more frame in a call, beside the frame itself.
constexpr std::int64_t kCropBytes = std::int64_t{2} << 20;

/// Options that belong to a stage alone and have no field of their own in the panel.
std::vector<std::string> ownOptions(const std::string& stage) {
    std::vector<std::string> keys;
    for (const auto& spec : optionSpecs()) {
        const bool own = std::find(spec.stages.begin(), spec.stages.end(), stage) != spec.stages.end();
        const bool shown = spec.key.starts_with("engines.") || spec.key.starts_with("smoothing.") ||
                           spec.key == kCompletion || spec.key == kFootLock || spec.key == kBodyDetail;
        if (own && !shown) {
            keys.push_back(spec.key);
        }
    }
    return keys;
}

} // namespace

QString stageName(const std::string& stage) {
    static const std::map<std::string, const char*> names{
        {"segment", QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "Segment")},
        {"reconstruct", QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "Body")},
        {"complete", QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "Completion")},
        {"intrinsics", QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "Camera")},
        {"ground", QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "Ground")},
        {"scene", QT_TRANSLATE_NOOP("body4d::ui::RunPanel", "Scene")}};
    const auto it = names.find(stage);
    return it == names.end() ? QString::fromStdString(stage) : RunPanel::tr(it->second);
}

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
    if (stage == "scene") {
        return RunPanel::tr("Reconstructing the scene");
    }
    if (stage == "export") {
        return RunPanel::tr("Exporting");
    }
    if (stage == "load") {
        return RunPanel::tr("Loading");
    }
    return QString::fromStdString(stage);
}

RunPanel::RunPanel(ProjectController& project, RunController& run, const ActionRegistry& actions,
                   std::vector<ModelEntry> models, QWidget* parent)
    : QWidget(parent), project_(project), run_(run) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 2, 12, 8);
    column->setSpacing(9);
    addJob(*column, actions); // what runs stands on top: it must be seen however small the window is
    addStages(*column, actions, models);
    addCommon(*column);
    column->addStretch(1);
    connect(&project_, &ProjectController::documentChanged, this, &RunPanel::load);
    connect(&project_, &ProjectController::opened, this, &RunPanel::load);
    connect(&project_, &ProjectController::closed, this, &RunPanel::load);
    connect(&project_, &ProjectController::resultsChanged, this, &RunPanel::showEstimate);
    connect(&project_, &ProjectController::saved, this, &RunPanel::showEstimate);
    load();
}

void RunPanel::addStages(QVBoxLayout& column, const ActionRegistry& actions, const std::vector<ModelEntry>& models) {
    const auto add = [&](const char* stage, const QString& title, std::vector<std::string> options) {
        auto* made = new StageRow(project_, title, stage, models, options);
        rows_[stage] = made;
        column.addWidget(made);
        return made;
    };
    add("segment", tr("Segment"), ownOptions("segment"));
    auto bodyOptions = ownOptions("reconstruct");
    bodyOptions.insert(bodyOptions.begin(), kIntrinsics);
    auto* body = add("reconstruct", tr("Body"), bodyOptions);
    body->findChild<QDoubleSpinBox*>(QStringLiteral("reconstruct.fps"))->setSpecialValueText(tr("every frame"));
    hands_ = new QCheckBox(tr("Hands"));
    hands_->setObjectName(QStringLiteral("bodyHands"));
    hands_->setAccessibleName(tr("Hands"));
    hands_->setToolTip(coreText(findOption(kBodyDetail)->help));
    body->addToHead(hands_);
    smoothing_ = new QDoubleSpinBox;
    smoothing_->setRange(0, 10);
    smoothing_->setSingleStep(0.25);
    smoothing_->setDecimals(2);
    smoothing_->setKeyboardTracking(false);
    smoothing_->setToolTip(tr("How strongly time smooths all limbs: 0 none, 1 usual, 4 strong. Each limb has a field of its own below the arrow."));
    body->addField(tr("Smoothing"), smoothing_);
    for (const auto& limb : kLimbs) {
        auto* field = makeOptionField(project_, limb.key);
        field->setAccessibleName(tr(limb.label));
        body->addOption(tr(limb.label), field);
    }
    connect(smoothing_, &QDoubleSpinBox::valueChanged, this, [this](double s) {
        if (loading_) {
            return;
        }
        project_.undoStack()->beginMacro(tr("Change smoothing"));
        for (const auto& limb : kLimbs) {
            project_.setOption(limb.key, s);
        }
        project_.undoStack()->endMacro();
    });
    auto* complete = add("complete", tr("Completion"), ownOptions("complete"));
    completion_ = new QCheckBox;
    completion_->setAccessibleName(tr("Completion"));
    completion_->setToolTip(coreText(findOption(kCompletion)->help));
    complete->addToHead(completion_);
    auto* ground = add("ground", tr("Ground"), ownOptions("ground"));
    footLock_ = new QCheckBox(tr("Hold feet"));
    footLock_->setAccessibleName(tr("Foot lock"));
    footLock_->setToolTip(coreText(findOption(kFootLock)->help));
    ground->addToHead(footLock_);
    addSceneFields(*add("scene", tr("Scene"), {"scene.max_points", "scene.without_people"}), actions, models);
    const auto edit = [this](const char* key, const OptionValue& value) {
        if (!loading_) {
            project_.setOption(key, value);
        }
    };
    connect(completion_, &QCheckBox::clicked, this, [edit](bool on) { edit(kCompletion, on); });
    connect(footLock_, &QCheckBox::clicked, this, [edit](bool on) { edit(kFootLock, on); });
    connect(hands_, &QCheckBox::clicked, this, [edit](bool on) { edit(kBodyDetail, std::string(on ? "full" : "body")); });
}

void RunPanel::addSceneFields(StageRow& row, const ActionRegistry& actions, const std::vector<ModelEntry>& models) {
    scenePreset_ = new QComboBox;
    scenePreset_->setObjectName(QStringLiteral("scenePreset"));
    for (const auto& preset : kScenePresets) {
        scenePreset_->addItem(tr(preset.name));
    }
    scenePreset_->addItem(tr("own"));
    scenePreset_->setToolTip(tr("Resolution and points together, as Depth Anything 3's programs name them"));
    sceneWeights_ = new QToolButton;
    sceneWeights_->setObjectName(QStringLiteral("scene.weights"));
    sceneWeights_->setPopupMode(QToolButton::InstantPopup);
    sceneWeights_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed); // long names are shortened, not the panel widened
    sceneWeights_->setFocusPolicy(Qt::StrongFocus);
    auto* weights = new QMenu(sceneWeights_);
    weights->addAction(actions.action(QStringLiteral("run.sceneWeights")));
    weights->addAction(actions.action(QStringLiteral("run.sceneWeightsOfModels")));
    sceneWeights_->setMenu(weights);
    row.addField(tr("Weights"), sceneWeights_);
    row.addField(tr("Preset"), scenePreset_);
    for (const auto* key : {"scene.process_res", "scene.view_chunk", "scene.fps"}) {
        auto* field = makeOptionField(project_, key);
        if (auto* box = qobject_cast<QSpinBox*>(field); box != nullptr && box->minimum() == 0) {
            box->setSpecialValueText(tr("what memory holds"));
        }
        row.addField(optionLabel(key), field);
    }
    connect(scenePreset_, &QComboBox::activated, this, [this](int i) {
        if (i >= static_cast<int>(kScenePresets.size())) {
            showScene(); // "own" is what other values are called, not a choice
            return;
        }
        const auto& preset = kScenePresets[static_cast<std::size_t>(i)];
        project_.undoStack()->beginMacro(tr("Choose the preset %1").arg(tr(preset.name)));
        project_.setOption("scene.process_res", preset.resolution);
        project_.setOption("scene.max_points", preset.points);
        project_.undoStack()->endMacro();
    });
    sceneStart_ = actionButton(actions.action(QStringLiteral("run.scene")));
    sceneStart_->setObjectName(QStringLiteral("small"));
    row.addToHead(sceneStart_);
    sceneMissing_ = missingScenes(models);
    row.setNote(sceneMissing_);
    connect(&row, &StageRow::linkActivated, this, [&actions](const QString& id) { actions.action(id)->trigger(); });
}

QString RunPanel::missingScenes(const std::vector<ModelEntry>& models) {
    const bool any = std::any_of(models.begin(), models.end(), [](const ModelEntry& m) { return m.stage == "scene" && m.present; });
    return any ? QString() : tr("No weights yet: <a href='help.models'>what to add</a>, <a href='run.sceneWeights'>choose a file</a>");
}

void RunPanel::setModels(const std::vector<ModelEntry>& models) {
    for (const auto& [stage, made] : rows_) {
        made->setModels(models);
    }
    const bool shown = !sceneMissing_.isEmpty() && project_.document().options.text("engines.scene") == "none";
    sceneMissing_ = missingScenes(models);
    if (shown) {
        rows_.at("scene")->setNote(sceneMissing_);
    }
}

void RunPanel::setSceneNote(const QString& note) {
    rows_.at("scene")->setNote(!note.isEmpty() || project_.document().options.text("engines.scene") != "none" ? note : sceneMissing_);
}

void RunPanel::setBodyNotes(const QString& segment, const QString& camera, const QString& body) {
    rows_.at("segment")->setNote(segment);
    QStringList notes;
    if (!body.isEmpty()) {
        notes << body;
    }
    if (!camera.isEmpty()) {
        notes << tr("Camera: %1").arg(camera);
    }
    rows_.at("reconstruct")->setNote(notes.join(QStringLiteral(" · ")));
}

/// What the chosen engine can do.
void RunPanel::showBody() {
    const auto& o = project_.document().options;
    const bool pictures = o.text("engines.reconstruct") == "sam3d_body";
    hands_->setChecked(o.text(kBodyDetail) == "full");
    hands_->setVisible(pictures);
    auto& row = *rows_.at("reconstruct");
    const bool measured = o.text(kIntrinsics) != "prior";
    row.setOptionVisible("camera.fov_degrees", !measured);
    row.setOptionVisible("camera.fov_tokens", measured);
    row.setOptionVisible("sam_3d_body.window_frames", pictures && o.text("compat") == "sam-body4d");
    row.setOptionVisible("fit.silhouette", !pictures);
    row.setOptionVisible("fit.iterations", !pictures);
}

void RunPanel::showScene() {
    const auto& o = project_.document().options;
    const auto weights = o.text("scene.weights");
    const bool own = weights != "auto";
    const QString name = own ? QString::fromStdString(std::filesystem::path(weights).filename().string()) : tr("models folder");
    sceneWeights_->setText(name);
    sceneStart_->setVisible(o.text("engines.scene") != "none");
    sceneWeights_->setToolTip(own ? QString::fromStdString(weights) : tr("Those in the models folder; or choose a file of your own"));
    sceneWeights_->setEnabled(project_.isOpen());
    rows_.at("scene")->setFieldsVisible(o.text("engines.scene") != "none");
    const auto at = std::find_if(kScenePresets.begin(), kScenePresets.end(), [&](const ScenePreset& p) {
        return p.resolution == o.integer("scene.process_res") && p.points == o.integer("scene.max_points");
    });
    scenePreset_->setCurrentIndex(static_cast<int>(at - kScenePresets.begin()));
    scenePreset_->setEnabled(project_.isOpen());
}

void RunPanel::addCommon(QVBoxLayout& column) {
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
            const QString help = coreText(spec->help);
            field->setToolTip(help);
            label->setToolTip(help);
        }
        form->addRow(label, field);
    };
    batch_ = new QSpinBox;
    batch_->setRange(1, 1024);
    batch_->setSuffix(tr(" frames"));
    batch_->setKeyboardTracking(false);
    row(tr("Batch size"), batch_, kBatch);
    batchHint_ = dimLabel({});
    batchHint_->setWordWrap(true);
    form->addRow(batchHint_);
    budget_ = new QDoubleSpinBox;
    budget_->setRange(0, 4096);
    budget_->setDecimals(1);
    budget_->setSingleStep(0.5);
    budget_->setSuffix(tr(" GiB"));
    budget_->setSpecialValueText(tr("what is free"));
    budget_->setKeyboardTracking(false);
    row(tr("Budget"), budget_, kBudget);
    for (const auto* key : {"runtime.device", "runtime.precision"}) {
        row(optionLabel(key), makeOptionField(project_, key), key);
    }
    range_ = new QLabel;
    range_->setFont(tabularFont(font()));
    row(tr("Range"), range_, nullptr);
    range_->setToolTip(tr("Set with I (in) and O (out) at the time cursor"));
    column.addLayout(form);
    estimate_ = new QLabel;
    estimate_->setObjectName(QStringLiteral("title"));
    estimate_->setWordWrap(true);
    estimate_->setFont(tabularFont(font()));
    estimate_->setAccessibleName(tr("Estimate"));
    column.addWidget(estimate_);
    connect(batch_, &QSpinBox::valueChanged, this, [this](int n) {
        if (!loading_) {
            project_.setOption(kBatch, static_cast<long long>(n));
        }
    });
    connect(budget_, &QDoubleSpinBox::valueChanged, this, [this](double gib) {
        if (!loading_) {
            project_.setOption(kBudget, gib);
        }
    });
}

void RunPanel::addJob(QVBoxLayout& column, const ActionRegistry& actions) {
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
    auto* top = new QHBoxLayout;
    top->setSpacing(0);
    top->addWidget(cardTitle_, 1);
    for (const auto* id : {"run.pause", "run.cancel"}) {
        auto* button = actionButton(actions.action(QLatin1String(id)));
        button->setObjectName(QStringLiteral("small"));
        top->addWidget(button, 0, Qt::AlignTop);
    }
    card->addLayout(top);
    card->addWidget(cardBar_);
    card->addWidget(cardDetail_);
    card_->hide();
    column.addWidget(card_);
    queue_ = new QWidget;
    auto* waiting = new QVBoxLayout(queue_);
    waiting->setContentsMargins(0, 0, 0, 0);
    waiting->setSpacing(2);
    queue_->hide();
    column.addWidget(queue_);

    connect(&run_, &RunController::started, this, [this](const QString& title) {
        clock_.start();
        cardTitle_->setText(tr("%1: starting").arg(title));
        cardDetail_->setText(tr("Cancel keeps what is finished."));
        cardBar_->setRange(0, 0);
        card_->show();
    });
    connect(&run_, &RunController::progressed, this, &RunPanel::showProgress);
    connect(&run_, &RunController::cancelRequested, this,
            [this] { cardTitle_->setText(tr("Stopping; finished frames are kept")); });
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
}

StageRow* RunPanel::row(const std::string& stage) const {
    const auto it = rows_.find(stage);
    return it == rows_.end() ? nullptr : it->second;
}

void RunPanel::focusBatch() {
    batch_->setFocus(Qt::ShortcutFocusReason);
    batch_->selectAll();
}

void RunPanel::load() {
    loading_ = true;
    const auto& d = project_.document();
    const auto& o = d.options;
    completion_->setChecked(o.boolean(kCompletion));
    footLock_->setChecked(o.boolean(kFootLock));
    batch_->setValue(static_cast<int>(o.integer(kBatch)));
    budget_->setValue(o.number(kBudget));
    const double first = o.number(kLimbs[0].key);
    const bool mixed = std::any_of(kLimbs.begin(), kLimbs.end(),
                                   [&](const Limb& limb) { return o.number(limb.key) != first; });
    smoothing_->setSuffix(mixed ? tr("  (mixed)") : QString());
    smoothing_->setValue(o.number("smoothing.torso"));
    for (QWidget* w : std::initializer_list<QWidget*>{completion_, footLock_, hands_, batch_, budget_, smoothing_}) {
        w->setEnabled(project_.isOpen());
    }
    range_->setText(project_.isOpen() ? tr("in %1 – out %2").arg(d.range.begin).arg(d.range.end - 1) : tr("–"));
    loading_ = false;
    showBody();
    showScene();
    showBatchHint();
    showEstimate();
}

void RunPanel::showBatchHint() {
    const auto& d = project_.document();
    const auto each = static_cast<std::int64_t>(d.video.width) * d.video.height * 3 + kCropBytes;
    batchHint_->setVisible(project_.isOpen());
    if (!project_.isOpen()) {
        return;
    }
    const auto n = d.options.integer(kBatch);
    batchHint_->setText(n > 1 ? tr("≈ %1; half of it saves %2")
                                    .arg(formatBytes(n * each), formatBytes(n / 2 * each))
                              : tr("the least memory, but slower"));
    batchHint_->setToolTip(tr("Results are the same with every batch size."));
}

void RunPanel::showEstimate() {
    const auto& e = project_.estimate();
    const bool open = project_.isOpen(), people = !project_.document().targets.empty();
    for (const auto& [stage, made] : rows_) {
        const auto it = std::find_if(e.stages.begin(), e.stages.end(),
                                     [&, name = stage](const StageEstimate& s) { return s.stage == name; });
        const bool known = open && it != e.stages.end() && (people || stage == "scene");
        made->setEstimate(known ? &*it : nullptr);
    }
    QStringList parts;
    if (open && !project_.document().targets.empty()) {
        if (e.seconds == 0) {
            parts << tr("Everything is up to date");
        } else if (e.seconds > 0) {
            parts << tr("Together about %1").arg(formatDuration(std::max(1.0, e.seconds)));
            if (e.peakBytes >= 0) {
                parts << tr("%1 peak").arg(formatBytes(e.peakBytes));
            }
        }
    }
    estimate_->setText(parts.join(QStringLiteral(" · ")));
    estimate_->setVisible(!parts.isEmpty());
    const QString hint = open ? coreText(e.completionHint) : QString();
    rows_.at("complete")->setNote(hint);
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
        title += p.stage == "scene" ? tr(": %1 %").arg(100 * p.done / p.total) : tr(": %1 of %2").arg(p.done).arg(p.total);
        cardBar_->setRange(0, 1000);
        cardBar_->setValue(static_cast<int>(1000 * p.done / p.total));
    } else {
        cardBar_->setRange(0, 0);
    }
    cardTitle_->setText(title);
    QStringList work, parts;
    if (p.perSecond > 0 && p.stage != "scene") {
        work << tr("%1 person-frames/s").arg(p.perSecond, 0, 'f', p.perSecond < 10 ? 1 : 0);
    }
    if (p.etaSeconds >= 0) {
        parts << tr("%1 left").arg(formatDuration(p.etaSeconds));
    }
    parts << tr("%1 elapsed").arg(formatDuration(static_cast<double>(clock_.elapsed()) / 1000));
    if (const QString phase = coreText(p.phase); !phase.isEmpty() && phase.compare(stageTitle(p.stage), Qt::CaseInsensitive) != 0) {
        work << phase;
    }
    const QString separator = QStringLiteral(" · ");
    cardDetail_->setText(work.join(separator) + (work.isEmpty() ? QString() : QStringLiteral("\n")) + parts.join(separator));
}

} // namespace body4d::ui
