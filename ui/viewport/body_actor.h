#pragma once

#include "ui/frame/frame_snapshot.h"

#include <vtkNew.h>
#include <vtkSmartPointer.h>

#include <QColor>

#include <memory>

class vtkActor;
class vtkFloatArray;
class vtkPoints;
class vtkPolyData;
class vtkPolyDataMapper;
class vtkRenderer;
class vtkUnsignedCharArray;

namespace body4d::ui {

/// One person in the viewport: updated in place, vertices and normals copied into the same buffers every frame.
class BodyActor {
public:
    explicit BodyActor(vtkRenderer* renderer);
    ~BodyActor();
    BodyActor(const BodyActor&) = delete;
    BodyActor& operator=(const BodyActor&) = delete;

    struct Look {
        QColor colour;
        QColor background;      ///< what a guess fades into
        QColor outline;         ///< of the selected body
        bool guess = false;     ///< occluded or completed: 60 %, dashed outline
        bool selected = false;
        bool operator==(const Look&) const = default;
    };
    /// @param mesh nothing: hidden
    void setMesh(std::shared_ptr<const PosedMesh> mesh);
    void setLook(const Look& look);
    void setVisible(bool visible);
    /// @param metresPerPixelAtOneMetre for outlines of constant width
    void setPixelSize(double metresPerPixelAtOneMetre);

private:
    void buildTopology(const PosedMesh& mesh);
    void paintRegions();
    void updateVisibility();

    vtkRenderer* renderer_;
    vtkNew<vtkPolyData> data_;
    vtkNew<vtkPoints> points_;
    vtkSmartPointer<vtkFloatArray> xyz_, normals_;
    vtkSmartPointer<vtkUnsignedCharArray> colours_;
    vtkSmartPointer<vtkActor> body_, outline_;
    std::shared_ptr<const PosedMesh> mesh_;
    const MeshTopology* topology_ = nullptr;
    Look look_;
    bool visible_ = true;
};

} // namespace body4d::ui
