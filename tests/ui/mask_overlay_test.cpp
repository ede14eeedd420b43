#include "ui/frame/mask_overlay.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace body4d;
using namespace body4d::ui;

class MaskOverlayTest : public QObject {
    Q_OBJECT
    static Mask disc(int w, int h, double cx, double cy, double r, double hole = 0) {
        Mask mask(w, h);
        for (int y = 0; y < h; ++y) {
            for (int x = 0; x < w; ++x) {
                const double d = std::hypot(x + 0.5 - cx, y + 0.5 - cy);
                mask.row(y)[x] = d < r && d >= hole ? 255 : 0;
            }
        }
        return mask;
    }
private Q_SLOTS:
    void overlayHoldsExactlyTheMask() {
        const auto mask = disc(97, 61, 40.3, 30.2, 20);
        const auto overlay = makeOverlay(encodeRle(mask));
        int outside = 0;
        for (int y = 0; y < 61; ++y) {
            for (int x = 0; x < 97; ++x) {
                const QPoint local = QPoint(x, y) - overlay.box.topLeft();
                const bool shown = overlay.box.contains(x, y) && overlay.coverage.constScanLine(local.y())[local.x()] >= 128;
                outside += shown != (mask.row(y)[x] >= 128) ? 1 : 0;
            }
        }
        QCOMPARE(outside, 0);
        QVERIFY(overlay.box.width() <= 41);
    }
    void emptyMaskIsNoOverlay() {
        QVERIFY(makeOverlay({}).box.isEmpty());
        QVERIFY(makeOverlay(encodeRle(Mask(20, 20))).box.isEmpty());
    }
    void outlineFollowsTheEdgeWithFewPoints() {
        const auto overlay = makeOverlay(encodeRle(disc(200, 200, 100, 100, 60)));
        QCOMPARE(overlay.outline.size(), std::size_t{1});
        const auto& line = overlay.outline.front();
        QVERIFY2(line.size() < 120, qPrintable(QString::number(line.size())));
        for (const auto& p : line) {
            QVERIFY(std::abs(std::hypot(p.x() - 100, p.y() - 100) - 60) < 1.6);
        }
        double area = 0;
        for (int i = 0; i < line.size(); ++i) {
            const auto &a = line[i], &b = line[(i + 1) % line.size()];
            area += (a.x() * b.y() - b.x() * a.y()) / 2;
        }
        QVERIFY(std::abs(std::abs(area) / (M_PI * 3600) - 1) < 0.02);
    }
    void holesHaveTheirOwnOutline() {
        QCOMPARE(makeOverlay(encodeRle(disc(200, 200, 100, 100, 60, 20))).outline.size(), std::size_t{2});
    }
    void masksTouchingTheBorderAreTraced() {
        Mask mask(50, 40);
        std::fill(mask.values.begin(), mask.values.end(), std::uint8_t{255});
        const auto overlay = makeOverlay(encodeRle(mask));
        QCOMPARE(overlay.box, QRect(0, 0, 50, 40));
        QCOMPARE(overlay.outline.size(), std::size_t{1});
    }
    void pictureIsTintedAt45Percent() {
        FrameSnapshot frame;
        frame.image = QImage(100, 50, QImage::Format_RGB32);
        frame.image.fill(QColor(100, 100, 100));
        TargetView view;
        view.id = 1;
        view.state = FrameState::Visible;
        view.mask = makeOverlay(encodeRle(disc(100, 50, 50, 25, 20)));
        frame.targets.push_back(view);
        CanvasView canvas;
        canvas.source = {0, 0, 100, 50};
        canvas.devicePixels = {200, 100};
        canvas.styles[1] = {QColor(200, 0, 0), true};
        const auto picture = composePicture(frame, canvas);
        QCOMPARE(picture.size(), QSize(200, 100));
        QCOMPARE(picture.pixelColor(5, 5), QColor(100, 100, 100));
        const QColor tinted = picture.pixelColor(100, 50);
        QVERIFY(std::abs(tinted.red() - 145) <= 2 && std::abs(tinted.green() - 55) <= 2);
        canvas.styles[1].visible = false;
        QCOMPARE(composePicture(frame, canvas).pixelColor(100, 50), QColor(100, 100, 100));
    }
    void picturesOfAPartShowThatPart() {
        FrameSnapshot frame;
        frame.image = QImage(100, 100, QImage::Format_RGB32);
        frame.image.fill(Qt::blue);
        for (int y = 40; y < 60; ++y) {
            for (int x = 40; x < 60; ++x) {
                frame.image.setPixelColor(x, y, Qt::yellow);
            }
        }
        CanvasView canvas;
        canvas.source = {30, 30, 40, 40};
        canvas.devicePixels = {400, 400};
        const auto picture = composePicture(frame, canvas);
        QCOMPARE(picture.pixelColor(200, 200), QColor(Qt::yellow));
        QCOMPARE(picture.pixelColor(50, 50), QColor(Qt::blue));
        canvas.source = {-100, 0, 100, 100}; // wholly beside the frame
        QCOMPARE(composePicture(frame, canvas).pixelColor(200, 200), QColor(Qt::black));
    }
};

QTEST_GUILESS_MAIN(MaskOverlayTest)
#include "mask_overlay_test.moc"
