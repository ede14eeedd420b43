#pragma once

#include "pipeline/model_catalog.h"
#include "pipeline/run.h"

#include <QFrame>

#include <map>
#include <string>
#include <vector>

class QComboBox;
class QFormLayout;
class QHBoxLayout;
class QLabel;
class QToolButton;

namespace body4d::ui {

class ProjectController;

/// One stage of a run: its engine, what it will take, and its own options, folded.
class StageRow : public QFrame {
    Q_OBJECT
public:
    /// @param stage "segment", ...  @param options keys of the fields below the fold
    StageRow(ProjectController& project, const QString& title, const std::string& stage,
             const std::vector<ModelEntry>& models, const std::vector<std::string>& options, QWidget* parent = nullptr);
    /// Which engines there are and can be chosen, as the catalogue says now.
    void setModels(const std::vector<ModelEntry>& models);
    /// Something small beside the title.
    void addToHead(QWidget* widget);
    /// A field that is always seen, under the engine.
    void addField(const QString& label, QWidget* field);
    /// A field below the fold.
    void addOption(const QString& label, QWidget* field);
    /// Whether the option's field can be seen below the fold; all can at first. Keys without a field are ignored.
    void setOptionVisible(const std::string& key, bool visible);
    /// @param note may hold links
    void setNote(const QString& note);
    /// Fields and options, for an engine that has none.
    void setFieldsVisible(bool visible);
    /// Nothing: not open, or the stage has no estimate.
    void setEstimate(const StageEstimate* estimate);
    [[nodiscard]] QString estimateText() const;
    [[nodiscard]] QComboBox* engines() const { return engines_; }
    void setFolded(bool folded);

Q_SIGNALS:
    void linkActivated(const QString& target);

private:
    void connectEngines();
    void showEngine();
    ProjectController& project_;
    std::string stage_;
    QHBoxLayout* head_;
    QLabel *estimate_, *note_;
    QComboBox* engines_ = nullptr;
    QFormLayout *fields_, *options_;
    std::map<std::string, QWidget*> optionFields_; ///< by the keys that the constructor was given
    QWidget* folded_;
    QToolButton* fold_;
};

} // namespace body4d::ui
