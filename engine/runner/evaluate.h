/* One evaluation, inside its child: decode the request, load the code, make the calls, report. */
#ifndef HAN_RUNNER_EVALUATE_H
#define HAN_RUNNER_EVALUATE_H

#include "runner/report.h"
#include "runner/sandbox.h"

/* Runs the request (the canonical encoding of its table) in the sandbox and reports. The sandbox is
 * used up. */
void han__evaluate(han__sandbox *box, const uint8_t *request, size_t len, han__report *report);

#endif
