#include "base/error.h"
#include "ui/viewport/imported_model_vtk.h"

#include <vtkAppendPolyData.h>
#include <vtkCallbackCommand.h>
#include <vtkCompositeDataIterator.h>
#include <vtkGLTFReader.h>
#include <vtkInformation.h>
#include <vtkMultiBlockDataSet.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPolyDataNormals.h>
#include <vtkStreamingDemandDrivenPipeline.h>

#include <algorithm>
#include <cmath>

namespace body4d::ui {
namespace fs = std::filesystem;
namespace {

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

class GltfModel : public VtkImportedModel {
public:
    GltfModel(const QString& name, const fs::path& file) {
        name_ = name;
        kind_ = QStringLiteral("glTF");
        files_ = {file};
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
        pose(0, 0);
    }
    bool pose(std::int64_t, double seconds) override {
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

std::shared_ptr<ImportedModel> readAnimatedGltf(const fs::path& file) {
    auto model = std::make_shared<GltfModel>(QString::fromStdString(file.filename().string()), file);
    if (model->failed() || model->vertices() == 0) {
        throw Error(ErrorCode::Input, file.filename().string() + " cannot be shown: its description or its data is damaged.",
                    "Write the file again, or take another one.", file.string());
    }
    return model;
}

} // namespace body4d::ui
