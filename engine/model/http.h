/* HTTP requests, thousands at once, on the engine's loop: libcurl's multi handles over its sockets
 * (curl_multi_socket_action), each with few connections, since one with many slows down.
 * Requests that find no place wait in a row, and only so many begin in one turn of the loop, so
 * that a burst does not cost a host a frame.
 *
 * No redirects, no netrc, no cookies. Everything a server can send has a maximum, after
 * decompression. */
#ifndef HAN_MODEL_HTTP_H
#define HAN_MODEL_HTTP_H

#include "base/error.h"
#include "base/mem.h"
#include "loop/loop.h"

#define HAN__HTTP_PER_HANDLE 64 /* a handle looks through all its connections for each request */
#define HAN__HTTP_HANDLES    64
#define HAN__HTTP_PER_TURN   64    /* requests that begin in one turn of the loop */
#define HAN__HTTP_HEAD_MAX   65536 /* bytes of all header lines of a response */

typedef struct han__http han__http;
typedef struct han__line han__line; /* model/line.h */
typedef struct han__http_call han__http_call;

/* How a request ended. */
typedef struct han__http_end {
    int status; /* HAN_OK: a response came whole, of whatever HTTP status. HAN_TIMEOUT, HAN_LIMIT (a
                   maximum), HAN_IO (network), HAN_NOMEM, or what on_body gave. */
    int http;   /* the HTTP status; 0: no response began */
    bool sent;  /* the request, or a part of it, left this machine */
    const char *message; /* why, when status is not HAN_OK; never holds a header of ours */
    uint64_t first_us;   /* from the begin of the request to the first byte of the response */
    uint64_t total_us;   /* ... to the end; without the time in the row */
    size_t bytes;        /* of the body, decompressed */
} han__http_end;

typedef struct han__http_request {
    han__line *line;    /* where to; held until the end */
    const char *header; /* a "Name: value" line of this request alone, copied; NULL: none */
    const void *body;   /* copied */
    size_t body_len;
    bool get;            /* instead of POST; no body */
    bool erase;          /* DELETE instead; with get */
    uint32_t connect_ms; /* 0: 10 s */
    uint32_t total_ms;   /* from its begin; 0: 10 minutes */
    size_t body_max;     /* 0: 8 MiB */
    /* A header line of the response, without its end: may be NULL. */
    void (*on_head)(void *ud, const char *line, size_t len);
    /* A piece of the body. Another status than HAN_OK ends the request with it. */
    int (*on_body)(void *ud, const uint8_t *bytes, size_t len);
    /* Once, unless the request is cancelled; the call is gone afterwards. */
    void (*on_end)(void *ud, const han__http_end *end);
    void *ud;
} han__http_request;

/* HAN_NOMEM; HAN_ENVIRONMENT when libcurl is not there. */
int han__http_open(han__http **out, han__loop *loop, han__mem *mem, han_error *err) HAN__MUST_USE;
/* What lives ends with HAN_CANCELLED. NULL is allowed. */
void han__http_close(han__http *http);

/* Begins in a later turn of the loop. HAN_NOMEM. */
int han__http_start(han__http_call **out, han__http *http, const han__http_request *request,
                    han_error *err) HAN__MUST_USE;
/* Ends it without on_end. Not from inside its own callbacks. */
void han__http_cancel(han__http_call *call);
/* The library, for line.c. */
const struct han__curl *han__http_curl(const han__http *http);
/* Requests that began and have not ended; and those that wait in the row. */
size_t han__http_running(const han__http *http);
size_t han__http_waiting(const han__http *http);

#endif
