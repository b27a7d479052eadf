/* A line to an endpoint: all that is the same for every request to it, checked and put together
 * once. Requests share it, and hold it as long as they live. */
#ifndef HAN_MODEL_LINE_H
#define HAN_MODEL_LINE_H

#include "model/http.h"
#include "model/secret.h"

struct curl_slist;
struct Curl_URL;

struct han__line {
    han__mem *mem;
    size_t holders;
    struct Curl_URL *url;
    bool here;                              /* it leads to this machine: never through a proxy */
    void (*free_url)(struct Curl_URL *url); /* libcurl's: the line may outlive the client */
    struct curl_slist *headers;             /* one block each, overwritten at the end */
};

typedef struct han__line_options {
    const char *url;            /* https, or http to this machine; no user and password */
    const char *const *headers; /* "Name: value" lines, NULL-ended; may be NULL */
    const han__secret *secret;  /* NULL: none; read once, here */
    const char *secret_header, *secret_prefix;
} han__line_options;

/* Copies what it is given; its one holder is the caller. HAN_INVALID for a URL that is not allowed,
 * HAN_NOMEM, HAN_LIMIT (a key's header that is too long). */
int han__line_open(han__line **out, han__http *http, han__mem *mem,
                   const han__line_options *options, han_error *err) HAN__MUST_USE;
han__line *han__line_hold(han__line *line);
/* The last holder's drop frees it. NULL is allowed. */
void han__line_drop(han__line *line);

#endif
