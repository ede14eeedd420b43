#include "ui/panels/preferences_dialog.h"

#include "ui/action_registry.h"
#include "ui/language.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QSettings>
#include <QSlider>
#include <QStandardItemModel>
#include <QStandardPaths>
#include <QVBoxLayout>

#include <algorithm>

namespace body4d::ui {

PreferencesDialog::PreferencesDialog(ActionRegistry& actions, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Preferences"));
    setMinimumWidth(480);
    QSettings settings;
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(12);
    auto* form = new QFormLayout;
    form->setVerticalSpacing(6);
    form->setHorizontalSpacing(16);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(headingLabel(tr("Looks")));
    const auto row = [form](const QString& text, QWidget* field) {
        field->setAccessibleName(text);
        field->setMinimumHeight(28);
        auto* label = dimLabel(text);
        label->setMinimumHeight(28);
        label->setBuddy(field);
        form->addRow(label, field);
    };
    theme_ = new QComboBox;
    for (const auto* id : {"view.themeDark", "view.themeLight", "view.themeSystem"}) {
        theme_->addItem(withoutMnemonic(actions.action(QLatin1String(id))->text()),
                        QLatin1String(id));
    }
    const auto mode = Theme::instance().mode();
    theme_->setCurrentIndex(mode == ThemeMode::Dark ? 0 : mode == ThemeMode::Light ? 1 : 2);
    connect(theme_, &QComboBox::activated, this,
            [this, &actions](int i) { actions.action(theme_->itemData(i).toString())->trigger(); });
    row(tr("Theme"), theme_);
    scale_ = new QComboBox;
    for (const int percent : {100, 125, 150, 175, 200}) {
        scale_->addItem(percent == 100 ? tr("As the system says") : tr("%1 %").arg(percent), percent / 100.0);
    }
    scale_->setCurrentIndex(std::max(0, scale_->findData(settings.value(QLatin1String(kScale), 1.0).toDouble())));
    scale_->setToolTip(tr("Of the whole interface; takes effect at the next start"));
    auto* later = dimLabel(tr("takes effect at the next start"));
    later->hide();
    connect(scale_, &QComboBox::activated, this, [this, later](int i) {
        QSettings().setValue(QLatin1String(kScale), scale_->itemData(i).toDouble());
        later->show();
    });
    row(tr("Size of the interface"), scale_);
    form->addRow(QString(), later);
    language_ = new QComboBox;
    language_->setObjectName(QStringLiteral("language"));
    language_->addItem(tr("As the system says"), QStringLiteral("system"));
    for (const auto& language : languages()) {
        const bool drawn = canBeDrawn(language.code);
        language_->addItem(drawn ? language.name : tr("Chinese (no font has its letters)"), language.code);
        if (auto* items = qobject_cast<QStandardItemModel*>(language_->model()); items && !drawn) {
            items->item(language_->count() - 1)->setEnabled(false);
        }
    }
    language_->setCurrentIndex(std::max(0, language_->findData(settings.value(QLatin1String(kLanguageSetting)))));
    language_->setToolTip(tr("Of the window; files and the command line stay English. Takes effect at the next start"));
    auto* nextTime = dimLabel(tr("takes effect at the next start"));
    nextTime->hide();
    connect(language_, &QComboBox::activated, this, [this, nextTime](int i) {
        QSettings().setValue(QLatin1String(kLanguageSetting), language_->itemData(i));
        nextTime->show();
    });
    row(tr("Language"), language_);
    form->addRow(QString(), nextTime);
    opacity_ = new QSlider(Qt::Horizontal);
    opacity_->setRange(0, 100);
    opacity_->setValue(settings.value(QLatin1String(kMaskOpacity), 45).toInt());
    connect(opacity_, &QSlider::valueChanged, this, [this](int percent) {
        QSettings().setValue(QLatin1String(kMaskOpacity), percent);
        Q_EMIT maskOpacityChanged(percent / 100.0);
    });
    row(tr("Opacity of masks"), opacity_);
    form->addRow(headingLabel(tr("Behaviour")));
    volume_ = new QSlider(Qt::Horizontal);
    volume_->setRange(0, 100);
    volume_->setValue(settings.value(QLatin1String(kVolume), 100).toInt());
    connect(volume_, &QSlider::valueChanged, this, [this](int percent) {
        QSettings().setValue(QLatin1String(kVolume), percent);
        Q_EMIT volumeChanged(percent / 100.0);
    });
    row(tr("Volume of the sound"), volume_);
    reopen_ = new QCheckBox(tr("Open the last project"));
    reopen_->setChecked(settings.value(QLatin1String(kReopen), false).toBool());
    connect(reopen_, &QCheckBox::toggled, this,
            [](bool on) { QSettings().setValue(QLatin1String(kReopen), on); });
    row(tr("At the start"), reopen_);
    column->addLayout(form);
    auto* keys = new QPushButton(tr("Keyboard shortcuts…"));
    connect(keys, &QPushButton::clicked, actions.action(QStringLiteral("help.shortcuts")), &QAction::trigger);
    keys->setAutoDefault(false);
    auto* where =
        dimLabel(tr("Every edit is saved as it is made. Drafts are kept in %1 until you save them elsewhere.")
                     .arg(QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation)));
    where->setWordWrap(true);
    column->addWidget(where);
    column->addStretch(1);
    auto* bottom = new QHBoxLayout;
    bottom->addWidget(keys);
    bottom->addStretch(1);
    auto* leave = new QPushButton(tr("Close"));
    leave->setDefault(true);
    connect(leave, &QPushButton::clicked, this, &QDialog::close);
    bottom->addWidget(leave);
    column->addLayout(bottom);
}

} // namespace body4d::ui
