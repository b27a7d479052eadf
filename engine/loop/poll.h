/* Watches a descriptor that belongs to another library (a socket of libcurl) for being readable or
 * writable. It never owns the descriptor. */
#ifndef HAN_LOOP_POLL_H
#define HAN_LOOP_POLL_H

#include "loop/loop.h"

typedef struct han__poll han__poll;
/* What the descriptor is ready for; both when it is broken. May close the watcher. */
typedef void (*han__poll_fn)(void *ud, bool readable, bool writable);

/* Watches nothing yet. HAN_NOMEM; HAN_INVALID for what cannot be polled. */
int han__poll_open(han__poll **out, han__loop *loop, int fd, han__poll_fn fn, void *ud,
                   han_error *err) HAN__MUST_USE;
/* From now on; neither: stands still. HAN_IO when the system refuses. */
int han__poll_want(han__poll *poll, bool readable, bool writable) HAN__MUST_USE;
/* At once; the descriptor may be closed behind it. NULL is allowed. The memory is freed in a later
 * turn of the loop. */
void han__poll_close(han__poll *poll);

#endif
