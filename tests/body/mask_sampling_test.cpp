#include "body/mask_sampling.h"

#include <QTest>

#include <cmath>

using namespace body4d;

namespace {

/// A blob with a hole and a part that touches the picture's edge.
Mask picture(int width, int height) {
    Mask mask(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const double r = std::hypot(x - width * 0.4, y - height * 0.5);
            if ((r < height * 0.35 && r > height * 0.1) || x >= width - 3) {
                mask.row(y)[x] = 255;
            }
        }
    }
    return mask;
}

} // namespace

class MaskSamplingTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fullSizeIsTheDecodedMask() {
        const Mask mask = picture(61, 47);
        Mask sampled;
        sampleMask(encodeRle(mask), {0, 0, 61, 47}, 1, sampled);
        QCOMPARE(sampled.width, 61);
        QCOMPARE(sampled.height, 47);
        QVERIFY(sampled.values == mask.values);
    }

    void reducedPixelsHoldTheCoveredShare() {
        const Mask mask = picture(60, 48);
        Mask sampled;
        sampleMask(encodeRle(mask), {0, 0, 60, 48}, 0.25, sampled);
        QCOMPARE(sampled.width, 15);
        for (int y = 0; y < 12; ++y) {
            for (int x = 0; x < 15; ++x) {
                int inside = 0;
                for (int v = 0; v < 4; ++v) {
                    for (int u = 0; u < 4; ++u) {
                        inside += mask.row(4 * y + v)[4 * x + u] == 255;
                    }
                }
                QVERIFY(std::abs(static_cast<int>(sampled.row(y)[x]) - inside * 255 / 16) <= 1);
            }
        }
    }

    void anyScaleKeepsTheArea() {
        const Mask mask = picture(160, 120);
        const RleMask rle = encodeRle(mask);
        for (const double scale : {0.9, 0.53, 0.31, 0.07}) {
            Mask sampled;
            sampleMask(rle, {0, 0, 160, 120}, scale, sampled);
            double sum = 0;
            for (const auto v : sampled.values) {
                sum += v / 255.0;
            }
            QVERIFY(std::fabs(sum / (scale * scale) / static_cast<double>(area(rle)) - 1) < 0.02);
        }
    }

    void regionMayReachBeyondThePicture() {
        const Mask mask = picture(61, 47);
        Mask sampled;
        sampleMask(encodeRle(mask), {-10, -5, 50, 60}, 1, sampled);
        for (int y = 0; y < sampled.height; ++y) {
            for (int x = 0; x < sampled.width; ++x) {
                const int px = x - 10, py = y - 5;
                const bool inside = px >= 0 && px < 61 && py >= 0 && py < 47 && mask.row(py)[px] == 255;
                QCOMPARE(sampled.row(y)[x] == 255, inside);
            }
        }
    }

    void boxAndOverlap() {
        Mask a(20, 10), b(20, 10);
        for (int y = 2; y < 6; ++y) {
            for (int x = 3; x < 9; ++x) {
                a.row(y)[x] = 255;
                b.row(y + 2)[x] = 255;
            }
        }
        const Box box = boundingBox(encodeRle(a));
        QCOMPARE(box.x0, 3.0);
        QCOMPARE(box.y0, 2.0);
        QCOMPARE(box.x1, 9.0);
        QCOMPARE(box.y1, 6.0);
        QCOMPARE(intersectionOverUnion(a, b), 12.0 / 36.0);
        QCOMPARE(intersectionOverUnion(a, a), 1.0);
        QCOMPARE(boundingBox(encodeRle(Mask(20, 10))).area(), 0.0);
        QCOMPARE(boundingBox(RleMask{}).area(), 0.0);
    }
};

QTEST_APPLESS_MAIN(MaskSamplingTest)
#include "mask_sampling_test.moc"
