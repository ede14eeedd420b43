#include "pipeline/option_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace body4d::detail {

std::string numberText(double value) {
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

std::string optionText(const OptionValue& value) {
    if (const auto* flag = std::get_if<bool>(&value)) {
        return *flag ? "true" : "false";
    }
    if (const auto* whole = std::get_if<long long>(&value)) {
        return std::to_string(*whole);
    }
    if (const auto* real = std::get_if<double>(&value)) {
        return numberText(*real);
    }
    return std::get<std::string>(value);
}

std::optional<OptionValue> parseOption(const OptionValue& like, const std::string& text) {
    const char* first = text.data();
    const char* last = first + text.size();
    if (std::holds_alternative<bool>(like)) {
        std::string lower = text;
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (lower == "true" || lower == "on" || lower == "yes" || lower == "1") {
            return true;
        }
        if (lower == "false" || lower == "off" || lower == "no" || lower == "0") {
            return false;
        }
        return std::nullopt;
    }
    if (std::holds_alternative<long long>(like)) {
        long long value = 0;
        const auto [end, error] = std::from_chars(first, last, value);
        return error == std::errc() && end == last && !text.empty() ? std::optional<OptionValue>(value)
                                                                    : std::nullopt;
    }
    if (std::holds_alternative<double>(like)) {
        double value = 0;
        const auto [end, error] = std::from_chars(first, last, value);
        return error == std::errc() && end == last && !text.empty() ? std::optional<OptionValue>(value)
                                                                    : std::nullopt;
    }
    return text;
}

} // namespace body4d::detail
