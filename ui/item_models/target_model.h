#pragma once

#include "ui/controllers/lane_data.h"
#include "ui/controllers/project_controller.h"

#include <QAbstractListModel>
#include <QColor>

#include <map>
#include <set>

namespace body4d::ui {

/// The people of the document, with how the views show them (not part of the document).
class TargetModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { IdRole = Qt::UserRole + 1, ColourRole, VisibleRole, SoloRole, LockedRole, SummaryRole };
    explicit TargetModel(ProjectController& project, QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;

    [[nodiscard]] TargetId idAt(int row) const;
    [[nodiscard]] int rowOf(TargetId id) const; ///< -1: none
    [[nodiscard]] bool visible(TargetId id) const;
    [[nodiscard]] bool locked(TargetId id) const { return locked_.contains(id); }
    [[nodiscard]] QString name(TargetId id) const;
    [[nodiscard]] QColor colour(TargetId id) const;
    void setVisible(TargetId id, bool visible);
    void setLocked(TargetId id, bool locked);
    /// Only this one is shown; a second time all are.
    void toggleSolo(TargetId id);
    void refreshResults();

Q_SIGNALS:
    void looksChanged();

private:
    void rebuild();
    ProjectController& project_;
    std::vector<TargetId> ids_;
    std::set<TargetId> hidden_, locked_;
    TargetId solo_ = 0;
    std::map<TargetId, QString> summaries_;
};

} // namespace body4d::ui
