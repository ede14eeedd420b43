#pragma once

#include "ui/frame/frame_snapshot.h"
#include "ui/viewport/ground_shadow.h"

#include <vtkSmartPointer.h>

#include <QColor>

#include <vector>

class vtkActor;
class vtkRenderer;

namespace body4d::ui {

/// What stands around the bodies: metre grid, soft shadows, trails, camera frustum. All unlit and out of the bounds.
class StageActors {
public:
    explicit StageActors(vtkRenderer* renderer);
    ~StageActors();

    /// @param floor with its opacity in the middle
    void setGridColour(const QColor& floor, const QColor& line, const QColor& axisX, const QColor& axisZ);
    void setGridVisible(bool visible);
    /// The light on the floor; a picture behind it would look foggy.
    void setFloorVisible(bool visible);
    /// Around this point, snapped to whole metres.
    void setGridCentre(Vec3f centre, double radius);

    /// @param strength 0..1, of all of them
    void setShadows(const std::vector<GroundShadow>& shadows, double strength);

    struct Line {
        std::vector<Vec3f> points;
        QColor colour;
        double opacity = 0.9;
    };
    /// Ribbons of a few pixels, smoothed and cut where somebody jumps.
    void setTrails(const std::vector<Line>& trails);
    void setTrailsVisible(bool visible);
    void setCameraPath(const std::vector<Vec3f>& points, const QColor& colour, double width);
    /// Cameras along the path, fainter than the one of the moment.
    void setCameraStops(const std::vector<RigidTransform>& worldFromCam, const Intrinsics& camera, const QColor& colour);
    /// Pyramid of the video's camera. @param camera focalPx 0: hidden
    void setFrustum(const RigidTransform& worldFromCam, const Intrinsics& camera, const QColor& colour, double width);
    void setCamerasVisible(bool visible);
    /// Of the picture, in device pixels: what is as wide everywhere depends on it.
    void setPixelSize(double width, double height, double devicePixelRatio);

private:
    vtkRenderer* renderer_;
    vtkSmartPointer<vtkActor> floor_, grid_, shadows_, trails_, path_, stops_, frustum_;
    QColor floorColour_{Qt::transparent};
    QColor gridLine_{0x3F4651}, axisX_{0xF2696D}, axisZ_{0x4C9FFE};
    Vec3f gridCentre_{};
    double gridRadius_ = 12;
    bool gridBuilt_ = false, floorVisible_ = true, camerasVisible_ = true, hasCamera_ = false, hasPath_ = false;
    void buildGrid();
};

} // namespace body4d::ui
