/* A cgroup of its own for each box, version 1 or 2, where this process may make one: it bounds
 * memory and processes of all that is in the box together, and counts what was refused, and CPU
 * time where version 1 has that too. */
#ifndef HAN_EXEC_CGROUP_H
#define HAN_EXEC_CGROUP_H

#include "base/error.h"
#include "base/mem.h"

typedef struct han__cgroup han__cgroup;

/* Makes one with these bounds (bytes; processes and threads). HAN_ENVIRONMENT when none may be made
 * here, HAN_NOMEM. */
int han__cgroup_open(han__cgroup **out, han__mem *mem, uint64_t memory, uint64_t procs,
                     han_error *err) HAN__MUST_USE;
/* Removes it as soon as its processes have ended, waiting for that at most a second, and frees it.
 * NULL is allowed. */
void han__cgroup_close(han__cgroup *cgroup);

/* "cgroup1" or "cgroup2". Static. */
const char *han__cgroup_kind(const han__cgroup *cgroup);
/* Path of the file through which a process enters the n-th of its hierarchies; NULL behind the
 * last. */
const char *han__cgroup_procs(const han__cgroup *cgroup, size_t n);

/* How often memory ran out and something was killed for it, how often a process was refused, and
 * the microseconds of CPU time that were used by all (0 where nobody counts them), since it was
 * made. */
typedef struct han__cgroup_events {
    uint64_t oom, procs, cpu_us;
} han__cgroup_events;
/* What cannot be read counts as 0. */
void han__cgroup_read(const han__cgroup *cgroup, han__cgroup_events *out);

/* Removes what engines that are no more have left behind. */
void han__cgroup_sweep(void);

#endif
