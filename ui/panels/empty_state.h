#pragma once

#include <QPixmap>
#include <QWidget>

#include <vector>

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
    struct Recent {
        QString path, title;
        QPixmap picture; ///< may be null
        bool pinned = false;
        bool exists = true; ///< missing ones are greyed
    };
    void setRecent(const std::vector<Recent>& files);

Q_SIGNALS:
    void openRequested();
    void cameraRequested();
    void sampleRequested();
    void recentRequested(const QString& path);
    void pinRequested(const QString& path, bool pinned);
    void forgetRequested(const QString& path);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QLabel *mark_, *sentence_, *detail_;
    QPushButton *open_, *sample_, *camera_;
    QWidget *steps_, *recent_;
};

} // namespace body4d::ui
