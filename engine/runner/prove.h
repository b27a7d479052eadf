/* The canary proof of a runner: what of the host can be reached from where it is. */
#ifndef HAN_RUNNER_PROVE_H
#define HAN_RUNNER_PROVE_H

#include "base/config.h"

/* Makes the attempts of a HAN__EVAL_PROVE payload, each in a child of its own: from this process's
 * place, and under the filter that every candidate gets. Bits HAN__BREACH_...; 0: all failed. */
uint32_t han__prove(const uint8_t *payload, size_t len);
/* Whether they say that there is a filter. From then on no child may go without one. */
bool han__prove_filter(uint32_t breaches);

#endif
