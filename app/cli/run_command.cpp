#include "base/error.h"
#include "export/exporter.h"
#include "pipeline/run.h"
#include "video/video_hash.h"
#include "video/video_reader.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>

#include "cli/arguments.h"
#include "cli/clicks.h"
#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/progress_display.h"
#include "cli/signals.h"

namespace body4d::cli {
namespace fs = std::filesystem;
namespace {

struct RunArguments {
    std::string input, output, config, frames;
    std::vector<std::string> clicks, boxes, persons, engines, exports;
    OptionFlags options;
    bool autoSelect = false, noExport = false;
};

/// Command line over config file; what is not given stays with the project.
Options optionsOf(const RunArguments& arguments) {
    auto options = arguments.config.empty() ? Options() : Options::fromYaml(arguments.config);
    for (const auto& engine : arguments.engines) {
        const auto at = engine.find('=');
        if (at == std::string::npos) {
            throw Error(ErrorCode::Usage, "'" + engine + "' names no engine.",
                        "Give STAGE=NAME, for example --engine segment=blazepose; body4d models lists them.");
        }
        options.setFromText("engines." + engine.substr(0, at), engine.substr(at + 1));
    }
    arguments.options.applyTo(options);
    return options;
}

/// What can be told about clicks without looking at the picture.
void checkPlaces(const ProjectDocument& document) {
    const auto& video = document.video;
    const auto inside = [&](double x, double y) {
        return x >= 0 && y >= 0 && x <= video.width && y <= video.height;
    };
    for (const auto& target : document.targets) {
        for (const auto& prompt : target.prompts) {
            if (prompt.frame >= video.frameCount) {
                throw Error(ErrorCode::Input,
                            "Frame " + std::to_string(prompt.frame) + " of a click does not exist.",
                            "The video has the frames 0 to " + std::to_string(video.frameCount - 1) + ".");
            }
            const bool goodBox =
                !prompt.box || (inside(prompt.box->x0, prompt.box->y0) && prompt.box->x1 <= video.width + 1 &&
                                prompt.box->y1 <= video.height + 1);
            bool good = goodBox;
            for (const auto& point : prompt.points) {
                good = good && inside(point.x, point.y);
            }
            if (!good) {
                throw Error(ErrorCode::Input,
                            (goodBox ? "A click" : "The box") + (" on frame " + std::to_string(prompt.frame)) +
                                (goodBox ? " lies outside the picture." : " reaches out of the picture."),
                            "The picture is " + std::to_string(video.width) + " x " +
                                std::to_string(video.height) + " pixels; x grows to the right, y down.");
            }
        }
    }
}

bool same(const Prompt& a, const Prompt& b) {
    const auto samePoint = [](const PointPrompt& p, const PointPrompt& q) {
        return p.x == q.x && p.y == q.y && p.include == q.include;
    };
    const bool boxes = a.box.has_value() == b.box.has_value() &&
                       (!a.box || (a.box->x0 == b.box->x0 && a.box->y0 == b.box->y0 &&
                                   a.box->x1 == b.box->x1 && a.box->y1 == b.box->y1));
    return a.frame == b.frame && boxes &&
           std::equal(a.points.begin(), a.points.end(), b.points.begin(), b.points.end(), samePoint);
}

/// A click must be on a person: better told now than after the whole video.
/// @param known targets whose clicks have been looked at before
void checkPeople(const ProjectDocument& document, const std::vector<Target>& known, Engines& engines,
                 const std::stop_token& stop) {
    std::unique_ptr<VideoReader> reader;
    for (const auto& target : document.targets) {
        const auto old =
            std::find_if(known.begin(), known.end(), [&](const Target& t) { return t.id == target.id; });
        for (const auto& prompt : target.prompts) {
            const bool asks = prompt.box || std::any_of(prompt.points.begin(), prompt.points.end(),
                                                        [](const PointPrompt& p) { return p.include; });
            const bool seenBefore =
                old != known.end() && std::any_of(old->prompts.begin(), old->prompts.end(),
                                                  [&](const Prompt& p) { return same(p, prompt); });
            if (!asks || seenBefore) {
                continue;
            }
            if (!reader) {
                reader = VideoReader::open(document.video.path);
            }
            const auto seen =
                engines.segmenter(document.options).preview(reader->read(prompt.frame), prompt, stop);
            if (!seen.found) {
                const auto where = prompt.points.empty()
                                       ? std::string("in the box")
                                       : "at " + std::to_string(static_cast<int>(prompt.points.front().x)) +
                                             "," + std::to_string(static_cast<int>(prompt.points.front().y));
                throw Error(ErrorCode::Input,
                            "Nobody was found " + where + " on frame " + std::to_string(prompt.frame) + ".",
                            "Click the middle of a person who is clearly visible, or try another frame.",
                            seen.reason);
            }
        }
    }
}

/// Engines that are not here are told before a project remembers them.
void checkEngines(const Options& before, const Options& now, Engines& engines) {
    if (now.text("engines.segment") != before.text("engines.segment")) {
        (void)engines.segmenter(now);
    }
    if (now.text("engines.reconstruct") != before.text("engines.reconstruct")) {
        (void)engines.bodyEstimator(now);
    }
}

VideoReference referenceOf(const fs::path& path, const VideoInfo& info) {
    VideoReference video;
    video.path = path;
    video.width = info.width;
    video.height = info.height;
    video.fps = info.fps;
    video.frameCount = info.frameCount;
    return video;
}

/// A project's video may have been moved or copied: what counts is its content.
/// @throws Error{Input} when `given` is another video than the one the project in `folder` was made with
void adoptVideo(VideoReference& known, const fs::path& given, const fs::path& folder) {
    std::error_code ec;
    const auto here = fs::canonical(given, ec);
    if (here == fs::canonical(known.path, ec)) {
        return; // whether its content has changed since is checked by every run
    }
    if (known.hash.empty() || videoHash(given) != known.hash) {
        throw Error(ErrorCode::Input,
                    folder.filename().string() + " belongs to another video than " +
                        given.filename().string() + ".",
                    "Choose another folder for this one: -o DIR, or go on with the project: body4d run " +
                        folder.string(),
                    known.path.string());
    }
    known.path = here;
}

class RunCommand {
public:
    RunCommand(const RunArguments& arguments, const Common& common)
        : arguments_(arguments), common_(common), display_(common.quiet) {}

    int run() {
        const StopOnSignal onSignal(stop_);
        options_ = optionsOf(arguments_);
        if (!arguments_.noExport) {
            request_.exports = exportFormatNames(arguments_.exports);
        }
        request_.autoSelect = arguments_.autoSelect;
        for (const auto& text : arguments_.clicks) {
            clicks_.push_back(parseClick(text));
        }
        for (const auto& text : arguments_.boxes) {
            boxes_.push_back(parseBox(text));
        }
        for (const auto& text : arguments_.persons) {
            persons_.push_back(parsePerson(text));
        }
        project_ = isProject(arguments_.input) ? openProject() : openVideo();

        Telemetry telemetry;
        RunEvents events;
        events.progress = [this](const Progress& p) { display_.show(p); };
        events.notice = [this](const std::string& sentence) { display_.note(sentence); };
        RunSummary summary;
        try {
            summary = body4d::run(*project_, engines_, request_, telemetry, events, stop_.get_token());
        } catch (...) {
            display_.clear();
            discardEmpty();
            throw;
        }
        display_.clear();
        report(summary);
        return summary.cancelled ? 130 : 0;
    }

private:
    std::unique_ptr<Project> openProject() {
        fs::path folder = arguments_.input;
        auto project = Project::open(folder);
        auto document = project->document();
        const auto old = document.targets;
        edit(document);
        checkPlaces(document);
        checkEngines(project->document().options, document.options, engines_);
        checkPeople(document, old, engines_, stop_.get_token());
        project->setDocument(document);
        request_.exportFolder =
            arguments_.output.empty() ? project->folder().parent_path() : fs::path(arguments_.output);
        return project;
    }

    std::unique_ptr<Project> openVideo() {
        const fs::path out = arguments_.output.empty() ? options_.text("runtime.output_dir") : arguments_.output;
        if (out.empty()) {
            throw Error(ErrorCode::Usage, "There is no folder for the results.", "Name one: -o DIR.");
        }
        const fs::path video = arguments_.input;
        std::error_code ec;
        const auto info = VideoReader::open(video)->info();
        auto stem = video.stem().string();
        if (stem.empty()) {
            stem = video.parent_path().filename().string();
        }
        const auto folder = out / (stem + ".body4d");
        request_.exportFolder = out;

        if (fs::exists(folder / "project.yaml", ec)) {
            auto project = Project::open(folder);
            auto document = project->document();
            const auto optionsBefore = document.options;
            adoptVideo(document.video, video, folder);
            if (!clicks_.empty() || !boxes_.empty()) {
                // The same command again resumes; other clicks replace the old ones.
                const auto old = std::exchange(document.targets, {});
                edit(document);
                checkPlaces(document);
                checkPeople(document, old, engines_, stop_.get_token());
                for (auto& target : document.targets) {
                    const auto same = std::find_if(old.begin(), old.end(),
                                                   [&](const Target& t) { return t.id == target.id; });
                    if (same != old.end()) {
                        target.name = same->name;
                        target.colour = same->colour;
                        target.traits = same->traits;
                    }
                }
                applyPersons(document, persons_);
            } else {
                edit(document);
            }
            checkEngines(optionsBefore, document.options, engines_);
            project->setDocument(document);
            return project;
        }

        ProjectDocument document;
        document.video = referenceOf(video, info);
        document.range = {0, info.frameCount};
        edit(document);
        checkPlaces(document);
        if (document.targets.empty() && !arguments_.autoSelect) {
            throw Error(ErrorCode::Usage, "Nobody is selected in this video.",
                        "Click a person: --click FRAME:X,Y, or find everybody: --auto.");
        }
        checkEngines({}, document.options, engines_);
        checkPeople(document, {}, engines_, stop_.get_token());
        createdOut_ = !fs::exists(out, ec);
        auto project = Project::create(folder, video);
        document.video = project->document().video;
        try {
            project->setDocument(document);
        } catch (...) {
            // A project without its clicks would be half of what was asked for.
            project.reset();
            remove(folder);
            throw;
        }
        createdFolder_ = folder;
        return project;
    }

    /// Of a new project that failed before it had anybody in it, nothing is worth keeping.
    void discardEmpty() {
        if (!createdFolder_.empty() && project_->document().targets.empty()) {
            project_.reset();
            remove(createdFolder_);
        }
    }

    void remove(const fs::path& folder) const {
        std::error_code ec;
        fs::remove_all(folder, ec);
        if (createdOut_) {
            fs::remove(folder.parent_path(), ec); // if nothing else has come into it
        }
    }

    void edit(ProjectDocument& document) {
        document.options.merge(options_);
        if (!arguments_.frames.empty()) {
            document.range = parseFrames(arguments_.frames, document.video.frameCount);
        }
        applyClicks(document, clicks_, boxes_);
        applyPersons(document, persons_);
    }

    void report(const RunSummary& summary) const {
        const auto folder = project_->folder();
        if (common_.json) {
            nlohmann::ordered_json out;
            out["project"] = folder.string();
            out["cancelled"] = summary.cancelled;
            out["seconds"] = summary.seconds;
            out["person_frames"] = summary.personFrames;
            out["files"] = nlohmann::json::array();
            for (const auto& file : summary.files) {
                out["files"].push_back(file.string());
            }
            out["notes"] = summary.notes;
            std::cout << jsonText(out) << '\n';
            return;
        }
        if (summary.cancelled) {
            std::cerr << "Cancelled. Finished parts are kept; go on with: body4d run " << folder.string()
                      << '\n';
            return;
        }
        std::cout << "Done in " << clockText(summary.seconds) << ", " << summary.personFrames
                  << " person-frames tracked.\nProject: " << folder.string() << '\n';
        // A folder with many files of one kind is one line.
        std::map<std::string, int> perFolder;
        for (const auto& file : summary.files) {
            ++perFolder[file.parent_path().string()];
        }
        for (const auto& [parent, count] : perFolder) {
            if (count > 4) {
                std::cout << "  " << parent << "  (" << count << " files)\n";
            }
        }
        for (const auto& file : summary.files) {
            if (perFolder[file.parent_path().string()] <= 4) {
                std::cout << "  " << file.string() << '\n';
            }
        }
    }

    const RunArguments& arguments_;
    const Common& common_;
    ProgressDisplay display_;
    std::stop_source stop_;
    Engines engines_;
    Options options_;
    RunRequest request_;
    std::vector<Click> clicks_;
    std::vector<BoxClick> boxes_;
    std::vector<PersonFacts> persons_;
    std::unique_ptr<Project> project_;
    fs::path createdFolder_; ///< of a project that was not there before; else empty
    bool createdOut_ = false;
};

} // namespace

void addRunCommand(CLI::App& app, Common& common, Action& action) {
    auto arguments = std::make_shared<RunArguments>();
    auto* sub =
        app.add_subcommand("run", "Track people, reconstruct their bodies and export; resumes a project");
    sub->add_option("input", arguments->input, "Video, image folder or NAME.body4d")
        ->required()
        ->option_text("VIDEO|PROJECT.body4d");
    sub->add_option("-o,--output", arguments->output, "Folder for NAME.body4d and the exports")
        ->option_text("DIR");
    sub->add_option(
           "--click", arguments->clicks,
           "A person: FRAME:X,Y[:+|-][@TARGET], pixels of the upright frame, frames from 0; repeatable")
        ->option_text("FRAME:X,Y[:+|-][@TARGET]")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    sub->add_option("--box", arguments->boxes, "Limits the search: FRAME:X,Y,W,H[@TARGET]; repeatable")
        ->option_text("FRAME:X,Y,W,H[@TARGET]")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    sub->add_option("--person", arguments->persons,
                    "What is known of a person: TARGET:KEY=VALUE,... with height (cm), age, build, gender (0 to 1), colour, "
                    "name (last); repeatable")
        ->option_text("TARGET:KEY=VALUE,...")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    sub->add_flag("--auto", arguments->autoSelect, "Everybody who is found, where nobody is selected yet");
    sub->add_option("--frames", arguments->frames, "Frames A up to but without B")->option_text("A:B");
    sub->add_option("--engine", arguments->engines, "Engine of a stage; body4d models lists them")
        ->option_text("STAGE=NAME")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    sub->add_option("--config", arguments->config, "File with options (YAML)")->option_text("FILE");
    arguments->options.addTo(*sub);
    sub->add_option("--export", arguments->exports,
                    "Formats, separated by commas; default: glb and the usual ones")
        ->option_text("FORMAT,...")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    sub->add_flag("--no-export", arguments->noExport, "Only the project, no exports");
    sub->callback([arguments, &common, &action] {
        action = [arguments, &common] { return RunCommand(*arguments, common).run(); };
    });
}

} // namespace body4d::cli
