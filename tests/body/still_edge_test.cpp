// A mask that ends where something stands in front, against masks that end where the person does.
#include "body/detail/still_edge.h"

#include <QtTest>

using namespace body4d;
using namespace body4d::detail;

namespace {

constexpr int kWidth = 640, kHeight = 480;

/// An upright ellipse of which nothing is seen left of a line.
RleMask person(double centreX, double halfHeight, double hiddenUpTo = 0) {
    Mask mask(kWidth, kHeight);
    for (int y = 0; y < kHeight; ++y) {
        for (int x = 0; x < kWidth; ++x) {
            const double u = (x - centreX) / (0.4 * halfHeight), v = (y - 0.5 * kHeight) / halfHeight;
            mask.row(y)[x] = u * u + v * v < 1 && x >= hiddenUpTo ? 255 : 0;
        }
    }
    return encodeRle(mask);
}

} // namespace

class StillEdgeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPoleInFrontOfSomebodyWhoMovesIsFound() {
        const double length = stillEdge(person(320, 180, 310), person(335, 180, 310));
        QVERIFY2(length > 0.8 && length <= 1.01, qPrintable(QString::number(length)));
    }

    void aSlantedEdgeIsFound() {
        const auto slanted = [](double centreX) {
            Mask mask = decodeRle(person(centreX, 180));
            for (int y = 0; y < kHeight; ++y) {
                std::fill_n(mask.row(y), std::clamp(220 + y / 2, 0, kWidth), std::uint8_t{0});
            }
            return encodeRle(mask);
        };
        const double length = stillEdge(slanted(330), slanted(345));
        QVERIFY2(length > 0.5, qPrintable(QString::number(length)));
    }

    void somebodyInFullViewWhoMovesHasNone() {
        const double length = stillEdge(person(320, 180), person(335, 180));
        QVERIFY2(length < 0.2, qPrintable(QString::number(length)));
    }

    void anEdgeThatMovesAlongIsTheirOwn() {
        const double length = stillEdge(person(320, 180, 310), person(335, 180, 325));
        QVERIFY2(length < 0.2, qPrintable(QString::number(length)));
    }

    void theEdgeOfThePictureHidesNobody() {
        QVERIFY(stillEdge(person(20, 180), person(10, 180)) < 0.2);
    }

    void smallEmptyAndUnequalMasksTellNothing() {
        QCOMPARE(stillEdge(person(320, 60, 310), person(335, 60, 310)), 0.0);
        QCOMPARE(stillEdge(RleMask(), person(320, 180)), 0.0);
        QCOMPARE(stillEdge(person(320, 180), RleMask()), 0.0);
        QCOMPARE(stillEdge(encodeRle(Mask(kWidth, kHeight)), person(320, 180)), 0.0);
        QCOMPARE(stillEdge(person(320, 180), encodeRle(Mask(32, 32))), 0.0);
    }
};

QTEST_GUILESS_MAIN(StillEdgeTest)
#include "still_edge_test.moc"
