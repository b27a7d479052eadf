/* A Lua state of the engine: the harness state of a process (trusted: adapters, checks, commands)
 * or the state of one run (strategies; allow-listed, capped). Every state belongs to a host: what
 * the process offers to scripts, wired by engine.c or by the main of a job. */
#ifndef HAN_SCRIPT_STATE_H
#define HAN_SCRIPT_STATE_H

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/slab.h"

#include <lua.h>

struct han__fiber;
struct han__run;
struct han__state;
struct han__loop;
struct han__eval;
struct han__execs;
struct han__launcher;
struct han__programs;
struct han__store;
struct han__calls;

/* What a process offers to its states. Pointers are borrowed; NULL where the process has none. */
typedef struct han__host {
    han__mem *mem;
    han__clock *clock;
    han__log *log;
    struct han__loop *loop;
    struct han__launcher *launcher; /* of runners, and their sandbox level */
    struct han__eval *eval;         /* evaluation of candidate code */
    struct han__execs *execs;       /* sandboxed commands */
    struct han__programs *programs; /* processes of untrusted programs */
    struct han__store *store;       /* engine process only */
    struct han__http *http;         /* of model calls; opened by the first */
    size_t (*secret)(void *ud, const char *name, char *out, size_t size); /* of han_options */
    void *secret_ud;
    bool calls_models;        /* may this process? jobs may not, they ask the engine */
    struct han__calls *calls; /* of runs to the program that embeds han; NULL: none yet */
    struct han__state *harness;
    struct han__fiber *ready_first, *ready_last; /* fibers whose turn has come */
    struct han__run *runs;                       /* all open runs, newest first */
    const char *scripts[8];                      /* script folders, first match wins; NULL-ended */
    const char *libexec;                         /* folder of han-job and han-runner */
    const char *data;                            /* folder of --data, or NULL */
    uint64_t slice_end_ns;                       /* fibers should yield after it; 0: no limit */
    volatile int *interrupted;                   /* how often the user asked to stop, or NULL */
} han__host;

typedef struct han__state {
    lua_State *L; /* the main thread */
    han__host *host;
    struct han__run *run;       /* NULL: harness state */
    struct han__fiber *current; /* the fiber that runs now */
    struct han__fiber *idle;    /* finished fibers whose coroutine can be used again */
    struct han__fiber *fibers;  /* all fibers in use */
    han__slab slab;             /* Lua memory and fibers, with their cap */
    int slots;                  /* reference to the table in which nodes keep values, see agent.h */
    const void *last_fn;        /* the function at 0 in the slots: the last agent's */
    bool last_takes_scope;      /* has it a second parameter? */
    int scope_meta;             /* reference to the metatable of scopes (run states) */
    size_t in_use, idling;      /* fibers, by list */
    bool engine_yield;          /* the yield under way is the engine's, not a script's */
    bool preempted;             /* ... and is only the end of a time slice */
    /* VM instructions (and what verbs count as) since a child was placed or an event received, and
     * their limit; 0: none. */
    uint64_t steps, steps_max;
    uint64_t idle_steps;  /* VM instructions since anything was spent in the run */
    int64_t spent;        /* the run's spend when idle_steps was 0 */
    uint64_t deadline_ns; /* 0: none; past it the hook raises */
    bool unguarded;       /* see han__state_unguarded */
    void *reserve;        /* a block of HAN__RESERVE bytes, or NULL */
    bool finalizers;      /* a binding was opened, which may have objects with finalizers */
    int doom_code;        /* why the fiber that just yielded must end; 0: it need not */
    char doom[320];
    char doom_where[112];   /* where the hook stopped it; "": the coroutine tells */
    char remote_where[112]; /* where the program failed that the error under way is of; or "" */
} han__state;

/* The running fiber must end with this code and message: it is stopped at its next return to the
 * engine, whatever its pcalls say. Then yield, if the thread can; else raise. */
void han__state_doom(han__state *state, int code, const char *message);

/* VM instructions that the run used in another process; may doom the running fiber. */
void han__state_count(han__state *state, uint64_t instructions);

/* The run received something from outside that it had to wait for: it is in no loop of its own, and
 * its count begins again. */
void han__state_received(han__state *state);

#define HAN__RESERVE 128

/* Prepares for making one Lua object of less than HAN__RESERVE bytes outside a protected call,
 * where an error would end the process: its memory is sure until `unguarded` is set to false again,
 * which the caller does. False when out of memory. */
bool han__state_unguarded(han__state *state);

/* The context of the state that L (any of its threads) belongs to. */
static inline han__state *han__state_of(lua_State *L)
{
    return *(han__state **)lua_getextraspace(L);
}

/* A harness state: all standard libraries, the embedded modules by require, and the bindings.
 * bytes_max 0: no cap. HAN_OK, HAN_NOMEM. */
int han__state_open_harness(han__host *host, han__state **out, han_error *err);
/* The state of a run: the allow-listed environment only. */
int han__state_open_run(han__host *host, struct han__run *run, size_t bytes_max, uint64_t steps_max,
                        han__state **out, han_error *err);
/* Kills its fibers and closes it. */
void han__state_close(han__state *state);

/* Moves the error value on top of the stack into err as code, with the place from "file:line:" at
 * its head when there is one; pops it. Returns code. */
int han__state_error(lua_State *L, int code, han_error *err);

/* "mine.lua:7" when the message begins with it and a colon (and it is not engine Lua). */
bool han__place_of(const char *message, char *out, size_t cap);

/* Throws a Lua error when not HAN_OK: for bad arguments, at the caller's level. */
int han__throw(lua_State *L, const han_error *err);
/* Pushes nil, message, CODE and returns 3: for expected failures. */
int han__fail(lua_State *L, const han_error *err);

#endif
