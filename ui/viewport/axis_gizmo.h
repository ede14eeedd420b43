#pragma once

#include "ui/viewport/orbit_camera.h"

#include <QWidget>

namespace body4d::ui {

/// Orientation of the view as a small cross of axes; a click on an end turns the view there.
class AxisGizmo : public QWidget {
    Q_OBJECT
public:
    explicit AxisGizmo(QWidget* parent);
    void setAngles(double yaw, double pitch);
    [[nodiscard]] QSize sizeHint() const override { return {84, 84}; }

Q_SIGNALS:
    void presetRequested(body4d::ui::OrbitCamera::Preset preset);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    struct End {
        QPointF at;
        double depth;
        int axis; ///< 0 x, 1 y, 2 z
        bool positive;
    };
    [[nodiscard]] std::vector<End> ends() const;
    [[nodiscard]] int endAt(QPointF point) const;
    double yaw_ = 0.5, pitch_ = 0.2;
    int hovered_ = -1;
};

} // namespace body4d::ui
