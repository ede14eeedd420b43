// The fuzz targets on their corpus and on random changes of it, without libFuzzer: what it once found stays
// found.
#include <QDirIterator>
#include <QtTest>

#include <algorithm>
#include <cstdint>
#include <random>

extern "C" int fuzzTorch(const std::uint8_t* data, std::size_t size);
extern "C" int fuzzCheckpoint(const std::uint8_t* data, std::size_t size);
extern "C" int fuzzTflite(const std::uint8_t* data, std::size_t size);

namespace {

using Target = int (*)(const std::uint8_t*, std::size_t);

QList<QByteArray> filesIn(const QString& folder) {
    QList<QByteArray> out;
    QDirIterator it(QStringLiteral(BODY4D_SOURCE_DIR "/tests/data/") + folder, QDir::Files);
    while (it.hasNext()) {
        QFile file(it.next());
        if (file.open(QIODevice::ReadOnly) && !file.fileName().endsWith(QStringLiteral(".md"))) {
            out.append(file.readAll());
        }
    }
    return out;
}

void run(Target target, const QByteArray& input) {
    QCOMPARE(target(reinterpret_cast<const std::uint8_t*>(input.constData()),
                    static_cast<std::size_t>(input.size())),
             0);
}

} // namespace

class FuzzCorpusTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void corpus_data() {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<int>("which");
        QTest::newRow("torch") << "fuzz/torch" << 0;
        QTest::newRow("torch, whole files") << "checkpoints" << 0;
        QTest::newRow("checkpoint") << "fuzz/checkpoint" << 1;
        QTest::newRow("tflite") << "fuzz/tflite" << 2;
    }
    void corpus() {
        QFETCH(QString, folder);
        QFETCH(int, which);
        const Target target = which == 0 ? fuzzTorch : which == 1 ? fuzzCheckpoint : fuzzTflite;
        const auto inputs = filesIn(folder);
        QVERIFY(!inputs.isEmpty());
        std::mt19937 random(5);
        for (const QByteArray& input : inputs) {
            run(target, input);
            for (int round = 0; round < 20 && !input.isEmpty(); ++round) {
                QByteArray changed = input;
                for (int k = 0; k <= round % 4; ++k) {
                    changed[static_cast<qsizetype>(random() % static_cast<unsigned>(changed.size()))] =
                        static_cast<char>(random());
                }
                if (round % 5 == 0) {
                    changed.truncate(
                        static_cast<qsizetype>(random() % static_cast<unsigned>(changed.size() + 1)));
                }
                run(target, changed);
            }
        }
    }
};

QTEST_APPLESS_MAIN(FuzzCorpusTest)
#include "test_fuzz_corpus.moc"
