/* The limit that the engine's scope is measured against: spawn, settle and next over pooled Lua
 * coroutines with integer counters for a budget, and nothing else: no journal, no ids as text, no
 * channels, no hooks, no protection from the script. What is left out here is what han adds.
 * Usage: limit_scope spawn N | tree DEPTH | live N | pause N */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLOT_FN, SLOT_TASK, SLOT_THREAD, SLOTS };

typedef struct node {
    lua_State *co;   /* NULL until started */
    uint32_t parent; /* index; the root is its own */
    uint32_t next;   /* in the ready list, a mailbox or the free list; 0 ends it */
    uint32_t mail_head, mail_tail;
    uint32_t children; /* spawned and not yet delivered */
    int waiting;       /* sits in next() */
    int64_t ceiling;
} node;

typedef struct runtime {
    lua_State *L;
    node *nodes; /* nodes[0] is not used */
    uint32_t count, cap, free_list;
    uint32_t ready_head, ready_tail;
    uint32_t current;
    lua_State **pool; /* finished coroutines */
    size_t pool_len, pool_cap;
    int values;  /* registry: per node fn or out, task, thread */
    int threads; /* registry: pooled threads, kept alive */
    int64_t free_budget, reserved, committed;
    uint64_t longest_ns, last_ns;
} runtime;

static const char programs[] = "local leaf = function(t) return t end\n"
                               "local M = {}\n"
                               "function M.spawn(n)\n"
                               "  for i = 1, n do spawn(leaf, i) end\n"
                               "  local sum = 0\n"
                               "  for settled in next do sum = sum + settled.out end\n"
                               "  return sum\n"
                               "end\n"
                               "function M.tree(d)\n"
                               "  if d == 0 then return 1 end\n"
                               "  spawn(M.tree, d - 1) spawn(M.tree, d - 1)\n"
                               "  return next().out + next().out\n"
                               "end\n"
                               "local function blocked() spawn(leaf, 1) return next().out end\n"
                               "function M.live(n)\n"
                               "  for _ = 1, n do spawn(blocked, 1) end\n"
                               "  local sum = 0\n"
                               "  for settled in next do sum = sum + settled.out end\n"
                               "  return sum\n"
                               "end\n"
                               "local function churn(n)\n"
                               "  local keep\n"
                               "  for i = 1, n do keep = { i, keep and i } tick() end\n"
                               "  return keep[1]\n"
                               "end\n"
                               "function M.pause(n)\n"
                               "  for _ = 1, n do spawn(blocked, 1) end\n"
                               "  spawn(churn, 40 * n)\n"
                               "  local sum = 0\n"
                               "  for settled in next do sum = sum + settled.out end\n"
                               "  return sum\n"
                               "end\n"
                               "return M\n";

static void *must(void *ptr)
{
    if (!ptr) {
        fputs("limit_scope: out of memory\n", stderr);
        exit(1);
    }
    return ptr;
}

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static runtime *runtime_of(lua_State *L)
{
    return *(runtime **)lua_getextraspace(L);
}

static uint32_t node_new(runtime *rt)
{
    uint32_t id = rt->free_list;
    if (id) {
        rt->free_list = rt->nodes[id].next;
    } else {
        if (rt->count >= rt->cap) {
            rt->cap = rt->cap ? rt->cap * 2 : 1024;
            rt->nodes = must(realloc(rt->nodes, rt->cap * sizeof *rt->nodes));
        }
        id = rt->count++;
    }
    memset(&rt->nodes[id], 0, sizeof rt->nodes[id]);
    return id;
}

static void ready(runtime *rt, uint32_t id)
{
    rt->nodes[id].next = 0;
    if (rt->ready_tail) {
        rt->nodes[rt->ready_tail].next = id;
    } else {
        rt->ready_head = id;
    }
    rt->ready_tail = id;
}

static void value_set(runtime *rt, lua_State *L, uint32_t id, int slot)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, rt->values);
    lua_insert(L, -2);
    lua_rawseti(L, -2, (lua_Integer)id * SLOTS + slot);
    lua_pop(L, 1);
}

static void value_get(runtime *rt, lua_State *L, uint32_t id, int slot)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, rt->values);
    lua_rawgeti(L, -1, (lua_Integer)id * SLOTS + slot);
    lua_remove(L, -2);
}

/* spawn(fn, task): reserves, queues. */
static int spawn(lua_State *L)
{
    runtime *rt = runtime_of(L);
    if (rt->free_budget < 1) {
        lua_pushnil(L);
        return 1;
    }
    uint32_t id = node_new(rt);
    node *n = &rt->nodes[id];
    n->parent = rt->current;
    n->ceiling = 1;
    rt->free_budget -= 1;
    rt->reserved += 1;
    rt->nodes[rt->current].children++;
    lua_settop(L, 2);
    value_set(rt, L, id, SLOT_TASK);
    value_set(rt, L, id, SLOT_FN);
    ready(rt, id);
    lua_pushinteger(L, id);
    return 1;
}

/* Pushes the settled child onto L and forgets it. */
static void deliver(runtime *rt, lua_State *L, uint32_t child)
{
    node *n = &rt->nodes[child];
    lua_createtable(L, 0, 2);
    lua_pushliteral(L, "done");
    lua_setfield(L, -2, "kind");
    value_get(rt, L, child, SLOT_FN);
    lua_setfield(L, -2, "out");
    rt->nodes[n->parent].children--;
    n->next = rt->free_list;
    rt->free_list = child;
}

static int next(lua_State *L)
{
    runtime *rt = runtime_of(L);
    node *n = &rt->nodes[rt->current];
    if (n->mail_head) {
        uint32_t child = n->mail_head;
        n->mail_head = rt->nodes[child].next;
        if (!n->mail_head) n->mail_tail = 0;
        deliver(rt, L, child);
        return 1;
    }
    if (n->children == 0) {
        lua_pushnil(L);
        return 1;
    }
    n->waiting = 1;
    return lua_yield(L, 0);
}

static int tick(lua_State *L)
{
    runtime *rt = runtime_of(L);
    uint64_t now = cpu_ns();
    if (rt->last_ns && now - rt->last_ns > rt->longest_ns) rt->longest_ns = now - rt->last_ns;
    rt->last_ns = now;
    return 0;
}

/* The value on top of the child's stack is its result. */
static void settle(runtime *rt, uint32_t id)
{
    node *n = &rt->nodes[id];
    lua_State *co = n->co;
    value_set(rt, co, id, SLOT_FN);
    lua_settop(co, 0);
    rt->reserved -= n->ceiling;
    rt->committed += 0;
    rt->free_budget += n->ceiling;
    if (rt->pool_len == rt->pool_cap) {
        rt->pool_cap = rt->pool_cap ? rt->pool_cap * 2 : 64;
        rt->pool = must(realloc(rt->pool, rt->pool_cap * sizeof *rt->pool));
    }
    rt->pool[rt->pool_len++] = co;
    n->co = NULL;
    node *parent = &rt->nodes[n->parent];
    if (parent->waiting) {
        parent->waiting = 0;
        uint32_t parent_id = n->parent;
        deliver(rt, parent->co, id);
        ready(rt, parent_id);
        return;
    }
    n->next = 0;
    if (parent->mail_tail) {
        rt->nodes[parent->mail_tail].next = id;
    } else {
        parent->mail_head = id;
    }
    parent->mail_tail = id;
}

static lua_State *coroutine_take(runtime *rt)
{
    if (rt->pool_len) return rt->pool[--rt->pool_len];
    lua_rawgeti(rt->L, LUA_REGISTRYINDEX, rt->threads);
    lua_State *co = lua_newthread(rt->L);
    lua_rawsetp(rt->L, -2, co);
    lua_pop(rt->L, 1);
    return co;
}

static void run_one(runtime *rt)
{
    uint32_t id = rt->ready_head;
    rt->ready_head = rt->nodes[id].next;
    if (!rt->ready_head) rt->ready_tail = 0;
    node *n = &rt->nodes[id];
    int args = 1, results = 0;
    if (!n->co) {
        n->co = coroutine_take(rt);
        value_get(rt, n->co, id, SLOT_FN);
        value_get(rt, n->co, id, SLOT_TASK);
    }
    lua_State *co = n->co;
    rt->current = id;
    int status = lua_resume(co, NULL, args, &results);
    if (status == LUA_YIELD) return;
    if (status != LUA_OK) {
        fprintf(stderr, "limit_scope: %s\n", lua_tostring(co, -1));
        exit(1);
    }
    if (id == 1) return; /* the root keeps its result on its stack */
    settle(rt, id);
}

static void open_runtime(runtime *rt)
{
    rt->L = must(luaL_newstate());
    *(runtime **)lua_getextraspace(rt->L) = rt;
    luaL_openlibs(rt->L);
    lua_newtable(rt->L);
    rt->values = luaL_ref(rt->L, LUA_REGISTRYINDEX);
    lua_newtable(rt->L);
    rt->threads = luaL_ref(rt->L, LUA_REGISTRYINDEX);
    lua_register(rt->L, "spawn", spawn);
    lua_register(rt->L, "next", next);
    lua_register(rt->L, "tick", tick);
    rt->free_budget = INT64_C(1) << 40;
    rt->count = 1;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: limit_scope spawn N | tree DEPTH | live N | pause N\n", stderr);
        return 2;
    }
    runtime rt = {0};
    open_runtime(&rt);
    if (luaL_dostring(rt.L, programs) != LUA_OK ||
        lua_getfield(rt.L, -1, argv[1]) != LUA_TFUNCTION) {
        fputs("limit_scope: no such program\n", stderr);
        return 2;
    }
    uint32_t root = node_new(&rt);
    value_set(&rt, rt.L, root, SLOT_FN);
    lua_pushinteger(rt.L, strtoll(argv[2], NULL, 10));
    value_set(&rt, rt.L, root, SLOT_TASK);
    ready(&rt, root);
    while (rt.ready_head) run_one(&rt);
    printf("result=%lld longest_us=%llu\n", (long long)lua_tointeger(rt.nodes[root].co, -1),
           (unsigned long long)(rt.longest_ns / 1000));
    lua_close(rt.L);
    free(rt.nodes);
    free(rt.pool);
    return rt.reserved == 0 ? 0 : 1;
}
