/* The frames between the evaluation client and han-runner, and the limits both know.
 *
 * Request payload: u32 wall limit in milliseconds, then the canonical encoding of the request table
 * (see script/bind_eval.h). Reply payload: u8 class of the whole, then records, each u8 kind, u32
 * length, body. All integers are little-endian; text is u32 length and bytes.
 *
 * Record kinds:
 *   CALL   one per call that ended, in order:
 *            u8 class (OK or why it failed), u8 pass (0 not asked, 1 no, 2 yes), u64 instructions,
 *            u32 line, text message, trace, text bitmap of executed lines (bit i of byte i / 8 is
 *            line i; empty without coverage), u32 n, then n encoded values
 *   LOAD   at most one: why the code could not be loaded, or what ended the whole early:
 *            u8 class, u32 line, text message, trace
 *   trace  u16 n, then n times u32 line, text name; the innermost first */
#ifndef HAN_EXEC_EVAL_WIRE_H
#define HAN_EXEC_EVAL_WIRE_H

#include "base/config.h"

enum {
    HAN__EVAL_REQUEST = 1,
    HAN__EVAL_REPLY = 2,
    HAN__EVAL_FAILED = 3, /* the runner itself could not evaluate; payload: why, as plain text */
    HAN__EVAL_PROVE =
        4,              /* try to reach the host: u32 process id, text abstract socket, text path */
    HAN__EVAL_PROOF = 5 /* what could be reached: u32 bits HAN__BREACH_... (exec/canary.h) */
};

enum { HAN__EVAL_RECORD_CALL = 'C', HAN__EVAL_RECORD_LOAD = 'L' };

/* Classes HAN__CLASS_...: X(name, text). The text is interface: it is what Lua sees. */
#define HAN__EVAL_CLASS_MAP(X)                                                                     \
    X(OK, "ok")                                                                                    \
    X(FORMAT, "format")   /* does not parse, load, or give a table */                              \
    X(RUNTIME, "runtime") /* raised an error */                                                    \
    X(VALUE, "value")     /* gave what is not a plain value */                                     \
    X(INSTRUCTIONS, "limit:instructions")                                                          \
    X(MEMORY, "limit:memory")                                                                      \
    X(OUTPUT, "limit:output")                                                                      \
    X(TIME, "limit:time") /* wall or CPU; ended from outside */                                    \
    X(CRASH, "crash")     /* ended without having said so */

/* HAN__CLASS_OK and so on; HAN__CLASSES is their number. */
enum {
#define HAN__EVAL_CLASS_ENUM(name, text) HAN__CLASS_##name,
    HAN__EVAL_CLASS_MAP(HAN__EVAL_CLASS_ENUM)
#undef HAN__EVAL_CLASS_ENUM
        HAN__CLASSES
};

/* Limits of a request: what is taken when it says nothing, and the most it may say. */
#define HAN__EVAL_INSTRUCTIONS      20000
#define HAN__EVAL_INSTRUCTIONS_MAX  1000000000
#define HAN__EVAL_LOAD_INSTRUCTIONS 200000 /* at least; running the chunk itself */
#define HAN__EVAL_MEMORY            (64 << 20)
#define HAN__EVAL_MEMORY_MIN        (64 << 10)
#define HAN__EVAL_MEMORY_MAX        (1 << 30)
#define HAN__EVAL_OUTPUT            (1 << 20)
#define HAN__EVAL_OUTPUT_MAX        (8 << 20)
#define HAN__EVAL_WALL_MS           2000
#define HAN__EVAL_WALL_MS_MAX       600000
#define HAN__EVAL_CALLS_MAX         10000
#define HAN__EVAL_NAME_MAX          40
#define HAN__EVAL_MESSAGE_MAX       1000
#define HAN__EVAL_FRAMES_MAX        20
#define HAN__EVAL_LINES_MAX         65536 /* lines above are not covered */

#endif
