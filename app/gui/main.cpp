#include "core_backend.h"
#include "ui/application.h"

int main(int argc, char** argv) {
    return body4d::ui::runStudio(argc, argv, [] { return std::make_shared<body4d::CoreBackend>(); });
}
