#pragma once

#include <QDialog>

class QCheckBox;
class QComboBox;
class QSlider;

namespace body4d::ui {

class ActionRegistry;

/// Settings of the program, not of a project. Each takes effect at once and is remembered. Not modal.
class PreferencesDialog : public QDialog {
    Q_OBJECT
public:
    explicit PreferencesDialog(ActionRegistry& actions, QWidget* parent = nullptr);

    static constexpr const char* kMaskOpacity = "view/maskOpacity"; ///< 0..100
    static constexpr const char* kReopen = "session/reopenLast";

Q_SIGNALS:
    void maskOpacityChanged(double opacity);

private:
    QComboBox* theme_;
    QSlider* opacity_;
    QCheckBox* reopen_;
};

} // namespace body4d::ui
