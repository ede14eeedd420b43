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
    /// What stands left and right of the line.
    void setNames(const QString& left, const QString& right);
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
    [[nodiscard]] QRectF words() const; ///< the plate behind them
    double share_ = 0.5;
    QString left_, right_;
};

} // namespace body4d::ui
