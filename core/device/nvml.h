#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace body4d::detail {

/// NVIDIA's management library, loaded at run time; the first GPU only.
class Nvml {
public:
    /// @returns nothing where the library or a GPU is missing
    [[nodiscard]] static std::unique_ptr<Nvml> load();
    ~Nvml();

    struct Memory {
        std::int64_t usedBytes = 0, totalBytes = 0;
    };
    [[nodiscard]] std::optional<Memory> memory() const;
    [[nodiscard]] std::optional<double> load01() const; ///< 0..1
    /// What the driver counts for this process; nothing where it does not tell (old drivers, foreign process numbers in
    /// a container).
    [[nodiscard]] std::optional<std::int64_t> processBytes() const;
    [[nodiscard]] std::string gpuName() const;
    [[nodiscard]] std::string driver() const;

private:
    struct Impl;
    explicit Nvml(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace body4d::detail
