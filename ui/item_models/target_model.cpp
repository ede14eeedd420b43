#include "ui/item_models/target_model.h"

#include "ui/controllers/core_text.h"

#include <algorithm>

namespace body4d::ui {

TargetModel::TargetModel(ProjectController& project, QObject* parent) : QAbstractListModel(parent), project_(project) {
    connect(&project_, &ProjectController::documentChanged, this, &TargetModel::rebuild);
    connect(&project_, &ProjectController::resultsChanged, this, &TargetModel::refreshResults);
    connect(&project_, &ProjectController::opened, this, [this] {
        hidden_.clear();
        locked_.clear();
        solo_ = 0;
        rebuild();
    });
}

void TargetModel::rebuild() {
    std::vector<TargetId> ids;
    for (const auto& t : project_.document().targets) {
        ids.push_back(t.id);
    }
    if (ids != ids_) {
        beginResetModel();
        ids_ = std::move(ids);
        endResetModel();
    } else if (!ids_.empty()) {
        Q_EMIT dataChanged(index(0), index(static_cast<int>(ids_.size()) - 1));
    }
    if (solo_ != 0 && rowOf(solo_) < 0) {
        solo_ = 0;
    }
    Q_EMIT looksChanged();
}

void TargetModel::refreshResults() {
    std::map<TargetId, QString> summaries;
    for (const auto id : ids_) {
        const auto lane = project_.results()->lane(id);
        const auto processed = lane.processedCount();
        if (processed > 0) {
            summaries[id] = tr("%1 of %2").arg(lane.trackedCount()).arg(processed);
        }
    }
    if (summaries != summaries_) {
        summaries_ = std::move(summaries);
        if (!ids_.empty()) {
            Q_EMIT dataChanged(index(0), index(static_cast<int>(ids_.size()) - 1), {SummaryRole});
        }
    }
}

int TargetModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(ids_.size());
}

TargetId TargetModel::idAt(int row) const {
    return row >= 0 && row < static_cast<int>(ids_.size()) ? ids_[static_cast<std::size_t>(row)] : 0;
}

int TargetModel::rowOf(TargetId id) const {
    const auto it = std::find(ids_.begin(), ids_.end(), id);
    return it == ids_.end() ? -1 : static_cast<int>(it - ids_.begin());
}

bool TargetModel::visible(TargetId id) const { return solo_ != 0 ? solo_ == id : !hidden_.contains(id); }

QString TargetModel::name(TargetId id) const {
    const auto* t = project_.document().target(id);
    return t ? personName(t->name) : QString();
}

QColor TargetModel::colour(TargetId id) const {
    const auto* t = project_.document().target(id);
    return t ? QColor(QString::fromStdString(t->colour)) : QColor();
}

QVariant TargetModel::data(const QModelIndex& at, int role) const {
    const auto id = idAt(at.row());
    if (id == 0) {
        return {};
    }
    switch (role) {
    case Qt::DisplayRole: return name(id);
    case Qt::EditRole: return QString::fromStdString(project_.document().target(id)->name);
    case Qt::AccessibleTextRole:
        return tr("Person %1, %2, %3").arg(id).arg(name(id), visible(id) ? tr("shown") : tr("hidden"));
    case Qt::ToolTipRole: return tr("%1 — click to select (%2), double click to rename").arg(name(id)).arg(at.row() + 1);
    case IdRole: return id;
    case ColourRole: return colour(id);
    case VisibleRole: return visible(id);
    case SoloRole: return solo_ == id;
    case LockedRole: return locked(id);
    case SummaryRole: {
        const auto it = summaries_.find(id);
        return it == summaries_.end() ? QString() : it->second;
    }
    default: return {};
    }
}

bool TargetModel::setData(const QModelIndex& at, const QVariant& value, int role) {
    if (role != Qt::EditRole) {
        return false;
    }
    project_.renameTarget(idAt(at.row()), value.toString());
    return true;
}

Qt::ItemFlags TargetModel::flags(const QModelIndex& at) const {
    return at.isValid() ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsEditable : Qt::NoItemFlags;
}

void TargetModel::setVisible(TargetId id, bool visible) {
    solo_ = 0;
    visible ? static_cast<void>(hidden_.erase(id)) : static_cast<void>(hidden_.insert(id));
    rebuild();
}

void TargetModel::setLocked(TargetId id, bool locked) {
    locked ? static_cast<void>(locked_.insert(id)) : static_cast<void>(locked_.erase(id));
    rebuild();
}

void TargetModel::toggleSolo(TargetId id) {
    solo_ = solo_ == id ? 0 : id;
    rebuild();
}

} // namespace body4d::ui
