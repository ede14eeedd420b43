#pragma once

#include "base/annotation.h"
#include "ui/frame/frame_snapshot.h"
#include "ui/frame/mask_stroke.h"
#include "ui/video/canvas_transform.h"

#include <QTimer>
#include <QWidget>

#include <memory>
#include <vector>

class QLabel;

namespace body4d::ui {

enum class CanvasTool { Select, Point, Box, Brush, Eraser };

/// The video with masks, outlines, prompts and tags; where people are clicked. Draws what a worker composed: no
/// decoding or mask work here.
class VideoCanvas : public QWidget {
    Q_OBJECT
public:
    explicit VideoCanvas(QWidget* parent = nullptr);

    struct TargetItem {
        TargetId id = 0;
        QString name;
        QColor colour;
        bool visible = true;
        bool locked = false;
        Prompt prompt; ///< of the frame at the cursor
    };
    /// @param size pixels of the upright frame; empty: nothing open
    void setFrameSize(QSize size);
    void setTargets(std::vector<TargetItem> targets, TargetId selected);
    void setSnapshot(std::shared_ptr<const FrameSnapshot> snapshot);
    void setPicture(const CanvasPicture& picture);
    void setTool(CanvasTool tool);
    [[nodiscard]] CanvasTool tool() const { return tool_; }
    /// E mode: left click excludes.
    void setExcludeMode(bool exclude);
    [[nodiscard]] bool excludeMode() const { return exclude_; }
    /// The next click starts a new person.
    void setNewTargetMode(bool on);
    void setBusy(bool busy);
    /// Radius of brush and eraser in pixels of the frame.
    void setBrushRadius(double pixels);
    [[nodiscard]] double brushRadius() const { return brushRadius_; }
    /// The oldest stroke is part of the document now; it goes with the next picture.
    void strokeApplied();
    void setMasksVisible(bool visible);
    void setSkeletonVisible(bool visible);
    void setTagsVisible(bool visible);
    void setMaskOpacity(double opacity);
    /// One line at the bottom left; empty: hidden.
    void setHint(const QString& text);
    /// Cross moved by arrow keys; Enter sets a point, Shift+Enter excludes, Esc leaves.
    void setCrosshair(bool on);
    [[nodiscard]] bool crosshair() const { return crosshair_; }

    [[nodiscard]] const CanvasTransform& transform() const { return transform_; }
    void zoomToFit();
    void zoomToPixels();
    void zoomBy(double factor);
    [[nodiscard]] TargetId targetAt(QPointF frame) const; ///< 0: nobody

Q_SIGNALS:
    void viewChanged(const body4d::ui::CanvasView& view);
    /// @param target 0: a new person
    void pointAdded(int target, double x, double y, bool include);
    void pointRemoved(int target, int index);
    void pointMoved(int target, int index, double x, double y);
    void boxDrawn(int target, double x0, double y0, double x1, double y1);
    /// @param target 0: a new person
    void strokePainted(int target, const body4d::ui::MaskStroke& stroke);
    void brushRadiusChanged(double pixels);
    void targetClicked(int target);
    void lockedClicked(int target);
    /// @param target under the cursor, 0: nobody; x < 0: the pointer has left
    void hovered(double x, double y, int target);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct PointHit {
        TargetId target = 0;
        int index = -1;
    };
    [[nodiscard]] PointHit pointAt(QPointF widget) const;
    [[nodiscard]] const TargetItem* item(TargetId id) const;
    /// Whom an include click at this place, or a box around it, is meant for: the selected person, or 0 for a new one.
    [[nodiscard]] TargetId addressee(const QRectF& area, bool include) const;
    void addPoint(QPointF frame, bool include);
    [[nodiscard]] bool painting() const { return tool_ == CanvasTool::Brush || tool_ == CanvasTool::Eraser; }
    void finishStroke();
    /// Whether the selected person may be edited; says so where not.
    [[nodiscard]] bool unlocked(TargetId id);
    void publishView();
    void drawTargets(QPainter& painter);
    void drawPrompts(QPainter& painter);
    void drawStrokes(QPainter& painter);
    /// @param taken by other tags; this one goes above them and is added
    void drawTag(QPainter& painter, const TargetItem& item, const TargetView& view, std::vector<QRectF>& taken);
    void drawSkeleton(QPainter& painter, const PoseLandmarks& pose, const QColor& colour);
    void updateCursor();
    void placeHint();

    CanvasTransform transform_;
    QSize frameSize_;
    std::vector<TargetItem> targets_;
    TargetId selected_ = 0;
    std::shared_ptr<const FrameSnapshot> snapshot_;
    CanvasPicture picture_;
    CanvasTool tool_ = CanvasTool::Point;
    bool exclude_ = false, newTarget_ = false, busy_ = false, masks_ = true, skeleton_ = false, tags_ = true;
    bool crosshair_ = false;
    double maskOpacity_ = 0.45;
    QPointF crossAt_, pressed_, last_;
    QPointF busyAt_; ///< pixels of the frame; null: not where a click was
    Qt::MouseButton button_ = Qt::NoButton;
    bool dragged_ = false;
    PointHit grabbed_;
    MaskStroke stroke_;                ///< being painted; path empty: none
    std::vector<MaskStroke> waiting_;  ///< painted, not in the picture yet
    int appliedStrokes_ = 0;
    double brushRadius_ = 14;
    QPointF pointer_{-1, -1};          ///< for the brush's ring, widget coordinates
    QRectF band_;
    QString hintText_;
    QLabel* hint_;
    QLabel* title_;
    QTimer spinner_;
    int spin_ = 0;
};

} // namespace body4d::ui

Q_DECLARE_METATYPE(body4d::ui::MaskStroke)
