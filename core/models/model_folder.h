#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>

namespace body4d {

/// Where the files of models are: a folder, and files that a person keeps elsewhere.
class ModelFolder {
public:
    ModelFolder() = default;
    ModelFolder(std::filesystem::path folder) : folder_(std::move(folder)) {} // NOLINT: a folder is one
    ModelFolder(const char* folder) : folder_(folder) {}                      // NOLINT
    ModelFolder(const std::string& folder) : folder_(folder) {}               // NOLINT
    /// @param name as it would be in the folder, "sam3d_body/model.ckpt"
    void put(const std::string& name, std::filesystem::path file) { elsewhere_[name] = std::move(file); }
    [[nodiscard]] std::filesystem::path operator/(const std::filesystem::path& name) const {
        const auto it = elsewhere_.find(name.generic_string());
        return it != elsewhere_.end() ? it->second : folder_ / name;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
    operator const std::filesystem::path&() const { return folder_; } // NOLINT: for engines without such files
    [[nodiscard]] std::string string() const { return folder_.string(); }
    auto operator<=>(const ModelFolder&) const = default;

private:
    std::filesystem::path folder_;
    std::map<std::string, std::filesystem::path> elsewhere_;
};

} // namespace body4d
