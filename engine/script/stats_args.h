/* Arguments of the functions of han.stats: fields of one table, read into arrays that the Lua state
 * owns (so that an error raised halfway frees them). */
#ifndef HAN_SCRIPT_STATS_ARGS_H
#define HAN_SCRIPT_STATS_ARGS_H

#include <lua.h>

#include "base/error.h"
#include "base/mem.h"
#include "stats/units.h"

/* One call. Arrays read with it stay on its Lua stack until it returns. */
typedef struct han__stats_args {
    lua_State *L;
    han__mem mem; /* for the methods' scratch: the state's own allocator */
    han_error err;
} han__stats_args;

/* The only argument must be a table; throws otherwise. */
void han__stats_args_open(lua_State *L, han__stats_args *args);
/* Returns nil, message, CODE to Lua, from args->err. */
int han__stats_args_refuse(han__stats_args *args);

/* Is the field there (not nil)? */
bool han__stats_args_has(han__stats_args *args, const char *name);
/* A number; `fallback` when it is absent and fallback is not NULL, else throws. */
double han__stats_args_number(han__stats_args *args, const char *name, const double *fallback);
/* A count: an integer of 0 or more (3.0 is one). Absent: *fallback or throws. A negative or broken
 * number is HAN_INVALID in args->err. */
int han__stats_args_count(han__stats_args *args, const char *name, const uint64_t *fallback,
                          uint64_t *out) HAN__MUST_USE;
/* An integer of any sign, taken as 64 bits: a seed. */
uint64_t han__stats_args_seed(han__stats_args *args, const char *name);
/* One of a list of words (NULL-ended); its place. Absent: 0. Another word throws. */
int han__stats_args_word(han__stats_args *args, const char *name, const char *const words[]);

/* A list of numbers, booleans counting as 0 and 1; throws when it is absent or holds anything else.
 * NaN and infinities pass: the methods refuse them by place. */
const double *han__stats_args_list(han__stats_args *args, const char *name, size_t *n);
/* A list of labels (strings, numbers or booleans), turned into ids 0, 1, ... in order of first
 * appearance. Absent: NULL. HAN_INVALID when it is not n long. */
int han__stats_args_labels(han__stats_args *args, const char *name, size_t n, const uint32_t **ids,
                           size_t *count) HAN__MUST_USE;
/* `a` and `b`, or one list `x` instead of them (when `x_allowed`), with `groups`, `strata` and
 * `weight` ("rows" or "groups"). HAN_INVALID when a and b differ in length. */
int han__stats_args_sample(han__stats_args *args, bool x_allowed, han__sample *out) HAN__MUST_USE;

/* Into the result table on top of the stack. */
void han__stats_give_number(lua_State *L, const char *name, double value);
void han__stats_give_count(lua_State *L, const char *name, uint64_t value);
void han__stats_give_bool(lua_State *L, const char *name, bool value);
void han__stats_give_text(lua_State *L, const char *name, const char *value);
void han__stats_give_list(lua_State *L, const char *name, const double *x, size_t n);
/* A list of two: `ci`. */
void han__stats_give_interval(lua_State *L, double low, double high);

#endif
