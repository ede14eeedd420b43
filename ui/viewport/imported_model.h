#pragma once

#include "base/geometry.h"

#include <QString>

#include <filesystem>
#include <memory>
#include <vector>

namespace body4d::ui {

/// A model from a file, to be looked at beside the bodies: y up, metres, as this program writes them. Not of
/// the document.
class ImportedModel {
public:
    virtual ~ImportedModel();
    /// Reads .ply (mesh or points), .glb, .gltf or .obj; for a worker thread, takes seconds for large ones.
    /// @throws Error{Input}
    [[nodiscard]] static std::shared_ptr<ImportedModel> read(const std::filesystem::path& file);
    /// Whether a path can be read at all, judged by its name.
    [[nodiscard]] static bool canRead(const std::filesystem::path& file);

    [[nodiscard]] const QString& name() const { return name_; }
    [[nodiscard]] long long vertices() const { return vertices_; }
    [[nodiscard]] long long triangles() const { return triangles_; }
    [[nodiscard]] Vec3 low() const { return low_; }
    [[nodiscard]] Vec3 high() const { return high_; }
    /// Length of its animation, 0: it does not move.
    [[nodiscard]] double seconds() const { return seconds_; }
    /// Poses it for a moment of its animation; for a worker thread, one at a time. @returns whether it
    /// changed
    virtual bool pose(double seconds) = 0;

protected:
    QString name_;
    long long vertices_ = 0, triangles_ = 0;
    Vec3 low_, high_;
    double seconds_ = 0;
};

} // namespace body4d::ui
