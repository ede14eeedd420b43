#pragma once

#include <QWidget>

namespace body4d::ui {

/// The line between A and B, dragged sideways; arrow keys move it too.
class WipeHandle : public QWidget {
    Q_OBJECT
public:
    explicit WipeHandle(QWidget* parent);
    /// Share of the parent's width, 0..1.
    [[nodiscard]] double share() const { return share_; }
    void setShare(double share);
    /// Takes its place after the parent has changed its size.
    void place();

Q_SIGNALS:
    void moved(double share);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    double share_ = 0.5;
};

} // namespace body4d::ui
