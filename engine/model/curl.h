/* libcurl, loaded when the first call is made: it brings thirty libraries along, which would cost
 * every start of every program of ours 20 ms. Only the functions named here are used. */
#ifndef HAN_MODEL_CURL_H
#define HAN_MODEL_CURL_H

#include "base/error.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/* X(name): curl_NAME. */
#define HAN__CURL_MAP(X)                                                                           \
    X(global_init)                                                                                 \
    X(global_cleanup)                                                                              \
    X(easy_init)                                                                                   \
    X(easy_cleanup)                                                                                \
    X(easy_setopt)                                                                                 \
    X(easy_getinfo)                                                                                \
    X(easy_strerror)                                                                               \
    X(multi_init)                                                                                  \
    X(multi_cleanup)                                                                               \
    X(multi_setopt)                                                                                \
    X(multi_add_handle)                                                                            \
    X(multi_remove_handle)                                                                         \
    X(multi_socket_action)                                                                         \
    X(multi_assign)                                                                                \
    X(multi_info_read)                                                                             \
    X(url)                                                                                         \
    X(url_set)                                                                                     \
    X(url_get)                                                                                     \
    X(url_cleanup)                                                                                 \
    X(free)

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

typedef struct han__curl {
    void *library;
#define HAN__CURL_FIELD(name) __typeof__(&curl_##name) name;
    HAN__CURL_MAP(HAN__CURL_FIELD)
#undef HAN__CURL_FIELD
} han__curl;

/* Loads the library and prepares it for this process. HAN_ENVIRONMENT names what is missing. */
int han__curl_load(han__curl *curl, han_error *err) HAN__MUST_USE;
/* Once for each load. */
void han__curl_unload(han__curl *curl);

#endif
