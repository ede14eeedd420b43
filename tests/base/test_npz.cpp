#include "base/npz.h"
#include "base/output_file.h"

#include <QtTest>

#include <QTemporaryDir>

#include <numeric>
#include <random>

using namespace body4d;
namespace fs = std::filesystem;

class NpzTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void arraysComeBack();
    void numpysOwnFilesAreRead();
    void damagedFilesNeverCrash();
    void valuesMayWaitInAFile();

private:
    QTemporaryDir dir_;
    fs::path path(const char* name) const { return fs::path(dir_.path().toStdString()) / name; }
    fs::path sample() const {
        NpzWriter writer;
        writer.add("points", std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
        writer.add("one", std::vector<double>{2.5}, {});
        writer.add("frames", std::vector<std::int64_t>{1, 5}, {2});
        writer.addBool("seen", {1, 0}, {2});
        writer.addStrings("names", {"hip", "knee"});
        writer.addString("units", "metres");
        writer.write(path("sample.npz"));
        return path("sample.npz");
    }
};

void NpzTest::arraysComeBack() {
    const auto arrays = readNpz(sample());
    QCOMPARE(arrays.at("points").as<float>(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
    QCOMPARE(arrays.at("points").shape, (std::vector<std::int64_t>{2, 3}));
    QCOMPARE(arrays.at("one").as<double>(), std::vector<double>{2.5});
    QCOMPARE(arrays.at("one").shape.size(), std::size_t(0));
    QCOMPARE(arrays.at("frames").as<std::int64_t>(), (std::vector<std::int64_t>{1, 5}));
    QVERIFY(!arrays.contains("names")); // strings are for NumPy, we skip them
}

void NpzTest::numpysOwnFilesAreRead() {
    const fs::path file = fs::path(BODY4D_SHARED_DATA) / "mhr" / "sam3d_body_output_subj00.npz";
    if (!fs::exists(file)) {
        QSKIP("needs the shared data folder: mhr/sam3d_body_output_subj00.npz");
    }
    const auto arrays = readNpz(file);
    QVERIFY(arrays.size() >= 5);
    bool vertices = false;
    for (const auto& [name, array] : arrays) {
        vertices = vertices || (array.shape.size() >= 2 && array.shape[array.shape.size() - 2] == 18439);
    }
    QVERIFY(vertices);
}

void NpzTest::damagedFilesNeverCrash() {
    const auto good = readFile(sample());
    std::mt19937 random(5);
    int refused = 0;
    for (int round = 0; round < 600; ++round) {
        auto bad = good;
        if (round % 3 == 0) {
            bad.resize(random() % bad.size());
        } else {
            for (int k = 0; k < 4; ++k) {
                bad[random() % bad.size()] = static_cast<std::byte>(random());
            }
        }
        writeFileAtomically(path("bad.npz"), bad);
        try {
            (void)readNpz(path("bad.npz"));
        } catch (const Error&) {
            ++refused;
        }
    }
    QVERIFY(refused > 200);
}

void NpzTest::valuesMayWaitInAFile() {
    std::vector<float> values(50000);
    std::iota(values.begin(), values.end(), 0.F);
    const std::vector<std::byte> before(12); // the file holds other things, too
    {
        OutputFile scratch(path("scratch.bin"), path("scratch.bin"));
        scratch.writeAt(0, before);
        scratch.writeAt(before.size(), std::as_bytes(std::span(values)));
        scratch.close();
    }
    NpzWriter fromFile, fromMemory;
    fromFile.addFile("values", DType::F32, {25000, 2}, path("scratch.bin"), before.size());
    fromMemory.add("values", values, {25000, 2});
    for (auto* writer : {&fromFile, &fromMemory}) {
        writer->addString("zebra", "after it");
        writer->addString("apple", "before it");
        writer->write(path(writer == &fromFile ? "file.npz" : "memory.npz"));
    }
    QVERIFY(readFile(path("file.npz")) == readFile(path("memory.npz")));
    QCOMPARE(readNpz(path("file.npz")).at("values").as<float>(), values);
    // What is gone is said, and no half of a file is left.
    fromFile.addFile("gone", DType::F32, {25000, 2}, path("scratch.bin"), before.size() + 1);
    QVERIFY_EXCEPTION_THROWN(fromFile.write(path("gone.npz")), Error);
    QVERIFY(!fs::exists(path("gone.npz")));
}

QTEST_APPLESS_MAIN(NpzTest)
#include "test_npz.moc"
