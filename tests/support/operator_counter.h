#pragma once

#include <ATen/record_function.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace body4d::testing {

namespace detail {

struct OpenOperator {
    std::string name;
    bool computes; ///< something below it does
};

struct OperatorCounts {
    int all = 0, topLevel = 0, kernels = 0, reads = 0;
    std::map<std::string, int> byName;
};

} // namespace detail

/// Counts the operators of this thread while it lives, and those that wait for a value of the device's. One
/// at a time.
class OperatorCounter {
public:
    OperatorCounter() {
        counts_ = detail::OperatorCounts();
        open_.clear();
        handle_ =
            at::addThreadLocalCallback(at::RecordFunctionCallback(
                                           [](const at::RecordFunction& f) {
                                               open_.push_back({f.name(), false});
                                               return std::unique_ptr<at::ObserverContext>();
                                           },
                                           [](const at::RecordFunction&, at::ObserverContext*) { close(); })
                                           .scopes({at::RecordScope::FUNCTION}));
    }
    ~OperatorCounter() { at::removeCallback(handle_); }
    OperatorCounter(const OperatorCounter&) = delete;
    OperatorCounter& operator=(const OperatorCounter&) = delete;
    /// All operators, also those that others are made of, views and allocations.
    static int operators() { return counts_.all; }
    /// Those that are not called by another operator.
    static int topLevel() { return counts_.topLevel; }
    /// Those that compute something themselves: on a GPU, about the kernels that start.
    static int kernels() { return counts_.kernels; }
    static int reads() { return counts_.reads; }
    /// The most frequent of kernels(), for a look at where they come from: "12 add, 9 mul".
    static std::string busiest(std::size_t most) {
        std::vector<std::pair<int, std::string>> names;
        for (const auto& [name, count] : counts_.byName) {
            names.emplace_back(count, name);
        }
        std::sort(names.rbegin(), names.rend());
        std::string text;
        for (std::size_t i = 0; i < std::min(most, names.size()); ++i) {
            text += (i > 0 ? ", " : "") + std::to_string(names[i].first) + " " + names[i].second;
        }
        return text;
    }

private:
    static void close() {
        if (open_.empty()) {
            return; // began before this counter
        }
        detail::OpenOperator last = std::move(open_.back());
        open_.pop_back();
        ++counts_.all;
        counts_.topLevel += open_.empty();
        counts_.reads += last.name == "aten::_local_scalar_dense";
        if (!last.computes && !onlyLooks(last.name)) {
            last.computes = true;
            ++counts_.kernels;
            ++counts_.byName[last.name.substr(last.name.find("::") + 2)];
        }
        if (!open_.empty()) {
            open_.back().computes = open_.back().computes || last.computes;
        }
    }
    /// Views, allocations, and conversions that found nothing to convert.
    static bool onlyLooks(std::string_view name) {
        constexpr std::array kNames = {"view",
                                       "reshape",
                                       "as_strided",
                                       "expand",
                                       "expand_as",
                                       "permute",
                                       "transpose",
                                       "select",
                                       "slice",
                                       "narrow",
                                       "unsqueeze",
                                       "squeeze",
                                       "t",
                                       "detach",
                                       "alias",
                                       "unbind",
                                       "split",
                                       "split_with_sizes",
                                       "chunk",
                                       "unflatten",
                                       "flatten",
                                       "_reshape_alias",
                                       "_unsafe_view",
                                       "empty",
                                       "empty_like",
                                       "resize_",
                                       "view_as",
                                       "empty_strided",
                                       "new_empty",
                                       "result_type",
                                       "resolve_conj",
                                       "to",
                                       "contiguous",
                                       "resolve_neg",
                                       "unsafe_split",
                                       "unsafe_chunk",
                                       "is_same_size",
                                       "diagonal",
                                       "mT",
                                       "lift_fresh",
                                       "movedim",
                                       "view_as_real",
                                       "view_as_complex",
                                       "resize_as_",
                                       "new_empty_strided"};
        name.remove_prefix(std::min(name.size(), name.find("::") == name.npos ? 0 : name.find("::") + 2));
        return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
    }

    at::CallbackHandle handle_;
    static inline detail::OperatorCounts counts_;
    static inline std::vector<detail::OpenOperator> open_;
};

} // namespace body4d::testing
