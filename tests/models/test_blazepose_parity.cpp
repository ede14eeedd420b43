// The stages on real frames against the numbers of the measured prototype (TFLite, OpenCV), and a short real
// clip.
#include "base/safetensors.h"
#include "models/blazepose/appearance.h"
#include "models/blazepose/frame_eye.h"
#include "models/blazepose/roi_map.h"
#include "models/blazepose/session.h"
#include "models/segmenter.h"
#include "video/video_reader.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <filesystem>

using namespace body4d;
using namespace body4d::blazepose;

namespace {

std::filesystem::path modelsDir() {
    return qgetenv("BODY4D_MODELS").toStdString();
}
std::filesystem::path clip(const std::string& name) {
    return std::filesystem::path(BODY4D_SHARED_DATA) / "videos" / name;
}

struct Case {
    const char* file;
    std::int64_t frame;
};
constexpr std::array<Case, 3> kCases{
    {{"skateboarder.mp4", 0}, {"ball_juggle.mp4", 30}, {"breakdance_crowd.mp4", 0}}};

} // namespace

class BlazePoseParityTest : public QObject {
    Q_OBJECT
private:
    QTemporaryDir cache_;
    std::shared_ptr<PoseNetworks> networks_;

private Q_SLOTS:
    void initTestCase() {
        if (!std::filesystem::exists(modelsDir() / "pose_landmark_full.tflite")) {
            QSKIP("The pose networks are not here; packaging/setup.sh puts them in place.");
        }
        if (!std::filesystem::exists(clip(kCases[0].file))) {
            QSKIP("The clips are not here; they lie beside the checkout in shared/data/videos.");
        }
        networks_ = makeOpenVinoNetworks(modelsDir(), cache_.path().toStdString(), {});
    }

    /// A person and the picture in the mirror: what is measured off to one side would not be the mirror image.
    void pointsOfAMirrorImageAreMirrored() {
        const auto reader = VideoReader::open(clip("ball_juggle.mp4"));
        double sum = 0;
        int count = 0;
        for (const std::int64_t number : {20, 60, 100, 140, 180, 220}) {
            const ImagePtr frame = reader->read(number);
            Image mirrored = *frame;
            for (int y = 0; y < mirrored.height; ++y) {
                std::uint8_t* row = mirrored.row(y);
                for (int a = 0, b = mirrored.width - 1; a < b; ++a, --b) {
                    std::swap_ranges(row + 3 * a, row + 3 * a + 3, row + 3 * b);
                }
            }
            Roi roi{660, 380, 830, 0};
            FrameEye eye(*networks_, *frame, {}), mirrorEye(*networks_, mirrored, {});
            roi = nextRoi(eye.look(std::vector<Glance>{{roi, nullptr}})[0]);
            const Roi other{frame->width - 1 - roi.centreX, roi.centreY, roi.side, -roi.angle};
            const PoseLandmarks here = toPose(eye.look(std::vector<Glance>{{roi, nullptr}})[0]),
                                there = toPose(mirrorEye.look(std::vector<Glance>{{other, nullptr}})[0]);
            QVERIFY(here.score > 0.9F && there.score > 0.9F);
            for (std::size_t k = 11; k < kPoseLandmarkCount; ++k) {
                const PoseLandmark &a = here.points[k], &b = there.points[k % 2 == 1 ? k + 1 : k - 1];
                if (a.visibility > 0.8F && b.visibility > 0.8F) {
                    sum += 0.5 * (a.px.x + b.px.x - frame->width) / roi.side * kLandmarkSide;
                    ++count;
                }
            }
        }
        QVERIFY(count > 60);
        QVERIFY2(std::abs(sum / count) < 0.25, qPrintable(QString("%1 pixels of the crop to the right").arg(sum / count)));
    }

    void stagesMatchThePrototype_data() {
        QTest::addColumn<int>("index");
        for (int i = 0; i < static_cast<int>(kCases.size()); ++i) {
            QTest::newRow(kCases[static_cast<std::size_t>(i)].file) << i;
        }
    }
    void stagesMatchThePrototype() {
        QFETCH(int, index);
        const SafetensorsFile golden(std::filesystem::path(BODY4D_SOURCE_DIR) /
                                     "tests/data/blazepose_stages.safetensors");
        const auto values = [&](const char* name) {
            return golden.values<double>(std::to_string(index) + "." + name);
        };
        const auto bytes = [&](const char* name) {
            return golden.values<std::uint8_t>(std::to_string(index) + "." + name);
        };
        const Case& c = kCases[static_cast<std::size_t>(index)];
        const ImagePtr frame = VideoReader::open(clip(c.file))->read(c.frame);
        const auto r = values("roi");
        const Roi roi{r[0], r[1], r[2], r[3]};
        FrameEye eye(*networks_, *frame, {});
        const std::vector<Glance> glances{{roi, nullptr}};
        const Observation o = eye.look(glances)[0];

        // Colours: the prototype shrinks the frame first where the crop is coarse; edges differ, means do
        // not.
        const auto crop = bytes("crop");
        double difference = 0;
        for (std::size_t y = 0; y < 32; ++y) {
            for (std::size_t x = 0; x < 32; ++x) {
                for (std::size_t k = 0; k < 3; ++k) {
                    difference += std::abs(double(crop[(y * 32 + x) * 3 + k]) -
                                           o.crop->rgb[((4 + 8 * y) * 256 + 4 + 8 * x) * 3 + k]);
                }
            }
        }
        difference /= static_cast<double>(crop.size());
        QVERIFY2(difference < 6, qPrintable(QString("mean colour difference %1").arg(difference)));

        // 2D points, shares of the crop's side. Upright people agree within 0.3 % on average; the headstand
        // reacts to the other filter most.
        const auto points = values("points"), visibility = values("visibility"), world = values("world"),
                   z = values("z");
        double worst = 0, mean = 0, worstWorld = 0;
        int seen = 0;
        for (std::size_t k = 0; k < kPoseLandmarkCount; ++k) {
            if (visibility[k] < 0.5) {
                continue;
            }
            const double d = std::hypot(o.px[k].x - points[2 * k], o.px[k].y - points[2 * k + 1]) / roi.side;
            worst = std::max(worst, d);
            mean += d;
            ++seen;
            worstWorld = std::max({worstWorld, std::abs(o.world[k].x - world[3 * k]),
                                   std::abs(o.world[k].y - world[3 * k + 1])});
        }
        mean /= seen;
        QVERIFY(seen > 15);
        QVERIFY2(mean < 0.01 && worst < 0.08,
                 qPrintable(QString("2D %1 mean, %2 worst").arg(mean).arg(worst)));
        QVERIFY2(worstWorld < 0.06, qPrintable(QString("world %1 m").arg(worstWorld)));
        QVERIFY(std::abs(o.score - values("score")[0]) < 0.05);
        QVERIFY(std::abs(insideShare(o, *o.mask, frame->width, frame->height) - values("inside")[0]) < 0.15);
        const auto next = values("next_roi");
        const Roi mine = nextRoi(o);
        QVERIFY(std::hypot(mine.centreX - next[0], mine.centreY - next[1]) < 0.02 * roi.side);
        QVERIFY(std::abs(mine.side / next[2] - 1) < 0.04 && std::abs(wrapAngle(mine.angle - next[3])) < 0.06);

        const auto mask = bytes("mask");
        int both = 0, either = 0;
        for (std::size_t i = 0; i < mask.size(); ++i) {
            const bool a = mask[i] >= 128,
                       b = o.mask->values[(4 + 8 * (i / 32)) * 256 + 4 + 8 * (i % 32)] >= 128;
            both += a && b ? 1 : 0;
            either += a || b ? 1 : 0;
        }
        QVERIFY2(both > 0.95 * either, qPrintable(QString("mask %1 of %2").arg(both).arg(either)));

        Observation measured = o;
        measureClothes(measured, *o.mask, *o.crop);
        const auto histogram = golden.values<float>(std::to_string(index) + ".histogram");
        QVERIFY2(similarity(measured.histogram, histogram) > 0.97,
                 qPrintable(QString::number(similarity(measured.histogram, histogram))));

        if (golden.contains(std::to_string(index) + ".detection")) {
            const std::vector<Glance> wide{{{roi.centreX, roi.centreY, 1.3 * roi.side, roi.angle}, nullptr}};
            const auto found = eye.detect(wide, 0.3)[0];
            QVERIFY(!found.empty());
            const auto keyPoints = values("detection");
            for (std::size_t k = 0; k < 4; ++k) {
                QVERIFY(std::hypot(found[0].keyPoints[k].x - keyPoints[2 * k],
                                   found[0].keyPoints[k].y - keyPoints[2 * k + 1]) < 0.03 * roi.side);
            }
            QVERIFY(std::abs(found[0].score - values("detection_score")[0]) < 0.08);
        }
    }

    void fusedLayersEqualTheWholeNetwork() {
        const ImagePtr frame = VideoReader::open(clip("ball_juggle.mp4"))->read(30);
        const auto whole = makeOpenVinoNetworks(modelsDir(), cache_.path().toStdString(), {.fused = false});
        struct Copy {
            std::vector<float> points, presence, mask, heatMaps, world;
        };
        const auto look = [&](PoseNetworks& networks) {
            std::vector<Copy> out(3);
            networks.landmarks(
                out.size(),
                [&](std::size_t i, Crop& crop) {
                    const double k = static_cast<double>(i);
                    sampleCrop(*frame, {700 - 40 * k, 380, 560 + 150 * k, 0.4 * k}, kLandmarkSide, crop);
                },
                [&](std::size_t i, const LandmarkTensors& t) {
                    const auto copy = [](std::span<const float> s) {
                        return std::vector<float>(s.begin(), s.end());
                    };
                    out[i] = {copy(t.points), copy(t.presence), copy(t.mask), copy(t.heatMaps),
                              copy(t.world)};
                },
                {});
            return out;
        };
        const auto a = look(*networks_), b = look(*whole);
        const auto worst = [](const std::vector<float>& p, const std::vector<float>& q, float largest) {
            double out = p.size() == q.size() ? 0 : 1e9;
            for (std::size_t i = 0; i < std::min(p.size(), q.size()); ++i) {
                out = std::max(out, std::abs(double{std::clamp(p[i], -largest, largest)} -
                                             std::clamp(q[i], -largest, largest)));
            }
            return out;
        };
        for (std::size_t i = 0; i < a.size(); ++i) {
            QCOMPARE(a[i].mask.size(), std::size_t{kLandmarkSide} * kLandmarkSide);
            QVERIFY(worst(a[i].points, b[i].points, 1e9F) < 5e-3); // pixels of 256
            QVERIFY(worst(a[i].presence, b[i].presence, 1e9F) < 1e-4);
            QVERIFY(worst(a[i].world, b[i].world, 1e9F) < 1e-4); // metres
            QVERIFY(worst(a[i].heatMaps, b[i].heatMaps, 1e9F) < 5e-3);
            QVERIFY(worst(a[i].mask, b[i].mask, 20) < 0.02); // logits; beyond 20 all is said
        }
    }

    void cropsInFlightNeverChangeResults() {
        const ImagePtr frame = VideoReader::open(clip("skateboarder.mp4"))->read(0);
        std::vector<Glance> glances;
        for (int i = 0; i < 5; ++i) {
            glances.push_back({{290.0 + 3 * i, 245, 340.0 + 10 * i, 0.1 * i}, nullptr});
        }
        const auto single = makeOpenVinoNetworks(modelsDir(), cache_.path().toStdString(), {1, 1});
        FrameEye many(*networks_, *frame, {}), one(*single, *frame, {});
        const auto a = many.look(glances), b = one.look(glances);
        for (std::size_t i = 0; i < a.size(); ++i) {
            QVERIFY(a[i].mask->values == b[i].mask->values && a[i].score == b[i].score);
            for (std::size_t k = 0; k < kNetPoints; ++k) {
                QVERIFY(a[i].px[k].x == b[i].px[k].x && a[i].px[k].y == b[i].px[k].y);
            }
        }
    }

    void realClipFromOneClick() {
        const auto reader = VideoReader::open(clip("skateboarder.mp4"));
        const auto segmenter = makeBlazePoseSegmenter(modelsDir(), cache_.path().toStdString(), {});
        const Prompt click{0, {{285, 235, true}}, {}};
        const auto preview = segmenter->preview(reader->read(0), click, {});
        QVERIFY(preview.found);
        auto session = segmenter->startSession({{1, {click}}}, reader->info().fps, Direction::Forward);
        std::vector<TargetFrame> frames;
        const auto take = [&](const SessionStep& step) {
            for (const auto& item : step.items) {
                frames.push_back(item.frame);
            }
        };
        for (std::int64_t f = 0; f < 20; ++f) {
            take(session->advance(f, reader->read(f), false, {}));
        }
        take(session->finish());
        QCOMPARE(frames.size(), std::size_t{20});
        QVERIFY(frames[0].mask == preview.frame.mask); // what the click showed is what is tracked
        for (const TargetFrame& f : frames) {
            QCOMPARE(f.state, FrameState::Visible);
            QVERIFY(f.firm && f.pose.score > 0.8F);
            const double share = static_cast<double>(area(f.mask)) / (f.pose.roi.side * f.pose.roi.side);
            QVERIFY2(share > 0.08 && share < 0.45, qPrintable(QString::number(share)));
        }
    }

    void missingFilesAreNamed() {
        QTemporaryDir empty;
        try {
            const auto segmenter =
                makeBlazePoseSegmenter(empty.path().toStdString(), cache_.path().toStdString(), {});
            QFAIL("An empty folder was accepted.");
        } catch (const Error& e) {
            QCOMPARE(e.code(), ErrorCode::MissingModel);
            QVERIFY(std::string(e.what()).find("pose_detection.tflite") != std::string::npos);
            QVERIFY(!e.remedy().empty());
        }
    }
};

QTEST_GUILESS_MAIN(BlazePoseParityTest)
#include "test_blazepose_parity.moc"
