#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "pipeline/nearest.h"
#include "pipeline/option_text.h"
#include "pipeline/options.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

namespace body4d {
namespace {

/// A scalar of the file with its place.
struct Entry {
    std::string text;
    int line = 0;
};

/// Keys of SAM-Body4D's own file that are read and have no effect here.
/// @param diffusion they belong to Diffusion-VAS; the others have no effect there either
struct ForeignKey {
    const char* key;
    bool diffusion;
};
constexpr ForeignKey kForeignKeys[] = {{"sam_3d_body.detector_path", false},
                                       {"sam_3d_body.segmentor_path", false},
                                       {"completion.max_occ_len", false},
                                       {"completion.detection_resolution", true},
                                       {"completion.completion_resolution", true},
                                       {"completion.model_path_mask", true},
                                       {"completion.model_path_rgb", true},
                                       {"completion.model_path_depth", true},
                                       {"completion.depth_encoder", true}};

const ForeignKey* foreignKey(const std::string& key) {
    const auto it = std::find_if(std::begin(kForeignKeys), std::end(kForeignKeys),
                                 [&](const ForeignKey& f) { return key == f.key; });
    return it == std::end(kForeignKeys) ? nullptr : it;
}

/// Engines that a file of SAM-Body4D's means without naming them: by the checkpoint that it gives them.
struct ImpliedEngine {
    const char *checkpoint, *option, *engine;
};
constexpr ImpliedEngine kImplied[] = {{"sam3.ckpt_path", "engines.segment", "sam3"},
                                      {"sam_3d_body.ckpt_path", "engines.reconstruct", "sam3d_body"},
                                      {"sam_3d_body.fov_path", "engines.intrinsics", "moge2"}};

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
        bool diffusion = false;
        for (const auto& [key, entry] : entries_) {
            std::set<std::string> visited{key};
            const auto value = resolve(entry.text, {key, entry.line}, visited);
            if (const auto* foreign = foreignKey(key)) {
                diffusion = diffusion || foreign->diffusion;
                continue;
            }
            try {
                options.setFromText(key, value);
            } catch (const Error& e) {
                fail(entry.line, lowerFirst(withoutFullStop(e.what())), e.remedy());
            }
        }
        for (const auto& implied : kImplied) {
            if (!options.text(implied.checkpoint).empty() && !entries_.contains(implied.option)) {
                options.setFromText(implied.option, implied.engine);
            }
        }
        if (diffusion && options.boolean("completion.enable")) {
            log(LogLevel::Warning, file_.filename().string() +
                                       ": this program completes hidden people by " +
                                       options.text("engines.complete") + "; what the file says of Diffusion-VAS has no effect.");
        }
        return options;
    }

private:
    /// Where a value stands.
    struct At {
        std::string key;
        int line = 0;
    };

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
             detail::didYouMean(key, keys) + "body4d config lists all keys.");
    }

    void collect(const YAML::Node& node, const std::string& prefix) {
        for (const auto& pair : node) {
            const int line = pair.first.Mark().line + 1;
            if (!pair.first.IsScalar()) {
                fail(line, "a key must be a word", "body4d config prints a file that works.");
            }
            const auto key = prefix.empty() ? pair.first.Scalar() : prefix + "." + pair.first.Scalar();
            if (pair.second.IsMap()) {
                const bool known = isGroup(key);
                if (!known) {
                    unknownKey(line, key);
                }
                collect(pair.second, key);
                continue;
            }
            const bool foreign = foreignKey(key) != nullptr;
            if (findOption(key) == nullptr && !foreign) {
                unknownKey(line, key);
            }
            if (pair.second.IsNull()) {
                continue; // "key:" without a value keeps the default
            }
            if (foreign && pair.second.IsSequence()) {
                continue;
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

    [[nodiscard]] static bool isGroup(const std::string& key) {
        return std::any_of(optionSpecs().begin(), optionSpecs().end(),
                           [&](const auto& s) { return s.key.starts_with(key + "."); });
    }

    /// The key that a reference means: from the root, or from the value's own group with a leading dot, and from
    /// one group farther out with each further dot.
    std::string absoluteKey(const std::string& reference, const At& from) const {
        const auto dots = std::min(reference.find_first_not_of('.'), reference.size());
        if (dots == 0) {
            return reference;
        }
        auto group = from.key;
        for (std::size_t i = 0; i < dots; ++i) {
            if (group.empty()) {
                fail(from.line, "the reference '" + reference + "' leads out of the file", "Take a dot away.");
            }
            const auto cut = group.rfind('.');
            group = cut == std::string::npos ? std::string() : group.substr(0, cut);
        }
        return (group.empty() ? "" : group + ".") + reference.substr(dots);
    }

    /// Replaces ${other.key} by that key's value in this file or its default, ${oc.env:NAME,otherwise} by a variable
    /// of the environment, as OmegaConf does. References may stand inside references; \${ is no reference.
    std::string resolve(const std::string& text, const At& place, std::set<std::string>& visited) const {
        std::string out;
        std::size_t from = 0;
        for (std::size_t open = text.find("${"); open != std::string::npos; open = text.find("${", from)) {
            if (open > from && text[open - 1] == '\\') {
                out += text.substr(from, open - 1 - from) + "${";
                from = open + 2;
                continue;
            }
            std::size_t close = open + 2;
            for (int depth = 1; depth > 0; ++close) {
                if (close >= text.size()) {
                    fail(place.line, "a reference ${...} is not closed", "Add the missing '}'.");
                }
                depth += text[close] == '}' ? -1 : text.compare(close, 2, "${") == 0 ? 1 : 0;
            }
            out += text.substr(from, open - from);
            out += valueOf(resolve(text.substr(open + 2, close - open - 3), place, visited), place, visited);
            from = close;
        }
        return out + text.substr(from);
    }

    std::string valueOf(const std::string& reference, const At& place, std::set<std::string>& visited) const {
        constexpr std::string_view kEnvironment = "oc.env:";
        if (reference.starts_with(kEnvironment)) {
            const auto comma = reference.find(',');
            const auto name = reference.substr(kEnvironment.size(), comma == std::string::npos ? comma : comma - kEnvironment.size());
            if (const char* value = std::getenv(name.c_str())) {
                return value;
            }
            if (comma == std::string::npos) {
                fail(place.line, "the environment has no variable '" + name + "'",
                     "Set it, or give another value after a comma: ${oc.env:" + name + ",VALUE}.");
            }
            return reference.substr(comma + 1);
        }
        const auto key = absoluteKey(reference, place);
        const auto it = entries_.find(key);
        const auto* spec = findOption(key);
        if (it == entries_.end() && spec == nullptr) {
            if (isGroup(key)) {
                fail(place.line, "'" + key + "' is a group, not a value", "Name one of its keys.");
            }
            unknownKey(place.line, key);
        }
        if (!visited.insert(key).second) {
            fail(place.line, "the references form a circle through '" + key + "'", "Give one of them a value.");
        }
        auto value = it != entries_.end() ? resolve(it->second.text, {key, it->second.line}, visited)
                                          : detail::optionText(spec->defaultValue);
        visited.erase(key);
        return value;
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
           "# A value may refer to another one: ${smoothing.torso}\n"
           "# SAM-Body4D's own configs/body4d.yaml works here, too, with its checkpoint folder.\n";
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
            << (spec.defaultValue == OptionValue(std::string()) ? "\"\"" : detail::optionText(spec.defaultValue))
            << '\n';
    }
    return out.str();
}

} // namespace body4d
