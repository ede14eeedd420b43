#include "pipeline/scene_frames.h"

#include "base/error.h"
#include "video/extract.h"
#include "video/video_writer.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <set>
#include <system_error>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

std::string extensionOf(const fs::path& file) {
    auto e = file.extension().string();
    std::transform(e.begin(), e.end(), e.begin(), [](unsigned char c) { return std::tolower(c); });
    return e.empty() ? e : e.substr(1);
}

bool isPicture(const fs::path& file) {
    static const std::set<std::string> kinds = {"png", "jpg", "jpeg", "webp", "bmp", "tiff", "tif"};
    return kinds.contains(extensionOf(file));
}

std::vector<fs::path> picturesIn(const fs::path& folder, const std::vector<std::string>& extensions) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_regular_file() &&
            std::find(extensions.begin(), extensions.end(), extensionOf(entry.path())) != extensions.end()) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) {
        throw Error(ErrorCode::Input, "There are no pictures in " + folder.string() + ".",
                    "Put .png or .jpg files there, or name other kinds with --image-extensions.",
                    folder.string());
    }
    return files;
}

void requirePresent(const fs::path& file) {
    std::error_code code;
    if (!fs::exists(file, code)) {
        throw Error(ErrorCode::Input, "There is no " + file.string() + ".", "Check the path.", file.string());
    }
}

void requirePicture(const fs::path& file) {
    requirePresent(file);
    std::error_code code;
    if (fs::is_directory(file, code)) {
        throw Error(ErrorCode::Usage, file.filename().string() + " is a folder, not a picture.",
                    "Give a folder alone: body4d scene images FOLDER.", file.string());
    }
}

SceneInput::Kind kindOf(const SceneInput& input) {
    std::error_code code;
    requirePresent(input.path);
    if (input.kind != SceneInput::Kind::Auto) {
        return input.kind;
    }
    if (fs::is_directory(input.path, code)) {
        return fs::is_directory(input.path / "images", code) && fs::is_directory(input.path / "sparse", code)
                   ? SceneInput::Kind::Colmap
                   : SceneInput::Kind::Images;
    }
    return isPicture(input.path) ? SceneInput::Kind::Image : SceneInput::Kind::Video;
}

std::string videoFrameName(std::int64_t frame) {
    char name[32];
    std::snprintf(name, sizeof name, "%06lld.png", static_cast<long long>(frame));
    return name;
}

} // namespace

int usualSceneResolution(const std::string& engine) {
    constexpr int kDepthAnything3 = 504;
    return engine == "vggt" ? kVggtResolution : kDepthAnything3;
}

SceneFrames::SceneFrames(const SceneInput& input, const SceneSettings& settings)
    : engine_(settings.engine),
      resolution_(settings.processRes > 0 ? settings.processRes : usualSceneResolution(settings.engine)),
      method_(processMethodFromName(settings.processResMethod)),
      vggtMode_(vggtModeFromName(settings.vggtMode)) {
    if (!input.pictures.empty()) {
        std::for_each(input.pictures.begin(), input.pictures.end(), requirePicture);
        takePictures(input.pictures);
        return;
    }
    switch (kindOf(input)) {
    case SceneInput::Kind::Image:
        requirePicture(input.path);
        takePictures({input.path});
        break;
    case SceneInput::Kind::Images:
        takePictures(picturesIn(input.path, input.extensions));
        break;
    case SceneInput::Kind::Colmap:
        takeColmap(input);
        break;
    case SceneInput::Kind::Video:
    case SceneInput::Kind::Auto:
        takeVideo(input);
        break;
    }
}

void SceneFrames::identify(const fs::path& file) {
    std::error_code code;
    const auto size = fs::file_size(file, code);
    const auto time = fs::last_write_time(file, code).time_since_epoch().count();
    identity_ += file.filename().string() + ":" + std::to_string(size) + ":" + std::to_string(time) + ";";
}

InputMapping SceneFrames::mapped(int width, int height) const {
    return engine_ == "vggt" ? vggtMapping(width, height, vggtMode_, resolution_)
                             : inputMapping(width, height, resolution_, method_);
}

void SceneFrames::takeVideo(const SceneInput& input) {
    // Frames are read in their order, each once: nothing is kept for later.
    VideoReader::Options reading;
    reading.keepBytes = reading.parkBytes = 0;
    video_ = VideoReader::open(input.path, reading);
    ExtractOptions options;
    options.fps = input.fps;
    options.sampling = frameSamplingFromName(input.sampling);
    numbers_ = sampleFrames(video_->info(), options);
    numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
    if (input.range.size() > 0) {
        std::erase_if(numbers_,
                      [&](std::int64_t n) { return n < input.range.begin || n >= input.range.end; });
        if (numbers_.empty()) { // shorter than the time between two samples
            numbers_.push_back(input.range.begin);
        }
    }
    for (const auto frame : numbers_) {
        names_.push_back(videoFrameName(frame));
    }
    originalWidth_ = video_->info().width;
    originalHeight_ = video_->info().height;
    mapping_ = mapped(originalWidth_, originalHeight_);
    videoBytes_ = static_cast<std::int64_t>(fs::file_size(input.path));
    identify(input.path);
}

void SceneFrames::takePictures(const std::vector<fs::path>& files) {
    files_ = files;
    for (std::size_t i = 0; i < files_.size(); ++i) {
        const auto reader = VideoReader::open(files_[i]);
        const int width = reader->info().width, height = reader->info().height;
        const auto own = mapped(width, height);
        if (i == 0) {
            originalWidth_ = width;
            originalHeight_ = height;
            mapping_ = own;
        } else { // all are cut to the smallest
            const int w = std::min(mapping_.width, own.width), h = std::min(mapping_.height, own.height);
            mapping_.offsetX += (mapping_.width - w) / 2;
            mapping_.offsetY += (mapping_.height - h) / 2;
            mapping_.width = w;
            mapping_.height = h;
        }
        numbers_.push_back(static_cast<std::int64_t>(i));
        names_.push_back(files_[i].filename().string());
        identify(files_[i]);
    }
}

void SceneFrames::takeColmap(const SceneInput& input) {
    auto sparse = input.path / "sparse";
    std::error_code code;
    if (!input.sparseSubdir.empty()) {
        sparse /= input.sparseSubdir;
    } else if (fs::is_directory(sparse / "0", code)) {
        sparse /= "0";
    }
    const auto images = readColmapImages(sparse);
    std::vector<fs::path> files;
    for (const auto& image : images) {
        files.push_back(input.path / "images" / image.name);
        if (!fs::is_regular_file(files.back(), code)) {
            throw Error(ErrorCode::Input, "The picture " + image.name + " of the COLMAP model is missing.",
                        "Put the pictures into " + (input.path / "images").string() + ".",
                        files.back().string());
        }
    }
    if (files.empty()) {
        throw Error(ErrorCode::Input, "The COLMAP model in " + sparse.string() + " has no pictures.",
                    "Name another model with --sparse-subdir.");
    }
    takePictures(files);
    for (const auto& image : images) {
        // The picture's own size counts: models are sometimes made from smaller copies.
        const auto own = mapped(image.camera.width, image.camera.height);
        const double cutX = own.offsetX + (own.width - mapping_.width) / 2,
                     cutY = own.offsetY + (own.height - mapping_.height) / 2;
        auto lens = image.camera;
        if (!image.exact) { // as Depth Anything 3's program takes models that it does not know
            lens.fy = lens.fx;
            lens.cx = 0.5 * lens.width;
            lens.cy = 0.5 * lens.height;
        }
        SceneRequest::KnownCamera known;
        known.cameraFromWorld = image.cameraFromWorld;
        known.camera = {lens.fx * own.scaleX,        lens.fy * own.scaleY, lens.cx * own.scaleX - cutX,
                        lens.cy * own.scaleY - cutY, mapping_.width,       mapping_.height};
        cameras_.push_back(known);
        identity_ +=
            std::to_string(image.camera.fx) + std::to_string(image.cameraFromWorld.translation.x) + ";";
    }
}

ImagePtr SceneFrames::read(std::int64_t index) {
    const auto i = static_cast<std::size_t>(index);
    const auto original = video_ != nullptr ? video_->read(numbers_.at(i))
                                            : std::make_shared<const Image>(readImage(files_.at(i)));
    auto processed = engine_ == "vggt" ? processVggtInput(*original, vggtMode_, resolution_)
                                       : processInput(*original, resolution_, method_);
    if (processed.width != mapping_.width || processed.height != mapping_.height) {
        processed = centreCrop(processed, mapping_.width, mapping_.height);
    }
    return std::make_shared<const Image>(std::move(processed));
}

} // namespace body4d::detail
