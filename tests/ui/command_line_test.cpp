// The copied command, taken apart by a shell and read as the program reads it, is the document again.
#include "ui/command_line.h"

#include <QProcess>
#include <QTest>

#include "cli/clicks.h"

using namespace body4d;

namespace {

/// Words as a program gets them from the shell.
QStringList wordsOf(const QString& command) {
    QProcess shell;
    shell.start(QStringLiteral("/bin/sh"),
                {QStringLiteral("-c"), QStringLiteral("printf '%s\\n' ") + command});
    shell.waitForFinished();
    QString out = QString::fromUtf8(shell.readAllStandardOutput());
    out.chop(1);
    return out.split(QLatin1Char('\n'));
}

ProjectDocument readBack(const QStringList& words) {
    ProjectDocument document;
    std::vector<cli::Click> clicks;
    std::vector<cli::BoxClick> boxes;
    std::vector<cli::PersonFacts> persons;
    document.video.path = words.at(2).toStdString();
    for (qsizetype i = 3; i + 1 < words.size(); i += 2) {
        const auto value = words[i + 1].toStdString();
        if (words[i] == QLatin1String("--click")) {
            clicks.push_back(cli::parseClick(value));
        } else if (words[i] == QLatin1String("--box")) {
            boxes.push_back(cli::parseBox(value));
        } else if (words[i] == QLatin1String("--person")) {
            persons.push_back(cli::parsePerson(value));
        } else if (words[i] == QLatin1String("--frames")) {
            document.range = cli::parseFrames(value, 1000);
        } else if (words[i] == QLatin1String("--completion")) {
            document.options.setFromText("completion.enable", value);
        } else if (words[i] == QLatin1String("--batch")) {
            document.options.setFromText("sam_3d_body.batch_size", value);
        } else if (words[i] == QLatin1String("--set")) {
            const auto equals = value.find('=');
            document.options.setFromText(value.substr(0, equals), value.substr(equals + 1));
        }
    }
    cli::applyClicks(document, clicks, boxes);
    cli::applyPersons(document, persons);
    return document;
}

} // namespace

class CommandLineTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theCopiedCommandIsTheDocumentAgain() {
        ProjectDocument document;
        document.video.path = "/videos/it's a $HOME \"walk\".mp4";
        document.range = {3, 90};
        auto& first = document.addTarget(1);
        Prompt prompt;
        prompt.frame = 12;
        prompt.points = {{285.0 + 1.0 / 3, 235.1, true}, {10, 20, false}};
        prompt.box = Box{200.125, 100, 350.5, 400};
        first.prompts = {prompt};
        first.name = "Anna, \"the\" tall 'one'";
        first.traits.heightMetres = 1.78;
        first.traits.age = 1.0 / 3;
        first.traits.build = 0.8;
        auto& second = document.addTarget(4);
        prompt.box.reset();
        prompt.frame = 40;
        second.prompts = {prompt};
        second.colour = "#A58BFF";
        document.options.set("completion.enable", false);
        document.options.set("sam_3d_body.batch_size", 8LL);
        document.options.set("reconstruct.fps", 7.5);
        document.options.set("smoothing.arms", 1.0 / 3);
        document.options.set("engines.reconstruct", std::string("sam3d_body"));
        const auto words = wordsOf(ui::commandFor(document, "/projects/walk.body4d"));
        QCOMPARE(words.mid(0, 2), (QStringList{"body4d", "run"}));
        const auto back = readBack(words);
        QCOMPARE(back.video.path, document.video.path);
        QVERIFY(back.range == document.range);
        QVERIFY(back.options == document.options);
        QCOMPARE(back.targets.size(), document.targets.size());
        for (const auto& target : document.targets) {
            const auto* same = back.target(target.id);
            QVERIFY(same);
            QCOMPARE(same->name, target.name);
            QCOMPARE(same->colour, target.colour);
            QCOMPARE(same->traits.heightMetres, target.traits.heightMetres);
            QCOMPARE(same->traits.age, target.traits.age);
            QCOMPARE(same->traits.build, target.traits.build);
            QCOMPARE(same->prompts.size(), target.prompts.size());
            for (std::size_t p = 0; p < target.prompts.size(); ++p) {
                const auto &a = same->prompts[p], &b = target.prompts[p];
                QCOMPARE(a.frame, b.frame);
                QCOMPARE(a.points.size(), b.points.size());
                for (std::size_t k = 0; k < b.points.size(); ++k) {
                    QVERIFY(a.points[k].x == b.points[k].x && a.points[k].y == b.points[k].y);
                    QCOMPARE(a.points[k].include, b.points[k].include);
                }
                QCOMPARE(a.box.has_value(), b.box.has_value());
                if (b.box) {
                    QVERIFY(std::abs(a.box->x1 - b.box->x1) < 1e-9 && a.box->y0 == b.box->y0);
                }
            }
        }
    }

    void whatHasNoWordsRunsTheProject() {
        const auto command = [](const std::function<void(Target&)>& edit) {
            ProjectDocument document;
            document.video.path = "/videos/a.mp4";
            auto& target = document.addTarget();
            target.prompts.resize(1);
            target.prompts[0].points = {{1, 2, true}};
            edit(target);
            return ui::commandFor(document, "/projects/it's.body4d");
        };
        QVERIFY(command([](Target&) {}).contains(QStringLiteral("--click 0:1,2:+@1")));
        const QString whole = QStringLiteral("body4d run '/projects/it'\\''s.body4d'");
        QCOMPARE(command([](Target& t) { t.prompts[0].mask = std::make_shared<const RleMask>(); }), whole);
        QCOMPARE(command([](Target& t) { t.absent = {{3, 5}}; }), whole);
        QCOMPARE(command([](Target& t) { t.rejectedGuesses = {{3, 5}}; }), whole);
    }
};

QTEST_GUILESS_MAIN(CommandLineTest)
#include "command_line_test.moc"
