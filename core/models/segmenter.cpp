#include "models/segmenter.h"

namespace body4d {

Segmenter::~Segmenter() = default;
SegmenterSession::~SegmenterSession() = default;

} // namespace body4d
