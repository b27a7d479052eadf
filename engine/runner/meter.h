/* What candidate code may use: VM instructions by a count hook, bytes by the Lua allocator. Once a
 * limit is hit the meter is `killed`, and stays so until the next call begins: every further
 * instruction raises, and everything that catches errors raises again (see control.c). */
#ifndef HAN_RUNNER_METER_H
#define HAN_RUNNER_METER_H

#include "base/mem.h"

#include <lua.h>

typedef struct han__meter {
    han__mem mem;
    int64_t live;   /* bytes that the state holds */
    int64_t base;   /* of these, before the candidate came */
    int64_t limit;  /* bytes the candidate may hold at once, while a call is under way */
    uint64_t churn; /* bytes it has asked for since the call began */
    uint64_t churn_max;
    void *refused; /* the request that was refused last, while nothing was granted since */
    size_t refused_size;
    unsigned refusals;  /* since the call began */
    size_t last_block;  /* size of the thread allocated last, for han__meter_calibrate */
    size_t hookcount;   /* offset of the running hook count in a lua_State */
    lua_Integer budget; /* instructions of this call; 0: none under way */
    lua_State *running; /* the thread that runs now */
    int killed;         /* 0, or the HAN__CLASS_... of the limit that was hit */
    lua_Integer spent;  /* instructions used when it was hit */
    uint8_t *lines;     /* bitmap of executed lines, or NULL */
    const char *chunk;  /* the source name whose lines count */
} han__meter;

/* The allocator of the state; ud is the meter. */
void *han__meter_alloc(void *ud, void *ptr, size_t old_size, size_t new_size);
/* The meter of the state L belongs to (its address lies in the extra space of every thread). */
static inline han__meter *han__meter_of(lua_State *L)
{
    return *(han__meter **)lua_getextraspace(L);
}

/* Finds where a lua_State counts down to its next hook, which no API tells: threads of L are given
 * hooks with known counts and run a known function. False when it cannot be found for certain. */
bool han__meter_calibrate(han__meter *m, lua_State *L);

/* From here on the candidate pays for memory: at most limit bytes more than are held now. */
void han__meter_arm(han__meter *m, int64_t limit);
/* A call on thread L with at most `instructions` begins; forgets an earlier kill. */
void han__meter_begin(han__meter *m, lua_State *L, lua_Integer instructions);
/* Instructions used on L since begin: exact, at most its budget. */
lua_Integer han__meter_used(han__meter *m, lua_State *L);
/* The call is over: no hook. */
void han__meter_end(han__meter *m, lua_State *L);

/* What is left of the count moves with the control from one thread to another. */
void han__meter_switch(han__meter *m, lua_State *from, lua_State *to);

/* A kill that ended coroutine co may have come out of its hook. Lua calls no hook on it any more,
 * so nothing of it may run again, not even what it left to be closed. */
void han__meter_stop_thread(lua_State *co);
bool han__meter_stopped_thread(lua_State *co);

/* Instructions that the call may still use on L, the running thread; without limit outside a call.
 */
uint64_t han__meter_left(lua_State *L);
/* Takes the price of work done in C off the count; raises when it does not suffice. */
void han__meter_charge(lua_State *L, uint64_t instructions);
/* Hits limit `class` by hand; the caller then raises. */
void han__meter_kill(han__meter *m, lua_State *L, int class);
/* Raises the error that ends a killed call. */
int han__meter_raise(lua_State *L);

#endif
