/* The base API: that of the library behind, but for GetTrainingApi. */
#include "stub.h"
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

const OrtApi *real_api;

void log_line(const std::string &line)
{
    const char *path = getenv("ORTDPO_STUB_LOG");
    if (path) {
        FILE *file = fopen(path, "a");
        fprintf(file, "%s\n", line.c_str());
        fclose(file);
    }
}

void violation(const std::string &what)
{
    log_line("VIOLATION " + what);
    fprintf(stderr, "stub: %s\n", what.c_str());
    abort();
}

OrtStatus *failure(const std::string &text)
{
    return real_api->CreateStatus(ORT_FAIL, text.c_str());
}

static const OrtTrainingApi *ORT_API_CALL get_training_api(uint32_t version) noexcept
{
    log_line("GetTrainingApi " + std::to_string(version));
    return version == 19 ? training_api() : nullptr;
}

static const OrtApiBase *real_base(void)
{
    const char *path = getenv("ORTDPO_STUB_RUNTIME");
    void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
    if (!library) {
        fprintf(stderr, "stub: ORTDPO_STUB_RUNTIME names no library: %s\n", path ? dlerror() : "it is not set");
        abort();
    }
    return reinterpret_cast<const OrtApiBase *(*)(void)>(dlsym(library, "OrtGetApiBase"))();
}

/* What 1.19 has of the table: 1.20 begins with adapters. */
static constexpr size_t table_bytes = offsetof(OrtApi, CreateLoraAdapter);
alignas(OrtApi) static char table[sizeof(OrtApi)];

static const OrtApi *ORT_API_CALL get_api(uint32_t version) noexcept
{
    log_line("GetApi " + std::to_string(version));
    real_api = real_base()->GetApi(version);
    if (!real_api) {
        return nullptr;
    }
    memcpy(table, real_api, table_bytes);
    auto api = reinterpret_cast<OrtApi *>(table);
    api->GetTrainingApi = get_training_api;
    return api;
}

static const char *ORT_API_CALL version_string(void) noexcept
{
    return real_base()->GetVersionString();
}

extern "C" __attribute__((visibility("default"))) const OrtApiBase *OrtGetApiBase(void) noexcept
{
    static const OrtApiBase base = {get_api, version_string};
    return &base;
}
