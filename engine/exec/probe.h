/* What this machine offers for boxes: a table of probes, each of which says what it found or what
 * is missing and how to mend that, and the sandbox level that results. Whoever tests can make any
 * of them fail by name, and landlock older than it is; nothing can make one pass. */
#ifndef HAN_EXEC_PROBE_H
#define HAN_EXEC_PROBE_H

#include <sys/types.h>

#include "base/error.h"

/* Sandbox levels HAN__LEVEL_...: X(name, text), weakest first. The text is interface: it is the
 * `sandbox` of a verdict. */
#define HAN__LEVEL_MAP(X)                                                                          \
    X(NONE, "none")         /* a process of its own with limits and a filter of system calls */    \
    X(LANDLOCK, "landlock") /* that, and no file of the host */                                    \
    X(STRONG, "strong")     /* that in namespaces of its own with an empty root */

/* HAN__LEVEL_NONE and so on; HAN__LEVELS is their number. */
enum {
#define HAN__LEVEL_ENUM(name, text) HAN__LEVEL_##name,
    HAN__LEVEL_MAP(HAN__LEVEL_ENUM)
#undef HAN__LEVEL_ENUM
        HAN__LEVELS
};

/* "strong" for HAN__LEVEL_STRONG; NULL for no level. Static. */
const char *han__level_name(int level);
/* The level with that name, or -1. */
int han__level_of(const char *name);

/* Probes HAN__PROBE_...: X(name, text, the least level that needs it, or HAN__LEVELS: none does).
 * In this order the first that is missing is told. */
#define HAN__PROBE_MAP(X)                                                                          \
    X(KERNEL, "kernel", HAN__LEVEL_LANDLOCK)                                                       \
    X(CLOSE_RANGE, "close_range", HAN__LEVEL_LANDLOCK)                                             \
    X(SECCOMP, "seccomp", HAN__LEVEL_LANDLOCK)                                                     \
    X(LANDLOCK, "landlock", HAN__LEVELS) /* needed by its own level only */                        \
    X(BUBBLEWRAP, "bubblewrap", HAN__LEVEL_STRONG)                                                 \
    X(UID_DROP, "uid-drop", HAN__LEVEL_STRONG)                                                     \
    X(USER_NS, "user-namespaces", HAN__LEVEL_STRONG)                                               \
    X(PID_NS, "pid-namespaces", HAN__LEVEL_STRONG)                                                 \
    X(IPC_NS, "ipc-namespaces", HAN__LEVEL_STRONG)                                                 \
    X(MOUNT_NS, "mount-namespaces", HAN__LEVEL_STRONG)                                             \
    X(NET_NS, "net-namespaces", HAN__LEVEL_STRONG)                                                 \
    X(UTS_NS, "uts-namespaces", HAN__LEVEL_STRONG)                                                 \
    X(PROC_MOUNT, "proc-mount", HAN__LEVELS) /* needed by boxes for commands only */               \
    X(CGROUP, "cgroup", HAN__LEVELS)

/* HAN__PROBE_KERNEL and so on; HAN__PROBES is their number. */
enum {
#define HAN__PROBE_ENUM(name, text, level) HAN__PROBE_##name,
    HAN__PROBE_MAP(HAN__PROBE_ENUM)
#undef HAN__PROBE_ENUM
        HAN__PROBES
};

typedef struct han__probe_result {
    const char *name; /* static */
    bool ok;
    char text[128]; /* what was found, or what is missing */
    char fix[224];  /* what to do; "" when ok */
} han__probe_result;

/* What was found. bwrap, uid and gid are what a box is to be started with. */
typedef struct han__probes {
    han__probe_result results[HAN__PROBES];
    char bwrap[128];
    uid_t uid; /* to become before bubblewrap starts, see han__process_options; 0: stay */
    gid_t gid;
    int landlock; /* ABI; 0: none */
} han__probes;

/* Runs every probe: a few milliseconds, with two short-lived children. Those named in `fail` (names
 * with commas between; may be NULL) or in the environment variable HAN_PROBE_FAIL fail; there
 * "landlock=5" makes it that ABI, if it is a later one. */
void han__probes_run(han__probes *probes, const char *fail);
/* The first probe that the level needs and that failed; NULL when it is available. */
const han__probe_result *han__probes_missing(const han__probes *probes, int level);
/* HAN_OK, or HAN_ENVIRONMENT with one line that names the thing and the fix. */
int han__probes_require(const han__probes *probes, int level, han_error *err);
/* The same for boxes in which commands are executed, which need more: at level strong a /proc of
 * their own, below it a user of their own when this one is root, for which the kernel bounds no
 * number of processes, and at none the filter. */
int han__probes_require_commands(const han__probes *probes, int level, han_error *err);
/* The first probe that commands at that level need and that failed; NULL when there is none. */
const han__probe_result *han__probes_missing_for_commands(const han__probes *probes, int level);
/* The strongest level at which commands can be executed here; -1: none at all. */
int han__probes_commands_level(const han__probes *probes);
/* The strongest level that is available. */
int han__probes_level(const han__probes *probes);

#endif
