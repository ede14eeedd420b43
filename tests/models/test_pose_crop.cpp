#include "models/blazepose/crop.h"
#include "models/blazepose/mask_finish.h"
#include "models/blazepose/ownership.h"
#include "models/blazepose/roi_map.h"

#include <QTest>

#include <random>

using namespace body4d;
using namespace body4d::blazepose;

namespace {

Image smoothPicture(int width, int height) {
    Image image(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            std::uint8_t* p = image.row(y) + 3 * x;
            p[0] = static_cast<std::uint8_t>(255 * x / (width - 1));
            p[1] = static_cast<std::uint8_t>(255 * y / (height - 1));
            p[2] = static_cast<std::uint8_t>(127 + 60 * std::sin(x * 0.02) * std::cos(y * 0.03));
        }
    }
    return image;
}

Image noisyPicture(int width, int height) {
    Image image = smoothPicture(width, height);
    std::mt19937 source(3);
    for (auto& value : image.rgb) {
        value = static_cast<std::uint8_t>((value + source() % 90) / 2);
    }
    return image;
}

/// The crop by its definition, pixel by pixel in whole numbers.
std::vector<std::uint8_t> plainCrop(Image image, const Roi& roi, int n) {
    Affine map = frameFromCrop(roi, n);
    for (double step = roi.side / n; step > 2.2; step /= 2) {
        Image half((image.width + 1) / 2, (image.height + 1) / 2);
        for (int y = 0; y < half.height; ++y) {
            for (int x = 0; x < half.width; ++x) {
                for (int c = 0; c < 3; ++c) {
                    int sum = 2;
                    for (const int v : {2 * y, std::min(2 * y + 1, image.height - 1)}) {
                        for (const int u : {2 * x, std::min(2 * x + 1, image.width - 1)}) {
                            sum += image.row(v)[3 * u + c];
                        }
                    }
                    half.row(y)[3 * x + c] = static_cast<std::uint8_t>(sum / 4);
                }
            }
        }
        image = std::move(half);
        map = {map.a / 2, map.b / 2, (map.c - 0.5) / 2, map.d / 2, map.e / 2, (map.f - 0.5) / 2};
    }
    std::vector<std::uint8_t> out;
    for (int v = 0; v < n; ++v) {
        for (int u = 0; u < n; ++u) {
            constexpr double kOne = 65536;
            const std::int64_t x =
                std::llround((map.b * v + map.c) * kOne) + u * std::llround(map.a * kOne) + 128;
            const std::int64_t y =
                std::llround((map.e * v + map.f) * kOne) + u * std::llround(map.d * kOne) + 128;
            for (int c = 0; c < 3; ++c) {
                std::int64_t sum = 32768;
                for (int j = 0; j < 2; ++j) {
                    for (int i = 0; i < 2; ++i) {
                        const std::int64_t px = (x >> 16) + i, py = (y >> 16) + j;
                        const std::int64_t fx = (x >> 8) & 255, fy = (y >> 8) & 255;
                        if (px >= 0 && py >= 0 && px < image.width && py < image.height) {
                            sum += (i != 0 ? fx : 256 - fx) * (j != 0 ? fy : 256 - fy) *
                                   image.row(static_cast<int>(py))[3 * px + c];
                        }
                    }
                }
                out.push_back(static_cast<std::uint8_t>(sum >> 16));
            }
        }
    }
    return out;
}

/// The guided filter by its definition: least squares of the mask in the colours over 9 x 9 pixels with a
/// regulariser of 60, averaged over all windows that hold the pixel.
double guided(const CropMask& mask, const Crop& crop, int x, int y) {
    std::array<double, 4> mean{};
    for (int wy = y - 4; wy <= y + 4; ++wy) {
        for (int wx = x - 4; wx <= x + 4; ++wx) {
            double colour[3] = {}, level = 0, both[3][3] = {}, with[3] = {};
            for (int v = wy - 4; v <= wy + 4; ++v) {
                for (int u = wx - 4; u <= wx + 4; ++u) {
                    const std::uint8_t* p = crop.rgb.data() + 3 * (v * kLandmarkSide + u);
                    const double m = mask.at(u, v) / 255.0;
                    level += m / 81;
                    for (int i = 0; i < 3; ++i) {
                        colour[i] += p[i] / 81.0;
                        with[i] += p[i] * m / 81;
                        for (int j = 0; j < 3; ++j) {
                            both[i][j] += p[i] * p[j] / 81.0;
                        }
                    }
                }
            }
            double a[3][4];
            for (int i = 0; i < 3; ++i) {
                for (int j = 0; j < 3; ++j) {
                    a[i][j] = both[i][j] - colour[i] * colour[j] + (i == j ? 60 : 0);
                }
                a[i][3] = with[i] - colour[i] * level;
            }
            for (int i = 0; i < 3; ++i) { // Gauss-Jordan; positive definite
                for (int k = 3; k >= i; --k) {
                    a[i][k] /= a[i][i];
                }
                for (int j = 0; j < 3; ++j) {
                    for (int k = 3; j != i && k >= i; --k) {
                        a[j][k] -= a[j][i] * a[i][k];
                    }
                }
            }
            double constant = level;
            for (std::size_t i = 0; i < 3; ++i) {
                mean[i] += a[i][3] / 81;
                constant -= a[i][3] * colour[i];
            }
            mean[3] += constant / 81;
        }
    }
    const std::uint8_t* p = crop.rgb.data() + 3 * (y * kLandmarkSide + x);
    return mean[0] * p[0] + mean[1] * p[1] + mean[2] * p[2] + mean[3];
}

/// A disc in the crop, soft over two pixels.
Observation disc(const Roi& roi, double cx, double cy, double radius) {
    Observation o;
    o.roi = roi;
    auto mask = std::make_shared<CropMask>(kLandmarkSide);
    for (int y = 0; y < kLandmarkSide; ++y) {
        for (int x = 0; x < kLandmarkSide; ++x) {
            const double inside = radius - std::hypot(x - cx, y - cy);
            mask->values[static_cast<std::size_t>(y * kLandmarkSide + x)] =
                static_cast<std::uint8_t>(255 * std::clamp(inside / 2 + 0.5, 0.0, 1.0));
        }
    }
    o.mask = std::move(mask);
    const Vec2 middle = frameFromCrop(roi, kLandmarkSide)({cx, cy});
    o.px.fill(middle);
    return o;
}

} // namespace

class PoseCropTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void mapsAreInverse() {
        const Roi roi{311.3, 87.9, 431, 2.2};
        const Affine there = frameFromCrop(roi, 256), back = cropFromFrame(roi, 256),
                     both = compose(back, there);
        const Vec2 p = both({17.5, 203});
        QVERIFY(std::abs(p.x - 17.5) < 1e-9 && std::abs(p.y - 203) < 1e-9);
        QVERIFY(std::abs(there({128, 128}).x - 311.3) < 1e-9); // the middle of the crop is the centre
    }

    void identityCropCopiesPixels() {
        const Image image = smoothPicture(300, 280);
        Crop crop;
        sampleCrop(image, Roi{128 + 20, 128 + 10, 256, 0}, 256, crop);
        for (int y = 0; y < 256; ++y) {
            QVERIFY(std::equal(crop.rgb.begin() + y * 768, crop.rgb.begin() + (y + 1) * 768,
                               image.row(y + 10) + 60));
        }
    }

    void outsideTheFrameIsBlack() {
        const Image image = smoothPicture(64, 64);
        Crop crop;
        sampleCrop(image, Roi{-200, -200, 100, 0.4}, 64, crop);
        QVERIFY(std::all_of(crop.rgb.begin(), crop.rgb.end(), [](auto v) { return v == 0; }));
        sampleCrop(image, Roi{-900, 20, 900, 0}, 64, crop); // halved first
        QVERIFY(std::all_of(crop.rgb.begin(), crop.rgb.end(), [](auto v) { return v == 0; }));
    }

    void turnedCropsReadTheRightPlaces_data() {
        QTest::addColumn<double>("side");
        QTest::addColumn<double>("angle");
        QTest::newRow("enlarged") << 90.0 << 0.7;
        QTest::newRow("same size") << 256.0 << -1.9;
        QTest::newRow("halved once") << 700.0 << 2.5;
        QTest::newRow("halved twice") << 1300.0 << 0.1;
    }
    void turnedCropsReadTheRightPlaces() {
        QFETCH(double, side);
        QFETCH(double, angle);
        const Image image = smoothPicture(1500, 1400);
        const Roi roi{750, 700, side, angle};
        Crop crop;
        sampleCrop(image, roi, 256, crop);
        const Affine map = frameFromCrop(roi, 256);
        for (int y = 3; y < 256; y += 11) {
            for (int x = 3; x < 256; x += 13) {
                const Vec2 p = map({double(x), double(y)});
                if (p.x < 4 || p.y < 4 || p.x > 1495 || p.y > 1395) {
                    continue;
                }
                const std::uint8_t* c = crop.rgb.data() + 3 * (y * 256 + x);
                QVERIFY2(std::abs(c[0] - 255 * p.x / 1499) < 1.6 && std::abs(c[1] - 255 * p.y / 1399) < 1.6,
                         qPrintable(QString("%1 %2: %3 %4").arg(p.x).arg(p.y).arg(c[0]).arg(c[1])));
            }
        }
    }

    void everyPixelIsTheSameWithoutWideSteps_data() {
        QTest::addColumn<Roi>("roi");
        QTest::addColumn<int>("side");
        QTest::newRow("within") << Roi{160, 120, 150, 0.4} << 256;
        QTest::newRow("over the left and upper edge") << Roi{20, 10, 130, 2.2} << 224;
        QTest::newRow("over the last pixel") << Roi{300, 230, 120, -0.7} << 256;
        QTest::newRow("across the last corner, rising") << Roi{319.5, 239.5, 40, -0.7854} << 256;
        QTest::newRow("across the last corner, falling") << Roi{319.5, 239.5, 40, 2.3562} << 256;
        QTest::newRow("as it lies, to the last pixel") << Roi{289, 209, 64, 0} << 64;
        QTest::newRow("halved once, odd picture") << Roi{150, 110, 170, 1.1} << 70;
        QTest::newRow("halved thrice, larger than the picture") << Roi{150, 110, 700, -2.9} << 61;
    }
    void everyPixelIsTheSameWithoutWideSteps() {
        QFETCH(Roi, roi);
        QFETCH(int, side);
        const Image image = noisyPicture(321, 241);
        Crop crop;
        sampleCrop(image, roi, side, crop);
        QCOMPARE(crop.side, side);
        QCOMPARE(crop.rgb, plainCrop(image, roi, side));
    }

    void maskGoesBackToItsPlaceInTheFrame_data() {
        QTest::addColumn<double>("angle");
        QTest::addColumn<bool>("sharpen");
        for (const double angle : {0.0, 0.9, -2.4}) {
            for (const bool sharpen : {false, true}) {
                QTest::addRow("%.1f rad, %s", angle, sharpen ? "sharpened" : "plain") << angle << sharpen;
            }
        }
    }
    void maskGoesBackToItsPlaceInTheFrame() {
        QFETCH(double, angle);
        QFETCH(bool, sharpen);
        const Roi roi{300, 260, 400, angle};
        auto o = disc(roi, 100, 150, 40);
        const Vec2 middle = frameFromCrop(roi, 256)({100, 150});
        const double radius = 40 * 400 / 256.0;
        Image frame(640, 480); // the frame shows a disc of the same size: sharpening may not move it away
        for (int y = 0; y < 480; ++y) {
            for (int x = 0; x < 640; ++x) {
                std::fill_n(frame.row(y) + 3 * x, 3,
                            std::hypot(x - middle.x, y - middle.y) < radius ? 200 : 40);
            }
        }
        auto crop = std::make_shared<Crop>();
        sampleCrop(frame, roi, 256, *crop);
        o.crop = crop;
        const Mask mask = decodeRle(finishMask(o, frame, sharpen));
        QCOMPARE(mask.width, 640);
        int wrong = 0;
        for (int y = 0; y < 480; ++y) {
            for (int x = 0; x < 640; ++x) {
                const double d = std::hypot(x - middle.x, y - middle.y) - radius;
                wrong += std::abs(d) > 1.5 && (mask.row(y)[x] != 0) != (d < 0) ? 1 : 0;
            }
        }
        QCOMPARE(wrong, 0);
    }

    void sharpeningSnapsToTheFramesEdge() {
        // The network's disc is 2 crop pixels (3 of the frame) too small everywhere.
        const Roi roi{300, 240, 400, 0};
        auto o = disc(roi, 128, 128, 48);
        Image frame(640, 480);
        const double radius = 50 * 400 / 256.0;
        for (int y = 0; y < 480; ++y) {
            for (int x = 0; x < 640; ++x) {
                std::fill_n(frame.row(y) + 3 * x, 3, std::hypot(x - 300, y - 240) < radius ? 210 : 60);
            }
        }
        auto crop = std::make_shared<Crop>();
        sampleCrop(frame, roi, 256, *crop);
        o.crop = crop;
        const double truth = 3.14159265 * radius * radius;
        const auto plain = static_cast<double>(area(finishMask(o, frame, false)));
        const auto sharp = static_cast<double>(area(finishMask(o, frame, true)));
        QVERIFY2(std::abs(sharp - truth) < 0.4 * std::abs(plain - truth),
                 qPrintable(QString("%1 plain %2 sharp %3").arg(truth).arg(plain).arg(sharp)));
    }

    void edgesFollowTheGuidedFilter() {
        // A blurred blob over noise, so that the filter decides about every pixel of the edge.
        const Roi roi{128, 128, 256, 0};
        auto o = disc(roi, 120, 130, 60);
        auto mask = std::make_shared<CropMask>(kLandmarkSide);
        for (int y = 0; y < kLandmarkSide; ++y) {
            for (int x = 0; x < kLandmarkSide; ++x) {
                const double inside = 50 + 9 * std::sin(x * 0.2) - std::hypot(x - 120, y - 130);
                mask->values[static_cast<std::size_t>(y * kLandmarkSide + x)] =
                    static_cast<std::uint8_t>(255 / (1 + std::exp(-inside / 2)));
            }
        }
        o.mask = mask;
        const Image frame = noisyPicture(256, 256);
        auto crop = std::make_shared<Crop>();
        sampleCrop(frame, roi, 256, *crop);
        o.crop = crop;
        const Mask cut = decodeRle(finishMask(o, frame, true));
        int decided = 0, wrong = 0;
        for (int y = 12; y < 244; ++y) {
            for (int x = 12; x < 244; ++x) {
                bool in = false, out = false; // whether an edge runs right beside it
                for (int v = y - 1; v <= y + 1; ++v) {
                    for (int u = x - 1; u <= x + 1; ++u) {
                        (mask->at(u, v) >= 128 ? in : out) = true;
                    }
                }
                const double value = in && out ? guided(*mask, *crop, x, y) : 0;
                if (in && out && std::abs(value - 0.5) > 1e-3) {
                    ++decided;
                    wrong += (cut.row(y)[x] != 0) != (value > 0.5) ? 1 : 0;
                }
            }
        }
        QVERIFY2(decided > 300, qPrintable(QString::number(decided)));
        QCOMPARE(wrong, 0);
    }

    void everyPixelOfThePictureIsAsItsPlaceInTheMask_data() {
        QTest::addColumn<double>("side");
        QTest::addColumn<double>("angle");
        for (const double side : {90.0, 256.0, 700.0}) {
            for (const double angle : {0.0, 1.5707963267948966, 0.4, -2.3}) {
                QTest::addRow("%.0f px, %.1f rad", side, angle) << side << angle;
            }
        }
    }
    void everyPixelOfThePictureIsAsItsPlaceInTheMask() {
        QFETCH(double, side);
        QFETCH(double, angle);
        const Roi roi{310.3, 255.8, side, angle};
        auto o = disc(roi, 128, 128, 60);
        auto mask = std::make_shared<CropMask>(kLandmarkSide);
        for (int y = 0; y < kLandmarkSide; ++y) {
            for (int x = 0; x < kLandmarkSide; ++x) { // a star that touches the crop's upper edge
                const double turn = std::atan2(y - 100.0, x - 120.0);
                const double inside = 75 + 30 * std::sin(5 * turn) - std::hypot(x - 120, y - 100);
                mask->values[static_cast<std::size_t>(y * kLandmarkSide + x)] =
                    static_cast<std::uint8_t>(255 / (1 + std::exp(-inside)));
            }
        }
        o.mask = mask;
        const Image frame(640, 480);
        const Mask cut = decodeRle(finishMask(o, frame, false));
        const Affine map = cropFromFrame(roi, kLandmarkSide);
        int wrong = 0, in = 0;
        for (int y = 0; y < frame.height; ++y) {
            for (int x = 0; x < frame.width; ++x) {
                const Vec2 p = map({double(x), double(y)});
                const double value = sampleMask(*mask, p.x, p.y);
                const bool known =
                    p.x > 0.01 && p.y > 0.01 && p.x < kLandmarkSide - 1.01 && p.y < kLandmarkSide - 1.01;
                const bool beyond =
                    p.x < -0.01 || p.y < -0.01 || p.x > kLandmarkSide + 0.01 || p.y > kLandmarkSide + 0.01;
                const bool inside = cut.row(y)[x] != 0;
                in += inside ? 1 : 0;
                wrong +=
                    (known && std::abs(value - 0.5) > 0.02 && inside != (value > 0.5)) || (beyond && inside)
                        ? 1
                        : 0;
            }
        }
        QVERIFY(in > 1000);
        QCOMPARE(wrong, 0);
    }

    void masksOneAfterTheOtherDoNotMix() {
        // The filter keeps its memory from mask to mask.
        const Image frame = noisyPicture(640, 480);
        const auto finish = [&](double radius, const Roi& roi) {
            auto o = disc(roi, 128, 128, radius);
            auto crop = std::make_shared<Crop>();
            sampleCrop(frame, roi, 256, *crop);
            o.crop = crop;
            return finishMask(o, frame, true).counts;
        };
        const Roi roi{300, 240, 400, 0.3};
        const auto alone = finish(30, roi);
        static_cast<void>(finish(110, Roi{200, 200, 300, 1.9}));
        QCOMPARE(finish(30, roi), alone);
    }

    void islandsAreDroppedUnlessTheBodyIsThere() {
        const Roi roi{128, 128, 256, 0};
        auto o = disc(roi, 100, 128, 40);
        auto mask = std::make_shared<CropMask>(*o.mask);
        for (int y = 20; y < 28; ++y) {
            std::fill_n(mask->values.begin() + y * kLandmarkSide + 200, 8, std::uint8_t{255});
        }
        o.mask = mask;
        const Image frame(256, 256);
        QCOMPARE(int{decodeRle(finishMask(o, frame, false)).row(24)[204]}, 0);
        o.px[16] = {204, 24}; // a wrist
        QCOMPARE(int{decodeRle(finishMask(o, frame, false)).row(24)[204]}, 255);
    }

    void maskBeyondTheFrameIsCutOff() {
        const auto o = disc(Roi{0, 0, 200, 0.3}, 128, 128, 60);
        const Image frame(100, 80);
        const RleMask rle = finishMask(o, frame, true);
        const Mask mask = decodeRle(rle); // throws when the runs do not add up
        QVERIFY(mask.row(0)[0] != 0 && mask.row(79)[99] == 0);
        const auto gone = disc(Roi{-500, 0, 200, 0}, 128, 128, 60);
        QCOMPARE(area(finishMask(gone, frame, false)), std::int64_t{0});
    }

    void pixelsGoToTheNearerSkeleton() {
        // Two people side by side whose masks overlap by half.
        const Roi roi{128, 128, 256, 0};
        auto a = disc(roi, 100, 128, 50), b = disc(roi, 150, 128, 50);
        const auto own = ownershipMask(a, Others{&b}, 0);
        QVERIFY(own != nullptr);
        QVERIFY(own->at(80, 128) == a.mask->at(80, 128));
        QVERIFY(own->at(145, 128) < 60 && a.mask->at(145, 128) > 200);
        const auto far = disc(Roi{2000, 128, 256, 0}, 128, 128, 50);
        QVERIFY(ownershipMask(a, Others{&far}, 0) == nullptr);
    }

    void paintedPeopleDisappear() {
        const Image frame = smoothPicture(256, 256);
        Crop crop;
        const Roi roi{128, 128, 256, 0};
        sampleCrop(frame, roi, 256, crop);
        std::fill_n(crop.rgb.begin() + 3 * (128 * 256 + 100), 30, std::uint8_t{255});
        const auto hidden = disc(roi, 105, 128, 20);
        const Crop before = crop;
        paintOut(crop, roi, Others{&hidden}, Backdrop(frame));
        QVERIFY(std::abs(crop.rgb[3 * (128 * 256 + 104)] - 104) < 25); // about the ground's colour
        QCOMPARE(crop.rgb[3 * (128 * 256 + 160)], before.rgb[3 * (128 * 256 + 160)]);
    }

    void onlyThePersonStaysWhereAllElseIsPaintedOver() {
        const Image frame = smoothPicture(256, 256);
        Crop crop;
        const Roi roi{128, 128, 256, 0};
        sampleCrop(frame, roi, 256, crop);
        const auto at = [](int x, int y) { return static_cast<std::size_t>(3 * (y * 256 + x)); };
        std::fill_n(crop.rgb.begin() + static_cast<std::ptrdiff_t>(at(60, 128)), 3 * 20, std::uint8_t{255});
        std::fill_n(crop.rgb.begin() + static_cast<std::ptrdiff_t>(at(180, 128)), 3 * 20, std::uint8_t{255});
        const auto person = disc(roi, 190, 128, 30);
        paintAround(crop, roi, person, Backdrop(frame));
        QCOMPARE(crop.rgb[at(190, 128)], std::uint8_t{255});
        QVERIFY(crop.rgb[at(70, 128)] < 150); // beside the person: the ground again
    }

    void overlapOfMasksIsMeasuredAcrossCrops() {
        const auto a = disc(Roi{200, 200, 256, 0}, 128, 128, 40);
        const auto b = disc(Roi{200, 200, 512, 1.1}, 128, 128, 20); // the same disc in a larger, turned crop
        QVERIFY(maskOverlap(a, b) > 0.9);
        const auto c = disc(Roi{290, 200, 256, 0}, 128, 128, 40);
        QVERIFY(maskOverlap(a, c) < 0.01);
    }
};

QTEST_APPLESS_MAIN(PoseCropTest)
#include "test_pose_crop.moc"
