/* Diagnostics of the engine itself: one sink function per engine, levels, no global state. */
#ifndef HAN_BASE_LOG_H
#define HAN_BASE_LOG_H

#include "base/config.h"

enum { HAN__LOG_ERROR, HAN__LOG_WARN, HAN__LOG_INFO, HAN__LOG_DEBUG };

/* Takes one finished line without its newline; text is valid only during the call. */
typedef void (*han__log_fn)(void *ud, int level, const char *text);

typedef struct han__log {
    han__log_fn fn; /* NULL: silent */
    void *ud;
    int level; /* messages above it are dropped unformatted */
} han__log;

/* fn NULL makes a silent log; messages of a level above `level` are dropped. */
void han__log_init(han__log *log, han__log_fn fn, void *ud, int level);
/* One line, at most 1,000 bytes; control bytes become '?'. */
void han__log_write(han__log *log, int level, const char *format, ...) HAN__PRINTF(3, 4);

/* Copies untrusted text so that it is safe on a terminal: control bytes other than \n and \t, and
 * ESC, C1 and bidirectional overrides, become visible escapes (\xNN). Writes at most cap-1 bytes
 * and a NUL; returns the length written. The one function through which untrusted text passes. */
size_t han__log_escape(char *out, size_t cap, const char *text, size_t len);

#endif
