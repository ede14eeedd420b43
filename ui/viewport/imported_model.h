#pragma once

#include "base/geometry.h"
#include "scene/foreign_scene.h"

#include <QString>

#include <filesystem>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace body4d::ui {

class PreparedCloud;

/// Meshes, points and cameras from files, to be looked at beside the bodies: y up, metres. Not of the document.
class ImportedModel {
public:
    virtual ~ImportedModel();
    /// Reads what isForeignScene() knows, and animated .glb and .gltf; several files are one model. For a worker
    /// thread, takes seconds for large ones.
    /// @throws Error{Input}
    [[nodiscard]] static std::shared_ptr<ImportedModel> read(std::span<const std::filesystem::path> files,
                                                             UpAxis up = UpAxis::AsDeclared);
    [[nodiscard]] static std::shared_ptr<ImportedModel> read(const std::filesystem::path& file);
    /// Whether a path can be read at all, judged by names.
    [[nodiscard]] static bool canRead(const std::filesystem::path& file);
    /// "*.ply", ... for file dialogs.
    [[nodiscard]] static QString filePatterns();

    [[nodiscard]] const QString& name() const { return name_; }
    [[nodiscard]] const QString& kind() const { return kind_; } ///< "COLMAP model"
    [[nodiscard]] const QString& note() const { return note_; } ///< what was done to it; may be empty
    [[nodiscard]] const std::vector<std::filesystem::path>& files() const { return files_; }
    [[nodiscard]] long long vertices() const { return vertices_; }
    [[nodiscard]] long long triangles() const { return triangles_; }
    /// Bounds of all but a few stray points of clouds.
    [[nodiscard]] Vec3 low() const { return low_; }
    [[nodiscard]] Vec3 high() const { return high_; }
    [[nodiscard]] const std::vector<ForeignCamera>& cameras() const { return cameras_; }
    /// Length of its animation, 0: it has none.
    [[nodiscard]] double seconds() const { return seconds_; }
    /// First and one past the last frame where there is one mesh a frame; equal: there is not.
    [[nodiscard]] std::pair<std::int64_t, std::int64_t> frames() const { return frames_; }
    [[nodiscard]] bool moves() const { return seconds_ > 0 || frames_.second > frames_.first + 1; }
    /// Poses it for a moment; for a worker thread, one at a time. @returns whether it changed
    /// @throws Error{Input} when the file of a frame cannot be read
    virtual bool pose(std::int64_t frame, double seconds) = 0;
    /// Its points that are not a mesh; nothing: there are none.
    [[nodiscard]] const std::shared_ptr<const PreparedCloud>& cloud() const { return cloud_; }

protected:
    QString name_, kind_, note_;
    std::vector<std::filesystem::path> files_;
    long long vertices_ = 0, triangles_ = 0;
    Vec3 low_, high_;
    double seconds_ = 0;
    std::pair<std::int64_t, std::int64_t> frames_{0, 0};
    std::vector<ForeignCamera> cameras_;
    std::shared_ptr<const PreparedCloud> cloud_;
};

} // namespace body4d::ui
