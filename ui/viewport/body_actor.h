#pragma once

#include "ui/frame/frame_snapshot.h"

#include <vtkNew.h>
#include <vtkSmartPointer.h>

#include <QColor>

#include <memory>
#include <vector>

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

    enum class Paint {
        Regions,    ///< the mannequin in its suit, as in the exported video
        Wireframe,
        Flat,       ///< one colour for the whole body
        Difference, ///< every vertex by its distance from the body it is compared with
        Confidence, ///< every vertex by how well it was seen
        Hidden,     ///< the skeleton is drawn instead
    };
    struct Look {
        Paint paint = Paint::Regions;
        QColor colour;
        QColor background;      ///< what a guess fades into
        QColor outline;         ///< of the selected body
        bool guess = false;     ///< occluded or completed: 60 %, dashed outline
        bool selected = false;
        double differenceScale = 0.06; ///< metres that are drawn fully red
        bool operator==(const Look&) const = default;
    };
    /// @param mesh nothing: hidden
    void setMesh(std::shared_ptr<const PosedMesh> mesh);
    void setLook(const Look& look);
    void setVisible(bool visible);
    /// Fewer triangles, for pictures that must be quick.
    void setCoarse(bool coarse);
    /// Draws only what is left (side -1) or right (+1) of a column of device pixels; side 0: all.
    void setWipe(double column, int side);
    /// @param metresPerPixelAtOneMetre logical pixels, for outlines of constant width
    void setPixelSize(double metresPerPixelAtOneMetre, double devicePixelRatio);
    /// @param up where the sky is, in the camera's axes
    void setSky(Vec3 up);

private:
    void buildTopology(const PosedMesh& mesh);
    void paint();
    void paintVertices();
    void updateVisibility();

    vtkRenderer* renderer_;
    vtkNew<vtkPolyData> data_;
    vtkNew<vtkPoints> points_;
    vtkSmartPointer<vtkFloatArray> xyz_, normals_;
    vtkSmartPointer<vtkUnsignedCharArray> colours_;       ///< per triangle: seams of the suit are crisp
    vtkSmartPointer<vtkUnsignedCharArray> vertexColours_; ///< for differences
    vtkNew<vtkPolyData> coarseData_; ///< the same vertices, see CoarseMesh
    vtkSmartPointer<vtkUnsignedCharArray> coarseColours_;
    std::vector<std::uint32_t> coarseSource_;
    vtkSmartPointer<vtkActor> body_, coarse_, outline_;
    std::vector<BodyRegion> regions_; ///< per triangle
    std::vector<float> vertexShade_;  ///< per vertex, see suitShade()
    std::shared_ptr<const PosedMesh> mesh_;
    const MeshTopology* topology_ = nullptr;
    Look look_;
    bool visible_ = true, isCoarse_ = false;
};

} // namespace body4d::ui
