#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace body4d::ui {

/// The first thing a newcomer sees: one sentence, one button.
class EmptyState : public QWidget {
    Q_OBJECT
public:
    explicit EmptyState(QWidget* parent = nullptr);
    void setBusy(const QString& text); ///< "Opening walk.mp4 ..."; empty: waiting for the person
    void setSampleAvailable(bool available);

Q_SIGNALS:
    void openRequested();
    void sampleRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QLabel *sentence_, *detail_;
    QPushButton *open_, *sample_;
};

} // namespace body4d::ui
