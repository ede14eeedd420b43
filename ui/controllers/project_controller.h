#pragma once

#include "ui/controllers/backend.h"
#include "ui/controllers/result_cache.h"
#include "ui/controllers/task_queue.h"
#include "ui/controllers/user_message.h"

#include <QObject>
#include <QStringList>
#include <QUndoStack>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace body4d::ui {

/// The open document and every edit of it. An edit changes all or nothing, is one undo step, and is saved by a
/// background thread at once; nothing here waits for the disk.
class ProjectController : public QObject {
    Q_OBJECT
public:
    explicit ProjectController(std::shared_ptr<Backend> backend, QObject* parent = nullptr);
    ~ProjectController() override;

    // --- opening and saving -------------------------------------------------------------------------------------
    /// A video, a folder of images or a NAME.body4d folder; answered by opened or openFailed.
    void open(const std::filesystem::path& path);
    /// Opens a project whose video has moved. @throws nothing: another video is told by openFailed
    void openWithVideo(const std::filesystem::path& folder, const std::filesystem::path& video);
    void close();
    /// Moves a draft (or copies a saved project) to `folder` and goes on there; answered by opened or saveFailed.
    void saveAs(const std::filesystem::path& folder);
    [[nodiscard]] bool isOpen() const { return store_ != nullptr; }
    [[nodiscard]] bool opening() const { return opening_; }
    /// Lives in the drafts folder until the person chooses a place.
    [[nodiscard]] bool isDraft() const;
    [[nodiscard]] QString displayName() const;
    [[nodiscard]] bool saving() const { return unsavedEdits_ > 0; }
    /// Blocks until everything is on disk; for closing and for tests.
    void flush();
    /// Where drafts live; tests change it.
    void setDraftsFolder(std::filesystem::path folder) { drafts_ = std::move(folder); }
    [[nodiscard]] static bool isProjectFolder(const std::filesystem::path& path);
    /// Suffixes that open as videos or images, for dialogs and drops, lower case with dot.
    [[nodiscard]] static const QStringList& videoSuffixes();
    /// Whether a dropped path can be opened at all (judged by name; opening checks the content).
    [[nodiscard]] static bool canOpen(const std::filesystem::path& path);

    // --- what is open -------------------------------------------------------------------------------------------
    [[nodiscard]] const ProjectDocument& document() const { return document_; }
    [[nodiscard]] const std::shared_ptr<ProjectStore>& store() const { return store_; }
    [[nodiscard]] const std::shared_ptr<FrameProvider>& frames() const { return frames_; }
    [[nodiscard]] const std::shared_ptr<ResultCache>& results() const { return results_; }
    /// False from opening until what was computed before has been read; resultsChanged tells.
    [[nodiscard]] bool resultsRead() const { return resultsRead_; }
    [[nodiscard]] const std::vector<std::int64_t>& sceneCuts() const { return cuts_; }
    [[nodiscard]] const RunEstimate& estimate() const { return estimate_; }
    [[nodiscard]] QUndoStack* undoStack() { return &undo_; }
    [[nodiscard]] TargetId selected() const { return selected_; }
    void select(TargetId id);
    /// Reads states, bodies, cuts and the estimate again, in the background.
    void reloadResults();
    /// Stages that an edit has outdated, over all targets.
    [[nodiscard]] int staleStages() const { return staleStages_; }

    // --- edits ----------------------------------------------------------------------------------------------------
    /// @returns the new target's id, selected; 0 when nothing is open
    TargetId addTarget();
    void removeTarget(TargetId id);
    void renameTarget(TargetId id, const QString& name);
    void setTargetColour(TargetId id, const QString& colour);
    void setTraits(TargetId id, const PersonTraits& traits);
    /// Adds a point to a target, or with id 0 a new target with it (one undo step). @returns the target's id
    TargetId addPoint(TargetId id, std::int64_t frame, PointPrompt point);
    void movePoint(TargetId id, std::int64_t frame, int index, double x, double y);
    void removePoint(TargetId id, std::int64_t frame, int index);
    TargetId setBox(TargetId id, std::int64_t frame, const std::optional<Box>& box);
    void clearPrompts(TargetId id, std::int64_t frame);
    /// One target per point, as one step. @returns their ids
    std::vector<TargetId> addTargets(std::int64_t frame, const std::vector<PointPrompt>& points);
    /// The exact silhouette on a frame; an empty mask takes it away. @param id 0: a new target  @returns the target's id
    TargetId setMask(TargetId id, std::int64_t frame, std::shared_ptr<const RleMask> mask, const QString& text);
    /// Masks from elsewhere, one new target an entry, as one step. @returns their ids
    struct ImportedMasks {
        QString name;
        std::vector<std::pair<std::int64_t, std::shared_ptr<const RleMask>>> frames;
    };
    std::vector<TargetId> importMasks(const std::vector<ImportedMasks>& people);
    /// See identity_edits.h.
    void swapTargets(TargetId a, TargetId b, std::int64_t frame, const std::optional<PointPrompt>& whereA,
                     const std::optional<PointPrompt>& whereB);
    TargetId splitTarget(TargetId id, std::int64_t frame, const std::optional<PointPrompt>& where);
    void mergeTargets(TargetId kept, TargetId gone);
    /// Whether the target is in the picture in these frames.
    void setAbsent(TargetId id, FrameRange range, bool absent);
    /// A verdict on completed frames; nothing takes an earlier one back.
    void judgeGuesses(TargetId id, FrameRange range, std::optional<bool> accepted);
    void setRange(FrameRange range);
    /// @throws nothing: an unfit value is reported by editRejected
    void setOption(const std::string& key, const OptionValue& value);
    [[nodiscard]] const Prompt* prompt(TargetId id, std::int64_t frame) const;

Q_SIGNALS:
    void openingChanged(bool opening);
    void opened();
    void closed();
    void openFailed(const body4d::ui::UserMessage& message);
    /// The project is there, its video is not; openWithVideo() goes on.
    void videoMissing(const QString& folder, const QString& video);
    void saveFailed(const body4d::ui::UserMessage& message);
    void saved();
    void documentChanged();
    /// A prompt of this target changed on this frame (also by undo).
    void promptChanged(int target, qint64 frame);
    void selectionChanged(int target);
    void resultsChanged();
    void editRejected(const body4d::ui::UserMessage& message);

private:
    friend class DocumentCommand;
    struct Loaded;
    void load(const std::filesystem::path& path, const std::filesystem::path& video);
    void edit(const QString& text, int mergeId, const std::function<void(ProjectDocument&)>& change);
    void apply(const ProjectDocument& document);
    void adopt(Loaded loaded);
    void save();

    std::shared_ptr<Backend> backend_;
    std::filesystem::path drafts_;
    std::shared_ptr<ProjectStore> store_;
    std::shared_ptr<FrameProvider> frames_;
    std::shared_ptr<ResultCache> results_;
    ProjectDocument document_;
    std::vector<std::int64_t> cuts_;
    RunEstimate estimate_;
    TargetId selected_ = 0;
    int staleStages_ = 0;
    bool opening_ = false, resultsRead_ = false;
    int unsavedEdits_ = 0;
    std::uint64_t session_ = 0;
    QUndoStack undo_;
    TaskQueue disk_; // last: joined first
};

/// Same content; what undo must restore.
[[nodiscard]] bool sameDocument(const ProjectDocument& a, const ProjectDocument& b);

} // namespace body4d::ui
