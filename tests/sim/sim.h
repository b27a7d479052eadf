/* What a simulated history is made of, and one life of its run (life.c): the run with workers that
 * are slow, hang, answer late, twice, or go down, driven until it ends or crashes. */
#ifndef HAN_TESTS_SIM_H
#define HAN_TESTS_SIM_H

#include "script/scribe.h"

#include "loop/timer.h"
#include "script/host.h"
#include "tree/tree.h" /* to stand between the tree and its journal */

#include <lua.h>

#define WALL_NS   ((uint64_t)3600 * 1000000000u)
#define STEPS_MAX 200000
#define BEGIN_NS  1000000000u
#define SHOTS     24
#define EVALS     160
#define TOKENS    9000

/* Ways to make the harness wrong, to see that it would notice a wrong engine. */
enum broken { BREAK_NOTHING, BREAK_REFUND, BREAK_ORDER, BREAK_BARRIER, BREAK_TWICE, BREAK_LOST };

/* A worker that is outside, until its timer. */
typedef struct errand {
    struct errand *next;
    struct sim *sim;
    han__wait wait;
    han__timer timer;
    int times; /* how often it will still be answered */
} errand;

/* What one life of a run told. */
typedef struct tale {
    uint64_t hash;  /* of all rows, result and spend */
    uint64_t order; /* of the deliveries alone */
    int rows, spawned, closed, shots;
} tale;

typedef struct sim {
    /* the machine: as long as the program */
    han__mem mem;
    han__clock clock;
    han__log log;
    han__host host;
    han__store *store;
    int services;
    char folder[256], path[300];
    /* the history */
    uint64_t seed, history, dice;
    enum broken broken;
    bool faults, tell, hang;
    char wrong[600]; /* the first invariant that broke */
    /* this life */
    han__run *run;
    han__hook hook;
    han__journal inner;  /* the scribe's; the simulation stands before it */
    han__scribe *scribe; /* of a crashed run, until that is closed */
    errand *errands;
    tale *told;
    uint64_t rows, shown, crash_at;
    uint64_t shown_ms; /* of the wall limit, when rows were shown last */
    bool crashed;
    /* sums */
    uint64_t histories, all_rows, crashes, late, twice, hung, slow;
} sim;

/* Ends the program: the machine under the simulation failed. */
void sim_stop(const sim *s, const char *what, const han_error *err);

/* Remembers the first invariant that broke, with two numbers that say how. */
void sim_wrong(sim *s, const char *what, long long a, long long b);

uint64_t sim_mix(uint64_t z);

/* The next of the history's dice: 0 to n - 1. */
uint64_t sim_roll(sim *s, uint64_t n);

/* The services of a run, left on the stack of the harness state. */
void sim_push_services(sim *s, lua_State *H);

/* A run that is new, or goes on with the journal of `name`. */
void sim_open_life(sim *s, const char *name, bool resume);

/* Drives the run to its end or to its crash. */
void sim_live(sim *s);

void sim_close_life(sim *s);

#endif
