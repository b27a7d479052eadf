/* Lines of a text that comes in pieces and is taken away line by line. */
#ifndef HAN_SCRIPT_LINES_H
#define HAN_SCRIPT_LINES_H

#include <stdbool.h>

#include "base/buf.h"

#include <lua.h>

typedef struct han__lines {
    han__buf text;  /* whoever adds to it has bounded it */
    size_t taken;   /* bytes of it that were taken as lines */
    size_t scanned; /* bytes behind them that hold no end of line */
} han__lines;

/* Holds no memory yet. */
void han__lines_init(han__lines *lines, han__mem *mem);
void han__lines_release(han__lines *lines);
/* Is there a whole line? */
bool han__lines_ready(han__lines *lines);
/* Takes the next line and pushes it without its end; false, and nothing pushed: there is none. */
bool han__lines_push(lua_State *L, han__lines *lines);

#endif
