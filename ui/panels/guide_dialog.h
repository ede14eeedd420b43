#pragma once

#include "device/telemetry.h"
#include "pipeline/cost_history.h"
#include "pipeline/model_catalog.h"

#include <QDialog>

#include <vector>

class QLineEdit;
class QListWidget;
class QTextBrowser;

namespace body4d::ui {

class ActionRegistry;

/// The guide: how to go about things, with the keys as they are set, and what hardware can do, this machine
/// included.
class GuideDialog : public QDialog {
    Q_OBJECT
public:
    /// @param costs what stages took on this machine so far
    GuideDialog(const ActionRegistry& actions, const DeviceDescription& device,
                const std::vector<ModelEntry>& models, const CostHistory& costs, QWidget* parent = nullptr);
    /// Shows a chapter by its heading.
    void showChapter(const QString& heading);
    /// Marks the next place that holds the text, from the top again at the end. @returns false: there is none
    bool find(const QString& text);

private:
    QTextBrowser* text_;
    QListWidget* chapters_;
    QLineEdit* search_;
};

/// The guide's source with the keys of actions put in for {key:ACTION}.
[[nodiscard]] QString guideText(const ActionRegistry& actions);
/// Tables of what engines need and what this machine has done.
[[nodiscard]] QString machineText(const DeviceDescription& device, const std::vector<ModelEntry>& models,
                                  const CostHistory& costs);

} // namespace body4d::ui
