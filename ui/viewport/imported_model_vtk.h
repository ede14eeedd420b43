#pragma once

#include "ui/viewport/imported_model.h"

#include <vtkPolyData.h>
#include <vtkSmartPointer.h>

#include <mutex>

namespace body4d::ui {

/// What the viewport needs of an imported model.
class VtkImportedModel : public ImportedModel {
public:
    /// The newest pose; thread-safe.
    [[nodiscard]] vtkSmartPointer<vtkPolyData> data() const {
        const std::lock_guard lock(mutex_);
        return data_;
    }

protected:
    void setData(vtkSmartPointer<vtkPolyData> data);

private:
    mutable std::mutex mutex_;
    vtkSmartPointer<vtkPolyData> data_;
};

} // namespace body4d::ui
