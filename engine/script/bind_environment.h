/* What a host lends to a run: tools, backends, a check and an observer, each a function of the host
 * that is called from han_step and answered there or later. A call waits in a fiber of the harness
 * state; hosts know it by a number that is never used again, so an answer that comes too late finds
 * nothing. */
#ifndef HAN_SCRIPT_BIND_ENVIRONMENT_H
#define HAN_SCRIPT_BIND_ENVIRONMENT_H

#include "script/run.h"

typedef struct han__environment han__environment;

/* Copies *given, and leaves a reference to the run's services in *services, which belongs to the
 * environment. capped: does the run's budget declare dollars? HAN_INVALID (size, a name without its
 * function, a model that is none), HAN_NOMEM. */
int han__environment_open(han__host *host, const han_environment *given, bool capped,
                          han__environment **out, int *services, han_error *err);
/* After the fibers that may wait in it are gone. NULL is allowed. */
void han__environment_close(han__environment *env);

/* See han_answer, han_refuse and han_charge. */
int han__environment_answer(han__host *host, uint64_t call, const char *json, han_error *err);
int han__environment_refuse(han__host *host, uint64_t call, int status, const char *message);
int han__environment_charge(han__host *host, uint64_t call, const char *spend, han_error *err);

/* In the harness state: pushes what the environment offers, for han.embed. May raise. */
void han__environment_push(lua_State *L, const han_environment *given, bool capped);
/* HAN_INVALID when its size or its pairs of names and functions are wrong. */
int han__environment_check(const han_environment *given, han_error *err);

/* Frees the table of calls of a host, whose states are gone. */
void han__environment_release(han__host *host);

/* Pushes the module table of han.environment (harness only): `call`, `enter`. */
int han__open_environment(lua_State *L);

#endif
