#pragma once

#include "base/manifest.h"
#include "base/safetensors.h"

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/strict_loader.h"

/// Files that hold our tensors under somebody else's names.
namespace body4d::sam3::testing {

inline void addTensor(SafetensorsWriter& writer, const std::string& name, const at::Tensor& x) {
    const auto c = x.contiguous();
    writer.add(name, std::span(c.const_data_ptr<float>(), static_cast<std::size_t>(c.numel())), c.sizes().vec());
}

/// Our key of a name that a table gives, without what says which piece or row it is.
struct OurKey {
    std::string key;
    int piece = -1;       ///< of those that are joined
    bool eachRow = false; ///< `key` holds [*], a place for the number
    explicit OurKey(const std::string& name) : key(name.substr(0, name.find('#'))) {
        if (key.size() < name.size()) {
            piece = std::stoi(name.substr(key.size() + 1));
        }
        eachRow = key.find("[*]") != std::string::npos;
    }
    [[nodiscard]] std::string row(std::int64_t i) const {
        auto named = key;
        return eachRow ? named.replace(named.find("[*]"), 3, std::to_string(i)) : named;
    }
};

/// How many values a list of tensors brings to each of our keys.
inline std::map<std::string, std::int64_t> valuesByOurNames(const Manifest& stored, const nn::NameTable& names) {
    std::map<std::string, std::int64_t> values;
    for (const auto& [name, entry] : stored.tensors) {
        const auto ours = names.ours(name);
        if (ours.empty()) {
            continue;
        }
        std::int64_t count = 1;
        for (const auto d : entry.shape) {
            count *= d;
        }
        const OurKey place(ours);
        const auto rows = place.eachRow ? entry.shape.at(0) : 1;
        for (std::int64_t i = 0; i < rows; ++i) {
            values[place.row(i)] += count / rows;
        }
    }
    return values;
}

/// Writes the tensors of a (smaller) network as `stored` lists them: what is joined with us is taken apart, what is
/// apart is stacked, and a class token's row is left out. @returns how many were written
inline int addUnderTheirNames(SafetensorsWriter& writer, const nn::detail::FieldMap& fields, const Manifest& stored,
                              const nn::NameTable& names) {
    std::map<std::string, std::int64_t> pieces;
    for (const auto& [name, entry] : stored.tensors) {
        if (const OurKey place(names.ours(name)); place.piece >= 0) {
            ++pieces[place.key];
        }
    }
    int written = 0;
    for (const auto& [name, entry] : stored.tensors) {
        const auto ours = names.ours(name);
        const OurKey place(ours);
        if (ours.empty() || !fields.contains(place.row(0))) {
            continue; // not used, or a layer that the smaller network does not have
        }
        if (place.eachRow) {
            std::vector<at::Tensor> rows;
            for (std::int64_t i = 0; i < entry.shape.at(0); ++i) {
                rows.push_back(*fields.at(place.row(i)).tensor);
            }
            addTensor(writer, name, at::cat(rows));
        } else if (place.piece >= 0) {
            addTensor(writer, name,
                      fields.at(place.key).tensor->chunk(pieces.at(place.key))[static_cast<std::size_t>(place.piece)]);
        } else if (place.key.ends_with("pos_embed")) {
            addTensor(writer, name, fields.at(place.key).tensor->slice(1, 1));
        } else {
            addTensor(writer, name, *fields.at(place.key).tensor);
        }
        ++written;
    }
    return written;
}

} // namespace body4d::sam3::testing
