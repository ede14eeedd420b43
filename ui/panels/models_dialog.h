#pragma once

#include "pipeline/model_catalog.h"

#include <QDialog>

#include <vector>

namespace body4d::ui {

/// The catalogue of engines: present or not, licence, where a file goes. Never dials out. Not modal.
class ModelsDialog : public QDialog {
    Q_OBJECT
public:
    explicit ModelsDialog(const std::vector<ModelEntry>& models, QWidget* parent = nullptr);
};

} // namespace body4d::ui
