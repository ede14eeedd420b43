// MoGe-2's way to the focal length against the official classes (microsoft/MoGe) with equal weights at a tiny
// size, and the solver on scenes whose camera is known.
#include "golden_tensors.h"

#include "base/manifest.h"
#include "models/moge2/network.h"

#include <ATen/Parallel.h>
#include <QtTest>
#include <c10/core/InferenceMode.h>

#include <random>

using namespace body4d;
using namespace body4d::moge2;
using body4d::testing::noise;
using body4d::testing::sampled;
using body4d::testing::tensorOf;

namespace {

constexpr double kTolerance = 1e-4; ///< largest error over largest value

class Filler final : public nn::Fields {
protected:
    void take(const std::string& key, at::Tensor& slot) override {
        const auto x = noise("m:" + key, slot.sizes());
        const auto leaf = key.substr(key.rfind('.') + 1);
        if (leaf == "image_mean") {
            slot = at::tensor({0.485F, 0.456F, 0.406F}).view({1, 3, 1, 1});
        } else if (leaf == "image_std") {
            slot = at::tensor({0.229F, 0.224F, 0.225F}).view({1, 3, 1, 1});
        } else if (key == "points_head.output_blocks.4.bias") {
            slot = at::tensor({0.0F, 0.0F, 1.0F});
        } else if (leaf == "gamma") {
            slot = 0.5 + 0.1 * x;
        } else if (leaf == "cls_token" || leaf == "pos_embed") {
            slot = 0.5 * x;
        } else if (leaf == "bias") {
            slot = 0.1 * x;
        } else if (x.dim() == 1) {
            slot = 1 + 0.1 * x;
        } else {
            const bool transposed = key.find("resamplers") != std::string::npos && key.ends_with(".0.weight");
            slot = x / std::sqrt(static_cast<double>(transposed ? x.size(0) : x[0].numel()));
            if (key.find("output_blocks") != std::string::npos) {
                slot = slot * 0.3;
            }
        }
    }
};

/// A room seen by a camera: points in half diagonals of the view plane, off in depth by `shift`.
std::vector<PlacedPoint> room(double focal, double shift, double noiseMetres, int count = 2000) {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> plane(-0.7, 0.7), depth(1, 6);
    std::normal_distribution<double> error(0, noiseMetres);
    std::vector<PlacedPoint> points;
    for (int i = 0; i < count; ++i) {
        PlacedPoint p;
        p.u = plane(random);
        p.v = plane(random);
        const double z = depth(random);
        p.x = p.u * z / focal + error(random);
        p.y = p.v * z / focal + error(random);
        p.z = z - shift + error(random);
        points.push_back(p);
    }
    return points;
}

} // namespace

class Moge2Test : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void manifestOfTheFullModel();
    void stages();
    void knownCameras_data();
    void knownCameras();
    void nothingToSee();
};

void Moge2Test::manifestOfTheFullModel() {
    auto official = Manifest::read(BODY4D_SOURCE_DIR "/tests/data/manifests/moge2.txt");
    std::erase_if(official.tensors,
                  [](const auto& entry) { return officialNames().ours(entry.first).empty(); });
    Network full;
    const auto differing = differences(official, nn::manifestOf(nn::fieldsOf(full)));
    QVERIFY2(differing.empty(), differing.empty() ? "" : differing.front().c_str());
}

void Moge2Test::stages() {
    at::set_num_threads(1);
    const c10::InferenceMode inference;
    const SafetensorsFile goldens(BODY4D_SOURCE_DIR "/tests/data/moge2/moge2.safetensors");
    Config config;
    config.width = 48;
    config.depth = 4;
    config.heads = 3;
    config.taken = {0, 1, 2, 3};
    config.featureWidth = 64;
    config.levels = {64, 32, 16, 8, 8};
    Network network(config);
    Filler filler;
    network.fields(filler);
    at::Tensor image = at::empty({1, 3, 150, 200});
    auto pixels = image.accessor<float, 4>();
    for (int y = 0; y < 150; ++y) {
        for (int x = 0; x < 200; ++x) {
            for (int c = 0; c < 3; ++c) {
                pixels[0][c][y][x] =
                    static_cast<float>((x * 3 + y * 5 + c * 70 + ((x * y) >> 5)) & 255) / 255;
            }
        }
    }
    int seen = 0;
    const auto solved = network.focalOf(image, 180, [&](const std::string& stage, const at::Tensor& got) {
        const auto want = tensorOf(goldens, stage);
        const auto have = sampled(got, 1024);
        QVERIFY2(have.sizes() == want.sizes(), stage.c_str());
        const double error = (have - want).abs().max().item<double>() / want.abs().max().item<double>();
        qInfo("%-8s %.2g", stage.c_str(), error);
        QVERIFY2(error < kTolerance, (stage + ": " + std::to_string(error)).c_str());
        ++seen;
    });
    QCOMPARE(seen, 8);
    const auto official = tensorOf(goldens, "solved");
    qInfo("focal %.6f (official %.6f), shift %.6f (official %.6f)", solved.focal, official[0].item<double>(),
          solved.shift, official[1].item<double>());
    // Random weights see no pinhole; the official solver stops at a thousandth of the cost.
    QVERIFY(std::abs(solved.shift - official[1].item<double>()) < 0.02);
    const auto px = tensorOf(goldens, "focal_px").item<double>();
    QVERIFY(std::abs(focalPx({official[0].item<double>(), 0}, 200, 150) - px) < 1e-3 * std::abs(px));
}

void Moge2Test::knownCameras_data() {
    QTest::addColumn<double>("focal");
    QTest::addColumn<double>("shift");
    QTest::newRow("normal lens") << 1.2 << 0.0;
    QTest::newRow("wide") << 0.5 << 0.8;
    QTest::newRow("tele, far off") << 4.0 << -1.5;
}

void Moge2Test::knownCameras() {
    QFETCH(double, focal);
    QFETCH(double, shift);
    const auto exact = solveFocalShift(room(focal, shift, 0));
    QVERIFY2(std::abs(exact.focal / focal - 1) < 1e-6, std::to_string(exact.focal).c_str());
    QVERIFY(std::abs(exact.shift - shift) < 1e-5);
    const auto noisy = solveFocalShift(room(focal, shift, 0.01));
    QVERIFY2(std::abs(noisy.focal / focal - 1) < 0.02, std::to_string(noisy.focal).c_str());
}

void Moge2Test::nothingToSee() {
    QCOMPARE(solveFocalShift({}).focal, 1.0);
    const std::vector<PlacedPoint> one = room(1, 0, 0, 1);
    QCOMPARE(solveFocalShift(one).focal, 1.0);
}

QTEST_APPLESS_MAIN(Moge2Test)
#include "test_moge2.moc"
