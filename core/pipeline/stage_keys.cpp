#include "pipeline/stage_keys.h"

#include "base/files.h"
#include "pipeline/option_text.h"
#include "pipeline/prompt_mask.h"
#include "pipeline/weights_notes.h"

#include <algorithm>
#include <limits>
#include <map>
#include <sstream>

namespace body4d::detail {
namespace {

/// Raised whenever an engine starts to give other results.
const std::map<std::string, int> kVersions = {
    {"blazepose", 4}, {"blazepose_torch", 4}, {"sam3", 2}, {"edgetam", 1}, {"anny", 3}, {"sam3d_body", 2}, {"moge2", 1},
    {"motion_prior", 4}, {"prior", 1}, {"ground", 3}};

std::string hashOf(const std::ostringstream& text) {
    const auto s = text.str();
    return sha256(std::as_bytes(std::span(s.data(), s.size())));
}

void addOptions(std::ostringstream& out, const Options& options, const std::string& stage) {
    for (const auto& spec : optionSpecs()) {
        if (std::find(spec.stages.begin(), spec.stages.end(), stage) == spec.stages.end()) {
            continue;
        }
        const auto it = options.values().find(spec.key);
        const auto value = optionText(it != options.values().end() ? it->second : spec.defaultValue);
        out << spec.key << '=' << value << '\n';
        if (spec.key.starts_with("engines.")) {
            // Other weights are another engine, as far as they can be told apart.
            out << withNote(engineVersion(value), stageWeightsNote(options, spec.key.substr(sizeof "engines." - 1)))
                << '\n';
        }
    }
}

constexpr FrameRange kAllFrames{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};

/// @param met frames whose prompts count
void addPrompts(std::ostringstream& out, const Target& target, bool takesMasks, FrameRange met = kAllFrames) {
    out << "target " << target.id << '\n';
    for (const auto& said : target.prompts) {
        if (said.empty() || !met.contains(said.frame)) {
            continue;
        }
        // Where the engine cannot take it, a mask beside points or a box changes the silhouette of its frame
        // only: tracking does not depend on it.
        const auto prompt = takesMasks ? said : promptForEngine(said);
        out << "frame " << prompt.frame << '\n';
        for (const auto& point : prompt.points) {
            out << numberText(point.x) << ' ' << numberText(point.y) << ' ' << point.include << '\n';
        }
        if (prompt.box) {
            out << "box " << numberText(prompt.box->x0) << ' ' << numberText(prompt.box->y0) << ' '
                << numberText(prompt.box->x1) << ' ' << numberText(prompt.box->y1) << '\n';
        }
        if (prompt.mask) {
            out << "mask " << toCocoString(*prompt.mask) << '\n';
        }
    }
    if (takesMasks) {
        for (const auto& range : target.absent) {
            const FrameRange part{std::max(range.begin, met.begin), std::min(range.end, met.end)};
            if (part.begin < part.end) {
                out << "absent " << part.begin << ' ' << part.end << '\n';
            }
        }
    }
}

/// What the person said outright about frames.
void addSaid(std::ostringstream& out, const Target& target) {
    for (const auto& prompt : target.prompts) {
        if (prompt.mask) {
            out << "mask " << prompt.frame << ' ' << toCocoString(*prompt.mask) << '\n';
        }
    }
    for (const auto& r : target.absent) {
        out << "absent " << r.begin << ' ' << r.end << '\n';
    }
}

struct PromptSpan {
    std::int64_t first = 0, last = 0;
};
std::optional<PromptSpan> promptSpan(const Target& target) {
    std::optional<PromptSpan> span;
    for (const auto& prompt : target.prompts) {
        if (!prompt.empty()) {
            span = span ? PromptSpan{std::min(span->first, prompt.frame), std::max(span->last, prompt.frame)}
                        : PromptSpan{prompt.frame, prompt.frame};
        }
    }
    return span;
}

} // namespace

std::string engineVersion(const std::string& engine) {
    const auto it = kVersions.find(engine);
    return engine + " " + std::to_string(it != kVersions.end() ? it->second : 1);
}

namespace {

std::vector<const Target*> byId(const ProjectDocument& document) {
    std::vector<const Target*> targets;
    for (const auto& target : document.targets) {
        targets.push_back(&target);
    }
    std::sort(targets.begin(), targets.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
    return targets;
}

} // namespace

std::string segmentKey(const ProjectDocument& document) {
    std::ostringstream out;
    out << "segment\n" << document.video.hash << '\n';
    addOptions(out, document.options, "segment");
    for (const auto* target : byId(document)) {
        addPrompts(out, *target, engineTakesMasks(document.options.text("engines.segment")));
    }
    return hashOf(out);
}

std::string prefixKey(const ProjectDocument& document, Direction direction, std::int64_t next) {
    const auto met = direction == Direction::Forward ? FrameRange{kAllFrames.begin, next}
                                                     : FrameRange{next + 1, kAllFrames.end};
    std::ostringstream out;
    out << "prefix\n" << document.video.hash << '\n';
    addOptions(out, document.options, "segment");
    for (const auto* target : byId(document)) {
        if (promptSpan(*target)) { // who has no prompts at all is in no session
            addPrompts(out, *target, engineTakesMasks(document.options.text("engines.segment")), met);
        }
    }
    return hashOf(out);
}

std::string reconstructKey(const ProjectDocument& document, TargetId id) {
    std::ostringstream out;
    out << "reconstruct\n" << segmentKey(document) << '\n' << id << '\n';
    out << document.range.begin << ' ' << document.range.end << '\n';
    if (const auto* target = document.target(id)) {
        const auto& t = target->traits;
        out << numberText(t.age) << ' ' << numberText(t.build) << ' ' << numberText(t.gender) << ' '
            << numberText(t.heightMetres) << '\n';
        addSaid(out, *target);
    }
    addOptions(out, document.options, "reconstruct");
    return hashOf(out);
}

std::string cameraKey(const ProjectDocument& document) {
    std::ostringstream out;
    out << "camera\n" << segmentKey(document) << '\n' << document.range.begin << ' ' << document.range.end << '\n';
    for (const auto& target : document.targets) {
        out << target.id << '\n';
        addSaid(out, target);
    }
    addOptions(out, document.options, "camera");
    return hashOf(out);
}

std::string completeKey(const ProjectDocument& document, TargetId id) {
    std::ostringstream out;
    // Others may stand in front, and the camera's turning is taken out before gaps are bridged.
    out << "complete\n" << reconstructKey(document, id) << '\n' << cameraKey(document) << '\n';
    addOptions(out, document.options, "complete");
    return hashOf(out);
}

std::string groundKey(const ProjectDocument& document) {
    std::ostringstream out;
    out << "ground\n" << engineVersion("ground") << '\n';
    for (const auto& target : document.targets) {
        out << target.id << ' ' << completeKey(document, target.id) << '\n';
    }
    addOptions(out, document.options, "ground");
    return hashOf(out);
}

ProjectDocument asComputed(ProjectDocument document, const std::string& worldKey, FrameRange computed) {
    const FrameRange wanted = document.range;
    if (computed.begin <= wanted.begin && computed.end >= wanted.end && computed != wanted) {
        document.range = computed;
        if (groundKey(document) != worldKey) {
            document.range = wanted;
        }
    }
    return document;
}

std::string sceneKey(const ProjectDocument& document) {
    std::ostringstream out;
    out << "scene\n" << document.video.hash << '\n';
    out << document.range.begin << ' ' << document.range.end << '\n';
    addOptions(out, document.options, "scene");
    return hashOf(out);
}

std::optional<FrameRange> sessionFrames(const ProjectDocument& document, Direction direction) {
    std::optional<FrameRange> frames;
    for (const auto& target : document.targets) {
        const auto span = promptSpan(target);
        if (!span) {
            continue;
        }
        FrameRange needed;
        if (direction == Direction::Forward) {
            needed = {span->first, document.range.end};
        } else {
            // Before the first prompt only this direction knows the target; between two prompts the two are
            // joined.
            const bool before = span->first > document.range.begin;
            if (!before && span->last == span->first) {
                continue;
            }
            needed = {std::min(span->first, document.range.begin), span->last + 1};
            if (!before) {
                needed.begin = std::max(span->first, document.range.begin);
            }
        }
        if (needed.size() == 0) {
            continue;
        }
        frames = frames ? FrameRange{std::min(frames->begin, needed.begin), std::max(frames->end, needed.end)}
                        : needed;
    }
    return frames;
}

} // namespace body4d::detail
