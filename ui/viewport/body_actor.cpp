#include "ui/viewport/body_actor.h"

#include "export/mannequin_palette.h"
#include "ui/theme.h"
#include "ui/viewport/coarse_mesh.h"
#include "ui/viewport/colour_ramp.h"

#include <vtkActor.h>
#include <vtkCellData.h>
#include <vtkCellArray.h>
#include <vtkFloatArray.h>
#include <vtkIdTypeArray.h>
#include <vtkOpenGLPolyDataMapper.h>
#include <vtkOpenGLVertexBufferObject.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkShaderProperty.h>
#include <vtkUniforms.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <utility>

namespace body4d::ui {
namespace {

/// Grows the hull by a constant number of pixels; only its back faces are drawn, so a rim remains around the body.
constexpr const char* kGrow = "  vec4 bodyDC = MCDCMatrix * vertexMC;\n"
                              "  vec4 grownMC = vec4(vertexMC.xyz + normalMC * outlineSize * max(bodyDC.w, 0.1), 1.0);\n"
                              "  vertexVCVSOutput = MCVCMatrix * grownMC;\n"
                              "  gl_Position = MCDCMatrix * grownMC;\n";
constexpr const char* kDash = "//VTK::Color::Impl\n"
                              "  if (wipeSide * (gl_FragCoord.x - wipeColumn) < 0.0) { discard; }\n"
                              "  if (dashLength > 0.0 && mod(0.4 * gl_FragCoord.x + gl_FragCoord.y, dashLength) > 0.6 * dashLength) { discard; }\n";

/// Light from the whole sky and, weaker, from the floor; a rim where the surface turns away. Costs less than further lamps
/// and looks the same from every side.
constexpr const char* kSky = "//VTK::Light::Impl\n"
                             "  float skyShare = 0.5 + 0.5 * dot(normalVCVSOutput, skyVC);\n"
                             "  float turned = 1.0 - clamp(normalVCVSOutput.z, 0.0, 1.0);\n"
                             "  gl_FragData[0].rgb += diffuseColor * mix(vec3(0.10, 0.10, 0.11), vec3(0.33, 0.35, 0.38), skyShare);\n"
                             "  gl_FragData[0].rgb += vec3(0.22, 0.24, 0.27) * turned * turned * turned * skyShare;\n";

/// Only one side of a wipe is drawn.
constexpr const char* kWipe = "//VTK::Color::Impl\n"
                              "  if (wipeSide * (gl_FragCoord.x - wipeColumn) < 0.0) { discard; }\n";

bool byVertex(BodyActor::Paint paint) { return paint == BodyActor::Paint::Difference || paint == BodyActor::Paint::Confidence; }

/// Colours that mean something keep their hue; the suit shows in their brightness, so that the body stays a mannequin.
double suitShade(BodyRegion region) {
    switch (region) {
    case BodyRegion::SuitAccent: return 0.80;
    case BodyRegion::Feet: return 0.68;
    default: return 1;
    }
}

constexpr double kHeatSteps = 255;
constexpr double kOutlinePixels = 1.3, kDashPixels = 9; ///< logical

/// heatColour() in steps: thousands of vertices are painted with every frame.
const std::array<std::array<unsigned char, 3>, 256>& heatTable() {
    static const auto table = [] {
        std::array<std::array<unsigned char, 3>, 256> out{};
        for (std::size_t i = 0; i < out.size(); ++i) {
            const QColor c = heatColour(static_cast<double>(i) / kHeatSteps);
            out[i] = {static_cast<unsigned char>(c.red()), static_cast<unsigned char>(c.green()), static_cast<unsigned char>(c.blue())};
        }
        return out;
    }();
    return table;
}

} // namespace

BodyActor::BodyActor(vtkRenderer* renderer) : renderer_(renderer) {
    xyz_ = vtkSmartPointer<vtkFloatArray>::New();
    xyz_->SetNumberOfComponents(3);
    normals_ = vtkSmartPointer<vtkFloatArray>::New();
    normals_->SetNumberOfComponents(3);
    normals_->SetName("Normals");
    colours_ = vtkSmartPointer<vtkUnsignedCharArray>::New();
    colours_->SetNumberOfComponents(3);
    colours_->SetName("Colours");
    points_->SetData(xyz_);
    data_->SetPoints(points_);
    data_->GetPointData()->SetNormals(normals_);
    vertexColours_ = vtkSmartPointer<vtkUnsignedCharArray>::New();
    vertexColours_->SetNumberOfComponents(3);
    vertexColours_->SetName("VertexColours");
    data_->GetCellData()->SetScalars(colours_);

    coarseColours_ = vtkSmartPointer<vtkUnsignedCharArray>::New();
    coarseColours_->SetNumberOfComponents(3);
    coarseColours_->SetName("Colours");
    coarseData_->SetPoints(points_);
    coarseData_->GetPointData()->SetNormals(normals_);
    coarseData_->GetCellData()->SetScalars(coarseColours_);

    const auto makeActor = [&](bool scalars, vtkPolyData* data) {
        vtkNew<vtkPolyDataMapper> mapper;
        mapper->SetInputData(data);
        mapper->SetScalarVisibility(scalars);
        mapper->SetScalarModeToUseCellData();
        mapper->SetStatic(true); // no pipeline upstream
        if (auto* gl = vtkOpenGLPolyDataMapper::SafeDownCast(mapper)) {
            gl->SetVBOShiftScaleMethod(vtkOpenGLVertexBufferObject::DISABLE_SHIFT_SCALE);
        }
        auto actor = vtkSmartPointer<vtkActor>::New();
        actor->SetMapper(mapper);
        actor->VisibilityOff();
        renderer_->AddActor(actor);
        return actor;
    };
    outline_ = makeActor(false, data_);
    auto* line = outline_->GetProperty();
    line->FrontfaceCullingOn();
    line->SetAmbient(1);
    line->SetDiffuse(0);
    line->SetSpecular(0);
    auto* shader = outline_->GetShaderProperty();
    shader->AddVertexShaderReplacement("//VTK::PositionVC::Impl", true, kGrow, false);
    shader->AddFragmentShaderReplacement("//VTK::Color::Impl", true, kDash, false);
    shader->GetVertexCustomUniforms()->SetUniformf("outlineSize", 0.003F);
    shader->GetFragmentCustomUniforms()->SetUniformf("dashLength", 0);
    shader->GetFragmentCustomUniforms()->SetUniformf("wipeSide", 0);
    shader->GetFragmentCustomUniforms()->SetUniformf("wipeColumn", 0);
    outline_->UseBoundsOff();

    body_ = makeActor(true, data_);
    auto* skin = body_->GetProperty();
    skin->BackfaceCullingOn();
    skin->SetAmbient(0);
    skin->SetDiffuse(0.72);
    skin->SetSpecular(0.06);
    skin->SetSpecularPower(14);
    skin->SetInterpolationToPhong();
    auto* cut = body_->GetShaderProperty();
    cut->AddFragmentShaderReplacement("//VTK::Color::Impl", true, kWipe, false);
    cut->AddFragmentShaderReplacement("//VTK::Light::Impl", true, kSky, false);
    setSky({0, 1, 0});
    cut->GetFragmentCustomUniforms()->SetUniformf("wipeSide", 0);
    cut->GetFragmentCustomUniforms()->SetUniformf("wipeColumn", 0);
    coarse_ = makeActor(true, coarseData_);
    coarse_->SetProperty(skin);
    coarse_->SetShaderProperty(cut);
}

BodyActor::~BodyActor() {
    renderer_->RemoveActor(body_);
    renderer_->RemoveActor(coarse_);
    renderer_->RemoveActor(outline_);
}

namespace {

vtkSmartPointer<vtkCellArray> cellsOf(const std::vector<std::array<std::uint32_t, 3>>& triangles) {
    vtkNew<vtkIdTypeArray> offsets, connectivity;
    offsets->SetNumberOfValues(static_cast<vtkIdType>(triangles.size()) + 1);
    connectivity->SetNumberOfValues(3 * static_cast<vtkIdType>(triangles.size()));
    for (std::size_t i = 0; i < triangles.size(); ++i) {
        offsets->SetValue(static_cast<vtkIdType>(i), static_cast<vtkIdType>(3 * i));
        for (std::size_t k = 0; k < 3; ++k) {
            connectivity->SetValue(static_cast<vtkIdType>(3 * i + k), triangles[i][k]);
        }
    }
    offsets->SetValue(static_cast<vtkIdType>(triangles.size()), 3 * static_cast<vtkIdType>(triangles.size()));
    auto cells = vtkSmartPointer<vtkCellArray>::New();
    cells->SetData(offsets, connectivity);
    return cells;
}

/// Made once a body model: people share it.
std::shared_ptr<const CoarseMesh> coarseOf(const PosedMesh& mesh) {
    static std::map<const MeshTopology*, std::pair<std::weak_ptr<const BodyModel>, std::shared_ptr<const CoarseMesh>>> known; // GUI thread
    auto& entry = known[&mesh.model->topology()];
    if (!entry.second || entry.first.lock() != mesh.model) {
        entry = {mesh.model, std::make_shared<const CoarseMesh>(coarsen(mesh.vertices, mesh.model->topology()))};
    }
    return entry.second;
}

} // namespace

void BodyActor::buildTopology(const PosedMesh& mesh) {
    const auto& triangles = mesh.model->topology().triangles;
    data_->SetPolys(cellsOf(triangles));
    const auto coarse = coarseOf(mesh);
    coarseData_->SetPolys(cellsOf(coarse->triangles));
    coarseSource_ = coarse->source;
    coarseColours_->SetNumberOfTuples(static_cast<vtkIdType>(coarseSource_.size()));
    const auto count = static_cast<vtkIdType>(mesh.vertices.size());
    xyz_->SetNumberOfTuples(count);
    normals_->SetNumberOfTuples(count);
    colours_->SetNumberOfTuples(static_cast<vtkIdType>(triangles.size()));
    vertexColours_->SetNumberOfTuples(count);
    topology_ = &mesh.model->topology();
    regions_ = triangleRegions(*topology_);
    vertexShade_.assign(mesh.vertices.size(), 1);
    for (std::size_t i = 0; i < triangles.size(); ++i) {
        for (const auto v : triangles[i]) {
            vertexShade_[v] = static_cast<float>(suitShade(regions_[i]));
        }
    }
    paint();
}

void BodyActor::paint() {
    if (!topology_) {
        return;
    }
    const bool regions = look_.paint == Paint::Regions;
    std::array<std::array<unsigned char, 3>, kBodyRegionCount> palette{};
    for (int r = 0; r < kBodyRegionCount; ++r) {
        QColor c = look_.colour;
        if (regions) {
            const auto rgb = regionColour(static_cast<BodyRegion>(r), look_.colour.name().toStdString());
            c = QColor(rgb[0], rgb[1], rgb[2]);
        } else if (look_.paint == Paint::Flat) {
            c = blend(QColor(Qt::black), c, suitShade(static_cast<BodyRegion>(r)));
        }
        if (look_.guess) {
            c = blend(c, look_.background, 0.4);
        }
        palette[static_cast<std::size_t>(r)] = {static_cast<unsigned char>(c.red()), static_cast<unsigned char>(c.green()),
                                                static_cast<unsigned char>(c.blue())};
    }
    auto* out = colours_->GetPointer(0);
    for (std::size_t i = 0; i < regions_.size(); ++i) {
        std::memcpy(out + 3 * i, palette[static_cast<std::size_t>(regions_[i])].data(), 3);
    }
    colours_->Modified();
    for (std::size_t i = 0; i < coarseSource_.size(); ++i) {
        std::memcpy(coarseColours_->GetPointer(static_cast<vtkIdType>(3 * i)), out + 3 * static_cast<std::size_t>(coarseSource_[i]), 3);
    }
    coarseColours_->Modified();
    const bool points = byVertex(look_.paint);
    for (const auto& [actor, data] : {std::pair(body_, data_.Get()), std::pair(coarse_, coarseData_.Get())}) {
        auto* mapper = vtkPolyDataMapper::SafeDownCast(actor->GetMapper());
        data->GetPointData()->SetScalars(points ? vertexColours_.Get() : nullptr);
        if (points) {
            mapper->SetScalarModeToUsePointData();
        } else {
            mapper->SetScalarModeToUseCellData();
        }
    }
    paintVertices();
    auto* skin = body_->GetProperty();
    if (look_.paint == Paint::Wireframe) {
        skin->SetRepresentationToWireframe();
        skin->BackfaceCullingOff();
    } else {
        skin->SetRepresentationToSurface();
        skin->BackfaceCullingOn();
    }
    data_->Modified();
    coarseData_->Modified();
}

void BodyActor::paintVertices() {
    if (!mesh_ || !byVertex(look_.paint)) {
        return;
    }
    const bool difference = look_.paint == Paint::Difference;
    const auto& values = difference ? mesh_->difference : mesh_->confidence;
    // Sure is calm, unsure is hot.
    const double factor = difference ? kHeatSteps / look_.differenceScale : -1.0 * kHeatSteps, offset = difference ? 0 : kHeatSteps;
    const auto& table = heatTable();
    auto* out = vertexColours_->GetPointer(0);
    for (std::size_t i = 0; i < mesh_->vertices.size(); ++i) {
        const double at = i < values.size() ? offset + factor * static_cast<double>(values[i]) : 0;
        const auto& heat = table[static_cast<std::size_t>(std::clamp(at, 0.0, kHeatSteps))];
        for (std::size_t c = 0; c < 3; ++c) {
            out[3 * i + c] = static_cast<unsigned char>(vertexShade_[i] * static_cast<float>(heat[c]));
        }
    }
    vertexColours_->Modified();
}

void BodyActor::setMesh(std::shared_ptr<const PosedMesh> mesh) {
    if (mesh == mesh_) {
        return;
    }
    mesh_ = std::move(mesh);
    if (mesh_) {
        if (topology_ != &mesh_->model->topology()) {
            buildTopology(*mesh_);
        }
        static_assert(sizeof(Vec3f) == 3 * sizeof(float));
        std::memcpy(xyz_->GetPointer(0), mesh_->vertices.data(), mesh_->vertices.size() * sizeof(Vec3f));
        std::memcpy(normals_->GetPointer(0), mesh_->normals.data(), mesh_->normals.size() * sizeof(Vec3f));
        xyz_->Modified();
        normals_->Modified();
        points_->Modified();
        paintVertices();
        data_->Modified();
        coarseData_->Modified();
    }
    updateVisibility();
}

void BodyActor::setLook(const Look& look) {
    if (look == look_) {
        return;
    }
    const bool recolour =
        look.colour != look_.colour || look.guess != look_.guess || look.background != look_.background ||
        look.paint != look_.paint || look.differenceScale != look_.differenceScale;
    look_ = look;
    if (recolour) {
        paint();
    }
    const QColor line = look_.selected ? look_.outline : look_.colour;
    outline_->GetProperty()->SetColor(line.redF(), line.greenF(), line.blueF());
    updateVisibility();
}

void BodyActor::setVisible(bool visible) {
    visible_ = visible;
    updateVisibility();
}

void BodyActor::setCoarse(bool coarse) {
    if (std::exchange(isCoarse_, coarse) != coarse) {
        updateVisibility();
    }
}

void BodyActor::setWipe(double column, int side) {
    for (const auto& actor : {body_, outline_}) {
        auto* uniforms = actor->GetShaderProperty()->GetFragmentCustomUniforms();
        uniforms->SetUniformf("wipeColumn", static_cast<float>(column));
        uniforms->SetUniformf("wipeSide", static_cast<float>(side));
    }
}

void BodyActor::setPixelSize(double metresPerPixelAtOneMetre, double devicePixelRatio) {
    auto* shader = outline_->GetShaderProperty();
    shader->GetVertexCustomUniforms()->SetUniformf("outlineSize", static_cast<float>(kOutlinePixels * metresPerPixelAtOneMetre * devicePixelRatio));
    shader->GetFragmentCustomUniforms()->SetUniformf("dashLength", look_.guess ? static_cast<float>(kDashPixels * devicePixelRatio) : 0);
}

void BodyActor::setSky(Vec3 up) {
    const float direction[3] = {static_cast<float>(up.x), static_cast<float>(up.y), static_cast<float>(up.z)};
    body_->GetShaderProperty()->GetFragmentCustomUniforms()->SetUniform3f("skyVC", direction);
}

void BodyActor::updateVisibility() {
    const bool shown = visible_ && mesh_ != nullptr && look_.paint != Paint::Hidden;
    const bool coarse = isCoarse_ && look_.paint != Paint::Wireframe;
    body_->SetVisibility(shown && !coarse);
    coarse_->SetVisibility(shown && coarse);
    outline_->SetVisibility(shown && (look_.selected || look_.guess));
}

} // namespace body4d::ui
