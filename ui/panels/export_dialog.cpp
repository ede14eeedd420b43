#include "ui/panels/export_dialog.h"

#include "ui/panels/widgets.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace body4d::ui {

ExportDialog::ExportDialog(std::span<const ExportFormat> formats, const QString& folder, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Export"));
    setMinimumWidth(680); // the descriptions fit on one line each
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(8);
    column->addWidget(headingLabel(tr("Preset")));
    auto* presets = new QHBoxLayout;
    const auto preset = [&](const QString& text, std::vector<std::string> wanted) {
        auto* button = new QPushButton(text);
        connect(button, &QPushButton::clicked, this, [this, wanted] { choose(wanted); });
        presets->addWidget(button);
    };
    preset(tr("Game, web"), {"glb"});
    preset(tr("Frames"), {"ply", "obj"});
    preset(tr("Data"), {"npz", "csv", "coco"});
    preset(tr("Motion"), {"glb", "bvh"});
    preset(tr("Watch"), {"overlay"});
    presets->addStretch(1);
    column->addLayout(presets);
    column->addSpacing(6);
    column->addWidget(headingLabel(tr("Files")));
    for (const auto& format : formats) {
        auto* box = new QCheckBox(QString::fromStdString(format.title));
        box->setChecked(format.byDefault);
        auto* help = dimLabel(QString::fromStdString(format.description));
        help->setContentsMargins(25, 0, 0, 4);
        box->setAccessibleDescription(QString::fromStdString(format.description));
        column->addWidget(box);
        column->addWidget(help);
        boxes_.emplace_back(format.name, box);
        connect(box, &QCheckBox::toggled, this, &ExportDialog::refresh);
    }
    column->addSpacing(6);
    column->addWidget(headingLabel(tr("Folder")));
    auto* row = new QHBoxLayout;
    folder_ = new QLineEdit(folder);
    folder_->setAccessibleName(tr("Folder"));
    auto* browse = new QPushButton(tr("Choose…"));
    row->addWidget(folder_, 1);
    row->addWidget(browse);
    column->addLayout(row);
    why_ = dimLabel({});
    why_->setWordWrap(true);
    column->addWidget(why_);
    auto* bottom = new QHBoxLayout;
    bottom->addStretch(1);
    auto* leave = new QPushButton(tr("Close"));
    go_ = new QPushButton(tr("Export"));
    go_->setObjectName(QStringLiteral("primary"));
    go_->setDefault(true);
    bottom->addWidget(leave);
    bottom->addWidget(go_);
    column->addLayout(bottom);
    connect(leave, &QPushButton::clicked, this, &QDialog::close);
    connect(browse, &QPushButton::clicked, this, [this] {
        const QString dir = QFileDialog::getExistingDirectory(this, tr("Folder for the exports"), folder_->text());
        if (!dir.isEmpty()) {
            folder_->setText(dir);
        }
    });
    connect(folder_, &QLineEdit::textChanged, this, &ExportDialog::refresh);
    connect(go_, &QPushButton::clicked, this, [this] {
        Q_EMIT exportRequested(chosen(), this->folder());
        hide();
    });
    refresh();
}

void ExportDialog::setFolder(const QString& folder) { folder_->setText(folder); }
QString ExportDialog::folder() const { return folder_->text().trimmed(); }

std::vector<std::string> ExportDialog::chosen() const {
    std::vector<std::string> names;
    for (const auto& [name, box] : boxes_) {
        if (box->isChecked()) {
            names.push_back(name);
        }
    }
    return names;
}

void ExportDialog::choose(const std::vector<std::string>& formats) {
    for (const auto& [name, box] : boxes_) {
        box->setChecked(std::find(formats.begin(), formats.end(), name) != formats.end());
    }
}

void ExportDialog::refresh() {
    const bool ready = !chosen().empty() && !folder().isEmpty();
    go_->setEnabled(ready);
    why_->setText(chosen().empty() ? tr("Choose at least one kind of file.") : folder().isEmpty() ? tr("Choose a folder.") : QString());
}

} // namespace body4d::ui
