/* script/bind_stats without memory: whichever allocation fails, a call of han.stats raises or
 * refuses with NOMEM, and nothing is left behind. What the functions give is in
 * tests/lua/stats_spec.lua. */
#include "base/config.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/mem.h"
#include "script/bind_stats.h"
#include "testing.h"

static void *lua_memory(void *ud, void *block, size_t old_size, size_t new_size)
{
    han__mem *mem = ud;
    if (new_size == 0) {
        han__mem_free(mem, block, block ? old_size : 0);
        return NULL;
    }
    return block ? han__mem_resize(mem, block, old_size, new_size) : han__mem_alloc(mem, new_size);
}

static const char *const calls[] = {
    "sign{a={1,2,3},b={0,2,4},groups={'x','x','y'}}",
    "mcnemar{a={true,false},b={false,false}}",
    "tango{only_a=3,only_b=1,n=9}",
    "wilson{hits=3,n=9}",
    "clopper{hits=3,n=9}",
    "paired{a={1,2,3,4},b={0,2,4,1},groups={1,1,2,3},resamples=100,method='bca'}",
    "mean_ci{x={1,2,3},strata={1,1,1},resamples=100}",
    "permutation{x={1,2,3},groups={1,2,2}}",
    "bh{p={0.1,0.2}}",
    "holm{p={0.1,0.2}}",
    "ebh{e={3,30}}",
    "spend{index=2}",
    "lord{rejected={true,false}}",
    "power{n=9}",
    "eprocess{a={1,0,1},b={0,0,1},groups={1,2,2}}",
    "beta{wins=3,losses=4,other_wins=1,other_losses=2}",
    "pareto{points={{1,2},{2,1}},minimize={true,false}}",
    "effect{a={1,2,3},b={0,2,4}}",
};

/* One call in a state of its own. True when it gave its result. */
static bool run(han__mem *mem, const char *call)
{
    lua_State *L = lua_newstate(lua_memory, mem);
    if (!L) return false;
    char chunk[200];
    snprintf(chunk, sizeof chunk, "local stats = ... return stats.%s", call);
    bool done = false;
    lua_pushcfunction(L, han__open_stats);
    if (luaL_loadstring(L, chunk) == LUA_OK) {
        lua_insert(L, 1);
        if (lua_pcall(L, 0, 1, 0) == LUA_OK && lua_pcall(L, 1, 3, 0) == LUA_OK) {
            done = lua_istable(L, 1);
            if (!done) assert_string_equal(lua_tostring(L, 3), "NOMEM");
        }
    }
    lua_close(L);
    return done;
}

TEST(every_failing_allocation_is_survived)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    for (size_t i = 0; i < HAN__COUNT(calls); i++) {
        if (!run(&mem, calls[i])) fail_msg("without a fault: %s", calls[i]);
        SWEEP_ALLOCATIONS(&mem, run(&mem, calls[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_failing_allocation_is_survived)};
    return cmocka_run_group_tests_name("bind_stats", tests, NULL, NULL);
}
