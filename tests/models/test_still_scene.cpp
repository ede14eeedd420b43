#include "models/blazepose/state_bytes.h"
#include "models/blazepose/still_scene.h"

#include <QTest>

using namespace body4d;
using namespace body4d::blazepose;

namespace {

constexpr int kWidth = 512, kHeight = 256;

/// A pattern without repetition, moved to the left.
Image scenery(int moved = 0) {
    Image image(kWidth, kHeight);
    for (int y = 0; y < kHeight; ++y) {
        for (int x = 0; x < kWidth; ++x) {
            const int u = (x + moved) / 8, v = y / 8;
            std::uint32_t h =
                static_cast<std::uint32_t>(u) * 2654435761U + static_cast<std::uint32_t>(v) * 40503U;
            h ^= h >> 13;
            h *= 2246822519U;
            for (int c = 0; c < 3; ++c) {
                image.row(y)[3 * x + c] = static_cast<std::uint8_t>((h >> (8 * c)) & 255U);
            }
        }
    }
    return image;
}

void block(Image& image, int x0, int y0, int w, int h, std::uint8_t grey) {
    for (int y = y0; y < y0 + h; ++y) {
        std::fill_n(image.row(y) + 3 * x0, 3 * w, grey);
    }
}

int differing(const StillScene& scene) {
    int count = 0;
    for (int y = 0; y < scene.grid().rows; ++y) {
        for (int x = 0; x < scene.grid().columns; ++x) {
            count += scene.cell(x, y) == StillScene::Cell::Differs ? 1 : 0;
        }
    }
    return count;
}

/// Somebody whose mask fills a square of `side` pixels.
Observation somebody(double x, double y, double side) {
    Observation o;
    o.roi = {x, y, side, 0};
    auto mask = std::make_shared<CropMask>(kLandmarkSide);
    std::fill(mask->values.begin(), mask->values.end(), std::uint8_t{255});
    o.mask = std::move(mask);
    return o;
}

} // namespace

class StillSceneTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatComesBeforeTheSceneDiffersFromIt() {
        StillScene scene;
        for (int f = 0; f < 10; ++f) {
            scene.see(scenery());
            scene.learn({});
        }
        QVERIFY(scene.known());
        QCOMPARE(differing(scene), 0);
        Image image = scenery();
        block(image, 200, 100, 40, 80, 10);
        scene.see(image);
        QVERIFY(std::abs(differing(scene) - 40 * 80 / 4) <
                150); // cells of 2 x 2 pixels, some as dark as the block
        QVERIFY(scene.cell(110, 70) == StillScene::Cell::Differs);
        QVERIFY(scene.cell(20, 20) == StillScene::Cell::Still);
    }

    void whoStandsThereFromTheStartIsNotTakenForTheScene() {
        StillScene scene;
        const Observation person = somebody(220, 140, 40);
        for (int f = 0; f < 10; ++f) {
            Image image = scenery();
            block(image, 200, 120, 40, 40, 10);
            scene.see(image);
            scene.learn({&person});
        }
        QVERIFY(scene.cell(110, 70) == StillScene::Cell::Unknown);
        for (int f = 0; f < 5; ++f) { // gone
            scene.see(scenery());
            scene.learn({});
        }
        QVERIFY(scene.cell(110, 70) == StillScene::Cell::Still);
    }

    void aThingThatIsPutDownBecomesTheSceneAfterAWhile() {
        StillScene scene;
        for (int f = 0; f < 6; ++f) {
            scene.see(scenery());
            scene.learn({});
        }
        Image image = scenery();
        block(image, 200, 100, 40, 80, 10);
        for (int f = 0; f < 20; ++f) {
            scene.see(image);
            scene.learn({});
        }
        QCOMPARE(differing(scene), 0);
    }

    void whereSomebodyWasSeenNothingHidesThoseWhoAreAsNear() {
        StillScene scene;
        for (int f = 0; f < 6; ++f) {
            scene.see(scenery());
            scene.learn({});
        }
        QCOMPARE(scene.passedBy(110, 70), 0.F);
        const auto passes = [&](double side) { // their lower half is behind something that looks as ever
            const Observation person = somebody(220, 140, side);
            Image image = scenery();
            block(image, 220 - static_cast<int>(side) / 2, 140 - static_cast<int>(side) / 2, static_cast<int>(side),
                  static_cast<int>(side) / 2, 10);
            scene.see(image);
            scene.learn({&person});
        };
        passes(80);
        QCOMPARE(scene.passedBy(110, 60), 80.F);
        QCOMPARE(scene.passedBy(110, 80), 0.F);
        passes(40); // farther off
        QCOMPARE(scene.passedBy(110, 65), 40.F);
        QCOMPARE(scene.passedBy(95, 65), 80.F);
        passes(60);
        QCOMPARE(scene.passedBy(110, 65), 40.F);
        scene.forget();
        QCOMPARE(scene.passedBy(110, 65), 0.F);
    }

    void aMovingCameraMakesItKnowNothing() {
        StillScene scene;
        for (int f = 0; f < 10; ++f) {
            scene.see(scenery());
            scene.learn({});
        }
        QVERIFY(scene.known());
        for (int f = 0; f < 6; ++f) {
            scene.see(scenery(12 * (f + 1)));
            scene.learn({});
        }
        QVERIFY(!scene.known());
    }

    void aMovingCameraFromTheStartIsNoScene() {
        StillScene scene;
        for (int f = 0; f < 20; ++f) {
            scene.see(scenery(12 * f));
            scene.learn({});
            QVERIFY(!scene.known());
        }
    }

    void theStateGoesOnAsBefore() {
        StillScene scene;
        for (int f = 0; f < 6; ++f) {
            scene.see(scenery(f % 3));
            scene.learn({});
        }
        StateWriter writer;
        scene.serialize(writer);
        const auto bytes = writer.take();
        StillScene other;
        StateReader reader(bytes);
        other.serialize(reader);
        QVERIFY(reader.atEnd());
        for (StillScene* s : {&scene, &other}) {
            s->see(scenery(40));
            s->learn({});
        }
        StateWriter a, b;
        scene.serialize(a);
        other.serialize(b);
        QVERIFY(a.take() == b.take());
        StateReader cut(std::span<const std::byte>(bytes).first(bytes.size() / 2));
        QVERIFY_EXCEPTION_THROWN(other.serialize(cut), Error);
    }
};

QTEST_APPLESS_MAIN(StillSceneTest)
#include "test_still_scene.moc"
