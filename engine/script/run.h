/* A run: one program on one task. It owns a Lua state and a tree; its root agent is the program.
 * Runs belong to a host, which gives their trees turns. */
#ifndef HAN_SCRIPT_RUN_H
#define HAN_SCRIPT_RUN_H

#include "base/buf.h"
#include "script/fiber.h"
#include "tree/scope.h"

#define HAN__NAMED_CHANNELS 3

typedef struct han__run_options {
    const char *source; /* the program's text; borrowed during open */
    size_t source_len;
    const char *name; /* shown in its messages: "mine.lua" */
    const void *task; /* encoded plain value; NULL: an empty table */
    size_t task_len;
    han__amount ceiling;
    uint8_t undeclared; /* channels without a cap */
    char named[HAN__NAMED_CHANNELS][32];
    uint64_t seed;
    uint64_t wall_ns;             /* bound on its active time; 0: none */
    uint32_t max_depth, max_live; /* 0: defaults */
    bool live;          /* shots that wait for the world end in the order of its answers */
    uint64_t max_steps; /* VM instructions between two verbs; 0: 200 million */
    size_t max_bytes;   /* Lua memory; 0: 512 MiB */
    int services;       /* reference in the harness state to a table of functions, or LUA_NOREF */
    bool untrusted;     /* its Lua code runs in a runner process, see remote.h */
} han__run_options;

typedef struct han__run {
    struct han__run *next;
    han__host *host;
    han__state *state;
    han__tree *tree;
    struct han__remote *remote; /* of an untrusted program, else NULL */
    int services;
    char *name;
    char named[HAN__NAMED_CHANNELS][32];
    han__buf result;  /* encoded, of a done root; empty when it returned nothing */
    han__buf scratch; /* for one encoded value, during one call */
    struct han__environment *environment; /* of a host; NULL: it has none */
    struct han__scribe *scribe;           /* keeps its journal; NULL: it has none */
    uint64_t wall_ns, started_ns;         /* wall_ns 0: no bound */
    uint64_t counted_ns;                  /* since when its active time is counted */
    uint64_t ended_ns;
    uint64_t used_ns; /* of its wall limit, in earlier lives */
    bool cancel;      /* asked for; acted on at the next step */
    bool told_end;
    void (*on_end)(struct han__run *run,
                   void *ud); /* called once, from the step in which it ended */
    void *on_end_ud;
    void (*on_close)(void *ud); /* called first when it closes, whoever closes it; may be NULL */
    void *on_close_ud;
    uint64_t prefix_of; /* serial of the node whose id stands in prefix; 0: none */
    size_t prefix_len;
    char prefix[512];
    han__event *handing; /* delivered, on its way to the script; NULL: none */
} han__run;

/* HAN_OK; HAN_SYNTAX with file:line when the program does not parse; HAN_INVALID, HAN_NOMEM. */
int han__run_open(han__host *host, const han__run_options *options, han__run **out, han_error *err);
/* Ends it if it still lives, and frees it. Not from inside one of its fibers. */
void han__run_close(han__run *run);
bool han__run_ended(const han__run *run);
/* Its active time in milliseconds, earlier lives included. */
uint64_t han__run_used_ms(const han__run *run);
/* One turn of its tree; true when something happened. */
bool han__run_step(han__run *run);

/* Loads a program's text into the run's state as a function on top of L: HAN_OK or HAN_SYNTAX. */
int han__run_load(lua_State *L, const char *source, size_t len, const char *name, han_error *err);

/* A channel by its name in this run, or -1. */
int han__run_channel(const han__run *run, const char *name);
/* Reads {evals=.., shots=..} at idx into amount; `mask` gets a bit per channel that was named.
 * HAN_INVALID with the channel named. */
int han__run_amount(const han__run *run, lua_State *L, int idx, han__amount *amount, uint8_t *mask,
                    han_error *err);
/* Pushes {evals=.., ..} with the channels that are not zero. */
void han__run_push_amount(const han__run *run, lua_State *L, const han__amount *amount);

#endif
