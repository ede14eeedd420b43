#pragma once

#include "ui/viewport/movie_packer.h"

#include <QTimer>

namespace body4d::ui {

class ViewportWidget;

/// A movie of the view turning once around what it looks at: one picture an event here, packed on a worker.
class Turntable : public QObject {
    Q_OBJECT
public:
    Turntable(ViewportWidget& view, QObject* parent = nullptr);
    ~Turntable() override;
    /// @param frames of one turn, shown at 30 a second
    void start(const std::filesystem::path& file, int frames = 180);
    void cancel();
    [[nodiscard]] bool recording() const { return packer_.active(); }

Q_SIGNALS:
    void progressed(int done, int total);
    void finished(const QString& file);
    void failed(const body4d::ui::UserMessage& message);

private:
    void step();
    void rest(); ///< back where it began
    ViewportWidget& view_;
    double startYaw_ = 0;
    QTimer timer_;
    MoviePacker packer_;
};

} // namespace body4d::ui
