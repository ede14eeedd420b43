#pragma once

#include "ui/frame/cloud_data.h"

#include <cstddef>
#include <memory>

namespace body4d::ui {

/// A cloud in the form that is drawn, made on a worker thread; the points are not copied but kept.
class PreparedCloud {
public:
    explicit PreparedCloud(std::shared_ptr<const CloudData> cloud);
    ~PreparedCloud();
    PreparedCloud(const PreparedCloud&) = delete;
    PreparedCloud& operator=(const PreparedCloud&) = delete;
    [[nodiscard]] const CloudData& cloud() const { return *cloud_; }
    /// All points; an even sample of at most kStill; one of at most kMoving.
    enum class Share { All, Still, Moving };
    static constexpr std::size_t kStill = 300'000, kMoving = 150'000;
    [[nodiscard]] std::size_t pointCount(Share share) const;

    struct Vtk; ///< for the viewport's own source files
    [[nodiscard]] const Vtk& vtk() const { return *vtk_; }

private:
    std::shared_ptr<const CloudData> cloud_;
    std::unique_ptr<Vtk> vtk_;
};

} // namespace body4d::ui
