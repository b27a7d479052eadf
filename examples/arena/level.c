/* Levels, drawn from a seed. */
#include "world.h"

#include <string.h>

#define CELLS (ARENA_WIDTH * ARENA_HEIGHT)

static const struct {
    const char *name;
    int walls, hazards, packs; /* pairs of them */
} kinds[] = {{"open", 6, 4, 2}, {"walls", 20, 2, 2}, {"lava", 6, 14, 3}};

/* splitmix64: one of 0 to n - 1. */
static int draw(uint64_t *state, int n)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (int)((z ^ z >> 31) % (uint64_t)n);
}

/* Can every cell that is no wall be reached from every other one? */
static int connected(const char *grid)
{
    int queue[CELLS], head = 0, tail = 0, open = 0;
    char seen[CELLS] = {0};
    for (int at = 0; at < CELLS; at++) {
        if (grid[at] == '#') continue;
        if (!open++) seen[queue[tail++] = at] = 1;
    }
    while (head < tail) {
        int at = queue[head++], x = at % ARENA_WIDTH;
        int next[] = {at - ARENA_WIDTH, at + ARENA_WIDTH, x ? at - 1 : -1,
                      x < ARENA_WIDTH - 1 ? at + 1 : -1};
        for (int i = 0; i < 4; i++) {
            int to = next[i];
            if (to < 0 || to >= CELLS || grid[to] == '#' || seen[to]) continue;
            seen[queue[tail++] = to] = 1;
        }
    }
    return tail == open;
}

static void put(char *grid, char what, int pairs, uint64_t *state)
{
    while (pairs-- > 0) {
        int at = draw(state, CELLS);
        if (grid[at] != '.') continue;
        grid[at] = grid[CELLS - 1 - at] = what;
        if (what == '#' && !connected(grid)) grid[at] = grid[CELLS - 1 - at] = '.';
    }
}

void arena_draw(char level[ARENA_LEVEL], const char *kind, uint64_t seed)
{
    char grid[CELLS];
    size_t k = 0;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (!strcmp(kind, kinds[i].name)) k = i;
    memset(grid, '.', CELLS);
    for (int unit = 0; unit < ARENA_TEAM; unit++) {
        int at;
        do {
            at = draw(&seed, ARENA_HEIGHT) * ARENA_WIDTH;
            at += draw(&seed, 3);
        } while (grid[at] != '.');
        grid[at] = (char)('1' + unit);
        grid[CELLS - 1 - at] = (char)('a' + unit);
    }
    put(grid, '#', kinds[k].walls, &seed);
    put(grid, '~', kinds[k].hazards, &seed);
    put(grid, '+', kinds[k].packs, &seed);
    for (int y = 0; y < ARENA_HEIGHT; y++) {
        memcpy(level + y * (ARENA_WIDTH + 1), grid + y * ARENA_WIDTH, ARENA_WIDTH);
        level[y * (ARENA_WIDTH + 1) + ARENA_WIDTH] = '\n';
    }
    level[ARENA_LEVEL - 1] = 0;
}
