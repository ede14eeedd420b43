#include "ui/panels/option_field.h"

#include "ui/controllers/core_text.h"
#include "ui/controllers/project_controller.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QSignalBlocker>
#include <QSpinBox>

#include <map>
#include <variant>

namespace body4d::ui {
namespace {

/// Keeps a field equal to the document.
template <class Field, class Show>
void follow(ProjectController& project, Field* field, Show show) {
    const auto load = [&project, field, show] {
        const QSignalBlocker quiet(field);
        show(project.document().options);
        field->setEnabled(project.isOpen());
    };
    QObject::connect(&project, &ProjectController::documentChanged, field, load);
    QObject::connect(&project, &ProjectController::opened, field, load);
    QObject::connect(&project, &ProjectController::closed, field, load);
    load();
}

QString spoken(const std::string& choice) {
    static const std::map<std::string, const char*> words{
        {"gltf", QT_TRANSLATE_NOOP("QComboBox", "glTF: y up")},  {"opencv", QT_TRANSLATE_NOOP("QComboBox", "OpenCV: y down")},
        {"z_up", QT_TRANSLATE_NOOP("QComboBox", "Blender: z up")}, {"own", QT_TRANSLATE_NOOP("QComboBox", "The body's own bones")},
        {"mixamo", QT_TRANSLATE_NOOP("QComboBox", "Mixamo names")}, {"skinned", QT_TRANSLATE_NOOP("QComboBox", "Skeleton and skin")},
        {"exact", QT_TRANSLATE_NOOP("QComboBox", "Exact, every frame")},
        {"prior", QT_TRANSLATE_NOOP("QComboBox", "As given")},  {"moge2", QT_TRANSLATE_NOOP("QComboBox", "MoGe-2")},
        {"none", QT_TRANSLATE_NOOP("QComboBox", "None")},
        {"auto", QT_TRANSLATE_NOOP("QComboBox", "Auto")},       {"cpu", QT_TRANSLATE_NOOP("QComboBox", "CPU")},
        {"static", QT_TRANSLATE_NOOP("QComboBox", "Static")},   {"moving", QT_TRANSLATE_NOOP("QComboBox", "Moving")},
        {"world", QT_TRANSLATE_NOOP("QComboBox", "World")},     {"camera", QT_TRANSLATE_NOOP("QComboBox", "Camera")}};
    if (const auto it = words.find(choice); it != words.end()) {
        return QComboBox::tr(it->second);
    }
    QString text = QString::fromStdString(choice);
    text.replace(QLatin1Char('_'), QLatin1Char(' '));
    if (!text.isEmpty()) {
        text[0] = text[0].toUpper();
    }
    return text;
}

QWidget* toggleField(ProjectController& project, const OptionSpec& spec) {
    auto* box = new QCheckBox(QCheckBox::tr("On"));
    QObject::connect(box, &QCheckBox::clicked, box,
                     [&project, key = spec.key](bool on) { project.setOption(key, on); });
    follow(project, box, [box, key = spec.key](const Options& o) { box->setChecked(o.boolean(key)); });
    return box;
}

QWidget* integerField(ProjectController& project, const OptionSpec& spec) {
    auto* box = new QSpinBox;
    box->setRange(static_cast<int>(spec.minimum), static_cast<int>(spec.maximum));
    box->setSuffix(spec.unit.empty() ? QString() : QLatin1Char(' ') + coreText(spec.unit));
    box->setKeyboardTracking(false);
    QObject::connect(box, &QSpinBox::valueChanged, box,
                     [&project, key = spec.key](int n) { project.setOption(key, static_cast<long long>(n)); });
    follow(project, box, [box, key = spec.key](const Options& o) { box->setValue(static_cast<int>(o.integer(key))); });
    return box;
}

QWidget* numberField(ProjectController& project, const OptionSpec& spec) {
    auto* box = new QDoubleSpinBox;
    const double span = spec.maximum - spec.minimum;
    box->setRange(spec.minimum, spec.maximum);
    box->setDecimals(span <= 10 ? 2 : 1);
    box->setSingleStep(span <= 1 ? 0.05 : span <= 10 ? 0.25 : span <= 100 ? 0.5 : 1);
    const QString unit = coreText(spec.unit);
    box->setSuffix(unit.isEmpty() || unit == QStringLiteral("°") ? unit : QLatin1Char(' ') + unit);
    box->setKeyboardTracking(false);
    QObject::connect(box, &QDoubleSpinBox::valueChanged, box,
                     [&project, key = spec.key](double v) { project.setOption(key, v); });
    follow(project, box, [box, key = spec.key](const Options& o) { box->setValue(o.number(key)); });
    return box;
}

QWidget* choiceField(ProjectController& project, const OptionSpec& spec) {
    auto* box = new QComboBox;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(6);
    for (const auto& choice : spec.choices) {
        box->addItem(spoken(choice), QString::fromStdString(choice));
    }
    QObject::connect(box, &QComboBox::activated, box, [&project, box, key = spec.key](int i) {
        project.setOption(key, box->itemData(i).toString().toStdString());
    });
    follow(project, box, [box, key = spec.key](const Options& o) {
        box->setCurrentIndex(box->findData(QString::fromStdString(o.text(key))));
    });
    return box;
}

} // namespace

QWidget* makeOptionField(ProjectController& project, const std::string& key) {
    const auto* spec = findOption(key);
    if (!spec) {
        return nullptr;
    }
    QWidget* field = !spec->choices.empty()                                ? choiceField(project, *spec)
                     : std::holds_alternative<bool>(spec->defaultValue)      ? toggleField(project, *spec)
                     : std::holds_alternative<long long>(spec->defaultValue) ? integerField(project, *spec)
                     : std::holds_alternative<double>(spec->defaultValue)    ? numberField(project, *spec)
                                                                             : nullptr;
    if (field) {
        field->setObjectName(QString::fromStdString(key));
        field->setAccessibleName(optionLabel(key));
        field->setToolTip(coreText(spec->help));
    }
    return field;
}

QString optionLabel(const std::string& key) {
    const auto* spec = findOption(key);
    return spec ? coreText(spec->label) : QString::fromStdString(key);
}

} // namespace body4d::ui
