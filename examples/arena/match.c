/* The agents of a match, and what they are told. */
#include "match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Around a bot's text, on its first line and behind its last: errors keep the lines of the bot's
 * own file. */
static const char head[] = "local task, scope = ...; local bot = (function() ";
static const char tail[] = "\nend)()\n"
                           "local memory, action = {}, nil\n"
                           "while true do\n"
                           "  local turn = assert(scope:tool('turn', action))\n"
                           "  if turn.first then memory = {} end\n"
                           "  action, memory = bot(turn.view, memory)\n"
                           "  if type(memory) ~= 'table' then memory = {} end\n"
                           "  if type(action) ~= 'string' then action = 'wait' end\n"
                           "end\n";

static int action_of(const char *json)
{
    size_t n = strlen(json);
    for (int i = 0; i < ARENA_WAIT; i++)
        if (n == strlen(arena_names[i]) + 2 && !strncmp(json + 1, arena_names[i], n - 2)) return i;
    return ARENA_WAIT;
}

static int alive(const agent *a)
{
    return a->match->world.units[a->unit].hp > 0;
}

static void give_view(agent *a)
{
    char view[ARENA_VIEW], text[ARENA_VIEW + 32];
    han_error err = {0};
    arena_view(&a->match->world, a->unit, view);
    snprintf(text, sizeof(text), "{\"first\":%s,\"view\":%s}", a->fresh ? "true" : "false", view);
    if (han_answer(a->match->engine, a->call, text, &err) != HAN_OK) {
        fprintf(stderr, "arena: %s\n", err.message);
        return;
    }
    a->state = AGENT_THINKING;
    a->fresh = 0;
}

/* The agent asks: with its action, or for its first view of a match, which it gets at once. */
static void turn(void *ud, han_call call, const char *name, const char *args)
{
    (void)name;
    agent *a = ud;
    a->call = call;
    a->action = action_of(args);
    a->state = a->state == AGENT_THINKING ? AGENT_DECIDED : AGENT_READY;
    if (a->state == AGENT_READY && alive(a)) give_view(a);
}

static void give_views(match *m)
{
    for (int i = 0; i < ARENA_UNITS; i++) {
        agent *a = &m->agents[i];
        if (alive(a) && (a->state == AGENT_READY || a->state == AGENT_DECIDED)) give_view(a);
    }
}

/* A run that has ended is told once; its unit stands still from then on. */
static void notice_end(agent *a)
{
    han_result result;
    if (a->state == AGENT_DOWN || !a->run || !han_done(a->run)) return;
    a->state = AGENT_DOWN;
    if (han_get_result(a->run, &result) != HAN_OK || result.status == HAN_CANCELLED) return;
    int placed = strstr(result.error.message, result.error.where) != NULL;
    fprintf(stderr, "arena: unit %d is out: %s: %s%s%s\n", a->unit + 1,
            han_status_name(result.status), placed ? "" : result.error.where, placed ? "" : ": ",
            result.error.message);
}

static int start_agent(agent *a, const char *name, const char *bot, han_error *err)
{
    static const char *const tools[] = {"turn", NULL};
    han_environment environment = {
        .size = sizeof(environment), .ud = a, .tools = tools, .tool = turn};
    const char *give = strncmp(bot, "function", 8)
                           ? ""
                           : "return "; /* an artifact of the family is a bare function */
    size_t size = sizeof(head) + strlen(give) + strlen(bot) + sizeof(tail);
    char *source = malloc(size);
    if (!source) return HAN_NOMEM;
    snprintf(source, size, "%s%s%s%s", head, give, bot, tail);
    han_program program = {.size = sizeof(program),
                           .name = name,
                           .source = source,
                           .seed = (uint64_t)a->unit,
                           .max_steps = 2000000,
                           .max_bytes = 8u << 20,
                           .environment = &environment};
    int status = han_start(a->match->engine, &program, &a->run, err);
    free(source);
    return status;
}

int match_open(match *m, han_engine *engine, const char *const names[2], const char *const bots[2],
               han_error *err)
{
    int status = HAN_OK;
    memset(m, 0, sizeof(*m));
    m->engine = engine;
    for (int i = 0; i < ARENA_UNITS && status == HAN_OK; i++) {
        m->agents[i] = (agent){.match = m, .unit = i};
        status = start_agent(&m->agents[i], names[i / ARENA_TEAM], bots[i / ARENA_TEAM], err);
    }
    return status;
}

int match_begin(match *m, const char *level)
{
    if (arena_read(&m->world, level)) return HAN_INVALID;
    m->log[0][0] = m->log[1][0] = 0;
    for (int i = 0; i < ARENA_UNITS; i++) {
        agent *a = &m->agents[i];
        a->fresh = 1;
        if (a->state == AGENT_THINKING) a->state = AGENT_AWAY;
        if (a->state == AGENT_DECIDED) a->state = AGENT_READY;
    }
    give_views(m);
    return HAN_OK;
}

int match_ready(const match *m)
{
    for (int i = 0; i < ARENA_UNITS; i++) {
        const agent *a = &m->agents[i];
        if (alive(a) && a->state != AGENT_DECIDED && !(a->run && han_done(a->run))) return 0;
    }
    return 1;
}

static void note(match *m, const agent *a, int action)
{
    char *log = m->log[a->unit / ARENA_TEAM];
    size_t n = strlen(log);
    log[n] = (char)('1' + action);
    log[n + 1] = 0;
}

void match_tick(match *m)
{
    int actions[ARENA_UNITS];
    for (int i = 0; i < ARENA_UNITS; i++) {
        agent *a = &m->agents[i];
        notice_end(a);
        actions[i] = a->state == AGENT_DECIDED ? a->action : ARENA_WAIT;
        if (!alive(a)) continue;
        note(m, a, actions[i]);
        m->late += a->state != AGENT_DECIDED && a->state != AGENT_DOWN;
    }
    arena_step(&m->world, actions);
    if (!arena_over(&m->world)) give_views(m);
}

void match_close(match *m)
{
    for (int i = 0; i < ARENA_UNITS; i++) han_release(m->agents[i].run);
}
