/* The rules, and what a unit sees of the world. */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRIKE 3
#define BURN   2
#define HEAL   4

const char *const arena_names[] = {"north", "south", "west", "east", "wait"};
static const int step_x[] = {0, 0, -1, 1, 0}, step_y[] = {-1, 1, 0, 0, 0};

static int team_of(int unit)
{
    return unit / ARENA_TEAM;
}

/* What stands on a place: wall outside of the grid. */
static char look(const arena_world *world, int x, int y)
{
    if (x < 1 || x > ARENA_WIDTH || y < 1 || y > ARENA_HEIGHT) return '#';
    return world->ground[y - 1][x - 1];
}

/* The living unit on a place, or -1. */
static int unit_at(const arena_world *world, int x, int y)
{
    for (int i = 0; i < ARENA_UNITS; i++) {
        const arena_unit *unit = &world->units[i];
        if (unit->hp > 0 && unit->x == x && unit->y == y) return i;
    }
    return -1;
}

/* A character of a level; -1 when it may not stand there. */
static int place(arena_world *world, int x, int y, char what)
{
    world->ground[y - 1][x - 1] = what;
    if (strchr(".#~+", what) && what) return 0;
    int unit = what >= '1' && what <= '3'   ? what - '1'
               : what >= 'a' && what <= 'c' ? what - 'a' + 3
                                            : -1;
    if (unit < 0 || world->units[unit].hp > 0) return -1;
    world->units[unit] = (arena_unit){x, y, ARENA_HP};
    world->ground[y - 1][x - 1] = '.';
    return 0;
}

int arena_read(arena_world *world, const char *level)
{
    memset(world, 0, sizeof(*world));
    for (int y = 1; y <= ARENA_HEIGHT; y++) {
        for (int x = 1; x <= ARENA_WIDTH; x++)
            if (!*level || place(world, x, y, *level++)) return -1;
        if (*level == '\n')
            level++;
        else if (*level || y < ARENA_HEIGHT)
            return -1;
    }
    for (int i = 0; i < ARENA_UNITS; i++)
        if (!world->units[i].hp) return -1;
    return *level ? -1 : 0;
}

static void hurt(arena_unit *unit, int amount)
{
    unit->hp = unit->hp > amount ? unit->hp - amount : 0;
}

static void enter(arena_world *world, int number, int x, int y)
{
    arena_unit *unit = &world->units[number];
    char *ground = &world->ground[y - 1][x - 1];
    unit->x = x;
    unit->y = y;
    if (*ground == '+') {
        unit->hp = unit->hp + HEAL > ARENA_HP ? ARENA_HP : unit->hp + HEAL;
        *ground = '.';
    } else if (*ground == '~') {
        world->violations[team_of(number)]++;
        hurt(unit, BURN);
    }
}

static void act(arena_world *world, int number, int action)
{
    const arena_unit *unit = &world->units[number];
    if (action < ARENA_NORTH || action >= ARENA_WAIT) return;
    int x = unit->x + step_x[action], y = unit->y + step_y[action];
    if (look(world, x, y) == '#') return;
    int other = unit_at(world, x, y);
    if (other < 0) {
        enter(world, number, x, y);
        return;
    }
    if (team_of(other) == team_of(number)) world->violations[team_of(number)]++;
    hurt(&world->units[other], STRIKE);
}

void arena_step(arena_world *world, const int actions[ARENA_UNITS])
{
    world->tick++;
    for (int k = 0; k < ARENA_UNITS; k++) { /* 1 a 2 b 3 c, begun one further in every tick */
        int turn = (world->tick + k) % ARENA_UNITS;
        int number = turn / 2 + turn % 2 * ARENA_TEAM;
        if (world->units[number].hp > 0) act(world, number, actions[number]);
    }
}

void arena_strength(const arena_world *world, int *ours, int *theirs)
{
    int sum[2] = {0, 0};
    for (int i = 0; i < ARENA_UNITS; i++) sum[team_of(i)] += world->units[i].hp;
    *ours = sum[0];
    *theirs = sum[1];
}

int arena_over(const arena_world *world)
{
    int ours, theirs;
    arena_strength(world, &ours, &theirs);
    return world->tick >= ARENA_TICKS || !ours || !theirs;
}

static int sees(const arena_unit *me, const arena_unit *unit)
{
    return unit->hp > 0 && abs(unit->x - me->x) <= ARENA_SIGHT &&
           abs(unit->y - me->y) <= ARENA_SIGHT;
}

static size_t view_map(const arena_world *world, const arena_unit *me, char *out)
{
    size_t n = 0;
    for (int dy = -ARENA_SIGHT; dy <= ARENA_SIGHT; dy++) {
        out[n++] = dy > -ARENA_SIGHT ? ',' : '[';
        out[n++] = '"';
        for (int dx = -ARENA_SIGHT; dx <= ARENA_SIGHT; dx++)
            out[n++] = look(world, me->x + dx, me->y + dy);
        out[n++] = '"';
    }
    out[n++] = ']';
    return n;
}

/* Appends to a view that is n long; its length then. */
static size_t put(char view[ARENA_VIEW], size_t n, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int more = vsnprintf(view + n, ARENA_VIEW - n, format, list);
    va_end(list);
    return more < 0 || (size_t)more >= ARENA_VIEW - n ? ARENA_VIEW - 1 : n + (size_t)more;
}

size_t arena_view(const arena_world *world, int unit, char view[ARENA_VIEW])
{
    const arena_unit *me = &world->units[unit];
    size_t n = put(view, 0, "{\"x\":%d,\"y\":%d,\"hp\":%d,\"tick\":%d,", me->x, me->y, me->hp,
                   world->tick);
    n = put(view, n, "\"width\":%d,\"height\":%d,\"sight\":%d,\"map\":", ARENA_WIDTH, ARENA_HEIGHT,
            ARENA_SIGHT);
    n += view_map(world, me, view + n);
    n = put(view, n, ",\"units\":[");
    const char *comma = "";
    for (int i = 0; i < ARENA_UNITS; i++) {
        const arena_unit *other = &world->units[i];
        if (i == unit || !sees(me, other)) continue;
        n = put(view, n, "%s{\"dx\":%d,\"dy\":%d,\"hp\":%d,\"ally\":%s}", comma, other->x - me->x,
                other->y - me->y, other->hp, team_of(i) == team_of(unit) ? "true" : "false");
        comma = ",";
    }
    return put(view, n, "]}");
}
