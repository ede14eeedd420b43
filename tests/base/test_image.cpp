#include "base/error.h"
#include "base/image.h"

#include <QtTest>

#include <random>

using namespace body4d;

class ImageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void rleComesBack_data();
    void rleComesBack();
    void rleFollowsCocoOrder();
    void damagedRunsAreRefused();
    void cocoStringsAreAsDocumented();
    void resizingAverages();
};

void ImageTest::rleComesBack_data() {
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    QTest::addColumn<double>("density");
    QTest::newRow("empty") << 17 << 9 << 0.0;
    QTest::newRow("full") << 17 << 9 << 1.0;
    QTest::newRow("noise") << 67 << 31 << 0.5;
    QTest::newRow("one row") << 40 << 1 << 0.3;
    QTest::newRow("one column") << 1 << 40 << 0.3;
}

void ImageTest::rleComesBack() {
    QFETCH(int, width);
    QFETCH(int, height);
    QFETCH(double, density);
    Mask mask(width, height);
    std::mt19937 random(3);
    std::int64_t inside = 0;
    for (auto& v : mask.values) {
        v = std::uniform_real_distribution<>(0, 1)(random) < density ? 255 : 0;
        inside += v != 0;
    }
    const RleMask rle = encodeRle(mask);
    QCOMPARE(area(rle), inside);
    QVERIFY(decodeRle(rle).values == mask.values);
    QVERIFY(fromCocoString(toCocoString(rle), width, height) == rle);
}

void ImageTest::rleFollowsCocoOrder() {
    Mask mask(3, 2); // columns first: pixel (x=0, y=1) is the second
    mask.row(1)[0] = 255;
    mask.row(0)[1] = 255;
    QCOMPARE(encodeRle(mask).counts, (std::vector<std::uint32_t>{1, 2, 3}));
}

void ImageTest::damagedRunsAreRefused() {
    QVERIFY_EXCEPTION_THROWN((void)decodeRle({4, 4, {3, 20}}), Error);
    QVERIFY_EXCEPTION_THROWN((void)decodeRle({4, 4, {0xffffffffU, 0xffffffffU}}), Error);
    QVERIFY_EXCEPTION_THROWN((void)fromCocoString("o", 4, 4), Error);
}

void ImageTest::cocoStringsAreAsDocumented() {
    // Runs 5 2 2 2 9 of a 2x2 square in a 5x4 picture. By the format: a number is written in 5-bit groups, low first,
    // from the fourth run on as difference to the run two before: 5, 2, 2, 2-2=0, 9-2=7.
    Mask mask(5, 4);
    for (int y = 1; y <= 2; ++y) {
        for (int x = 1; x <= 2; ++x) {
            mask.row(y)[x] = 255;
        }
    }
    const RleMask rle = encodeRle(mask);
    QCOMPARE(rle.counts, (std::vector<std::uint32_t>{5, 2, 2, 2, 9}));
    QCOMPARE(QString::fromStdString(toCocoString(rle)), QString("52207"));
}

void ImageTest::resizingAverages() {
    Image image(4, 2);
    for (int i = 0; i < 8; ++i) {
        image.rgb[static_cast<std::size_t>(3 * i)] = static_cast<std::uint8_t>(i * 10);
    }
    const Image half = resized(image, 2, 1);
    QCOMPARE(int(half.rgb[0]), (0 + 10 + 40 + 50 + 2) / 4);
    QCOMPARE(int(half.rgb[3]), (20 + 30 + 60 + 70 + 2) / 4);
}

QTEST_APPLESS_MAIN(ImageTest)
#include "test_image.moc"
