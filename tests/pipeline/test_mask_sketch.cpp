#include "base/image.h"
#include "pipeline/mask_sketch.h"

#include <QTest>

using namespace body4d;
using detail::MaskSketch;

namespace {

MaskSketch ellipse(double x, double y, double halfWidth, double halfHeight) {
    Mask mask(320, 240);
    for (int row = 0; row < mask.height; ++row) {
        for (int column = 0; column < mask.width; ++column) {
            const double u = (column - x) / halfWidth, v = (row - y) / halfHeight;
            if (u * u + v * v <= 1) {
                mask.values[static_cast<std::size_t>(row * mask.width + column)] = 255;
            }
        }
    }
    return MaskSketch(encodeRle(mask));
}

} // namespace

class MaskSketchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theSameMaskOverlapsFully() {
        const auto a = ellipse(100, 120, 30, 80);
        QVERIFY(a.overlap(a) > 0.97);
    }

    /// Two squares of one size, moved by half their side, have a third in common.
    void aMovedMaskOverlapsAsMuchAsItDoes() {
        Mask left(320, 240), right(320, 240);
        for (int row = 50; row < 150; ++row) {
            std::fill_n(left.values.begin() + row * 320 + 50, 100, std::uint8_t{255});
            std::fill_n(right.values.begin() + row * 320 + 100, 100, std::uint8_t{255});
        }
        const MaskSketch a(encodeRle(left)), b(encodeRle(right));
        QVERIFY(std::abs(a.overlap(b) - 1.0 / 3) < 0.04);
        QCOMPARE(a.overlap(b), b.overlap(a));
    }

    void neighboursDoNotOverlap() { QCOMPARE(ellipse(60, 120, 30, 80).overlap(ellipse(160, 120, 30, 80)), 0.0); }

    void anEmptyMaskOverlapsNothing() {
        const MaskSketch empty(encodeRle(Mask(320, 240)));
        QCOMPARE(empty.overlap(ellipse(60, 120, 30, 80)), 0.0);
        QCOMPARE(MaskSketch().overlap(empty), 0.0);
    }
};

QTEST_MAIN(MaskSketchTest)
#include "test_mask_sketch.moc"
