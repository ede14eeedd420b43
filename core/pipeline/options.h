#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace body4d {

using OptionValue = std::variant<bool, long long, double, std::string>;

/// One option, declared once; feeds the YAML file, the CLI, the window and the documentation.
struct OptionSpec {
    std::string
        key; ///< "sam_3d_body.batch_size", "completion.enable": the reference's names where they exist
    OptionValue defaultValue;
    std::string label;               ///< for the window: "Batch size"
    std::string help;                ///< one sentence
    std::string unit;                ///< "frames", "GiB", "°", ""
    double minimum = 0, maximum = 0; ///< both 0: no range
    std::vector<std::string> choices;
    std::vector<std::string> stages; ///< stages that a change makes stale
    std::string cliFlag;             ///< "--batch"; empty: only by --set key=value
};
[[nodiscard]] const std::vector<OptionSpec>& optionSpecs();
[[nodiscard]] const OptionSpec* findOption(const std::string& key);

/// Values by key; what is not set has its default. Precedence: defaults < config < project < command line and
/// window.
class Options {
public:
    [[nodiscard]] bool boolean(const std::string& key) const;
    [[nodiscard]] long long integer(const std::string& key) const;
    [[nodiscard]] double number(const std::string& key) const;
    [[nodiscard]] std::string text(const std::string& key) const;
    /// Converts and checks type, range and choice. @throws Error{Usage} naming the nearest known key
    void set(const std::string& key, const OptionValue& value);
    void setFromText(const std::string& key, const std::string& value);
    void reset(const std::string& key) { values_.erase(key); }
    [[nodiscard]] const std::map<std::string, OptionValue>& values() const {
        return values_;
    } ///< only those set
    void merge(const Options& stronger);
    bool operator==(const Options&) const = default;

    /// Reads configs/body4d.yaml or a person's own file; `${...}` references are resolved.
    /// @throws Error{Usage} naming file, line and the nearest known key
    [[nodiscard]] static Options fromYaml(const std::filesystem::path& file);

private:
    std::map<std::string, OptionValue> values_;
};

/// configs/body4d.yaml as it is shipped, from the table (a test keeps the file equal to it).
[[nodiscard]] std::string defaultConfigYaml();

} // namespace body4d
