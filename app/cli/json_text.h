#pragma once

#include <string>

namespace body4d::cli {

/// A result for machines. Names of files may be of any bytes; what is no UTF-8 in them is replaced.
template <typename Json>
[[nodiscard]] std::string jsonText(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

} // namespace body4d::cli
