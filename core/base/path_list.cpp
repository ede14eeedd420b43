#include "base/path_list.h"

#include <algorithm>

namespace body4d {

void PathList::add(const std::filesystem::path& folder, std::string_view name) {
    std::size_t at = files_.empty() ? 0 : files_.back().folder; // mostly the one before
    if (at >= folders_.size() || folders_[at] != folder) {
        at = static_cast<std::size_t>(std::find(folders_.begin(), folders_.end(), folder) - folders_.begin());
        if (at == folders_.size()) {
            folders_.push_back(folder);
        }
    }
    files_.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(name.size()), names_.size()});
    names_ += name;
}

void PathList::push_back(const std::filesystem::path& path) {
    add(path.parent_path(), path.filename().native());
}

void PathList::append(const PathList& other) {
    for (const File& file : other.files_) {
        add(other.folders_[file.folder], std::string_view(other.names_).substr(file.name, file.length));
    }
}

std::filesystem::path PathList::operator[](std::size_t index) const {
    const File& file = files_.at(index);
    return folders_[file.folder] / names_.substr(file.name, file.length);
}

} // namespace body4d
