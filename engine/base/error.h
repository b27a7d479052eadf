/* Filling a han_error: the first failure wins, later ones leave it alone. */
#ifndef HAN_BASE_ERROR_H
#define HAN_BASE_ERROR_H

#include "base/config.h"

/* Empty err (may be NULL). */
void han__error_clear(han_error *err);
/* Record `code` with a printf message when err is not NULL and still empty; control bytes in the
 * text become '?', it is cut at a UTF-8 border. Always returns code, so: return
 * han__error_set(...). */
int han__error_set(han_error *err, int code, const char *format, ...) HAN__PRINTF(3, 4);
/* The same with the place ("file:line") first; place may be NULL. */
int han__error_at(han_error *err, int code, const char *place, const char *format, ...)
    HAN__PRINTF(4, 5);
/* The same for a failed system call: appends ": " and the text of errno value `number`. */
int han__error_sys(han_error *err, int code, int number, const char *format, ...) HAN__PRINTF(4, 5);

#endif
