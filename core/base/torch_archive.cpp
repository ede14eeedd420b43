#include "base/pickle_internal.h"
#include "base/torch_archive_internal.h"
#include "base/zip_internal.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace body4d::detail {
namespace {

using Kind = PickleValue::Kind;
using Fail = std::function<void(const std::string&)>;

constexpr std::size_t kMostPickleBytes = std::size_t{256} << 20;
constexpr std::size_t kMostTensors = 1 << 17, kMostVisits = 1 << 20, kLongestName = 1024;
constexpr int kDeepest = 64;
constexpr std::size_t kMostDimensions = 32;
constexpr std::size_t kMostMetadata = 1 << 16; // values

/// What the file before 1.6 begins with: a pickle of the number 0x1950a86a20f9469cfc6c.
constexpr std::array<unsigned char, 15> kOldMagic = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                                     0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e};

std::optional<DType> typeOfStorage(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, DType>, 11> kTypes = {
        {{"FloatStorage", DType::F32},
         {"HalfStorage", DType::F16},
         {"BFloat16Storage", DType::BF16},
         {"DoubleStorage", DType::F64},
         {"LongStorage", DType::I64},
         {"IntStorage", DType::I32},
         {"ShortStorage", DType::I16},
         {"CharStorage", DType::I8},
         {"ByteStorage", DType::U8},
         {"BoolStorage", DType::Bool},
         {"ComplexFloatStorage", DType::C64}}};
    for (const auto& [known, type] : kTypes) {
        if (name == known) {
            return type;
        }
    }
    return std::nullopt;
}

std::optional<DType> typeOfDtype(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, DType>, 14> kTypes = {
        {{"float32", DType::F32},
         {"float16", DType::F16},
         {"bfloat16", DType::BF16},
         {"float64", DType::F64},
         {"int64", DType::I64},
         {"int32", DType::I32},
         {"int16", DType::I16},
         {"int8", DType::I8},
         {"uint8", DType::U8},
         {"uint16", DType::U16},
         {"uint32", DType::U32},
         {"uint64", DType::U64},
         {"bool", DType::Bool},
         {"complex64", DType::C64}}};
    for (const auto& [known, type] : kTypes) {
        if (name == known) {
            return type;
        }
    }
    return std::nullopt;
}

const PickleValue* item(const PickleValue& value, std::size_t i) {
    return i < value.items.size() ? value.items[i] : nullptr;
}

/// The call that rebuilds a tensor, behind the wrappers of parameters and subclasses; null for anything else.
struct TensorCall {
    const PickleValue* arguments = nullptr;
    bool typed = false; ///< the element type is the seventh argument instead of the storage's
};

TensorCall tensorCall(const PickleValue* value) {
    for (int wrappers = 0; wrappers < 4 && value != nullptr; ++wrappers) {
        const auto* callee = value->callee();
        const auto* arguments = callee != nullptr ? item(*value, 1) : nullptr;
        if (arguments == nullptr || !arguments->is(Kind::Tuple)) {
            return {};
        }
        if (callee->text == "torch._utils" &&
            (callee->name == "_rebuild_tensor_v2" || callee->name == "_rebuild_tensor")) {
            return {arguments, false};
        }
        if (callee->text == "torch._utils" && callee->name == "_rebuild_tensor_v3") {
            return {arguments, true};
        }
        if (callee->text == "torch._utils" &&
            (callee->name == "_rebuild_parameter" || callee->name == "_rebuild_parameter_with_state")) {
            value = item(*arguments, 0);
            continue;
        }
        if (callee->isGlobal("torch._tensor",
                             "_rebuild_from_type_v2")) { // function, type, its arguments, state
            const auto* function = item(*arguments, 0);
            const auto* inner = item(*arguments, 2);
            if (function != nullptr && inner != nullptr && inner->is(Kind::Tuple) &&
                function->is(Kind::Global) && function->text == "torch._utils" &&
                function->name.starts_with("_rebuild_tensor")) {
                return {inner, function->name == "_rebuild_tensor_v3"};
            }
        }
        return {};
    }
    return {};
}

/// A list or tuple of sizes; TorchScript wraps lists in a call that names their type.
const PickleValue* sequence(const PickleValue* value) {
    if (value != nullptr && value->is(Kind::Call)) {
        const auto* arguments = item(*value, 1);
        value = arguments != nullptr ? item(*arguments, 0) : nullptr;
    }
    return value != nullptr && (value->is(Kind::Tuple) || value->is(Kind::List)) ? value : nullptr;
}

class Collector {
public:
    using Storages = std::function<std::span<const std::byte>(std::string_view key)>;
    Collector(TorchArchive& out, Storages storages, const Fail& fail)
        : out_(out), storages_(std::move(storages)), fail_(fail) {}

    void collect(const PickleValue& root) {
        const PickleValue* state = stateDict(root);
        walk(*state, {}, 0);
        if (root.is(Kind::Dict)) {
            keepMetadata(root);
        }
    }

private:
    static bool holdsTensors(const PickleValue& value) {
        if (!value.is(Kind::Dict)) {
            return false;
        }
        for (std::size_t i = 1; i < value.items.size(); i += 2) {
            if (tensorCall(value.items[i]).arguments != nullptr) {
                return true;
            }
        }
        return false;
    }
    /// Down through the wrappers that trainers put around the weights.
    static const PickleValue* stateDict(const PickleValue& root) {
        const PickleValue* at = &root;
        for (int level = 0; level < 4 && !holdsTensors(*at); ++level) {
            const PickleValue* inside = nullptr;
            for (const std::string_view key : {"state_dict", "model", "module", "model_state_dict"}) {
                const auto* found = at->find(key);
                if (found != nullptr && found->is(Kind::Dict)) {
                    inside = found;
                    break;
                }
            }
            if (inside == nullptr) {
                break;
            }
            at = inside;
        }
        return at;
    }

    void walk(const PickleValue& value, const std::string& name, int depth) {
        if (++visits_ > kMostVisits || depth > kDeepest || name.size() > kLongestName) {
            fail_("its names nest deeper than any model's");
        }
        if (const auto call = tensorCall(&value); call.arguments != nullptr) {
            addTensor(name, call);
            return;
        }
        const auto below = [&](std::string_view key) {
            std::string full = name;
            full.append(name.empty() ? "" : ".").append(key);
            return full;
        };
        switch (value.kind) {
        case Kind::Dict:
            for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
                const auto& key = *value.items[i];
                if (key.is(Kind::Text) && key.text.size() <= kLongestName) {
                    walk(*value.items[i + 1], below(key.text), depth + 1);
                } else if (key.is(Kind::Int)) {
                    walk(*value.items[i + 1], below(std::to_string(key.number)), depth + 1);
                }
            }
            return;
        case Kind::List:
        case Kind::Tuple:
            for (std::size_t i = 0; i < value.items.size(); ++i) {
                walk(*value.items[i], below(std::to_string(i)), depth + 1);
            }
            return;
        case Kind::Call: // a module of TorchScript's: its attributes are its state
            if (value.items.size() == 3) {
                walk(*value.items[2], name, depth + 1);
            }
            return;
        default:
            return;
        }
    }

    void addTensor(const std::string& name, const TensorCall& call) {
        const auto& arguments = *call.arguments;
        const auto bad = [&](const char* why) { fail_("tensor " + name + " " + why); };
        const auto* storage = item(arguments, 0);
        const auto* offset = item(arguments, 1);
        const auto* size = sequence(item(arguments, 2));
        const auto* stride = sequence(item(arguments, 3));
        const auto* id =
            storage != nullptr && storage->is(Kind::Persistent) ? sequence(item(*storage, 0)) : nullptr;
        const auto* type = id != nullptr ? item(*id, 1) : nullptr;
        const auto* key = id != nullptr ? item(*id, 2) : nullptr;
        if (type == nullptr || key == nullptr || !key->is(Kind::Text) || !type->is(Kind::Global) ||
            offset == nullptr || !offset->is(Kind::Int) || offset->number < 0 || size == nullptr ||
            stride == nullptr || size->items.size() != stride->items.size() ||
            size->items.size() > kMostDimensions) {
            bad("is not described as tensors are");
            return;
        }
        const auto* typeArgument = call.typed ? item(arguments, 6) : nullptr;
        const auto dtype = typeArgument != nullptr && typeArgument->is(Kind::Global)
                               ? typeOfDtype(typeArgument->name)
                               : typeOfStorage(type->name);
        if (!dtype) {
            fail_("tensor " + name + " has the unknown type " +
                  std::string((typeArgument != nullptr ? typeArgument : type)->name));
            return;
        }
        CheckpointTensor tensor;
        tensor.dtype = *dtype;
        const auto bytes = storages_(key->text);
        const auto available = static_cast<std::int64_t>(bytes.size() / byteSize(*dtype));
        std::int64_t count = 1, last = offset->number;
        bool sound = true;
        for (std::size_t i = 0; i < size->items.size(); ++i) {
            const auto& d = *size->items[i];
            const auto& s = *stride->items[i];
            std::int64_t reach = 0;
            sound = sound && d.is(Kind::Int) && s.is(Kind::Int) && d.number >= 0 && s.number >= 0 &&
                    !__builtin_mul_overflow(count, d.number, &count) &&
                    (d.number == 0 || (!__builtin_mul_overflow(d.number - 1, s.number, &reach) &&
                                       !__builtin_add_overflow(last, reach, &last)));
            if (!sound) {
                bad("has an impossible shape");
                return;
            }
            tensor.shape.push_back(d.number);
            tensor.strides.push_back(s.number);
        }
        // Fewer values than the shape has would let a small file ask for any amount of memory.
        if (count > 0 && (last >= available || count > available)) {
            bad("lies outside the file");
            return;
        }
        if (count > 0) {
            const auto first = static_cast<std::size_t>(offset->number) * byteSize(*dtype);
            tensor.bytes =
                bytes.subspan(first, static_cast<std::size_t>(last - offset->number + 1) * byteSize(*dtype));
        }
        std::int64_t expected = 1;
        bool inOrder = true;
        for (std::size_t i = tensor.shape.size(); count > 0 && i-- > 0;) {
            inOrder = inOrder && (tensor.shape[i] == 1 || tensor.strides[i] == expected);
            expected *= tensor.shape[i];
        }
        if (inOrder || count == 0) {
            tensor.strides.clear();
        }
        out_.tensors[name] = std::move(tensor);
        if (out_.tensors.size() > kMostTensors) {
            fail_("it holds more tensors than any model");
        }
    }

    void keepMetadata(const PickleValue& root) {
        for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
            const auto& key = *root.items[i];
            const auto& value = *root.items[i + 1];
            if (!key.is(Kind::Text) || key.text.size() > kLongestName ||
                tensorCall(&value).arguments != nullptr || holdsTensors(value)) {
                continue;
            }
            if (value.is(Kind::Text)) {
                if (value.text.size() <= kMostMetadata) {
                    out_.metadata[std::string(key.text)] = std::string(value.text);
                }
                continue;
            }
            std::size_t left = kMostMetadata;
            if (const auto json = plain(value, 0, left)) {
                out_.metadata[std::string(key.text)] =
                    json->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
            }
        }
    }
    /// Numbers, texts, lists and dicts; nothing where it holds anything else or too much.
    static std::optional<nlohmann::ordered_json> plain(const PickleValue& value, int depth,
                                                       std::size_t& left) {
        const std::size_t cost = 1 + value.text.size();
        if (left < cost || depth > kDeepest) {
            return std::nullopt;
        }
        left -= cost;
        switch (value.kind) {
        case Kind::None:
            return nlohmann::ordered_json(nullptr);
        case Kind::Bool:
            return nlohmann::ordered_json(value.flag);
        case Kind::Int:
            return nlohmann::ordered_json(value.number);
        case Kind::Float:
            return nlohmann::ordered_json(value.real);
        case Kind::Text:
            return nlohmann::ordered_json(std::string(value.text));
        case Kind::Tuple:
        case Kind::List: {
            auto list = nlohmann::ordered_json::array();
            for (const auto* child : value.items) {
                auto json = plain(*child, depth + 1, left);
                if (!json) {
                    return std::nullopt;
                }
                list.push_back(std::move(*json));
            }
            return list;
        }
        case Kind::Dict: {
            nlohmann::json dict = nlohmann::json::object();
            for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
                const auto& key = *value.items[i];
                auto json = plain(*value.items[i + 1], depth + 1, left);
                if (!json || !key.is(Kind::Text) || left < key.text.size()) {
                    return std::nullopt;
                }
                left -= key.text.size();
                dict[std::string(key.text)] = std::move(*json);
            }
            return nlohmann::ordered_json(dict);
        }
        default:
            return std::nullopt;
        }
    }

    TorchArchive& out_;
    Storages storages_;
    const Fail& fail_;
    std::size_t visits_ = 0;
};

TorchArchive readZip(std::span<const std::byte> file, const Fail& fail) {
    const ZipDirectory zip(file, fail);
    const auto& members = zip.members();
    // Everything lies in one folder, named after the file that was written first.
    const auto pickled = std::find_if(members.begin(), members.end(), [](const auto& m) {
        return m.first.ends_with("/data.pkl") && m.first.find('/') == m.first.size() - 9;
    });
    if (pickled == members.end()) {
        fail("it is a zip file, but none of PyTorch's");
    }
    const auto folder = pickled->first.substr(0, pickled->first.size() - 8);
    const auto member = [&](const std::string& name) { return members.find(folder + name); };
    if (const auto order = member("byteorder"); order != members.end()) {
        const auto& bytes = order->second.packed;
        if (std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()) != "little") {
            fail("it was written by a big-endian machine");
        }
    }
    if (pickled->second.size > kMostPickleBytes) {
        fail("its pickle is larger than any model's");
    }
    std::vector<std::byte> unpacked;
    std::span<const std::byte> bytes = pickled->second.packed;
    if (pickled->second.method != 0) {
        unpacked = unpack(pickled->second, fail);
        bytes = unpacked;
    }
    const Pickle pickle(bytes, fail);
    TorchArchive out;
    Collector(
        out,
        [&](std::string_view key) -> std::span<const std::byte> {
            const auto storage = members.find(folder + "data/" + std::string(key.substr(0, kLongestName)));
            if (storage == members.end()) {
                fail("the values " + std::string(key.substr(0, 80)) + " are not in it");
                return {};
            }
            if (storage->second.method != 0) {
                fail("its values are compressed, which PyTorch never does");
            }
            return storage->second.packed;
        },
        fail)
        .collect(pickle.root());
    return out;
}

/// The form of before version 1.6: five pickles, then the storages one after the other.
TorchArchive readOld(std::span<const std::byte> file, const Fail& fail) {
    std::size_t at = 0;
    const auto next = [&] {
        const auto rest = file.subspan(at);
        Pickle pickle(rest.first(std::min(rest.size(), kMostPickleBytes)), fail);
        at += pickle.length();
        return pickle;
    };
    for (int i = 0; i < 3; ++i) { // magic number, protocol version, facts about the machine
        (void)next();
    }
    const Pickle objects = next(), keys = next();
    // The element size is not with the storages but with the tensors that refer to them.
    std::map<std::string, std::uint64_t, std::less<>> elementSizes;
    for (const auto& value : objects.values()) {
        const auto* id = value.is(Kind::Persistent) ? sequence(item(value, 0)) : nullptr;
        const auto* type = id != nullptr ? item(*id, 1) : nullptr;
        const auto* key = id != nullptr ? item(*id, 2) : nullptr;
        const auto dtype =
            type != nullptr && type->is(Kind::Global) ? typeOfStorage(type->name) : std::nullopt;
        if (dtype && key != nullptr && key->is(Kind::Text) && key->text.size() <= kLongestName) {
            elementSizes[std::string(key->text)] = byteSize(*dtype);
        }
    }
    std::map<std::string, std::span<const std::byte>, std::less<>> storages;
    for (const auto* key : keys.root().items) {
        const auto known = key->is(Kind::Text) ? elementSizes.find(key->text) : elementSizes.end();
        if (known == elementSizes.end() || file.size() - at < 8) {
            fail("its storages do not belong to its tensors");
        }
        std::uint64_t count = 0;
        std::memcpy(&count, file.data() + at, 8);
        at += 8;
        if (count > (file.size() - at) / known->second) {
            fail("its values are cut off");
        }
        storages[known->first] = file.subspan(at, count * known->second);
        at += count * known->second;
    }
    TorchArchive out;
    Collector(
        out,
        [&](std::string_view key) -> std::span<const std::byte> {
            const auto storage = storages.find(key);
            if (storage == storages.end()) {
                fail("the values " + std::string(key.substr(0, 80)) + " are not in it");
                return {};
            }
            return storage->second;
        },
        fail)
        .collect(objects.root());
    return out;
}

bool beginsOld(std::span<const std::byte> file) {
    return file.size() > kOldMagic.size() &&
           std::memcmp(file.data(), kOldMagic.data(), kOldMagic.size()) == 0;
}

} // namespace

bool looksLikeTorch(std::span<const std::byte> file) {
    return looksLikeZip(file) || beginsOld(file);
}

TorchArchive readTorchArchive(std::span<const std::byte> file, const Fail& fail) {
    return beginsOld(file) ? readOld(file, fail) : readZip(file, fail);
}

} // namespace body4d::detail
