#include "export_fixture.h"

#include "base/error.h"
#include "body/rasterizer.h"
#include "export/exporter.h"
#include "export/overlay_renderer.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

#include <QTemporaryDir>
#include <QtTest>

#include <sys/resource.h>

using namespace body4d;
using namespace body4d::test;

namespace {

Image plain(int width, int height, std::uint8_t level) {
    Image image(width, height);
    std::fill(image.rgb.begin(), image.rgb.end(), level);
    return image;
}

/// Pictures are kept where BODY4D_KEEP_PICTURES names a folder, for people to look at.
void keep(const Image& image, const char* name) {
    if (const char* folder = std::getenv("BODY4D_KEEP_PICTURES")) {
        writeImage(std::filesystem::path(folder) / name, image);
    }
}

bool changed(const Image& a, const Image& b, int x, int y) {
    return !std::equal(a.row(y) + 3 * x, a.row(y) + 3 * x + 3, b.row(y) + 3 * x);
}

std::shared_ptr<const BodyModel> anyBody() {
    const auto anny = annyOrNull();
    return anny ? anny : std::make_shared<const TubeBody>();
}

double cpuSeconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

} // namespace

class OverlayTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void coversExactlyTheSilhouette();
    void nearerPeopleHideFartherOnes();
    void completedBodiesLetTheVideoThroughAndAreOutlined();
    void hiddenAndAbsentBodiesAreNotDrawn();
    void masksSkeletonsAndTagsAreDrawn();
    void everyShotIsDrawnThroughItsLens();
    void anotherPictureSizeScalesTheCamera();
    void bodiesAtTheEdgeAndBehindTheCameraAreSafe();
    void videoKeepsTimesAndFrames();
    void coloursAreParsed();
    void whatIsToBeKnownStandsBelow();
};

void OverlayTest::coversExactlyTheSilhouette() {
    ExportScene scene = makeScene(anyBody());
    scene.targets.resize(1);
    const Image before = plain(1280, 720, 90);
    Image after = before;
    renderOverlay(after, scene, 12, OverlayStyle());
    keep(after, "one.png");
    const ExportTarget& target = scene.targets[0];
    const RestBody rest = target.model->shaped(target.body->shape);
    std::vector<Vec3f> vertices;
    target.model->pose(rest, target.body->frames[7].pose, vertices);
    const Mask mask = silhouette(vertices, target.model->topology(), target.body->camera);
    int inside = 0, wrong = 0;
    for (int y = 1; y < 719; ++y) {
        for (int x = 1; x < 1279; ++x) {
            // Away from the edge, where coverage is neither whole nor none.
            int sum = 0;
            for (int v = -1; v <= 1; ++v) {
                for (int u = -1; u <= 1; ++u) {
                    sum += mask.row(y + v)[x + u] != 0;
                }
            }
            inside += sum == 9;
            wrong += sum == 9 && !changed(before, after, x, y);
            wrong += sum == 0 && changed(before, after, x, y);
        }
    }
    QVERIFY(inside > 2000);
    QVERIFY2(wrong <= inside / 200, qPrintable(QString("%1 of %2 pixels").arg(wrong).arg(inside)));
}

void OverlayTest::nearerPeopleHideFartherOnes() {
    ExportScene scene = makeScene(anyBody());
    auto front = std::make_shared<BodyTrack>(*scene.targets[0].body),
         back = std::make_shared<BodyTrack>(*front);
    for (BodyFrame& frame : front->frames) {
        frame.pose.translation = {0, 0, 4};
    }
    for (BodyFrame& frame : back->frames) {
        frame.pose.translation = {0.1, 0, 5};
    }
    const auto draw = [&](std::vector<std::shared_ptr<BodyTrack>> tracks, std::vector<const char*> colours) {
        ExportScene one = scene;
        one.targets.clear();
        for (std::size_t i = 0; i < tracks.size(); ++i) {
            ExportTarget target = scene.targets[i];
            target.target.colour = colours[i];
            target.body = tracks[i];
            one.targets.push_back(target);
        }
        Image image = plain(1280, 720, 128);
        renderOverlay(image, one, 12, OverlayStyle());
        return image;
    };
    const Image alone = draw({front}, {"#E69F00"}), both = draw({back, front}, {"#56B4E9", "#E69F00"}),
                other = draw({front, back}, {"#E69F00", "#56B4E9"});
    keep(both, "two.png");
    QCOMPARE(both.rgb, other.rgb); // the order of the list does not matter
    // What the front person covers whole is as if nobody stood behind.
    const RestBody rest = scene.targets[0].model->shaped(front->shape);
    std::vector<Vec3f> vertices;
    scene.targets[0].model->pose(rest, front->frames[7].pose, vertices);
    const Mask mask = silhouette(vertices, scene.targets[0].model->topology(), front->camera);
    int compared = 0, different = 0, behind = 0;
    for (int y = 2; y < 718; ++y) {
        for (int x = 2; x < 1278; ++x) {
            bool whole = true;
            for (int v = -2; v <= 2; ++v) {
                for (int u = -2; u <= 2; ++u) {
                    whole = whole && mask.row(y + v)[x + u] != 0;
                }
            }
            compared += whole;
            different += whole && changed(alone, both, x, y);
            behind += mask.row(y)[x] == 0 && changed(alone, both, x, y);
        }
    }
    QVERIFY(compared > 2000);
    QVERIFY2(different <= compared / 500, qPrintable(QString::number(different)));
    QVERIFY(behind > 500); // and the other one is seen beside
}

void OverlayTest::completedBodiesLetTheVideoThroughAndAreOutlined() {
    const ExportScene scene = makeScene(anyBody()); // Ben is completed in [26, 30)
    const auto draw = [&](std::uint8_t level, double opacity) {
        ExportScene ben = scene;
        ben.targets.erase(ben.targets.begin());
        Image image = plain(1280, 720, level);
        OverlayStyle style;
        style.completedOpacity = opacity;
        renderOverlay(image, ben, 27, style);
        return image;
    };
    const Image dark = draw(0, 0.6), bright = draw(255, 0.6);
    keep(bright, "completed.png");
    int through = 0, outline = 0;
    for (int y = 0; y < 720; ++y) {
        for (int x = 0; x < 1280; ++x) {
            const int a = dark.row(y)[3 * x + 1], b = bright.row(y)[3 * x + 1];
            through += b - a > 20 && b - a < 250;
            outline += std::abs(b - a) <= 14;
        }
    }
    QVERIFY(through > 2000); // bodies: both backgrounds shine through
    QVERIFY(outline > 100);  // dashes: the same on both
}

void OverlayTest::hiddenAndAbsentBodiesAreNotDrawn() {
    ExportScene scene = makeScene(anyBody());
    scene.targets.erase(scene.targets.begin());
    const Image before = plain(1280, 720, 90);
    Image after = before;
    renderOverlay(after, scene, 22, OverlayStyle()); // hidden
    QCOMPARE(after.rgb, before.rgb);
    renderOverlay(after, scene, 70, OverlayStyle()); // after the track
    QCOMPARE(after.rgb, before.rgb);
}

void OverlayTest::whatIsToBeKnownStandsBelow() {
    ExportScene scene = makeScene(anyBody());
    scene.targets.erase(scene.targets.begin());
    const Image before = plain(1280, 720, 90);
    Image after = before;
    scene.weightsNote = "random weights";
    renderOverlay(after, scene, 70, OverlayStyle()); // nobody is there: what is drawn is the note
    int drawn = 0, above = 0, bright = 0;
    for (int y = 0; y < 720; ++y) {
        for (int x = 0; x < 1280; ++x) {
            const bool changed = !std::equal(after.row(y) + 3 * x, after.row(y) + 3 * x + 3, before.row(y) + 3 * x);
            drawn += changed;
            above += changed && (y < 640 || x > 500);
            bright += after.row(y)[3 * x] > 200;
        }
    }
    QCOMPARE(above, 0); // in the lower left corner
    QVERIFY2(drawn > 4000 && bright > 300, qPrintable(QString("%1 %2").arg(drawn).arg(bright)));
    keep(after, "note.png");
}

void OverlayTest::masksSkeletonsAndTagsAreDrawn() {
    const ExportScene scene = makeScene(anyBody());
    OverlayStyle style;
    style.bodies = false;
    const Image before = plain(1280, 720, 90);
    const auto count = [&](OverlayStyle s) {
        Image after = before;
        renderOverlay(after, scene, 12, s);
        int n = 0;
        for (int y = 0; y < 720; ++y) {
            for (int x = 0; x < 1280; ++x) {
                n += changed(before, after, x, y);
            }
        }
        return n;
    };
    QCOMPARE(count(style), 0);
    style.masks = true;
    QVERIFY(count(style) >= 180 * 30);
    style.masks = false;
    style.skeleton = true;
    QVERIFY(count(style) > 500);
    style.skeleton = false;
    style.labels = style.masks = true;
    style.bodies = true;
    style.skeleton = true;
    Image all = before;
    renderOverlay(all, scene, 12, style);
    keep(all, "all.png");
}

void OverlayTest::everyShotIsDrawnThroughItsLens() {
    const ExportScene usual = makeScene(anyBody()), shots = withLongLensFrom(usual, 25);
    ExportScene close = usual;
    for (auto& target : close.targets) {
        auto track = std::make_shared<BodyTrack>(*target.body);
        track->camera.focalPx *= 2;
        target.body = std::move(track);
    }
    const auto drawn = [](const ExportScene& scene, std::int64_t frame) {
        Image image = plain(1280, 720, 90);
        renderOverlay(image, scene, frame, OverlayStyle());
        return image.rgb;
    };
    QVERIFY(drawn(shots, 24) == drawn(usual, 24));
    QVERIFY(drawn(shots, 25) == drawn(close, 25));
    QVERIFY(drawn(shots, 25) != drawn(usual, 25));
}

void OverlayTest::anotherPictureSizeScalesTheCamera() {
    ExportScene scene = makeScene(anyBody());
    Image large = plain(1280, 720, 90), small = plain(640, 360, 90);
    renderOverlay(large, scene, 12, OverlayStyle());
    renderOverlay(small, scene, 12, OverlayStyle());
    const Image shrunk = resized(large, 640, 360);
    double sum = 0;
    for (std::size_t i = 0; i < small.rgb.size(); ++i) {
        sum += std::abs(int{small.rgb[i]} - int{shrunk.rgb[i]});
    }
    QVERIFY2(sum / static_cast<double>(small.rgb.size()) < 0.6,
             qPrintable(QString::number(sum / double(small.rgb.size()))));
}

void OverlayTest::bodiesAtTheEdgeAndBehindTheCameraAreSafe() {
    const ExportScene scene = makeScene(anyBody());
    for (const Vec3 place :
         {Vec3{-3, 0, 3}, Vec3{0, 0, 0.1}, Vec3{0, 0, -3}, Vec3{0, 0.5, 0.6}, Vec3{100, 100, 2}}) {
        ExportScene moved = scene;
        auto track = std::make_shared<BodyTrack>(*scene.targets[0].body);
        for (BodyFrame& frame : track->frames) {
            frame.pose.translation = place;
        }
        moved.targets[0].body = track;
        moved.targets.resize(1);
        Image image = plain(320, 180, 90);
        OverlayStyle style;
        style.labels = style.skeleton = style.masks = true;
        renderOverlay(image, moved, 12, style);
        QCOMPARE(image.rgb.size(), std::size_t{320 * 180 * 3});
    }
}

void OverlayTest::videoKeepsTimesAndFrames() {
    QTemporaryDir dir;
    const std::filesystem::path folder = dir.path().toStdString();
    ExportScene scene = makeScene(anyBody());
    {
        VideoWriter::Options options;
        options.width = 1280;
        options.height = 720;
        options.fps = 25;
        VideoWriter writer(folder / "street.mp4", options);
        for (int i = 0; i < 30; ++i) {
            writer.write(plain(1280, 720, static_cast<std::uint8_t>(40 + 4 * i)),
                         scene.source.frameTimes[static_cast<std::size_t>(i)]);
        }
        writer.finish();
    }
    scene.source.path = folder / "street.mp4";
    scene.source.frameTimes = VideoReader::open(scene.source.path)->info().frameTimes;
    const std::vector<std::string> formats = {"overlay"};
    ExportOptions options;
    options.overlay.style.labels = true;
    long long last = 0;
    const double before = cpuSeconds();
    const ExportResult result =
        exportAll(scene, formats, folder / "out", options, {}, [&](const Progress& p) { last = p.done; });
    qInfo("%.1f ms of processor time a frame of two people, decoding and encoding included",
          1000 * (cpuSeconds() - before) / 25);
    QCOMPARE(last, 25LL);
    QCOMPARE(result.files.size(), std::size_t{1});
    const auto reader = VideoReader::open(result.files[0]);
    QCOMPARE(reader->info().frameCount, std::int64_t{25}); // frames 5 .. 29
    for (std::size_t i = 0; i < 25; ++i) {
        const double want = scene.source.frameTimes[i + 5] - scene.source.frameTimes[5];
        QVERIFY2(std::fabs(reader->info().frameTimes[i] - want) < 2e-3,
                 qPrintable(QString("%1: %2 not %3").arg(i).arg(reader->info().frameTimes[i]).arg(want)));
    }
    const ImagePtr frame = reader->read(10);
    QVERIFY(std::abs(int{frame->row(20)[30]} - (40 + 4 * 15)) < 6); // the background of frame 15
    // A stop takes the file back.
    std::stop_source stop;
    QVERIFY_EXCEPTION_THROWN(exportAll(scene, formats, folder / "stopped", options, stop.get_token(),
                                       [&](const Progress&) { stop.request_stop(); }),
                             Cancelled);
    QVERIFY(!std::filesystem::exists(folder / "stopped") || std::filesystem::is_empty(folder / "stopped"));
}

void OverlayTest::coloursAreParsed() {
    const std::array<std::uint8_t, 3> orange{230, 159, 0}, grey{160, 164, 170};
    QCOMPARE(parseColour("#E69F00"), orange);
    QCOMPARE(parseColour("#e69f00"), orange);
    QCOMPARE(parseColour("orange"), grey);
    QCOMPARE(parseColour(""), grey);
}

QTEST_GUILESS_MAIN(OverlayTest)
#include "test_overlay.moc"
