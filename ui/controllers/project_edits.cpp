#include "pipeline/prompt_mask.h"
#include "ui/controllers/identity_edits.h"
#include "ui/controllers/project_controller.h"

#include <algorithm>
#include <utility>

// What a person changes: each edit is one named step of the undo stack.

namespace body4d::ui {

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
        auto label = spec ? QString::fromStdString(spec->label) : QString::fromStdString(key);
        if (label.size() > 1 && !label[1].isUpper()) { // "GLB mesh" keeps its capitals
            label[0] = label[0].toLower();
        }
        // The merge id keeps a spin box's many steps one undo step.
        const int mergeId = 1000 + static_cast<int>(std::hash<std::string>{}(key) % 100000);
        edit(tr("Change %1").arg(label), mergeId, [&](ProjectDocument& d) {
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
