/* A match in the live host: a world and the agent of each of its units. An agent is one run of han
 * that calls its bot every tick; scope:tool("turn", action) is how it acts and gets its next view.
 */
#ifndef ARENA_MATCH_H
#define ARENA_MATCH_H

#include <han.h>

#include "world.h"

/* What an agent is about. AWAY: it has not asked yet, or is still at an action that nobody wants
 * any more. READY: it waits, and its unit is gone. THINKING: it was given one. DECIDED: it waits,
 * and its action stands. DOWN: its run has ended. */
enum agent_state { AGENT_AWAY, AGENT_READY, AGENT_THINKING, AGENT_DECIDED, AGENT_DOWN };

typedef struct agent {
    struct match *match;
    int unit, state, action;
    int fresh;     /* its next view is the first one of a match */
    han_call call; /* open while READY or DECIDED */
    han_run *run;
} agent;

typedef struct match {
    han_engine *engine;
    agent agents[ARENA_UNITS];
    arena_world world;
    char log[2]
            [ARENA_TICKS * ARENA_TEAM + 1]; /* what the units of each team did: 1 north to 5 wait */
    long late; /* turns in which a unit waited because its bot had not decided */
} match;

/* Starts the six agents with the texts of two bots: a function (view, memory) -> action, memory, or
 * a chunk that returns one. Names are for messages. A status of han; on failure the match is to be
 * closed all the same. */
int match_open(match *m, han_engine *engine, const char *const names[2], const char *const bots[2],
               han_error *err);
/* Begins on a level: HAN_OK, or HAN_INVALID. */
int match_begin(match *m, const char *level);
/* 1 when every living unit's agent has decided or is down. */
int match_ready(const match *m);
/* One tick with what was decided (a unit without a decision waits); then gives the next views. */
void match_tick(match *m);
/* Ends the agents. */
void match_close(match *m);

#endif
