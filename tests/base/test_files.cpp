#include "base/error.h"
#include "base/files.h"

#include <QtTest>

#include <QTemporaryDir>

using namespace body4d;
namespace fs = std::filesystem;

class FilesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void writesAndReads();
    void anExceptionLeavesTheOldContent();
    void aFolderThatRefusesIsExplained();
    void missingFilesAreExplained();
    void sha256MatchesTheStandard();

private:
    QTemporaryDir dir_;
    fs::path path(const char* name) const { return fs::path(dir_.path().toStdString()) / name; }
    std::size_t entries(const fs::path& folder) const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
    }
};

void FilesTest::writesAndReads() {
    const fs::path file = path("a/b/text.txt");
    writeFileAtomically(file, std::string_view("one"));
    writeFileAtomically(file, std::string_view("two"));
    QCOMPARE(readTextFile(file), std::string("two"));
    QCOMPARE(entries(file.parent_path()), std::size_t(1));
    writeFileAtomically(path("empty"), std::string_view(""));
    QCOMPARE(readFile(path("empty")).size(), std::size_t(0));
}

void FilesTest::anExceptionLeavesTheOldContent() {
    const fs::path file = path("keep/text.txt");
    writeFileAtomically(file, std::string_view("old"));
    QVERIFY_EXCEPTION_THROWN(writeFileAtomically(file,
                                                 [](const fs::path& temporary) {
                                                     writeFileAtomically(temporary, std::string_view("half"));
                                                     throw std::runtime_error("stopped");
                                                 }),
                             std::runtime_error);
    QCOMPARE(readTextFile(file), std::string("old"));
    QCOMPARE(entries(file.parent_path()), std::size_t(1));
}

void FilesTest::aFolderThatRefusesIsExplained() {
    // /proc refuses new files even to root, for whom permissions do not count.
    try {
        writeFileAtomically("/proc/body4d/test.txt", std::string_view("x"));
        QFAIL("no error");
    } catch (const Error& e) {
        QCOMPARE(int(e.code()), int(ErrorCode::Output));
        QVERIFY(QString(e.what()).contains("test.txt"));
        QVERIFY(!e.remedy().empty());
    }
}

void FilesTest::missingFilesAreExplained() {
    try {
        (void)readFile(path("nothing.bin"));
        QFAIL("no error");
    } catch (const Error& e) {
        QCOMPARE(int(e.code()), int(ErrorCode::Input));
        QVERIFY(QString(e.what()).contains("nothing.bin"));
    }
}

void FilesTest::sha256MatchesTheStandard() {
    const auto hash = [](std::string_view text) { return sha256(std::as_bytes(std::span(text.data(), text.size()))); };
    QCOMPARE(hash(""), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    QCOMPARE(hash("abc"), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    QCOMPARE(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
             std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
}

QTEST_APPLESS_MAIN(FilesTest)
#include "test_files.moc"
