#include "base/error.h"
#include "base/files.h"
#include "pipeline/nearest.h"
#include "pipeline/option_text.h"
#include "pipeline/options.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace body4d {
namespace {

/// A scalar of the file with its place.
struct Entry {
    std::string text;
    int line = 0;
};

class ConfigReader {
public:
    explicit ConfigReader(const std::filesystem::path& file) : file_(file) {}

    Options read() {
        YAML::Node root;
        try {
            root = YAML::Load(readTextFile(file_));
        } catch (const YAML::ParserException& e) {
            throw Error(ErrorCode::Usage, at(e.mark.line + 1) + "this is not valid YAML: " + e.msg + ".",
                        "Correct the line; body4d config prints a file that works.", file_.string());
        }
        if (root.IsNull()) {
            return {};
        }
        if (!root.IsMap()) {
            fail(1, "the file must hold 'key: value' lines", "body4d config prints a file that works.");
        }
        collect(root, "");
        Options options;
        for (const auto& [key, entry] : entries_) {
            std::set<std::string> visited{key};
            const auto value = resolve(entry.text, entry.line, visited);
            try {
                options.setFromText(key, value);
            } catch (const Error& e) {
                fail(entry.line, lowerFirst(withoutFullStop(e.what())), e.remedy());
            }
        }
        return options;
    }

private:
    static std::string withoutFullStop(std::string text) {
        if (text.ends_with('.')) {
            text.pop_back();
        }
        return text;
    }
    static std::string lowerFirst(std::string text) {
        if (!text.empty()) {
            text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
        }
        return text;
    }
    [[nodiscard]] std::string at(int line) const {
        return file_.filename().string() + ":" + std::to_string(line) + ": ";
    }
    [[noreturn]] void fail(int line, const std::string& what, const std::string& remedy) const {
        throw Error(ErrorCode::Usage, at(line) + what + ".", remedy, file_.string());
    }

    [[noreturn]] void unknownKey(int line, const std::string& key) const {
        std::vector<std::string> keys;
        for (const auto& spec : optionSpecs()) {
            keys.push_back(spec.key);
        }
        fail(line, "unknown key '" + key + "'",
             "Did you mean '" + detail::nearestName(key, keys) + "'? body4d config lists all keys.");
    }

    void collect(const YAML::Node& node, const std::string& prefix) {
        for (const auto& pair : node) {
            const int line = pair.first.Mark().line + 1;
            if (!pair.first.IsScalar()) {
                fail(line, "a key must be a word", "body4d config prints a file that works.");
            }
            const auto key = prefix.empty() ? pair.first.Scalar() : prefix + "." + pair.first.Scalar();
            if (pair.second.IsMap()) {
                const bool known = std::any_of(optionSpecs().begin(), optionSpecs().end(),
                                               [&](const auto& s) { return s.key.starts_with(key + "."); });
                if (!known) {
                    unknownKey(line, key);
                }
                collect(pair.second, key);
                continue;
            }
            if (findOption(key) == nullptr) {
                unknownKey(line, key);
            }
            if (pair.second.IsNull()) {
                continue; // "key:" without a value keeps the default
            }
            if (!pair.second.IsScalar()) {
                fail(line, key + " takes one value, not a list", "Give one value.");
            }
            if (entries_.contains(key)) {
                fail(line, key + " is given twice", "Remove one of the lines.");
            }
            entries_[key] = {pair.second.Scalar(), line};
        }
    }

    /// Replaces ${other.key} by that key's value in this file or its default.
    std::string resolve(const std::string& text, int line, std::set<std::string>& visited) const {
        std::string out;
        std::size_t from = 0;
        for (std::size_t open = text.find("${"); open != std::string::npos; open = text.find("${", from)) {
            const auto close = text.find('}', open);
            if (close == std::string::npos) {
                fail(line, "a reference ${...} is not closed", "Add the missing '}'.");
            }
            out += text.substr(from, open - from);
            const auto key = text.substr(open + 2, close - open - 2);
            const auto* spec = findOption(key);
            if (spec == nullptr) {
                unknownKey(line, key);
            }
            if (!visited.insert(key).second) {
                fail(line, "the references form a circle through '" + key + "'", "Give one of them a value.");
            }
            const auto it = entries_.find(key);
            out += it != entries_.end() ? resolve(it->second.text, it->second.line, visited)
                                        : detail::optionText(spec->defaultValue);
            visited.erase(key);
            from = close + 1;
        }
        return out + text.substr(from);
    }

    std::filesystem::path file_;
    std::map<std::string, Entry> entries_;
};

} // namespace

Options Options::fromYaml(const std::filesystem::path& file) {
    return ConfigReader(file).read();
}

std::string defaultConfigYaml() {
    std::ostringstream out;
    out << "# Options of Body4D Studio with their defaults. Use a copy with: body4d run VIDEO --config FILE "
           "-o DIR\n"
           "# Precedence: defaults < this file < project < command line and window.\n"
           "# A value may refer to another one: ${smoothing.torso}\n";
    std::string group;
    for (const auto& spec : optionSpecs()) {
        const auto dot = spec.key.find('.');
        const auto head = dot == std::string::npos ? std::string() : spec.key.substr(0, dot);
        if (head != group || head.empty()) {
            out << '\n';
            if (!head.empty()) {
                out << head << ":\n";
            }
            group = head;
        }
        const std::string indent = head.empty() ? "" : "  ";
        out << indent << "# " << spec.help;
        if (!spec.choices.empty()) {
            out << " One of:";
            for (const auto& c : spec.choices) {
                out << ' ' << c;
            }
            out << '.';
        } else if (spec.minimum != spec.maximum) {
            out << " From " << detail::numberText(spec.minimum) << " to " << detail::numberText(spec.maximum);
            out << (spec.unit.empty() ? "" : " " + spec.unit) << '.';
        }
        out << '\n'
            << indent << (head.empty() ? spec.key : spec.key.substr(dot + 1)) << ": "
            << detail::optionText(spec.defaultValue) << '\n';
    }
    return out.str();
}

} // namespace body4d
