#pragma once

#include "base/manifest.h"
#include "base/progress.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace body4d {

/// One file of a model.
struct ModelFile {
    std::filesystem::path path; ///< relative to the models folder
    std::string url;            ///< empty: not to be downloaded by us
    std::int64_t bytes = 0;     ///< 0: not published
    std::string sha256;         ///< lower-case hex; empty: not published
    std::string manifest;       ///< name of the list of tensors that it must hold; empty: any content
    /// Files that do as well: the same tensors under other names.
    std::vector<ModelFile> alternatives{};
};

/// One engine that a stage can use, and what it needs.
struct ModelEntry {
    std::string name;  ///< "blazepose", "anny", "sam3", ...
    std::string stage; ///< "segment", "reconstruct", ...
    std::string title;
    std::string licence;
    std::string licenceUrl; ///< where its text stands; empty: it comes with the program
    std::string source;     ///< where a person gets it
    std::string gate;       ///< what has to be done before a download is allowed; empty: it is open
    std::vector<ModelFile> files;
    std::string needs; ///< "" or "LibTorch"
    double parametersMillions = 0;
    std::int64_t memoryBytes = 0;
    bool implemented =
        false;            ///< this program has the engine; others are listed so that people know what comes
    bool present = false; ///< its files, and what it needs
    std::string missing;  ///< sentence: what is missing and how it comes here
};

/// Everything the program knows, with what of it lies in a folder.
[[nodiscard]] std::vector<ModelEntry> modelCatalog(const std::filesystem::path& modelsFolder);

/// The list of tensors of an official file, as far as it is published. @throws std::logic_error for an
/// unknown name
[[nodiscard]] Manifest officialManifest(const std::string& name);
[[nodiscard]] std::vector<std::string> officialManifestNames();

/// Which file of which model a file of a person's is.
struct ModelMatch {
    std::string model;
    ModelFile file;
};

/// Checks a local file strictly against the catalogue: its size and hash where they are published, and every
/// tensor's name, shape and type.
/// @param model name in the catalogue, or empty: it is recognised by its content, whatever its name
/// @throws Error{Input} when it is nothing that the catalogue knows, when it could belong to several models,
/// or when it is not sound: the detail names every difference
[[nodiscard]] ModelMatch checkModelFile(const std::filesystem::path& file, const std::string& model = {});

/// Checks a file and puts a copy of it where the engine looks for it, with its shards where it is an index of
/// such; the original stays. A copy is made by sharing blocks where the file system can.
/// @returns where it lies now  @throws Error{Input, Output, Busy}
std::filesystem::path addModel(const std::filesystem::path& file, const std::filesystem::path& modelsFolder,
                               const std::string& model = {});

struct DownloadRequest {
    std::string
        token; ///< of a person who has accepted a gate; sent only to the host of the file's own address
    bool licenceAccepted = false;
    ProgressFn progress; ///< stage "download", in MiB
};

/// Downloads what a model lacks, on request only. A part that is there is continued; a file appears in its
/// place only when its size, its SHA-256 and its tensors are right.
/// @throws Error{Usage} unless the licence was accepted, Error{MissingModel} where a gate is closed or
/// nothing can be
///         downloaded, with what to do; Error{Input} when the content is wrong; Error{Output}; Cancelled
/// @returns the files that were fetched; empty: all was there
std::vector<std::filesystem::path> downloadModel(const std::string& name, const DownloadRequest& request,
                                                 const std::filesystem::path& modelsFolder,
                                                 const std::stop_token& stop);
std::vector<std::filesystem::path> downloadModel(const ModelEntry& entry, const DownloadRequest& request,
                                                 const std::filesystem::path& modelsFolder,
                                                 const std::stop_token& stop);

} // namespace body4d
