#include "ui/panels/target_panel.h"

#include "ui/action_registry.h"
#include "ui/controllers/core_text.h"
#include "ui/icons.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QAbstractItemView>
#include <QColorDialog>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <memory>

namespace body4d::ui {
namespace {

constexpr int kRowHeight = 32;

/// Swatch with number, name, summary, eye.
class TargetDelegate : public QStyledItemDelegate {
public:
    explicit TargetDelegate(TargetModel& model, QObject* parent) : QStyledItemDelegate(parent), model_(model) {}

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {120, kRowHeight};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const auto& t = tokens();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF row = QRectF(option.rect).adjusted(6, 1, -6, -1);
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        if (selected || option.state.testFlag(QStyle::State_MouseOver)) {
            painter->setPen(selected && option.state.testFlag(QStyle::State_HasFocus) ? QPen(t.accent, 1) : QPen(Qt::NoPen));
            painter->setBrush(selected ? t.raised : blend(t.panel, t.raised, 0.5));
            painter->drawRoundedRect(row, 5, 5);
        }
        const QColor colour = index.data(TargetModel::ColourRole).value<QColor>();
        const bool visible = index.data(TargetModel::VisibleRole).toBool();
        painter->setOpacity(visible ? 1 : 0.5);
        const QRectF swatch(row.left() + 8, row.center().y() - 9, 18, 18);
        painter->setPen(Qt::NoPen);
        painter->setBrush(colour);
        painter->drawRoundedRect(swatch, 4, 4);
        QFont bold = option.font;
        bold.setBold(true);
        bold.setPointSizeF(option.font.pointSizeF() * 0.85);
        painter->setFont(bold);
        painter->setPen(readableOn(colour));
        painter->drawText(swatch, Qt::AlignCenter, QString::number(index.data(TargetModel::IdRole).toInt()));
        painter->setFont(option.font);
        const QRectF eye = eyeRect(option.rect);
        const QString summary = index.data(TargetModel::SummaryRole).toString();
        double right = eye.left() - 6;
        if (index.data(TargetModel::LockedRole).toBool()) {
            painter->drawPixmap(QPointF(right - 15, row.center().y() - 7),
                                iconPixmap(QStringLiteral("lock"), t.dim, 14, painter->device()->devicePixelRatioF()));
            right -= 20;
        }
        if (!summary.isEmpty()) {
            QFont small = option.font;
            small.setPointSizeF(option.font.pointSizeF() * 0.85);
            painter->setFont(small);
            const double width = QFontMetricsF(small).horizontalAdvance(summary);
            if (right - width > row.left() + 110) {
                painter->setPen(t.dim);
                painter->drawText(QRectF(right - width, row.top(), width + 1, row.height()), Qt::AlignVCenter, summary);
                right -= width + 8;
            }
            painter->setFont(option.font);
        }
        painter->setPen(t.text);
        const QRectF name(swatch.right() + 8, row.top(), right - swatch.right() - 10, row.height());
        painter->drawText(name, Qt::AlignVCenter,
                          option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, static_cast<int>(name.width())));
        const bool solo = index.data(TargetModel::SoloRole).toBool();
        painter->drawPixmap(eye.topLeft(), iconPixmap(solo ? QStringLiteral("solo") : visible ? QStringLiteral("eye") : QStringLiteral("eye-off"),
                                                      solo ? t.accent : t.dim, 18, painter->device()->devicePixelRatioF()));
        painter->restore();
    }

    bool editorEvent(QEvent* event, QAbstractItemModel*, const QStyleOptionViewItem& option,
                     const QModelIndex& index) override {
        if (event->type() == QEvent::MouseButtonRelease || event->type() == QEvent::MouseButtonDblClick ||
            event->type() == QEvent::MouseButtonPress) {
            const auto* mouse = static_cast<QMouseEvent*>(event);
            if (mouse->button() == Qt::LeftButton && eyeRect(option.rect).adjusted(-5, -5, 5, 5).contains(mouse->position())) {
                if (event->type() == QEvent::MouseButtonRelease) {
                    const auto id = model_.idAt(index.row());
                    if (mouse->modifiers().testFlag(Qt::AltModifier)) {
                        model_.toggleSolo(id);
                    } else {
                        model_.setVisible(id, !model_.visible(id));
                    }
                }
                return true;
            }
        }
        return false;
    }

    void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex&) const override {
        editor->setGeometry(option.rect.adjusted(36, 1, -36, -1));
    }

private:
    static QRectF eyeRect(const QRect& row) { return {row.right() - 30.0, row.center().y() - 9.0, 18, 18}; }
    TargetModel& model_;
};

/// A heading that never asks for more room than there is: what does not fit is in its tool tip.
class ElidedHeading : public QLabel {
public:
    ElidedHeading() {
        const std::unique_ptr<QLabel> like(headingLabel({}));
        setObjectName(like->objectName());
        setFont(like->font());
        setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    }
    void setWhole(const QString& text) {
        whole_ = text;
        setToolTip(text);
        setAccessibleName(text);
        elide();
    }

protected:
    void resizeEvent(QResizeEvent* event) override {
        QLabel::resizeEvent(event);
        elide();
    }

private:
    void elide() { setText(fontMetrics().elidedText(whole_.toUpper(), Qt::ElideRight, contentsRect().width())); }
    QString whole_;
};

/// As tall as its people need, up to a limit; without people it says how to get some.
class PeopleList : public HintedList {
public:
    using HintedList::HintedList;
    [[nodiscard]] QSize sizeHint() const override {
        const int rows = model() ? std::clamp(model()->rowCount(), 3, 8) : 3;
        return {200, rows * kRowHeight + 4};
    }
    void watch() {
        for (auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved}) {
            connect(model(), signal, this, [this] { updateGeometry(); });
        }
        connect(model(), &QAbstractItemModel::modelReset, this, [this] { updateGeometry(); });
    }
};

struct Choice {
    const char* text;
    double value;
};
constexpr Choice kAges[] = {
    {QT_TRANSLATE_NOOP("body4d::ui::TargetPanel", "Adult"), 2.0 / 3},
    {QT_TRANSLATE_NOOP("body4d::ui::TargetPanel", "Older"), 1.0},
    {QT_TRANSLATE_NOOP("body4d::ui::TargetPanel", "Child"), 1.0 / 3},
    {QT_TRANSLATE_NOOP("body4d::ui::TargetPanel", "Toddler"), 0.1}};
constexpr Choice kBuilds[] = {
    {QT_TRANSLATE_NOOP("body4d::ui::TargetPanel", "From silhouette"), -1},
    {QT_TRANSLATE_NOOP("body4d::ui::TargetPanel", "Slim"), 0.25},
    {QT_TRANSLATE_NOOP("body4d::ui::TargetPanel", "Average"), 0.5},
    {QT_TRANSLATE_NOOP("body4d::ui::TargetPanel", "Heavy"), 0.8}};

} // namespace

TargetPanel::TargetPanel(ProjectController& project, TargetModel& model, const ActionRegistry& actions, QWidget* parent)
    : QWidget(parent), project_(project), model_(model) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 8);
    column->setSpacing(2);
    auto* people = new PeopleList(tr("Nobody yet. Click a person in the video, or let all be found."), {12, 4});
    list_ = people;
    list_->setModel(&model_);
    people->watch();
    list_->setItemDelegate(new TargetDelegate(model_, list_));
    list_->setMouseTracking(true);
    list_->setFrameShape(QFrame::NoFrame);
    list_->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->setAccessibleName(tr("People"));
    list_->setContextMenuPolicy(Qt::CustomContextMenu);
    list_->setMinimumHeight(2 * kRowHeight);
    column->addWidget(list_, 1);
    auto* add = new QHBoxLayout;
    add->setContentsMargins(8, 0, 8, 6);
    for (const auto* id : {"target.add", "target.findPeople"}) {
        auto* button = actionButton(actions.action(QLatin1String(id)), true);
        button->setIconSize({16, 16});
        add->addWidget(button);
    }
    add->addStretch(1);
    column->addLayout(add);

    details_ = new QWidget;
    auto* box = new QVBoxLayout(details_);
    box->setContentsMargins(12, 6, 12, 4);
    box->setSpacing(6);
    detailsTitle_ = new ElidedHeading;
    box->addWidget(detailsTitle_);
    facts_ = dimLabel({});
    facts_->setWordWrap(true);
    facts_->setFont(tabularFont(font()));
    box->addWidget(facts_);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(8);
    form->setVerticalSpacing(5);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    height_ = new QDoubleSpinBox;
    height_->setRange(0, 250);
    height_->setDecimals(0);
    height_->setSuffix(tr(" cm"));
    height_->setSpecialValueText(tr("Not known"));
    height_->setKeyboardTracking(false);
    height_->setToolTip(tr("How tall this person is; one view cannot tell. Sets the scale of the whole scene."));
    age_ = new QComboBox;
    build_ = new QComboBox;
    for (const auto& c : kAges) {
        age_->addItem(tr(c.text), c.value);
    }
    for (const auto& c : kBuilds) {
        build_->addItem(tr(c.text), c.value);
    }
    for (auto [text, field] : {std::pair<QString, QWidget*>(tr("Height"), height_), {tr("Age"), age_}, {tr("Build"), build_}}) {
        auto* label = dimLabel(text);
        label->setMinimumHeight(28);
        label->setBuddy(field);
        field->setAccessibleName(text);
        form->addRow(label, field);
    }
    box->addLayout(form);
    column->addWidget(rule());
    column->addWidget(details_);

    connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        if (!loading_ && index.isValid()) {
            project_.select(model_.idAt(index.row()));
        }
    });
    connect(list_, &QListView::customContextMenuRequested, this, [this, &actions](QPoint at) {
        const auto index = list_->indexAt(at);
        if (!index.isValid()) {
            return;
        }
        const auto id = model_.idAt(index.row());
        project_.select(id);
        auto* menu = new QMenu(list_);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->addAction(icon(QStringLiteral("eye")), model_.visible(id) ? tr("Hide") : tr("Show"), this,
                        [this, id] { model_.setVisible(id, !model_.visible(id)); });
        menu->addAction(icon(QStringLiteral("solo")), tr("Solo"), this, [this, id] { model_.toggleSolo(id); });
        menu->addAction(icon(QStringLiteral("lock")), model_.locked(id) ? tr("Unlock") : tr("Lock"), this,
                        [this, id] { model_.setLocked(id, !model_.locked(id)); });
        menu->addSeparator();
        menu->addAction(tr("Rename"), this, [this, index] { list_->edit(index); });
        menu->addAction(tr("Colour…"), this, [this, id] {
            auto* dialog = new QColorDialog(model_.colour(id), this);
            dialog->setAttribute(Qt::WA_DeleteOnClose);
            connect(dialog, &QColorDialog::colorSelected, this,
                    [this, id](const QColor& c) { project_.setTargetColour(id, c.name()); });
            dialog->open();
        });
        menu->addAction(actions.action(QStringLiteral("target.delete")));
        menu->popup(list_->viewport()->mapToGlobal(at));
    });
    connect(height_, &QDoubleSpinBox::valueChanged, this, &TargetPanel::publishTraits);
    connect(age_, &QComboBox::activated, this, &TargetPanel::publishTraits);
    connect(build_, &QComboBox::activated, this, &TargetPanel::publishTraits);
    connect(&project_, &ProjectController::selectionChanged, this, &TargetPanel::onSelection);
    connect(&project_, &ProjectController::documentChanged, this, [this] { onSelection(project_.selected()); });
    connect(&project_, &ProjectController::resultsChanged, this, &TargetPanel::refreshFacts);
    onSelection(0);
}

void TargetPanel::renameSelected() {
    const int row = model_.rowOf(project_.selected());
    if (row >= 0) {
        list_->setFocus();
        list_->edit(model_.index(row));
    }
}

void TargetPanel::onSelection(TargetId id) {
    loading_ = true;
    const int row = model_.rowOf(id);
    if (row >= 0) {
        list_->setCurrentIndex(model_.index(row));
    } else {
        list_->clearSelection();
        list_->setCurrentIndex({});
    }
    const auto* target = project_.document().target(id);
    details_->setVisible(target != nullptr);
    if (target) {
        static_cast<ElidedHeading*>(detailsTitle_)->setWhole(tr("Selected: %1").arg(personName(target->name)));
        height_->setValue(target->traits.heightMetres * 100);
        const auto nearest = [](const QComboBox* box, double value) {
            int best = 0;
            for (int i = 1; i < box->count(); ++i) {
                if (std::abs(box->itemData(i).toDouble() - value) < std::abs(box->itemData(best).toDouble() - value)) {
                    best = i;
                }
            }
            return best;
        };
        age_->setCurrentIndex(nearest(age_, target->traits.age));
        build_->setCurrentIndex(target->traits.build < 0 ? 0 : nearest(build_, target->traits.build));
        refreshFacts();
    }
    loading_ = false;
}

void TargetPanel::publishTraits() {
    const auto* target = project_.document().target(project_.selected());
    if (loading_ || !target) {
        return;
    }
    auto traits = target->traits;
    traits.heightMetres = height_->value() / 100;
    traits.age = age_->currentData().toDouble();
    traits.build = build_->currentData().toDouble();
    project_.setTraits(target->id, traits);
}

void TargetPanel::refreshFacts() {
    const auto id = project_.selected();
    if (!project_.document().target(id)) {
        return;
    }
    QStringList lines;
    const auto lane = project_.results()->lane(id);
    if (const auto processed = lane.processedCount(); processed > 0) {
        lines << tr("Seen in %1 of %2 frames").arg(lane.trackedCount()).arg(processed);
    } else {
        lines << tr("Not run yet");
    }
    if (const auto body = project_.results()->body(id)) {
        double reprojection = 0, iou = 0;
        int reprojections = 0, ious = 0;
        for (const auto& f : body->frames) {
            if (f.reprojectionPercent >= 0) {
                reprojection += f.reprojectionPercent;
                ++reprojections;
            }
            if (f.silhouetteIou >= 0) {
                iou += f.silhouetteIou;
                ++ious;
            }
        }
        if (reprojections > 0) {
            lines << tr("2D error %1 % of height").arg(reprojection / reprojections, 0, 'f', 1);
        }
        if (ious > 0) {
            lines << tr("Silhouette overlap %1 (IoU)").arg(iou / ious, 0, 'f', 2);
        }
        lines << tr("One shape for the whole clip");
    }
    facts_->setText(lines.join(QLatin1Char('\n')));
}

} // namespace body4d::ui
