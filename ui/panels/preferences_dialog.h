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
    static constexpr const char* kVolume = "playback/volume";  ///< 0..100
    static constexpr const char* kScale = "window/scale";      ///< factor of the whole interface; read at the start

Q_SIGNALS:
    void maskOpacityChanged(double opacity);
    void volumeChanged(double volume);

private:
    QComboBox *theme_, *scale_, *language_;
    QSlider *opacity_, *volume_;
    QCheckBox* reopen_;
};

} // namespace body4d::ui
