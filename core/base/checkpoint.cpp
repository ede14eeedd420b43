#include "base/checkpoint.h"

#include "base/error.h"
#include "base/files.h"
#include "base/torch_archive_internal.h"

#include <nlohmann/json.hpp>

#include <cstring>
#include <set>
#include <utility>

namespace body4d {
namespace fs = std::filesystem;

struct Checkpoint::Data {
    fs::path path;
    std::map<std::string, CheckpointTensor> tensors;
    std::map<std::string, std::string> metadata;
    std::vector<MappedFile> files;
    std::vector<SafetensorsFile> safetensors;
};

namespace {

constexpr const char* kRemedy = "Delete it and download it again, whole.";

[[noreturn]] void fail(const fs::path& path, const std::string& why) {
    throw Error(ErrorCode::Input, path.filename().string() + " is not a sound checkpoint: " + why + ".",
                kRemedy, path.string());
}

bool looksLikeSafetensors(std::span<const std::byte> bytes) {
    return bytes.size() > 8 && std::to_integer<char>(bytes[8]) == '{';
}

bool looksLikeJson(std::span<const std::byte> bytes) {
    return !bytes.empty() && std::to_integer<char>(bytes[0]) == '{';
}

} // namespace

class CheckpointBuilder {
public:
    explicit CheckpointBuilder(const fs::path& path) { data_->path = path; }

    void add(const fs::path& path, bool shards) {
        MappedFile file(path);
        const auto bytes = file.bytes();
        if (detail::looksLikeTorch(bytes)) {
            auto archive = detail::readTorchArchive(bytes, [&](const std::string& why) { fail(path, why); });
            merge(path, archive.tensors);
            data_->metadata.merge(archive.metadata);
            data_->files.push_back(std::move(file));
        } else if (shards && looksLikeJson(bytes)) {
            addShards(path, bytes);
        } else if (looksLikeSafetensors(bytes)) {
            SafetensorsFile tensors(path);
            std::map<std::string, CheckpointTensor> views;
            for (const auto& [name, view] : tensors.tensors()) {
                views[name] = {view.dtype, view.shape, {}, view.bytes};
            }
            merge(path, views);
            auto metadata = tensors.metadata();
            data_->metadata.merge(metadata);
            data_->safetensors.push_back(std::move(tensors));
        } else {
            fail(path, "it is neither of PyTorch's nor a safetensors file");
        }
    }
    [[nodiscard]] Checkpoint finish() {
        if (data_->tensors.empty()) {
            fail(data_->path, "it holds no tensors");
        }
        return Checkpoint(std::move(data_));
    }

private:
    void merge(const fs::path& path, std::map<std::string, CheckpointTensor>& tensors) {
        data_->tensors.merge(tensors);
        if (!tensors.empty()) {
            fail(path, "tensor " + tensors.begin()->first + " is in two of the model's files");
        }
    }
    void addShards(const fs::path& path, std::span<const std::byte> bytes) {
        constexpr std::size_t kMostIndexBytes = 16 << 20;
        if (bytes.size() > kMostIndexBytes) {
            fail(path, "its index is larger than any model's");
        }
        std::map<std::string, std::string> where;
        try {
            const auto* text = reinterpret_cast<const char*>(bytes.data());
            where = nlohmann::json::parse(text, text + bytes.size())
                        .at("weight_map")
                        .get<std::map<std::string, std::string>>();
        } catch (const nlohmann::json::exception& e) {
            fail(path, std::string("its index cannot be read (") + e.what() + ")");
        }
        std::set<std::string> names;
        for (const auto& [tensor, file] : where) {
            if (fs::path(file).filename() != fs::path(file) || file.empty() || file == "." || file == "..") {
                fail(path, "it names a file outside its folder (" + file + ")");
            }
            names.insert(file);
        }
        for (const auto& name : names) {
            add(path.parent_path() / name, false);
        }
        for (const auto& [tensor, file] : where) {
            if (!data_->tensors.contains(tensor)) {
                fail(path, "tensor " + tensor + " is not in " + file);
            }
        }
    }

    std::shared_ptr<Checkpoint::Data> data_ = std::make_shared<Checkpoint::Data>();
};

std::int64_t CheckpointTensor::count() const {
    std::int64_t n = 1;
    for (const auto d : shape) {
        n *= d;
    }
    return n;
}

Checkpoint Checkpoint::open(const fs::path& path) {
    CheckpointBuilder builder(path);
    builder.add(path, true);
    return builder.finish();
}

const fs::path& Checkpoint::path() const {
    return data_->path;
}

const std::map<std::string, CheckpointTensor>& Checkpoint::tensors() const {
    return data_->tensors;
}

const CheckpointTensor& Checkpoint::at(const std::string& name) const {
    const auto found = data_->tensors.find(name);
    if (found == data_->tensors.end()) {
        throw Error(ErrorCode::Input, data_->path.filename().string() + " lacks the tensor " + name + ".",
                    "Get the official file; body4d models lists what belongs where.", data_->path.string());
    }
    return found->second;
}

const std::map<std::string, std::string>& Checkpoint::metadata() const {
    return data_->metadata;
}

} // namespace body4d
