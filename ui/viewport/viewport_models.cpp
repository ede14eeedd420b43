#include "ui/viewport/colour_bar.h"
#include "ui/viewport/render_surface.h"
#include "ui/viewport/viewport_widget.h"

#include <QLabel>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace body4d::ui {

void ViewportWidget::refreshEmpty() {
    empty_->setVisible(!awaiting_ && models_.empty() && !hasClouds() && !hasBodies() && (!paths_ || paths_->empty));
}

void ViewportWidget::showModels() {
    std::vector<ModelActors::Shown> shown;
    for (const auto& m : models_) {
        shown.push_back({m.model, m.visible});
    }
    post([shown](ViewportScene& scene) { scene.models().setModels(shown); });
    if (!shown.empty() && (!paths_ || paths_->empty)) {
        const auto single = [](Vec3 v) { return Vec3f{static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)}; };
        post([low = single(shown.front().model->low()), high = single(shown.front().model->high())](ViewportScene& scene) {
            scene.setGround(low, high);
        });
    }
    refreshEmpty();
    refreshLegend();
    changed();
    Q_EMIT modelsChanged();
}

void ViewportWidget::addModel(std::shared_ptr<ImportedModel> model) {
    models_.push_back({std::move(model), true});
    showModels();
    if (cameraTouched_ || hasBodies() || sceneCloud_) {
        return; // these have the precedence, and bodies that come later
    }
    Vec3 low{1e9, 1e9, 1e9}, high{-1e9, -1e9, -1e9};
    const auto grow = [&](const Vec3& p) {
        low = {std::min(low.x, p.x), std::min(low.y, p.y), std::min(low.z, p.z)};
        high = {std::max(high.x, p.x), std::max(high.y, p.y), std::max(high.z, p.z)};
    };
    for (const auto& [shown, visible] : models_) {
        grow(shown->low());
        grow(shown->high());
        const Vec3 middle = 0.5 * (shown->low() + shown->high());
        for (const auto& camera : shown->cameras()) { // unless they are far away
            if (norm(camera.worldFromCam.translation - middle) < 2 * norm(shown->high() - shown->low())) {
                grow(camera.worldFromCam.translation);
            }
        }
    }
    camera_.fit(low, high, aspect());
    cameraChanged();
}

void ViewportWidget::replaceModel(const std::shared_ptr<ImportedModel>& before, std::shared_ptr<ImportedModel> model) {
    const auto at = std::find_if(models_.begin(), models_.end(), [&](const auto& m) { return m.model == before; });
    if (at != models_.end()) {
        at->model = std::move(model);
        showModels();
    }
}

void ViewportWidget::removeModel(const std::shared_ptr<ImportedModel>& model) {
    std::erase_if(models_, [&](const auto& m) { return m.model == model; });
    showModels();
}

void ViewportWidget::clearModels() {
    models_.clear();
    showModels();
}

void ViewportWidget::setModelVisible(const std::shared_ptr<ImportedModel>& model, bool visible) {
    for (auto& m : models_) {
        if (m.model == model && m.visible != visible) {
            m.visible = visible;
            showModels();
            return;
        }
    }
}

void ViewportWidget::modelsPosed() {
    post([](ViewportScene& scene) { scene.models().updatePoses(); });
    changed();
}

void ViewportWidget::setSceneCloud(std::shared_ptr<const PreparedCloud> cloud) {
    sceneCloud_ = std::move(cloud);
    post([cloud = sceneCloud_](ViewportScene& scene) { scene.models().setSceneCloud(cloud); });
    refreshEmpty();
    refreshLegend();
    changed();
    Q_EMIT modelsChanged();
}

void ViewportWidget::showWhole(Vec3f low, Vec3f high) {
    if (!cameraTouched_) {
        camera_.fit({low.x, low.y, low.z}, {high.x, high.y, high.z}, aspect());
        cameraChanged();
    }
}

void ViewportWidget::setCloudStyle(const CloudStyle& style) {
    if (style == cloudStyle_) {
        return;
    }
    cloudStyle_ = style;
    post([style](ViewportScene& scene) { scene.setCloudStyle(style); });
    refreshLegend();
    changed();
}

bool ViewportWidget::hasClouds() const {
    return sceneCloud_ || std::any_of(models_.begin(), models_.end(), [](const ShownModel& m) { return m.visible && m.model->cloud(); });
}

bool ViewportWidget::hasCloudConfidence() const {
    const auto knows = [](const std::shared_ptr<const PreparedCloud>& cloud) { return cloud && !cloud->cloud().rank.empty(); };
    return knows(sceneCloud_) ||
           std::any_of(models_.begin(), models_.end(), [&](const ShownModel& m) { return m.visible && knows(m.model->cloud()); });
}

std::pair<double, double> ViewportWidget::cloudHeights() const {
    std::vector<ModelActors::Shown> shown;
    for (const auto& m : models_) {
        shown.push_back({m.model, m.visible});
    }
    return ModelActors::heights(shown, sceneCloud_.get());
}

void ViewportWidget::setDifferenceScale(double metres) {
    scaleChosen_ = true;
    useDifferenceScale(metres);
}

void ViewportWidget::useDifferenceScale(double metres) {
    differenceScale_ = metres;
    post([metres](ViewportScene& scene) { scene.setDifferenceScale(metres); });
    refreshLegend();
    changed();
}

void ViewportWidget::refreshLegend() {
    using Ramp = ColourBar::Ramp;
    const auto number = [](double value, int decimals) { return QLocale().toString(value, 'f', decimals); };
    bool shown = true;
    switch (display_) {
    case BodyDisplay::Doubt: legend_->setScale(Ramp::Heat, tr("How well the body fits"), {tr("well"), tr("look here")}, false); break;
    case BodyDisplay::Confidence: legend_->setScale(Ramp::Heat, tr("How well each part was seen"), {tr("clearly"), tr("guessed")}, false); break;
    case BodyDisplay::Difference: {
        QStringList ticks;
        for (int i = 0; i <= 2; ++i) {
            ticks << number(500 * i * differenceScale_, 0) + (i == 2 ? QStringLiteral(" +") : QString());
        }
        legend_->setScale(Ramp::Heat, otherName_.isEmpty() ? tr("Difference, mm") : tr("Away from “%1”, mm").arg(otherName_), ticks, true);
        break;
    }
    default: shown = false; break;
    }
    if (!shown && hasClouds()) {
        shown = true;
        switch (cloudStyle_.paint) {
        case CloudPaint::Height: {
            const auto [low, high] = cloudHeights();
            legend_->setScale(Ramp::Value, tr("Height, metres"), QStringList{number(low, 1), number(0.5 * (low + high), 1), number(high, 1)}, false);
            break;
        }
        case CloudPaint::Confidence: legend_->setScale(Ramp::Value, tr("Share of points that are less sure"), {tr("0 %"), tr("50 %"), tr("100 %")}, false); break;
        case CloudPaint::Distance: legend_->setScale(Ramp::Value, tr("Distance from the eye"), {tr("near"), tr("far")}, false); break;
        default: shown = false; break;
        }
    }
    if (display_ != BodyDisplay::Difference) {
        legend_->setSummary({});
    }
    refreshDifferenceSummary();
    legend_->setVisible(shown);
    placeOverlays();
}

void ViewportWidget::refreshDifferenceSummary() {
    if (display_ != BodyDisplay::Difference) {
        return;
    }
    double sum = 0, most = 0;
    std::size_t count = 0;
    if (const auto& snapshot = snapshot_) {
        for (const auto& target : snapshot->targets) {
            const auto look = looks_.find(target.id);
            if (!target.mesh || (look != looks_.end() && !look->second.visible)) {
                continue;
            }
            for (const float d : target.mesh->difference) {
                sum += d;
                most = std::max<double>(most, d);
            }
            count += target.mesh->difference.size();
        }
    }
    // One colour all over tells nothing: until a person chooses, the scale grows with what it has to show.
    const double mean = count == 0 ? 0 : sum / static_cast<double>(count);
    if (!scaleChosen_ && mean > differenceScale_) {
        const auto* fitting = std::find_if(std::begin(kDifferenceScales), std::prev(std::end(kDifferenceScales)),
                                           [&](double scale) { return scale > 1.5 * mean; });
        if (*fitting > differenceScale_) {
            useDifferenceScale(*fitting);
        }
    }
    legend_->setSummary(count == 0 ? tr("nothing to compare here")
                                   : tr("mean %1 mm, most %2 mm").arg(1000 * mean, 0, 'f', mean < 0.1 ? 1 : 0).arg(1000 * most, 0, 'f', 0));
    placeOverlays();
}

} // namespace body4d::ui
