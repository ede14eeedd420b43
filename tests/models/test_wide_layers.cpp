// The wide layers of the landmark network against plain loops over the same weights.
#include "base/error.h"
#include "models/blazepose/band_crew.h"
#include "models/blazepose/wide_layers.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <random>
#include <stdexcept>
#include <thread>

using namespace body4d;
using namespace body4d::blazepose;

namespace {

struct Planes {
    int channels = 0, side = 0;
    std::vector<float> values;
    Planes(int c, int n) : channels(c), side(n), values(static_cast<std::size_t>(c) * n * n) {}
    float& at(int c, int y, int x) {
        return values[(static_cast<std::size_t>(c) * side + static_cast<std::size_t>(y)) * side + x];
    }
    [[nodiscard]] float get(int c, int y, int x) const {
        return x < 0 || y < 0 || x >= side || y >= side
                   ? 0.F
                   : values[(static_cast<std::size_t>(c) * side + static_cast<std::size_t>(y)) * side + x];
    }
};

float relu6(float v) {
    return std::min(6.F, std::max(0.F, v));
}

/// @param before zeros in front of the first row and column
Planes convolve(const Planes& in, const Convolution& c, int stride, int before, bool clamp) {
    Planes out(c.outputs, in.side / stride);
    for (int o = 0; o < c.outputs; ++o) {
        for (int y = 0; y < out.side; ++y) {
            for (int x = 0; x < out.side; ++x) {
                double sum = c.bias[static_cast<std::size_t>(o)];
                for (int i = 0; i < c.inputs; ++i) {
                    const int from = c.inputs == 1 ? o : i;
                    for (int j = 0; j < c.side; ++j) {
                        for (int k = 0; k < c.side; ++k) {
                            const auto at =
                                static_cast<std::size_t>(((o * c.inputs + i) * c.side + j) * c.side + k);
                            sum += double{c.weights[at]} *
                                   in.get(from, stride * y + j - before, stride * x + k - before);
                        }
                    }
                }
                out.at(o, y, x) = clamp ? relu6(static_cast<float>(sum)) : static_cast<float>(sum);
            }
        }
    }
    return out;
}

Planes doubled(const Planes& in) {
    Planes out(in.channels, 2 * in.side);
    const auto sample = [&](int i) {
        const double at = std::max(0.0, (i + 0.5) / 2 - 0.5);
        const int low = static_cast<int>(at);
        return std::tuple{low, std::min(low + 1, in.side - 1), at - low};
    };
    for (int c = 0; c < in.channels; ++c) {
        for (int y = 0; y < out.side; ++y) {
            const auto [y0, y1, b] = sample(y);
            for (int x = 0; x < out.side; ++x) {
                const auto [x0, x1, a] = sample(x);
                out.at(c, y, x) =
                    static_cast<float>((1 - b) * ((1 - a) * in.get(c, y0, x0) + a * in.get(c, y0, x1)) +
                                       b * ((1 - a) * in.get(c, y1, x0) + a * in.get(c, y1, x1)));
            }
        }
    }
    return out;
}

Planes block(const Planes& in, const WideWeights::Block& block) {
    Planes out = convolve(convolve(in, block.depth, 1, 1, true), block.mix, 1, 0, false);
    for (std::size_t i = 0; i < out.values.size(); ++i) {
        out.values[i] = relu6(out.values[i] + in.values[i]);
    }
    return out;
}

Convolution random(std::mt19937& source, int outputs, int inputs, int side) {
    Convolution c{outputs, inputs, side, {}, {}};
    const float spread = 1.7F / std::sqrt(static_cast<float>(inputs * side * side));
    std::uniform_real_distribution<float> value(-spread, spread);
    c.weights.resize(static_cast<std::size_t>(outputs) * inputs * side * side);
    c.bias.resize(static_cast<std::size_t>(outputs));
    for (float& w : c.weights) {
        w = value(source);
    }
    for (float& b : c.bias) {
        b = value(source) + 0.1F;
    }
    return c;
}

WideWeights randomWeights() {
    std::mt19937 source(7);
    WideWeights w;
    w.first = random(source, 24, 3, 3);
    w.depth = random(source, 24, 1, 3);
    w.mix = random(source, 16, 24, 1);
    w.expand = random(source, 64, 16, 1);
    w.halve = random(source, 64, 1, 3);
    w.project = random(source, 24, 64, 1);
    w.skipDepth = random(source, 16, 1, 3);
    w.skipMix = random(source, 8, 16, 1);
    for (auto* level : {&w.coarse, &w.fine}) {
        for (auto& b : *level) {
            b = {random(source, 8, 1, 3), random(source, 8, 8, 1)};
        }
    }
    w.mask = random(source, 1, 8, 3);
    return w;
}

double largestDifference(std::span<const float> a, std::span<const float> b) {
    double worst = a.size() == b.size() ? 0 : 1e30;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        worst = std::max(worst, std::abs(double{a[i]} - double{b[i]}));
    }
    return worst;
}

Crop noise(unsigned seed) {
    std::mt19937 source(seed);
    Crop crop;
    crop.side = kLandmarkSide;
    crop.rgb.resize(static_cast<std::size_t>(3) * kLandmarkSide * kLandmarkSide);
    std::generate(crop.rgb.begin(), crop.rgb.end(), [&] { return static_cast<std::uint8_t>(source() & 255U); });
    return crop;
}

} // namespace

class WideLayersTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void equalPlainLoops() {
        const WideWeights w = randomWeights();
        std::mt19937 source(11);
        const Crop crop = noise(12);
        Planes picture(3, kLandmarkSide);
        for (std::size_t i = 0; i < crop.rgb.size(); ++i) {
            const auto pixel = static_cast<int>(i / 3);
            picture.at(static_cast<int>(i % 3), pixel / kLandmarkSide, pixel % kLandmarkSide) =
                static_cast<float>(crop.rgb[i]) / 255.F;
        }
        const Planes mixed = convolve(convolve(convolve(picture, w.first, 2, 1, true), w.depth, 1, 1, true),
                                      w.mix, 1, 0, false);
        const Planes narrow = convolve(convolve(convolve(mixed, w.expand, 1, 0, true), w.halve, 2, 1, true),
                                       w.project, 1, 0, false);
        const Planes skip = convolve(convolve(mixed, w.skipDepth, 1, 1, true), w.skipMix, 1, 0, true);

        const WideLayers layers(w);
        const auto scratch = WideLayers::makeScratch();
        std::vector<float> in(static_cast<std::size_t>(kNarrowIn) * kNarrowSide * kNarrowSide, -1.F);
        Planes back(kNarrowOut, kNarrowSide);
        std::uniform_real_distribution<float> value(0, 6);
        for (float& v : back.values) {
            v = value(source);
        }
        Planes coarse = doubled(back);
        for (std::size_t i = 0; i < coarse.values.size(); ++i) {
            coarse.values[i] += skip.values[i];
        }
        for (const auto& b : w.coarse) {
            coarse = block(coarse, b);
        }
        Planes fine = doubled(coarse);
        for (const auto& b : w.fine) {
            fine = block(fine, b);
        }
        const Planes mask = convolve(fine, w.mask, 1, 1, false);
        for (int again = 0; again < 2; ++again) { // nothing is left over in the scratch
            layers.enter(crop, in.data(), *scratch);
            QVERIFY2(largestDifference(in, narrow.values) < 1e-4,
                     qPrintable(QString::number(largestDifference(in, narrow.values))));
            layers.leave(back.values.data(), *scratch);
            const auto logits = WideLayers::logits(*scratch);
            QVERIFY2(largestDifference(logits, mask.values) < 1e-4,
                     qPrintable(QString::number(largestDifference(logits, mask.values))));
        }
        QVERIFY(*std::max_element(mask.values.begin(), mask.values.end()) >
                *std::min_element(mask.values.begin(), mask.values.end()) + 0.1F);
    }

    void bandsSideBySideGiveTheSameNumbers_data() {
        QTest::addColumn<int>("bands");
        for (int bands = 2; bands <= kMostBands; ++bands) {
            QTest::addRow("%d", bands) << bands;
        }
    }
    void bandsSideBySideGiveTheSameNumbers() {
        QFETCH(const int, bands);
        const WideLayers layers(randomWeights());
        const Crop crop = noise(5);
        std::mt19937 source(3);
        std::uniform_real_distribution<float> value(0, 6);
        std::vector<float> back(static_cast<std::size_t>(kNarrowOut) * kNarrowSide * kNarrowSide);
        std::generate(back.begin(), back.end(), [&] { return value(source); });
        const auto numbers = [&](WideScratch& scratch, BandCrew& crew) {
            std::vector<float> out(static_cast<std::size_t>(kNarrowIn) * kNarrowSide * kNarrowSide, -1.F);
            crew.run([&](BandOf band) { layers.enter(crop, out.data(), scratch, band); });
            crew.run([&](BandOf band) { layers.leave(back.data(), scratch, band); });
            const auto logits = WideLayers::logits(scratch);
            out.insert(out.end(), logits.begin(), logits.end());
            return out;
        };
        BandCrew alone(1, 1), crew(bands, 2);
        const auto wanted = numbers(*WideLayers::makeScratch(), alone);
        const auto scratch = WideLayers::makeScratch(bands);
        for (int again = 0; again < 2; ++again) { // nothing is left over in the scratch
            QVERIFY(numbers(*scratch, crew) == wanted);
        }
    }

    void whatABandThrowsIsRethrownOnceAllAreDone() {
        for (const int culprit : {0, 1}) {
            BandCrew crew(3, 3);
            std::atomic<int> done = 0;
            QVERIFY_EXCEPTION_THROWN(crew.run([&](BandOf band) {
                if (band.index == culprit) {
                    throw std::runtime_error("band");
                }
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                ++done;
            }),
                                     std::runtime_error);
            QCOMPARE(done.load(), 2);
        }
    }

    void otherShapesAreRefused() {
        WideWeights w = randomWeights();
        w.expand.outputs = 63;
        QVERIFY_EXCEPTION_THROWN(WideLayers{w}, Error);
    }

    void speed() {
        const WideLayers layers(randomWeights());
        const auto scratch = WideLayers::makeScratch();
        Crop crop;
        crop.side = kLandmarkSide;
        crop.rgb.assign(static_cast<std::size_t>(3) * kLandmarkSide * kLandmarkSide, 100);
        std::vector<float> in(static_cast<std::size_t>(kNarrowIn) * kNarrowSide * kNarrowSide);
        QBENCHMARK {
            layers.enter(crop, in.data(), *scratch);
            layers.leave(in.data(), *scratch);
        }
    }
};

QTEST_GUILESS_MAIN(WideLayersTest)
#include "test_wide_layers.moc"
