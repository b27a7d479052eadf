/* The world of the arena: two teams of three units on a grid of 16 by 10, tick by tick. The rules
 * are those of scripts/adapters/arena/rules.lua; tests/lua/arena_host_spec.lua holds the two equal.
 * Knows no han. */
#ifndef ARENA_WORLD_H
#define ARENA_WORLD_H

#include <stddef.h>
#include <stdint.h>

#define ARENA_WIDTH  16
#define ARENA_HEIGHT 10
#define ARENA_TEAM   3
#define ARENA_UNITS  6  /* 0 to 2 are ours, 3 to 5 the opponent's */
#define ARENA_TICKS  40 /* of a match */
#define ARENA_SIGHT  5  /* cells in each direction that a unit sees */
#define ARENA_HP     10
#define ARENA_LEVEL                                                                                \
    (ARENA_HEIGHT * (ARENA_WIDTH + 1) + 1) /* bytes of a level as a text, with the NUL */
#define ARENA_VIEW 640                     /* bytes that any view as JSON fits into */

enum arena_action { ARENA_NORTH, ARENA_SOUTH, ARENA_WEST, ARENA_EAST, ARENA_WAIT };

/* "north", "south", "west", "east", "wait". */
extern const char *const arena_names[ARENA_WAIT + 1];

typedef struct arena_unit {
    int x, y, hp; /* places from (1, 1) to (16, 10); hp 0: it is gone */
} arena_unit;

typedef struct arena_world {
    char ground[ARENA_HEIGHT][ARENA_WIDTH]; /* . floor, # wall, ~ hazard, + pack */
    arena_unit units[ARENA_UNITS];
    int tick;
    int violations[2]; /* of each team: an ally struck, a hazard entered */
} arena_world;

/* Draws a level of one of the kinds open, walls and lava (any other name is open): turned by half a
 * turn it is the same level with the teams exchanged, and every floor cell can be reached. */
void arena_draw(char level[ARENA_LEVEL], const char *kind, uint64_t seed);
/* Reads a level: ten rows of sixteen characters and newlines; 1 2 3 are our units, a b c the
 * opponent's. 0, or -1 when it is not one; the world is not to be used then. */
int arena_read(arena_world *world, const char *level);
/* One tick with an arena_action for each unit. */
void arena_step(arena_world *world, const int actions[ARENA_UNITS]);
/* 1 when a team is gone or the time is over. */
int arena_over(const arena_world *world);
/* What is left of the teams: the sums of their hp. */
void arena_strength(const arena_world *world, int *ours, int *theirs);
/* What a unit knows, as JSON: the map and the units around it and nothing else. Returns its length.
 */
size_t arena_view(const arena_world *world, int unit, char view[ARENA_VIEW]);

#endif
