#pragma once

#include "base/image.h"
#include "base/pose_track.h"

#include <QImage>
#include <QWidget>

#include <vector>

namespace body4d::ui {

/// The live picture of a camera, or a sentence where there is none.
class CameraView : public QWidget {
    Q_OBJECT
public:
    explicit CameraView(QWidget* parent = nullptr);
    void setPicture(const ImagePtr& picture); ///< null: none
    /// As in a mirror; only what is seen, not what is recorded.
    void setMirrored(bool mirrored);
    /// Shown in place of the picture. @param remedy  may be empty
    void setSentence(const QString& sentence, const QString& remedy = {});
    void setRecording(bool recording);
    /// People found in a picture of the size of those shown.
    void setPeople(std::vector<PoseLandmarks> people);
    [[nodiscard]] int people() const { return static_cast<int>(people_.size()); }
    [[nodiscard]] const QImage& picture() const { return picture_; }
    [[nodiscard]] QString sentence() const { return sentence_; }
    [[nodiscard]] QString remedy() const { return remedy_; }
    [[nodiscard]] bool mirrored() const { return mirrored_; }
    [[nodiscard]] QSize sizeHint() const override { return {720, 405}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QImage picture_;
    std::vector<PoseLandmarks> people_;
    QString sentence_, remedy_;
    bool mirrored_ = false, recording_ = false;
};

} // namespace body4d::ui
