#include <QtTest>

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <thread>

#include "nn/torch_plugin.h"

using namespace body4d;

class TorchPluginTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void askingForTheLoadedOneLoadsNothing();
    void loadsWhereItWasBuilt();
    void memoryOfTheDevicesIsTold();
    void pluginsOfOtherBuildsAreRefusedInWords();
    void theHashFollowsTheHeaders();
};

namespace {

void write(const QString& path, const QByteArray& text) {
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
}

/// What the build's script says of a tree.
QByteArray hashOf(const QString& root) {
    const QString out = root + QStringLiteral("/out/interface.h");
    const int rc = QProcess::execute(QStringLiteral(BODY4D_CMAKE_COMMAND),
                                     {"-DROOT=" + root, "-DHEADERS=models/a.h", "-DSALT=x", "-DNAME=HASH", "-DOUT=" + out, "-P",
                                      QStringLiteral(BODY4D_INTERFACE_SCRIPT)});
    QFile file(out);
    return rc == 0 && file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

void TorchPluginTest::pluginsOfOtherBuildsAreRefusedInWords() {
#ifdef BODY4D_WITH_TORCH
    QVERIFY2(torchPlugin().plugin != nullptr, torchPlugin().reason.c_str());
    for (const char* module : {BODY4D_OLD_PLUGIN, BODY4D_FOREIGN_PLUGIN}) {
        const auto status = loadTorchPlugin(module, torchPlugin().torchRoot); // either would end the process if it were called
        QVERIFY(status.plugin == nullptr);
        QVERIFY2(status.reason.find("belong to another build") != std::string::npos, status.reason.c_str());
        QVERIFY(status.remedy.find("Install both from one release") != std::string::npos);
    }
#else
    QVERIFY(!loadTorchPlugin({}, {}).reason.empty());
#endif
}

void TorchPluginTest::theHashFollowsTheHeaders() {
    QTemporaryDir folder;
    const auto at = [&](const char* name) { return folder.filePath(QString::fromLatin1(name)); };
    write(at("models/a.h"), "#include \"base/b.h\"\n#include <vector>\nstruct A { B b; };\n");
    write(at("base/b.h"), "#include \"models/a.h\"\nstruct B { int x; };\n");
    write(at("base/c.h"), "struct C {};\n");
    const auto first = hashOf(folder.path());
    QVERIFY(first.contains("#define HASH \""));
    QCOMPARE(hashOf(folder.path()), first);
    write(at("base/c.h"), "struct C { int unrelated; };\n");
    QCOMPARE(hashOf(folder.path()), first);
    write(at("base/b.h"), "#include \"models/a.h\"\nstruct B { long x; };\n"); // reached through another header
    QVERIFY(hashOf(folder.path()) != first);
}

void TorchPluginTest::loadsWhereItWasBuilt() {
    const TorchPluginStatus* status = nullptr;
    std::jthread([&] { status = &torchPlugin(); }).join(); // as the program does: on a worker
#ifdef BODY4D_WITH_TORCH
    QVERIFY2(status->plugin != nullptr, status->reason.c_str());
    QVERIFY(QString::fromStdString(status->plugin->version()).startsWith("2."));
#else
    QVERIFY(status->plugin == nullptr);
    QVERIFY(!status->reason.empty());
    QVERIFY(!status->remedy.empty());
#endif
}

void TorchPluginTest::askingForTheLoadedOneLoadsNothing() {
    QVERIFY(loadedTorchPlugin() == nullptr); // runs first
}

void TorchPluginTest::memoryOfTheDevicesIsTold() {
    if (torchPlugin().plugin == nullptr) {
        QSKIP("built without LibTorch (packaging/setup.sh --torch on)");
    }
    auto& plugin = *torchPlugin().plugin;
    QCOMPARE(loadedTorchPlugin(), &plugin);
    QCOMPARE(plugin.allocator(-1).current, std::int64_t(0));
    plugin.resetPeak(-1);
    plugin.emptyCache();
    for (const auto& device : plugin.devices()) {
        QVERIFY(!device.name.empty() && device.totalBytes > 0 && device.freeBytes <= device.totalBytes);
    }
}

QTEST_APPLESS_MAIN(TorchPluginTest)
#include "test_torch_plugin.moc"
