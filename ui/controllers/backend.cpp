#include "ui/controllers/backend.h"

namespace body4d::ui {

FrameProvider::~FrameProvider() = default;
ProjectStore::~ProjectStore() = default;
Backend::~Backend() = default;

std::shared_ptr<const BodyTrack> ProjectStore::bodyBeforeCompletion(TargetId) const { return nullptr; }

bool Backend::videoExists(const std::filesystem::path& video) const {
    std::error_code ec;
    return std::filesystem::exists(video, ec);
}

} // namespace body4d::ui
