#pragma once

#include "export/glb_file_internal.h"
#include "export/motion_table_internal.h"
#include "export/rig.h"
#include "export/skin_fit.h"
#include "export/surface_layout.h"
#include "export/writers.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace body4d::detail {

/// Key times, strictly rising also as floats.
class KeyTimes {
public:
    /// @returns false where the time is not later than the last one as a float
    bool add(double seconds) {
        const auto t = static_cast<float>(std::max(seconds, 0.0));
        if (!values_.empty() && t <= values_.back()) {
            return false;
        }
        values_.push_back(t);
        return true;
    }
    [[nodiscard]] const std::vector<float>& values() const { return values_; }

private:
    std::vector<float> values_;
};

/// How a rig moves through the frames in which a person is shown.
struct RigMotion {
    MotionTable keys;
    KeyTimes times;
};

/// Just before a cut the last pose of the old shot is set once more: nothing is interpolated across.
inline constexpr double kCutSeconds = 1e-3;

[[nodiscard]] GlbFile::Json jsonOf(std::span<const float> values);

/// One glTF file as it grows: nodes, meshes, skins and one animation, from an exported clip.
class GlbScene {
public:
    GlbScene(const ExportClip& clip, const std::filesystem::path& scratch);

    void addCameras();
    /// One that took the frames `begin` to `end`.
    void addCamera(const std::string& name, std::int64_t begin, std::int64_t end);
    void addPlace();
    void addGround(std::span<const ExportPerson> people);
    SkinError addSkinned(const ExportPerson& person, const std::function<void()>& tick);
    /// The skeleton alone, as lines that its joints move, for a mesh that nothing ties to it.
    void addArmature(const ExportPerson& person, const std::function<void()>& tick);
    void addExact(const ExportPerson& person, const std::function<void()>& tick);
    void write(const std::filesystem::path& path);
    bool empty() const { return roots_.empty(); }

private:
    int addNode(GlbFile::Json node, bool root) {
        nodes_.push_back(std::move(node));
        const int index = static_cast<int>(nodes_.size()) - 1;
        if (root) {
            roots_.push_back(index);
        }
        return index;
    }
    std::map<BodyRegion, int> addMaterials(const ExportPerson& person, const SurfaceLayout& layout);
    void addChannel(int node, const char* path, int input, int output, const char* interpolation) {
        animation_["samplers"].push_back(
            {{"input", input}, {"output", output}, {"interpolation", interpolation}});
        animation_["channels"].push_back(
            {{"sampler", animation_["samplers"].size() - 1}, {"target", {{"node", node}, {"path", path}}}});
    }
    void addVisibility(int node, const std::function<bool(std::int64_t)>& shown);
    /// A node for the person, below it the joints as they stand in the first shown frame, their motion, and a
    /// skin.
    void addJoints(const ExportPerson& person, const Rig& rig, const RigMotion& motion, Vec3 offset,
                   const std::string& name);
    [[nodiscard]] std::unique_ptr<RigMotion> motionOf(const ExportPerson& person, const Rig& rig,
                                                      const std::function<void()>& tick) const;
    [[nodiscard]] std::filesystem::path keysFile() const { return scratch_.string() + ".keys"; }
    int addTimes(const std::vector<float>& times) { return file_.addFloats(times, 1, true); }

    const ExportClip& clip_;
    std::filesystem::path scratch_;
    GlbFile file_;
    GlbFile::Json nodes_ = GlbFile::Json::array(), meshes_ = GlbFile::Json::array(), skins_ = GlbFile::Json::array(), materials_ = GlbFile::Json::array(),
         cameras_ = GlbFile::Json::array(), animation_;
    std::vector<int> roots_;
};

} // namespace body4d::detail
