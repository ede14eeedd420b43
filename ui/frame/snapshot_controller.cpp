#include "ui/frame/snapshot_controller.h"

#include "ui/frame/mask_overlay.h"

namespace body4d::ui {

SnapshotController::SnapshotController(std::shared_ptr<Backend> backend, ProjectController& project,
                                       PreviewController& previews, QObject* parent)
    : QObject(parent), project_(project), previews_(previews),
      builder_(std::make_shared<SnapshotBuilder>(std::move(backend))) {
    coalescer_.setSingleShot(true);
    coalescer_.setInterval(100);
    connect(&coalescer_, &QTimer::timeout, this, [this] {
        request(true);
        requestPaths();
    });
    connect(&project_, &ProjectController::opened, this, [this] {
        ++session_;
        frame_ = 0;
        snapshot_.reset();
        paths_.reset();
        queue_.post([this](const std::stop_token&) {
            builder_->reset();
            last_.reset();
        });
        invalidate();
    });
    connect(&project_, &ProjectController::closed, this, [this] {
        ++session_;
        snapshot_.reset();
        paths_.reset();
        queue_.post([this](const std::stop_token&) { last_.reset(); });
        Q_EMIT snapshotReady(nullptr);
        Q_EMIT pathsReady(nullptr);
    });
    connect(&project_, &ProjectController::resultsChanged, this, [this] { invalidate(); });
    connect(&project_, &ProjectController::documentChanged, this, [this] { invalidate(); });
    connect(&previews_, &PreviewController::previewReady, this, [this] { invalidate(); });
}

SnapshotController::~SnapshotController() = default;

SnapshotSource SnapshotController::source() const {
    SnapshotSource source;
    source.frames = project_.frames();
    source.results = project_.results();
    source.extras = extras_;
    for (const auto& target : project_.document().targets) {
        SnapshotSource::TargetSource t;
        t.id = target.id;
        if (const auto* prompt = project_.prompt(target.id, frame_)) {
            t.preview = previews_.find(target.id, *prompt);
            t.painted = prompt->mask;
        }
        source.targets.push_back(std::move(t));
    }
    return source;
}

void SnapshotController::setFrame(std::int64_t frame) {
    frame_ = frame;
    request(true);
}

void SnapshotController::setView(const CanvasView& view) {
    if (view == view_) {
        return;
    }
    view_ = view;
    request(false);
}

void SnapshotController::setExtras(const SnapshotExtras& extras) {
    if (!(extras == extras_)) {
        extras_ = extras;
        request(true);
    }
}

void SnapshotController::invalidate(bool coalesce) {
    if (coalesce) {
        if (!coalescer_.isActive()) {
            coalescer_.start();
        }
        return;
    }
    request(true);
    requestPaths();
}

void SnapshotController::request(bool rebuild) {
    if (!project_.isOpen()) {
        return;
    }
    // A wish for another view must not swallow a waiting one for new content, so content is counted.
    wanted_ += rebuild ? 1 : 0;
    queue_.postLatest("frame", [this, source = source(), frame = frame_, view = view_, session = session_,
                                wanted = wanted_](const std::stop_token&) {
        auto snapshot = last_;
        const bool built = wanted != built_ || !snapshot || snapshot->frame != frame;
        if (built) {
            snapshot = builder_->build(source, frame);
            last_ = snapshot;
            built_ = wanted;
        }
        CanvasPicture picture{composePicture(*snapshot, view), view, frame};
        postTo(this, [this, snapshot, picture, built, session] {
            if (session != session_) {
                return;
            }
            if (built) {
                snapshot_ = snapshot;
                Q_EMIT snapshotReady(snapshot);
            }
            Q_EMIT pictureReady(picture);
        });
    });
}

void SnapshotController::requestPaths() {
    if (!project_.isOpen()) {
        return;
    }
    queue_.postLatest("paths", [this, source = source(), session = session_](const std::stop_token&) {
        auto paths = builder_->buildPaths(source);
        postTo(this, [this, paths, session] {
            if (session == session_) {
                paths_ = paths;
                Q_EMIT pathsReady(paths);
            }
        });
    });
}

} // namespace body4d::ui
