/* From a request to what goes over to a box: checked, and written as the body of a packet. */
#ifndef HAN_EXEC_EXEC_BODY_H
#define HAN_EXEC_EXEC_BODY_H

#include "base/buf.h"
#include "exec/exec.h"

/* HAN_OK, or HAN_INVALID with what is wrong. */
int han__exec_check(const han__exec_request *request, han_error *err);
/* Appends the body and fills in the counts of head. HAN_NOMEM; HAN_LIMIT when it is too large. */
int han__exec_body(const han__exec_request *request, han__box_run *head, han__buf *body,
                   han_error *err);
/* A descriptor to read the input from, at its beginning; /dev/null when there is none. -1 and
 * errno. */
int han__exec_input_fd(const void *input, size_t len);

#endif
