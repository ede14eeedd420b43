#include "cli/clicks.h"

#include "base/error.h"

#include <algorithm>
#include <charconv>

namespace body4d::cli {
namespace {

/// Reads one number at a time off a text and remembers whether all went well.
class Scanner {
public:
    explicit Scanner(const std::string& text) : at_(text.data()), end_(text.data() + text.size()) {}
    explicit Scanner(std::string&&) = delete; // it reads where the text lies

    template <typename T>
    T number() {
        T value{};
        const auto [rest, error] = std::from_chars(at_, end_, value);
        good_ = good_ && error == std::errc();
        at_ = rest;
        return value;
    }
    /// Takes the character if it is next.
    bool take(char c) {
        if (at_ < end_ && *at_ == c) {
            ++at_;
            return true;
        }
        return false;
    }
    void expect(char c) { good_ = take(c) && good_; }
    [[nodiscard]] bool good() const { return good_ && at_ == end_; }

private:
    const char* at_;
    const char* end_;
    bool good_ = true;
};

Prompt& promptOn(Target& target, std::int64_t frame) {
    const auto at = std::find_if(target.prompts.begin(), target.prompts.end(),
                                 [frame](const Prompt& p) { return p.frame >= frame; });
    if (at != target.prompts.end() && at->frame == frame) {
        return *at;
    }
    Prompt prompt;
    prompt.frame = frame;
    return *target.prompts.insert(at, std::move(prompt));
}

Target& targetOf(ProjectDocument& document, std::optional<TargetId> id) {
    if (id) {
        if (auto* target = document.target(*id)) {
            return *target;
        }
    }
    return document.addTarget(id);
}

} // namespace

Click parseClick(const std::string& text) {
    Scanner in(text);
    Click click;
    click.frame = in.number<std::int64_t>();
    in.expect(':');
    click.point.x = in.number<double>();
    in.expect(',');
    click.point.y = in.number<double>();
    if (in.take(':')) {
        click.point.include = in.take('+');
        if (!click.point.include) {
            in.expect('-');
        }
    }
    if (in.take('@')) {
        click.target = in.number<TargetId>();
    }
    if (!in.good() || click.frame < 0 || click.target.value_or(1) < 1) {
        throw Error(
            ErrorCode::Usage, "'" + text + "' is no click.",
            "Give FRAME:X,Y with an optional :+ or :- and @TARGET, for example 0:285,235 or 40:310,200:-@2.");
    }
    return click;
}

BoxClick parseBox(const std::string& text) {
    Scanner in(text);
    BoxClick box;
    box.frame = in.number<std::int64_t>();
    in.expect(':');
    box.box.x0 = in.number<double>();
    in.expect(',');
    box.box.y0 = in.number<double>();
    in.expect(',');
    box.box.x1 = box.box.x0 + in.number<double>();
    in.expect(',');
    box.box.y1 = box.box.y0 + in.number<double>();
    if (in.take('@')) {
        box.target = in.number<TargetId>();
    }
    if (!in.good() || box.frame < 0 || box.box.area() <= 0 || box.target.value_or(1) < 1) {
        throw Error(ErrorCode::Usage, "'" + text + "' is no box.",
                    "Give FRAME:X,Y,WIDTH,HEIGHT with an optional @TARGET, for example 0:200,100,150,300.");
    }
    return box;
}

PersonFacts parsePerson(const std::string& text) {
    const auto wrong = [&text](const std::string& what) {
        throw Error(ErrorCode::Usage, "'" + text + "' says nothing of a person: " + what,
                    "Give TARGET:KEY=VALUE,... with height in cm, age, build or gender from 0 to 1, colour=#RRGGBB, and name=... "
                    "last, for example 1:height=178,name=Anna.");
    };
    PersonFacts facts;
    const auto colon = text.find(':');
    const std::string target = text.substr(0, colon);
    Scanner number(target);
    facts.target = number.number<TargetId>();
    if (colon == std::string::npos || !number.good() || facts.target < 1) {
        wrong("it does not begin with the number of a target.");
    }
    const auto from = [&](const std::string& key, const std::string& value, double low, double high) {
        Scanner in(value);
        const auto v = in.number<double>();
        if (!in.good() || !(v >= low && v <= high)) {
            wrong(key + " is " + value + ".");
        }
        return v;
    };
    for (auto at = colon + 1; at < text.size();) {
        const auto equals = text.find('=', at);
        if (equals == std::string::npos) {
            wrong("'" + text.substr(at) + "' has no value.");
        }
        const auto key = text.substr(at, equals - at);
        const auto end = key == "name" ? text.size() : std::min(text.find(',', equals), text.size());
        const auto value = text.substr(equals + 1, end - equals - 1);
        if (key == "height") {
            facts.heightCm = from(key, value, 1, 250);
        } else if (key == "age") {
            facts.age = from(key, value, 0, 1);
        } else if (key == "build") {
            facts.build = from(key, value, 0, 1);
        } else if (key == "gender") {
            facts.gender = from(key, value, 0, 1);
        } else if (key == "colour" && value.size() == 7 && value[0] == '#' &&
                   value.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos) {
            facts.colour = value;
        } else if (key == "name" && !value.empty()) {
            facts.name = value;
        } else {
            wrong("'" + key + "' is " + value + ".");
        }
        at = end + 1;
    }
    return facts;
}

void applyPersons(ProjectDocument& document, const std::vector<PersonFacts>& persons) {
    for (const auto& facts : persons) {
        auto* target = document.target(facts.target);
        if (target == nullptr) {
            throw Error(ErrorCode::Usage, "There is no target " + std::to_string(facts.target) + " to say anything of.",
                        "Click it with --click FRAME:X,Y@" + std::to_string(facts.target) + ".");
        }
        auto& traits = target->traits;
        traits.heightMetres = facts.heightCm ? *facts.heightCm / 100 : traits.heightMetres;
        traits.age = facts.age.value_or(traits.age);
        traits.build = facts.build.value_or(traits.build);
        traits.gender = facts.gender.value_or(traits.gender);
        target->colour = facts.colour.value_or(target->colour);
        target->name = facts.name.value_or(target->name);
    }
}

FrameRange parseFrames(const std::string& text, std::int64_t frameCount) {
    FrameRange range{0, frameCount};
    const auto colon = text.find(':');
    bool good = colon != std::string::npos && text.size() > 1;
    if (good) {
        const auto first = text.substr(0, colon), second = text.substr(colon + 1);
        const auto number = [&good](const std::string& part, std::int64_t& into) {
            if (part.empty()) {
                return;
            }
            Scanner in(part);
            into = in.number<std::int64_t>();
            good = good && in.good();
        };
        number(first, range.begin);
        number(second, range.end);
    }
    if (!good) {
        throw Error(ErrorCode::Usage, "'" + text + "' is no range of frames.",
                    "Give A:B, from frame A up to but without frame B, for example 0:100.");
    }
    if (range.begin < 0 || range.end > frameCount || range.size() == 0) {
        throw Error(ErrorCode::Usage, "The frames " + text + " are not in this video.",
                    "It has the frames 0:" + std::to_string(frameCount) + "; the end is not included.");
    }
    return range;
}

void applyClicks(ProjectDocument& document, const std::vector<Click>& clicks,
                 const std::vector<BoxClick>& boxes) {
    std::optional<TargetId> last;
    std::vector<std::pair<Click, TargetId>> placed;
    for (const auto& click : clicks) {
        auto id = click.target;
        if (!id && !click.point.include) {
            if (!last) {
                throw Error(ErrorCode::Usage, "The first click says what a person is not.",
                            "Click a person first: --click FRAME:X,Y, then --click FRAME:X,Y:-.");
            }
            id = last;
        }
        auto& target = targetOf(document, id);
        promptOn(target, click.frame).points.push_back(click.point);
        last = target.id;
        placed.emplace_back(click, target.id);
    }
    for (const auto& box : boxes) {
        auto id = box.target;
        for (const auto& [click, owner] : placed) {
            const bool inside = click.frame == box.frame && click.point.include &&
                                click.point.x >= box.box.x0 && click.point.x < box.box.x1 &&
                                click.point.y >= box.box.y0 && click.point.y < box.box.y1;
            if (!id && inside) {
                id = owner;
            }
        }
        promptOn(targetOf(document, id), box.frame).box = box.box;
    }
}

} // namespace body4d::cli
