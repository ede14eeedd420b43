#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace body4d {

/// A growing list of files, of which many lie in few folders: some twenty bytes and its name each, where a path takes
/// hundreds.
class PathList {
public:
    /// Gives paths by value.
    class const_iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = std::filesystem::path;
        using difference_type = std::ptrdiff_t;
        using reference = value_type;
        struct pointer {
            value_type path;
            const value_type* operator->() const { return &path; }
        };
        const_iterator() = default;
        const_iterator(const PathList* list, std::size_t index) : list_(list), index_(index) {}
        reference operator*() const { return (*list_)[index_]; }
        pointer operator->() const { return {**this}; }
        const_iterator& operator++() {
            ++index_;
            return *this;
        }
        const_iterator operator++(int) { return {list_, index_++}; }
        bool operator==(const const_iterator&) const = default;

    private:
        const PathList* list_ = nullptr;
        std::size_t index_ = 0;
    };

    void push_back(const std::filesystem::path& path);
    void append(const PathList& other);
    [[nodiscard]] std::filesystem::path operator[](std::size_t index) const;
    [[nodiscard]] std::filesystem::path front() const { return (*this)[0]; }
    [[nodiscard]] std::filesystem::path back() const { return (*this)[size() - 1]; }
    [[nodiscard]] std::size_t size() const { return files_.size(); }
    [[nodiscard]] bool empty() const { return files_.empty(); }
    [[nodiscard]] const_iterator begin() const { return {this, 0}; }
    [[nodiscard]] const_iterator end() const { return {this, size()}; }

private:
    struct File {
        std::uint32_t folder, length; ///< of the name
        std::size_t name;             ///< where it begins
    };
    void add(const std::filesystem::path& folder, std::string_view name);
    std::vector<std::filesystem::path> folders_;
    std::string names_;
    std::vector<File> files_;
};

} // namespace body4d
