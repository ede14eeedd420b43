#pragma once

#include "export/export_clip.h"
#include "export/overlay_renderer.h"

namespace body4d {

/// What the renderer needs of a person in a frame. @param mask must outlive the result
[[nodiscard]] OverlayPerson overlayPerson(const ExportPerson& person, std::int64_t frame,
                                          const RleMask* mask);

} // namespace body4d
