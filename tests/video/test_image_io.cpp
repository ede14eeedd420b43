#include "media_factory.h"

#include "base/error.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

using namespace body4d;
using namespace body4d::test;
namespace fs = std::filesystem;

namespace {

Image gradient(int width, int height) {
    Image image(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            image.row(y)[3 * x] = static_cast<std::uint8_t>(255 * x / width);
            image.row(y)[3 * x + 1] = static_cast<std::uint8_t>(255 * y / height);
            image.row(y)[3 * x + 2] = static_cast<std::uint8_t>((x + y) % 256);
        }
    }
    return image;
}

} // namespace

class ImageIoTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir folder_;
    fs::path path(const char* name) const { return fs::path(folder_.path().toStdString()) / name; }

private Q_SLOTS:
    void pngIsLossless() {
        const Image image = gradient(53, 31);
        writeImage(path("a.png"), image);
        QCOMPARE(readImage(path("a.png")).rgb, image.rgb);
        // Pixels as wide as high, for programs that go by it.
        std::ifstream in(path("a.png"), std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(in)), {});
        const auto at = bytes.find("pHYs");
        QVERIFY(at == std::string::npos || bytes.substr(at + 4, 4) == bytes.substr(at + 8, 4));
    }

    void jpegIsClose() {
        const Image image = gradient(175, 61);
        writeImage(path("a.jpg"), image, 95);
        const Image back = readImage(path("a.jpg"));
        QCOMPARE(back.width, 175);
        QVERIFY(difference(back, reinterpret_cast<const char*>(image.rgb.data())).psnr > 38);
        writeImage(path("b.jpg"), image, 30);
        QVERIFY(fs::file_size(path("b.jpg")) < fs::file_size(path("a.jpg")));
    }

    void masksComeBack() {
        Mask mask(21, 9);
        for (std::size_t i = 0; i < mask.values.size(); ++i) {
            mask.values[i] = i % 3 == 0 ? 255 : 0;
        }
        for (const bool binary : {false, true}) {
            writeMaskPng(path("m.png"), mask, binary);
            const Image back = readImage(path("m.png"));
            QCOMPARE(back.width, 21);
            for (std::size_t i = 0; i < mask.values.size(); ++i) {
                QCOMPARE(back.rgb[3 * i + 1], mask.values[i]);
            }
        }
    }

    void alphaLiesOverBlack() {
        const std::vector<std::uint8_t> rgba = {200, 100, 50, 255, 200, 100, 50, 128,
                                                200, 100, 50, 0,   9,   9,   9,  255};
        writeRgbaPng(path("alpha.png"), 2, 2, rgba);
        const Image back = readImage(path("alpha.png"));
        QCOMPARE(back.rgb, (std::vector<std::uint8_t>{200, 100, 50, 100, 50, 25, 0, 0, 0, 9, 9, 9}));
    }

    void unknownExtensionIsUsage() {
        try {
            writeImage(path("a.xyz"), gradient(4, 4));
            QFAIL("no error");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Usage);
        }
    }
};

QTEST_GUILESS_MAIN(ImageIoTest)
#include "test_image_io.moc"
