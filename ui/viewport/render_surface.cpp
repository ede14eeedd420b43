#include "ui/viewport/render_surface.h"

#include "ui/viewport/render_thread.h"
#include "ui/viewport/thread_surface.h"
#include "ui/viewport/window_surface.h"

namespace body4d::ui {

std::unique_ptr<RenderSurface> makeRenderSurface(SurfaceKind kind, RenderSurface::Client client,
                                                 QWidget* parent) {
    if (kind != SurfaceKind::InWindow) {
        auto thread = RenderThread::create();
        if (thread && (kind == SurfaceKind::OwnThread || isSoftwareRenderer(thread->rendererName()))) {
            return std::make_unique<ThreadSurface>(std::move(thread), std::move(client), parent);
        }
    }
    return std::make_unique<WindowSurface>(std::move(client), parent);
}

} // namespace body4d::ui
