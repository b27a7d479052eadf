/* A runner that holds one untrusted program for an engine: a strategy or a plain script with all
 * its agents as coroutines of one metered state, which reach the engine by frames only. */
#ifndef HAN_RUNNER_PROGRAM_H
#define HAN_RUNNER_PROGRAM_H

#include "base/buf.h"
#include "runner/sandbox.h"

/* Serves the program whose START frame comes first on `channel`, until the peer closes it. True
 * when it ended well. The process gives up everything but that descriptor before it loads the
 * program, and ends when it then has no filter of system calls and `filter` says that it must. */
bool han__program_serve(han__sandbox *box, int channel, bool filter);

/* ---- between program.c and verbs.c ---- */

typedef struct han__program {
    han__sandbox *box;
    int channel;
    bool filter;
    han__mem mem;
    han__buf out;     /* the frame that the turn will end with */
    size_t out_start; /* where it begins, while a verb is being written */
    uint32_t agent;   /* whose turn it is; 0: nobody's */
    char chunk[128];  /* the program's name, as in "=mine.lua" */
} han__program;

/* Puts the scope's metatable, math.random, print and require into the state. May raise. */
void han__verbs_install(lua_State *L, han__program *program);
/* Pushes the scope of an agent with that node id. May raise. */
void han__scope_push(lua_State *L, uint32_t agent, const char *node, size_t len);
/* Pushes the value that leads an answer of the engine. */
int han__verbs_push_key(lua_State *L);
/* Sends what is in program->out; ends the process when the engine is gone. */
void han__program_send(han__program *program);

#endif
