/* Children: one per request, forked from the prepared runner, never used again. */
#ifndef HAN_RUNNER_CHILD_H
#define HAN_RUNNER_CHILD_H

#include "base/buf.h"
#include "base/error.h"
#include "runner/report.h"
#include "runner/sandbox.h"

typedef struct han__children {
    han__sandbox *box; /* the template that every child inherits */
    han__report *report;
    int channel; /* when its peer is gone, a running child is ended */
    bool filter; /* a child without a filter of system calls must end */
} han__children;

/* Maps the shared report. HAN_NOMEM. */
int han__children_open(han__children *c, han__sandbox *box, int channel, han_error *err);

/* Evaluates a request payload (exec/eval_wire.h) in a child of its own and appends the reply
 * payload to out. HAN_OK; HAN_INVALID for a malformed request; HAN_IO when no child can be made;
 * HAN_CANCELLED when the peer is gone; HAN_NOMEM. */
int han__children_run(han__children *c, const uint8_t *payload, size_t len, han__buf *out,
                      han_error *err);

#endif
