/* Server-sent events: bytes in any pieces in, whole events out. The same stream gives the same
 * events however it is cut. Lines and events have a maximum; an event that the stream's end cuts
 * off is dropped, as the format wants (WHATWG HTML, 9.2.6). */
#ifndef HAN_MODEL_SSE_H
#define HAN_MODEL_SSE_H

#include "base/buf.h"

#define HAN__SSE_NAME_MAX 63 /* bytes of an event's name; longer ones are cut */

/* One event: its name ("" when none was given) and its data, lines joined by \n; valid during the
 * call. A status other than HAN_OK stops the parser, which gives it from then on. */
typedef int (*han__sse_fn)(void *ud, const char *name, const uint8_t *data, size_t len);

typedef struct han__sse {
    han__sse_fn fn;
    void *ud;
    han__buf line; /* the beginning of a line whose rest has not come */
    han__buf data; /* of the event so far */
    char name[HAN__SSE_NAME_MAX + 1];
    uint64_t events, events_max;
    bool has_data;
    bool skip_lf; /* the last byte was \r: an \n now belongs to it */
    bool begun;   /* the first line is behind: no byte order mark any more */
    int status;
} han__sse;

/* bytes_max: of one line, and of one event's data. events_max: of a stream. Holds no memory yet. */
void han__sse_init(han__sse *sse, han__mem *mem, size_t bytes_max, uint64_t events_max,
                   han__sse_fn fn, void *ud);
void han__sse_release(han__sse *sse);

/* HAN_OK; HAN_LIMIT (a line, an event, or their number is above its maximum), HAN_NOMEM, or what fn
 * gave. A failure stays. */
int han__sse_feed(han__sse *sse, const uint8_t *bytes, size_t len) HAN__MUST_USE;

#endif
