#include "ui/viewport/movie_packer.h"

#include "video/video_writer.h"

#include <algorithm>

namespace body4d::ui {
namespace {
constexpr int kAhead = 6;    ///< pictures that may wait to be packed
constexpr int kQuality = 18; ///< CRF
} // namespace

struct MoviePacker::Job {
    std::filesystem::path file;
    double fps = 30;
    int total = 0, written = 0;
    QSize size;
    std::unique_ptr<VideoWriter> writer;
    bool over = false; ///< finished, failed or cancelled

    void write(const QImage& picture) {
        if (!writer) {
            size = picture.size();
            VideoWriter::Options options;
            options.width = size.width();
            options.height = size.height();
            options.fps = fps;
            options.quality = kQuality;
            writer = std::make_unique<VideoWriter>(file, options);
        }
        QImage rgb = picture.convertToFormat(QImage::Format_RGB888);
        if (rgb.size() != size) {
            rgb = rgb.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
        }
        Image frame(size.width(), size.height());
        for (int y = 0; y < frame.height; ++y) {
            std::copy_n(rgb.constScanLine(y), 3 * static_cast<std::size_t>(frame.width), frame.row(y));
        }
        writer->write(frame, written++ / fps);
        if (written == total) {
            writer->finish(total / fps);
            writer.reset();
            over = true;
        }
    }
};

MoviePacker::MoviePacker(QObject* parent) : QObject(parent) {}

MoviePacker::~MoviePacker() = default;

bool MoviePacker::behind() const { return added_ - packed_ >= kAhead; }

void MoviePacker::start(const std::filesystem::path& file, double fps, int total) {
    job_ = std::make_shared<Job>();
    job_->file = file;
    job_->fps = fps > 0 ? fps : 30;
    job_->total = total;
    total_ = total;
    added_ = packed_ = 0;
}

void MoviePacker::add(const QImage& picture) {
    if (!active()) {
        return;
    }
    ++added_;
    queue_.post([this, job = job_, picture](const std::stop_token&) {
        if (job->over) {
            return;
        }
        try {
            job->write(picture);
            postTo(this, [this, job, done = job->written, over = job->over] {
                if (job != job_) {
                    return; // another one has begun
                }
                packed_ = done;
                Q_EMIT progressed(done, job->total);
                if (over) {
                    Q_EMIT finished(QString::fromStdString(job->file.string()));
                }
            });
        } catch (const std::exception& e) {
            job->over = true;
            job->writer.reset();
            postTo(this, [this, job, message = toMessage(e)] {
                if (job == job_) {
                    total_ = added_ = 0;
                }
                Q_EMIT failed(message);
            });
        }
    });
}

void MoviePacker::cancel() {
    total_ = added_ = 0;
    queue_.post([job = std::exchange(job_, nullptr)](const std::stop_token&) {
        if (job) {
            job->over = true;
            job->writer.reset();
        }
    });
}

} // namespace body4d::ui
