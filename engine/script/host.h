/* Turning a host: giving turns to ready fibers, to the trees of its runs, and to the loop. The
 * engine and the jobs do this in the same way. */
#ifndef HAN_SCRIPT_HOST_H
#define HAN_SCRIPT_HOST_H

#include "script/run.h"

/* Works for about max_us microseconds (0: one round). 1: more is ready now; 0: everything waits. */
int han__host_step(han__host *host, uint64_t max_us);
/* Steps until something asked for is over: while `going` says so, waiting for the loop when idle.
 */
void han__host_drive(han__host *host, bool (*going)(void *ud), void *ud);
/* Milliseconds until the host has to be stepped without its descriptor being ready; -1: no limit.
 */
int han__host_timeout_ms(const han__host *host);

#endif
