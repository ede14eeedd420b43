#include "base/error.h"
#include "ui/controllers/mask_import.h"
#include "ui/frame/mask_stroke.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QTest>

using namespace body4d;
using namespace body4d::ui;

class MaskImportTest : public QObject {
    Q_OBJECT
    static constexpr int kWidth = 40, kHeight = 30;
    static void rectangle(QImage& image, QRect where, int value) {
        for (int y = where.top(); y <= where.bottom(); ++y) {
            std::fill_n(image.scanLine(y) + where.left(), where.width(), static_cast<uchar>(value));
        }
    }
    static QImage blank(QImage::Format format) {
        QImage image(kWidth, kHeight, format);
        if (format == QImage::Format_Indexed8) {
            QList<QRgb> table;
            for (int i = 0; i < 8; ++i) {
                table << qRgb(i * 30, 255 - i * 20, i * 11);
            }
            image.setColorTable(table);
        }
        image.fill(0);
        return image;
    }

private Q_SLOTS:
    void paletteFoldersNumberTheirPeople() {
        QTemporaryDir dir;
        for (const int frame : {0, 3}) {
            auto image = blank(QImage::Format_Indexed8);
            rectangle(image, {2, 2, 5, 6}, 1);
            rectangle(image, {20, 2, 4, 4}, 3);
            QVERIFY(image.save(dir.filePath(QString("%1.png").arg(frame, 8, 10, QChar('0')))));
        }
        const auto people = readMasks(dir.path().toStdString(), kWidth, kHeight, 10);
        QCOMPARE(people.size(), std::size_t{2});
        QCOMPARE(people[1].name, QString("Mask 3"));
        QCOMPARE(people[0].frames.size(), std::size_t{2});
        QCOMPARE(people[0].frames[1].first, std::int64_t{3});
        QCOMPARE(area(*people[0].frames[0].second), 30);
        QCOMPARE(area(*people[1].frames[0].second), 16);
    }
    void blackAndWhiteIsOnePersonAndIsScaled() {
        QTemporaryDir dir;
        auto image = blank(QImage::Format_Grayscale8);
        rectangle(image, {10, 10, 10, 10}, 255);
        QVERIFY(image.save(dir.filePath("clip_0007.png")));
        QVERIFY(image.save(dir.filePath("clip_0099.png"))); // not in the video
        const auto people = readMasks(dir.path().toStdString(), 2 * kWidth, 2 * kHeight, 10);
        QCOMPARE(people.size(), std::size_t{1});
        QCOMPARE(people[0].frames.size(), std::size_t{1});
        QCOMPARE(people[0].frames[0].first, std::int64_t{7});
        QCOMPARE(area(*people[0].frames[0].second), 400);
    }
    void foldersOfFoldersAreOnePersonEach() {
        QTemporaryDir dir;
        for (const auto* who : {"anna", "ben"}) {
            QDir(dir.path()).mkdir(who);
            auto image = blank(QImage::Format_Grayscale8);
            rectangle(image, {1, 1, 3, 3}, 255);
            QVERIFY(image.save(dir.filePath(QString("%1/000002.png").arg(who))));
        }
        const auto people = readMasks(dir.path().toStdString(), kWidth, kHeight, 10);
        QCOMPARE(people.size(), std::size_t{2});
        QCOMPARE(people[0].name, QString("anna"));
        QCOMPARE(people[1].frames[0].first, std::int64_t{2});
    }
    void cocoSpeaksRunsAndPolygons() {
        QTemporaryDir dir;
        Mask mask(kWidth, kHeight);
        for (int y = 3; y < 9; ++y) {
            std::fill(mask.row(y) + 5, mask.row(y) + 9, std::uint8_t{255});
        }
        const auto rle = encodeRle(mask);
        QFile file(dir.filePath("m.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QString counts = QString::fromStdString(toCocoString(rle));
        counts.replace('\\', "\\\\").replace('"', "\\\"");
        file.write(QString(R"({"images":[{"id":1,"file_name":"f_000004.jpg","width":40,"height":30},
            {"id":2,"file_name":"x.jpg","frame_index":5,"width":40,"height":30}],
            "annotations":[{"image_id":1,"category_id":1,"track_id":7,"segmentation":{"size":[30,40],"counts":"%1"}},
            {"image_id":2,"category_id":1,"track_id":7,"segmentation":[[10,10,20,10,20,20,10,20]]},
            {"image_id":9,"category_id":1,"track_id":7,"segmentation":[]}]})").arg(counts).toUtf8());
        file.close();
        const auto people = readMasks(file.fileName().toStdString(), kWidth, kHeight, 10);
        QCOMPARE(people.size(), std::size_t{1});
        QCOMPARE(people[0].name, QString("Mask 7"));
        QCOMPARE(people[0].frames.size(), std::size_t{2});
        QVERIFY(*people[0].frames[0].second == rle);
        QCOMPARE(people[0].frames[1].first, std::int64_t{5});
        QVERIFY(std::abs(area(*people[0].frames[1].second) - 100) <= 22);
    }
    void nonsenseIsToldWhatWasExpected() {
        QTemporaryDir dir;
        QVERIFY_THROWS_EXCEPTION(Error, static_cast<void>(readMasks(dir.path().toStdString(), kWidth, kHeight, 10)));
        QFile file(dir.filePath("m.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("[1, 2");
        file.close();
        QVERIFY_THROWS_EXCEPTION(Error, static_cast<void>(readMasks(file.fileName().toStdString(), kWidth, kHeight, 10)));
    }
    void strokesAddAndErase() {
        const auto painted = applyStroke({}, kWidth, kHeight, {QPolygonF{{20, 15}}, 5, true});
        QVERIFY(std::abs(area(painted) - 78) < 12);
        const auto line = applyStroke(painted, kWidth, kHeight, {QPolygonF{{5, 15}, {20, 15}}, 2, true});
        QVERIFY(area(line) > area(painted) + 30);
        const auto cut = applyStroke(line, kWidth, kHeight, {QPolygonF{{20, 15}}, 8, false});
        QVERIFY(area(cut) > 0 && area(cut) < area(line) - 60);
        QVERIFY(applyStroke(cut, kWidth, kHeight, {QPolygonF{{0, 15}, {40, 15}}, 30, false}).empty());
    }
};

QTEST_GUILESS_MAIN(MaskImportTest)
#include "mask_import_test.moc"
