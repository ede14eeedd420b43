#include "nn/manifest.h"

#include "base/error.h"
#include "base/files.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <sstream>

namespace body4d::nn {
namespace {

std::string describe(const Manifest::Entry& entry) {
    std::string out = std::string(dtypeName(entry.dtype)) + " [";
    for (std::size_t i = 0; i < entry.shape.size(); ++i) {
        out += (i > 0 ? ", " : "") + std::to_string(entry.shape[i]);
    }
    return out + "]";
}

bool parseNumber(std::string_view text, std::int64_t& value) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc() && end == text.data() + text.size() && value >= 0;
}

/// Writes out {first..last} and {a,b,c}, from the left. @returns false on a range that cannot be read
bool expand(const std::string& name, const std::function<void(const std::string&)>& use) {
    constexpr std::int64_t kMostItems = 4096;
    const auto open = name.find('{');
    if (open == std::string::npos) {
        use(name);
        return name.find('}') == std::string::npos;
    }
    const auto close = name.find('}', open);
    if (close == std::string::npos) {
        return false;
    }
    const auto before = name.substr(0, open), inside = name.substr(open + 1, close - open - 1),
               after = name.substr(close + 1);
    const auto dots = inside.find("..");
    if (dots != std::string::npos) {
        std::int64_t first = 0, last = 0;
        if (!parseNumber(std::string_view(inside).substr(0, dots), first) ||
            !parseNumber(std::string_view(inside).substr(dots + 2), last) || last < first ||
            last - first >= kMostItems) {
            return false;
        }
        for (auto i = first; i <= last; ++i) {
            if (!expand(before + std::to_string(i) + after, use)) {
                return false;
            }
        }
        return true;
    }
    std::istringstream items(inside);
    for (std::string item; std::getline(items, item, ',');) {
        if (!expand(before + item + after, use)) {
            return false;
        }
    }
    return true;
}

} // namespace

std::int64_t Manifest::parameters() const {
    std::int64_t sum = 0;
    for (const auto& [name, entry] : tensors) {
        std::int64_t n = 1;
        for (const auto d : entry.shape) {
            n *= d;
        }
        sum += n;
    }
    return sum;
}

std::string Manifest::text() const {
    std::string out;
    for (const auto& [name, entry] : tensors) {
        out += name + " " + describe(entry) + "\n";
    }
    return out;
}

Manifest Manifest::read(const std::filesystem::path& file) {
    return parse(readTextFile(file), file.string());
}

Manifest Manifest::parse(const std::string& text, const std::string& source) {
    Manifest manifest;
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        line.resize(std::min(line.size(), line.find('#')));
        std::istringstream words(line);
        std::string name, type, rest;
        if (!(words >> name)) {
            continue;
        }
        const auto fail = [&](const std::string& why) {
            throw Error(ErrorCode::Input, "A manifest cannot be read: " + why + ".", "Correct the line.",
                        source + ":" + std::to_string(number));
        };
        words >> type;
        std::getline(words, rest);
        Entry entry;
        if (const auto known = dtypeOfName(type)) {
            entry.dtype = *known;
        } else {
            fail("'" + type + "' is no type");
        }
        const auto open = rest.find('['), close = rest.find(']');
        if (open == std::string::npos || close == std::string::npos || close < open) {
            fail("the shape is missing");
        }
        std::string inside = rest.substr(open + 1, close - open - 1);
        inside.erase(std::remove(inside.begin(), inside.end(), ' '), inside.end());
        std::istringstream sizes(inside);
        for (std::string size; std::getline(sizes, size, ',');) {
            std::int64_t value = 0;
            if (!parseNumber(size, value)) {
                fail("'" + size + "' is no size");
            }
            entry.shape.push_back(value);
        }
        const bool sound = expand(name, [&](const std::string& written) {
            if (!manifest.tensors.emplace(written, entry).second) {
                fail(written + " stands there twice");
            }
        });
        if (!sound) {
            fail("the range in '" + name + "'");
        }
    }
    return manifest;
}

Manifest Manifest::of(const Checkpoint& file) {
    Manifest manifest;
    for (const auto& [name, tensor] : file.tensors()) {
        manifest.tensors[name] = {tensor.dtype, tensor.shape};
    }
    return manifest;
}

Manifest Manifest::of(const detail::FieldMap& fields) {
    Manifest manifest;
    for (const auto& [name, field] : fields) {
        const auto sizes = field.tensor->sizes();
        manifest.tensors[name] = {toDType(field.tensor->scalar_type()), {sizes.begin(), sizes.end()}};
    }
    return manifest;
}

std::vector<std::string> differences(const Manifest& wanted, const Manifest& found) {
    std::vector<std::string> lines;
    for (const auto& [name, entry] : wanted.tensors) {
        const auto other = found.tensors.find(name);
        if (other == found.tensors.end()) {
            lines.push_back("missing " + name);
        } else if (!(other->second == entry)) {
            lines.push_back(name + " is " + describe(other->second) + " instead of " + describe(entry));
        }
    }
    for (const auto& [name, entry] : found.tensors) {
        if (!wanted.tensors.contains(name)) {
            lines.push_back("surplus " + name);
        }
    }
    return lines;
}

} // namespace body4d::nn
