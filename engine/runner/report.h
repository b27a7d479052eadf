/* What a child has to say, written into memory it shares with the runner: records as they are in
 * the reply (exec/eval_wire.h), counted only once they are whole. Nothing the candidate prints or
 * returns passes through a descriptor, so there is nothing it could write to; and a child that is
 * killed has still reported the calls that ended before. The runner reads it when the child is
 * gone. */
#ifndef HAN_RUNNER_REPORT_H
#define HAN_RUNNER_REPORT_H

#include "exec/eval_wire.h"
#include "runner/trace.h"

typedef struct han__report {
    uint64_t nonce; /* set by the runner for each request */
    uint64_t done;  /* = nonce: the child came to its end and class holds */
    uint32_t class; /* HAN__CLASS_... of the whole */
    uint64_t len;   /* bytes of whole records */
    uint64_t at;    /* where the next byte goes */
    uint64_t cap;
    uint8_t bytes[];
} han__report;

/* Each gives false when the room is used up; the record is then dropped by the next begin. */
bool han__report_begin(han__report *r, uint8_t kind);
bool han__report_u8(han__report *r, uint8_t v);
bool han__report_u32(han__report *r, uint32_t v);
bool han__report_u64(han__report *r, uint64_t v);
bool han__report_bytes(han__report *r, const void *bytes, size_t len);
bool han__report_text(han__report *r, const void *bytes, size_t len); /* with its length in front */
bool han__report_trace(han__report *r, const han__trace *trace);      /* NULL: an empty one */
void han__report_end(han__report *r); /* the record counts from here on */

/* The end of the child: nothing may follow. */
void han__report_finish(han__report *r, uint32_t class);

#endif
