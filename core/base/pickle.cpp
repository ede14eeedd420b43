#include "base/pickle_internal.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <optional>
#include <unordered_map>

namespace body4d::detail {
namespace {

/// A state dict of a thousand tensors takes some thirty thousand values; this leaves room for optimiser
/// states and keeps what a hostile file can make us allocate below about a gigabyte.
constexpr std::size_t kMostValues = std::size_t{1} << 22;
constexpr std::size_t kMostItems = std::size_t{1} << 24;

} // namespace

using Kind = PickleValue::Kind;

const PickleValue* PickleValue::find(std::string_view key) const {
    if (kind == Kind::Dict) {
        // The last one counts, as in Python.
        for (std::size_t i = items.size(); i >= 2; i -= 2) {
            if (items[i - 2]->is(Kind::Text) && items[i - 2]->text == key) {
                return items[i - 1];
            }
        }
    }
    return nullptr;
}

bool PickleValue::isGlobal(std::string_view module, std::string_view wanted) const {
    return kind == Kind::Global && text == module && name == wanted;
}

const PickleValue* PickleValue::callee() const {
    return kind == Kind::Call && items[0]->is(Kind::Global) ? items[0] : nullptr;
}

class PickleMachine {
public:
    PickleMachine(Pickle& pickle, std::span<const std::byte> bytes,
                  const std::function<void(const std::string&)>& fail)
        : pickle_(pickle), bytes_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), fail_(fail) {}

    void run() {
        while (step(next())) {
        }
        if (stack_.size() != 1 || stack_.back() == nullptr) {
            fail("it does not end with one value");
        }
        pickle_.root_ = stack_.back();
        pickle_.length_ = at_;
    }

private:
    [[noreturn]] void fail(const std::string& why) {
        fail_(why);
        std::abort(); // the contract of `fail`
    }

    // Reading.
    char next() {
        if (at_ >= bytes_.size()) {
            fail("its pickle is cut off");
        }
        return bytes_[at_++];
    }
    std::string_view take(std::uint64_t size) {
        if (size > bytes_.size() - at_) {
            fail("its pickle is cut off");
        }
        const auto out = bytes_.substr(at_, size);
        at_ += size;
        return out;
    }
    template <typename T>
    T number() {
        T value;
        std::memcpy(&value, take(sizeof(T)).data(), sizeof value);
        return value;
    }
    std::string_view line() {
        const auto end = bytes_.find('\n', at_);
        if (end == std::string_view::npos) {
            fail("its pickle is cut off");
        }
        const auto out = bytes_.substr(at_, end - at_);
        at_ = end + 1;
        return out;
    }

    // Values.
    PickleValue& make(Kind kind) {
        if (pickle_.values_.size() >= kMostValues) {
            fail("its pickle holds too many values");
        }
        auto& value = pickle_.values_.emplace_back();
        value.kind = kind;
        return value;
    }
    void lay(PickleValue* valueOrMark) {
        if (stack_.size() >= kMostItems) {
            fail("its pickle holds too many values");
        }
        stack_.push_back(valueOrMark);
    }
    PickleValue& push(Kind kind) {
        auto& value = make(kind);
        lay(&value);
        return value;
    }
    void pushText(std::string_view text, Kind kind = Kind::Text) { push(kind).text = text; }
    void pushInt(std::int64_t number) { push(Kind::Int).number = number; }
    PickleValue* pop() {
        if (stack_.empty() || stack_.back() == nullptr) {
            fail("its pickle takes a value that is not there");
        }
        auto* value = stack_.back();
        stack_.pop_back();
        return value;
    }
    PickleValue* top() {
        if (stack_.empty() || stack_.back() == nullptr) {
            fail("its pickle takes a value that is not there");
        }
        return stack_.back();
    }
    void add(PickleValue& to, const PickleValue* item) {
        if (++items_ > kMostItems) {
            fail("its pickle holds too many values");
        }
        to.items.push_back(item);
    }
    /// Everything above the last mark, which goes too.
    std::vector<PickleValue*> popMark() {
        std::vector<PickleValue*> out;
        std::size_t mark = stack_.size();
        while (mark > 0 && stack_[mark - 1] != nullptr) {
            --mark;
        }
        if (mark == 0) {
            fail("its pickle has no mark where one is needed");
        }
        out.assign(stack_.begin() + static_cast<std::ptrdiff_t>(mark), stack_.end());
        stack_.resize(mark - 1);
        return out;
    }
    void append(PickleValue& to, const std::vector<PickleValue*>& items) {
        for (const auto* item : items) {
            add(to, item);
        }
    }
    void tuple(std::size_t n) {
        std::array<PickleValue*, 3> items{};
        for (std::size_t i = n; i-- > 0;) {
            items[i] = pop();
        }
        auto& value = push(Kind::Tuple);
        for (std::size_t i = 0; i < n; ++i) {
            add(value, items[i]);
        }
    }
    void global(std::string_view module, std::string_view name) {
        auto& value = push(Kind::Global);
        value.text = module;
        value.name = name;
    }
    void call(PickleValue* callee, PickleValue* arguments) {
        auto& value = push(Kind::Call);
        add(value, callee);
        add(value, arguments);
        if (callee->isGlobal("collections", "OrderedDict") && arguments->is(Kind::Tuple) &&
            arguments->items.size() <= 1) {
            // The one class that is a plain container: with a list of pairs or filled by SETITEMS afterwards.
            value.kind = Kind::Dict;
            value.items.clear();
            if (!arguments->items.empty()) {
                for (const auto* pair : arguments->items[0]->items) {
                    if (pair->items.size() == 2) {
                        add(value, pair->items[0]);
                        add(value, pair->items[1]);
                    }
                }
            }
        }
    }
    void setItems(const std::vector<PickleValue*>& items) {
        auto* dict = top();
        if (items.size() % 2 != 0) {
            fail("its pickle sets a key without a value");
        }
        if (dict->is(Kind::Dict)) {
            append(*dict, items);
        }
        // Into a Call: a class of somebody's that behaves like a dict. What it would do with them is not
        // known here.
    }
    void appendItems(const std::vector<PickleValue*>& items) {
        auto* list = top();
        if (list->is(Kind::List)) {
            append(*list, items);
        }
    }
    void build() {
        auto* state = pop();
        auto* object = top();
        if (object->is(Kind::Call)) {
            object->items.resize(2);
            add(*object, state);
        }
    }
    void remember(std::uint64_t index) { memo_[index] = top(); }
    void recall(std::uint64_t index) {
        const auto found = memo_.find(index);
        if (found == memo_.end()) {
            fail("its pickle asks for a value that it never stored");
        }
        lay(found->second);
    }
    std::int64_t parseInt(std::string_view digits) {
        if (digits.ends_with('L')) {
            digits.remove_suffix(1);
        }
        std::int64_t value = 0;
        const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (code == std::errc::result_out_of_range) {
            return digits.starts_with('-') ? std::numeric_limits<std::int64_t>::min()
                                           : std::numeric_limits<std::int64_t>::max();
        }
        if (code != std::errc() || end != digits.data() + digits.size()) {
            fail("its pickle has a number that is none");
        }
        return value;
    }
    void longInt(std::string_view bytes) { // little-endian two's complement of any length
        const bool negative = !bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0x80) != 0;
        std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
        for (std::size_t i = 0; i < bytes.size() && i < 8; ++i) {
            value &= ~(std::uint64_t{0xff} << (8 * i));
            value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
        }
        auto out = static_cast<std::int64_t>(value);
        for (std::size_t i = 8; i < bytes.size(); ++i) {
            if (static_cast<unsigned char>(bytes[i]) != (negative ? 0xff : 0)) {
                out = negative ? std::numeric_limits<std::int64_t>::min()
                               : std::numeric_limits<std::int64_t>::max();
            }
        }
        pushInt(out);
    }
    double bigEndianDouble() {
        std::uint64_t bits = 0;
        for (const char c : take(8)) {
            bits = (bits << 8) | static_cast<unsigned char>(c);
        }
        return std::bit_cast<double>(bits);
    }
    /// 'text' or "text" as protocol 0 writes it; escapes stay as they are, names of tensors have none.
    std::string_view quoted(std::string_view text) {
        if (text.size() < 2 || text.front() != text.back() || (text.front() != '\'' && text.front() != '"')) {
            fail("its pickle has a text without quotes");
        }
        return text.substr(1, text.size() - 2);
    }

    /// @returns false at the end of the pickle
    bool step(char code) {
        switch (code) {
        // Frame and protocol.
        case '\x80':
            if (static_cast<unsigned char>(next()) > 5) {
                fail("its pickle is of an unknown protocol");
            }
            return true;
        case '\x95':
            take(8);
            return true;
        case '.':
            return false;
        // Plain values.
        case 'N':
            push(Kind::None);
            return true;
        case '\x88':
            push(Kind::Bool).flag = true;
            return true;
        case '\x89':
            push(Kind::Bool);
            return true;
        case 'I':
            integerOrBool(line());
            return true;
        case 'L':
            pushInt(parseInt(line()));
            return true;
        case 'J':
            pushInt(number<std::int32_t>());
            return true;
        case 'K':
            pushInt(number<std::uint8_t>());
            return true;
        case 'M':
            pushInt(number<std::uint16_t>());
            return true;
        case '\x8a':
            longInt(take(number<std::uint8_t>()));
            return true;
        case '\x8b':
            longInt(take(number<std::uint32_t>()));
            return true;
        case 'F':
            push(Kind::Float).real = std::strtod(std::string(line()).c_str(), nullptr);
            return true;
        case 'G':
            push(Kind::Float).real = bigEndianDouble();
            return true;
        // Texts and bytes.
        case 'S':
            pushText(quoted(line()));
            return true;
        case 'T':
            pushText(take(number<std::uint32_t>()));
            return true;
        case 'U':
            pushText(take(number<std::uint8_t>()));
            return true;
        case 'V':
            pushText(line());
            return true;
        case 'X':
            pushText(take(number<std::uint32_t>()));
            return true;
        case '\x8c':
            pushText(take(number<std::uint8_t>()));
            return true;
        case '\x8d':
            pushText(take(number<std::uint64_t>()));
            return true;
        case 'B':
            pushText(take(number<std::uint32_t>()), Kind::Bytes);
            return true;
        case 'C':
            pushText(take(number<std::uint8_t>()), Kind::Bytes);
            return true;
        case '\x8e':
        case '\x96':
            pushText(take(number<std::uint64_t>()), Kind::Bytes);
            return true;
        default:
            return container(code);
        }
    }
    void integerOrBool(std::string_view digits) {
        if (digits == "00" || digits == "01") { // protocol 0 writes booleans so
            push(Kind::Bool).flag = digits == "01";
        } else {
            pushInt(parseInt(digits));
        }
    }
    bool container(char code) {
        switch (code) {
        case '(':
            lay(nullptr);
            return true;
        case '0':
            popAny();
            return true;
        case '1':
            popMark();
            return true;
        case '2':
            lay(top());
            return true;
        case ')':
            push(Kind::Tuple);
            return true;
        case '\x85':
            tuple(1);
            return true;
        case '\x86':
            tuple(2);
            return true;
        case '\x87':
            tuple(3);
            return true;
        case 't':
            fill(Kind::Tuple);
            return true;
        case ']':
            push(Kind::List);
            return true;
        case 'l':
            fill(Kind::List);
            return true;
        case 'a': {
            auto* item = pop();
            appendItems({item});
            return true;
        }
        case 'e':
            appendItems(popMark());
            return true;
        case '}':
            push(Kind::Dict);
            return true;
        case 'd': {
            const auto items = popMark();
            push(Kind::Dict);
            setItems(items);
            return true;
        }
        case 's': {
            auto* value = pop();
            auto* key = pop();
            setItems({key, value});
            return true;
        }
        case 'u':
            setItems(popMark());
            return true;
        case '\x8f':
            push(Kind::List);
            return true; // a set, kept as its items
        case '\x90':
            appendItems(popMark());
            return true;
        case '\x91':
            fill(Kind::List);
            return true;
        default:
            return object(code);
        }
    }
    bool object(char code) {
        switch (code) {
        case 'g':
            recall(static_cast<std::uint64_t>(parseInt(line())));
            return true;
        case 'h':
            recall(number<std::uint8_t>());
            return true;
        case 'j':
            recall(number<std::uint32_t>());
            return true;
        case 'p':
            remember(static_cast<std::uint64_t>(parseInt(line())));
            return true;
        case 'q':
            remember(number<std::uint8_t>());
            return true;
        case 'r':
            remember(number<std::uint32_t>());
            return true;
        case '\x94':
            remember(memo_.size());
            return true;
        case 'c': {
            const auto module = line();
            global(module, line());
            return true;
        }
        case '\x93': {
            const auto* name = pop();
            const auto* module = pop();
            if (!name->is(Kind::Text) || !module->is(Kind::Text)) {
                fail("its pickle names a class by something that is no text");
            }
            global(module->text, name->text);
            return true;
        }
        case 'R':
        case '\x81': {
            auto* arguments = pop();
            call(pop(), arguments);
            return true;
        }
        case '\x92': {
            pop(); // named arguments
            auto* arguments = pop();
            call(pop(), arguments);
            return true;
        }
        case 'i': {
            const auto module = line();
            const auto name = line();
            fill(Kind::Tuple);
            auto* arguments = pop();
            global(module, name);
            call(pop(), arguments);
            return true;
        }
        case 'o': {
            auto items = popMark();
            if (items.empty()) {
                fail("its pickle makes an object of no class");
            }
            auto& arguments = make(Kind::Tuple);
            append(arguments, {items.begin() + 1, items.end()});
            call(items.front(), &arguments);
            return true;
        }
        case 'b':
            build();
            return true;
        case 'P': {
            auto& id = make(Kind::Text);
            id.text = line();
            auto& value = push(Kind::Persistent);
            add(value, &id);
            return true;
        }
        case 'Q': {
            const auto* id = pop();
            add(push(Kind::Persistent), id);
            return true;
        }
        default:
            fail("its pickle holds an instruction that is not known (" +
                 std::to_string(static_cast<unsigned char>(code)) + ")");
        }
    }
    void popAny() {
        if (stack_.empty()) {
            fail("its pickle takes a value that is not there");
        }
        stack_.pop_back();
    }
    void fill(Kind kind) {
        const auto items = popMark();
        append(push(kind), items);
    }

    Pickle& pickle_;
    std::string_view bytes_;
    const std::function<void(const std::string&)>& fail_;
    std::size_t at_ = 0;
    std::vector<PickleValue*> stack_; ///< a mark is a null pointer
    std::unordered_map<std::uint64_t, PickleValue*> memo_;
    std::size_t items_ = 0;
};

Pickle::Pickle(std::span<const std::byte> bytes, const std::function<void(const std::string&)>& fail) {
    PickleMachine(*this, bytes, fail).run();
}

} // namespace body4d::detail
