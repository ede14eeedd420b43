#include "ui/controllers/session_guard.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

using namespace body4d::ui;

class SessionGuardTest : public QObject {
    Q_OBJECT
    QTemporaryDir home_;
    std::filesystem::path notes() const { return home_.filePath("sessions").toStdString(); }
    std::filesystem::path project(const QString& name) const {
        QDir(home_.path()).mkpath(name);
        QFile file(home_.filePath(name + "/project.yaml"));
        [&] { QVERIFY(file.open(QIODevice::WriteOnly)); }();
        return home_.filePath(name).toStdString();
    }
    void note(qint64 process, const std::filesystem::path& path) const {
        QDir().mkpath(QString::fromStdString(notes().string()));
        QFile file(QString::fromStdString(notes().string()) + QString("/%1.session").arg(process));
        [&] { QVERIFY(file.open(QIODevice::WriteOnly)); }();
        file.write(QByteArray::fromStdString(path.string()));
    }
    /// The number of a process that has just ended.
    static qint64 deadProcess() {
        QProcess process;
        process.start("true", {});
        [&] { QVERIFY(process.waitForStarted()); }();
        const auto id = process.processId();
        process.waitForFinished();
        return id;
    }

private Q_SLOTS:
    void anOrderlyEndLeavesNothing() {
        const auto p = project("a.body4d");
        {
            const SessionGuard guard(notes());
            guard.opened(p);
            QVERIFY(std::filesystem::exists(notes() / (std::to_string(::getpid()) + ".session")));
            QVERIFY(guard.takeAbandoned().empty()); // this process lives
        }
        QVERIFY(SessionGuard(notes()).takeAbandoned().empty());
        QVERIFY(!std::filesystem::exists(notes() / (std::to_string(::getpid()) + ".session")));
    }
    void whatACrashLeftIsToldOnce() {
        const auto p = project("b.body4d");
        note(deadProcess(), p);
        const SessionGuard guard(notes());
        QCOMPARE(guard.takeAbandoned(), std::vector<std::filesystem::path>{p});
        QVERIFY(guard.takeAbandoned().empty());
    }
    void goneProjectsAndLivingProcessesAreLeftAlone() {
        note(deadProcess(), home_.filePath("gone.body4d").toStdString());
        QProcess living;
        living.start("sleep", {"60"});
        QVERIFY(living.waitForStarted());
        note(living.processId(), project("c.body4d"));
        const SessionGuard guard(notes());
        QVERIFY(guard.takeAbandoned().empty());
        QVERIFY(std::filesystem::exists(notes() / (std::to_string(living.processId()) + ".session")));
        living.kill();
        living.waitForFinished();
        QCOMPARE(guard.takeAbandoned().size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(SessionGuardTest)
#include "session_guard_test.moc"
