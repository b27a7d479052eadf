/* Owns the loading of libcurl. It stays loaded once it was: its own libraries register things at
 * exit that must not be unmapped. */
#include "base/config.h"
#include "model/curl.h"

#include <dlfcn.h>
#include <string.h>

static void *open_library(void)
{
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so"};
    void *library = NULL;
    for (size_t i = 0; i < HAN__COUNT(names) && !library; i++)
        library = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
    return library;
}

/* Writes a function's address into a field of another type of pointer, as POSIX allows. */
static bool find(void *library, const char *name, void *field)
{
    void *address = dlsym(library, name);
    memcpy(field, &address, sizeof address);
    return address != NULL;
}

int han__curl_load(han__curl *curl, han_error *err)
{
    han__curl loaded = {.library = open_library()};
    if (!loaded.library)
        return han__error_set(err, HAN_ENVIRONMENT,
                              "model calls need libcurl; install it (Debian: libcurl4)");
    const char *missing = NULL;
#define FIND(name)                                                                                 \
    if (!find(loaded.library, "curl_" #name, &loaded.name)) missing = #name;
    HAN__CURL_MAP(FIND)
#undef FIND
    if (missing || loaded.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        dlclose(loaded.library);
        return han__error_set(err, HAN_ENVIRONMENT, "libcurl is too old or broken (%s)",
                              missing ? missing : "global_init");
    }
    *curl = loaded;
    return HAN_OK;
}

void han__curl_unload(han__curl *curl)
{
    if (!curl->library) return;
    curl->global_cleanup();
    dlclose(curl->library);
    curl->library = NULL;
}
