/* arena: a game that plays itself. Every unit is an agent of han that calls its bot each tick; the
 * host has a frame loop, gives the engine one millisecond of each frame, and never waits for a bot:
 * who has not decided stands still.
 *
 *   arena                       60 ticks a second on the terminal, until Ctrl-C
 *   arena --headless            as fast as the bots are, waiting for every bot; a line of JSON for
 * each match arena --bench TICKS         headless, and how long the calls of han_step took */
#include "match.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLICE_US 1000
#define MOST     64 /* matches side by side */

typedef struct host {
    han_engine *engine;
    match *matches;
    int arenas, headless, rate;
    long ends, bench; /* matches to play, 0: no end; ticks to measure, 0: none */
    const char *kind, *level;
    uint64_t seed;
    uint32_t *steps; /* of a bench: microseconds of each han_step */
    size_t taken, room;
} host;

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = file ? calloc(1, 65536) : NULL;
    if (text && fread(text, 1, 65535, file) == 65535)
        text[0] = 0; /* too long for a bot or a level */
    if (file) fclose(file);
    if (!text || !*text)
        fprintf(stderr, "arena: cannot read %s (or it is empty, or over 64 kB)\n", path);
    return text;
}

/* Lends the engine a slice; a bench notes how long it took. 1: more is ready. */
static int lend(host *h)
{
    uint64_t from = now_us();
    int more = han_step(h->engine, SLICE_US);
    if (h->bench && h->taken < h->room) h->steps[h->taken++] = (uint32_t)(now_us() - from);
    return more;
}

static int begin(host *h, match *m)
{
    char level[ARENA_LEVEL];
    if (h->level) return match_begin(m, h->level);
    arena_draw(level, h->kind, h->seed++);
    return match_begin(m, level);
}

static void report(const match *m)
{
    int ours, theirs;
    arena_strength(&m->world, &ours, &theirs);
    printf("{\"ticks\":%d,\"ours\":%d,\"theirs\":%d,\"score\":%.6f,\"violations\":[%d,%d],\"log\":"
           "\"%s\"}\n",
           m->world.tick, ours, theirs, ours + theirs ? (double)ours / (ours + theirs) : 0.5,
           m->world.violations[0], m->world.violations[1], m->log[0]);
}

/* A match is over: the next one, or 0 when it was the last. */
static int next_match(host *h, match *m)
{
    if (h->headless && !h->bench) report(m);
    if (h->ends && !--h->ends) return 0;
    return begin(h, m) == HAN_OK;
}

static int all_ready(const host *h)
{
    for (int i = 0; i < h->arenas; i++)
        if (!match_ready(&h->matches[i])) return 0;
    return 1;
}

/* A tick of every match; 0 when the last match is over. */
static int tick(host *h)
{
    for (int i = 0; i < h->arenas; i++) {
        match_tick(&h->matches[i]);
        if (arena_over(&h->matches[i].world) && !next_match(h, &h->matches[i])) return 0;
    }
    return 1;
}

/* Headless: a tick when every bot has decided. */
static void run_headless(host *h)
{
    for (long ticks = 0; !stopped && !(h->bench && ticks >= h->bench);) {
        if (all_ready(h)) {
            if (!tick(h)) return;
            ticks++;
        }
        if (!lend(h) && !all_ready(h)) han_wait(h->engine, 100);
    }
}

static char shown(const arena_world *world, int x, int y)
{
    for (int i = 0; i < ARENA_UNITS; i++) {
        const arena_unit *unit = &world->units[i];
        if (unit->hp > 0 && unit->x == x && unit->y == y) return "123abc"[i];
    }
    return world->ground[y - 1][x - 1];
}

static void draw(const match *m)
{
    int ours, theirs;
    printf("\033[H");
    for (int y = 1; y <= ARENA_HEIGHT; y++) {
        for (int x = 1; x <= ARENA_WIDTH; x++) printf("%c ", shown(&m->world, x, y));
        printf("\n");
    }
    arena_strength(&m->world, &ours, &theirs);
    printf("tick %2d  ours %2d  theirs %2d  late %ld\033[K\n", m->world.tick, ours, theirs,
           m->late);
    fflush(stdout);
}

/* Live: a tick each frame, whoever has decided by then. */
static void run_live(host *h)
{
    uint64_t frame = 1000000u / (uint64_t)h->rate, due = now_us() + frame;
    printf("\033[2J");
    while (!stopped) {
        uint64_t now = now_us();
        if (now >= due) {
            if (!tick(h)) return;
            draw(&h->matches[0]);
            due = due + frame < now ? now + frame : due + frame;
        }
        int wait = lend(h) ? 0 : han_timeout(h->engine);
        int rest = due > now_us() ? (int)((due - now_us()) / 1000) : 0;
        struct pollfd fd = {.fd = han_fd(h->engine), .events = POLLIN};
        poll(&fd, 1, wait < 0 || wait > rest ? rest : wait);
    }
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Agents whose runs have not ended. */
static int running(const host *h)
{
    int n = 0;
    for (int i = 0; i < h->arenas; i++)
        for (int j = 0; j < ARENA_UNITS; j++) n += h->matches[i].agents[j].state != AGENT_DOWN;
    return n;
}

static void report_bench(host *h)
{
    qsort(h->steps, h->taken, sizeof(*h->steps), by_size);
    uint32_t p50 = h->taken ? h->steps[h->taken / 2] : 0,
             most = h->taken ? h->steps[h->taken - 1] : 0;
    uint32_t p999 = h->taken ? h->steps[(size_t)((double)(h->taken - 1) * 0.999)] : 0;
    printf("agents=%d ticks=%ld steps=%zu p50_us=%u p999_us=%u max_us=%u\n", running(h), h->bench,
           h->taken, p50, p999, most);
}

static int play(host *h, const char *const names[2], const char *const bots[2])
{
    han_error err = {0};
    int status = HAN_OK;
    for (int i = 0; i < h->arenas && status == HAN_OK; i++) {
        status = match_open(&h->matches[i], h->engine, names, bots, &err);
        if (status == HAN_OK && begin(h, &h->matches[i]) != HAN_OK) {
            fprintf(stderr, "arena: this is no level: ten rows of sixteen characters\n");
            status = HAN_INVALID;
        }
    }
    if (err.code) fprintf(stderr, "arena: %s %s\n", err.message, err.where);
    if (status == HAN_OK) (h->headless ? run_headless : run_live)(h);
    if (status == HAN_OK && h->bench) report_bench(h);
    for (int i = 0; i < h->arenas; i++) match_close(&h->matches[i]);
    return status == HAN_OK ? 0 : 1;
}

static int usage(void)
{
    fprintf(
        stderr,
        "usage: arena [--bot FILE] [--against FILE] [--level FILE | --kind open|walls|lava] "
        "[--seed N]\n"
        "             [--matches N] [--arenas N] [--rate TICKS] [--headless] [--bench TICKS]\n");
    return 2;
}

/* The value of an option that takes a number from 1 to most; 0 when it is none. */
static long number(const char *text, long most)
{
    char *end = NULL;
    long n = text ? strtol(text, &end, 10) : 0;
    return text && *text && !*end && n > 0 && n <= most ? n : 0;
}

typedef struct arguments {
    const char *bots[2], *level;
} arguments;

/* 0, or -1 for what is not understood. */
static int option(host *h, arguments *a, const char *name, const char *value, int *taken)
{
    *taken = 2;
    if (!strcmp(name, "--headless")) return h->headless = 1, *taken = 1, 0;
    if (!value) return -1;
    if (!strcmp(name, "--bot")) return a->bots[0] = value, 0;
    if (!strcmp(name, "--against")) return a->bots[1] = value, 0;
    if (!strcmp(name, "--level")) return a->level = value, 0;
    if (!strcmp(name, "--kind")) return h->kind = value, 0;
    if (!strcmp(name, "--seed")) return (h->seed = (uint64_t)number(value, 1000000000)) ? 0 : -1;
    if (!strcmp(name, "--matches")) return (h->ends = number(value, 1000000000)) ? 0 : -1;
    if (!strcmp(name, "--arenas")) return (h->arenas = (int)number(value, MOST)) ? 0 : -1;
    if (!strcmp(name, "--rate")) return (h->rate = (int)number(value, 1000)) ? 0 : -1;
    if (!strcmp(name, "--bench"))
        return (h->bench = number(value, 1000000)) ? (h->headless = 1, 0) : -1;
    return -1;
}

/* Reads what the arguments name; 0 when all is there. */
static int load(host *h, const arguments *a, char *bots[2], char **level)
{
    for (int i = 0; i < 2; i++)
        if (!(bots[i] = read_file(a->bots[i])) || !*bots[i]) return -1;
    if (a->level && (!(*level = read_file(a->level)) || !**level)) return -1;
    h->level = *level;
    h->room = h->bench ? (size_t)h->bench * 64 : 0;
    h->steps = calloc(h->room + 1, sizeof(*h->steps));
    h->matches = calloc((size_t)h->arenas, sizeof(*h->matches));
    return h->steps && h->matches ? 0 : -1;
}

static void say(void *ud, int level, const char *text)
{
    (void)ud;
    (void)level;
    fprintf(stderr, "arena: %s\n", text);
}

int main(int argc, char **argv)
{
    host h = {.arenas = 1, .rate = 60, .seed = 1, .kind = "open"};
    arguments a = {{"examples/arena/bots/hunter.lua", "examples/arena/bots/hunter.lua"}, NULL};
    char *bots[2] = {NULL, NULL}, *level = NULL;
    int status = 1;
    for (int i = 1, taken; i < argc; i += taken)
        if (option(&h, &a, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &taken)) return usage();
    signal(SIGINT, stop);
    setvbuf(stdout, NULL, _IOFBF, 4096); /* a frame is one write */
    han_options options = {.size = sizeof(options), .log = say, .log_level = HAN_LOG_WARN};
    han_error err = {0};
    if (load(&h, &a, bots, &level)) goto out;
    if (han_open(&options, &h.engine, &err) != HAN_OK) {
        fprintf(stderr, "arena: %s\n", err.message);
        goto out;
    }
    status = play(&h, a.bots, (const char *const *)bots);
    han_close(h.engine);
out:
    free(h.matches);
    free(h.steps);
    free(level);
    free(bots[0]);
    free(bots[1]);
    return status;
}
