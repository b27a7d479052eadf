/* The methods of ctx: what harness Lua that works for a node may do with it. */
#include "base/config.h"
#include "script/work.h"

#include "script/door.h"
#include "script/scribe.h"
#include "value/value.h"

#include <lauxlib.h>

typedef han__work_handle handle;
typedef han__work work;

static handle *handle_at(lua_State *H, int idx)
{
    handle *h = luaL_checkudata(H, idx, HAN__WORK_TYPE);
    if (!h->node || h->node->outcome != HAN__LIVE) luaL_error(H, "this work has ended");
    return h;
}

static handle *check_handle(lua_State *H)
{
    return handle_at(H, 1);
}

han__node *han__work_node(lua_State *H, int idx)
{
    return handle_at(H, idx)->node;
}

static int read_amount_at(lua_State *H, handle *h, int idx, han__amount *amount, uint8_t *mask)
{
    han_error err = {0};
    luaL_checktype(H, idx, LUA_TTABLE);
    if (han__run_amount(h->run, H, idx, amount, mask, &err)) return han__throw(H, &err);
    return 0;
}

static int read_amount(lua_State *H, handle *h, han__amount *amount, uint8_t *mask)
{
    return read_amount_at(H, h, 2, amount, mask);
}

static int ctx_meter(lua_State *H)
{
    handle *h = check_handle(H);
    han__amount units;
    uint8_t mask;
    han_error err = {0};
    read_amount(H, h, &units, &mask);
    if (han__node_meter(h->node, &units, &err)) return han__fail(H, &err);
    lua_pushboolean(H, true);
    return 1;
}

/* Arguments idx and idx + 1: what was spent, and a list of the channels whose spend is not known.
 */
static void read_spent_at(lua_State *H, handle *h, int idx, han__amount *spent, uint8_t *unknown)
{
    uint8_t mask;
    *unknown = 0;
    read_amount_at(H, h, idx, spent, &mask);
    if (!lua_istable(H, idx + 1)) return;
    for (int i = 1; lua_rawgeti(H, idx + 1, i) != LUA_TNIL; i++) {
        int channel = han__run_channel(h->run, luaL_checkstring(H, -1));
        luaL_argcheck(H, channel >= 0, idx + 1, "not a channel");
        *unknown |= (uint8_t)(1u << channel);
        lua_pop(H, 1);
    }
    lua_pop(H, 1);
}

static void read_spent(lua_State *H, handle *h, han__amount *spent, uint8_t *unknown)
{
    read_spent_at(H, h, 2, spent, unknown);
}

/* ctx:reserve({tokens=..}): the bound of a spend that is known only afterwards; true, or nil,
 * message, code. */
static int ctx_reserve(lua_State *H)
{
    handle *h = check_handle(H);
    han__amount bound;
    uint8_t mask;
    han_error err = {0};
    read_amount(H, h, &bound, &mask);
    if (han__node_reserve(h->node, &bound, &err)) return han__fail(H, &err);
    lua_pushboolean(H, true);
    return 1;
}

/* ctx:reconcile(bound, {tokens=..}, {unknown channel names}): what it really was. */
static int ctx_reconcile(lua_State *H)
{
    handle *h = check_handle(H);
    han__amount bound, spent;
    uint8_t mask, unknown;
    read_amount(H, h, &bound, &mask);
    read_spent_at(H, h, 3, &spent, &unknown);
    const han__pool *pool = han__node_pool(h->node);
    for (int i = 0; i < HAN__CHANNELS; i++)
        if (bound.v[i] > pool->reserved.v[i]) return luaL_error(H, "so much was not reserved");
    han__node_reconcile(h->node, &bound, &spent, unknown);
    return 0;
}

/* ctx:depart(): the turn is over, the work goes on outside until the next pause. */
static int ctx_depart(lua_State *H)
{
    handle *h = check_handle(H);
    if (h->node->backend == &han__work_backend) han__node_depart(h->node);
    return 0;
}

/* ctx:commit({tokens=..}, {unknown channel names}): opaque spend. */
static int ctx_commit(lua_State *H)
{
    handle *h = check_handle(H);
    han__amount spent;
    uint8_t unknown;
    read_spent(H, h, &spent, &unknown);
    han__node_commit(h->node, &spent, unknown);
    return 0;
}

/* ctx:recall({tokens=..}, {unknown channel names}, units): what an answer has spent. */
static int ctx_recall(lua_State *H)
{
    handle *h = check_handle(H);
    han__amount spent;
    uint8_t unknown;
    lua_Integer units = luaL_checkinteger(H, 4);
    luaL_argcheck(H, units >= 0, 4, "time goes forward");
    read_spent(H, h, &spent, &unknown);
    han__node_recall(h->node, &spent, unknown, (uint64_t)units);
    return 0;
}

/* ctx:clock(): the node's logical time. */
static int ctx_clock(lua_State *H)
{
    lua_pushinteger(H, (lua_Integer)check_handle(H)->node->clock);
    return 1;
}

static int ctx_random(lua_State *H)
{
    handle *h = check_handle(H);
    if (lua_isnoneornil(H, 2)) {
        lua_pushnumber(H, han__door_unit(h->node));
        return 1;
    }
    lua_Integer n = luaL_checkinteger(H, 2);
    luaL_argcheck(H, n > 0, 2, "must be positive");
    lua_pushinteger(H, (lua_Integer)han__door_below(h->node, (uint64_t)n) + 1);
    return 1;
}

/* The trial is over: lets the others pass whose time has come, or the loop when the slice is over.
 */
static int ctx_pause(lua_State *H)
{
    handle *h = check_handle(H);
    work *w = h->node->work;
    if (h->node->backend != &han__work_backend) return 0;
    if (han__node_is_first(h->node)) return 0;
    han__fiber_wait(H, &w->wait);
    han__node_pause(h->node);
    return lua_yield(H, 0);
}

static int ctx_messages(lua_State *H)
{
    handle *h = check_handle(H);
    lua_newtable(H);
    if (han__node_apart(h->node)) return 1; /* what came meanwhile is read when it is back */
    for (int n = 1;; n++) {
        han__event *event = han__inbox_pull(&h->node->inbox, HAN__EVENT_MESSAGE);
        size_t used;
        han_error err = {0};
        if (!event) return 1;
        han__letter *letter = han__event_letter(event);
        int rc = han__value_decode(H, letter->bytes, letter->len, &used, &err);
        han__event_dispose(h->node->tree, event);
        if (rc) return han__throw(H, &err);
        lua_rawseti(H, -2, n);
    }
}

/* ctx:submit(primary, spend or nil): its number. Without spend: the node's own so far. */
static int ctx_submit(lua_State *H)
{
    handle *h = check_handle(H);
    lua_Number primary = luaL_checknumber(H, 2);
    han__amount spend = han__node_spend(h->node);
    int n = han__node_submit(h->node, primary, &spend);
    if (n < 0) return luaL_error(H, "no memory for a submission");
    lua_pushinteger(H, n);
    return 1;
}

static void leave_barrier(han__wait *wait)
{
    const han__run *run = wait->ud;
    if (run->scribe) han__scribe_leave(run->scribe, wait);
}

/* ctx:barrier(): waits until the journal has everything so far, before an outside effect. */
static int ctx_barrier(lua_State *H)
{
    handle *h = check_handle(H);
    work *w = h->node->work;
    if (!h->run->scribe) return 0;
    han__wait *wait = h->node->backend == &han__work_backend ? &w->wait : &h->barrier;
    wait->ud = h->run;
    wait->on_cancel = leave_barrier;
    if (han__scribe_barrier(h->run->scribe, wait)) return 0;
    han__fiber_wait(H, wait);
    return lua_yield(H, 0);
}

/* ctx:executed(): what came of the command that is to be executed now, when an earlier life of the
 * run has executed it; nil else. */
static int ctx_executed(lua_State *H)
{
    handle *h = check_handle(H);
    han__bytes value;
    han_error err = {0};
    size_t used;
    if (!h->run->scribe || !han__scribe_executed(h->run->scribe, &value)) return 0;
    if (han__value_decode(H, value.data, value.len, &used, &err)) return han__throw(H, &err);
    return 1;
}

/* ctx:execute(name, what came of it): a row that says so. */
static int ctx_execute(lua_State *H)
{
    handle *h = check_handle(H);
    han__buf bytes;
    const char *name = luaL_checkstring(H, 2);
    han__verb_encode(H, h->run, 3, "verdict", &bytes);
    han__node_executed(h->node, name, bytes.data, bytes.len);
    han__buf_release(&bytes);
    return 0;
}

/* ctx:behind(): does the run still do again what its journal says? */
static int ctx_behind(lua_State *H)
{
    handle *h = check_handle(H);
    lua_pushboolean(H, h->run->scribe && han__scribe_behind(h->run->scribe));
    return 1;
}

/* ctx:in_doubt(): was it begun in an earlier life of this run, and is its end not known? */
static int ctx_in_doubt(lua_State *H)
{
    handle *h = check_handle(H);
    lua_pushboolean(H, h->run->scribe && han__scribe_in_doubt(h->run->scribe, h->node));
    return 1;
}

static int ctx_node(lua_State *H)
{
    char id[512];
    handle *h = check_handle(H);
    lua_pushlstring(H, id, han__node_id(h->node, id, sizeof(id)));
    return 1;
}

static int ctx_spend(lua_State *H)
{
    handle *h = check_handle(H);
    han__amount spend = han__node_spend(h->node);
    han__run_push_amount(h->run, H, &spend);
    return 1;
}

static int ctx_left(lua_State *H)
{
    handle *h = check_handle(H);
    han__run_push_amount(h->run, H, &han__node_pool(h->node)->free);
    return 1;
}

static const luaL_Reg ctx_methods[] = {
    {"meter", ctx_meter},         {"commit", ctx_commit},
    {"random", ctx_random},       {"pause", ctx_pause},
    {"messages", ctx_messages},   {"submit", ctx_submit},
    {"node", ctx_node},           {"spend", ctx_spend},
    {"left", ctx_left},           {"barrier", ctx_barrier},
    {"in_doubt", ctx_in_doubt},   {"behind", ctx_behind},
    {"recall", ctx_recall},       {"clock", ctx_clock},
    {"executed", ctx_executed},   {"execute", ctx_execute},
    {"reserve", ctx_reserve},     {"depart", ctx_depart},
    {"reconcile", ctx_reconcile}, {NULL, NULL},
};

void han__service_install(lua_State *H)
{
    luaL_newmetatable(H, HAN__WORK_TYPE);
    luaL_newlib(H, ctx_methods);
    lua_setfield(H, -2, "__index");
    lua_pop(H, 1);
}
