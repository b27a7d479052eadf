/* A duplex stream of bytes over a connected descriptor (one end of a socketpair, a pipe, a socket).
 * Reading is pushed to a callback; writing goes through a queue with a maximum. A broken peer never
 * raises SIGPIPE in this process. */
#ifndef HAN_LOOP_STREAM_H
#define HAN_LOOP_STREAM_H

#include "loop/loop.h"

typedef struct han__stream han__stream;

/* status HAN_OK, len > 0: bytes, valid during the call. HAN_OK, len 0: the peer ended its side.
 * HAN_IO: reading failed. After the end or a failure it is not called again. It may close the
 * stream. */
typedef void (*han__stream_read_fn)(void *ud, const uint8_t *bytes, size_t len, int status);
/* HAN_OK: the queue has become empty. HAN_IO: writing failed and the queue was dropped; once. It
 * may close the stream. */
typedef void (*han__stream_drain_fn)(void *ud, int status);

/* Takes fd over on success only, and makes it non-blocking. queue_max: most bytes that wait to be
 * written. HAN_NOMEM; HAN_INVALID for what cannot be polled, such as a plain file. */
int han__stream_open(han__stream **out, han__loop *loop, int fd, size_t queue_max,
                     han_error *err) HAN__MUST_USE;
/* Stops everything and closes the descriptor at once; queued bytes are dropped and no callback
 * follows. NULL is allowed. The memory is freed in a later turn of the loop. */
void han__stream_close(han__stream *stream);

/* HAN_OK; HAN_IO when the descriptor cannot be watched; HAN_MISUSE after the end was reported. */
int han__stream_read_start(han__stream *stream, han__stream_read_fn fn, void *ud) HAN__MUST_USE;
void han__stream_read_stop(han__stream *stream); /* bytes stay in the kernel; start goes on */

/* Writes at once what the kernel takes and queues the rest. All or nothing is accepted: HAN_LIMIT
 * when the queue would pass its maximum, HAN_NOMEM, HAN_IO once the stream is broken for writing
 * (no callback for that), HAN_MISUSE after han__stream_end. */
int han__stream_write(han__stream *stream, const void *bytes, size_t len) HAN__MUST_USE;
void han__stream_on_drain(han__stream *stream, han__stream_drain_fn fn, void *ud);
size_t han__stream_queued(const han__stream *stream);
/* Ends the writing side of a socket once the queue is empty: the peer reads an end, and this side
 * still reads. On a pipe it has no effect but to refuse writes. */
void han__stream_end(han__stream *stream);

#endif
