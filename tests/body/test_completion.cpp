#include "body/body_keypoints.h"
#include "body/completion.h"
#include "body/detail/amodal.h"
#include "body/foot_contact.h"
#include "body/mask_sampling.h"
#include "body/rasterizer.h"
#include "body/world.h"

#include <QtTest>

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <numeric>
#include <random>

using namespace body4d;

namespace {

constexpr int kWidth = 640, kHeight = 360, kFrames = 120;
constexpr double kFps = 25;

Mat3 aboutX(double a) { return {{1, 0, 0, 0, std::cos(a), -std::sin(a), 0, std::sin(a), std::cos(a)}}; }
Mat3 aboutY(double a) { return {{std::cos(a), 0, std::sin(a), 0, 1, 0, -std::sin(a), 0, std::cos(a)}}; }

/// A person who marks time while drifting to the side, with masks that are exactly the body's silhouette.
struct Scene {
    std::shared_ptr<const BodyModel> model;
    RestBody rest;
    BodyTrack body;
    TargetTrack track;
    std::vector<Mask> whole; ///< undisturbed masks

    explicit Scene(double drift = 0.004) {
        model = BodyModel::loadAnny(std::filesystem::path(std::getenv("BODY4D_MODELS")) / "anny.safetensors");
        body.id = track.id = 1;
        body.camera = intrinsicsFromFov(kWidth, kHeight, 0.96);
        body.fps = kFps;
        rest = model->shaped(body.shape);
        const auto joint = [&](const char* name) {
            for (std::size_t j = 0; j < model->joints().size(); ++j) {
                if (model->joints()[j].name == name) {
                    return j;
                }
            }
            throw std::runtime_error(name);
        };
        for (int f = 0; f < kFrames; ++f) {
            BodyFrame frame;
            frame.frame = f;
            frame.state = FrameState::Visible;
            frame.confidence.fill(0.9F);
            frame.pose.rotations.resize(model->joints().size());
            frame.pose.rotations[0] = aboutY(0.6);
            const double swing = std::sin(2 * std::numbers::pi * f / 27.0);
            frame.pose.rotations[joint("upperleg01.L")] = aboutX(-0.5 * swing);
            frame.pose.rotations[joint("upperleg01.R")] = aboutX(0.5 * swing);
            frame.pose.rotations[joint("upperarm01.L")] = aboutX(0.6 * swing);
            frame.pose.rotations[joint("upperarm01.R")] = aboutX(-0.6 * swing);
            frame.pose.translation = {-0.3 + drift * f, 0.05, 4};
            frame.rawPose = frame.pose;
            const PosedSkeleton skeleton = model->skeleton(rest, frame.pose);
            setKeypoints(frame, skeleton);
            body.frames.push_back(frame);

            TargetFrame seen;
            seen.frame = f;
            seen.state = FrameState::Visible;
            seen.pose.score = 0.99F;
            seen.similarity = 0.95F;
            seen.confidence = 0.95F;
            const Vec2 centre = project(body.camera, frame.pose.translation);
            seen.pose.roi = {centre.x, centre.y, 280, 0};
            whole.push_back(draw(frame.pose));
            seen.mask = encodeRle(whole.back());
            track.frames.push_back(seen);
        }
    }

    /// Joints stand in for keypoints where only places matter.
    static void setKeypoints(BodyFrame& frame, const PosedSkeleton& skeleton) {
        for (std::size_t k = 0; k < frame.keypoints.size(); ++k) {
            frame.keypoints[k] = skeleton.joints[k % skeleton.joints.size()];
        }
    }

    [[nodiscard]] Mask draw(const BodyPose& pose) const {
        std::vector<Vec3f> vertices;
        model->pose(rest, pose, vertices);
        return silhouette(vertices, model->topology(), body.camera);
    }

    /// Takes the pixels under a bar out of the masks of [begin, end); what is left too small counts as lost.
    void paint(int begin, int end, int x0, int x1, int y0 = 0, int y1 = kHeight) {
        std::mt19937 random(9);
        std::normal_distribution<double> junk(0, 0.4);
        for (int f = begin; f < end; ++f) {
            TargetFrame& seen = track.frames[static_cast<std::size_t>(f)];
            Mask mask = decodeRle(seen.mask);
            const std::int64_t before = area(seen.mask);
            for (int y = y0; y < y1; ++y) {
                for (int x = x0; x < x1; ++x) {
                    mask.row(y)[x] = 0;
                }
            }
            seen.mask = encodeRle(mask);
            if (area(seen.mask) < before / 5) {
                seen = TargetFrame{};
                seen.frame = f;
            }
            // The network makes the hidden limbs up.
            BodyPose& pose = body.frames[static_cast<std::size_t>(f)].pose;
            for (std::size_t j = 6; j < pose.rotations.size(); ++j) {
                pose.rotations[j] = pose.rotations[j] * aboutX(junk(random));
            }
        }
    }

    [[nodiscard]] CompletionResult complete(std::span<const TargetTrack* const> others = {}) const {
        return completeTrack(body, track, others, *model, {}, {}, {}, {});
    }
};

/// Mean distance of the joints of two poses, metres.
double jointError(const BodyModel& model, const RestBody& rest, const BodyPose& a, const BodyPose& b) {
    const auto x = model.skeleton(rest, a).joints, y = model.skeleton(rest, b).joints;
    double sum = 0;
    for (std::size_t j = 0; j < x.size(); ++j) {
        sum += norm(x[j] - y[j]) / static_cast<double>(x.size());
    }
    return sum;
}

int flagged(const CompletionResult& result, int begin, int end) {
    int count = 0;
    for (int f = begin; f < end; ++f) {
        count += result.body.frames[static_cast<std::size_t>(f)].state != FrameState::Visible ? 1 : 0;
    }
    return count;
}

} // namespace

class TestCompletion : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        const char* models = std::getenv("BODY4D_MODELS");
        if (models == nullptr || !std::filesystem::exists(std::filesystem::path(models) / "anny.safetensors")) {
            QSKIP("The body's data is missing: run packaging/setup.sh first.");
        }
    }

    void anUndisturbedClipNeedsNone() {
        const Scene scene;
        const CompletionResult result = scene.complete();
        QCOMPARE(result.ranges.size(), std::size_t{0});
        QVERIFY(result.amodal.empty());
        QCOMPARE(flagged(result, 0, kFrames), 0);
        QVERIFY(QString::fromStdString(result.hint).contains("needs no completion"));
    }

    void aHiddenPersonIsFilledIn_data() {
        QTest::addColumn<int>("length");
        QTest::newRow("10 frames") << 10;
        QTest::newRow("20 frames") << 20;
        QTest::newRow("40 frames") << 40;
    }
    void aHiddenPersonIsFilledIn() {
        QFETCH(int, length);
        const Scene truth;
        Scene scene;
        const int begin = 45, end = begin + length;
        scene.paint(begin, end, 0, kWidth);
        const CompletionResult result = scene.complete();
        QCOMPARE(result.ranges.size(), std::size_t{1});
        QVERIFY(std::abs(result.ranges[0].begin - begin) <= 2 && std::abs(result.ranges[0].end - end) <= 2);
        QVERIFY(result.ranges[0].filled);
        double filled = 0, straight = 0, overlap = 0;
        const BodyFrame &left = truth.body.frames[static_cast<std::size_t>(begin - 1)], &right = truth.body.frames[static_cast<std::size_t>(end)];
        const auto from = scene.model->skeleton(scene.rest, left.pose).joints, to = scene.model->skeleton(scene.rest, right.pose).joints;
        for (int f = begin; f < end; ++f) {
            const auto i = static_cast<std::size_t>(f);
            const BodyFrame& frame = result.body.frames[i];
            QCOMPARE(frame.state, FrameState::Completed);
            QVERIFY(frame.reprojectionPercent < 0);
            filled += jointError(*scene.model, scene.rest, frame.pose, truth.body.frames[i].pose);
            const double share = static_cast<double>(f - begin + 1) / (length + 1);
            const auto real = scene.model->skeleton(scene.rest, truth.body.frames[i].pose).joints;
            for (std::size_t j = 0; j < real.size(); ++j) {
                straight += norm((1 - share) * from[j] + share * to[j] - real[j]) / static_cast<double>(real.size());
            }
        }
        QVERIFY2(filled < 0.6 * straight, qPrintable(QString("%1 against %2 m").arg(filled / length).arg(straight / length)));
        for (const auto& [frame, mask] : result.amodal) {
            if (frame >= begin && frame < end) {
                overlap += intersectionOverUnion(decodeRle(mask), truth.whole[static_cast<std::size_t>(frame)]) / length;
            }
        }
        QVERIFY2(overlap > 0.7, qPrintable(QString::number(overlap)));
    }

    void clothesAreLearnedFromTheOutline() {
        Scene scene;
        std::vector<Mask> dressed;
        for (int f = 0; f < kFrames; ++f) {
            const auto i = static_cast<std::size_t>(f);
            std::vector<Vec3f> vertices, normals;
            scene.model->pose(scene.rest, scene.body.frames[i].pose, vertices);
            computeNormals(vertices, scene.model->topology(), normals);
            for (std::size_t v = 0; v < vertices.size(); ++v) {
                // A wide coat: nothing at the feet, 6 cm at the chest.
                const float by = vertices[v].y < 0.1F ? 0.06F : 0.F;
                vertices[v] = {vertices[v].x + by * normals[v].x, vertices[v].y + by * normals[v].y,
                               vertices[v].z + by * normals[v].z};
            }
            dressed.push_back(silhouette(vertices, scene.model->topology(), scene.body.camera));
            scene.track.frames[i].mask = encodeRle(dressed.back());
        }
        scene.paint(50, 60, 0, kWidth);
        const CompletionResult result = scene.complete();
        double clothed = 0, bare = 0;
        int count = 0;
        for (const auto& [frame, mask] : result.amodal) {
            const auto i = static_cast<std::size_t>(frame);
            if (frame >= 50 && frame < 60) {
                clothed += intersectionOverUnion(decodeRle(mask), dressed[i]);
                bare += intersectionOverUnion(scene.draw(result.body.frames[i].pose), dressed[i]);
                ++count;
            }
        }
        QCOMPARE(count, 10);
        QVERIFY2(clothed > bare + 0.05 * count, qPrintable(QString("%1 against %2").arg(clothed / count).arg(bare / count)));
    }

    void aBagIsCarriedAlong() {
        Scene scene;
        std::vector<Mask> bags; // what the mask has beyond the body
        for (int f = 0; f < kFrames; ++f) {
            const auto i = static_cast<std::size_t>(f);
            const BodyPose& pose = scene.body.frames[i].pose;
            const Vec2 centre = project(scene.body.camera, pose.translation + Vec3{-0.2, -0.25, 0});
            const double radius = 0.14 * scene.body.camera.focalPx / pose.translation.z;
            Mask bag(kWidth, kHeight), mask = scene.whole[i];
            for (int y = 0; y < kHeight; ++y) {
                for (int x = 0; x < kWidth; ++x) {
                    if (std::hypot(x + 0.5 - centre.x, y + 0.5 - centre.y) < radius && mask.row(y)[x] < 128) {
                        bag.row(y)[x] = mask.row(y)[x] = 255;
                    }
                }
            }
            bags.push_back(std::move(bag));
            scene.track.frames[i].mask = encodeRle(mask);
        }
        const int begin = 50, end = 60;
        scene.paint(begin, end, 0, kWidth);
        const CompletionResult result = scene.complete();
        double found = 0, all = 0, beside = 0;
        for (const auto& [frame, rle] : result.amodal) {
            if (frame >= begin && frame < end) {
                const auto i = static_cast<std::size_t>(frame);
                const Mask mask = decodeRle(rle);
                for (std::size_t p = 0; p < mask.values.size(); ++p) {
                    const bool bag = bags[i].values[p] != 0, body = scene.whole[i].values[p] >= 128;
                    all += bag ? 1 : 0;
                    found += bag && mask.values[p] != 0 ? 1 : 0;
                    beside += !bag && !body && mask.values[p] != 0 ? 1 : 0;
                }
            }
        }
        QVERIFY(all > 0);
        QVERIFY2(found > 0.85 * all && beside < 0.5 * all, qPrintable(QString("%1 of it found, %2 of its size beside").arg(found / all).arg(beside / all)));
    }

    void seenLimbsStayMeasured() {
        const Scene truth;
        Scene scene;
        // A bar over the legs: arms, head and trunk remain.
        scene.paint(50, 70, 0, kWidth, kHeight / 2 + 5, kHeight);
        for (int f = 50; f < 70; ++f) { // only the legs are made up
            BodyPose& pose = scene.body.frames[static_cast<std::size_t>(f)].pose;
            for (std::size_t j = 6; j < 14; ++j) {
                pose.rotations[j] = truth.body.frames[static_cast<std::size_t>(f)].pose.rotations[j];
            }
        }
        const CompletionResult result = scene.complete();
        QCOMPARE(result.ranges.size(), std::size_t{1});
        QVERIFY(std::abs(result.ranges[0].begin - 50) <= 2 && std::abs(result.ranges[0].end - 70) <= 2);
        const auto middle = std::size_t{60};
        QCOMPARE(result.body.frames[middle].state, FrameState::Completed);
        const auto deviation = [&](std::size_t j) {
            const Mat3 d = transpose(result.body.frames[middle].pose.rotations[j]) * truth.body.frames[middle].pose.rotations[j];
            return std::acos(std::clamp((d(0, 0) + d(1, 1) + d(2, 2) - 1) / 2, -1.0, 1.0));
        };
        QVERIFY(deviation(7) < 0.1);   // left upper arm
        QVERIFY(deviation(14) < 0.25); // left upper leg: found from the gait, whatever was made up
        QVERIFY(deviation(17) < 0.25);
    }

    void halfABodyDoesNotBendTheFramesBeside() {
        const Scene truth;
        int fits = 0;
        CompletionOptions options;
        options.refit = [&](const TargetTrack& cleaned) { // half a body is taken for one farther away, and so is what lies beside
            ++fits;
            BodyTrack out = truth.body;
            if (cleaned.frames[60].state == FrameState::Visible) {
                for (int f = 40; f < 80; ++f) {
                    out.frames[static_cast<std::size_t>(f)].pose.translation.z += 0.3;
                }
            }
            return out;
        };
        Scene half;
        half.paint(50, 70, 0, kWidth, kHeight / 2 + 5, kHeight);
        const CompletionResult result = completeTrack(half.body, half.track, {}, *half.model, options, {}, {}, {});
        QCOMPARE(fits, 2);
        QCOMPARE(result.ranges.size(), std::size_t{1});
        for (int f = 0; f < kFrames; ++f) {
            const auto i = static_cast<std::size_t>(f);
            if (result.body.frames[i].state == FrameState::Visible) {
                QCOMPARE(result.body.frames[i].pose.translation.z, truth.body.frames[i].pose.translation.z);
            } else { // nobody moves away because something is in front
                QVERIFY(std::abs(result.body.frames[i].pose.translation.z - truth.body.frames[i].pose.translation.z) < 0.2);
            }
        }
        fits = 0;
        Scene whole;
        whole.paint(50, 70, 0, kWidth);
        (void)completeTrack(whole.body, whole.track, {}, *whole.model, options, {}, {}, {});
        QCOMPARE(fits, 1);
    }

    void theMaskOfAnUncertainPoseIsTheLikeliest() {
        const Scene scene;
        std::vector<std::size_t> examples(static_cast<std::size_t>(kFrames));
        std::iota(examples.begin(), examples.end(), std::size_t{0});
        const detail::ClothedSilhouette clothed(*scene.model, scene.body, scene.track, examples);
        const BodyPose& pose = scene.body.frames[30].pose;
        std::size_t arm = 0;
        while (scene.model->joints()[arm].name != "upperarm01.L") {
            ++arm;
        }
        std::vector<BodyPose> mayBe;
        for (int k = -4; k <= 4; ++k) {
            BodyPose other = pose;
            other.rotations[arm] = other.rotations[arm] * aboutX(0.6 * k);
            other.translation.x += 0.04 * k;
            mayBe.push_back(other);
        }
        const Mask own = decodeRle(clothed.draw(pose, {}, scene.body.camera, {}, 0)),
                   likeliest = decodeRle(clothed.draw(pose, mayBe, scene.body.camera, {}, 0));
        double ofOwn = 0, ofLikeliest = 0;
        for (const BodyPose& other : mayBe) {
            const Mask there = decodeRle(clothed.draw(other, {}, scene.body.camera, {}, 0));
            ofOwn += intersectionOverUnion(own, there) / static_cast<double>(mayBe.size());
            ofLikeliest += intersectionOverUnion(likeliest, there) / static_cast<double>(mayBe.size());
        }
        QVERIFY2(ofLikeliest > ofOwn + 0.005, qPrintable(QString("%1 against %2").arg(ofLikeliest).arg(ofOwn)));
        // Who surely stands so is drawn so.
        const std::vector<BodyPose> sure(9, pose);
        QCOMPARE(decodeRle(clothed.draw(pose, sure, scene.body.camera, {}, 0)).values, own.values);
    }

    void aClipThatNeedsNoneIsLeftAlone() {
        const Scene scene;
        CompletionOptions options;
        bool refitted = false;
        options.refit = [&](const TargetTrack&) {
            refitted = true;
            return scene.body;
        };
        const CompletionResult result = completeTrack(scene.body, scene.track, {}, *scene.model, options, {}, {}, {});
        QVERIFY(!refitted);
        for (std::size_t i = 0; i < scene.body.frames.size(); ++i) {
            const BodyFrame &before = scene.body.frames[i], &after = result.body.frames[i];
            QCOMPARE(after.state, before.state);
            QCOMPARE(after.confidence, before.confidence);
            QVERIFY(norm(after.pose.translation - before.pose.translation) == 0);
            for (std::size_t j = 0; j < before.pose.rotations.size(); ++j) {
                QCOMPARE(after.pose.rotations[j].m, before.pose.rotations[j].m);
            }
        }
    }

    void aBodyPutBesideAWholeMaskIsNoOcclusion() {
        Scene scene;
        for (int f = 60; f < 64; ++f) { // thrown over by a wrong fit: the mask misses nothing
            BodyPose& pose = scene.body.frames[static_cast<std::size_t>(f)].pose;
            const double c = std::cos(1.3), s = std::sin(1.3);
            pose.rotations[0] = Mat3{{c, -s, 0, s, c, 0, 0, 0, 1}} * pose.rotations[0];
        }
        const CompletionResult result = scene.complete();
        QCOMPARE(flagged(result, 0, kFrames), 0);
    }

    void whoIsFittedIntoWhatAWallLeavesIsStillHidden() {
        Scene scene(0.012);
        constexpr int kWall = 365, kBegin = 40, kFitted = 46, kEnd = 56;
        const std::vector<BodyFrame> truth = scene.body.frames;
        scene.paint(kBegin, kEnd, kWall, kWidth);
        // From some frame on there is a whole body in what shows, and only the mask's straight end tells of the wall.
        for (int f = kFitted; f < kEnd; ++f) {
            const auto i = static_cast<std::size_t>(f);
            BodyPose& pose = scene.body.frames[i].pose;
            pose = truth[i].pose;
            const double metresPerPx = pose.translation.z / scene.body.camera.focalPx;
            pose.translation.x -= metresPerPx * (boundingBox(encodeRle(scene.draw(pose))).x1 - kWall);
            Mask mask = scene.draw(pose);
            const Box box = boundingBox(encodeRle(mask));
            for (int y = static_cast<int>(box.y0); y < static_cast<int>(box.y0 + 0.6 * box.height()); ++y) {
                std::fill(mask.row(y) + kWall - 8, mask.row(y) + kWall, std::uint8_t{255});
            }
            scene.track.frames[i].mask = encodeRle(mask);
        }
        const CompletionResult result = scene.complete();
        QCOMPARE(flagged(result, 0, kBegin - 2), 0);
        QVERIFY2(flagged(result, kFitted, kEnd) >= kEnd - kFitted - 2, qPrintable(QString::number(flagged(result, kFitted, kEnd))));
        QCOMPARE(flagged(result, kEnd + 2, kFrames), 0);
    }

    void aBarTheMaskSwallowsIsSeenInThePicture() {
        const Scene truth;
        Scene scene;
        const int begin = 50, end = 70, top = kHeight / 2 + 5;
        scene.paint(begin, begin + 4, 0, kWidth, top, kHeight); // later the mask takes the bar for the legs
        const auto picture = [&](std::int64_t frame) {
            auto image = std::make_shared<Image>(kWidth, kHeight);
            const Mask& body = truth.whole[static_cast<std::size_t>(frame)];
            for (int y = 0; y < kHeight; ++y) {
                for (int x = 0; x < kWidth; ++x) {
                    std::uint8_t* p = image->row(y) + 3 * x;
                    const bool bar = frame >= begin && frame < end && y >= top;
                    const bool person = !bar && body.row(y)[x] >= 128;
                    p[0] = bar ? 30 : person ? 180 : 90;
                    p[1] = bar ? 160 : person ? 60 : 90;
                    p[2] = bar ? 40 : person ? 50 : 90;
                }
            }
            return ImagePtr(image);
        };
        const CompletionResult blind = scene.complete();
        QVERIFY(flagged(blind, begin, end) < 10);
        const CompletionResult seeing = completeTrack(scene.body, scene.track, {}, *scene.model, {}, picture, {}, {});
        QVERIFY2(flagged(seeing, begin, end) >= end - begin - 2, qPrintable(QString::number(flagged(seeing, begin, end))));
        QCOMPARE(flagged(seeing, 0, begin - 2) + flagged(seeing, end + 2, kFrames), 0);
    }

    /// From frame 90 to the end something covers the legs, or all of the person.
    void nothingIsKnownFromTheOtherSide() {
        const auto known = [](const BodyFrame& f) {
            return std::any_of(f.confidence.begin(), f.confidence.end(), [](float c) { return c > 0; });
        };
        Scene half;
        half.paint(90, kFrames, 0, kWidth, kHeight / 2 + 60, kHeight);
        const BodyFrame shown = half.complete().body.frames[110];
        QCOMPARE(shown.state, FrameState::Completed);
        QVERIFY(known(shown));
        CompletionOptions options;
        options.fill = false;
        const auto marked = completeTrack(half.body, half.track, {}, *half.model, options, {}, {}, {});
        QCOMPARE(marked.body.frames[110].state, FrameState::Occluded);
        QVERIFY(known(marked.body.frames[110]));
        Scene covered;
        covered.paint(90, kFrames, 0, kWidth);
        // Nobody who stands amid the picture leaves it at once; after some time nobody knows.
        const BodyFrame unseen = covered.complete().body.frames[110];
        QCOMPARE(unseen.state, FrameState::Occluded);
        QVERIFY(!known(unseen));
        CompletionOptions impatient;
        impatient.maxGapSeconds = 0.3;
        const auto gone = completeTrack(covered.body, covered.track, {}, *covered.model, impatient, {}, {}, {});
        QCOMPARE(gone.body.frames[110].state, FrameState::Absent);
    }

    /// Somebody stands still; from frame 90 on only the feet show, later nothing.
    void whatShowsBearsOutThePoseThatIsCarriedOn() {
        const auto restIs = [](Scene& scene, int shift) {
            for (std::size_t f = 61; f < kFrames; ++f) {
                scene.body.frames[f].pose = scene.body.frames[60].pose;
                scene.body.frames[f].keypoints = scene.body.frames[60].keypoints;
                scene.track.frames[f].mask = scene.track.frames[60].mask;
                scene.track.frames[f].pose.roi = scene.track.frames[60].pose.roi;
                scene.whole[f] = scene.whole[60];
            }
            scene.paint(90, kFrames, 0, kWidth, 0, kHeight / 2 + 75);
            for (int f = 90; f < kFrames; ++f) {
                TargetFrame& seen = scene.track.frames[static_cast<std::size_t>(f)];
                if (f >= 110) {
                    seen = TargetFrame{};
                    seen.frame = f;
                    continue;
                }
                Mask feet(kWidth, kHeight);
                const Mask& whole = scene.whole[static_cast<std::size_t>(f)];
                for (int y = kHeight / 2 + 75; y < kHeight; ++y) {
                    std::copy_n(whole.row(y), kWidth - shift, feet.row(y) + shift);
                }
                seen.state = FrameState::Visible;
                seen.pose.score = 0.9F;
                seen.similarity = 0.9F;
                seen.confidence = 0.3F;
                seen.pose.roi = scene.track.frames[89].pose.roi;
                seen.mask = encodeRle(feet);
            }
        };
        Scene there;
        restIs(there, 0);
        const auto filled = there.complete();
        QCOMPARE(filled.body.frames[100].state, FrameState::Completed);
        QVERIFY(filled.body.frames[118].state != FrameState::Completed); // nothing shows there
        Scene beside;
        restIs(beside, 120);
        QVERIFY(beside.complete().body.frames[100].state != FrameState::Completed);
    }

    void nobodyIsDrawnIntoAnotherShot() {
        Scene scene;
        scene.paint(45, 65, 0, kWidth);
        CompletionOptions options;
        options.cuts = {50, 60}; // hidden at the end of one shot, shown again some frames into the third
        const auto result = completeTrack(scene.body, scene.track, {}, *scene.model, options, {}, {}, {});
        const auto& frames = result.body.frames;
        for (std::size_t f = 45; f < 65; ++f) {
            QVERIFY2(frames[f].state == (f < 50 || f >= 60 ? FrameState::Occluded : FrameState::Absent),
                     qPrintable(QString::number(f)));
        }
        QCOMPARE(frames[44].state, FrameState::Visible);
        QCOMPARE(frames[65].state, FrameState::Visible);
        QVERIFY(std::none_of(result.amodal.begin(), result.amodal.end(),
                             [](const auto& drawn) { return drawn.first >= 50 && drawn.first < 60; }));
    }

    void leavingThePictureIsNotAnOcclusion() {
        Scene scene(0.045); // walks out to the right
        int gone = 0;
        for (int f = kFrames - 1; f >= 0 && area(scene.track.frames[static_cast<std::size_t>(f)].mask) == 0; --f) {
            gone = f;
            scene.track.frames[static_cast<std::size_t>(f)] = TargetFrame{};
            scene.track.frames[static_cast<std::size_t>(f)].frame = f;
        }
        QVERIFY(gone > 40);
        const CompletionResult result = scene.complete();
        QCOMPARE(result.body.frames[static_cast<std::size_t>(gone + 10)].state, FrameState::Absent);
        for (const OccludedRange& range : result.ranges) {
            QVERIFY2(range.begin < gone, "a person outside the picture is called hidden");
        }
    }

    void anotherPersonInFrontIsNamed() {
        Scene scene;
        TargetTrack other;
        other.id = 7;
        for (int f = 0; f < kFrames; ++f) {
            TargetFrame frame;
            frame.frame = f;
            frame.state = FrameState::Visible;
            Mask mask(kWidth, kHeight);
            if (f >= 60 && f < 75) {
                std::fill(mask.values.begin(), mask.values.end(), std::uint8_t{255});
            }
            frame.mask = encodeRle(mask);
            other.frames.push_back(frame);
        }
        scene.paint(60, 75, 0, kWidth);
        const TargetTrack* others[] = {&scene.track, &other};
        const CompletionResult result = scene.complete(others);
        QCOMPARE(result.ranges.size(), std::size_t{1});
        QCOMPARE(result.ranges[0].occluder, 7);
    }

    void switchedOffItOnlyMarks() {
        Scene scene;
        scene.paint(50, 60, 0, kWidth);
        CompletionOptions options;
        options.fill = false;
        const CompletionResult result = completeTrack(scene.body, scene.track, {}, *scene.model, options, {}, {}, {});
        QCOMPARE(result.body.frames[55].state, FrameState::Occluded);
        QCOMPARE(result.body.frames[55].pose.rotations[3].m, scene.body.frames[55].pose.rotations[3].m);
        QVERIFY(!result.ranges[0].filled);
    }

    void plantedFeetAreFoundAndHeld() {
        Scene scene(0);
        WorldFrame world; // a level camera, the ground below the body's feet
        double lowest = -1e9;
        std::mt19937 random(1);
        std::normal_distribution<double> noise(0, 0.012);
        for (BodyFrame& frame : scene.body.frames) {
            // Stands; the track trembles.
            for (Mat3& r : frame.pose.rotations) {
                r = Mat3{};
            }
            frame.pose.translation = {noise(random), 0.05, 4 + noise(random)};
        }
        // Real keypoints: fitting nothing, completion of nothing, but locking sets them from the model.
        const std::vector<BodyPose> trembling = [&] {
            std::vector<BodyPose> out;
            for (const BodyFrame& f : scene.body.frames) {
                out.push_back(f.pose);
            }
            return out;
        }();
        for (std::size_t i = 0; i < scene.body.frames.size(); ++i) {
            const auto skeleton = scene.model->skeleton(scene.rest, scene.body.frames[i].pose);
            const Vec3 left = skeleton.joints[16], right = skeleton.joints[19];
            auto& k = scene.body.frames[i].keypoints;
            k[keypoint::kLeftAnkle] = left;
            k[keypoint::kRightAnkle] = right;
            for (const std::size_t side : {0U, 1U}) {
                const Vec3 ankle = side == 0 ? left : right;
                k[keypoint::kLeftHeel + side] = ankle + Vec3{0, 0.06, 0.04};
                k[keypoint::kLeftToe + side] = ankle + Vec3{0, 0.07, -0.18};
                lowest = std::max(lowest, ankle.y + 0.07);
            }
        }
        world.worldFromCam.push_back({{{1, 0, 0, 0, -1, 0, 0, 0, -1}}, {0, lowest, 0}});
        detectFootContacts(scene.body, world);
        int contacts = 0;
        for (const BodyFrame& f : scene.body.frames) {
            contacts += f.footContact[0] && f.footContact[1] ? 1 : 0;
        }
        QVERIFY2(contacts > kFrames * 9 / 10, qPrintable(QString::number(contacts)));
        const double before = footSlide(scene.body, world);
        QVERIFY(before > 0.2);
        lockFeet(scene.body, world, *scene.model);
        // Ankles must now rest although the hips tremble.
        double moved = 0;
        for (std::size_t i = 20; i + 20 < scene.body.frames.size(); ++i) {
            const auto a = scene.model->skeleton(scene.rest, scene.body.frames[i].pose).joints[16];
            const auto b = scene.model->skeleton(scene.rest, scene.body.frames[i + 1].pose).joints[16];
            moved = std::max(moved, norm(a - b));
            QVERIFY(norm(scene.body.frames[i].pose.translation - trembling[i].translation) < 1e-12);
        }
        QVERIFY2(moved < 0.012, qPrintable(QString::number(moved)));
    }

    void aKickingFootIsNotPlanted() {
        Scene scene(0);
        WorldFrame world;
        world.worldFromCam.push_back({{{1, 0, 0, 0, -1, 0, 0, 0, -1}}, {0, 1, 0}});
        for (int f = 0; f < kFrames; ++f) {
            auto& k = scene.body.frames[static_cast<std::size_t>(f)].keypoints;
            const double kick = std::max(0.0, std::sin(0.25 * f));
            k[keypoint::kLeftHeel] = {0.1, 1 - 0.4 * kick, 4 - 0.5 * kick};
            k[keypoint::kLeftToe] = {0.1, 1 - 0.5 * kick, 3.8 - 0.6 * kick};
            k[keypoint::kRightHeel] = {-0.1, 1, 4};
            k[keypoint::kRightToe] = {-0.1, 1, 3.8};
        }
        detectFootContacts(scene.body, world);
        QVERIFY(!scene.body.frames[7].footContact[0]); // sin(1.75): in the air
        QVERIFY(scene.body.frames[20].footContact[0]); // on the ground between two kicks
        QVERIFY(scene.body.frames[7].footContact[1]);
        QVERIFY(footSlide(scene.body, world) < 0.15);
    }
};

QTEST_GUILESS_MAIN(TestCompletion)
#include "test_completion.moc"
