#include "ui/controllers/backend.h"

namespace body4d::ui {

FrameProvider::~FrameProvider() = default;
ProjectStore::~ProjectStore() = default;
Backend::~Backend() = default;

} // namespace body4d::ui
