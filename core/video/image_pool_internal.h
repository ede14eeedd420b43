#pragma once

#include "base/image.h"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace body4d {

/// Frames of one size whose memory is used again when the last holder lets go: spares a page fault for every
/// 4 KiB of every frame. Thread-safe; images may outlive the pool.
class ImagePool {
public:
    /// @param spare  images kept for later at most
    ImagePool(int width, int height, std::size_t spare = 6)
        : width_(width), height_(height), shared_(std::make_shared<Shared>()) {
        shared_->spare = spare;
    }

    /// Pixels are not cleared.
    [[nodiscard]] std::shared_ptr<Image> take() {
        std::unique_ptr<Image> image;
        {
            const std::scoped_lock lock(shared_->mutex);
            if (!shared_->free.empty()) {
                image = std::move(shared_->free.back());
                shared_->free.pop_back();
            }
        }
        if (!image) {
            image = std::make_unique<Image>(width_, height_);
        }
        return {image.release(), [pool = std::weak_ptr<Shared>(shared_)](Image* returned) {
                    std::unique_ptr<Image> owned(returned);
                    if (const auto alive = pool.lock()) {
                        const std::scoped_lock lock(alive->mutex);
                        if (alive->free.size() < alive->spare) {
                            alive->free.push_back(std::move(owned));
                        }
                    }
                }};
    }

private:
    struct Shared {
        std::mutex mutex;
        std::vector<std::unique_ptr<Image>> free;
        std::size_t spare = 0;
    };
    int width_, height_;
    std::shared_ptr<Shared> shared_;
};

} // namespace body4d
