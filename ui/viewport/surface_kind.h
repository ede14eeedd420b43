#pragma once

namespace body4d::ui {

/// Where the 3D view is drawn. Automatic: by what draws on this machine, a graphics card in the window, the
/// processor on a thread of its own. OwnThread falls back to InWindow where the platform's OpenGL keeps to
/// one thread.
enum class SurfaceKind { Automatic, InWindow, OwnThread };

} // namespace body4d::ui
