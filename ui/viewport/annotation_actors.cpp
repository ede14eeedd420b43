#include "ui/viewport/annotation_actors.h"

#include "ui/viewport/line_geometry.h"

#include <vtkFloatArray.h>
#include <vtkImageData.h>
#include <vtkTexture.h>

namespace body4d::ui {
namespace {
constexpr double kBackdropMetres = 70; ///< behind everybody, before the far plane
} // namespace

AnnotationActors::AnnotationActors(vtkRenderer* renderer)
    : renderer_(renderer), backdrop_(makeUnlitActor(renderer)), bones_(makeUnlitActor(renderer)),
      joints_(makeUnlitActor(renderer)), measure_(makeUnlitActor(renderer)), ends_(makeUnlitActor(renderer)),
      texture_(vtkSmartPointer<vtkTexture>::New()) {
    texture_->InterpolateOn();
    texture_->SetColorModeToDirectScalars();
    texture_->SetInputData(picture_);
    backdrop_->SetTexture(texture_);
    for (const auto& actor : {joints_, ends_}) {
        actor->GetProperty()->SetRepresentationToPoints();
    }
}

AnnotationActors::~AnnotationActors() {
    for (const auto& actor : {backdrop_, bones_, joints_, measure_, ends_}) {
        renderer_->RemoveActor(actor);
    }
}

void AnnotationActors::setBackdropVisible(bool visible) {
    backdropWanted_ = visible;
    backdrop_->SetVisibility(backdropWanted_ && backdropKnown_);
}

void AnnotationActors::setBackdrop(const ImagePtr& pixels, const RigidTransform& worldFromCam, const Intrinsics& camera) {
    backdropKnown_ = pixels && !pixels->empty() && camera.focalPx > 0;
    backdrop_->SetVisibility(backdropWanted_ && backdropKnown_);
    if (!backdropKnown_ || !backdropWanted_) {
        return;
    }
    if (pixels != pixels_) {
        const auto before = std::exchange(pixels_, pixels); // the old pixels live until VTK has let go of them
        vtkNew<vtkUnsignedCharArray> values;
        values->SetNumberOfComponents(3);
        // VTK only reads; the picture is shared with the rest of the program and not copied.
        values->SetArray(const_cast<unsigned char*>(pixels_->rgb.data()), static_cast<vtkIdType>(pixels_->rgb.size()), 1);
        picture_->SetDimensions(pixels_->width, pixels_->height, 1);
        picture_->GetPointData()->SetScalars(values);
        picture_->Modified();
    }
    vtkNew<vtkPoints> corners;
    vtkNew<vtkFloatArray> uv;
    vtkNew<vtkCellArray> quad;
    uv->SetNumberOfComponents(2);
    const double w = camera.width, h = camera.height;
    for (const auto& [u, v] : {std::pair(0.0, 0.0), std::pair(w, 0.0), std::pair(w, h), std::pair(0.0, h)}) {
        const Vec3 p = worldFromCam * Vec3{kBackdropMetres * (u - camera.centreX) / camera.focalPx,
                                           kBackdropMetres * (v - camera.centreY) / camera.focalPx, kBackdropMetres};
        corners->InsertNextPoint(p.x, p.y, p.z);
        uv->InsertNextTuple2(u / w, v / h); // rows of the picture run down, as v does here
    }
    const vtkIdType ids[4] = {0, 1, 2, 3};
    quad->InsertNextCell(4, ids);
    vtkNew<vtkPolyData> data;
    data->SetPoints(corners);
    data->SetPolys(quad);
    data->GetPointData()->SetTCoords(uv);
    vtkPolyDataMapper::SafeDownCast(backdrop_->GetMapper())->SetInputData(data);
}

void AnnotationActors::setSkeletons(const std::vector<std::pair<std::shared_ptr<const PosedMesh>, QColor>>& bodies,
                                    double lineWidth) {
    LineGeometry lines, points;
    for (const auto& [mesh, colour] : bodies) {
        const auto joints = mesh->model->joints();
        std::vector<vtkIdType> ids;
        for (const auto& p : mesh->joints) {
            ids.push_back(lines.add(p.x, p.y, p.z, colour, 1));
            points.point(points.add(p.x, p.y, p.z, colour.lighter(150), 1));
        }
        for (std::size_t i = 0; i < std::min(joints.size(), ids.size()); ++i) {
            if (joints[i].parent >= 0) {
                lines.line(ids[static_cast<std::size_t>(joints[i].parent)], ids[i]);
            }
        }
    }
    lines.show(bones_, true);
    bones_->GetProperty()->SetLineWidth(static_cast<float>(lineWidth));
    bones_->SetVisibility(!bodies.empty());
    points.showPoints(joints_);
    joints_->GetProperty()->SetPointSize(static_cast<float>(1.8 * lineWidth));
    joints_->SetVisibility(!bodies.empty());
}

void AnnotationActors::setMeasure(const std::vector<Vec3>& points, const QColor& colour, double lineWidth) {
    LineGeometry line, marks;
    vtkIdType last = -1;
    for (const auto& p : points) {
        marks.point(marks.add(p.x, p.y, p.z, colour, 1));
        const auto id = line.add(p.x, p.y, p.z, colour, 1);
        if (last >= 0) {
            line.line(last, id);
        }
        last = id;
    }
    line.show(measure_, true);
    measure_->GetProperty()->SetLineWidth(static_cast<float>(lineWidth));
    measure_->SetVisibility(points.size() > 1);
    marks.showPoints(ends_);
    ends_->GetProperty()->SetPointSize(static_cast<float>(4 * lineWidth));
    ends_->SetVisibility(!points.empty());
}

} // namespace body4d::ui
