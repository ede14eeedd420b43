#include "ui/panels/scene_panel.h"

#include "ui/action_registry.h"
#include "ui/panels/widgets.h"

#include <QCheckBox>
#include <QVBoxLayout>

namespace body4d::ui {

ScenePanel::ScenePanel(const ActionRegistry& actions, QWidget* parent) : QWidget(parent) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 12, 8);
    column->setSpacing(7);
    column->addWidget(headingLabel(tr("Scene")));
    for (const auto* id : {"view.grid", "view.cameras", "view.trails", "view.masks", "view.skeleton"}) {
        auto* action = actions.action(QLatin1String(id));
        auto* box = new QCheckBox(action->text().remove(QLatin1Char('&')));
        box->setToolTip(action->toolTip());
        box->setChecked(action->isChecked());
        box->setFocusPolicy(Qt::TabFocus);
        connect(box, &QCheckBox::clicked, action, &QAction::trigger);
        connect(action, &QAction::toggled, box, &QCheckBox::setChecked);
        column->addWidget(box);
    }
}

} // namespace body4d::ui
