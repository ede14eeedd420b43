#include "ui/controllers/project_controller.h"

#include "base/files.h"
#include "pipeline/prompt_mask.h"
#include "ui/controllers/identity_edits.h"
#include "video/video_hash.h"

#include <QCryptographicHash>
#include <QStandardPaths>
#include <QUndoCommand>

#include <algorithm>
#include <utility>

namespace body4d::ui {
namespace fs = std::filesystem;

namespace {
constexpr int kUndoLimit = 500;

bool same(const PersonTraits& a, const PersonTraits& b) {
    return a.age == b.age && a.build == b.build && a.gender == b.gender && a.heightMetres == b.heightMetres;
}

bool same(const Target& a, const Target& b) {
    return a.id == b.id && a.name == b.name && a.colour == b.colour && same(a.traits, b.traits) &&
           std::equal(a.prompts.begin(), a.prompts.end(), b.prompts.begin(), b.prompts.end(),
                      [](const Prompt& p, const Prompt& q) { return samePrompt(p, q); }) &&
           a.absent == b.absent && a.acceptedGuesses == b.acceptedGuesses && a.rejectedGuesses == b.rejectedGuesses;
}

bool sameFolder(const fs::path& a, const fs::path& b) {
    std::error_code ec;
    return a == b || fs::equivalent(a, b, ec);
}

fs::path draftFolder(const fs::path& drafts, const fs::path& video) {
    // The same video finds its draft again, wherever it was opened from.
    const auto absolute = fs::weakly_canonical(video).string();
    const auto hash = QCryptographicHash::hash(QByteArray::fromStdString(absolute), QCryptographicHash::Sha1).toHex();
    return drafts / (video.stem().string() + "-" + hash.left(8).toStdString() + ".body4d");
}

} // namespace

bool sameDocument(const ProjectDocument& a, const ProjectDocument& b) {
    return a.video == b.video && a.range == b.range && a.options == b.options &&
           std::equal(a.targets.begin(), a.targets.end(), b.targets.begin(), b.targets.end(),
                      [](const Target& p, const Target& q) { return same(p, q); });
}

/// One edit: the document before and after.
class DocumentCommand : public QUndoCommand {
public:
    DocumentCommand(ProjectController& controller, const QString& text, int mergeId, ProjectDocument before,
                    ProjectDocument after)
        : QUndoCommand(text), controller_(controller), mergeId_(mergeId), before_(std::move(before)),
          after_(std::move(after)) {}

    void undo() override { controller_.apply(before_); }
    void redo() override { controller_.apply(after_); }
    [[nodiscard]] int id() const override { return mergeId_; }
    bool mergeWith(const QUndoCommand* other) override {
        const auto* next = dynamic_cast<const DocumentCommand*>(other);
        if (!next || next->text() != text()) {
            return false;
        }
        after_ = next->after_;
        setObsolete(sameDocument(before_, after_));
        return true;
    }

private:
    ProjectController& controller_;
    int mergeId_;
    ProjectDocument before_, after_;
};

/// What the disk thread brings back.
struct ProjectController::Loaded {
    std::shared_ptr<ProjectStore> store;
    std::shared_ptr<FrameProvider> frames;
    std::shared_ptr<ResultCache> results;
    ProjectDocument document;
    std::vector<std::int64_t> cuts;
    RunEstimate estimate;
    int stale = 0;
};

namespace {
int countStale(const ProjectStore& store, const ProjectDocument& document) {
    int count = store.stage("scene", 0).status == StageStatus::Stale ? 1 : 0;
    for (const auto& target : document.targets) {
        for (const auto* stage : {"segment", "reconstruct", "complete", "ground"}) {
            count += store.stage(stage, target.id).status == StageStatus::Stale ? 1 : 0;
        }
    }
    return count;
}
} // namespace

ProjectController::ProjectController(std::shared_ptr<Backend> backend, QObject* parent)
    : QObject(parent), backend_(std::move(backend)), results_(std::make_shared<ResultCache>()) {
    qRegisterMetaType<body4d::ui::UserMessage>();
    undo_.setUndoLimit(kUndoLimit);
    drafts_ = fs::path(QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation).toStdString()) / "drafts";
}

ProjectController::~ProjectController() = default;

bool ProjectController::isProjectFolder(const fs::path& path) {
    std::error_code ec;
    return fs::is_directory(path, ec) && (path.extension() == ".body4d" || fs::exists(path / "project.yaml", ec));
}

const QStringList& ProjectController::videoSuffixes() {
    static const QStringList suffixes{".mp4",  ".mov", ".m4v",  ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts",
                                      ".mts",  ".m2ts", ".wmv", ".flv", ".3gp", ".ogv",  ".mxf", ".gif",  ".y4m",
                                      ".jpg",  ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"};
    return suffixes;
}

bool ProjectController::canOpen(const fs::path& path) {
    std::error_code ec;
    if (fs::is_directory(path, ec)) {
        return true;
    }
    return videoSuffixes().contains(QString::fromStdString(path.extension().string()).toLower());
}

void ProjectController::open(const fs::path& path) { load(path, {}); }

void ProjectController::openWithVideo(const fs::path& folder, const fs::path& video) { load(folder, video); }

void ProjectController::load(const fs::path& path, const fs::path& video) {
    opening_ = true;
    Q_EMIT openingChanged(true);
    const auto session = ++session_;
    disk_.post([this, path, video, drafts = drafts_, backend = backend_, session, current = store_](const std::stop_token&) {
        try {
            Loaded loaded;
            const bool project = isProjectFolder(path);
            if (!project) {
                loaded.frames = backend->openFrames(path); // reports a bad file before a folder is made for it
            }
            const auto folder = project ? path : draftFolder(drafts, path);
            std::error_code ec;
            if (current && sameFolder(current->folder(), folder)) {
                loaded.store = current; // a second one would find the folder locked, by ourselves
            } else if (project || fs::exists(folder / "project.yaml", ec)) {
                loaded.store = backend->openProject(folder);
            } else {
                loaded.store = backend->createProject(folder, path);
            }
            loaded.document = loaded.store->document();
            auto& reference = loaded.document.video;
            if (!video.empty()) {
                if (!reference.hash.empty() && videoHash(video) != reference.hash) {
                    throw Error(ErrorCode::Input, video.filename().string() + " is another video than the one of this project.",
                                "Choose the file that the project was made with; its name may have changed, its content not.",
                                video.string());
                }
                reference.path = fs::absolute(video);
                loaded.store->setDocument(loaded.document);
            } else if (project && !backend->videoExists(reference.path)) {
                postTo(this, [this, path, missing = reference.path, session] {
                    if (session == session_) {
                        opening_ = false;
                        Q_EMIT openingChanged(false);
                        Q_EMIT videoMissing(QString::fromStdString(path.string()), QString::fromStdString(missing.string()));
                    }
                });
                return;
            }
            if (!loaded.frames) {
                loaded.frames = backend->openFrames(reference.path);
            }
            loaded.results = std::make_shared<ResultCache>();
            loaded.results->reset(loaded.store, loaded.frames->info().frameCount);
            loaded.cuts = loaded.store->sceneCuts();
            loaded.stale = countStale(*loaded.store, loaded.document);
            loaded.estimate = loaded.store->estimate();
            // The window opens now; bodies follow.
            postTo(this, [this, loaded, session] {
                if (session == session_) {
                    adopt(loaded);
                }
            });
            for (const auto& target : loaded.document.targets) {
                loaded.results->load(target.id);
            }
            loaded.results->loadWorld();
            postTo(this, [this, session] {
                if (session == session_) {
                    Q_EMIT resultsChanged();
                }
            });
        } catch (const std::exception& e) {
            postTo(this, [this, message = toMessage(e), session] {
                if (session == session_) {
                    opening_ = false;
                    Q_EMIT openingChanged(false);
                    Q_EMIT openFailed(message);
                }
            });
        }
    });
}

void ProjectController::adopt(Loaded loaded) {
    undo_.clear();
    // What was open closes files and threads: not here.
    disk_.post([store = std::exchange(store_, std::move(loaded.store)), frames = std::exchange(frames_, std::move(loaded.frames)),
                results = std::exchange(results_, std::move(loaded.results))](const std::stop_token&) mutable {
        results.reset();
        frames.reset();
        store.reset();
    });
    document_ = std::move(loaded.document);
    if (document_.range.size() == 0) {
        document_.range = {0, frames_->info().frameCount};
    }
    cuts_ = std::move(loaded.cuts);
    estimate_ = loaded.estimate;
    staleStages_ = loaded.stale;
    selected_ = document_.targets.empty() ? 0 : document_.targets.front().id;
    opening_ = false;
    Q_EMIT openingChanged(false);
    Q_EMIT opened();
    Q_EMIT documentChanged();
    Q_EMIT selectionChanged(selected_);
}

void ProjectController::close() {
    ++session_;
    undo_.clear();
    // The last reference may close files: let the disk thread do it, after what it still has to save.
    disk_.post([store = std::exchange(store_, nullptr), frames = std::exchange(frames_, nullptr),
                results = std::exchange(results_, std::make_shared<ResultCache>())](const std::stop_token&) mutable {
        results.reset();
        frames.reset();
        store.reset();
    });
    document_ = {};
    cuts_.clear();
    selected_ = 0;
    staleStages_ = 0;
    Q_EMIT closed();
    Q_EMIT documentChanged();
    Q_EMIT selectionChanged(0);
}

bool ProjectController::isDraft() const {
    return store_ && sameFolder(store_->folder().parent_path(), drafts_);
}

QString ProjectController::displayName() const {
    if (!store_) {
        return {};
    }
    return isDraft() ? QString::fromStdString(document_.video.path.stem().string())
                     : QString::fromStdString(store_->folder().filename().string());
}

void ProjectController::flush() { disk_.waitIdle(); }

void ProjectController::saveAs(const fs::path& folder) {
    if (!store_) {
        return;
    }
    const auto from = store_->folder();
    const bool move = isDraft();
    const auto session = session_;
    // The store must let go of the folder (lock file) before it moves: this controller drops its reference now and the
    // task holds the last one.
    disk_.post([this, from, folder, move, session, keep = store_](const std::stop_token&) mutable {
        try {
            std::error_code ec;
            if (fs::exists(folder, ec) && !fs::is_empty(folder, ec)) {
                throw Error(ErrorCode::Output, "The folder " + folder.string() + " already exists and is not empty.",
                            "Choose another name.");
            }
            fs::create_directories(folder.parent_path(), ec);
            fs::copy(from, folder, fs::copy_options::recursive, ec);
            if (ec) {
                fs::remove_all(folder);
                throw Error(ErrorCode::Output, "The project could not be saved at " + folder.string() + ".",
                            "Choose a folder that you may write to, with enough free space.", ec.message());
            }
            fs::remove(folder / ".lock", ec);
            keep.reset();
            postTo(this, [this, from, folder, move, session] {
                if (session != session_) {
                    return;
                }
                close();
                if (move) {
                    disk_.post([from](const std::stop_token&) {
                        std::error_code ignored;
                        fs::remove_all(from, ignored);
                    });
                }
                open(folder);
            });
        } catch (const std::exception& e) {
            postTo(this, [this, message = toMessage(e)] { Q_EMIT saveFailed(message); });
        }
    });
}

void ProjectController::select(TargetId id) {
    if (id != 0 && !document_.target(id)) {
        return;
    }
    if (std::exchange(selected_, id) != id) {
        Q_EMIT selectionChanged(id);
    }
}

void ProjectController::reloadResults() {
    if (!store_) {
        return;
    }
    disk_.postLatest("reload", [this, store = store_, results = results_, document = document_,
                                session = session_](const std::stop_token&) {
        try {
            for (const auto& target : document.targets) {
                results->load(target.id);
            }
            results->loadWorld();
            const auto cuts = store->sceneCuts();
            const auto stale = countStale(*store, document);
            const auto estimate = store->estimate();
            postTo(this, [this, cuts, stale, estimate, session] {
                if (session == session_) {
                    cuts_ = cuts;
                    staleStages_ = stale;
                    estimate_ = estimate;
                    Q_EMIT resultsChanged();
                }
            });
        } catch (const std::exception& e) {
            postTo(this, [this, message = toMessage(e)] { Q_EMIT editRejected(message); });
        }
    });
}

void ProjectController::edit(const QString& text, int mergeId, const std::function<void(ProjectDocument&)>& change) {
    if (!store_) {
        return;
    }
    if (store_->readOnly()) {
        Q_EMIT editRejected({UserMessage::Severity::Warning, tr("This project is open read-only."),
                             tr("Another program holds it. Close that one, or save a copy to edit."),
                             {},
                             {"file.saveAs"}});
        return;
    }
    auto after = document_;
    change(after);
    if (!sameDocument(document_, after)) {
        undo_.push(new DocumentCommand(*this, text, mergeId, document_, std::move(after)));
    }
}

void ProjectController::apply(const ProjectDocument& document) {
    const auto before = std::exchange(document_, document);
    if (selected_ != 0 && !document_.target(selected_)) {
        selected_ = document_.targets.empty() ? 0 : document_.targets.back().id;
        Q_EMIT selectionChanged(selected_);
    }
    for (const auto& target : before.targets) {
        if (!document_.target(target.id)) {
            results_->remove(target.id);
        }
    }
    bool reload = !(before.options == document_.options);
    for (const auto& target : document_.targets) {
        const auto* old = before.target(target.id);
        if (!old) {
            reload = true; // undone deletion: its results are still on disk
        }
        if (old && (old->absent != target.absent || old->rejectedGuesses != target.rejectedGuesses)) {
            reload = true;
        }
        if (!old || !same(*old, target)) {
            // Prompts of both states, so that a removed one is told too.
            std::vector<Prompt> touched = target.prompts;
            if (old) {
                touched.insert(touched.end(), old->prompts.begin(), old->prompts.end());
            }
            for (const auto& prompt : touched) {
                const auto find = [&](const Target* t) -> const Prompt* {
                    if (!t) {
                        return nullptr;
                    }
                    for (const auto& p : t->prompts) {
                        if (p.frame == prompt.frame) {
                            return &p;
                        }
                    }
                    return nullptr;
                };
                const auto *was = find(old), *is = find(&target);
                if (!was || !is || !samePrompt(*was, *is)) {
                    Q_EMIT promptChanged(target.id, prompt.frame);
                    reload = true;
                }
            }
        }
    }
    save();
    if (reload) {
        reloadResults();
    }
    Q_EMIT documentChanged();
}

void ProjectController::save() {
    ++unsavedEdits_;
    // Only the newest state matters, in order with everything else on the disk thread.
    disk_.post([this, store = store_, document = document_, session = session_](const std::stop_token&) {
        try {
            store->setDocument(document);
            const auto stale = countStale(*store, document);
            const auto estimate = store->estimate();
            postTo(this, [this, stale, estimate, session] {
                --unsavedEdits_;
                if (session == session_) {
                    staleStages_ = stale;
                    estimate_ = estimate;
                    Q_EMIT saved();
                }
            });
        } catch (const std::exception& e) {
            postTo(this, [this, message = toMessage(e)] {
                --unsavedEdits_;
                Q_EMIT saveFailed(message);
            });
        }
    });
}

TargetId ProjectController::addTarget() {
    TargetId id = 0;
    edit(tr("Add person"), -1, [&](ProjectDocument& d) { id = d.addTarget().id; });
    if (id != 0) {
        select(id);
    }
    return id;
}

void ProjectController::removeTarget(TargetId id) {
    edit(tr("Delete person"), -1,
         [&](ProjectDocument& d) { std::erase_if(d.targets, [&](const Target& t) { return t.id == id; }); });
}

void ProjectController::renameTarget(TargetId id, const QString& name) {
    if (name.trimmed().isEmpty()) {
        return;
    }
    edit(tr("Rename person"), -1, [&](ProjectDocument& d) {
        if (auto* t = d.target(id)) {
            t->name = name.trimmed().toStdString();
        }
    });
}

void ProjectController::setTargetColour(TargetId id, const QString& colour) {
    edit(tr("Change colour"), -1, [&](ProjectDocument& d) {
        if (auto* t = d.target(id)) {
            t->colour = colour.toUpper().toStdString();
        }
    });
}

void ProjectController::setTraits(TargetId id, const PersonTraits& traits) {
    edit(tr("Change body of person %1").arg(id), 100 + id, [&](ProjectDocument& d) {
        if (auto* t = d.target(id)) {
            t->traits = traits;
        }
    });
}

TargetId ProjectController::addPoint(TargetId id, std::int64_t frame, PointPrompt point) {
    const bool isNew = id == 0;
    edit(isNew ? tr("New person") : point.include ? tr("Add point") : tr("Exclude point"), -1, [&](ProjectDocument& d) {
        auto* target = isNew ? &d.addTarget() : d.target(id);
        if (target) {
            id = target->id;
            promptAt(*target, frame).points.push_back(point);
        }
    });
    if (isNew && id != 0) {
        select(id);
    }
    return id;
}

void ProjectController::movePoint(TargetId id, std::int64_t frame, int index, double x, double y) {
    edit(tr("Move point"), -1, [&](ProjectDocument& d) {
        if (auto* t = d.target(id)) {
            auto& points = promptAt(*t, frame).points;
            if (index >= 0 && index < static_cast<int>(points.size())) {
                points[static_cast<std::size_t>(index)].x = x;
                points[static_cast<std::size_t>(index)].y = y;
            }
            dropEmptyPrompts(*t);
        }
    });
}

void ProjectController::removePoint(TargetId id, std::int64_t frame, int index) {
    edit(tr("Remove point"), -1, [&](ProjectDocument& d) {
        if (auto* t = d.target(id)) {
            auto& points = promptAt(*t, frame).points;
            if (index >= 0 && index < static_cast<int>(points.size())) {
                points.erase(points.begin() + index);
            }
            dropEmptyPrompts(*t);
        }
    });
}

TargetId ProjectController::setBox(TargetId id, std::int64_t frame, const std::optional<Box>& box) {
    const bool isNew = id == 0 && box;
    edit(box ? tr("Draw box") : tr("Remove box"), -1, [&](ProjectDocument& d) {
        auto* target = isNew ? &d.addTarget() : d.target(id);
        if (target) {
            id = target->id;
            promptAt(*target, frame).box = box;
            dropEmptyPrompts(*target);
        }
    });
    if (isNew && id != 0) {
        select(id);
    }
    return id;
}

void ProjectController::clearPrompts(TargetId id, std::int64_t frame) {
    edit(tr("Remove points of this frame"), -1, [&](ProjectDocument& d) {
        if (auto* t = d.target(id)) {
            std::erase_if(t->prompts, [&](const Prompt& p) { return p.frame == frame; });
        }
    });
}

std::vector<TargetId> ProjectController::addTargets(std::int64_t frame, const std::vector<PointPrompt>& points) {
    std::vector<TargetId> ids;
    if (points.empty()) {
        return ids;
    }
    edit(tr("Add %n people", nullptr, static_cast<int>(points.size())), -1, [&](ProjectDocument& d) {
        for (const auto& point : points) {
            auto& target = d.addTarget();
            ids.push_back(target.id);
            promptAt(target, frame).points.push_back(point);
        }
    });
    if (!ids.empty()) {
        select(ids.front());
    }
    return ids;
}

TargetId ProjectController::setMask(TargetId id, std::int64_t frame, std::shared_ptr<const RleMask> mask,
                                    const QString& text) {
    const bool isNew = id == 0;
    if (mask && mask->empty()) {
        mask.reset();
    }
    edit(text, -1, [&](ProjectDocument& d) {
        if (auto* target = isNew ? &d.addTarget() : d.target(id)) {
            id = target->id;
            promptAt(*target, frame).mask = std::move(mask);
            dropEmptyPrompts(*target);
        }
    });
    if (isNew && id != 0) {
        select(id);
    }
    return id;
}

std::vector<TargetId> ProjectController::importMasks(const std::vector<ImportedMasks>& people) {
    std::vector<TargetId> ids;
    edit(tr("Import masks"), -1, [&](ProjectDocument& d) {
        for (const auto& person : people) {
            auto& target = d.addTarget();
            ids.push_back(target.id);
            if (!person.name.isEmpty()) {
                target.name = person.name.toStdString();
            }
            for (const auto& [frame, mask] : person.frames) {
                promptAt(target, frame).mask = mask;
            }
        }
    });
    if (!ids.empty()) {
        select(ids.front());
    }
    return ids;
}

void ProjectController::swapTargets(TargetId a, TargetId b, std::int64_t frame, const std::optional<PointPrompt>& whereA,
                                    const std::optional<PointPrompt>& whereB) {
    edit(tr("Swap people"), -1, [&](ProjectDocument& d) { swapFrom(d, a, b, frame, whereA, whereB); });
}

TargetId ProjectController::splitTarget(TargetId id, std::int64_t frame, const std::optional<PointPrompt>& where) {
    TargetId added = 0;
    edit(tr("Split person"), -1, [&](ProjectDocument& d) { added = splitAt(d, id, frame, where); });
    if (added != 0) {
        select(added);
    }
    return added;
}

void ProjectController::mergeTargets(TargetId kept, TargetId gone) {
    edit(tr("Merge people"), -1, [&](ProjectDocument& d) { mergeInto(d, kept, gone); });
    select(kept);
}

void ProjectController::setAbsent(TargetId id, FrameRange range, bool absent) {
    edit(absent ? tr("Not in the picture") : tr("In the picture"), -1, [&](ProjectDocument& d) {
        if (auto* t = d.target(id)) {
            t->absent = absent ? withRange(t->absent, range) : withoutRange(t->absent, range);
        }
    });
}

void ProjectController::judgeGuesses(TargetId id, FrameRange range, std::optional<bool> accepted) {
    const QString text = !accepted ? tr("Take verdict back") : *accepted ? tr("Accept completed frames") : tr("Reject completed frames");
    edit(text, -1, [&](ProjectDocument& d) {
        if (auto* t = d.target(id)) {
            t->acceptedGuesses = withoutRange(t->acceptedGuesses, range);
            t->rejectedGuesses = withoutRange(t->rejectedGuesses, range);
            if (accepted) {
                auto& list = *accepted ? t->acceptedGuesses : t->rejectedGuesses;
                list = withRange(std::move(list), range);
            }
        }
    });
}

void ProjectController::setRange(FrameRange range) {
    const auto count = frames_ ? frames_->info().frameCount : 0;
    range.begin = std::clamp<std::int64_t>(range.begin, 0, std::max<std::int64_t>(0, count - 1));
    range.end = std::clamp<std::int64_t>(range.end, range.begin + 1, std::max<std::int64_t>(1, count));
    edit(tr("Change range"), 1, [&](ProjectDocument& d) { d.range = range; });
}

void ProjectController::setOption(const std::string& key, const OptionValue& value) {
    try {
        const auto* spec = findOption(key);
        const auto label = spec ? QString::fromStdString(spec->label) : QString::fromStdString(key);
        // The merge id keeps a spin box's many steps one undo step.
        const int mergeId = 1000 + static_cast<int>(std::hash<std::string>{}(key) % 100000);
        edit(tr("Change %1").arg(label.toLower()), mergeId, [&](ProjectDocument& d) {
            d.options.set(key, value);
            if (key == "camera.fov_degrees") {
                d.options.set("engines.intrinsics", std::string("prior")); // what is said outright is not measured
            }
        });
    } catch (const Error& e) {
        Q_EMIT editRejected(toMessage(e));
    }
}

const Prompt* ProjectController::prompt(TargetId id, std::int64_t frame) const {
    const auto* target = document_.target(id);
    if (!target) {
        return nullptr;
    }
    for (const auto& p : target->prompts) {
        if (p.frame == frame) {
            return &p;
        }
    }
    return nullptr;
}

} // namespace body4d::ui
