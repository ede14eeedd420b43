#include "export/overlay_renderer.h"

#include "base/error.h"
#include "body/body_keypoints.h"
#include "body/rasterizer.h"
#include "export/export_clip.h"
#include "export/mannequin_palette.h"
#include "export/overlay_drawing.h"
#include "export/stroke_font.h"
#include "export/overlay_person.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

namespace body4d {
namespace {

/// Colour light falling on a vertex and what is added on top of the surface's own colour.
struct Light {
    float r, g, b, gloss;
};

struct Tables {
    std::array<float, 256> linear{};
    std::array<float, 4096> srgb{}; ///< 0 .. 255
    Tables() {
        for (int i = 0; i < 256; ++i) {
            linear[static_cast<std::size_t>(i)] =
                static_cast<float>(linearFromSrgb(static_cast<std::uint8_t>(i)));
        }
        for (int i = 0; i < 4096; ++i) {
            const double v = (i + 0.5) / 4096;
            const double s = v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1 / 2.4) - 0.055;
            srgb[static_cast<std::size_t>(i)] = static_cast<float>(255 * std::clamp(s, 0.0, 1.0));
        }
    }
    [[nodiscard]] float toSrgb(float v) const {
        return srgb[static_cast<std::size_t>(std::clamp(static_cast<int>(v * 4096), 0, 4095))];
    }
};
const Tables& tables() {
    static const Tables kTables;
    return kTables;
}

/// A body drawn on its own, before it is put into the picture.
struct Layer {
    const OverlayPerson* person = nullptr;
    int x0 = 0, y0 = 0, width = 0, height = 0; ///< window, pixels of the frame
    float opacity = 1;
    std::vector<Vec3f> vertices, normals;
    std::vector<Light> light;
    std::vector<float> sampleX, sampleY; ///< vertices on the window's sample grid
    std::vector<float> occlusion;        ///< per pixel of the window, 1 = open
    DepthImage depth;                    ///< samples
    std::array<std::array<float, 3>, kBodyRegionCount> albedo{};
    const std::vector<BodyRegion>* regions = nullptr;
    float nearest = 0; ///< metres
};

float dot3(const Vec3f& a, float x, float y, float z) {
    return a.x * x + a.y * y + a.z * z;
}

/// A key light from the upper left of the camera, a cool fill from the right, sky and ground, and a rim where
/// the surface turns away: enough to read the form, nothing that competes with the video.
void lightVertices(const std::vector<Vec3f>& vertices, const std::vector<Vec3f>& normals,
                   std::vector<Light>& out) {
    out.resize(vertices.size());
    for (std::size_t v = 0; v < vertices.size(); ++v) {
        const Vec3f &p = vertices[v], &n = normals[v];
        const float away = 1 / std::sqrt(std::max(p.x * p.x + p.y * p.y + p.z * p.z, 1e-6F));
        const float vx = -p.x * away, vy = -p.y * away, vz = -p.z * away;
        const float facing = std::clamp(dot3(n, vx, vy, vz), 0.F, 1.F);
        const float key = std::max(0.F, (dot3(n, -0.50F, -0.68F, -0.54F) + 0.18F) / 1.18F);
        const float fill = std::max(0.F, dot3(n, 0.78F, -0.10F, -0.62F));
        const float sky = 0.5F - 0.5F * n.y;
        const float turned = 1 - facing;
        const float rim = turned * turned * turned * std::max(0.F, 0.55F - 0.45F * n.y);
        // half vector between the key light and the eye
        float hx = vx - 0.50F, hy = vy - 0.68F, hz = vz - 0.54F;
        const float h = 1 / std::sqrt(std::max(hx * hx + hy * hy + hz * hz, 1e-6F));
        hx *= h;
        hy *= h;
        hz *= h;
        float shine = std::clamp(dot3(n, hx, hy, hz), 0.F, 1.F);
        shine *= shine;
        shine *= shine;
        shine *= shine;
        shine *= shine; // power 16: a broad, matte sheen
        const float ambient = 0.10F + 0.14F * sky;
        out[v] = {ambient + 0.74F * key + 0.09F * fill, ambient + 0.72F * key + 0.11F * fill,
                  ambient * 1.10F + 0.68F * key + 0.15F * fill, 0.035F * shine + 0.16F * rim};
    }
}

/// Window of a body in the frame. @returns false where it is outside
bool place(Layer& layer, const Intrinsics& camera) {
    double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
    float nearest = std::numeric_limits<float>::max();
    bool behind = false;
    for (const Vec3f& p : layer.vertices) {
        if (p.z < kNearPlaneMetres) {
            behind = true;
            continue;
        }
        const double u = camera.focalPx * p.x / p.z + camera.centreX,
                     v = camera.focalPx * p.y / p.z + camera.centreY;
        x0 = std::min(x0, u);
        x1 = std::max(x1, u);
        y0 = std::min(y0, v);
        y1 = std::max(y1, v);
        nearest = std::min(nearest, p.z);
    }
    if (behind && x1 > x0) { // what crosses the near plane may reach anywhere
        x0 = y0 = 0;
        x1 = camera.width;
        y1 = camera.height;
    }
    layer.nearest = nearest;
    layer.x0 = std::max(0, static_cast<int>(std::floor(std::clamp(x0, -1.0, 1e6))) - 1);
    layer.y0 = std::max(0, static_cast<int>(std::floor(std::clamp(y0, -1.0, 1e6))) - 1);
    layer.width =
        std::min(camera.width, static_cast<int>(std::ceil(std::clamp(x1, -1.0, 1e6))) + 1) - layer.x0;
    layer.height =
        std::min(camera.height, static_cast<int>(std::ceil(std::clamp(y1, -1.0, 1e6))) + 1) - layer.y0;
    return x1 > x0 && layer.width > 0 && layer.height > 0;
}

/// Darkens where the surface is concave or close behind another part of the body. Pairs of opposite points
/// around a pixel cancel the slope of the surface, so no normal is needed.
void occlude(Layer& layer, int samples, float focalPx) {
    const int w = layer.width, h = layer.height;
    std::vector<float> z(static_cast<std::size_t>(w) * h, 0.F);
    for (int y = 0; y < h; ++y) { // one sample of each pixel
        const float* row =
            layer.depth.z.data() + static_cast<std::size_t>(y * samples + samples / 2) * layer.depth.width;
        for (int x = 0; x < w; ++x) {
            z[static_cast<std::size_t>(y) * w + x] = row[x * samples + samples / 2];
        }
    }
    static constexpr std::array<std::array<float, 2>, 8> kTaps = {{{1.00F, 0.00F},
                                                                   {0.00F, 0.92F},
                                                                   {0.55F, 0.55F},
                                                                   {-0.50F, 0.50F},
                                                                   {0.42F, 0.10F},
                                                                   {-0.10F, 0.40F},
                                                                   {0.85F, 0.38F},
                                                                   {-0.38F, 0.85F}}};
    std::vector<float> raw(z.size(), 1.F);
    for (int y = 0; y < h; ++y) {
        for (int x = 0; x < w; ++x) {
            const float centre = z[static_cast<std::size_t>(y) * w + x];
            if (!(centre < 1e6F)) {
                continue;
            }
            const float radius = std::clamp(0.11F * focalPx / centre, 1.5F, 90.F); // 11 cm
            float sum = 0;
            for (const auto& tap : kTaps) {
                const int dx = static_cast<int>(tap[0] * radius), dy = static_cast<int>(tap[1] * radius);
                const auto depthAt = [&](int px, int py) {
                    return px >= 0 && py >= 0 && px < w && py < h ? z[static_cast<std::size_t>(py) * w + px]
                                                                  : std::numeric_limits<float>::infinity();
                };
                const float a = centre - depthAt(x + dx, y + dy), b = centre - depthAt(x - dx, y - dy);
                if (!(a > -1e3F) || !(b > -1e3F)) {
                    continue; // beyond the outline
                }
                // how much nearer the surroundings are, in units of 11 cm; parts far in front cast less
                const float rise = (std::max(a, -0.2F) + std::max(b, -0.2F)) * (0.5F / 0.11F);
                if (rise > 0.04F) {
                    const float range = 1 / (1 + std::max(std::max(a, b) - 0.15F, 0.F) * 8);
                    sum += std::min(rise, 1.F) * range;
                }
            }
            raw[static_cast<std::size_t>(y) * w + x] = 1 - 0.68F * std::min(1.F, sum / 3.0F);
        }
    }
    layer.occlusion.assign(raw.size(), 1.F);
    for (int y = 0; y < h; ++y) {
        for (int x = 0; x < w; ++x) {
            const float centre = z[static_cast<std::size_t>(y) * w + x];
            if (!(centre < 1e6F)) {
                continue; // nothing there, nothing shaded
            }
            float sum = 0, weight = 0;
            for (int v = std::max(0, y - 2); v <= std::min(h - 1, y + 2); ++v) {
                for (int u = std::max(0, x - 2); u <= std::min(w - 1, x + 2); ++u) {
                    const std::size_t at = static_cast<std::size_t>(v) * w + u;
                    if (std::fabs(z[at] - centre) < 0.05F) {
                        sum += raw[at];
                        weight += 1;
                    }
                }
            }
            layer.occlusion[static_cast<std::size_t>(y) * w + x] =
                weight > 0 ? sum / weight : raw[static_cast<std::size_t>(y) * w + x];
        }
    }
}

/// Colour of one sample, linear.
void shade(const Layer& layer, const MeshTopology& topology, std::size_t sample, float px, float py,
           float occlusion, float* out) {
    const auto t = static_cast<std::size_t>(layer.depth.triangle[sample]);
    const auto [a, b, c] = topology.triangles[t];
    const float ax = layer.sampleX[a], ay = layer.sampleY[a];
    const float ux = layer.sampleX[b] - ax, uy = layer.sampleY[b] - ay, vx = layer.sampleX[c] - ax,
                vy = layer.sampleY[c] - ay;
    const float area = ux * vy - uy * vx;
    float wb = 1.F / 3, wc = 1.F / 3;
    if (std::fabs(area) > 1e-6F) {
        wb = std::clamp(((px - ax) * vy - (py - ay) * vx) / area, 0.F, 1.F);
        wc = std::clamp((ux * (py - ay) - uy * (px - ax)) / area, 0.F, 1.F - wb);
    }
    const float wa = 1 - wb - wc;
    const Light &la = layer.light[a], &lb = layer.light[b], &lc = layer.light[c];
    const auto& albedo = layer.albedo[static_cast<std::size_t>((*layer.regions)[t])];
    const float gloss = wa * la.gloss + wb * lb.gloss + wc * lc.gloss;
    out[0] = occlusion * (albedo[0] * (wa * la.r + wb * lb.r + wc * lc.r) + gloss);
    out[1] = occlusion * (albedo[1] * (wa * la.g + wb * lb.g + wc * lc.g) + gloss);
    out[2] = occlusion * (albedo[2] * (wa * la.b + wb * lb.b + wc * lc.b) + gloss);
}

Rgb lighter(const Rgb& colour, double share) {
    Rgb out{};
    for (std::size_t c = 0; c < 3; ++c) {
        out[c] = static_cast<std::uint8_t>(std::lround(colour[c] + share * (255 - colour[c])));
    }
    return out;
}

} // namespace

OverlayPerson overlayPerson(const ExportPerson& person, std::int64_t frame, const RleMask* mask) {
    OverlayPerson out;
    out.id = person.id();
    out.name = person.source->target.name;
    out.colour = person.source->target.colour;
    out.state = person.state(frame);
    out.model = person.source->model;
    out.rest = person.rest;
    if (const auto body = person.shown(frame)) {
        out.pose = {body, &body->pose};
        out.keypoints = {body, &body->keypoints};
    }
    out.mask = mask;
    return out;
}

struct OverlayRenderer::Impl {
    std::vector<std::unique_ptr<Layer>> layers; ///< reused between frames
    std::size_t used = 0;
    std::shared_ptr<const BodyModel> regionsOf;
    std::vector<BodyRegion> regions;

    Layer& next() {
        if (used == layers.size()) {
            layers.push_back(std::make_unique<Layer>());
        }
        return *layers[used++];
    }
    void drawBodies(Image& frame, const Intrinsics& camera, std::span<const OverlayPerson> people,
                    const OverlayStyle& style);
    void composite(Image& frame, int samples) const;
    static void drawMask(Image& frame, const OverlayPerson& person, const OverlayStyle& style, double scale);
    static void drawSkeleton(Image& frame, const Intrinsics& camera, const OverlayPerson& person);
    void drawLabel(Image& frame, const Intrinsics& camera, const OverlayPerson& person, double scaleX,
                   double scaleY) const;
};

void OverlayRenderer::Impl::drawBodies(Image& frame, const Intrinsics& camera,
                                       std::span<const OverlayPerson> people, const OverlayStyle& style) {
    used = 0;
    const int samples = std::clamp(style.samples, 1, 4);
    for (const OverlayPerson& person : people) {
        if (person.state == FrameState::Absent || person.pose == nullptr || !person.model || !person.rest ||
            person.pose->rotations.size() != person.model->joints().size()) {
            continue;
        }
        Layer& layer = next();
        layer.person = &person;
        const MeshTopology& topology = person.model->topology();
        if (regionsOf != person.model) {
            regionsOf = person.model;
            regions = triangleRegions(topology);
        }
        layer.regions = &regions;
        person.model->pose(*person.rest, *person.pose, layer.vertices);
        if (!place(layer, camera)) {
            --used;
            continue;
        }
        computeNormals(layer.vertices, topology, layer.normals);
        lightVertices(layer.vertices, layer.normals, layer.light);
        const Box window{double(layer.x0), double(layer.y0), double(layer.x0 + layer.width),
                         double(layer.y0 + layer.height)};
        const Intrinsics grid = windowed(camera, window, samples);
        rasterize(layer.vertices, topology, grid, layer.depth);
        layer.sampleX.resize(layer.vertices.size());
        layer.sampleY.resize(layer.vertices.size());
        for (std::size_t v = 0; v < layer.vertices.size(); ++v) {
            const Vec3f& p = layer.vertices[v];
            const float inverse = static_cast<float>(grid.focalPx) / std::max(p.z, kNearPlaneMetres);
            layer.sampleX[v] = p.x * inverse + static_cast<float>(grid.centreX);
            layer.sampleY[v] = p.y * inverse + static_cast<float>(grid.centreY);
        }
        occlude(layer, samples, static_cast<float>(camera.focalPx));
        layer.opacity = static_cast<float>(isGuess(person.state)
                                               ? style.completedOpacity * style.bodyOpacity
                                               : style.bodyOpacity);
        for (int r = 0; r < kBodyRegionCount; ++r) {
            const Rgb colour = regionColour(static_cast<BodyRegion>(r), person.colour);
            for (std::size_t c = 0; c < 3; ++c) {
                layer.albedo[static_cast<std::size_t>(r)][c] = tables().linear[colour[c]];
            }
        }
    }
    composite(frame, samples);
    // Outlines of guessed bodies go on top of everything, so that nobody takes them for measured ones.
    for (std::size_t i = 0; i < used; ++i) {
        const Layer& layer = *layers[i];
        if (!isGuess(layer.person->state)) {
            continue;
        }
        const auto inside = [&](int x, int y) {
            return layer.depth
                       .triangle[static_cast<std::size_t>(y * samples + samples / 2) * layer.depth.width +
                                 x * samples + samples / 2] >= 0;
        };
        const double width = std::clamp(layer.height / 110.0, 1.0, std::max(1.6, frame.height / 420.0));
        const Rgb colour = lighter(parseColour(layer.person->colour), 0.25);
        for (std::vector<Vec2> outline : traceOutlines(layer.width, layer.height, inside)) {
            for (Vec2& p : outline) {
                p = p + Vec2{double(layer.x0), double(layer.y0)};
            }
            drawOutline(frame, outline, 1.9 * width, {16, 20, 26}, 0.55, {5 * width, 3 * width});
            drawOutline(frame, outline, width, colour, 1, {5 * width, 3 * width});
        }
    }
}

void OverlayRenderer::Impl::composite(Image& frame, int samples) const {
    if (used == 0) {
        return;
    }
    int top = frame.height, bottom = 0, left = frame.width, right = 0;
    for (std::size_t i = 0; i < used; ++i) {
        const Layer& layer = *layers[i];
        top = std::min(top, layer.y0);
        bottom = std::max(bottom, layer.y0 + layer.height);
        left = std::min(left, layer.x0);
        right = std::max(right, layer.x0 + layer.width);
    }
    const Tables& table = tables();
    struct Hit {
        float z;
        const Layer* layer;
        std::size_t sample;
        float x, y;
    };
    std::vector<Hit> hits(used);
    std::vector<const Layer*> inRow;
    const float share = 1.F / static_cast<float>(samples * samples);
    for (int y = top; y < bottom; ++y) {
        inRow.clear();
        for (std::size_t i = 0; i < used; ++i) {
            if (y >= layers[i]->y0 && y < layers[i]->y0 + layers[i]->height) {
                inRow.push_back(layers[i].get());
            }
        }
        std::uint8_t* row = frame.row(y);
        for (int x = left; x < right; ++x) {
            float colour[3] = {0, 0, 0}, covered = 0;
            for (int sub = 0; sub < samples * samples; ++sub) {
                std::size_t n = 0;
                for (const Layer* layer : inRow) {
                    const int lx = x - layer->x0;
                    if (lx < 0 || lx >= layer->width) {
                        continue;
                    }
                    const int sx = lx * samples + sub % samples,
                              sy = (y - layer->y0) * samples + sub / samples;
                    const std::size_t at =
                        static_cast<std::size_t>(sy) * layer->depth.width + static_cast<std::size_t>(sx);
                    if (layer->depth.triangle[at] < 0) {
                        continue;
                    }
                    std::size_t k = n++;
                    const float z = layer->depth.z[at];
                    for (; k > 0 && hits[k - 1].z > z; --k) {
                        hits[k] = hits[k - 1];
                    }
                    hits[k] = {z, layer, at, static_cast<float>(sx) + 0.5F, static_cast<float>(sy) + 0.5F};
                }
                float through = 1;
                for (std::size_t k = 0; k < n && through > 0.002F; ++k) {
                    const Layer& layer = *hits[k].layer;
                    const float open =
                        layer
                            .occlusion[static_cast<std::size_t>(y - layer.y0) * layer.width + (x - layer.x0)];
                    float own[3];
                    shade(layer, layer.person->model->topology(), hits[k].sample, hits[k].x, hits[k].y, open,
                          own);
                    const float part = through * layer.opacity;
                    for (int c = 0; c < 3; ++c) {
                        colour[c] += part * own[c];
                    }
                    through -= part;
                }
                covered += 1 - through;
            }
            if (covered > 0) {
                std::uint8_t* pixel = row + 3 * static_cast<std::ptrdiff_t>(x);
                // Light adds up linearly within the body; the body and the video mix as the eye sees them, or
                // a guess at 60 % would vanish before a bright wall.
                const float part = covered * share;
                for (int c = 0; c < 3; ++c) {
                    const float own = table.toSrgb(colour[c] / covered);
                    pixel[c] = static_cast<std::uint8_t>(pixel[c] + part * (own - pixel[c]) + 0.5F);
                }
            }
        }
    }
}

void OverlayRenderer::Impl::drawMask(Image& frame, const OverlayPerson& person, const OverlayStyle& style,
                                     double scale) {
    if (person.mask == nullptr || person.mask->empty()) {
        return;
    }
    const Mask mask = decodeRle(*person.mask);
    const Rgb colour = parseColour(person.colour);
    const double sx = static_cast<double>(mask.width) / frame.width,
                 sy = static_cast<double>(mask.height) / frame.height;
    const auto inside = [&](int x, int y) {
        return mask.row(std::min(mask.height - 1, static_cast<int>((y + 0.5) * sy)))[std::min(
                   mask.width - 1, static_cast<int>((x + 0.5) * sx))] >= 128;
    };
    const int share = static_cast<int>(256 * style.maskOpacity);
    for (int y = 0; y < frame.height; ++y) {
        std::uint8_t* row = frame.row(y);
        for (int x = 0; x < frame.width; ++x) {
            if (inside(x, y)) {
                for (int c = 0; c < 3; ++c) {
                    std::uint8_t& value = row[3 * x + c];
                    value = static_cast<std::uint8_t>(
                        value + (share * (colour[static_cast<std::size_t>(c)] - value)) / 256);
                }
            }
        }
    }
    for (const auto& outline : traceOutlines(frame.width, frame.height, inside)) {
        drawOutline(frame, outline, 1.8 * scale, lighter(colour, 0.2), 1, {});
    }
}

void OverlayRenderer::Impl::drawSkeleton(Image& frame, const Intrinsics& camera,
                                         const OverlayPerson& person) {
    if (person.keypoints == nullptr || person.state == FrameState::Absent) {
        return;
    }
    const double unit = std::max(1.0, frame.height / 540.0);
    const Rgb colour = parseColour(person.colour), dark{20, 24, 30};
    const double opacity = isGuess(person.state) ? 0.6 : 1;
    std::array<Vec2, kBodyKeypointCount> points;
    for (std::size_t k = 0; k < points.size(); ++k) {
        points[k] = project(camera, (*person.keypoints)[k]);
    }
    for (const auto& [a, b] : kBodyKeypointLines) {
        drawLine(frame, points[a], points[b], 4.4 * unit, dark, 0.55 * opacity);
    }
    for (const auto& [a, b] : kBodyKeypointLines) {
        drawLine(frame, points[a], points[b], 2.4 * unit, lighter(colour, 0.25), opacity);
    }
    for (const Vec2 p : points) {
        drawDisc(frame, p, 2.6 * unit, dark, 0.6 * opacity);
        drawDisc(frame, p, 1.8 * unit, {255, 255, 255}, opacity);
    }
}

void OverlayRenderer::Impl::drawLabel(Image& frame, const Intrinsics& camera, const OverlayPerson& person,
                                      double scaleX, double scaleY) const {
    double x = -1, y = -1;
    for (std::size_t i = 0; i < used; ++i) {
        const Layer& layer = *layers[i];
        if (layer.person == &person) {
            x = layer.x0 + 0.5 * layer.width;
            y = layer.y0;
        }
    }
    if (x < 0 && person.mask != nullptr && !person.mask->empty()) {
        std::int64_t at = 0, sumX = 0, count = 0, top = person.mask->height;
        for (std::size_t i = 0; i < person.mask->counts.size(); ++i) {
            const std::int64_t run = person.mask->counts[i];
            if (i % 2 == 1 && run > 0) {
                sumX += run * (at / person.mask->height);
                count += run;
                top = std::min(top, at % person.mask->height);
            }
            at += run;
        }
        if (count > 0) {
            x = scaleX * static_cast<double>(sumX) / static_cast<double>(count);
            y = scaleY * static_cast<double>(top);
        }
    }
    if (x < 0 && person.keypoints != nullptr && camera.focalPx > 0 && person.state != FrameState::Absent) {
        // Neither body nor mask is drawn: above the key points, of which the nose is nearly the highest.
        double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
        for (const Vec3 keypoint : *person.keypoints) {
            const Vec2 p = project(camera, keypoint);
            left = std::min(left, p.x);
            right = std::max(right, p.x);
            top = std::min(top, p.y);
            bottom = std::max(bottom, p.y);
        }
        x = std::max(0.0, 0.5 * (left + right));
        y = top - 0.08 * (bottom - top);
    }
    if (x < 0) {
        return;
    }
    const double height = std::max(7.0, frame.height / 62.0), pad = 0.75 * height;
    const std::string text = std::to_string(person.id) + (person.name.empty() ? "" : " " + person.name);
    const double width = textWidth(text, height) + 2 * pad;
    const double left = std::clamp(x - 0.5 * width, 2.0, std::max(2.0, frame.width - width - 2));
    const double bottom = std::max(y - 0.6 * height, height + 2 * pad + 2);
    fillBox(frame, {left, bottom - height - 1.5 * pad, left + width, bottom}, 0.5 * height, {27, 30, 35},
            0.82);
    fillBox(frame, {left, bottom - height - 1.5 * pad, left + 0.45 * height, bottom}, 0.2 * height,
            parseColour(person.colour), 1);
    drawText(frame, text, {left + pad, bottom - 0.75 * pad}, height, {236, 239, 243});
}

namespace {

/// In the lower left corner.
void drawNote(Image& frame, std::string note) {
    std::transform(note.begin(), note.end(), note.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    const double height = std::max(7.0, frame.height / 50.0), pad = 0.75 * height, margin = 0.8 * height;
    const double bottom = frame.height - margin;
    fillBox(frame, {margin, bottom - height - 1.5 * pad, margin + textWidth(note, height) + 2 * pad, bottom}, 0.5 * height,
            {27, 30, 35}, 0.82);
    drawText(frame, note, {margin + pad, bottom - 0.75 * pad}, height, {255, 196, 92});
}

} // namespace

OverlayRenderer::OverlayRenderer() : impl_(std::make_unique<Impl>()) {}
OverlayRenderer::~OverlayRenderer() = default;
OverlayRenderer::OverlayRenderer(OverlayRenderer&&) noexcept = default;
OverlayRenderer& OverlayRenderer::operator=(OverlayRenderer&&) noexcept = default;

void OverlayRenderer::render(Image& frame, const Intrinsics& camera, std::span<const OverlayPerson> people,
                             const OverlayStyle& style, const std::string& note) {
    if (frame.empty()) {
        return;
    }
    Intrinsics view = camera;
    const double scaleX = camera.width > 0 ? static_cast<double>(frame.width) / camera.width : 1;
    const double scaleY = camera.height > 0 ? static_cast<double>(frame.height) / camera.height : 1;
    view.focalPx *= scaleX;
    view.centreX *= scaleX;
    view.centreY *= scaleY;
    view.width = frame.width;
    view.height = frame.height;
    impl_->used = 0;
    if (style.masks) {
        for (const OverlayPerson& person : people) {
            Impl::drawMask(frame, person, style, std::max(1.0, frame.height / 720.0));
        }
    }
    if (style.bodies && view.focalPx > 0) {
        impl_->drawBodies(frame, view, people, style);
    }
    if (style.skeleton && view.focalPx > 0) {
        for (const OverlayPerson& person : people) {
            Impl::drawSkeleton(frame, view, person);
        }
    }
    if (style.labels) {
        for (const OverlayPerson& person : people) {
            impl_->drawLabel(frame, view, person, scaleX, scaleY);
        }
    }
    if (!note.empty()) {
        drawNote(frame, note);
    }
}

void renderOverlay(Image& image, const ExportScene& scene, std::int64_t frame, const OverlayStyle& style) {
    ExportOptions options;
    const ExportClip clip(scene, options);
    std::vector<OverlayPerson> people;
    std::vector<TargetFrame> observed(clip.people.size());
    for (std::size_t i = 0; i < clip.people.size(); ++i) {
        if (style.masks && clip.people[i].source->observed) {
            observed[i] = clip.people[i].source->observed(frame);
        }
        people.push_back(overlayPerson(clip.people[i], frame, &observed[i].mask));
    }
    OverlayRenderer().render(image, clip.cameraAt(frame), people, style, scene.weightsNote);
}

} // namespace body4d
