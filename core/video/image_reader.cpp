#include "base/error.h"
#include "video/reader_internal.h"
#include "video/video_writer.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace body4d {

namespace fs = std::filesystem;

namespace {

bool isImageName(const fs::path& path) {
    static const std::set<std::string> kNames = {".png",  ".jpg", ".jpeg", ".jpe", ".bmp", ".tif", ".tiff",
                                                 ".webp", ".ppm", ".pgm",  ".pnm", ".tga", ".jp2", ".exr",
                                                 ".dpx",  ".hdr", ".jxl",  ".gif", ".avif"};
    std::string name = path.extension().string();
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    return kNames.contains(name) && !path.filename().string().starts_with('.');
}

/// Runs of digits compare as numbers.
bool naturalLess(const std::string& a, const std::string& b) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (digit(a[i]) && digit(b[j])) {
            std::size_t endA = i, endB = j;
            while (endA < a.size() && digit(a[endA])) {
                ++endA;
            }
            while (endB < b.size() && digit(b[endB])) {
                ++endB;
            }
            std::size_t startA = std::min(a.find_first_not_of('0', i), endA);
            std::size_t startB = std::min(b.find_first_not_of('0', j), endB);
            if (endA - startA != endB - startB) {
                return endA - startA < endB - startB;
            }
            if (const int order = a.compare(startA, endA - startA, b, startB, endB - startB); order != 0) {
                return order < 0;
            }
            i = endA;
            j = endB;
        } else {
            if (a[i] != b[j]) {
                return a[i] < b[j];
            }
            ++i;
            ++j;
        }
    }
    if ((a.size() - i) != (b.size() - j)) {
        return a.size() - i < b.size() - j;
    }
    return a < b;
}

class ImageReader final : public VideoReader {
public:
    ImageReader(const fs::path& path, std::vector<fs::path> images, const Options& options)
        : images_(std::move(images)) {
        first_ = std::make_shared<const Image>(readImage(images_.front(), info_.colour));
        info_.path = path;
        info_.width = first_->width;
        info_.height = first_->height;
        info_.frameCount = static_cast<std::int64_t>(images_.size());
        info_.isImageSequence = true;
        info_.codec = images_.front().extension().string();
        info_.codec.erase(0, 1);
        info_.pixelFormat = "rgb24";
        const double fps = options.imageFps > 0 ? options.imageFps : 30;
        if (images_.size() > 1) {
            info_.fps = fps;
            info_.durationSeconds = static_cast<double>(images_.size()) / fps;
        }
        for (std::size_t i = 0; i < images_.size(); ++i) {
            info_.frameTimes.push_back(static_cast<double>(i) / fps);
        }
    }

    const VideoInfo& info() const override { return info_; }

    ImagePtr read(std::int64_t index) override {
        if (index < 0 || index >= info_.frameCount) {
            throw Error(ErrorCode::Usage,
                        "Image " + std::to_string(index) + " is outside the sequence, which has " +
                            std::to_string(info_.frameCount) + " images.",
                        "Choose a number from 0 to " + std::to_string(info_.frameCount - 1) + ".",
                        info_.path.string());
        }
        if (index == 0) {
            return first_;
        }
        const fs::path& path = images_[static_cast<std::size_t>(index)];
        auto image = std::make_shared<const Image>(readImage(path));
        if (image->width != info_.width || image->height != info_.height) {
            const auto size = [](int w, int h) { return std::to_string(w) + " x " + std::to_string(h); };
            throw Error(
                ErrorCode::Input,
                "The image '" + path.filename().string() + "' is " + size(image->width, image->height) +
                    " pixels large, the first one of the folder " + size(info_.width, info_.height) + ".",
                "Put images of one size into the folder.", path.string());
        }
        return image;
    }

private:
    std::vector<fs::path> images_;
    ImagePtr first_;
    VideoInfo info_;
};

} // namespace

std::vector<fs::path> listImages(const fs::path& folder) {
    std::vector<fs::path> images;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (it->is_regular_file(ignored) && isImageName(it->path())) {
            images.push_back(it->path());
        }
    }
    if (error) {
        throw Error(ErrorCode::Input, "The folder '" + folder.string() + "' cannot be read.",
                    "Check its permissions.", error.message());
    }
    if (images.empty()) {
        throw Error(ErrorCode::Input, "The folder '" + folder.string() + "' holds no images.",
                    "Choose a folder with PNG or JPEG files, or a video file.", folder.string());
    }
    std::sort(images.begin(), images.end(), [](const fs::path& a, const fs::path& b) {
        return naturalLess(a.filename().string(), b.filename().string());
    });
    return images;
}

std::unique_ptr<VideoReader> openImages(const fs::path& path, std::vector<fs::path> images,
                                        const VideoReader::Options& options) {
    return std::make_unique<ImageReader>(path, std::move(images), options);
}

} // namespace body4d
