#include "ui/panels/models_dialog.h"

#include "ui/controllers/telemetry_controller.h"
#include "ui/panels/run_panel.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace body4d::ui {

ModelsDialog::ModelsDialog(const std::vector<ModelEntry>& models, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Models"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(820, 460);
    auto* column = new QVBoxLayout(this);
    auto* intro = dimLabel(tr("Everything runs on this machine; this program never downloads by itself. What is missing can "
                              "be put where the last column says."));
    intro->setWordWrap(true);
    column->addWidget(intro);
    auto* tree = new QTreeWidget;
    tree->setAccessibleName(tr("Models"));
    tree->setRootIsDecorated(false);
    tree->setHeaderLabels({tr("Engine"), tr("Stage"), tr("State"), tr("Licence"), tr("Memory"), tr("What to do")});
    tree->setWordWrap(true);
    for (const auto& m : models) {
        const QString state = m.present && m.implemented ? tr("ready") : !m.implemented ? tr("not in this build") : tr("missing");
        auto* item = new QTreeWidgetItem(tree, {QString::fromStdString(m.title), stageTitle(m.stage), state,
                                                QString::fromStdString(m.licence),
                                                m.memoryBytes > 0 ? formatBytes(m.memoryBytes) : QString(),
                                                QString::fromStdString(m.missing)});
        item->setForeground(2, m.present && m.implemented ? tokens().ok : tokens().dim);
        item->setToolTip(5, QString::fromStdString(m.missing));
        item->setToolTip(0, QString::fromStdString(m.source));
    }
    tree->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    tree->header()->setStretchLastSection(true);
    column->addWidget(tree, 1);
}

} // namespace body4d::ui
