#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace body4d::detail {

/// A value of a pickle. Calls are recorded, never made: what would be an object of a Python class is a Call
/// with the name of what was to be called, its arguments and the state that was to be set.
struct PickleValue {
    enum class Kind { None, Bool, Int, Float, Text, Bytes, Tuple, List, Dict, Global, Call, Persistent };
    Kind kind = Kind::None;
    bool flag = false;
    std::int64_t number = 0; ///< saturated where the pickle holds a larger one
    double real = 0;
    std::string_view text; ///< Text and Bytes as they lie in the pickle; Global: the module
    std::string_view name; ///< Global: the name in the module
    /// Tuple and List: items; Dict: key, value, key, value, ...; Call: callee, arguments as a tuple, and the
    /// state where one was set; Persistent: the identifier.
    std::vector<const PickleValue*> items;

    [[nodiscard]] bool is(Kind k) const { return kind == k; }
    /// Of a Dict: the value under a text key, or null.
    [[nodiscard]] const PickleValue* find(std::string_view key) const;
    /// Whether it is the global `module.name`.
    [[nodiscard]] bool isGlobal(std::string_view module, std::string_view wanted) const;
    /// Of a Call: the callee when it is a global, else null.
    [[nodiscard]] const PickleValue* callee() const;
};

/// Everything a pickle builds. Values live as long as this does and point into the bytes that were read; they
/// may contain themselves, so a walk over them needs a limit of its own.
class Pickle {
public:
    /// Reads one pickle of protocol 0 to 5. @param fail called with half a sentence about the flaw; must
    /// throw
    Pickle(std::span<const std::byte> bytes, const std::function<void(const std::string&)>& fail);
    Pickle(Pickle&&) = default; // values keep their places
    Pickle& operator=(Pickle&&) = default;
    [[nodiscard]] const PickleValue& root() const { return *root_; }
    [[nodiscard]] std::size_t length() const { return length_; } ///< bytes that it took
    [[nodiscard]] const std::deque<PickleValue>& values() const { return values_; }

private:
    friend class PickleMachine;
    std::deque<PickleValue> values_;
    const PickleValue* root_ = nullptr;
    std::size_t length_ = 0;
};

} // namespace body4d::detail
