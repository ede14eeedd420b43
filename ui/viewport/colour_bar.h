#pragma once

#include <QStringList>
#include <QWidget>

namespace body4d::ui {

/// What the colours in the 3D view mean: a title, the scale, its ticks, and a line about the moment. A click asks for
/// the next scale where there is one.
class ColourBar : public QWidget {
    Q_OBJECT
public:
    enum class Ramp { Heat, Value };
    explicit ColourBar(QWidget* parent);
    /// @param ticks evenly spread from the lower to the upper end
    void setScale(Ramp ramp, const QString& title, const QStringList& ticks, bool choosable);
    /// "mean 4.2 mm, most 31 mm"; may be empty.
    void setSummary(const QString& text);
    [[nodiscard]] const QString& title() const { return title_; }
    [[nodiscard]] const QStringList& ticks() const { return ticks_; }
    [[nodiscard]] const QString& summary() const { return summary_; }
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void nextScaleRequested();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    Ramp ramp_ = Ramp::Heat;
    QString title_, summary_;
    QStringList ticks_;
    bool choosable_ = false;
};

} // namespace body4d::ui
