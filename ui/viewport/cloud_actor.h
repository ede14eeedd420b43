#pragma once

#include "ui/viewport/prepared_cloud.h"

#include <QColor>
#include <vtkSmartPointer.h>

#include <memory>

class vtkActor;
class vtkRenderer;

namespace body4d::ui {

/// Shows a cloud. Size, colours and cut are uniforms of its shader: the points stay on the device as they are.
class CloudActor {
public:
    explicit CloudActor(vtkRenderer* renderer);
    ~CloudActor();
    CloudActor(const CloudActor&) = delete;
    CloudActor& operator=(const CloudActor&) = delete;

    void setCloud(std::shared_ptr<const PreparedCloud> cloud);
    [[nodiscard]] const std::shared_ptr<const PreparedCloud>& cloud() const { return cloud_; }
    void setVisible(bool visible);
    /// @param plain colour of CloudPaint::Plain, and where the points have none of their own
    void setStyle(const CloudStyle& style, const QColor& plain, double devicePixelRatio);
    /// Heights and distances that the ends of the colour scale stand for.
    void setScale(double lowest, double highest, double farthest);
    void setShare(PreparedCloud::Share share);

private:
    void showShare();
    vtkRenderer* renderer_;
    vtkSmartPointer<vtkActor> actor_;
    std::shared_ptr<const PreparedCloud> cloud_;
    PreparedCloud::Share share_ = PreparedCloud::Share::All;
    bool visible_ = true;
};

} // namespace body4d::ui
