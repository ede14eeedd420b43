#include "fake_backend.h"
#include "ui/application.h"

// The real window on the fake engines: for looking at and for measuring without model data.
int main(int argc, char** argv) {
    body4d::ui::test::FakeBackend::Clip clip;
    clip.width = 1280;
    clip.height = 720;
    return body4d::ui::runStudio(argc, argv, [clip] { return std::make_shared<body4d::ui::test::FakeBackend>(clip); });
}
