#pragma once

#include "ui/frame/frame_snapshot.h"

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

    void setGridColour(const QColor& line, const QColor& axisX, const QColor& axisZ);
    void setGridVisible(bool visible);
    /// Around this point, snapped to whole metres.
    void setGridCentre(Vec3f centre, double radius);

    struct Shadow {
        float x = 0, z = 0;       ///< centre, world
        float radiusX = 0.3F, radiusZ = 0.3F;
        float strength = 0.4F;    ///< 0..1
    };
    void setShadows(const std::vector<Shadow>& shadows);
    /// Shadows of the bodies of a moment: an ellipse under what is near the ground.
    [[nodiscard]] static Shadow shadowOf(const PosedMesh& mesh);

    struct Line {
        std::vector<Vec3f> points;
        QColor colour;
        double width = 0.035; ///< metres
        double opacity = 0.9;
    };
    void setTrails(const std::vector<Line>& trails);
    void setTrailsVisible(bool visible);
    void setCameraPath(const std::vector<Vec3f>& points, const QColor& colour, double width);
    /// Cameras along the path, fainter than the one of the moment.
    void setCameraStops(const std::vector<RigidTransform>& worldFromCam, const Intrinsics& camera, const QColor& colour);
    /// Pyramid of the video's camera. @param camera focalPx 0: hidden
    void setFrustum(const RigidTransform& worldFromCam, const Intrinsics& camera, const QColor& colour, double width);
    void setCamerasVisible(bool visible);

private:
    vtkRenderer* renderer_;
    vtkSmartPointer<vtkActor> grid_, shadows_, trails_, path_, stops_, frustum_;
    QColor gridLine_{0x3F4651}, axisX_{0xF2696D}, axisZ_{0x4C9FFE};
    Vec3f gridCentre_{};
    double gridRadius_ = 12;
    bool gridBuilt_ = false, camerasVisible_ = true, hasCamera_ = false, hasPath_ = false;
    void buildGrid();
};

} // namespace body4d::ui
