/* The client of han-runner: evaluations of candidate code, one after the other in a helper process,
 * answered by callback on the loop. It knows no Lua: requests and replies are bytes
 * (exec/eval_wire.h), encoded and decoded by script/bind_eval.c. */
#ifndef HAN_EXEC_EVAL_H
#define HAN_EXEC_EVAL_H

#include "base/error.h"
#include "exec/launch.h"
#include "loop/loop.h"

typedef struct han__eval han__eval;

/* HAN_OK: reply is the payload of the runner's answer, valid during the call. Otherwise reply is
 * NULL and err says why: HAN_PEER (the runner died, was silent beyond the deadline, or could not
 * evaluate), HAN_ENVIRONMENT (there is no sandbox of the launcher's level, or the canary proof
 * failed), HAN_CANCELLED (the client was closed). May send and cancel, not close. */
typedef void (*han__eval_fn)(void *ud, int status, const uint8_t *reply, size_t len,
                             const han_error *err);

/* Starts nothing yet: the first request starts a runner at the level that the launcher (borrowed)
 * has then, and unless that is none the runner has to pass the canary proof before it is given
 * anything. HAN_NOMEM. */
int han__eval_open(han__eval **out, han__loop *loop, han__mem *mem, han__launcher *launcher,
                   han_error *err) HAN__MUST_USE;
/* How much longer than its wall limit a request may take before the runner is given up; 5,000 ms
 * unless set. */
void han__eval_set_grace(han__eval *eval, uint32_t ms);
/* Ends the runner; every request that was not answered is, with HAN_CANCELLED. NULL is allowed. */
void han__eval_close(han__eval *eval);

/* Queues a request: value is the encoding of its table, copied. The callback follows in a later
 * turn of the loop, once, unless the request is cancelled. *ticket is never 0. HAN_LIMIT when the
 * request is larger than a frame, HAN_NOMEM, HAN_PEER when the runner cannot be started,
 * HAN_ENVIRONMENT when there is no sandbox of the level. */
int han__eval_send(han__eval *eval, const void *value, size_t len, uint32_t wall_ms,
                   han__eval_fn fn, void *ud, uint64_t *ticket, han_error *err) HAN__MUST_USE;
/* Its callback will not be called. An evaluation that has begun goes on to its end. Unknown tickets
 * are ignored. */
void han__eval_cancel(han__eval *eval, uint64_t ticket);

/* How many runners were started so far: more than one means that one was lost. */
uint64_t han__eval_starts(const han__eval *eval);
/* The level of the runner that gave the last reply; before the first, that of the runner that is
 * there, or HAN__LEVEL_NONE. */
int han__eval_level(const han__eval *eval);
/* The process id of the runner (of bubblewrap, when it is in a box), 0 while there is none. */
int64_t han__eval_pid(const han__eval *eval);

#endif
