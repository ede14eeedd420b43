#pragma once

#include "fake_backend.h"
#include "gui_test.h"
#include "ui/viewport/viewport_widget.h"

#include <QImage>
#include <QTest>

#include <algorithm>
#include <memory>

namespace body4d::ui::test {

/// A 3D view on the screen, a body of capsules for it, and its pictures.
class ViewportFixture : public QObject {
protected:
    std::unique_ptr<ViewportWidget> view_;
    std::shared_ptr<const BodyModel> model_ = makeCapsuleBody();

    std::shared_ptr<FrameSnapshot> bodyAt(double x, double z, FrameState state = FrameState::Visible) const {
        auto snapshot = std::make_shared<FrameSnapshot>();
        TargetView target;
        target.id = 1;
        target.state = state;
        auto mesh = std::make_shared<PosedMesh>();
        mesh->model = model_;
        mesh->low = {1e9F, 1e9F, 1e9F};
        mesh->high = {-1e9F, -1e9F, -1e9F};
        for (auto v : model_->shaped({}).vertices) { // camera axes to y up
            const Vec3f p{static_cast<float>(v.x + x), 0.9F - v.y, static_cast<float>(z - v.z)};
            mesh->vertices.push_back(p);
            mesh->low = {std::min(mesh->low.x, p.x), std::min(mesh->low.y, p.y), std::min(mesh->low.z, p.z)};
            mesh->high = {std::max(mesh->high.x, p.x), std::max(mesh->high.y, p.y), std::max(mesh->high.z, p.z)};
        }
        computeNormals(mesh->vertices, model_->topology(), mesh->normals);
        target.mesh = mesh;
        snapshot->targets.push_back(std::move(target));
        return snapshot;
    }
    QPoint onScreen(Vec3 p) const {
        const auto n = view_->camera().project(p, static_cast<double>(view_->width()) / view_->height());
        return {static_cast<int>((n.x + 1) / 2 * view_->width()), static_cast<int>((1 - n.y) / 2 * view_->height())};
    }
    QImage settledPicture() {
        [&] { QTRY_VERIFY(view_->settled()); }();
        return view_->grabFramebuffer();
    }
    /// One body before the camera, all options at rest.
    void front() {
        view_->setGridVisible(false);
        view_->setDisplay(BodyDisplay::Surface);
        view_->setSnapshot(bodyAt(0, -3));
        view_->camera().setPreset(OrbitCamera::Preset::Front);
        view_->camera().fit({-1.5, 0, -4}, {1.5, 1.9, -2}, 640.0 / 480);
        view_->cameraChanged();
    }
    /// Middle of the head of the capsule body.
    double headY() const {
        double sum = 0;
        int count = 0;
        const auto& region = model_->topology().region;
        const auto rest = model_->shaped({});
        for (std::size_t i = 0; i < region.size(); ++i) {
            if (region[i] == static_cast<std::uint8_t>(BodyRegion::Head)) {
                sum += 0.9 - rest.vertices[i].y;
                ++count;
            }
        }
        return count > 0 ? sum / count : 1.6;
    }
    static bool bluish(const QColor& c) { return c.blue() > c.red() + 40 && c.lightness() > 70; }
    /// Shows the view; whether it draws is for the test to verify.
    void openView() {
        view_ = std::make_unique<ViewportWidget>();
        view_->resize(640, 480);
        view_->show();
        QVERIFY(QTest::qWaitForWindowExposed(view_.get()));
        QTRY_VERIFY(!view_->rendererName().isEmpty());
        view_->setLooks({{1, {QColor("#56B4E9"), true}}}, 1);
    }
};

} // namespace body4d::ui::test
