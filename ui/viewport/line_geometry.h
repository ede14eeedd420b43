#pragma once

#include <vtkActor.h>
#include <vtkCellArray.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkPolyDataMapper.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkSmartPointer.h>
#include <vtkUnsignedCharArray.h>

#include <QColor>

#include <algorithm>

namespace body4d::ui {

/// Points with colours, as lines or triangles.
struct LineGeometry {
    vtkNew<vtkPoints> points;
    vtkNew<vtkUnsignedCharArray> colours;
    vtkNew<vtkCellArray> cells;
    LineGeometry() {
        points->SetDataTypeToFloat();
        colours->SetNumberOfComponents(4);
        colours->SetName("Colours");
    }
    vtkIdType add(double x, double y, double z, const QColor& c, double alpha) {
        colours->InsertNextTuple4(c.red(), c.green(), c.blue(), std::clamp(alpha, 0.0, 1.0) * 255);
        return points->InsertNextPoint(x, y, z);
    }
    void line(vtkIdType a, vtkIdType b) {
        const vtkIdType ids[2] = {a, b};
        cells->InsertNextCell(2, ids);
    }
    void triangle(vtkIdType a, vtkIdType b, vtkIdType c) {
        const vtkIdType ids[3] = {a, b, c};
        cells->InsertNextCell(3, ids);
    }
    void point(vtkIdType a) { cells->InsertNextCell(1, &a); }
    void showPoints(vtkActor* actor) {
        vtkNew<vtkPolyData> data;
        data->SetPoints(points);
        data->GetPointData()->SetScalars(colours);
        data->SetVerts(cells);
        vtkPolyDataMapper::SafeDownCast(actor->GetMapper())->SetInputData(data);
    }
    void show(vtkActor* actor, bool lines) {
        vtkNew<vtkPolyData> data;
        data->SetPoints(points);
        data->GetPointData()->SetScalars(colours);
        if (lines) {
            data->SetLines(cells);
        } else {
            data->SetPolys(cells);
        }
        vtkPolyDataMapper::SafeDownCast(actor->GetMapper())->SetInputData(data);
    }
};

inline vtkSmartPointer<vtkActor> makeUnlitActor(vtkRenderer* renderer) {
    auto actor = vtkSmartPointer<vtkActor>::New();
    vtkNew<vtkPolyDataMapper> mapper;
    vtkNew<vtkPolyData> nothing;
    mapper->SetInputData(nothing);
    actor->SetMapper(mapper);
    actor->GetProperty()->LightingOff();
    actor->UseBoundsOff();
    actor->PickableOff();
    actor->VisibilityOff();
    renderer->AddActor(actor);
    return actor;
}

} // namespace body4d::ui
