// What an engine that looks at pictures does with readings over time: one shape for each person, smoothing
// over the whole track, hidden frames, shots with lenses of their own. The network is a fake one that answers
// what the test wants.
#include "fake_body_network.h"

#include "base/error.h"
#include "base/npz.h"
#include "base/safetensors.h"
#include "body/limbs.h"
#include "body/rasterizer.h"
#include "pipeline/body_estimator.h"
#include "pipeline/body_level.h"
#include "pipeline/body_store.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <random>

using namespace body4d;
using test::FakeBodyNetwork;

namespace {

constexpr int kWidth = 320, kHeight = 240;
constexpr double kFps = 25;

double stepsOf(const std::vector<double>& values) {
    double sum = 0;
    for (std::size_t i = 2; i < values.size(); ++i) {
        sum += std::abs(values[i] - 2 * values[i - 1] + values[i - 2]);
    }
    return sum;
}

/// A clip with one person and an estimator on the fake network.
struct Clip {
    std::shared_ptr<FakeBodyNetwork> network = std::make_shared<FakeBodyNetwork>();
    Options options;
    TargetTrack track{1, 0, {}};
    PictureFit fit;

    explicit Clip(int frames) {
        options.setFromText("engines.reconstruct", "sam3d_body");
        network->answer = [](std::int64_t, const BodyQuery&) { return FakeBodyNetwork::resting(); };
        for (int f = 0; f < frames; ++f) {
            TargetFrame frame;
            frame.frame = f;
            frame.state = FrameState::Visible;
            frame.firm = true;
            frame.mask = maskOf(FakeBodyNetwork::resting(), kHeight);
            track.frames.push_back(frame);
        }
        fit.width = kWidth;
        fit.height = kHeight;
        fit.fps = kFps;
        fit.pictures = [](std::int64_t frame) { return FakeBodyNetwork::picture(frame, kWidth, kHeight); };
    }
    [[nodiscard]] std::shared_ptr<const BodyEstimator> estimator() const {
        return makePictureEstimator("sam3d_body", network, options, "SAM 3D Body");
    }
    [[nodiscard]] BodyTrack bodies() {
        fit.tracks = {&track};
        return std::move(estimator()->fitTogether(fit, {}, {}).front());
    }
    /// What is seen of a body above a line of the picture.
    [[nodiscard]] RleMask maskOf(const BodyParameters& body, int belowIsHidden) const {
        const auto mesh = network->pose(std::span(&body, 1)).front();
        auto vertices = mesh.vertices;
        for (auto& v : vertices) {
            v = {v.x + static_cast<float>(body.translation.x), v.y + static_cast<float>(body.translation.y),
                 v.z + static_cast<float>(body.translation.z)};
        }
        MeshTopology topology;
        topology.triangles = network->triangles();
        auto mask = silhouette(vertices, topology, estimator()->camera(kWidth, kHeight));
        for (int y = belowIsHidden; y < kHeight; ++y) {
            std::fill(mask.row(y), mask.row(y) + kWidth, std::uint8_t{0});
        }
        return encodeRle(mask);
    }
};

const std::vector<float>& field(const BodyFrame& frame, const std::string& name) {
    return frame.pose.surface->fields.at(name);
}

/// The answer with a leg that swings.
BodyParameters walking(double seconds, double jitter = 0) {
    auto p = FakeBodyNetwork::resting();
    p.bodyPose[static_cast<std::size_t>(mhr::kThree[0][0])] =
        static_cast<float>(0.5 * std::sin(4 * seconds) + jitter);
    p.globalRot[1] = static_cast<float>(0.2 * seconds);
    p.translation.x = 0.1 * seconds;
    return p;
}

} // namespace

class PictureEstimatorTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void otherLevelsOfDetail() {
        Clip clip(6);
        clip.network->answer = [](std::int64_t frame, const BodyQuery&) {
            auto p = FakeBodyNetwork::resting();
            p.bodyPose[0] = 0.1F * static_cast<float>(frame);
            return p;
        };
        const auto body = clip.bodies();
        const auto& first = *body.ownModel;
        const auto& triangles = first.topology().triangles;
        // A vertex in the middle of every second triangle, and one nearer to its first corner.
        std::vector<std::int64_t> ids;
        std::vector<float> places;
        for (std::int64_t t = 0; t < static_cast<std::int64_t>(triangles.size()); t += 2) {
            ids.push_back(t);
            const bool middle = ids.size() % 2 == 0;
            places.insert(places.end(), {middle ? 1.0F / 3 : 0.5F, middle ? 1.0F / 3 : 0.25F, middle ? 1.0F / 3 : 0.25F});
        }
        QTemporaryDir folder;
        const std::filesystem::path root = folder.path().toStdString();
        const auto write = [&](const std::vector<std::int64_t>& which) {
            NpzWriter map;
            map.add("triangle_ids", which, {static_cast<std::int64_t>(which.size())});
            map.add("baryc_coords", places, {static_cast<std::int64_t>(ids.size()), 3});
            map.write(root / "map.npz");
        };
        const auto writeMesh = [&](std::size_t vertices) {
            std::ofstream mesh(root / "level.ply");
            mesh << "ply\nformat ascii 1.0\nelement vertex " << vertices
                 << "\nproperty float x\nproperty float y\nproperty float z\nelement face 2\n"
                    "property list uchar int vertex_indices\nend_header\n";
            for (std::size_t v = 0; v < vertices; ++v) {
                mesh << v << " 0 0\n";
            }
            mesh << "3 0 1 2\n3 2 1 3\n";
        };
        write(ids);
        writeMesh(ids.size());
        const auto level = detail::readMeshLevel(root / "map.npz", root / "level.ply", first);
        QCOMPARE(level.triangles.size(), std::size_t{2});
        ExportTarget target;
        target.body = std::make_shared<const BodyTrack>(body);
        target.model = body.ownModel;
        const auto coarse = detail::atLevel(target, level);
        QCOMPARE(coarse.model, coarse.body->ownModel);
        QCOMPARE(coarse.model->name(), first.name());
        QCOMPARE(coarse.model->joints().size(), first.joints().size());
        QCOMPARE(coarse.model->topology().triangles, level.triangles);
        QCOMPARE(coarse.frames()->count(), body.frames.size());
        for (std::size_t f = 0; f < body.frames.size(); ++f) {
            const auto frame = coarse.frames()->at(f);
            const auto &fine = *body.frames[f].pose.surface, &got = *frame->pose.surface;
            QCOMPARE(got.vertices.size(), ids.size());
            QVERIFY(got.fields == fine.fields);
            for (std::size_t v = 0; v < ids.size(); ++v) {
                const auto& t = triangles[static_cast<std::size_t>(ids[v])];
                const float want = places[3 * v] * fine.vertices[t[0]].y + places[3 * v + 1] * fine.vertices[t[1]].y +
                                   places[3 * v + 2] * fine.vertices[t[2]].y;
                QVERIFY(std::abs(got.vertices[v].y - want) < 1e-6F);
            }
        }
        // Each triangle hangs on one joint, so its vertices do.
        const auto &skin = coarse.model->skin(), &before = first.skin();
        QCOMPARE(skin.weight.size(), ids.size() * static_cast<std::size_t>(skin.perVertex));
        for (std::size_t v = 0; v < ids.size(); ++v) {
            QCOMPARE(skin.joint[v], before.joint[triangles[static_cast<std::size_t>(ids[v])][0]]);
            QCOMPARE(skin.weight[v], 1.0F);
        }
        // Files that do not belong together.
        writeMesh(ids.size() + 1);
        QVERIFY_EXCEPTION_THROWN((void)detail::readMeshLevel(root / "map.npz", root / "level.ply", first), Error);
        writeMesh(ids.size());
        auto foreign = ids;
        foreign.back() = static_cast<std::int64_t>(triangles.size());
        write(foreign);
        QVERIFY_EXCEPTION_THROWN((void)detail::readMeshLevel(root / "map.npz", root / "level.ply", first), Error);
    }

    void shapeComesFromFramesThatAreSureAndWhole() {
        Clip clip(20);
        clip.network->answer = [](std::int64_t frame, const BodyQuery&) {
            auto p = FakeBodyNetwork::resting();
            // The first half is wrong by far: half of it is not sure, half is cut off by the border.
            p.shape[0] = frame < 12 ? 3.0F : 0.5F + 0.01F * static_cast<float>(frame % 3);
            p.scale[3] = frame < 12 ? -2.0F : 0.25F;
            return p;
        };
        for (std::size_t i = 0; i < 12; ++i) {
            if (i < 6) {
                clip.track.frames[i].firm = false;
            } else {
                auto cut = FakeBodyNetwork::resting();
                cut.translation.x = -2;
                clip.track.frames[i].mask = clip.maskOf(cut, kHeight);
            }
        }
        const auto body = clip.bodies();
        for (const auto& frame : body.frames) {
            QVERIFY(std::abs(field(frame, "shape_params")[0] - 0.51F) < 1e-6F);
            QCOMPARE(field(frame, "scale_params")[3], 0.25F);
        }
        QCOMPARE(field(body.frames[0], "raw_shape_params")[0], 3.0F); // what was read is not lost
        // As SAM-Body4D: the first frame's.
        clip.options.setFromText("compat", "sam-body4d");
        QCOMPARE(field(clip.bodies().frames[19], "shape_params")[0], 3.0F);
    }

    void tremorGoesAndMotionStays() {
        Clip clip(60);
        std::mt19937 random(3);
        std::normal_distribution<double> tremor(0, 0.03);
        std::vector<double> noise;
        for (int i = 0; i < 60; ++i) {
            noise.push_back(tremor(random));
        }
        clip.network->answer = [&](std::int64_t frame, const BodyQuery&) {
            return walking(static_cast<double>(frame) / kFps, noise[static_cast<std::size_t>(frame)]);
        };
        const auto body = clip.bodies();
        const auto angle = static_cast<std::size_t>(mhr::kThree[0][0]);
        std::vector<double> raw, smooth;
        double offRaw = 0, off = 0;
        for (std::size_t i = 0; i < body.frames.size(); ++i) {
            const double truth = walking(static_cast<double>(i) / kFps).bodyPose[angle];
            raw.push_back(field(body.frames[i], "raw_body_pose_params")[angle]);
            smooth.push_back(field(body.frames[i], "body_pose_params")[angle]);
            offRaw += std::abs(raw.back() - truth);
            off += std::abs(smooth.back() - truth);
        }
        QVERIFY2(stepsOf(smooth) < 0.6 * stepsOf(raw),
                 qPrintable(QString("%1 %2").arg(stepsOf(smooth)).arg(stepsOf(raw))));
        QVERIFY2(off < 0.85 * offRaw, qPrintable(QString("%1 %2").arg(off).arg(offRaw)));
        // The mesh is that of the smoothed numbers, the raw pose that of the others.
        double apart = 0;
        for (const auto& frame : body.frames) {
            QVERIFY(frame.rawPose.surface == nullptr);
            for (std::size_t c = 0; c < 9; ++c) {
                apart =
                    std::max(apart, std::abs(frame.pose.rotations[2].m[c] - frame.rawPose.rotations[2].m[c]));
            }
        }
        QVERIFY(apart > 0.01);

        clip.options.set("smoothing.legs", 0.0);
        const auto still = clip.bodies();
        for (std::size_t i = 0; i < still.frames.size(); ++i) {
            QCOMPARE(field(still.frames[i], "body_pose_params")[angle],
                     field(still.frames[i], "raw_body_pose_params")[angle]);
        }
    }

    /// Angles are stored in a range; going over its end is no jump.
    void turnsOverHalfATurnAreSmooth() {
        Clip clip(40);
        clip.network->answer = [](std::int64_t frame, const BodyQuery&) {
            auto p = FakeBodyNetwork::resting();
            const double turn = 2.9 + 0.02 * static_cast<double>(frame);
            p.globalRot[2] = static_cast<float>(std::remainder(turn, 2 * std::numbers::pi));
            return p;
        };
        const auto body = clip.bodies();
        for (std::size_t i = 0; i < body.frames.size(); ++i) {
            const double want = 2.9 + 0.02 * static_cast<double>(i);
            const double off = std::remainder(
                static_cast<double>(field(body.frames[i], "global_rot")[2]) - want, 2 * std::numbers::pi);
            QVERIFY2(std::abs(off) < 1e-3, qPrintable(QString("frame %1: %2").arg(i).arg(off)));
        }
    }

    void anyBatchGivesTheSame() {
        std::vector<BodyTrack> bodies;
        for (const int batch : {1, 7, 64}) {
            Clip clip(30);
            clip.options.set("sam_3d_body.batch_size", static_cast<long long>(batch));
            clip.network->answer = [](std::int64_t frame, const BodyQuery&) {
                return walking(static_cast<double>(frame) / kFps, 0.02 * static_cast<double>(frame % 5));
            };
            bodies.push_back(clip.bodies());
            QVERIFY(clip.network->looks == (30 + batch - 1) / batch);
        }
        for (std::size_t i = 0; i < 30; ++i) {
            QCOMPARE(field(bodies[0].frames[i], "body_pose_params"),
                     field(bodies[1].frames[i], "body_pose_params"));
            QCOMPARE(field(bodies[0].frames[i], "body_pose_params"),
                     field(bodies[2].frames[i], "body_pose_params"));
        }
    }

    void hiddenFramesAreFilledInTheNetworksOwnNumbers() {
        Clip clip(60);
        const auto angle = static_cast<std::size_t>(mhr::kThree[0][0]);
        const auto hides = [](std::int64_t f) { return f >= 26 && f < 36; };
        for (std::size_t i = 0; i < clip.track.frames.size(); ++i) {
            auto& frame = clip.track.frames[i];
            const auto truth = walking(static_cast<double>(i) / kFps);
            frame.mask = clip.maskOf(truth, hides(frame.frame) ? 105 : kHeight);
            if (frame.frame >= 29 && frame.frame < 33) { // not to be seen at all
                frame.state = FrameState::Occluded;
                frame.mask = {};
                frame.firm = false;
            }
        }
        clip.network->answer = [&](std::int64_t frame, const BodyQuery&) {
            // Of a leg that it does not see the network makes something up.
            return walking(static_cast<double>(frame) / kFps, hides(frame) ? 0.9 : 0);
        };
        const auto fitted = clip.bodies();
        CompletionOptions completion;
        const auto found = makeMotionPriorCompleter()->complete(fitted, clip.track, {}, *fitted.ownModel,
                                                                completion, {}, {}, {});
        const auto body = clip.estimator()->withoutHidden(fitted, clip.track, found, {}, {});
        double offRead = 0, off = 0;
        for (std::size_t i = 0; i < body.frames.size(); ++i) {
            const auto& frame = body.frames[i];
            const double truth = walking(static_cast<double>(i) / kFps).bodyPose[angle];
            QVERIFY2(frame.pose.surface && frame.pose.surface->vertices.size() == 48,
                     qPrintable(QString::number(i)));
            if (!hides(frame.frame)) {
                if (i < 20 || i > 42) {
                    QCOMPARE(frame.state, FrameState::Visible);
                    QVERIFY(std::abs(field(frame, "body_pose_params")[angle] - truth) < 0.05);
                }
                continue;
            }
            QVERIFY(frame.state == FrameState::Completed || frame.state == FrameState::Occluded);
            const bool unseen = clip.track.frames[i].mask.empty();
            QCOMPARE(std::isnan(field(frame, "raw_global_rot")[0]), unseen);
            for (const char* name : {"global_rot", "body_pose_params", "hand_pose_params", "pred_cam_t",
                                     "pred_keypoints_2d", "bbox"}) {
                const auto& values = field(frame, name);
                QVERIFY(!values.empty() &&
                        std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }));
            }
            off += std::abs(field(frame, "body_pose_params")[angle] - truth);
            offRead += 0.9;
        }
        QVERIFY2(off < 0.35 * offRead, qPrintable(QString("%1 of %2").arg(off).arg(offRead)));
        // Stored and read again: nothing of it is lost or shifted to other frames.
        QTemporaryDir folder;
        const auto file = std::filesystem::path(folder.path().toStdString()) / "body.safetensors";
        detail::writeBody(file, {"key", "hint", body});
        const auto read = detail::readBody(file).track;
        for (std::size_t i = 0; i < body.frames.size(); ++i) {
            QCOMPARE(read.frames[i].state, body.frames[i].state);
            QCOMPARE(read.frames[i].rawPose.surface == nullptr, body.frames[i].rawPose.surface == nullptr);
            QCOMPARE(field(read.frames[i], "body_pose_params"), field(body.frames[i], "body_pose_params"));
            QCOMPARE(read.frames[i].pose.surface->vertices[7].x, body.frames[i].pose.surface->vertices[7].x);
        }
    }

    void someFramesAreLookedAtAndTheOthersInterpolated() {
        Clip clip(41);
        clip.options.set("reconstruct.fps", 5.0); // every fifth frame of 25
        for (const auto* limb : {"root", "torso", "arms", "legs", "head"}) {
            clip.options.set(std::string("smoothing.") + limb, 0.0);
        }
        std::vector<std::int64_t> asked;
        clip.network->answer = [&](std::int64_t frame, const BodyQuery&) {
            asked.push_back(frame);
            return walking(static_cast<double>(frame) / kFps);
        };
        auto body = clip.bodies();
        QCOMPARE(asked, (std::vector<std::int64_t>{0, 5, 10, 15, 20, 25, 30, 35, 40}));
        const auto leg = [](const BodyFrame& frame) {
            return field(frame, "body_pose_params")[static_cast<std::size_t>(mhr::kThree[0][0])];
        };
        const auto right = [&](const BodyTrack& of) {
            for (std::size_t i = 0; i < of.frames.size(); ++i) {
                const auto& frame = of.frames[i];
                QVERIFY(frame.state == FrameState::Visible && frame.pose.surface);
                const auto truth = walking(static_cast<double>(i) / kFps);
                QVERIFY(std::abs(leg(frame) - truth.bodyPose[static_cast<std::size_t>(mhr::kThree[0][0])]) < 0.05F);
                QVERIFY(std::abs(frame.pose.translation.x - truth.translation.x) < 1e-4); // a line
                QCOMPARE(std::isnan(field(frame, "raw_global_rot")[0]), i % 5 != 0);     // what nobody saw was not said
            }
        };
        right(body);
        // Frames that are hidden get poses of completion's; the ones around stay as they are.
        CompletionResult found;
        found.body = body;
        found.hiddenShare.assign(body.frames.size(), 0);
        for (std::size_t i = 18; i < 23; ++i) {
            found.body.frames[i].state = FrameState::Completed;
            found.body.frames[i].pose.surface = nullptr;
            found.hiddenShare[i] = 1;
        }
        asked.clear();
        const auto whole = clip.estimator()->withoutHidden(body, clip.track, found, {}, {});
        QVERIFY(asked.empty());
        for (std::size_t i = 0; i < whole.frames.size(); ++i) {
            QVERIFY(whole.frames[i].pose.surface);
            QVERIFY(std::abs(leg(whole.frames[i]) - leg(body.frames[i])) < 0.25F);
        }
    }

    void nobodyHiddenChangesNothing() {
        Clip clip(30);
        clip.network->answer = [](std::int64_t frame, const BodyQuery&) {
            return walking(static_cast<double>(frame) / kFps);
        };
        for (std::size_t i = 0; i < clip.track.frames.size(); ++i) {
            clip.track.frames[i].mask = clip.maskOf(walking(static_cast<double>(i) / kFps), kHeight);
        }
        const auto fitted = clip.bodies();
        const auto found =
            makeMotionPriorCompleter()->complete(fitted, clip.track, {}, *fitted.ownModel, {}, {}, {}, {});
        const int before = clip.network->poses;
        const auto body = clip.estimator()->withoutHidden(fitted, clip.track, found, {}, {});
        QCOMPARE(clip.network->poses.load(), before);
        for (std::size_t i = 0; i < body.frames.size(); ++i) {
            QCOMPARE(body.frames[i].state, FrameState::Visible);
            QVERIFY(body.frames[i].pose.surface == fitted.frames[i].pose.surface);
        }
    }

    void windowsOfSamBody4d() {
        Clip clip(40);
        clip.options.setFromText("compat", "sam-body4d");
        clip.options.set("sam_3d_body.window_frames", 16LL);
        const auto angle = static_cast<std::size_t>(mhr::kThree[0][0]);
        clip.network->answer = [&](std::int64_t frame, const BodyQuery&) {
            auto p = FakeBodyNetwork::resting();
            p.bodyPose[angle] = 0.002F * static_cast<float>(frame);
            return p;
        };
        const auto body = clip.bodies();
        // A slow drift lags behind within a window and is caught up at the next one's first frame.
        const auto at = [&](std::size_t i) { return field(body.frames[i], "body_pose_params")[angle]; };
        QVERIFY(at(15) < 0.002F * 15 * 0.7F);
        QCOMPARE(at(16), 0.002F * 16);
        QVERIFY(at(31) < 0.002F * 31 - 0.008F);
        QCOMPARE(at(32), 0.002F * 32);
        QCOMPARE(field(body.frames[3], "pred_pose_raw")[0], 0.0F);
    }

    void everyShotHasItsLens() {
        Clip clip(20);
        clip.fit.shots = {{0, 300}, {8, 600}};
        clip.network->answer = [](std::int64_t, const BodyQuery& query) {
            auto p = FakeBodyNetwork::resting();
            p.translation.z = 4 * query.camera.focalPx / 300;
            return p;
        };
        clip.options.set("camera.fov_degrees", 2 * std::atan(kWidth / 600.0) * 180 / std::numbers::pi);
        const auto body = clip.bodies();
        QVERIFY(std::abs(body.camera.focalPx - 300) < 1e-6);
        QCOMPARE(clip.network->focals[7], 300.0);
        QCOMPARE(clip.network->focals[8], 600.0);
        for (const auto& frame : body.frames) {
            // Seen, told and placed through its own lens.
            QCOMPARE(field(frame, "focal_length")[0], frame.frame < 8 ? 300.0F : 600.0F);
            QVERIFY(std::abs(field(frame, "pred_cam_t")[2] - (frame.frame < 8 ? 4.0F : 8.0F)) < 1e-4F);
            QVERIFY(std::abs(frame.pose.translation.z - (frame.frame < 8 ? 4 : 8)) < 1e-4);
            QCOMPARE(body.cameraAt(frame.frame).focalPx, frame.frame < 8 ? 300.0 : 600.0);
        }
    }

    void nothingIsSmoothedOverACut() {
        const auto turns = [](int frames, std::vector<ShotCamera> shots) {
            Clip clip(frames);
            clip.network->answer = [](std::int64_t frame, const BodyQuery&) {
                auto p = FakeBodyNetwork::resting();
                // It trembles, and after the cut it is seen from another side through the same lens.
                p.globalRot[1] = 0.02F * static_cast<float>(frame * 7 % 5) + (frame < 8 ? 0.0F : 0.06F);
                return p;
            };
            clip.fit.shots = std::move(shots);
            const auto body = clip.bodies();
            std::vector<float> angles;
            for (const auto& frame : body.frames) {
                angles.push_back(field(frame, "global_rot")[1]);
            }
            return std::pair(angles, body.shots.size());
        };
        const auto lens = Clip(1).estimator()->camera(kWidth, kHeight).focalPx;
        const auto [alone, unused] = turns(8, {});
        const auto [joined, none] = turns(20, {});
        const auto [cut, kept] = turns(20, {{8, lens}});
        QVERIFY2(std::abs(joined[7] - alone[7]) > 1e-3F, qPrintable(QString::number(joined[7] - alone[7])));
        for (std::size_t i = 0; i < alone.size(); ++i) {
            QVERIFY2(std::abs(cut[i] - alone[i]) < 1e-5F, qPrintable(QString::number(cut[i] - alone[i])));
        }
        QCOMPARE(kept, std::size_t{0}); // one lens is no camera of its own
    }

    void limbsOfTheBodyModel() {
        const auto limbs = detail::limbsOfJoints(mhrJoints());
        const auto of = [&](const char* name) {
            for (std::size_t j = 0; j < mhrJoints().size(); ++j) {
                if (mhrJoints()[j].name == name) {
                    return limbs[j];
                }
            }
            return detail::Limb::Torso;
        };
        QVERIFY(of("left_upper_leg") == detail::Limb::LeftLeg &&
                of("right_lower_leg") == detail::Limb::RightLeg);
        QVERIFY(of("left_upper_arm") == detail::Limb::LeftArm &&
                of("right_pinky_2") == detail::Limb::RightArm);
        QVERIFY(of("head") == detail::Limb::Head && of("spine_2") == detail::Limb::Torso);
    }
};

QTEST_GUILESS_MAIN(PictureEstimatorTest)
#include "test_picture_estimator.moc"
