#pragma once

#include "base/geometry.h"

#include <QColor>
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

#include <algorithm>
#include <cmath>

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
    /// A long octahedron, thick near its beginning, as animation tools draw bones; lines wider than a pixel
    /// are not to be had from every driver.
    void spindle(Vec3 from, Vec3 to, double width, const QColor& colour) {
        const Vec3 along = to - from;
        const double length = norm(along);
        if (length < 1e-6) {
            return;
        }
        const Vec3 d = (1 / length) * along;
        const Vec3 aside = std::abs(d.y) < 0.9 ? Vec3{0, 1, 0} : Vec3{1, 0, 0};
        Vec3 u{d.y * aside.z - d.z * aside.y, d.z * aside.x - d.x * aside.z, d.x * aside.y - d.y * aside.x};
        u = (1 / norm(u)) * u;
        const Vec3 v{d.y * u.z - d.z * u.y, d.z * u.x - d.x * u.z, d.x * u.y - d.y * u.x};
        const Vec3 waist = from + 0.18 * along;
        const Vec3 ring[4] = {waist + width * u, waist + width * v, waist - width * u, waist - width * v};
        for (int i = 0; i < 4; ++i) {
            // No light falls on it: its sides differ in shade instead.
            const QColor shade = i == 0   ? colour.lighter(118)
                                 : i == 1 ? colour
                                 : i == 2 ? colour.darker(135)
                                          : colour.darker(115);
            const Vec3 &a = ring[i], &b = ring[(i + 1) % 4];
            for (const Vec3& tip : {from, to}) {
                const auto p = add(a.x, a.y, a.z, shade, 1), q = add(b.x, b.y, b.z, shade, 1),
                           r = add(tip.x, tip.y, tip.z, shade, 1);
                triangle(p, q, r);
            }
        }
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
