// Colours of features against the official program's, and of more patches than are looked at.
#include "base/safetensors.h"
#include "scene/feature_colours.h"

#include <QtTest>

#include <cmath>

using namespace body4d;

class FeatureColoursTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void asTheOfficialProgram();
    void oddFeatures();

private:
    static constexpr int kFrames = 3, kRows = 6, kColumns = 8, kChannels = 24;
    static constexpr std::size_t kFrame = static_cast<std::size_t>(kRows) * kColumns * kChannels;

    /// All frames' features, each of which is shown so many times.
    static std::vector<Image> coloured(const std::vector<float>& features, int times) {
        FeatureColours colours(kChannels, static_cast<std::uint64_t>(times) * kFrames * kRows * kColumns);
        const auto frame = [&](int i) {
            return std::span(features).subspan(static_cast<std::size_t>(i) * kFrame, kFrame);
        };
        for (int round = 0; round < 2; ++round) {
            for (int t = 0; t < times; ++t) {
                for (int i = 0; i < kFrames; ++i) {
                    round == 0 ? colours.learn(frame(i)) : colours.measure(frame(i));
                }
            }
        }
        std::vector<Image> pictures;
        for (int i = 0; i < kFrames; ++i) {
            pictures.push_back(colours.picture(frame(i), kRows, kColumns));
        }
        return pictures;
    }

    const SafetensorsFile goldens_{BODY4D_SOURCE_DIR "/tests/data/scene/da3.safetensors"};
    const std::vector<float> features_ = goldens_.values<float>("colours.features");
};

void FeatureColoursTest::asTheOfficialProgram() {
    const auto want = goldens_.values<float>("colours.rgb");
    for (const int times : {1, 3001}) { // the second time more than count, of which one in five does
        const auto pictures = coloured(features_, times);
        const double tolerance = times == 1 ? 1.01 / 255 : 3.0 / 255;
        for (std::size_t c = 0; c < 3; ++c) {
            // A direction has no sign of its own: a channel may run the other way.
            double same = 0, turned = 0;
            for (std::size_t i = 0; i < pictures.size(); ++i) {
                for (std::size_t p = 0; p < kRows * kColumns; ++p) {
                    const double got = pictures[i].rgb[3 * p + c] / 255.0;
                    const double official = want[3 * (i * kRows * kColumns + p) + c];
                    same = std::max(same, std::abs(got - official));
                    turned = std::max(turned, std::abs(1 - got - official));
                }
            }
            QVERIFY2(std::min(same, turned) <= tolerance,
                     qPrintable(QString("channel %1: %2 %3").arg(c).arg(same).arg(turned)));
        }
    }
}

void FeatureColoursTest::oddFeatures() {
    auto broken = features_;
    broken[5] = std::numeric_limits<float>::quiet_NaN();
    broken[500] = std::numeric_limits<float>::infinity();
    QCOMPARE(coloured(broken, 1).size(), std::size_t{kFrames});
    // All alike: no direction, no range, and still a picture.
    const std::vector<float> flat(features_.size(), 2.5F);
    for (const auto& picture : coloured(flat, 1)) {
        QCOMPARE(picture.width, kColumns);
    }
    // Two channels have no third direction.
    FeatureColours narrow(2, 4);
    const std::vector<float> four = {0, 1, 2, 3, 4, 0, 1, 1};
    narrow.learn(four);
    narrow.measure(four);
    const auto picture = narrow.picture(four, 2, 2);
    QVERIFY(picture.rgb[2] == picture.rgb[5]);
}

QTEST_APPLESS_MAIN(FeatureColoursTest)
#include "test_feature_colours.moc"
