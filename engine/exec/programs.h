/* Processes for untrusted programs: one runner per engine process, at the launcher's level, forks
 * one for each. A process is handed out before the runner has proved its box; it comes to life when
 * it has, and its channel ends when it cannot. */
#ifndef HAN_EXEC_PROGRAMS_H
#define HAN_EXEC_PROGRAMS_H

#include "exec/launch.h"

typedef struct han__programs han__programs;

/* Starts nothing yet; the launcher is borrowed. HAN_NOMEM. */
int han__programs_open(han__programs **out, han__loop *loop, han__mem *mem, han__launcher *launcher,
                       han_error *err) HAN__MUST_USE;
/* Ends the runner, and with it every program. NULL is allowed. */
void han__programs_close(han__programs *programs);

/* A process for one program: *fd is our end of its channel (exec/program_wire.h), and the caller's;
 * closing it ends the process. Starts the runner when there is none. HAN_ENVIRONMENT when there is
 * no sandbox of the level; HAN_PEER, HAN_IO, HAN_NOMEM. */
int han__programs_start(han__programs *programs, int *fd, han_error *err) HAN__MUST_USE;
/* Why the last runner was lost, when that was not our doing; "" otherwise. Programs whose channel
 * ended then ended for that reason. */
const char *han__programs_why(const han__programs *programs);
/* How many runners were started so far. */
uint64_t han__programs_starts(const han__programs *programs);
/* The process id of the runner (of bubblewrap, when it is in a box), 0 while there is none. */
int64_t han__programs_pid(const han__programs *programs);

#endif
