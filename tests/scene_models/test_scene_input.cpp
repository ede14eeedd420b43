// Pictures for the scene networks against the official programs' bytes.
#include "base/error.h"
#include "base/files.h"
#include "models/scene_input.h"
#include "video/video_reader.h"

#include <QtTest>

#include <filesystem>
#include <sstream>

using namespace body4d;

class SceneInputTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bytesAreThoseOfTheOfficialPrograms();
    void mappingsFollowThePixels();
    void mistakesAreTold();
};

namespace {

/// Every byte is a hash of its place.
Image noise(int width, int height) {
    Image image(width, height);
    for (std::size_t i = 0; i < image.rgb.size(); ++i) {
        std::uint64_t z = static_cast<std::uint64_t>(i + 1) * 0x9E3779B97F4A7C15ULL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        z ^= z >> 31;
        image.rgb[i] = static_cast<std::uint8_t>(z >> 56);
    }
    return image;
}

std::string hashOf(const Image& image) {
    return sha256(std::as_bytes(std::span(image.rgb)));
}

} // namespace

void SceneInputTest::bytesAreThoseOfTheOfficialPrograms() {
    std::istringstream lines(readTextFile(BODY4D_SOURCE_DIR "/tests/data/scene/inputs.txt"));
    std::string line, loadedName, otherDecoder;
    Image loaded;
    int compared = 0, skipped = 0;
    while (std::getline(lines, line)) {
        if (line.empty() || line.front() == '#') {
            continue;
        }
        std::istringstream words(line);
        std::string name, way, hash;
        int resolution = 0, width = 0, height = 0;
        words >> name >> way >> resolution >> width >> height >> hash;
        if (name.starts_with("noise:")) {
            int w = 0, h = 0;
            QCOMPARE(std::sscanf(name.c_str(), "noise:%dx%d", &w, &h), 2);
            loaded = noise(w, h);
        } else if (name != loadedName) {
            const auto file = std::filesystem::path(BODY4D_SHARED_DATA) / "images" / name;
            loaded = std::filesystem::exists(file) ? *VideoReader::open(file)->read(0) : Image();
        }
        loadedName = name;
        if (way == "decoded") { // a decoder may differ in JPEG files; then their scaling cannot be compared
            otherDecoder = hashOf(loaded) == hash ? "" : name;
            continue;
        }
        if (loaded.empty() || name == otherDecoder) {
            ++skipped;
            continue;
        }
        const auto got = way == "vggt"       ? processVggtInput(loaded)
                         : way == "vggt_pad" ? processVggtInput(loaded, VggtMode::Pad)
                         : way == "vggt_square" ? processVggtInput(loaded, VggtMode::Square)
                                             : processInput(loaded, resolution, processMethodFromName(way));
        QVERIFY2(got.width == width && got.height == height, line.c_str());
        if (hash.front() == '~') {
            const auto samples = QByteArray::fromHex(QByteArray::fromStdString(hash.substr(1)));
            const std::size_t step = (got.rgb.size() + 255) / 256;
            int different = 0;
            for (qsizetype i = 0; i < samples.size(); ++i) {
                const int by = std::abs(static_cast<std::uint8_t>(samples[i]) -
                                        got.rgb.at(static_cast<std::size_t>(i) * step));
                QVERIFY2(by <= 1, line.c_str());
                different += by;
            }
            QVERIFY2(samples.size() > 100 && different <= 1, line.c_str());
        } else {
            QVERIFY2(hashOf(got) == hash, line.c_str());
        }
        ++compared;
    }
    qInfo("%d pictures equal, %d skipped (not here, or decoded differently)", compared, skipped);
    QVERIFY(compared >= 34);
}

void SceneInputTest::mappingsFollowThePixels() {
    for (const auto method : {ProcessMethod::UpperBoundResize, ProcessMethod::UpperBoundCrop,
                              ProcessMethod::LowerBoundResize, ProcessMethod::LowerBoundCrop}) {
        // A picture that brightens from left to right shows where its pixels went.
        Image ramp(1280, 720);
        for (int y = 0; y < ramp.height; ++y) {
            for (int x = 0; x < ramp.width; ++x) {
                for (int c = 0; c < 3; ++c) {
                    ramp.row(y)[3 * x + c] = static_cast<std::uint8_t>(x * 255 / ramp.width);
                }
            }
        }
        const auto mapping = inputMapping(1280, 720, 168, method);
        const auto small = processInput(ramp, 168, method);
        QCOMPARE(small.width, mapping.width);
        QCOMPARE(small.height, mapping.height);
        for (const int x : {300, 640, 1000}) {
            const int to = static_cast<int>(std::lround((x + 0.5) * mapping.scaleX - mapping.offsetX - 0.5));
            QVERIFY(std::abs(small.row(mapping.height / 2)[3 * to] - x * 255 / 1280) <= 2);
        }
    }
    const auto vggt = vggtMapping(720, 1280);
    QCOMPARE(vggt.width, 518);
    QCOMPARE(vggt.height, 518);
    QVERIFY(vggt.offsetY > 0);
    QCOMPARE(vggtMapping(1280, 720).height, 294);
    const auto small = vggtMapping(1280, 720, VggtMode::Crop, 280); // as the official rule, with another width
    QCOMPARE(small.width, 280);
    QCOMPARE(small.height, 154);
    QCOMPARE(vggtMapping(1280, 720, VggtMode::Pad, 285).height, 280);
    const auto smallPicture = processVggtInput(Image(128, 72), VggtMode::Crop, 112);
    QCOMPARE(smallPicture.width, 112);
    QCOMPARE(smallPicture.height, 56); // 4.5 times 14 goes to the even one, as in Python
    QCOMPARE(processVggtInput(Image(128, 72), VggtMode::Square, 56).height, 56);
    const auto padded = vggtMapping(720, 1280, VggtMode::Pad);
    QVERIFY(padded.width == 518 && padded.height == 518 && padded.offsetX == -112 && padded.offsetY == 0);
    const auto square = vggtMapping(720, 1280, VggtMode::Square);
    QVERIFY(square.width == 518 && square.offsetY == 0);
    QVERIFY(std::abs(square.offsetX + 280 * 518.0 / 1280) < 1e-9);
    Image white(720, 1280); // black stands beside it
    std::fill(white.rgb.begin(), white.rgb.end(), std::uint8_t{255});
    const auto inSquare = processVggtInput(white, VggtMode::Square);
    QVERIFY(inSquare.row(259)[3 * 110] == 0 && inSquare.row(259)[3 * 117] == 255);
    Image black(720, 1280); // white stands beside it, and nowhere in it
    const auto beside = processVggtInput(black, VggtMode::Pad);
    QVERIFY(beside.row(259)[3 * 111] == 255 && beside.row(259)[3 * 112] == 0);
    QVERIFY(beside.row(259)[3 * 405] == 0 && beside.row(259)[3 * 406] == 255);
}

void SceneInputTest::mistakesAreTold() {
    QVERIFY_EXCEPTION_THROWN((void)processMethodFromName("resize"), Error);
    QVERIFY_EXCEPTION_THROWN((void)vggtModeFromName("round"), Error);
    QVERIFY_EXCEPTION_THROWN((void)inputMapping(2000, 20, 504, ProcessMethod::UpperBoundResize), Error);
}

QTEST_APPLESS_MAIN(SceneInputTest)
#include "test_scene_input.moc"
