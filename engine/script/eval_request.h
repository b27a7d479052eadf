/* The checks of an evaluation request (see script/bind_eval.h) before it is sent. */
#ifndef HAN_SCRIPT_EVAL_REQUEST_H
#define HAN_SCRIPT_EVAL_REQUEST_H

#include "base/config.h"

#include <lua.h>

/* Raises an error that names the field when the value at idx is not a good request. Reads raw. */
void han__eval_request_check(lua_State *L, int idx);
/* The wall limit of a checked request in milliseconds, at least 1. */
uint32_t han__eval_request_wall(lua_State *L, int idx);

#endif
