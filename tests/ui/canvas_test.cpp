#include "gui_test.h"
#include "ui/frame/mask_overlay.h"
#include "ui/video/video_canvas.h"

#include <QSignalSpy>
#include <QTest>

using namespace body4d;
using namespace body4d::ui;

/// Runs at 100, 150 and 200 % (QT_SCALE_FACTOR): a click means the same pixel of the frame everywhere.
class CanvasTest : public QObject {
    Q_OBJECT
    std::unique_ptr<VideoCanvas> canvas_;
    static constexpr int kWidth = 1280, kHeight = 720;

    QPoint at(double x, double y) const { return canvas_->transform().toWidget(QPointF(x, y)).toPoint(); }
    double tolerance() const { return 0.75 / canvas_->transform().scale(); }

    std::shared_ptr<FrameSnapshot> snapshotWithMask(int x0, int y0, int x1, int y1) const {
        auto snapshot = std::make_shared<FrameSnapshot>();
        Mask mask(kWidth, kHeight);
        for (int y = y0; y < y1; ++y) {
            std::fill(mask.row(y) + x0, mask.row(y) + x1, std::uint8_t{255});
        }
        TargetView view;
        view.id = 1;
        view.state = FrameState::Visible;
        view.mask = makeOverlay(encodeRle(mask));
        snapshot->targets.push_back(std::move(view));
        return snapshot;
    }

private Q_SLOTS:
    void init() {
        canvas_ = std::make_unique<VideoCanvas>();
        canvas_->resize(640, 480);
        canvas_->setFrameSize({kWidth, kHeight});
        canvas_->show();
        QVERIFY(QTest::qWaitForWindowExposed(canvas_.get()));
    }
    void cleanup() { canvas_.reset(); }

    void scaleFactorIsTheOneAskedFor() {
        const QByteArray wanted = qgetenv("QT_SCALE_FACTOR");
        QCOMPARE(canvas_->devicePixelRatioF(), wanted.isEmpty() ? 1.0 : wanted.toDouble());
    }
    void clicksMapToPixels() {
        QSignalSpy added(canvas_.get(), &VideoCanvas::pointAdded);
        for (const auto& [x, y] : {std::pair(10.0, 10.0), std::pair(640.0, 360.0), std::pair(1270.0, 700.0)}) {
            QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, at(x, y));
            QVERIFY(std::abs(added.last()[1].toDouble() - x) <= tolerance());
            QVERIFY(std::abs(added.last()[2].toDouble() - y) <= tolerance());
            QVERIFY(added.last()[3].toBool());
            QCOMPARE(added.last()[0].toInt(), 0);
        }
        QCOMPARE(added.count(), 3);
    }
    void clicksMapToPixelsWhenZoomedAndPanned() {
        canvas_->zoomBy(4);
        QWheelEvent wheel(QPointF(500, 100), canvas_->mapToGlobal(QPointF(500, 100)), {}, {0, 240}, Qt::NoButton, Qt::NoModifier,
                          Qt::NoScrollPhase, false);
        const QPointF fixed = canvas_->transform().toFrame({500, 100});
        QApplication::sendEvent(canvas_.get(), &wheel);
        const QPointF after = canvas_->transform().toFrame({500, 100});
        QVERIFY(std::hypot(after.x() - fixed.x(), after.y() - fixed.y()) < 1e-6); // zooms to the cursor
        QSignalSpy added(canvas_.get(), &VideoCanvas::pointAdded);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, {500, 100});
        QVERIFY(std::abs(added[0][1].toDouble() - fixed.x()) <= tolerance());
        canvas_->zoomToFit();
        QCOMPARE(canvas_->transform().zoom(), 1.0);
    }
    void marginsTakeNoClicks() {
        QSignalSpy added(canvas_.get(), &VideoCanvas::pointAdded);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, {320, 10}); // above the 16:9 frame
        QVERIFY(added.isEmpty());
    }
    void brushAndEraserPaintStrokes() {
        qRegisterMetaType<MaskStroke>();
        canvas_->setTargets({{1, "Anna", Qt::red, true, false, {}}}, 1);
        canvas_->setTool(CanvasTool::Brush);
        canvas_->setBrushRadius(20);
        QSignalSpy painted(canvas_.get(), &VideoCanvas::strokePainted);
        QTest::mousePress(canvas_.get(), Qt::LeftButton, {}, at(300, 300));
        QTest::mouseMove(canvas_.get(), at(400, 300));
        QTest::mouseMove(canvas_.get(), at(500, 350));
        QTest::mouseRelease(canvas_.get(), Qt::LeftButton, {}, at(500, 350));
        QCOMPARE(painted.count(), 1);
        QCOMPARE(painted[0][0].toInt(), 1);
        auto stroke = painted[0][1].value<MaskStroke>();
        QVERIFY(stroke.add);
        QCOMPARE(stroke.radius, 20.0);
        QVERIFY(stroke.path.size() >= 3);
        QVERIFY(std::abs(stroke.path.front().x() - 300) <= tolerance());
        QVERIFY(std::abs(stroke.path.back().y() - 350) <= tolerance());
        QTest::mouseClick(canvas_.get(), Qt::RightButton, {}, at(310, 300)); // erases, a dab
        QVERIFY(!painted.last()[1].value<MaskStroke>().add);
        QCOMPARE(painted.last()[1].value<MaskStroke>().path.size(), 1);
        canvas_->setTool(CanvasTool::Eraser);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, at(310, 300));
        QVERIFY(!painted.last()[1].value<MaskStroke>().add);
        QCOMPARE(painted.count(), 3);
        canvas_->setTargets({{1, "Anna", Qt::red, true, true, {}}}, 1); // locked
        QSignalSpy locked(canvas_.get(), &VideoCanvas::lockedClicked);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, at(310, 300));
        QCOMPARE(painted.count(), 3);
        QCOMPARE(locked.count(), 1);
        canvas_->setTargets({}, 0); // nobody: the brush starts a person, the eraser has nothing to take
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, at(310, 300));
        QCOMPARE(painted.count(), 3);
        canvas_->setTool(CanvasTool::Brush);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, at(310, 300));
        QCOMPARE(painted.last()[0].toInt(), 0);
    }
    void everyGestureMakesItsLabel() {
        canvas_->setTargets({{1, "Anna", Qt::red, true, false, {}}}, 1);
        QSignalSpy added(canvas_.get(), &VideoCanvas::pointAdded);
        const auto point = at(600, 300);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, point);
        QTest::mouseClick(canvas_.get(), Qt::RightButton, {}, point);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, Qt::ControlModifier, point);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, Qt::AltModifier, point);
        canvas_->setExcludeMode(true);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, point);
        canvas_->setExcludeMode(false);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, point);
        QList<bool> includes;
        for (const auto& call : added) {
            QCOMPARE(call[0].toInt(), 1);
            includes << call[3].toBool();
        }
        QCOMPARE(includes, (QList<bool>{true, false, false, false, false, true}));
    }
    void excludingWithoutAPersonDoesNothing() {
        QSignalSpy added(canvas_.get(), &VideoCanvas::pointAdded);
        QTest::mouseClick(canvas_.get(), Qt::RightButton, {}, at(600, 300));
        QVERIFY(added.isEmpty());
    }
    void aClickFarFromTheSelectedPersonMeansANewOne() {
        canvas_->setTargets({{1, "Anna", Qt::red, true, false, {}}}, 1);
        canvas_->setSnapshot(snapshotWithMask(100, 100, 300, 600));
        QSignalSpy added(canvas_.get(), &VideoCanvas::pointAdded);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, at(200, 300));
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, at(320, 300)); // close by: still hers
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, at(900, 300));
        QTest::mouseClick(canvas_.get(), Qt::RightButton, {}, at(900, 300)); // excludes from her
        QCOMPARE(added[0][0].toInt(), 1);
        QCOMPARE(added[1][0].toInt(), 1);
        QCOMPARE(added[2][0].toInt(), 0);
        QCOMPARE(added[3][0].toInt(), 1);
        canvas_->setNewTargetMode(true);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, at(200, 300));
        QCOMPARE(added[4][0].toInt(), 0);
    }
    void pointsAreRemovedByAClickAndMovedByADrag() {
        Prompt prompt;
        prompt.points = {{400.5, 300.5, true}, {800.5, 300.5, false}};
        canvas_->setTargets({{1, "Anna", Qt::red, true, false, prompt}}, 1);
        QSignalSpy added(canvas_.get(), &VideoCanvas::pointAdded), removed(canvas_.get(), &VideoCanvas::pointRemoved),
            moved(canvas_.get(), &VideoCanvas::pointMoved);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, at(800.5, 300.5));
        QCOMPARE(removed.count(), 1);
        QCOMPARE(removed[0][1].toInt(), 1);
        QTest::mousePress(canvas_.get(), Qt::LeftButton, {}, at(400.5, 300.5));
        QTest::mouseMove(canvas_.get(), at(450, 350));
        QTest::mouseMove(canvas_.get(), at(500, 400));
        QTest::mouseRelease(canvas_.get(), Qt::LeftButton, {}, at(500, 400));
        QCOMPARE(moved.count(), 1);
        QVERIFY(std::abs(moved[0][2].toDouble() - 500) <= 2 * tolerance());
        QVERIFY(added.isEmpty());
    }
    void boxesAreDrawnByDragging() {
        canvas_->setTool(CanvasTool::Box);
        QSignalSpy boxes(canvas_.get(), &VideoCanvas::boxDrawn);
        QTest::mousePress(canvas_.get(), Qt::LeftButton, {}, at(700, 500));
        QTest::mouseMove(canvas_.get(), at(500, 300));
        QTest::mouseMove(canvas_.get(), at(400, 200));
        QTest::mouseRelease(canvas_.get(), Qt::LeftButton, {}, at(400, 200));
        QCOMPARE(boxes.count(), 1);
        QVERIFY(std::abs(boxes[0][1].toDouble() - 400) <= 2 * tolerance());
        QVERIFY(std::abs(boxes[0][4].toDouble() - 500) <= 2 * tolerance());
    }
    void aBoxAwayFromTheSelectedPersonMeansSomebodyElse() {
        canvas_->setTargets({{1, "Anna", Qt::red, true, false, {}}}, 1);
        canvas_->setSnapshot(snapshotWithMask(100, 100, 300, 600));
        canvas_->setTool(CanvasTool::Box);
        QSignalSpy boxes(canvas_.get(), &VideoCanvas::boxDrawn);
        const auto draw = [&](QPointF from, QPointF to) {
            QTest::mousePress(canvas_.get(), Qt::LeftButton, {}, at(from.x(), from.y()));
            QTest::mouseMove(canvas_.get(), at((from.x() + to.x()) / 2, (from.y() + to.y()) / 2));
            QTest::mouseMove(canvas_.get(), at(to.x(), to.y()));
            QTest::mouseRelease(canvas_.get(), Qt::LeftButton, {}, at(to.x(), to.y()));
        };
        draw({700, 200}, {900, 600});
        draw({80, 90}, {320, 640});   // around Anna
        draw({20, 20}, {900, 660});   // much more than Anna, but her too
        QCOMPARE(boxes.count(), 3);
        QCOMPARE(boxes[0][0].toInt(), 0);
        QCOMPARE(boxes[1][0].toInt(), 1);
        QCOMPARE(boxes[2][0].toInt(), 1);
    }
    void lockedPeopleAreLeftAlone() {
        canvas_->setTargets({{1, "Anna", Qt::red, true, true, {}}}, 1);
        QSignalSpy added(canvas_.get(), &VideoCanvas::pointAdded), locked(canvas_.get(), &VideoCanvas::lockedClicked);
        QTest::mouseClick(canvas_.get(), Qt::LeftButton, {}, at(600, 300));
        QVERIFY(added.isEmpty());
        QCOMPARE(locked.count(), 1);
    }
    void theKeyboardSetsPointsWithTheCross() {
        canvas_->setTargets({{1, "Anna", Qt::red, true, false, {}}}, 1);
        QSignalSpy added(canvas_.get(), &VideoCanvas::pointAdded);
        canvas_->setCrosshair(true);
        for (int i = 0; i < 5; ++i) {
            QTest::keyClick(canvas_.get(), Qt::Key_Right);
        }
        QTest::keyClick(canvas_.get(), Qt::Key_Up, Qt::ShiftModifier);
        QTest::keyClick(canvas_.get(), Qt::Key_Return);
        QTest::keyClick(canvas_.get(), Qt::Key_Return, Qt::ShiftModifier);
        QCOMPARE(added.count(), 2);
        QVERIFY(added[0][1].toDouble() > 640);
        QVERIFY(added[0][2].toDouble() < 360);
        QVERIFY(added[0][3].toBool());
        QVERIFY(!added[1][3].toBool());
        QTest::keyClick(canvas_.get(), Qt::Key_Escape);
        QVERIFY(!canvas_->crosshair());
    }
    void promptSignsAreToldApartInGrey() {
        Prompt prompt;
        prompt.points = {{400.5, 360.5, true}, {800.5, 360.5, false}};
        canvas_->setTargets({{1, "Anna", QColor("#56B4E9"), true, false, prompt}}, 1);
        const auto grey = canvas_->grab().toImage().convertToFormat(QImage::Format_Grayscale8);
        const double ratio = canvas_->devicePixelRatioF();
        const auto pixel = [&](double x, double y, QPointF d) {
            const QPointF p = (canvas_->transform().toWidget(QPointF(x, y)) + d) * ratio;
            return qGray(grey.pixel(p.toPoint()));
        };
        // Plus has a vertical stroke, minus has none; the discs differ in lightness as well.
        QVERIFY(std::abs(pixel(400.5, 360.5, {0, 2.5}) - pixel(400.5, 360.5, {3.6, 3.6})) > 60);
        QVERIFY(std::abs(pixel(800.5, 360.5, {0, 3.5}) - pixel(800.5, 360.5, {3.6, 3.6})) < 30);
        QVERIFY(std::abs(pixel(400.5, 360.5, {3.6, 3.6}) - pixel(800.5, 360.5, {3.6, 3.6})) > 60);
    }
};

BODY4D_GUI_TEST(CanvasTest)
#include "canvas_test.moc"
