#include "ui/viewport/cloud_actor.h"

#include "ui/viewport/colour_ramp.h"

#include <vtkActor.h>
#include <vtkCallbackCommand.h>
#include <vtkCellArray.h>
#include <vtkCommand.h>
#include <vtkDataObject.h>
#include <vtkFloatArray.h>
#include <vtkNew.h>
#include <vtkOpenGLPolyDataMapper.h>
#include <vtkOpenGLVertexBufferObject.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkShaderProperty.h>
#include <vtkTypeInt32Array.h>
#include <vtkUniforms.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>

namespace body4d::ui {
namespace {

constexpr const char* kRank = "cloudRank";

constexpr const char* kVertexDeclarations = "//VTK::PositionVC::Dec\n"
                                            "in float cloudRank;\n"
                                            "out float cloudValue;\n";
/// Cut points go where nothing is drawn.
constexpr const char* kVertex = "//VTK::PositionVC::Impl\n"
                                "  cloudValue = cloudRank;\n"
                                "  if (cloudPaint == 2) { cloudValue = (vertexMC.y - cloudLowest) / cloudHeight; }\n"
                                "  if (cloudPaint == 4) { cloudValue = gl_Position.w / cloudFarthest; }\n"
                                "  if (cloudRank < cloudCut) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); }\n";
constexpr const char* kFragment = "//VTK::Color::Impl\n"
                                  "  if (cloudRound > 0.5) {\n"
                                  "    vec2 off = gl_PointCoord - vec2(0.5);\n"
                                  "    if (dot(off, off) > 0.25) { discard; }\n"
                                  "  }\n"
                                  "  if (cloudTint == 1) { diffuseColor = cloudPlain; }\n"
                                  "  if (cloudTint == 2) { diffuseColor = valueColour(cloudValue); }\n"
                                  "  ambientColor = vec3(0.0);\n";

/// Lets an array that only points at the cloud's values keep them alive: buffers of the device may hold it for longer
/// than the cloud is shown.
void keepAlive(vtkObject* array, const std::shared_ptr<const CloudData>& cloud) {
    vtkNew<vtkCallbackCommand> holder;
    holder->SetClientData(new std::shared_ptr<const CloudData>(cloud));
    holder->SetClientDataDeleteCallback([](void* held) { delete static_cast<std::shared_ptr<const CloudData>*>(held); });
    array->AddObserver(vtkCommand::UserEvent, holder);
}

/// The first n points as cells; one cell holds them all.
vtkSmartPointer<vtkPolyData> firstOf(vtkPolyData* all, std::size_t n) {
    auto part = vtkSmartPointer<vtkPolyData>::New();
    part->SetPoints(all->GetPoints()); // the same arrays, so the same buffers on the device
    part->GetPointData()->ShallowCopy(all->GetPointData());
    vtkNew<vtkTypeInt32Array> offsets, ids;
    offsets->SetNumberOfValues(2);
    offsets->SetValue(0, 0);
    offsets->SetValue(1, static_cast<vtkTypeInt32>(n));
    ids->SetNumberOfValues(static_cast<vtkIdType>(n));
    for (std::size_t i = 0; i < n; ++i) {
        ids->SetValue(static_cast<vtkIdType>(i), static_cast<vtkTypeInt32>(i));
    }
    vtkNew<vtkCellArray> cells;
    cells->SetData(offsets, ids);
    part->SetVerts(cells);
    return part;
}

} // namespace

struct PreparedCloud::Vtk {
    vtkSmartPointer<vtkPolyData> all, still, moving;
    [[nodiscard]] vtkPolyData* data(Share share) const {
        return share == Share::All ? all : share == Share::Still ? still : moving;
    }
};

PreparedCloud::PreparedCloud(std::shared_ptr<const CloudData> cloud) : cloud_(std::move(cloud)), vtk_(std::make_unique<Vtk>()) {
    const auto count = static_cast<vtkIdType>(cloud_->positions.size());
    static_assert(sizeof(Vec3f) == 3 * sizeof(float));
    vtkNew<vtkFloatArray> xyz, rank;
    xyz->SetNumberOfComponents(3);
    // VTK only reads what lies in the arrays.
    xyz->SetArray(const_cast<float*>(&cloud_->positions.data()->x), 3 * count, 1);
    keepAlive(xyz, cloud_);
    vtkNew<vtkPoints> points;
    points->SetData(xyz);
    vtkNew<vtkPolyData> whole;
    whole->SetPoints(points);
    rank->SetName(kRank);
    if (cloud_->rank.empty()) {
        rank->SetNumberOfValues(count);
        rank->FillValue(1);
    } else {
        rank->SetArray(const_cast<float*>(cloud_->rank.data()), count, 1);
        keepAlive(rank, cloud_);
    }
    whole->GetPointData()->AddArray(rank);
    if (!cloud_->colours.empty()) {
        vtkNew<vtkUnsignedCharArray> colours;
        colours->SetName("Colours");
        colours->SetNumberOfComponents(3);
        colours->SetArray(const_cast<unsigned char*>(cloud_->colours.data()->data()), 3 * count, 1);
        keepAlive(colours, cloud_);
        whole->GetPointData()->SetScalars(colours);
    }
    const auto share = [&](std::size_t most) { return cloud_->positions.size() > most ? firstOf(whole, most) : vtk_->all; };
    vtk_->all = firstOf(whole, cloud_->positions.size());
    vtk_->still = share(kStill);
    vtk_->moving = share(kMoving);
    for (const auto& part : {vtk_->all, vtk_->still, vtk_->moving}) {
        part->GetBounds(); // computed here, not while drawing
    }
}

PreparedCloud::~PreparedCloud() = default;

std::size_t PreparedCloud::pointCount(Share share) const {
    return static_cast<std::size_t>(vtk_->data(share)->GetVerts()->GetNumberOfConnectivityIds());
}

CloudActor::CloudActor(vtkRenderer* renderer) : renderer_(renderer), actor_(vtkSmartPointer<vtkActor>::New()) {
    vtkNew<vtkPolyDataMapper> mapper;
    vtkNew<vtkPolyData> nothing;
    mapper->SetInputData(nothing);
    mapper->SetStatic(true);
    mapper->SetColorModeToDirectScalars();
    if (auto* gl = vtkOpenGLPolyDataMapper::SafeDownCast(mapper)) {
        gl->SetVBOShiftScaleMethod(vtkOpenGLVertexBufferObject::DISABLE_SHIFT_SCALE);
        gl->MapDataArrayToVertexAttribute(kRank, kRank, vtkDataObject::FIELD_ASSOCIATION_POINTS, -1);
    }
    actor_->SetMapper(mapper);
    actor_->GetProperty()->SetRepresentationToPoints();
    actor_->GetProperty()->LightingOff();
    actor_->UseBoundsOff();
    actor_->PickableOff();
    actor_->VisibilityOff();
    auto* shader = actor_->GetShaderProperty();
    shader->AddVertexShaderReplacement("//VTK::PositionVC::Dec", true, kVertexDeclarations, false);
    shader->AddVertexShaderReplacement("//VTK::PositionVC::Impl", true, kVertex, false);
    shader->AddFragmentShaderReplacement("//VTK::Color::Dec", true,
                                         "//VTK::Color::Dec\nin float cloudValue;\n" + valueColourShader(), false);
    shader->AddFragmentShaderReplacement("//VTK::Color::Impl", true, kFragment, false);
    setStyle({}, Qt::white, 1);
    setScale(0, 2, 10);
    renderer_->AddActor(actor_);
}

CloudActor::~CloudActor() { renderer_->RemoveActor(actor_); }

void CloudActor::setCloud(std::shared_ptr<const PreparedCloud> cloud) {
    cloud_ = std::move(cloud);
    showShare();
}

void CloudActor::setVisible(bool visible) {
    visible_ = visible;
    actor_->SetVisibility(visible_ && cloud_ && !cloud_->cloud().empty());
}

void CloudActor::setShare(PreparedCloud::Share share) {
    if (std::exchange(share_, share) != share) {
        showShare();
    }
}

void CloudActor::showShare() {
    auto* mapper = vtkPolyDataMapper::SafeDownCast(actor_->GetMapper());
    if (cloud_) {
        mapper->SetInputData(cloud_->vtk().data(share_));
        mapper->SetScalarVisibility(!cloud_->cloud().colours.empty());
    } else {
        vtkNew<vtkPolyData> nothing;
        mapper->SetInputData(nothing);
    }
    setVisible(visible_);
}

void CloudActor::setStyle(const CloudStyle& style, const QColor& plain, double devicePixelRatio) {
    auto* look = actor_->GetProperty();
    const double size = std::max(1.0, style.pointSize * devicePixelRatio);
    look->SetPointSize(static_cast<float>(size));
    look->SetColor(plain.redF(), plain.greenF(), plain.blueF());
    auto* vertex = actor_->GetShaderProperty()->GetVertexCustomUniforms();
    auto* fragment = actor_->GetShaderProperty()->GetFragmentCustomUniforms();
    vertex->SetUniformi("cloudPaint", static_cast<int>(style.paint));
    vertex->SetUniformf("cloudCut", static_cast<float>(style.hideLeastSure));
    const bool value = style.paint == CloudPaint::Height || style.paint == CloudPaint::Confidence || style.paint == CloudPaint::Distance;
    fragment->SetUniformi("cloudTint", value ? 2 : style.paint == CloudPaint::Plain ? 1 : 0);
    const float rgb[3] = {static_cast<float>(plain.redF()), static_cast<float>(plain.greenF()), static_cast<float>(plain.blueF())};
    fragment->SetUniform3f("cloudPlain", rgb);
    fragment->SetUniformf("cloudRound", size >= 3 ? 1 : 0);
}

void CloudActor::setScale(double lowest, double highest, double farthest) {
    auto* vertex = actor_->GetShaderProperty()->GetVertexCustomUniforms();
    vertex->SetUniformf("cloudLowest", static_cast<float>(lowest));
    vertex->SetUniformf("cloudHeight", static_cast<float>(std::max(1e-3, highest - lowest)));
    vertex->SetUniformf("cloudFarthest", static_cast<float>(std::max(1e-3, farthest)));
}

} // namespace body4d::ui
