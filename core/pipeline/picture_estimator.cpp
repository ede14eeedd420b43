// Bodies from a network that looks at pictures: batches over (frame, person), one shape for each person.
#include "base/error.h"
#include "body/body_keypoints.h"
#include "body/measured_body.h"
#include "body/mhr_keypoints.h"
#include "device/memory_budget.h"
#include "pipeline/body_estimator.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace body4d {
namespace {

/// Fixed numbers of a network at work beside its rows: graphs, tables, the allocator's slack.
constexpr std::int64_t kFixedBytes = 256LL << 20;

class PictureEstimator final : public BodyEstimator {
public:
    PictureEstimator(std::string name, std::shared_ptr<const BodyNetwork> network, const Options& options)
        : name_(std::move(name)), network_(std::move(network)),
          fov_(options.number("camera.fov_degrees") * std::numbers::pi / 180),
          batch_(static_cast<int>(options.integer("sam_3d_body.batch_size"))),
          detail_(options.text("sam_3d_body.inference_type") == "full" ? BodyDetail::Full : BodyDetail::Body),
          budgetGib_(options.number("memory.budget_gib")) {}

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] std::shared_ptr<const BodyModel> model() const override { return nullptr; }
    [[nodiscard]] Intrinsics camera(int width, int height) const override {
        return intrinsicsFromFov(width, height, fov_);
    }
    [[nodiscard]] BodyFrame preview(const TargetFrame& frame, const Intrinsics&,
                                    const PersonTraits&) const override {
        BodyFrame none;
        none.frame = frame.frame;
        return none;
    }
    [[nodiscard]] BodyTrack fit(const TargetTrack&, const PersonTraits&, int, int, double,
                                const std::stop_token&, const ProgressFn&) const override {
        throw std::logic_error("an engine that looks at pictures fits all targets together");
    }
    [[nodiscard]] bool looksAtPictures() const override { return true; }

    [[nodiscard]] std::vector<BodyTrack> fitTogether(std::span<const TargetTrack* const> tracks, int width,
                                                     int height, double fps,
                                                     const std::function<ImagePtr(std::int64_t)>& pictures,
                                                     const std::stop_token& stop,
                                                     const ProgressFn& progress) const override {
        const auto camera = this->camera(width, height);
        // Absent people never run. By frame, so that pictures are asked for in rising order.
        std::vector<Row> rows;
        for (std::size_t target = 0; target < tracks.size(); ++target) {
            for (std::size_t i = 0; i < tracks[target]->frames.size(); ++i) {
                const auto& frame = tracks[target]->frames[i];
                if (frame.state == FrameState::Visible && area(frame.mask) > 0) {
                    rows.push_back({frame.frame, target, i, {}});
                }
            }
        }
        std::stable_sort(rows.begin(), rows.end(),
                         [](const Row& a, const Row& b) { return a.frame < b.frame; });
        const MemoryBudget budget(budgetGib_);
        const auto total = static_cast<long long>(rows.size());
        const auto tell = [&](long long done) {
            if (progress) {
                progress({"reconstruct", "", done, 2 * total, 0, -1});
            }
        };

        std::map<std::int64_t, ImagePtr> kept;
        (void)runBatched(
            total, {batch_, network_->bytesPerQuery(detail_), kFixedBytes}, budget,
            [&](std::int64_t begin, std::int64_t end) {
                std::vector<BodyQuery> queries;
                kept.erase(kept.begin(), kept.lower_bound(rows[static_cast<std::size_t>(begin)].frame));
                for (auto k = begin; k < end; ++k) {
                    const auto& row = rows[static_cast<std::size_t>(k)];
                    auto& picture = kept[row.frame];
                    if (!picture) {
                        picture = pictures(row.frame);
                    }
                    const auto& seen = tracks[row.target]->frames[row.index];
                    queries.push_back({picture, std::make_shared<const Mask>(decodeRle(seen.mask)), camera});
                }
                auto readings = network_->look(queries, detail_);
                for (auto k = begin; k < end; ++k) {
                    rows[static_cast<std::size_t>(k)].reading =
                        std::move(readings[static_cast<std::size_t>(k - begin)]);
                }
                tell(end);
            },
            stop);
        for (std::size_t target = 0; target < tracks.size(); ++target) {
            shareShape(rows, target, *tracks[target]);
        }

        std::vector<BodyTrack> bodies(tracks.size());
        std::vector<PosedMesh3d> rests(tracks.size());
        for (std::size_t target = 0; target < tracks.size(); ++target) {
            start(bodies[target], *tracks[target], camera, fps);
            const auto first =
                std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.target == target; });
            if (first != rows.end()) {
                rests[target] = atRest(first->reading.parameters);
                bodies[target].ownModel = modelOf(bodies[target].bodyModel, rests[target]);
            }
        }
        (void)runBatched(
            total, {batch_, network_->bytesPerPose(), kFixedBytes}, budget,
            [&](std::int64_t begin, std::int64_t end) {
                std::vector<BodyParameters> parameters;
                for (auto k = begin; k < end; ++k) {
                    parameters.push_back(rows[static_cast<std::size_t>(k)].reading.parameters);
                }
                auto meshes = network_->pose(parameters);
                for (auto k = begin; k < end; ++k) {
                    auto& row = rows[static_cast<std::size_t>(k)];
                    put(bodies[row.target], row, std::move(meshes[static_cast<std::size_t>(k - begin)]),
                        rests[row.target].rotations);
                }
                tell(total + end);
            },
            stop);
        return bodies;
    }

private:
    struct Row {
        std::int64_t frame = 0;
        std::size_t target = 0, index = 0;
        BodyReading reading;
    };

    /// One person has one shape: the median over frames that the tracker is sure of, number by number.
    static void shareShape(std::vector<Row>& rows, std::size_t target, const TargetTrack& track) {
        std::vector<Row*> own, sure;
        for (auto& row : rows) {
            if (row.target == target) {
                own.push_back(&row);
                if (track.frames[row.index].firm) {
                    sure.push_back(&row);
                }
            }
        }
        if (own.empty()) {
            return;
        }
        const auto& judges = sure.empty() ? own : sure;
        for (const auto member : {&BodyParameters::shape, &BodyParameters::scale}) {
            std::vector<float> shared(own.front()->reading.parameters.*member), values;
            for (std::size_t i = 0; i < shared.size(); ++i) {
                values.clear();
                for (const auto* row : judges) {
                    values.push_back((row->reading.parameters.*member)[i]);
                }
                const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
                std::nth_element(values.begin(), middle, values.end());
                shared[i] = *middle;
            }
            for (auto* row : own) {
                row->reading.parameters.*member = shared;
            }
        }
    }

    void start(BodyTrack& body, const TargetTrack& track, const Intrinsics& camera, double fps) const {
        body.id = track.id;
        body.engine = name_ == "sam3d_body" ? "SAM 3D Body" : name_;
        body.bodyModel = "mhr";
        body.camera = camera;
        body.fps = fps;
        body.firstFrame = track.firstFrame;
        body.frames.resize(track.frames.size());
        for (std::size_t i = 0; i < body.frames.size(); ++i) {
            body.frames[i].frame = track.frames[i].frame;
            const auto state = track.frames[i].state;
            body.frames[i].state = state == FrameState::Visible ? FrameState::Absent : state;
        }
    }

    /// The person's own body with every angle at zero.
    [[nodiscard]] PosedMesh3d atRest(BodyParameters parameters) const {
        for (auto* angles : {&parameters.globalRot, &parameters.bodyPose, &parameters.hand}) {
            std::fill(angles->begin(), angles->end(), 0.0F);
        }
        return std::move(network_->pose(std::span(&parameters, 1)).front());
    }

    [[nodiscard]] std::shared_ptr<const BodyModel> modelOf(const std::string& name,
                                                           const PosedMesh3d& mesh) const {
        RestBody rest;
        rest.vertices = mesh.vertices;
        rest.joints = mesh.joints;
        const auto [low, high] =
            std::minmax_element(rest.vertices.begin(), rest.vertices.end(),
                                [](const Vec3f& a, const Vec3f& b) { return a.y < b.y; });
        rest.heightMetres = static_cast<double>(high->y - low->y);
        return makeMeasuredBody(name, mhrJoints(), network_->triangles(), std::move(rest), network_->skin());
    }

    /// @param atRest joints' frames of the body at rest
    static void put(BodyTrack& body, Row& row, PosedMesh3d mesh, const std::vector<Mat3>& atRest) {
        auto surface = std::make_shared<MeasuredSurface>();
        surface->vertices = std::move(mesh.vertices);
        surface->joints = std::move(mesh.joints);
        for (std::size_t j = 0; j < mesh.rotations.size(); ++j) {
            surface->rotations.push_back(mesh.rotations[j] * transpose(atRest[j]));
        }
        surface->fields = std::move(row.reading.fields);
        surface->fields.merge(mesh.fields);
        auto& frame = body.frames[row.index];
        frame.state = FrameState::Visible;
        frame.pose.translation = row.reading.parameters.translation;
        frame.pose.surface = std::move(surface);
        setRotationsFromSurface(frame.pose, mhrJoints());
        frame.rawPose = frame.pose;
        for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
            frame.keypoints[k] = mesh.keypoints[kMhrKeypointOf[k]] + frame.pose.translation;
            frame.confidence[k] = 1;
        }
        const auto box = frame.pose.surface->fields.find("bbox");
        if (box != frame.pose.surface->fields.end() && box->second.size() == 4) {
            frame.boxSidePx = std::max(box->second[2] - box->second[0], box->second[3] - box->second[1]);
        }
    }

    std::string name_;
    std::shared_ptr<const BodyNetwork> network_;
    double fov_;
    int batch_;
    BodyDetail detail_;
    double budgetGib_;
};

} // namespace

std::shared_ptr<const BodyEstimator>
makePictureEstimator(std::string name, std::shared_ptr<const BodyNetwork> network, const Options& options) {
    return std::make_shared<const PictureEstimator>(std::move(name), std::move(network), options);
}

} // namespace body4d
