#include "pipeline/model_catalog.h"

#include "base/checkpoint.h"
#include "base/error.h"
#include "base/files.h"
#include "models/torch_engines.h"
#include "pipeline/download_internal.h"
#include "pipeline/model_table_internal.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/fs.h>
#include <set>
#include <sys/ioctl.h>
#include <unistd.h>

namespace body4d {
namespace fs = std::filesystem;
namespace {

/// Differences beyond which a file is another model rather than a damaged one.
constexpr std::size_t kMostDifferencesShare = 3; // a third

bool isHere(const fs::path& file) {
    std::error_code ec;
    return fs::is_regular_file(file, ec);
}

/// The file or one that does as well.
bool isThere(const fs::path& modelsFolder, const ModelFile& file) {
    return isHere(modelsFolder / file.path) ||
           std::any_of(file.alternatives.begin(), file.alternatives.end(),
                       [&](const ModelFile& other) { return isHere(modelsFolder / other.path); });
}

/// All files that do as this one.
std::vector<ModelFile> formsOf(const ModelFile& file) {
    std::vector<ModelFile> forms = {file};
    forms.front().alternatives.clear();
    forms.insert(forms.end(), file.alternatives.begin(), file.alternatives.end());
    return forms;
}

/// What is wrong with a file as `wanted`, one line each.
struct Flaws {
    std::vector<std::string> lines;
    bool otherFile = false; ///< its size or hash differs, which says nothing about how much
};

Flaws flaws(const fs::path& file, const ModelFile& wanted, std::optional<Checkpoint>& open) {
    std::error_code ec;
    const auto size = static_cast<std::int64_t>(fs::file_size(file, ec));
    if (wanted.bytes > 0 && size != wanted.bytes) {
        return {{"it has " + std::to_string(size) + " bytes instead of " + std::to_string(wanted.bytes)},
                true};
    }
    if (!wanted.sha256.empty() && sha256(MappedFile(file).bytes()) != wanted.sha256) {
        return {{"its SHA-256 is not " + wanted.sha256}, true};
    }
    if (wanted.manifest.empty()) {
        return {};
    }
    if (!open) {
        open = Checkpoint::open(file);
    }
    return {differences(officialManifest(wanted.manifest), Manifest::of(*open)), false};
}

std::string joined(const std::vector<std::string>& lines) {
    std::string out;
    for (const auto& line : lines) {
        out += "\n  " + line;
    }
    return out;
}

/// Whether anything of the file's content was published, so that it can be recognised.
bool checkable(const ModelFile& file) {
    return !file.sha256.empty() || !file.manifest.empty();
}

const ModelEntry& entryNamed(const std::vector<ModelEntry>& table, const std::string& name) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const ModelEntry& e) { return e.name == name; });
    if (found == table.end()) {
        std::string names;
        for (const auto& e : table) {
            names += (names.empty() ? "" : ", ") + e.name;
        }
        throw Error(ErrorCode::Usage, "There is no model '" + name + "'.", "Use one of: " + names + ".");
    }
    return *found;
}

/// Names of the files that an index of shards tells of; none for a file that holds its tensors itself. The
/// file has been opened as a checkpoint before.
std::set<std::string> shardsOf(const fs::path& file) {
    constexpr std::uintmax_t kLargestIndex = 64U << 20;
    std::error_code ec;
    std::set<std::string> names;
    if (fs::file_size(file, ec) > kLargestIndex || ec) {
        return names;
    }
    const auto text = readTextFile(file);
    if (!text.starts_with('{')) {
        return names;
    }
    const auto index = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (index.is_object() && index.contains("weight_map")) {
        for (const auto& [tensor, shard] : index["weight_map"].items()) {
            names.insert(fs::path(shard.get<std::string>()).filename().string());
        }
    }
    return names;
}

/// Shares the blocks of the original where the file system can; else copies.
void copyContent(const fs::path& from, const fs::path& to) {
    const int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
    const int out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    const bool shared = in >= 0 && out >= 0 && ::ioctl(out, FICLONE, in) == 0;
    if (in >= 0) {
        ::close(in);
    }
    if (out >= 0) {
        ::close(out);
    }
    if (shared) {
        return;
    }
    std::error_code ec;
    fs::copy_file(from, to, fs::copy_options::overwrite_existing, ec);
    if (ec) {
        throw Error(ErrorCode::Output, "Cannot copy " + from.filename().string() + ": " + ec.message() + ".",
                    ec.value() == ENOSPC
                        ? "Free some disk space, or put the models folder elsewhere with BODY4D_MODELS."
                        : "Check that the models folder may be written to.",
                    to.string());
    }
}

} // namespace

std::vector<ModelEntry> modelCatalog(const fs::path& modelsFolder) {
    auto entries = detail::modelTable();
    for (auto& entry : entries) {
        std::string absent;
        bool gettable = true;
        for (const auto& file : entry.files) {
            if (!isThere(modelsFolder, file)) {
                absent += (absent.empty() ? "" : ", ") + file.path.string();
                gettable = gettable && !file.url.empty();
            }
        }
        const bool runnable = entry.needs.empty() || torchEnginesInstalled();
        entry.present = absent.empty() && runnable;
        if (entry.present) {
            continue;
        }
        if (entry.implemented && !runnable) {
            entry.missing =
                "It needs LibTorch: run packaging/setup.sh --torch on, or install the package body4d-torch.";
        } else if (entry.implemented && entry.needs.empty()) {
            entry.missing = "Put " + absent + " into " + modelsFolder.string() +
                            ", or run packaging/setup.sh, which takes it out of the package.";
        } else if (entry.implemented) {
            entry.missing = "Put " + absent + " in place with body4d models add FILE" +
                            (gettable ? ", or fetch it with body4d models get " + entry.name + "." : ".");
        } else {
            entry.missing = "This version of the program has no engine for it yet.";
        }
    }
    return entries;
}

Manifest officialManifest(const std::string& name) {
    for (const auto& [known, text] : detail::embeddedManifests()) {
        if (known == name) {
            return Manifest::parse(std::string(text), name);
        }
    }
    throw std::logic_error("there is no manifest " + name);
}

std::vector<std::string> officialManifestNames() {
    std::vector<std::string> names;
    for (const auto& [known, text] : detail::embeddedManifests()) {
        names.emplace_back(known);
    }
    return names;
}

ModelMatch checkModelFile(const fs::path& file, const std::string& model) {
    if (!isHere(file)) {
        throw Error(ErrorCode::Input, "There is no file " + file.filename().string() + ".", "Check the path.",
                    file.string());
    }
    const auto table = detail::modelTable();
    std::optional<Checkpoint> open;
    ModelMatch closest;
    std::vector<std::string> fewest;
    bool any = false;
    std::vector<ModelEntry> candidates = table;
    if (!model.empty()) {
        candidates = {entryNamed(table, model)};
    }
    std::exception_ptr unreadable; ///< as what it is by its name or by a person's word
    std::vector<ModelMatch> matches;
    for (const auto& entry : candidates) {
        std::vector<ModelFile> forms;
        for (const auto& each : entry.files) {
            const auto more = formsOf(each);
            forms.insert(forms.end(), more.begin(), more.end());
        }
        for (const auto& wanted : forms) {
            if (!checkable(wanted)) {
                // Nothing of it is published: only on a person's word, by the file's name, and only when it
                // can be read.
                if (!model.empty() && wanted.path.filename() == file.filename()) {
                    (void)Checkpoint::open(file);
                    return {entry.name, wanted};
                }
                continue;
            }
            try {
                auto wrong = flaws(file, wanted, open);
                if (wrong.lines.empty()) {
                    matches.push_back({entry.name, wanted});
                    continue;
                }
                const bool named = !model.empty() || wanted.path.filename() == file.filename();
                const bool alike = !wrong.otherFile && wrong.lines.size() * kMostDifferencesShare <
                                                           officialManifest(wanted.manifest).tensors.size();
                if ((named || alike) && (!any || wrong.lines.size() < fewest.size())) {
                    closest = {entry.name, wanted};
                    fewest = std::move(wrong.lines);
                    any = true;
                }
            } catch (const Error&) {
                if (!model.empty() || wanted.path.filename() == file.filename()) {
                    unreadable = std::current_exception();
                }
            }
        }
    }
    // Engines may share a file; models with equal tensors in different places cannot be told apart.
    std::string names;
    bool sure = true;
    for (const auto& match : matches) {
        sure = sure && match.file.path == matches.front().file.path;
        names += (names.empty() ? "" : ", ") + match.model;
    }
    if (!sure) {
        throw Error(ErrorCode::Input,
                    file.filename().string() + " could belong to several models: " + names + ".",
                    "Say which with --as: their files hold the same tensors.", file.string());
    }
    if (!matches.empty()) {
        return matches.front();
    }
    if (any) {
        throw Error(ErrorCode::Input,
                    file.filename().string() + " is not the official " +
                        closest.file.path.filename().string() + " of " + closest.model + ".",
                    "Get the official file again; body4d models names its source.",
                    file.string() + joined(fewest));
    }
    if (unreadable) {
        std::rethrow_exception(unreadable);
    }
    throw Error(ErrorCode::Input,
                file.filename().string() + " is no file of a model that this program knows.",
                "Give it the name that the list of models has for it (in a terminal: --as NAME, and body4d models for the list).", file.string());
}

fs::path addModel(const fs::path& file, const fs::path& modelsFolder, const std::string& model) {
    const auto match = checkModelFile(file, model);
    const auto target = modelsFolder / match.file.path;
    std::error_code ec;
    if (fs::equivalent(file, target, ec) && !ec) {
        return target;
    }
    // Shards first: where the index lies, all of it lies.
    for (const auto& shard : shardsOf(file)) {
        writeFileAtomically(target.parent_path() / shard, [&](const fs::path& temporary) {
            copyContent(file.parent_path() / shard, temporary);
        });
    }
    writeFileAtomically(target, [&](const fs::path& temporary) { copyContent(file, temporary); });
    return target;
}

std::vector<fs::path> downloadModel(const ModelEntry& entry, const DownloadRequest& request,
                                    const fs::path& modelsFolder, const std::stop_token& stop) {
    if (!request.licenceAccepted) {
        throw Error(ErrorCode::Usage,
                    "The licence of " + entry.name + " (" + entry.licence + ") has not been accepted.",
                    "Read it" + (entry.licenceUrl.empty() ? std::string() : " at " + entry.licenceUrl) +
                        ", then say so with --accept-licence.");
    }
    std::vector<fs::path> fetched;
    for (const auto& file : entry.files) {
        const auto target = modelsFolder / file.path;
        if (isThere(modelsFolder, file)) {
            continue;
        }
        if (file.url.empty()) {
            throw Error(ErrorCode::MissingModel,
                        file.path.filename().string() + " cannot be downloaded by this program.",
                        "Get it from " + entry.source +
                            (checkable(file) ? " and add it with body4d models add FILE." : "."));
        }
        detail::Download download{file.url, target, file.bytes, file.sha256, request.token, {}};
        download.gateHelp =
            entry.gate.empty() ? "Look at " + entry.source + "." : entry.source + ": " + entry.gate;
        const auto check = [&](const fs::path& part) {
            std::optional<Checkpoint> open;
            const auto wrong = flaws(part, {file.path, {}, 0, {}, file.manifest}, open).lines;
            if (!wrong.empty()) {
                throw Error(ErrorCode::Input,
                            "What the server sent is not the official " + file.path.filename().string() + ".",
                            "The file at its source may be another version; this program needs the one that "
                            "it was made for.",
                            file.url + joined(wrong));
            }
        };
        const auto tell = [&](std::int64_t now, std::int64_t total) {
            if (request.progress) {
                request.progress({"download", file.path.filename().string(), now >> 20, total >> 20, 0, -1});
            }
        };
        detail::fetch(download, check, tell, stop);
        fetched.push_back(target);
    }
    return fetched;
}

std::vector<fs::path> downloadModel(const std::string& name, const DownloadRequest& request,
                                    const fs::path& modelsFolder, const std::stop_token& stop) {
    return downloadModel(entryNamed(detail::modelTable(), name), request, modelsFolder, stop);
}

} // namespace body4d
