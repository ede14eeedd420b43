#include "video/timecode.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace body4d {

std::string formatTimecode(double seconds) {
    const auto total = std::llround(std::abs(seconds) * 1000);
    char text[48];
    std::snprintf(text, sizeof text, "%s%02lld:%02lld:%02lld.%03lld", seconds < 0 && total > 0 ? "-" : "",
                  total / 3600000, total / 60000 % 60, total / 1000 % 60, total % 1000);
    return text;
}

std::optional<double> parseTimecode(std::string_view text) {
    double seconds = 0;
    for (int part = 0; part < 3; ++part) {
        const std::size_t colon = text.find(':');
        const std::string_view field = text.substr(0, colon);
        if (field.empty() || field.find_first_not_of("0123456789.") != std::string_view::npos) {
            return std::nullopt;
        }
        double value = 0;
        const auto [end, error] =
            std::from_chars(field.data(), field.data() + field.size(), value, std::chars_format::fixed);
        if (error != std::errc() || end != field.data() + field.size()) {
            return std::nullopt;
        }
        const bool last = colon == std::string_view::npos;
        // Only the seconds have decimals, and minutes and seconds after a colon end at 59.
        if ((!last && value != std::floor(value)) || (part > 0 && value >= 60)) {
            return std::nullopt;
        }
        seconds = seconds * 60 + value;
        if (last) {
            return seconds;
        }
        text.remove_prefix(colon + 1);
    }
    return std::nullopt;
}

std::int64_t frameAtTime(const VideoInfo& info, double seconds) {
    // Half a microsecond of grace: times come from divisions.
    const auto after = std::upper_bound(info.frameTimes.begin(), info.frameTimes.end(), seconds + 5e-7);
    return std::max<std::int64_t>(after - info.frameTimes.begin() - 1, 0);
}

} // namespace body4d
