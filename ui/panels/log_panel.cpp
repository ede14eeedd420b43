#include "ui/panels/log_panel.h"

#include "ui/item_models/log_model.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QListView>

namespace body4d::ui {
LogPanel::LogPanel(LogModel& model, QWidget* parent) : QWidget(parent) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 4, 8, 8);
    auto* list = new HintedList(tr("Nothing to report yet."), {8, 6});
    list->setModel(&model);
    list->setAccessibleName(tr("Log"));
    list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    list->setUniformItemSizes(true);
    connect(&model, &QAbstractItemModel::rowsInserted, list, &QListView::scrollToBottom);
    row->addWidget(list, 1);
    auto* copy = iconButton(QStringLiteral("copy"), tr("Copy the log"));
    connect(copy, &QToolButton::clicked, this, [&model] { QGuiApplication::clipboard()->setText(model.text()); });
    row->addWidget(copy, 0, Qt::AlignTop);
}

} // namespace body4d::ui
