/* One message posted to a server that speaks JSON-RPC over HTTP, and the messages that come back: a
 * body of JSON, or a stream of events with one each. What they mean is somebody else's business. */
#ifndef HAN_MODEL_POST_H
#define HAN_MODEL_POST_H

#include "model/http.h"
#include "model/secret.h"

#define HAN__POST_SESSION_MAX 256         /* bytes of the name of a session */
#define HAN__POST_RAW_MAX     300         /* bytes of a body of another status than 2xx, to show */
#define HAN__POST_MESSAGE_MAX (4u << 20)  /* bytes of one message */
#define HAN__POST_BODY_MAX    (16u << 20) /* ... of all */

typedef struct han__post han__post;

/* How it ended; valid during on_end. */
typedef struct han__post_end {
    const han__http_end *http;
    const char *session; /* see han__post_session */
    const han__buf *raw; /* the beginning of a body that is no message; empty otherwise */
} han__post_end;

typedef struct han__post_request {
    han__http_request http;    /* line, body, total_ms and erase; header, functions, ud and body_max
                                  are    not read */
    const han__secret *secret; /* taken out of what comes; NULL: none; must outlive the call */
    /* A message in one line, valid during the call. Another status than HAN_OK ends it with that.
     */
    int (*on_message)(void *ud, const uint8_t *bytes, size_t len);
    void (*on_end)(void *ud, const han__post_end *end); /* once, last */
    void *ud;
} han__post_request;

/* As han__http_start. */
int han__post_start(han__post **out, han__http *http, han__mem *mem,
                    const han__post_request *request, han_error *err) HAN__MUST_USE;
/* What its head said of a session so far (mcp-session-id): printable ASCII, "" without. */
const char *han__post_session(const han__post *post);
/* Ends it without on_end; not from inside its own functions. */
void han__post_cancel(han__post *post);

#endif
