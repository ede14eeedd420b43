#pragma once

#include "models/scene_estimator.h"
#include "models/scene_input.h"
#include "pipeline/scene_run.h"
#include "scene/colmap.h"
#include "video/video_reader.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace body4d::detail {

/// The side that an engine's own programs scale pictures to.
[[nodiscard]] int usualSceneResolution(const std::string& engine);

/// The pictures of a scene as its network wants them, read when they are asked for.
class SceneFrames {
public:
    /// @throws Error{Input, Usage}
    SceneFrames(const SceneInput& input, const SceneSettings& settings);

    [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(numbers_.size()); }
    [[nodiscard]] const std::vector<std::int64_t>& numbers() const { return numbers_; } ///< in the input
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
    /// Of the first picture to the size that all are cut to.
    [[nodiscard]] const InputMapping& mapping() const { return mapping_; }
    [[nodiscard]] int originalWidth() const { return originalWidth_; }
    [[nodiscard]] int originalHeight() const { return originalHeight_; }
    [[nodiscard]] std::int64_t videoBytes() const { return videoBytes_; } ///< 0: pictures
    /// Cameras in processed pixels, one a picture; empty where they are not known.
    [[nodiscard]] const std::vector<SceneRequest::KnownCamera>& cameras() const { return cameras_; }
    /// What tells this input from another: names, sizes and times of its files.
    [[nodiscard]] const std::string& identity() const { return identity_; }
    /// The side that pictures are scaled to, before it becomes a multiple of 14.
    [[nodiscard]] int resolution() const { return resolution_; }
    /// Rising indices are fast.
    [[nodiscard]] ImagePtr read(std::int64_t index);

private:
    void takeVideo(const SceneInput& input);
    void takePictures(const std::vector<std::filesystem::path>& files);
    void takeColmap(const SceneInput& input);
    [[nodiscard]] InputMapping mapped(int width, int height) const;
    void identify(const std::filesystem::path& file);

    std::string engine_;
    int resolution_;
    ProcessMethod method_;
    VggtMode vggtMode_;
    std::unique_ptr<VideoReader> video_;
    std::vector<std::filesystem::path> files_;
    std::vector<std::int64_t> numbers_;
    std::vector<std::string> names_;
    InputMapping mapping_;
    int originalWidth_ = 0, originalHeight_ = 0;
    std::int64_t videoBytes_ = 0;
    std::vector<SceneRequest::KnownCamera> cameras_;
    std::string identity_;
};

} // namespace body4d::detail
