#include "base/error.h"
#include "ui/viewport/imported_model_vtk.h"

#include <vtkAppendPolyData.h>
#include <vtkCallbackCommand.h>
#include <vtkCellArray.h>
#include <vtkCompositeDataIterator.h>
#include <vtkDataArray.h>
#include <vtkGLTFReader.h>
#include <vtkInformation.h>
#include <vtkMultiBlockDataSet.h>
#include <vtkNew.h>
#include <vtkOBJReader.h>
#include <vtkPLYReader.h>
#include <vtkPointData.h>
#include <vtkPolyDataNormals.h>
#include <vtkStreamingDemandDrivenPipeline.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace body4d::ui {
namespace fs = std::filesystem;
namespace {

std::string extensionOf(const fs::path& file) {
    auto extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension;
}

/// VTK reports what is wrong by events, and on the console where nobody listens.
void quiet(vtkObject* reader, bool& failed) {
    vtkNew<vtkCallbackCommand> listener;
    listener->SetClientData(&failed);
    listener->SetCallback(
        [](vtkObject*, unsigned long, void* flag, void*) { *static_cast<bool*>(flag) = true; });
    reader->AddObserver(vtkCommand::ErrorEvent, listener);
}

vtkSmartPointer<vtkPolyData> withNormals(vtkPolyData* data) {
    const bool surface = data->GetNumberOfPolys() > 0;
    if (!surface || data->GetPointData()->GetNormals() != nullptr) {
        return data;
    }
    vtkNew<vtkPolyDataNormals> normals;
    normals->SetInputData(data);
    normals->SplittingOff();
    normals->Update();
    return normals->GetOutput();
}

/// Everything of a scene in one piece.
vtkSmartPointer<vtkPolyData> joined(vtkMultiBlockDataSet* blocks) {
    vtkNew<vtkAppendPolyData> append;
    bool any = false;
    const auto it = vtkSmartPointer<vtkCompositeDataIterator>::Take(blocks->NewIterator());
    for (it->InitTraversal(); !it->IsDoneWithTraversal(); it->GoToNextItem()) {
        auto* piece = vtkPolyData::SafeDownCast(it->GetCurrentDataObject());
        if (piece != nullptr && piece->GetNumberOfPoints() > 0 &&
            (piece->GetNumberOfPolys() > 0 || piece->GetNumberOfVerts() > 0)) {
            append->AddInputData(piece);
            any = true;
        }
    }
    if (any) {
        append->Update();
    }
    return append->GetOutput();
}

class StillModel : public VtkImportedModel {
public:
    StillModel(const QString& name, vtkPolyData* data) {
        name_ = name;
        setData(withNormals(data));
    }
    bool pose(double) override { return false; }
};

class GltfModel : public VtkImportedModel {
public:
    GltfModel(const QString& name, const fs::path& file) {
        name_ = name;
        quiet(reader_, failed_);
        reader_->SetFileName(file.c_str());
        reader_->ApplyDeformationsToGeometryOn();
        reader_->UpdateInformation();
        for (vtkIdType i = 0; i < reader_->GetNumberOfAnimations(); ++i) {
            reader_->EnableAnimation(i);
            seconds_ = std::max(seconds_, static_cast<double>(reader_->GetAnimationDuration(i)));
        }
        if (seconds_ > 0) {
            reader_->SetFrameRate(60);
            reader_->UpdateInformation();
        }
        pose(0);
    }
    bool pose(double seconds) override {
        seconds = std::clamp(seconds, 0.0, seconds_);
        if (posed_ >= 0 && (seconds_ <= 0 || std::abs(seconds - posed_) < 1e-4)) {
            return false;
        }
        posed_ = seconds;
        if (seconds_ > 0) {
            reader_->GetOutputInformation(0)->Set(vtkStreamingDemandDrivenPipeline::UPDATE_TIME_STEP(),
                                                  seconds);
        }
        reader_->Update();
        if (auto* blocks = vtkMultiBlockDataSet::SafeDownCast(reader_->GetOutputDataObject(0))) {
            setData(withNormals(joined(blocks)));
        }
        return true;
    }
    [[nodiscard]] bool failed() const { return failed_; }

private:
    vtkNew<vtkGLTFReader> reader_;
    bool failed_ = false;
    double posed_ = -1;
};

} // namespace

ImportedModel::~ImportedModel() = default;

void VtkImportedModel::setData(vtkSmartPointer<vtkPolyData> data) {
    // Colours of the file, whatever they are called there.
    for (const char* name : {"RGBA", "RGB", "COLOR_0", "Colors"}) {
        if (data->GetPointData()->HasArray(name)) {
            data->GetPointData()->SetActiveScalars(name);
            break;
        }
    }
    if (vertices_ == 0) {
        vertices_ = data->GetNumberOfPoints();
        triangles_ = data->GetNumberOfPolys();
        double bounds[6];
        data->GetBounds(bounds);
        low_ = {bounds[0], bounds[2], bounds[4]};
        high_ = {bounds[1], bounds[3], bounds[5]};
    }
    if (data->GetNumberOfPolys() == 0 && data->GetNumberOfVerts() == 0 && data->GetNumberOfPoints() > 0) {
        vtkNew<vtkCellArray> points; // a cloud without cells would not be drawn
        for (vtkIdType i = 0; i < data->GetNumberOfPoints(); ++i) {
            points->InsertNextCell(1, &i);
        }
        data->SetVerts(points);
    }
    const std::lock_guard lock(mutex_);
    data_ = std::move(data);
}

bool ImportedModel::canRead(const fs::path& file) {
    const auto extension = extensionOf(file);
    return extension == ".ply" || extension == ".glb" || extension == ".gltf" || extension == ".obj";
}

std::shared_ptr<ImportedModel> ImportedModel::read(const fs::path& file) {
    const auto extension = extensionOf(file);
    const QString name = QString::fromStdString(file.filename().string());
    std::shared_ptr<ImportedModel> model;
    bool failed = false;
    std::error_code ec;
    if (fs::is_regular_file(file, ec) && canRead(file)) {
        if (extension == ".ply") {
            vtkNew<vtkPLYReader> reader;
            quiet(reader, failed);
            reader->SetFileName(file.c_str());
            reader->Update();
            model = std::make_shared<StillModel>(name, reader->GetOutput());
        } else if (extension == ".obj") {
            vtkNew<vtkOBJReader> reader;
            quiet(reader, failed);
            reader->SetFileName(file.c_str());
            reader->Update();
            model = std::make_shared<StillModel>(name, reader->GetOutput());
        } else {
            auto gltf = std::make_shared<GltfModel>(name, file);
            failed = gltf->failed();
            model = std::move(gltf);
        }
    }
    if (!model || failed || model->vertices() == 0) {
        throw Error(ErrorCode::Input, file.filename().string() + " cannot be shown.",
                    "Drop a PLY, GLB or OBJ file with vertices in it.", file.string());
    }
    return model;
}

} // namespace body4d::ui
