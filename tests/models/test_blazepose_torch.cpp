// The embedded networks on LibTorch, through the plug-in as the program uses them, against OpenVINO.
#include "base/error.h"
#include "base/safetensors.h"
#include "models/blazepose/frame_eye.h"
#include "models/blazepose/session.h"
#include "models/people_finder.h"
#include "models/torch_engines.h"
#include "video/video_reader.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <sys/resource.h>

using namespace body4d;
using namespace body4d::blazepose;

namespace {

std::filesystem::path modelsDir() {
    return qgetenv("BODY4D_MODELS").toStdString();
}
std::filesystem::path clip(const std::string& name) {
    return std::filesystem::path(BODY4D_SHARED_DATA) / "videos" / name;
}

/// What one crop gave, copied out of the call.
struct Outputs {
    std::vector<std::vector<float>> tensors;
};

std::vector<float> copy(std::span<const float> values) {
    return {values.begin(), values.end()};
}

/// A figure of soft discs on a gradient; every index gives another one.
void draw(std::size_t index, Crop& crop) {
    crop.rgb.resize(static_cast<std::size_t>(crop.side) * static_cast<std::size_t>(crop.side) * 3);
    for (int y = 0; y < crop.side; ++y) {
        for (int x = 0; x < crop.side; ++x) {
            const double u = double(x) / crop.side - 0.5, v = double(y) / crop.side - 0.5,
                         turn = 0.3 * double(index);
            const double body = std::exp(-40 * (u * u + 0.2 * v * v)),
                         head = std::exp(-200 * (u * u + (v + 0.33) * (v + 0.33)));
            const double wave = 0.5 + 0.5 * std::sin(20 * u * std::cos(turn) + 20 * v * std::sin(turn));
            auto* pixel = &crop.rgb[static_cast<std::size_t>(3 * (y * crop.side + x))];
            pixel[0] = static_cast<std::uint8_t>(255 * std::clamp(0.2 * wave + 0.8 * head, 0., 1.));
            pixel[1] = static_cast<std::uint8_t>(255 * std::clamp(0.3 * wave + 0.6 * body, 0., 1.));
            pixel[2] =
                static_cast<std::uint8_t>(255 * std::clamp(0.5 * wave + 0.3 * body + 0.2 * head, 0., 1.));
        }
    }
}

std::vector<Outputs> detectAll(PoseNetworks& networks, std::size_t count,
                               const PoseNetworks::Produce& produce = draw) {
    std::vector<Outputs> out(count);
    networks.detect(count, produce,
                    [&](std::size_t i, const DetectorTensors& t) {
                        out[i].tensors = {copy(t.boxes), copy(t.scores)};
                    },
                    {});
    return out;
}
std::vector<Outputs> lookAll(PoseNetworks& networks, std::size_t count,
                             const PoseNetworks::Produce& produce = draw) {
    std::vector<Outputs> out(count);
    networks.landmarks(count, produce,
                       [&](std::size_t i, const LandmarkTensors& t) {
                           out[i].tensors = {copy(t.points), copy(t.presence), copy(t.mask), copy(t.heatMaps),
                                             copy(t.world)};
                       },
                       {});
    return out;
}

double largestDifference(const std::vector<float>& a, const std::vector<float>& b) {
    double worst = a.size() == b.size() ? 0 : 1e9;
    for (std::size_t i = 0; worst < 1e9 && i < a.size(); ++i) {
        worst = std::max(worst, std::abs(double(a[i]) - double(b[i])));
    }
    return worst;
}
std::vector<float> sigmoids(std::vector<float> logits) {
    for (float& v : logits) {
        v = 1 / (1 + std::exp(-v));
    }
    return logits;
}

constexpr double kPixel = 1e-2;

/// Networks that note how many crops every call was asked for.
class Counting final : public PoseNetworks {
public:
    explicit Counting(std::shared_ptr<PoseNetworks> networks) : networks_(std::move(networks)) {}
    void detect(std::size_t count, const Produce& produce, const UseDetections& use,
                const std::stop_token& stop) override {
        detections.push_back(count);
        networks_->detect(count, produce, use, stop);
    }
    void landmarks(std::size_t count, const Produce& produce, const UseLandmarks& use,
                   const std::stop_token& stop) override {
        looks.push_back(count);
        networks_->landmarks(count, produce, use, stop);
    }
    std::vector<std::size_t> detections, looks; ///< crops, a call each

private:
    std::shared_ptr<PoseNetworks> networks_;
};

} // namespace

class BlazePoseTorchTest : public QObject {
    Q_OBJECT
private:
    QTemporaryDir cache_;
    std::shared_ptr<PoseNetworks> openVino_, torch_;
    std::shared_ptr<PoseNetworks> torchNetworks(int batch, double budgetGib = 0) {
        TorchEngineOptions options;
        options.modelsDir = modelsDir();
        options.batch = batch;
        options.budgetGib = budgetGib;
        return requireTorchEngines().poseNetworks(options);
    }

private Q_SLOTS:
    void initTestCase();
    void tensorsEqualOpenVino();
    void handsEqualOpenVino();
    void realPeopleEqualOpenVino();
    void batchesDoNotChangeResults();
    void theTrackerSeesTheSame();
    void framesShareCalls();
    void theBudgetIsObeyed();
    void runningOutOfMemoryShrinksTheBatch();
    void cancelIsOurs();
    void missingAndBrokenFilesAreNamed();
    void theGpuAgrees();
};

void BlazePoseTorchTest::initTestCase() {
    if (torchPlugin().plugin == nullptr) {
        const auto why = QString::fromStdString(torchPlugin().reason + " " + torchPlugin().remedy);
#ifdef BODY4D_WITH_TORCH
        QFAIL(qPrintable(why));
#else
        QSKIP(qPrintable(why));
#endif
    }
    if (!std::filesystem::exists(modelsDir() / "pose_landmark_full.tflite")) {
        QSKIP("The pose networks are not here; packaging/setup.sh puts them in place.");
    }
    openVino_ = makeOpenVinoNetworks(modelsDir(), cache_.path().toStdString(), {});
    torch_ = torchNetworks(4);
}

void BlazePoseTorchTest::tensorsEqualOpenVino() {
    const auto wanted = lookAll(*openVino_, 3), found = lookAll(*torch_, 3);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto difference = [&](std::size_t k) {
            return largestDifference(found[i].tensors[k], wanted[i].tensors[k]);
        };
        QVERIFY2(difference(0) < kPixel, qPrintable(QString("points %1").arg(difference(0))));
        QVERIFY2(difference(1) < 1e-4, qPrintable(QString("presence %1").arg(difference(1))));
        // About one step of 255: the wide layers of one of the two are ours and add up in another order.
        const double mask = largestDifference(sigmoids(found[i].tensors[2]), sigmoids(wanted[i].tensors[2]));
        QVERIFY2(mask < 5e-3, qPrintable(QString("mask %1").arg(mask)));
        QVERIFY2(difference(3) < 1e-2, qPrintable(QString("heat maps %1").arg(difference(3))));
        QVERIFY2(difference(4) < 1e-3, qPrintable(QString("world %1").arg(difference(4))));
        QVERIFY(found[i].tensors[0] != found[(i + 1) % 3].tensors[0]); // pictures differ, results have to
    }
    const auto wantedBoxes = detectAll(*openVino_, 3), foundBoxes = detectAll(*torch_, 3);
    for (std::size_t i = 0; i < wantedBoxes.size(); ++i) {
        QVERIFY(largestDifference(foundBoxes[i].tensors[0], wantedBoxes[i].tensors[0]) < kPixel);
        QVERIFY(largestDifference(sigmoids(foundBoxes[i].tensors[1]), sigmoids(wantedBoxes[i].tensors[1])) <
                1e-4);
    }
}

void BlazePoseTorchTest::handsEqualOpenVino() {
    if (!std::filesystem::exists(modelsDir() / "hand_landmark_full.tflite")) {
        QSKIP("hand_landmark_full.tflite is not here; packaging/setup.sh puts it in place.");
    }
    const auto lookAtHands = [](PoseNetworks& networks) {
        std::vector<Outputs> out(5); // more than one batch of 4
        networks.hands(out.size(), draw,
                       [&](std::size_t i, const HandTensors& t) {
                           out[i].tensors = {copy(t.points), copy(t.presence), copy(t.right), copy(t.world)};
                       },
                       {});
        return out;
    };
    const auto wanted = lookAtHands(*openVino_), found = lookAtHands(*torch_);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        QCOMPARE(found[i].tensors[0].size(), std::size_t(63));
        const auto difference = [&](std::size_t k) {
            return largestDifference(found[i].tensors[k], wanted[i].tensors[k]);
        };
        QVERIFY2(difference(0) < kPixel, qPrintable(QString("points %1").arg(difference(0))));
        QVERIFY2(difference(1) < 1e-4 && difference(2) < 1e-4, "presence or side");
        QVERIFY2(difference(3) < 1e-4, qPrintable(QString("world %1").arg(difference(3))));
        QVERIFY(found[i].tensors[0] != found[(i + 1) % 5].tensors[0]);
        QVERIFY(found[i].tensors[0] != found[i].tensors[3]); // not the same output twice
    }
}

void BlazePoseTorchTest::realPeopleEqualOpenVino() {
    if (!std::filesystem::exists(clip("skateboarder.mp4"))) {
        QSKIP("The clips are not here; they lie beside the checkout in shared/data/videos.");
    }
    const ImagePtr frame = VideoReader::open(clip("skateboarder.mp4"))->read(0);
    FrameEye a(*openVino_, *frame, {}), b(*torch_, *frame, {});
    const SafetensorsFile golden(std::filesystem::path(BODY4D_SOURCE_DIR) /
                                 "tests/data/blazepose_stages.safetensors");
    const auto r = golden.values<double>("0.roi"); // where the person is
    std::vector<Glance> glances;
    for (int i = 0; i < 5; ++i) {
        glances.push_back({{r[0] + 3 * i, r[1], r[2] * (1 + 0.02 * i), r[3] + 0.03 * i}, nullptr});
    }
    const auto wanted = a.look(glances), found = b.look(glances);
    double worst = 0;
    for (std::size_t i = 0; i < glances.size(); ++i) {
        QVERIFY2(wanted[i].score > 0.5, qPrintable(QString::number(wanted[i].score)));
        QVERIFY(std::abs(wanted[i].score - found[i].score) < 1e-4);
        for (std::size_t k = 0; k < kNetPoints; ++k) {
            worst = std::max(worst, std::hypot(wanted[i].px[k].x - found[i].px[k].x,
                                               wanted[i].px[k].y - found[i].px[k].y));
        }
    }
    QVERIFY2(worst < kPixel, qPrintable(QString("2D %1 px").arg(worst)));
    const std::vector<Glance> wide{{{r[0], r[1], 1.3 * r[2], r[3]}, nullptr}};
    const auto wantedPeople = a.detect(wide, 0.3)[0], foundPeople = b.detect(wide, 0.3)[0];
    QCOMPARE(foundPeople.size(), wantedPeople.size());
    QVERIFY(!foundPeople.empty());
    QVERIFY(std::abs(foundPeople[0].score - wantedPeople[0].score) < 1e-4);
    QVERIFY(std::hypot(foundPeople[0].keyPoints[0].x - wantedPeople[0].keyPoints[0].x,
                       foundPeople[0].keyPoints[0].y - wantedPeople[0].keyPoints[0].y) < kPixel);
}

void BlazePoseTorchTest::batchesDoNotChangeResults() {
    const auto one = lookAll(*torchNetworks(1), 5), many = lookAll(*torch_, 5);
    for (std::size_t i = 0; i < one.size(); ++i) {
        QVERIFY2(largestDifference(one[i].tensors[0], many[i].tensors[0]) < 1e-3,
                 qPrintable(QString::number(largestDifference(one[i].tensors[0], many[i].tensors[0]))));
    }
}

void BlazePoseTorchTest::theTrackerSeesTheSame() {
    if (!std::filesystem::exists(clip("skateboarder.mp4"))) {
        QSKIP("The clips are not here; they lie beside the checkout in shared/data/videos.");
    }
    const auto reader = VideoReader::open(clip("skateboarder.mp4"));
    const Prompt click{0, {{285, 235, true}}, {}};
    const auto track = [&](Segmenter& segmenter) {
        std::vector<TargetFrame> frames;
        auto session = segmenter.startSession({{1, {click}}}, reader->info().fps, Direction::Forward);
        const auto take = [&](const SessionStep& step) {
            for (const auto& item : step.items) {
                frames.push_back(item.frame);
            }
        };
        for (std::int64_t f = 0; f < 8; ++f) {
            take(session->advance(f, reader->read(f), false, {}));
        }
        take(session->finish());
        return frames;
    };
    const auto torch = makeBlazePoseTorchSegmenter(modelsDir(), {});
    QCOMPARE(torch->name(), std::string("blazepose_torch"));
    const auto wanted = track(*makeBlazePoseSegmenter(modelsDir(), cache_.path().toStdString(), {})),
               found = track(*torch);
    QCOMPARE(found.size(), wanted.size());
    for (std::size_t f = 0; f < found.size(); ++f) {
        QCOMPARE(found[f].state, FrameState::Visible);
        // Rounding moves the next crop by a thousandth of a pixel, its 8-bit colours and a window of the heat
        // maps then flip here and there, and what flips is fed back: a network's equality is the other tests'
        // affair, here the same person is followed to within the network's own noise.
        std::vector<double> distances;
        for (std::size_t k = 0; k < found[f].pose.points.size(); ++k) {
            distances.push_back(std::hypot(found[f].pose.points[k].px.x - wanted[f].pose.points[k].px.x,
                                           found[f].pose.points[k].px.y - wanted[f].pose.points[k].px.y));
        }
        std::sort(distances.begin(), distances.end());
        const double median = distances[distances.size() / 2];
        QVERIFY2(median < 0.5, qPrintable(QString("frame %1: %2 px").arg(f).arg(median)));
        QVERIFY2(distances[distances.size() * 3 / 4] < 0.01 * wanted[f].pose.roi.side,
                 qPrintable(QString("frame %1: %2 px").arg(f).arg(distances[distances.size() * 3 / 4])));
        const auto a = static_cast<double>(area(found[f].mask)),
                   b = static_cast<double>(area(wanted[f].mask));
        QVERIFY2(std::abs(a - b) < 0.01 * b,
                 qPrintable(QString("frame %1: %2 and %3 pixels").arg(f).arg(a).arg(b)));
    }
}

void BlazePoseTorchTest::framesShareCalls() {
    if (!std::filesystem::exists(clip("skateboarder.mp4"))) {
        QSKIP("skateboarder.mp4 is not here; it lies beside the checkout in shared/data/videos.");
    }
    const auto reader = VideoReader::open(clip("skateboarder.mp4"));
    std::vector<ImagePtr> frames; // a square of each, which takes fewer crops than the whole
    for (const std::int64_t f : {0, 20}) {
        const auto whole = reader->read(f);
        auto square = std::make_shared<Image>(whole->height, whole->height);
        for (int y = 0; y < whole->height; ++y) {
            std::copy_n(whole->row(y), 3 * square->width, square->row(y));
        }
        frames.push_back(std::move(square));
    }
    // Looked at twice: a rounding of the first look moves the second by a part of an eight-bit step.
    for (const auto& [networks, tolerance] : {std::pair(openVino_, 1e-6), std::pair(torch_, 0.1)}) {
        const auto counting = std::make_shared<Counting>(networks);
        const auto segmenter = makeSegmenter(counting, {});
        const auto together = findPeopleOn(*segmenter, frames, {});
        // The search, whether it confirms its finds at one size, and at the others whom it did.
        QCOMPARE(counting->detections.size(), std::size_t(3));
        QVERIFY(counting->looks.size() <= 3); // where the points themselves say, and whether others see the same
        const auto crops = counting->detections.front();
        QCOMPARE(together.size(), frames.size());
        counting->detections.clear();
        const auto alone = segmenter->findPeople(frames[1], {});
        QCOMPARE(counting->detections.front(), crops / frames.size());
        QVERIFY(!together[0].empty() && !alone.empty());
        QCOMPARE(together[1].size(), alone.size());
        for (std::size_t i = 0; i < alone.size(); ++i) {
            for (std::size_t k = 0; k < alone[i].frame.pose.points.size(); ++k) {
                const auto a = alone[i].frame.pose.points[k].px, b = together[1][i].frame.pose.points[k].px;
                const double off = std::hypot(a.x - b.x, a.y - b.y);
                QVERIFY2(off <= tolerance, qPrintable(QString("point %1: %2 px").arg(k).arg(off)));
            }
        }
    }
}

void BlazePoseTorchTest::theBudgetIsObeyed() {
    // A budget that is used up leaves room for one crop at a time; results are those of before.
    const auto tight = torchNetworks(64, 0.001);
    const auto a = detectAll(*tight, 3), b = detectAll(*torch_, 3);
    for (std::size_t i = 0; i < a.size(); ++i) {
        QVERIFY(largestDifference(a[i].tensors[0], b[i].tensors[0]) < 1e-3);
    }
}

void BlazePoseTorchTest::runningOutOfMemoryShrinksTheBatch() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    QSKIP("Sanitizers need all addresses for themselves.");
#endif
    const auto networks = torchNetworks(32, 1 << 20); // a budget that never says no: the system does
    (void)lookAll(*networks, 2);
    QFile status("/proc/self/statm");
    QVERIFY(status.open(QIODevice::ReadOnly));
    const auto mapped = status.readAll().split(' ').value(0).toULongLong() * 4096;
    rlimit before{};
    QCOMPARE(getrlimit(RLIMIT_AS, &before), 0);
    const rlimit small{mapped + (200ULL << 20), before.rlim_max}; // 32 crops take more than half a gigabyte
    QCOMPARE(setrlimit(RLIMIT_AS, &small), 0);
    std::vector<Outputs> found;
    std::string failure;
    std::size_t produced = 0;
    try {
        found = lookAll(*networks, 32, [&](std::size_t i, Crop& crop) {
            ++produced;
            draw(i, crop);
        });
    } catch (const std::exception& e) {
        failure = e.what();
    }
    setrlimit(RLIMIT_AS, &before);
    QVERIFY2(failure.empty(), failure.c_str());
    QVERIFY2(produced > 32,
             "memory never ran out, so this shows nothing"); // crops of the failed batches came twice
    const auto wanted = lookAll(*torch_, 32);
    for (std::size_t i = 0; i < found.size(); ++i) {
        QVERIFY(largestDifference(found[i].tensors[0], wanted[i].tensors[0]) < 1e-3);
    }
}

void BlazePoseTorchTest::cancelIsOurs() {
    std::stop_source stop;
    stop.request_stop();
    QVERIFY_EXCEPTION_THROWN(torch_->detect(
                                 2, draw, [](std::size_t, const DetectorTensors&) {}, stop.get_token()),
                             Cancelled);
    // In the middle, from inside the call and across the boundary of the plug-in.
    std::stop_source later;
    QVERIFY_EXCEPTION_THROWN(torch_->detect(
                                 9,
                                 [&](std::size_t i, Crop& crop) {
                                     draw(i, crop);
                                     later.request_stop();
                                 },
                                 [](std::size_t, const DetectorTensors&) {}, later.get_token()),
                             Cancelled);
}

void BlazePoseTorchTest::missingAndBrokenFilesAreNamed() {
    QTemporaryDir folder;
    TorchEngineOptions options;
    options.modelsDir = folder.path().toStdString();
    try {
        (void)requireTorchEngines().poseNetworks(options);
        QFAIL("An empty folder was accepted.");
    } catch (const Error& e) { // our own type, thrown in another library
        QCOMPARE(e.code(), ErrorCode::MissingModel);
        QVERIFY(std::string(e.what()).find("pose_detection.tflite") != std::string::npos);
    }
    QFile::copy(QString::fromStdString((modelsDir() / "pose_landmark_full.tflite").string()),
                folder.filePath("pose_landmark_full.tflite"));
    QFile file(folder.filePath("pose_detection.tflite"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("\x1c\0\0\0TFL3 and nothing of it", 30);
    file.close();
    QVERIFY_EXCEPTION_THROWN((void)requireTorchEngines().poseNetworks(options), Error);
}

void BlazePoseTorchTest::theGpuAgrees() {
    if (preferredTorchDevice() < 0) {
        QSKIP("needs an NVIDIA GPU");
    }
    TorchEngineOptions options;
    options.modelsDir = modelsDir();
    options.device = 0;
    const auto gpu = requireTorchEngines().poseNetworks(options);
    torchPlugin().plugin->resetPeak(0);
    const auto found = lookAll(*gpu, 20), wanted = lookAll(*torch_, 20);
    for (std::size_t i = 0; i < found.size(); ++i) {
        QVERIFY(largestDifference(found[i].tensors[0], wanted[i].tensors[0]) < kPixel);
    }
    QVERIFY(torchPlugin().plugin->allocator(0).peak > 0);
}

QTEST_GUILESS_MAIN(BlazePoseTorchTest)
#include "test_blazepose_torch.moc"
