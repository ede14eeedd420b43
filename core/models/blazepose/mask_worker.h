#pragma once

#include "base/image.h"
#include "models/blazepose/task_thread.h"

namespace body4d::blazepose {

/// Finishes masks while the networks are busy with the next frame.
using MaskWorker = TaskThread<RleMask>;

} // namespace body4d::blazepose
