#pragma once

#include "pipeline/project.h"
#include "ui/controllers/lane_data.h"
#include "ui/controllers/playback_controller.h"

#include <QColor>
#include <QWidget>

#include <cstdint>
#include <vector>

namespace body4d::ui {

class FilmStrip;

/// The painted part of the timeline: ruler, cached frames, a lane per target, suspicion strip, play head.
class LaneView : public QWidget {
    Q_OBJECT
public:
    explicit LaneView(PlaybackController& playback, QWidget* parent = nullptr);

    struct Row {
        TargetId id = 0;
        QString name;
        QColor colour;
        bool visible = true;
        std::vector<std::int64_t> prompts; ///< frames with clicks
        bool operator==(const Row&) const = default;
    };
    void setRows(std::vector<Row> rows, TargetId selected);
    [[nodiscard]] std::size_t rowCount() const { return rows_.size(); }
    void setLanes(const std::vector<Lane>& lanes);
    void setCuts(std::vector<std::int64_t> cuts);
    /// What stands where the lanes will, while there is nobody.
    void setEmptyText(const QString& text);
    void setCachedFrames(std::vector<std::int64_t> frames);
    void zoomBy(double factor, double anchorFrame);
    /// Pictures in the row of frames; owned by the view.
    [[nodiscard]] FilmStrip& filmStrip() { return *strip_; }
    void zoomToFit();
    /// In to out fills the width; called again, the whole video.
    void zoomToRange();
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    /// Horizontal place of a frame's left edge; for tests.
    [[nodiscard]] double xOf(double frame) const;
    [[nodiscard]] double frameAtX(double x) const;
    /// Vertical centre of a target's lane; for tests. Negative: no such lane.
    [[nodiscard]] int laneCentre(TargetId id) const;

Q_SIGNALS:
    void scrubbed(qint64 frame);
    void targetClicked(int target);
    void rangeDragged(qint64 begin, qint64 end);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    bool event(QEvent* event) override;

private:
    enum class Drag { None, Scrub, In, Out, Pan };
    /// What will stand here, faintly.
    void drawPlaceholder(QPainter& painter);
    void drawRuler(QPainter& painter, const QRect& area);
    void drawFrames(QPainter& painter, const QRect& area);
    /// How doubtful a lane's frames are, as a thin strip of warmth below it.
    void drawDoubt(QPainter& painter, const Lane& lane, const QRect& area);
    void drawLane(QPainter& painter, const Row& row, const std::vector<LaneBand>& bands, const QRect& area);
    void drawQuality(QPainter& painter, const QRect& area);
    void clampView();
    [[nodiscard]] int rowTop(int row) const;
    [[nodiscard]] int rowAt(int y) const;
    [[nodiscard]] QString describe(QPoint at) const;

    PlaybackController& playback_;
    FilmStrip* strip_;
    std::vector<Row> rows_;
    std::vector<Lane> lanes_;
    std::vector<std::vector<LaneBand>> bands_; ///< one per lane, same order
    std::vector<float> worst_;                 ///< per frame over all lanes
    std::vector<std::int64_t> cuts_;
    std::vector<std::pair<std::int64_t, std::int64_t>> cachedBands_;
    QString emptyText_;
    TargetId selected_ = 0;
    double first_ = 0, shown_ = 0; ///< frames; shown_ 0: all
    Drag drag_ = Drag::None;
    double panStartX_ = 0, panStartFirst_ = 0;
};

} // namespace body4d::ui
