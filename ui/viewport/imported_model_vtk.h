#pragma once

#include "ui/viewport/imported_model.h"

#include <vtkPolyData.h>
#include <vtkSmartPointer.h>

#include <mutex>

namespace body4d::ui {

/// What the viewport needs of an imported model.
class VtkImportedModel : public ImportedModel {
public:
    /// The newest pose of its meshes, may be empty; thread-safe.
    [[nodiscard]] vtkSmartPointer<vtkPolyData> data() const {
        const std::lock_guard lock(mutex_);
        return data_;
    }

protected:
    /// Counts and bounds are those of the first call.
    void setData(vtkSmartPointer<vtkPolyData> data);
    void growBounds(Vec3 low, Vec3 high);

private:
    mutable std::mutex mutex_;
    vtkSmartPointer<vtkPolyData> data_;
    bool bounded_ = false;
};

/// An animated .glb or .gltf. @throws Error{Input}
[[nodiscard]] std::shared_ptr<ImportedModel> readAnimatedGltf(const std::filesystem::path& file);

} // namespace body4d::ui
