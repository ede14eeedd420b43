#pragma once

#include "base/image.h"
#include "base/pose_track.h"
#include "body/body_model.h"
#include "body/body_track.h"
#include "ui/frame/cloud_data.h"

#include <QColor>
#include <QImage>
#include <QPolygonF>
#include <QRect>
#include <QSize>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace body4d::ui {

/// A mask ready to be drawn, in pixels of the upright frame.
struct MaskOverlay {
    QRect box;                      ///< empty: no mask
    QImage coverage;                ///< Alpha8 of box's size
    std::vector<QPolygonF> outline; ///< closed, pixel corners are integers
};

/// A body in world space (y up, metres), with normals.
struct PosedMesh {
    std::shared_ptr<const BodyModel> model; ///< owns the topology
    std::vector<Vec3f> vertices, normals;
    std::vector<Vec3> joints;
    std::vector<float> difference; ///< per vertex, metres from the body it is compared with; empty where not asked for
    std::vector<float> confidence; ///< per vertex, 0..1, of the measurements near it; empty where not asked for
    Vec3f low, high; ///< bounds
};

/// What is known of one target on the frame.
struct TargetView {
    TargetId id = 0;
    FrameState state = FrameState::Absent;
    bool fromPreview = false; ///< mask of a click that has not been run
    bool analytic = false;    ///< body not fitted yet
    bool stale = false;
    float suspicion = -1;     ///< 0 fine .. 1 look at this; negative: not known
    MaskOverlay mask;
    std::shared_ptr<const PoseLandmarks> pose;
    std::shared_ptr<const PosedMesh> mesh;
    std::shared_ptr<const PosedMesh> otherMesh;   ///< what it is compared with, where asked for
    std::shared_ptr<const CloudData> surface;     ///< the visible surface in the video's colours, where asked for
};

/// Everything both views show at one moment. Immutable once posted.
struct FrameSnapshot {
    std::int64_t frame = -1;
    std::uint64_t generation = 0; ///< of the results it was made from
    QImage image;                 ///< RGB32, upright
    ImagePtr pixels;              ///< the same as decoded; the viewport's backdrop
    std::vector<TargetView> targets;
    RigidTransform worldFromCam;
    Intrinsics camera;            ///< focalPx 0: not known
    std::string failure;          ///< why there is no image
    [[nodiscard]] const TargetView* target(TargetId id) const {
        for (const auto& t : targets) {
            if (t.id == id) {
                return &t;
            }
        }
        return nullptr;
    }
};

/// Lines that do not depend on the time cursor, world space.
struct ScenePaths {
    struct Trail {
        TargetId id = 0;
        std::vector<std::vector<Vec3f>> stretches; ///< apart where no body is drawn
        bool fitted = false; ///< false: from the analytic bodies, not smoothed
    };
    std::vector<Trail> trails;      ///< pelvis on the ground
    std::vector<Vec3f> cameraPath;  ///< more than one point only where the camera moves
    std::vector<RigidTransform> cameraStops; ///< worldFromCam of some frames along the path, evenly spread
    Intrinsics camera;              ///< of all stops
    Vec3f low{-1, 0, -1}, high{1, 2, 1}; ///< of all bodies
    bool empty = true;
    bool grounded = false;          ///< the world stage has run
};

/// Which part of the frame the canvas shows, and how the targets look there.
struct CanvasView {
    QRectF source;        ///< pixels of the upright frame; may reach beyond it
    QSize devicePixels;
    struct Style {
        QColor colour;
        bool visible = true;
        bool operator==(const Style&) const = default;
    };
    std::map<TargetId, Style> styles;
    double maskOpacity = 0.45;
    bool operator==(const CanvasView&) const = default;
};

/// The frame with tinted masks, cut and scaled for the canvas.
struct CanvasPicture {
    QImage image;
    CanvasView view;
    std::int64_t frame = -1;
};

} // namespace body4d::ui
