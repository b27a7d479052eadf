/* Starting han-runner at a sandbox level. A launcher belongs to one process and knows where the
 * runner is, which level was asked for, and (probed once) whether this machine has it. It never
 * steps down. */
#ifndef HAN_EXEC_LAUNCH_H
#define HAN_EXEC_LAUNCH_H

#include "exec/probe.h"
#include "loop/process.h"

typedef struct han__launcher han__launcher;

/* A launcher of the program `runner` (a path, copied) at level strong; probes and starts nothing
 * yet. HAN_NOMEM. */
int han__launcher_open(han__launcher **out, han__loop *loop, han__mem *mem, const char *runner,
                       han_error *err) HAN__MUST_USE;
void han__launcher_close(han__launcher *launcher); /* NULL is allowed */

/* The level of all runners to come (HAN__LEVEL_...). HAN_OK; HAN_ENVIRONMENT with one line naming
 * what is missing and the fix, and then the level is as it was. */
int han__launcher_set(han__launcher *launcher, int level, han_error *err) HAN__MUST_USE;
int han__launcher_level(const han__launcher *launcher);
/* What this machine offers; probed by the first call. */
const han__probes *han__launcher_probes(han__launcher *launcher);

/* Starts a runner in a mode ("eval", "program") with its channel. At level strong it is in a box,
 * and han__process_pid is that of bubblewrap. HAN_ENVIRONMENT when the level is not available or
 * the program cannot be executed; else as han__process_start. */
int han__launcher_start(han__launcher *launcher, const char *mode, han__process_exit_fn on_exit,
                        void *ud, han__process **out, han_error *err) HAN__MUST_USE;

#endif
