#include "base/safetensors_stream.h"

#include <QtTest>

#include <QTemporaryDir>

#include <cmath>
#include <fstream>
#include <random>

using namespace body4d;
namespace fs = std::filesystem;

class SafetensorsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tensorsComeBack();
    void wrongNamesShapesAndTypesAreNamed();
    void sizesAreWholeNumbers();
    void damagedFilesNeverCrash();
    void halvesConvert();
    void rowsComeInAnyOrder();
    void everyChangedBitIsNoticed();

private:
    QTemporaryDir dir_;
    fs::path path(const char* name) const { return fs::path(dir_.path().toStdString()) / name; }
    fs::path sample() const {
        SafetensorsWriter writer;
        writer.add("points", std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
        writer.add("ids", std::vector<std::int32_t>{7, 8}, {2});
        writer.add("nothing", std::vector<double>{}, {0, 3});
        writer.setMetadata("names", "[\"a\"]");
        writer.write(path("sample.safetensors"));
        return path("sample.safetensors");
    }
};

void SafetensorsTest::tensorsComeBack() {
    const SafetensorsFile file(sample());
    QCOMPARE(file.values<float>("points", {2, 3}), (std::vector<float>{1, 2, 3, 4, 5, 6}));
    QCOMPARE(file.values<double>("points", {-1, 3}).at(5), 6.0);
    QCOMPARE(file.values<std::int32_t>("ids"), (std::vector<std::int32_t>{7, 8}));
    QCOMPARE(file.values<double>("nothing").size(), std::size_t(0));
    QCOMPARE(file.metadata().at("names"), std::string("[\"a\"]"));
}

void SafetensorsTest::wrongNamesShapesAndTypesAreNamed() {
    const SafetensorsFile file(sample());
    const auto message = [&](auto fn) {
        try {
            fn();
        } catch (const Error& e) {
            return QString(e.what());
        }
        return QString();
    };
    QVERIFY(message([&] { (void)file.at("absent"); }).contains("absent"));
    QVERIFY(message([&] { (void)file.values<float>("points", {3, 2}); }).contains("points"));
    QVERIFY(message([&] { (void)file.values<float>("ids"); }).contains("ids"));
}

void SafetensorsTest::sizesAreWholeNumbers() {
    const auto opens = [&](std::string header) {
        header.resize(96, ' ');
        const std::uint64_t size = header.size();
        std::ofstream out(path("sizes.safetensors"), std::ios::binary);
        out.write(reinterpret_cast<const char*>(&size), 8);
        out.write(header.data(), static_cast<std::streamsize>(header.size()));
        out.write("12345678", 8);
        out.close();
        try {
            return SafetensorsFile(path("sizes.safetensors")).tensors().size() == 1;
        } catch (const Error&) {
            return false;
        }
    };
    QVERIFY(opens(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})"));
    QVERIFY(opens(R"({"x":{"dtype":"F64","shape":[],"data_offsets":[0,8]}})"));
    QVERIFY(!opens(R"({"x":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})"));
    QVERIFY(!opens(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8.5]}})"));
    QVERIFY(!opens(R"({"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})"));
    QVERIFY(!opens(R"({"x":{"dtype":"F64","shape":null,"data_offsets":[0,8]}})"));
    // More than 64 bits hold: JSON makes a floating point number of it.
    QVERIFY(!opens(R"({"x":{"dtype":"F32","shape":[4611686611686018427387904,0],"data_offsets":[0,0]}})"));
}

void SafetensorsTest::damagedFilesNeverCrash() {
    const auto good = readFile(sample());
    std::mt19937 random(11);
    int refused = 0;
    for (int round = 0; round < 600; ++round) {
        auto bad = good;
        if (round % 3 == 0) {
            bad.resize(random() % bad.size());
        } else {
            for (int k = 0; k < 3; ++k) {
                bad[random() % (round % 3 == 1 ? 8 : bad.size())] = static_cast<std::byte>(random());
            }
        }
        // Not writeFileAtomically: waiting for the disk 600 times would take longer than all the rest.
        std::ofstream(path("bad.safetensors"), std::ios::binary)
            .write(reinterpret_cast<const char*>(bad.data()), static_cast<std::streamsize>(bad.size()));
        try {
            const SafetensorsFile file(path("bad.safetensors"));
            for (const auto& [name, tensor] : file.tensors()) {
                QCOMPARE(tensor.bytes.size(), static_cast<std::size_t>(tensor.count()) * byteSize(tensor.dtype));
            }
        } catch (const Error&) {
            ++refused;
        }
    }
    QVERIFY(refused > 200);
}

void SafetensorsTest::halvesConvert() {
    QCOMPARE(halfToFloat(0x3c00), 1.0F);
    QCOMPARE(halfToFloat(0xc000), -2.0F);
    QCOMPARE(halfToFloat(0x0001), std::ldexp(1.0F, -24));
    QCOMPARE(halfToFloat(0x7bff), 65504.0F);
    QVERIFY(std::isinf(halfToFloat(0x7c00)));
    QVERIFY(std::isnan(halfToFloat(0x7e00)));
}

void SafetensorsTest::rowsComeInAnyOrder() {
    const std::map<std::string, std::string> metadata = {{"key", "value"}};
    writeFileAtomically(path("rows.safetensors"), [&](const fs::path& temporary) {
        SafetensorsStream out(temporary, path("rows.safetensors"),
                              {{"points", {DType::F32, {4, 2}}}, {"ids", {DType::I32, {4}}}, {"last", {DType::F64, {1, 3}}}}, 64);
        out.put("points", 2, std::vector<float>{5, 6});
        out.put("ids", 0, std::vector<std::int32_t>{1, 2, 3, 4});
        out.put("points", 0, std::vector<float>{1, 2, 3, 4});
        QVERIFY_EXCEPTION_THROWN(out.put("points", 3, std::vector<float>{1, 2, 3}), std::logic_error);
        QVERIFY_EXCEPTION_THROWN(out.put("ids", 0, std::vector<float>{1}), std::logic_error);
        out.finish(metadata);
    });
    const SafetensorsFile file(path("rows.safetensors"));
    QVERIFY(file.metadata() == metadata);
    QCOMPARE(file.values<float>("points", {4, 2}), (std::vector<float>{1, 2, 3, 4, 5, 6, 0, 0}));
    QCOMPARE(file.values<std::int32_t>("ids", {4}), (std::vector<std::int32_t>{1, 2, 3, 4}));
    QCOMPARE(file.values<double>("last", {1, 3}), (std::vector<double>{0, 0, 0}));
    QCOMPARE(rowValues<float>(file, "points", 1, 3, {4, 2}), (std::vector<float>{3, 4, 5, 6}));
    QVERIFY(rowValues<float>(file, "points", 4, 4, {-1, 2}).empty());
    QVERIFY_EXCEPTION_THROWN((void)rowValues<float>(file, "points", 3, 5, {4, 2}), Error);
    QVERIFY_EXCEPTION_THROWN((void)rowValues<double>(file, "points", 0, 1, {4, 2}), Error);
    QVERIFY_EXCEPTION_THROWN((void)rowValues<float>(file, "points", 0, 1, {4, 3}), Error);
}

void SafetensorsTest::everyChangedBitIsNoticed() {
    const auto good = readFile(sample());
    const SafetensorsFile written(path("sample.safetensors"));
    requireSound(path("sample.safetensors"));
    QVERIFY(!written.metadata().contains("crc32"));
    const auto soundCopy = [&](const std::vector<std::byte>& bytes) {
        std::ofstream(path("flipped.safetensors"), std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        try {
            const SafetensorsFile file(path("flipped.safetensors"));
            requireSound(path("flipped.safetensors"));
            return file.values<float>("points") == written.values<float>("points") &&
                           file.values<std::int32_t>("ids") == written.values<std::int32_t>("ids")
                       ? 1
                       : 2;
        } catch (const Error&) {
            return 0;
        }
    };
    int passed = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bad = good;
        bad[i] ^= std::byte{1} << (i % 8);
        const int result = soundCopy(bad);
        QVERIFY2(result < 2, qPrintable(QString::number(i)));
        passed += result;
    }
    QVERIFY(passed <= 5); // a file whose word for the checksum is another one has none

    // Files of others have none.
    std::string header = R"({"points":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    header.append(8 - header.size() % 8, ' ');
    const std::uint64_t size = header.size();
    const float value = 5;
    std::ofstream out(path("foreign.safetensors"), std::ios::binary);
    out.write(reinterpret_cast<const char*>(&size), 8).write(header.data(), static_cast<std::streamsize>(header.size()));
    out.write(reinterpret_cast<const char*>(&value), 4);
    out.close();
    const SafetensorsFile foreign(path("foreign.safetensors"));
    requireSound(path("foreign.safetensors"));
    QCOMPARE(foreign.values<float>("points"), std::vector<float>{5});
}

QTEST_APPLESS_MAIN(SafetensorsTest)
#include "test_safetensors.moc"
