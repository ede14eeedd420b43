#include "ui/command_line.h"

#include <QLocale>
#include <QStringList>

#include <algorithm>

namespace body4d::ui {
namespace {

QString quoted(QString text) {
    return QLatin1Char('\'') + text.replace(QLatin1Char('\''), QStringLiteral("'\\''")) + QLatin1Char('\'');
}
QString quoted(const std::filesystem::path& path) {
    return quoted(QString::fromStdString(path.string()));
}

/// As short as possible, and read as the same number.
QString exact(double value) {
    return QString::number(value, 'g', QLocale::FloatingPointShortest);
}

/// As `--set KEY=VALUE` reads it.
QString valueText(const OptionValue& value) {
    if (const auto* on = std::get_if<bool>(&value)) {
        return *on ? QStringLiteral("on") : QStringLiteral("off");
    }
    if (const auto* whole = std::get_if<long long>(&value)) {
        return QString::number(*whole);
    }
    if (const auto* number = std::get_if<double>(&value)) {
        return exact(*number);
    }
    return QString::fromStdString(std::get<std::string>(value));
}

bool hasWords(const Target& target) {
    return target.absent.empty() && target.acceptedGuesses.empty() && target.rejectedGuesses.empty() &&
           std::none_of(target.prompts.begin(), target.prompts.end(),
                        [](const Prompt& p) { return p.mask != nullptr; });
}

/// What is said of a person, as `--person` reads it.
QString personWords(const Target& target) {
    QStringList said;
    const PersonTraits usual;
    const auto& traits = target.traits;
    const auto add = [&](const char* key, double value, double normal) {
        if (value != normal) {
            said << QStringLiteral("%1=%2").arg(QLatin1String(key), exact(value));
        }
    };
    add("height", traits.heightMetres * 100, usual.heightMetres);
    add("age", traits.age, usual.age);
    add("build", traits.build, usual.build);
    add("gender", traits.gender, usual.gender);
    said << QStringLiteral("colour=%1").arg(QString::fromStdString(target.colour));
    said << QStringLiteral("name=%1").arg(QString::fromStdString(target.name));
    return QStringLiteral("--person %1")
        .arg(quoted(QStringLiteral("%1:%2").arg(target.id).arg(said.join(QLatin1Char(',')))));
}

} // namespace

QString commandFor(const ProjectDocument& document, const std::filesystem::path& project) {
    if (!std::all_of(document.targets.begin(), document.targets.end(), hasWords)) {
        return QStringLiteral("body4d run %1").arg(quoted(project));
    }
    QStringList words{QStringLiteral("body4d run"), quoted(document.video.path)};
    for (const auto& target : document.targets) {
        for (const auto& prompt : target.prompts) {
            for (const auto& point : prompt.points) {
                words << QStringLiteral("--click %1:%2,%3%4@%5")
                             .arg(prompt.frame)
                             .arg(exact(point.x), exact(point.y),
                                  point.include ? QStringLiteral(":+") : QStringLiteral(":-"))
                             .arg(target.id);
            }
            if (const auto& box = prompt.box) {
                words << QStringLiteral("--box %1:%2,%3,%4,%5@%6")
                             .arg(prompt.frame)
                             .arg(exact(box->x0), exact(box->y0), exact(box->width()), exact(box->height()))
                             .arg(target.id);
            }
        }
        words << personWords(target);
    }
    const auto& options = document.options;
    words << QStringLiteral("--frames %1:%2").arg(document.range.begin).arg(document.range.end);
    words << QStringLiteral("--completion %1")
                 .arg(options.boolean("completion.enable") ? QStringLiteral("on") : QStringLiteral("off"));
    words << QStringLiteral("--batch %1").arg(options.integer("sam_3d_body.batch_size"));
    for (const auto& [key, value] : options.values()) {
        if (key != "completion.enable" && key != "sam_3d_body.batch_size" && !key.starts_with("export.")) {
            words << QStringLiteral("--set %1")
                         .arg(quoted(QString::fromStdString(key) + QLatin1Char('=') + valueText(value)));
        }
    }
    words << QStringLiteral("-o %1").arg(
        quoted(QString::fromStdString(document.video.path.stem().string() + "-body4d")));
    return words.join(QLatin1Char(' '));
}

} // namespace body4d::ui
