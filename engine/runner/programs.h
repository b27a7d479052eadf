/* The runner in mode "program": a process of its own for each untrusted program, forked from one in
 * which the state is prepared. */
#ifndef HAN_RUNNER_PROGRAMS_H
#define HAN_RUNNER_PROGRAMS_H

#include "runner/sandbox.h"

#define HAN__PROGRAMS_MAX 256 /* at a time; the channel of one more is closed at once */

/* Serves the requests on `channel` (exec/program_wire.h) until its peer closes it; then every
 * program ends. True when it ended well. */
bool han__programs_serve(han__sandbox *box, int channel);

#endif
