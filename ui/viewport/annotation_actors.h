#pragma once

#include "base/image.h"
#include "ui/frame/frame_snapshot.h"

#include <vtkNew.h>
#include <vtkSmartPointer.h>

#include <QColor>

#include <utility>
#include <vector>

class vtkActor;
class vtkImageData;
class vtkRenderer;
class vtkTexture;

namespace body4d::ui {

/// What is drawn about the bodies rather than around them: the video behind them, bones, a measured distance.
class AnnotationActors {
public:
    explicit AnnotationActors(vtkRenderer* renderer);
    ~AnnotationActors();

    /// The frame far behind everything, exactly where its camera saw it. @param camera focalPx 0: hidden
    void setBackdrop(const ImagePtr& pixels, const RigidTransform& worldFromCam, const Intrinsics& camera);
    void setBackdropVisible(bool visible);
    void setSkeletons(const std::vector<std::pair<std::shared_ptr<const PosedMesh>, QColor>>& bodies, double lineWidth);
    /// One point: a mark; two: the line between them.
    void setMeasure(const std::vector<Vec3>& points, const QColor& colour, double lineWidth);

private:
    vtkRenderer* renderer_;
    vtkSmartPointer<vtkActor> backdrop_, bones_, joints_, measure_, ends_;
    vtkSmartPointer<vtkTexture> texture_;
    vtkNew<vtkImageData> picture_;
    ImagePtr pixels_; ///< the texture reads from it
    bool backdropWanted_ = false, backdropKnown_ = false;
};

} // namespace body4d::ui
