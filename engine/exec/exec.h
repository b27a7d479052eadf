/* Running a command that cannot be trusted: one run in a box, its streams, its limits, and the
 * verdict over it, which follows from facts (wait status, counters of the kernel, what we ended
 * ourselves) and never from an exit code alone. Boxes are pooled by their limits. */
#ifndef HAN_EXEC_EXEC_H
#define HAN_EXEC_EXEC_H

#include "exec/box.h"
#include "exec/launch.h"

/* Classes HAN__EXEC_...: X(name, text). The text is interface: `class` of a verdict. */
#define HAN__EXEC_CLASS_MAP(X)                                                                     \
    X(PASS, "pass")       /* ended by itself with code 0, within its limits */                     \
    X(FAIL, "fail")       /* ended by itself with another code */                                  \
    X(CRASH, "crash")     /* ended by a signal that was not ours */                                \
    X(TIME, "limit:time") /* wall time */                                                          \
    X(CPU, "limit:cpu")                                                                            \
    X(MEMORY, "limit:memory")                                                                      \
    X(OUTPUT, "limit:output")                                                                      \
    X(DISK, "limit:disk") /* bytes or number of files */                                           \
    X(PROCS, "limit:procs")                                                                        \
    X(STOPPED, "stopped")      /* its caller ended it */                                           \
    X(BROKEN, "sandbox-error") /* says nothing about the command */

/* HAN__EXEC_PASS and so on; HAN__EXEC_CLASSES is their number. */
enum {
#define HAN__EXEC_CLASS_ENUM(name, text) HAN__EXEC_##name,
    HAN__EXEC_CLASS_MAP(HAN__EXEC_CLASS_ENUM)
#undef HAN__EXEC_CLASS_ENUM
        HAN__EXEC_CLASSES
};
/* "limit:time" for HAN__EXEC_TIME. Static. */
const char *han__exec_class_name(int class);

/* What a run may use. Zero takes the default, see exec.c. */
typedef struct han__exec_limits {
    uint64_t wall_ms;
    uint64_t cpu_ms; /* of all its processes; 0: no limit but wall time */
    uint64_t output; /* bytes of stdout and stderr together */
    han__box_profile box;
} han__exec_limits;

/* A file for the work folder. mode S_IFDIR makes a folder. */
typedef struct han__exec_file {
    const char *path; /* relative, no ".." */
    const void *bytes;
    size_t len;
    uint32_t mode;
} han__exec_file;

/* A file that was collected, or why not. Owned by the run. */
typedef struct han__exec_output {
    char *path;
    uint8_t *bytes;
    uint64_t size;
    uint64_t have; /* bytes so far; all of them in a verdict */
    uint32_t mode;
    uint32_t skip; /* HAN__BOX_SKIP_... */
} han__exec_output;

/* How a run ended. Texts and outputs belong to the run and live until it is closed. */
typedef struct han__exec_verdict {
    int class;
    int code;          /* exit code, -1 when it did not end by itself */
    int signal;        /* the signal that ended it, or 0 */
    char message[300]; /* one line for people, "" when the class says all */
    uint64_t wall_us, cpu_us;
    uint64_t rss;      /* bytes of its largest process */
    uint64_t out, err; /* bytes that came on each stream */
    const char *held;  /* what held memory and processes, see han__box_held; static */
    int level;         /* HAN__LEVEL_... that was in force */
    const han__exec_output *outputs;
    size_t outputs_len;
} han__exec_verdict;

typedef struct han__execs han__execs; /* the boxes of one engine or job */
typedef struct han__exec han__exec;   /* one run */

/* Called from the loop. May write, stop and close. */
typedef struct han__exec_callbacks {
    /* stream 1 or 2; bytes are valid during the call. Never more than limits.output in sum. */
    void (*on_output)(void *ud, int stream, const uint8_t *bytes, size_t len);
    /* Once, last. */
    void (*on_end)(void *ud, const han__exec_verdict *verdict);
    void *ud;
} han__exec_callbacks;

typedef struct han__exec_request {
    const char *const *argv; /* NULL-ended; a name without "/" is looked for in the usual folders */
    const char *const *env;  /* NULL-ended "NAME=value", added to PATH, HOME, LANG and TMPDIR */
    const char *folder;      /* where it starts, below the work folder; NULL: there */
    const han__exec_file *files;
    size_t files_len;
    const char *const *collect; /* NULL-ended shell patterns below the work folder; may be NULL */
    uint64_t collect_bytes;     /* most bytes that are collected; 0: 16 MiB */
    const void *input;          /* stdin as a whole; not with `interactive` */
    size_t input_len;
    bool interactive; /* stdin is a pipe, see han__exec_write */
    han__exec_limits limits;
    han__exec_callbacks callbacks;
} han__exec_request;

/* Starts nothing yet. program: path of han-box, copied; launcher: knows what the machine offers and
 * at which level runs are started, and must live longer. HAN_NOMEM. */
int han__execs_open(han__execs **out, han__loop *loop, han__mem *mem, const char *program,
                    han__launcher *launcher, han_error *err) HAN__MUST_USE;
/* Ends all boxes; every run must have been closed. NULL is allowed. */
void han__execs_close(han__execs *execs);
/* Never use cgroups from now on (for tests and for those who want it). */
void han__execs_set_counted(han__execs *execs, bool counted);
/* Ends the boxes that are idle. */
void han__execs_drop(han__execs *execs);
/* Boxes started so far. */
uint64_t han__execs_started(const han__execs *execs);

/* Starts a run. What the request points to is used during the call only. HAN_ENVIRONMENT: no
 * sandbox of the level on this machine, the message names the thing and the fix; HAN_INVALID for a
 * request that makes no sense; HAN_LIMIT when too many boxes are busy or the files are too large;
 * HAN_NOMEM, HAN_IO, HAN_PEER. */
int han__exec_start(han__exec **out, han__execs *execs, const han__exec_request *request,
                    han_error *err) HAN__MUST_USE;
/* Writes to stdin of an interactive run. HAN_OK; HAN_IO when nobody reads it any more; HAN_LIMIT
 * when more than 4 MiB wait; HAN_MISUSE after the end of input. */
int han__exec_write(han__exec *exec, const void *bytes, size_t len) HAN__MUST_USE;
void han__exec_end_input(han__exec *exec);
/* Asks for its end; the verdict follows and is `stopped` unless something else was first. */
void han__exec_stop(han__exec *exec);
/* Frees it; a run that is on is ended and no callback follows. NULL is allowed. */
void han__exec_close(han__exec *exec);

#endif
