/* One request to a model endpoint and the reply it gives: HTTP, the stream, the dialect, the key.
 * What is asked and what the reply means is engine Lua; whether to ask again, too. */
#ifndef HAN_MODEL_CALL_H
#define HAN_MODEL_CALL_H

#include "model/http.h"
#include "model/reply.h"
#include "model/secret.h"

#define HAN__CALL_ID_MAX   128  /* bytes of an id */
#define HAN__CALL_TOLD_MAX 8192 /* bytes of response headers that are kept */
#define HAN__CALL_RAW_MAX  2048 /* bytes of a body that is no reply, kept to show */

typedef struct han__call han__call;

/* How it ended; valid during on_end. */
typedef struct han__call_end {
    const han__http_end *http;
    const han__reply *reply; /* its texts are valid UTF-8 without the key */
    const han__buf *told; /* response headers worth knowing, "name: value\n", names in lower case */
    const han__buf *raw;  /* the beginning of a body that could not be read; empty otherwise */
    bool streamed;
} han__call_end;

typedef struct han__call_request {
    han__http_request http; /* line, body and limits; header, functions and ud are not read */
    const char *id; /* told to the endpoint as x-client-request-id; NULL: none. Nothing that could
                       end a header line. */
    int dialect;
    const han__secret *secret; /* taken out of the reply; NULL: none; must outlive the call */
    size_t field_max;          /* bytes of each field of the reply; 0: 4 MiB */
    uint64_t events_max;       /* 0: 1,000,000 */
    void (*on_end)(void *ud, const han__call_end *end);
    void *ud;
} han__call_request;

/* As han__http_start; HAN_LIMIT for an id that is too long. */
int han__call_start(han__call **out, han__http *http, han__mem *mem,
                    const han__call_request *request, han_error *err) HAN__MUST_USE;
/* Ends it without on_end. */
void han__call_cancel(han__call *call);

#endif
