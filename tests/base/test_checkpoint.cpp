#include "base/checkpoint.h"
#include "base/error.h"
#include "base/files.h"

#include <QtTest>

#include <QTemporaryDir>

#include <complex>
#include <cstring>
#include <fstream>
#include <optional>
#include <random>
#include <string>

using namespace body4d;
using namespace std::string_literals;
namespace fs = std::filesystem;

namespace {

fs::path sample(const char* name) {
    return fs::path(BODY4D_SOURCE_DIR) / "tests" / "data" / "checkpoints" / name;
}

template <typename T>
T element(const CheckpointTensor& tensor, std::size_t i) {
    T value;
    std::memcpy(&value, tensor.bytes.data() + i * sizeof(T), sizeof(T));
    return value;
}

std::vector<float> floats(const CheckpointTensor& tensor) {
    std::vector<float> out;
    for (std::size_t i = 0; i < static_cast<std::size_t>(tensor.count()); ++i) {
        out.push_back(element<float>(tensor, i));
    }
    return out;
}

using Shape = std::vector<std::int64_t>;

/// A text as a pickle holds it.
std::string text(const std::string& value) {
    std::string out = "X";
    for (int i = 0; i < 4; ++i) {
        out.push_back(static_cast<char>(value.size() >> (8 * i)));
    }
    return out + value;
}

/// A float tensor over the values "0" as a pickle rebuilds it; the arguments are pickled tuples and numbers.
std::string tensor(const std::string& shape, const std::string& stride, const std::string& offset = "K\0"s) {
    return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") +
           "K\x02tQ" + offset + shape + stride + "\x89}tR";
}

} // namespace

class CheckpointTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyTypeComesBack_data();
    void everyTypeComesBack();
    void wrappersAreOpened();
    void scriptedModulesGiveTheirAttributes();
    void shardsAreOneModel();
    void shardsOutsideTheFolderAreRefused();
    void nothingIsExecuted();
    void largeFilesUseTheLongSizes();
    void claimsBeyondTheFileAreRefused();
    void endlessNestingEnds();
    void damagedFilesNeverCrash_data();
    void damagedFilesNeverCrash();

private:
    QTemporaryDir dir_;
    fs::path path(const std::string& name) const { return fs::path(dir_.path().toStdString()) / name; }
    fs::path withPickle(const std::string& pickle, const std::string& values = std::string(64, '\0')) const;
    /// Without waiting for the disk, unlike writeFileAtomically.
    static void write(const fs::path& file, std::span<const std::byte> bytes) {
        std::ofstream(file, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    static QString reasonOf(const fs::path& file);
};

/// A zip file as torch.save would lay it out, around a pickle of ours.
fs::path CheckpointTest::withPickle(const std::string& pickle, const std::string& values) const {
    std::string file, directory;
    int members = 0;
    const auto number = [](std::string& to, std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i) {
            to.push_back(static_cast<char>(value >> (8 * i)));
        }
    };
    const auto member = [&](const std::string& name, const std::string& content) {
        const auto at = file.size();
        const auto common = [&](std::string& to) {
            number(to, 20, 2);
            number(to, 0, 2);
            number(to, 0, 2); // stored
            number(to, 0, 4);
            number(to, 0, 4); // the checksum is not looked at
            number(to, content.size(), 4);
            number(to, content.size(), 4);
            number(to, name.size(), 2);
            number(to, 0, 2);
        };
        number(file, 0x04034b50, 4);
        common(file);
        file += name + content;
        number(directory, 0x02014b50, 4);
        number(directory, 20, 2);
        common(directory);
        number(directory, 0, 2);
        number(directory, 0, 4);
        number(directory, 0, 4);
        number(directory, at, 4);
        directory += name;
        ++members;
    };
    member("x/data.pkl", pickle);
    member("x/data/0", values);
    const auto start = file.size();
    file += directory;
    number(file, 0x06054b50, 4);
    number(file, 0, 4);
    number(file, static_cast<std::uint64_t>(members), 2);
    number(file, static_cast<std::uint64_t>(members), 2);
    number(file, directory.size(), 4);
    number(file, start, 4);
    number(file, 0, 2);
    write(path("made.pt"), std::as_bytes(std::span(file)));
    return path("made.pt");
}

QString CheckpointTest::reasonOf(const fs::path& file) {
    try {
        (void)Checkpoint::open(file);
        return {};
    } catch (const Error& e) {
        return QString::fromStdString(e.what());
    }
}

void CheckpointTest::everyTypeComesBack_data() {
    QTest::addColumn<QString>("file");
    for (const char* name : {"plain.pt", "protocol4.pt", "before_1_6.pt"}) {
        QTest::newRow(name) << name;
    }
}

void CheckpointTest::everyTypeComesBack() {
    QFETCH(QString, file);
    const auto open = Checkpoint::open(sample(qPrintable(file)));
    QCOMPARE(open.tensors().size(), std::size_t(16));
    QCOMPARE(floats(open.at("a.weight")), (std::vector<float>{0, 1, 2, 3, 4, 5}));
    QCOMPARE(open.at("a.weight").shape, (Shape{2, 3}));
    QCOMPARE(floats(open.at("a.bias")), (std::vector<float>{0.5F, -1.5F}));
    QVERIFY(open.at("half").dtype == DType::F16);
    QCOMPARE(halfToFloat(element<std::uint16_t>(open.at("half"), 2)), 0.5F);
    QVERIFY(open.at("bf16").dtype == DType::BF16);
    QCOMPARE(int(element<std::uint16_t>(open.at("bf16"), 4)), 0x3f00); // 0.5
    QCOMPARE(element<double>(open.at("double"), 1), 1.0 / 3);
    QCOMPARE(element<std::int64_t>(open.at("long"), 1), std::int64_t{1} << 40);
    QCOMPARE(element<std::int32_t>(open.at("int"), 0), 7);
    QCOMPARE(int(element<std::int16_t>(open.at("short"), 0)), -3);
    QCOMPARE(int(element<std::uint8_t>(open.at("byte"), 0)), 255);
    QVERIFY(open.at("bool").dtype == DType::Bool);
    QCOMPARE(int(element<std::uint8_t>(open.at("bool"), 1)), 0);
    QVERIFY(open.at("complex").dtype == DType::C64);
    QVERIFY(element<std::complex<float>>(open.at("complex"), 1) == std::complex<float>(0, -3.5F));
    QCOMPARE(open.at("scalar").shape, Shape{});
    QCOMPARE(element<float>(open.at("scalar"), 0), 2.25F);
    QCOMPARE(open.at("empty").shape, (Shape{0, 4}));
    QCOMPARE(open.at("empty").bytes.size(), std::size_t(0));
    // Views of one set of values.
    const auto &shared = open.at("shared"), &turned = open.at("transposed"), &cut = open.at("slice");
    QVERIFY(shared.contiguous());
    QCOMPARE(turned.shape, (Shape{6, 4}));
    QCOMPARE(turned.strides, (Shape{1, 6}));
    QCOMPARE(turned.bytes.data(), shared.bytes.data());
    QCOMPARE(cut.shape, (Shape{2, 3}));
    QCOMPARE(cut.strides, (Shape{6, 1}));
    QCOMPARE(element<float>(cut, 0), 8.F);
    QCOMPARE(element<float>(cut, 8), 16.F);
    QCOMPARE(cut.bytes.size(), std::size_t(9 * 4)); // to the last value and no further
}

void CheckpointTest::wrappersAreOpened() {
    for (const char* name : {"ordered.pt", "nested.pt", "trainer.ckpt"}) {
        const auto file = Checkpoint::open(sample(name));
        QCOMPARE(floats(file.at("proj.weight")), (std::vector<float>{0, 1, 2, 3, 4, 5}));
        QCOMPARE(floats(file.at("layers.1.weight")), (std::vector<float>{1, 1, 1, 1}));
        QCOMPARE(file.tensors().size(), std::size_t(QByteArray(name) == "nested.pt" ? 6 : 7)); // parameters only
    }
    const auto nested = Checkpoint::open(sample("nested.pt"));
    QCOMPARE(nested.metadata().at("version"), std::string("2.0"));
    QCOMPARE(nested.metadata().at("model_config"),
             std::string("{\"encoder\":{\"depth\":3,\"names\":[\"a\",\"b\"]},\"flag\":true,\"nothing\":null,\"scale\":0.5}"));
    QCOMPARE(Checkpoint::open(sample("trainer.ckpt")).metadata().at("epoch"), std::string("3"));
}

void CheckpointTest::scriptedModulesGiveTheirAttributes() {
    const auto file = Checkpoint::open(sample("scripted.pt"));
    QCOMPARE(floats(file.at("proj.bias")), (std::vector<float>{9, 8}));
    QCOMPARE(floats(file.at("layers.0.bias")), (std::vector<float>{0, 0, 0, 0}));
    QCOMPARE(element<std::int64_t>(file.at("steps"), 0), std::int64_t(3));
    QCOMPARE(file.tensors().size(), std::size_t(7));
}

void CheckpointTest::shardsAreOneModel() {
    for (const int i : {1, 2}) {
        SafetensorsWriter writer;
        writer.add("layer" + std::to_string(i), std::vector<float>{float(i), 10.F * float(i)}, {2});
        writer.setMetadata("format", "pt");
        writer.write(path("part" + std::to_string(i) + ".safetensors"));
    }
    writeFileAtomically(path("model.safetensors.index.json"), std::string_view(
        R"({"metadata": {"total_size": 16}, "weight_map": {"layer1": "part1.safetensors", "layer2": "part2.safetensors"}})"));
    std::optional<Checkpoint> file = Checkpoint::open(path("model.safetensors.index.json"));
    QCOMPARE(floats(file->at("layer2")), (std::vector<float>{2, 20}));
    QCOMPARE(file->tensors().size(), std::size_t(2));
    // The bytes outlive the object that opened them while somebody holds their owner.
    const auto owner = file->owner();
    const CheckpointTensor kept = file->at("layer1");
    file.reset();
    QCOMPARE(floats(kept), (std::vector<float>{1, 10}));

    writeFileAtomically(path("lacking.index.json"),
                        std::string_view(R"({"weight_map": {"layer3": "part1.safetensors"}})"));
    QVERIFY(reasonOf(path("lacking.index.json")).contains("layer3"));
    writeFileAtomically(path("absent.index.json"),
                        std::string_view(R"({"weight_map": {"layer1": "part9.safetensors"}})"));
    QVERIFY(reasonOf(path("absent.index.json")).contains("part9"));
}

void CheckpointTest::shardsOutsideTheFolderAreRefused() {
    for (const char* name : {"../part1.safetensors", "/etc/hostname", "sub/part1.safetensors", ".."}) {
        writeFileAtomically(path("escaping.index.json"),
                            std::string_view("{\"weight_map\": {\"layer1\": \"" + std::string(name) + "\"}}"));
        QVERIFY2(reasonOf(path("escaping.index.json")).contains("outside"), name);
    }
}

void CheckpointTest::nothingIsExecuted() {
    // os.system("touch FILE") beside a tensor, which is read as if the call were not there.
    const auto witness = path("executed").string();
    const auto pickle = "\x80\x02}("s + text("evil") + "cos\nsystem\n" + text("touch " + witness) + "\x85R" +
                        text("w") + tensor("K\x02\x85"s, "K\x01\x85"s) + "u.";
    const auto file = Checkpoint::open(withPickle(pickle, "\0\0\x80\x3f\0\0\0\x40"s));
    QCOMPARE(file.tensors().size(), std::size_t(1));
    QCOMPARE(floats(file.at("w")), (std::vector<float>{1, 2}));
    QVERIFY(!fs::exists(witness));
}

void CheckpointTest::largeFilesUseTheLongSizes() {
    // Above 4 GiB a zip file has 64-bit sizes; PyTorch's own writer marks them so in small files too.
    auto bytes = readFile(withPickle("\x80\x02}"s + text("w") + tensor("K\x02\x85"s, "K\x01\x85"s) + "s.",
                                     "\0\0\x80\x3f\0\0\0\x40"s));
    std::string file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto number = [](std::uint64_t value, int size) {
        std::string out;
        for (int i = 0; i < size; ++i) {
            out.push_back(static_cast<char>(value >> (8 * i)));
        }
        return out;
    };
    const auto directory = file.find("PK\x01\x02"s), end = file.rfind("PK\x05\x06"s);
    const auto second = file.find("PK\x01\x02"s, directory + 4);
    // The second member's entry moves its sizes and place into the field for 64 bits.
    std::string entry = file.substr(second, end - second);
    const auto place = static_cast<unsigned char>(entry[42]) + 256U * static_cast<unsigned char>(entry[43]);
    entry.replace(20, 8, std::string(8, '\xff'));
    entry.replace(42, 4, std::string(4, '\xff'));
    entry.replace(30, 2, number(28, 2));
    entry += number(1, 2) + number(24, 2) + number(8, 8) + number(8, 8) + number(place, 8);
    const auto first = file.substr(directory, second - directory);
    file.resize(directory);
    file += first + entry;
    const auto end64 = file.size();
    file += "PK\x06\x06"s + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 8) + number(2, 8) + number(2, 8) +
            number(first.size() + entry.size(), 8) + number(directory, 8);
    file += "PK\x06\x07"s + number(0, 4) + number(end64, 8) + number(1, 4);
    file += "PK\x05\x06"s + number(0, 4) + std::string(12, '\xff') + number(0, 2);
    writeFileAtomically(path("long.pt"), std::string_view(file));
    QCOMPARE(floats(Checkpoint::open(path("long.pt")).at("w")), (std::vector<float>{1, 2}));
}

void CheckpointTest::claimsBeyondTheFileAreRefused() {
    const auto reason = [&](const std::string& shape, const std::string& stride, const std::string& offset = "K\0"s) {
        return reasonOf(withPickle("\x80\x02}"s + text("w") + tensor(shape, stride, offset) + "s.", std::string(16, '\0')));
    };
    const auto huge = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"s; // the largest 64-bit number
    QVERIFY(reason("K\x05\x85", "K\x01\x85").contains("outside"));
    QVERIFY(reason("K\x02\x85", "K\x04\x85").contains("outside"));
    QVERIFY(reason("K\x02\x85", "K\x01\x85", "K\x03").contains("outside"));
    QVERIFY(reason(huge + "\x85", "K\x01\x85").contains("outside"));
    QVERIFY(reason(huge + huge + "\x86", "K\x01K\x01\x86").contains("impossible"));
    QVERIFY(reason("K\x02\x85", huge + "\x85").contains("outside"));
    QVERIFY(reason("K\x02K\x02\x86", huge + huge + "\x86").contains("impossible"));
    QVERIFY(reason("J\xff\xff\xff\xff\x85", "K\x01\x85").contains("impossible"));
    QVERIFY(reason("K\x02\x85", "K\x01\x85", huge).contains("impossible"));
    QVERIFY(reason("K\x02\x85", "K\x01\x85", "J\xff\xff\xff\x7f").contains("outside"));
    // One value that claims to be a billion: small files must not ask for gigabytes.
    QVERIFY(reason("J\x00\xca\x9a\x3b\x85"s, "K\0\x85"s).contains("outside"));
    QCOMPARE(reason("K\x02\x85", "K\x01\x85"), QString());
}

void CheckpointTest::endlessNestingEnds() {
    // A dict that holds itself, and lists that double at each of 60 levels.
    QVERIFY(!reasonOf(withPickle("\x80\x02}q\0"s + text("again") + "h\0s."s)).isEmpty());
    std::string doubling = "\x80\x02]q\0"s;
    for (char i = 1; i < 60; ++i) {
        doubling += "](h"s + char(i - 1) + "h" + char(i - 1) + "eq" + i;
    }
    QVERIFY(!reasonOf(withPickle(doubling + ".")).isEmpty());
}

void CheckpointTest::damagedFilesNeverCrash_data() {
    QTest::addColumn<QString>("file");
    for (const char* name : {"plain.pt", "protocol4.pt", "before_1_6.pt", "trainer.ckpt", "scripted.pt"}) {
        QTest::newRow(name) << name;
    }
}

void CheckpointTest::damagedFilesNeverCrash() {
    QFETCH(QString, file);
    const auto good = readFile(sample(qPrintable(file)));
    std::mt19937 random(17);
    int refused = 0;
    std::size_t touched = 0;
    for (int round = 0; round < 300; ++round) {
        auto bad = good;
        if (round % 3 == 0) {
            bad.resize(random() % bad.size());
        }
        // Few bytes for deep damage, many for shallow; in half of the rounds where the pickle and the directory lie.
        for (unsigned k = 0; !bad.empty() && k < 1 + random() % 8; ++k) {
            const auto range = round % 2 == 0 ? bad.size() : std::min<std::size_t>(bad.size(), 1500);
            bad[random() % range] = static_cast<std::byte>(random());
        }
        write(path("bad.pt"), bad);
        try {
            const auto open = Checkpoint::open(path("bad.pt"));
            for (const auto& [name, tensor] : open.tensors()) {
                for (const std::byte b : tensor.bytes) { // all of it must be readable
                    touched += std::to_integer<std::size_t>(b);
                }
            }
        } catch (const Error& e) {
            QVERIFY(!std::string(e.what()).empty());
            ++refused;
        }
    }
    QVERIFY2(refused > 50, qPrintable(QString::number(refused)));
    QVERIFY(touched > 0);
}

QTEST_APPLESS_MAIN(CheckpointTest)
#include "test_checkpoint.moc"
