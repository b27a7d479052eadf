/* Owns the environment of candidate code. Functions of the standard library whose work grows with
 * their arguments pay for it in instructions, since a count hook sees one call of them as one. */
#include "base/config.h"

#include <lauxlib.h>
#include <lualib.h>

#include "base/error.h"
#include "exec/eval_wire.h"
#include "runner/sandbox.h"
#include "value/pairs.h"

/* ---- functions that pay ---- */

enum { PAYS_BYTES, PAYS_REPEAT, PAYS_LENGTH, PAYS_RANGE, PAYS_RANGE_BEHIND, PAYS_STACK, PAYS_SORT };

#define BYTES_PER_INSTRUCTION    64
#define ELEMENTS_PER_INSTRUCTION 4
#define STACK_MAX                1000000 /* as in Lua */

/* The argument as an integer (2.0 is one), or otherwise; negative ones are 0. */
static uint64_t count_at(lua_State *L, int idx, uint64_t otherwise)
{
    int is_integer;
    lua_Integer v = lua_tointegerx(L, idx, &is_integer);
    if (!is_integer) return otherwise;
    return v < 0 ? 0 : (uint64_t)v;
}

static uint64_t length_of(lua_State *L, int idx)
{
    int type = lua_type(L, idx);
    return type == LUA_TSTRING || type == LUA_TTABLE ? (uint64_t)lua_rawlen(L, idx) : 0;
}

static uint64_t sort_steps(uint64_t n)
{
    uint64_t steps = 0;
    for (uint64_t width = 1; width < n; width *= 2) steps += n;
    return steps;
}

/* Elements from argument first to the one behind it, 1 to the length of argument 1 by default. */
static uint64_t range(lua_State *L, int first)
{
    uint64_t i = count_at(L, first, 1);
    uint64_t j = count_at(L, first + 1, length_of(L, 1));
    return i < j ? j - i : 0;
}

static uint64_t price(lua_State *L, lua_Integer kind)
{
    if (kind >= PAYS_LENGTH && !lua_istable(L, 1)) return 0; /* it raises */
    switch (kind) {
    case PAYS_BYTES:
        return length_of(L, 1) / BYTES_PER_INSTRUCTION;
    case PAYS_REPEAT: {
        uint64_t bytes = length_of(L, 1) + length_of(L, 3);
        uint64_t times = count_at(L, 2, 0);
        if (bytes == 0) bytes = 1; /* it goes round as often for nothing */
        if (times > UINT64_MAX / bytes) return UINT64_MAX;
        return bytes * times / BYTES_PER_INSTRUCTION;
    }
    case PAYS_LENGTH:
        return lua_gettop(L) < 2 ? 0 : length_of(L, 1) / ELEMENTS_PER_INSTRUCTION;
    case PAYS_RANGE:
        return range(L, 2) / ELEMENTS_PER_INSTRUCTION;
    case PAYS_RANGE_BEHIND:
        return range(L, 3) / ELEMENTS_PER_INSTRUCTION;
    case PAYS_STACK: /* more than a stack holds raises */
        return range(L, 2) < STACK_MAX ? range(L, 2) / ELEMENTS_PER_INSTRUCTION : 0;
    default:
        return sort_steps(length_of(L, 1)) / ELEMENTS_PER_INSTRUCTION;
    }
}

/* Upvalues: the original, its kind. The original runs in this call, so that its error messages find
 * the name it was called by; those wrapped here have no upvalues of their own. */
static int pay_and_call(lua_State *L)
{
    lua_CFunction original = lua_tocfunction(L, lua_upvalueindex(1));
    han__meter_charge(L, price(L, lua_tointeger(L, lua_upvalueindex(2))));
    return original(L);
}

static void make_pay(lua_State *L, const char *library)
{
    static const struct {
        const char *library, *name;
        int kind;
    } paying[] = {{"string", "rep", PAYS_REPEAT},
                  {"string", "upper", PAYS_BYTES},
                  {"string", "lower", PAYS_BYTES},
                  {"string", "reverse", PAYS_BYTES},
                  {"string", "sub", PAYS_BYTES},
                  {"string", "byte", PAYS_BYTES},
                  {"table", "insert", PAYS_LENGTH},
                  {"table", "remove", PAYS_LENGTH},
                  {"table", "concat", PAYS_RANGE_BEHIND},
                  {"table", "unpack", PAYS_STACK},
                  {"table", "move", PAYS_RANGE},
                  {"table", "sort", PAYS_SORT},
                  {"utf8", "len", PAYS_BYTES},
                  {"utf8", "offset", PAYS_BYTES},
                  {"utf8", "codepoint", PAYS_BYTES}};
    lua_getglobal(L, library);
    for (size_t i = 0; i < HAN__COUNT(paying); i++) {
        if (strcmp(paying[i].library, library) != 0) continue;
        lua_getfield(L, -1, paying[i].name);
        lua_pushinteger(L, paying[i].kind);
        lua_pushcclosure(L, pay_and_call, 2);
        lua_setfield(L, -2, paying[i].name);
    }
    lua_pop(L, 1);
}

/* ---- guarded functions ---- */

/* load(text, name, mode, env): text only, and not under the candidate's own name, whose lines would
 * be taken for its. */
static int guarded_load(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    const char *name = luaL_optstring(L, 2, "=(load)");
    const char *taken = han__meter_of(L)->chunk;
    if (taken && strcmp(name, taken) == 0) name = "=(load)";
    bool own_environment = !lua_isnone(L, 4);
    han__meter_charge(L, len / ELEMENTS_PER_INSTRUCTION);
    int status = luaL_loadbufferx(L, text, len, name, "t");
    if (han__meter_of(L)->killed != 0) return han__meter_raise(L);
    if (status != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (own_environment) {
        lua_pushvalue(L, 4);
        if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    }
    return 1;
}

static void refuse_field(lua_State *L, const char *field)
{
    lua_pushstring(L, field);
    if (lua_rawget(L, 2) != LUA_TNIL)
        luaL_error(L, "%s is not available here: it depends on the collector", field);
    lua_pop(L, 1);
}

/* Upvalue 1: the original. */
static int guarded_setmetatable(lua_State *L)
{
    if (lua_istable(L, 1) && lua_istable(L, 2)) {
        refuse_field(L, "__gc");
        refuse_field(L, "__mode");
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* Prints to nowhere, but pays. */
static int counted_print(lua_State *L)
{
    han__sandbox *box = han__sandbox_of(L);
    uint64_t bytes = 0;
    int n = lua_gettop(L);
    for (int i = 1; i <= n; i++) {
        size_t len;
        han__pairs_tostring(L, i, &len);
        lua_pop(L, 1);
        bytes += len + 1;
    }
    if (bytes > box->output_left) {
        han__meter_kill(&box->meter, L, HAN__CLASS_OUTPUT);
        return han__meter_raise(L);
    }
    box->output_left -= bytes;
    return 0;
}

/* ---- the environment ---- */

static void clear(lua_State *L, const char *library, const char *const *names)
{
    lua_getglobal(L, library);
    for (; *names; names++) {
        lua_pushnil(L);
        lua_setfield(L, -2, *names);
    }
    lua_pop(L, 1);
}

static void remove_unsafe(lua_State *L)
{
    static const char *const base[] = {"collectgarbage", "dofile", "loadfile", "warn", NULL};
    static const char *const string[] = {"dump", NULL};
    clear(L, "_G", base);
    clear(L, "string", string);
}

static void guard_base(lua_State *L)
{
    lua_pushcfunction(L, guarded_load);
    lua_setglobal(L, "load");
    lua_getglobal(L, "setmetatable");
    lua_pushcclosure(L, guarded_setmetatable, 1);
    lua_setglobal(L, "setmetatable");
    lua_pushcfunction(L, counted_print);
    lua_setglobal(L, "print");
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

/* Runs protected; argument 1 is the sandbox. Leaves whether the meter could be calibrated. */
static int build(lua_State *L)
{
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},        {LUA_TABLIBNAME, luaopen_table},
        {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},
        {LUA_UTF8LIBNAME, luaopen_utf8},  {LUA_COLIBNAME, luaopen_coroutine}};
    han__sandbox *box = lua_touserdata(L, 1);
    for (size_t i = 0; i < HAN__COUNT(libraries); i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
    lua_pushnil(L); /* the list of loaded libraries is reached by nothing */
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getglobal(L, "string");
    lua_getfield(L, -1, "find");
    lua_setfield(L, LUA_REGISTRYINDEX, HAN__SANDBOX_FIND);
    lua_pop(L, 1);
    remove_unsafe(L);
    han__pairs_install(L);
    han__control_install(L);
    han__random_install(L);
    han__strings_install(L);
    guard_base(L);
    make_pay(L, "string");
    make_pay(L, "table");
    make_pay(L, "utf8");
    lua_pushboolean(L, han__meter_calibrate(&box->meter, L));
    return 1;
}

int han__sandbox_open(han__sandbox *box, han_error *err)
{
    memset(box, 0, sizeof *box);
    han__mem_init(&box->meter.mem, NULL, NULL);
    lua_State *L = lua_newstate(han__meter_alloc, &box->meter);
    if (!L) return han__error_set(err, HAN_NOMEM, "out of memory");
    *(han__meter **)lua_getextraspace(L) = &box->meter;
    lua_pushcfunction(L, build);
    lua_pushlightuserdata(L, box);
    int status = lua_pcall(L, 1, 1, 0);
    if (status != LUA_OK)
        return han__error_set(err, status == LUA_ERRMEM ? HAN_NOMEM : HAN_INTERNAL,
                              "cannot build the environment: %s", lua_tostring(L, -1));
    if (!lua_toboolean(L, -1))
        return han__error_set(err, HAN_ENVIRONMENT,
                              "this Lua library keeps its hook count in an unknown way; link the "
                              "runner with Lua 5.4");
    lua_pop(L, 1);
    box->L = L;
    lua_gc(L, LUA_GCCOLLECT);
    return HAN_OK;
}
