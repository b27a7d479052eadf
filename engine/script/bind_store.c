/* Owns han.db: the handle, puts, queries and contents. A row of a query reaches Lua through a
 * protected call, so that no Lua error ever passes through SQLite. */
#include "base/config.h"

#include <lauxlib.h>

#include "script/bind_examine.h"
#include "script/bind_store.h"
#include "script/push.h"
#include "script/state.h"
#include "loop/loop.h"
#include "value/value.h"
#include "store/blob.h"

#define DB_TYPE     "han.db"
#define PARAMS_MAX  64
#define TIMEOUT_MAX 86400.0 /* seconds */

typedef struct db {
    han__store *store; /* NULL once closed */
    han__mem *mem;
    han_error failed; /* the first batch that was not written */
    int users;        /* journaled runs that write to it */
    han__loop *loop;
    han__loop_hook hook;
} db;

static db *check_db(lua_State *L)
{
    db *d = luaL_checkudata(L, 1, DB_TYPE);
    if (!d->store) luaL_error(L, "the store was closed");
    return d;
}

/* From the writer's thread: a journaled run may wait for what was written. */
static void wake(void *ud)
{
    han__loop_wakeup(ud);
}

/* On the loop's thread: what was written is told to whoever waits for it. */
static void on_wakeup(void *ud)
{
    db *d = ud;
    if (d->store) han__store_poll(d->store);
}

/* open { path=, readonly=, durability= } */
static int l_open(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "path");
    const char *path = luaL_checkstring(L, -1);
    lua_getfield(L, 1, "readonly");
    han__store_options options = {.path = path, .readonly = lua_toboolean(L, -1)};
    han_error err = {0};
    options.wakeup = wake;
    options.ud = han__state_of(L)->host->loop;
    if (!options.ud) options.wakeup = NULL;
    lua_getfield(L, 1, "durability");
    options.full_sync = strcmp(luaL_optstring(L, -1, "normal"), "full") == 0;
    db *d = lua_newuserdatauv(L, sizeof *d, 0);
    memset(d, 0, sizeof *d);
    d->mem = han__state_of(L)->host->mem;
    luaL_setmetatable(L, DB_TYPE);
    if (han__store_open(d->mem, &options, &d->store, &err) != HAN_OK) return han__fail(L, &err);
    d->loop = options.ud;
    d->hook = (han__loop_hook){on_wakeup, d, NULL};
    if (d->loop) han__loop_add_hook(d->loop, &d->hook);
    return 1;
}

static int l_close(lua_State *L)
{
    db *d = luaL_checkudata(L, 1, DB_TYPE);
    han__store *store = d->store;
    if (d->users > 0) return luaL_error(L, "a journaled run still writes to this store");
    d->store = NULL;
    if (store && d->loop) han__loop_remove_hook(d->loop, &d->hook);
    han_error err = {0};
    if (store && han__store_close(store, &err) != HAN_OK) return han__fail(L, &err);
    lua_pushboolean(L, true);
    return 1;
}

han__store *han__db_lend(lua_State *L, int idx, int **users)
{
    db *d = luaL_checkudata(L, idx, DB_TYPE);
    if (!d->store) luaL_error(L, "the store was closed");
    *users = &d->users;
    return d->store;
}

/* ---- puts ---- */

static void put_done(void *ud, int status, const han_error *err)
{
    db *d = ud;
    if (status != HAN_OK && d->failed.code == 0) d->failed = *err;
}

/* Queues the batch; waits once when the queue is full. */
static int put(db *d, han__batch *batch, han_error *err)
{
    han_error full = {0};
    han__store_poll(d->store);
    int rc = han__store_put(d->store, batch, put_done, d, &full);
    if (rc == HAN_LIMIT && han__store_flush(d->store, HAN__STORE_FLUSH_DEFAULT, err) == HAN_OK)
        return han__store_put(d->store, batch, put_done, d, err);
    if (rc != HAN_OK && err->code == 0) *err = full;
    return rc;
}

static int finish_put(lua_State *L, db *d, han__batch *batch, int rc, han_error *err)
{
    if (rc == HAN_OK) rc = put(d, batch, err);
    if (rc == HAN_OK && d->failed.code) {
        *err = d->failed;
        return han__fail(L, err);
    }
    if (rc != HAN_OK) {
        han__batch_free(batch);
        return han__fail(L, err);
    }
    lua_pushboolean(L, true);
    return 1;
}

static int l_put_bench(lua_State *L)
{
    db *d = check_db(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    han_error err = {0};
    han__batch *batch = NULL;
    int rc = han__batch_new(d->store, &batch, &err);
    if (rc == HAN_OK) rc = han__db_add_bench(L, 2, d->mem, batch, &err);
    return finish_put(L, d, batch, rc, &err);
}

static int l_put_cell(lua_State *L)
{
    db *d = check_db(L);
    const char *run = luaL_checkstring(L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    han_error err = {0};
    han__batch *batch = NULL;
    int rc = han__batch_new(d->store, &batch, &err);
    if (rc == HAN_OK) rc = han__db_add_cell(L, 3, run, d->mem, batch, &err);
    return finish_put(L, d, batch, rc, &err);
}

static int put_ledger(lua_State *L, int kind)
{
    db *d = check_db(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    han_error err = {0};
    han__batch *batch = NULL;
    int rc = han__batch_new(d->store, &batch, &err);
    if (rc == HAN_OK) rc = han__db_add_ledger(L, 2, kind, d->mem, batch, &err);
    return finish_put(L, d, batch, rc, &err);
}

static int l_put_experiment(lua_State *L)
{
    return put_ledger(L, HAN__DB_EXPERIMENT);
}

static int l_put_splits(lua_State *L)
{
    return put_ledger(L, HAN__DB_SPLITS);
}

static int l_put_spend(lua_State *L)
{
    return put_ledger(L, HAN__DB_SPEND);
}

static int l_put_learnt(lua_State *L)
{
    return put_ledger(L, HAN__DB_LEARNT);
}

static int l_put_champion(lua_State *L)
{
    return put_ledger(L, HAN__DB_CHAMPION);
}

static int l_put_round(lua_State *L)
{
    return put_ledger(L, HAN__DB_ROUND);
}

static int l_end_bench(lua_State *L)
{
    db *d = check_db(L);
    han__bytes id = {0}, result = {0};
    id.data = luaL_checklstring(L, 2, &id.len);
    lua_Integer ended_ms = luaL_checkinteger(L, 3);
    if (!lua_isnoneornil(L, 4)) result.data = luaL_checklstring(L, 4, &result.len);
    han_error err = {0};
    han__batch *batch = NULL;
    int rc = han__batch_new(d->store, &batch, &err);
    if (rc == HAN_OK) rc = han__corpus_add_bench_end(batch, id, ended_ms, result, &err);
    return finish_put(L, d, batch, rc, &err);
}

static int l_flush(lua_State *L)
{
    db *d = check_db(L);
    han_error err = {0};
    int rc = han__store_flush(d->store, HAN__STORE_FLUSH_DEFAULT, &err);
    if (rc == HAN_OK && d->failed.code) {
        err = d->failed;
        rc = err.code;
    }
    if (rc != HAN_OK) return han__fail(L, &err);
    lua_pushboolean(L, true);
    return 1;
}

static void set_count(lua_State *L, const char *name, uint64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, name);
}

static int l_stats(lua_State *L)
{
    db *d = check_db(L);
    han__store_counts counts;
    han__store_count(d->store, &counts);
    lua_createtable(L, 0, 4);
    set_count(L, "committed", counts.committed);
    set_count(L, "failed", counts.failed);
    set_count(L, "commits", counts.commits);
    set_count(L, "queued", counts.queued);
    return 1;
}

/* ---- queries ---- */

/* One row on its way to Lua: rows at stack index `rows`, the names of the columns behind it. */
typedef struct cursor {
    lua_State *L;
    int rows;
    size_t columns;
    const char *const *names;
    const han__sqlval *values;
    lua_Integer count;
} cursor;

static void push_column(lua_State *L, const han__sqlval *v)
{
    switch (v->type) {
    case HAN__SQL_INT:
        lua_pushinteger(L, v->integer);
        break;
    case HAN__SQL_REAL:
        lua_pushnumber(L, v->real);
        break;
    case HAN__SQL_NULL:
        lua_pushnil(L);
        break;
    default:
        lua_pushlstring(L, v->bytes ? v->bytes : "", v->len);
        break;
    }
}

static int push_row(lua_State *L)
{
    const cursor *c = lua_touserdata(L, 1);
    if (c->count == 0)
        for (size_t i = 0; i < c->columns; i++) {
            lua_pushstring(L, c->names[i]);
            lua_rawseti(L, 3, (lua_Integer)i + 1);
        }
    lua_createtable(L, 0, (int)c->columns);
    for (size_t i = 0; i < c->columns; i++) {
        lua_pushstring(L, c->names[i]);
        push_column(L, &c->values[i]);
        lua_rawset(L, -3);
    }
    lua_rawseti(L, 2, c->count + 1);
    return 0;
}

static int on_row(void *ud, size_t columns, const char *const *names, const han__sqlval *values)
{
    cursor *c = ud;
    c->columns = columns;
    c->names = names;
    c->values = values;
    lua_pushcfunction(c->L, push_row);
    lua_pushlightuserdata(c->L, c);
    lua_pushvalue(c->L, c->rows);
    lua_pushvalue(c->L, c->rows + 1);
    if (lua_pcall(c->L, 3, 0, 0) != LUA_OK) {
        lua_pop(c->L, 1);
        return HAN_NOMEM;
    }
    c->count++;
    return HAN_OK;
}

static void read_param(lua_State *L, int idx, han__sqlval *out)
{
    *out = (han__sqlval){.type = HAN__SQL_NULL};
    switch (lua_type(L, idx)) {
    case LUA_TNUMBER:
        out->type = lua_isinteger(L, idx) ? HAN__SQL_INT : HAN__SQL_REAL;
        out->integer = lua_tointeger(L, idx);
        out->real = lua_tonumber(L, idx);
        break;
    case LUA_TBOOLEAN:
        out->type = HAN__SQL_INT;
        out->integer = lua_toboolean(L, idx);
        break;
    case LUA_TSTRING:
        out->type = HAN__SQL_TEXT;
        out->bytes = lua_tolstring(L, idx, &out->len);
        break;
    case LUA_TLIGHTUSERDATA:
        break; /* json.null */
    default:
        luaL_error(L, "a parameter is a number, a string, a boolean or json.null");
    }
}

/* The strings stay in their table, at index 3. */
static size_t read_params(lua_State *L, han__sqlval params[PARAMS_MAX])
{
    if (lua_isnoneornil(L, 3)) return 0;
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_Unsigned n = lua_rawlen(L, 3);
    luaL_argcheck(L, n <= PARAMS_MAX, 3, "too many parameters");
    for (lua_Unsigned i = 0; i < n; i++) {
        lua_rawgeti(L, 3, (lua_Integer)i + 1);
        read_param(L, -1, &params[i]);
        lua_pop(L, 1);
    }
    return (size_t)n;
}

static void read_limits(lua_State *L, han__query *query)
{
    if (lua_isnoneornil(L, 4)) return;
    luaL_checktype(L, 4, LUA_TTABLE);
    if (lua_getfield(L, 4, "max_rows") != LUA_TNIL) {
        lua_Integer rows = luaL_checkinteger(L, -1);
        luaL_argcheck(L, rows > 0, 4, "max_rows must be positive");
        query->max_rows = (uint64_t)rows;
    }
    if (lua_getfield(L, 4, "timeout") != LUA_TNIL) {
        lua_Number seconds = luaL_checknumber(L, -1);
        luaL_argcheck(L, seconds > 0 && seconds <= TIMEOUT_MAX, 4, "timeout is out of range");
        query->timeout_ms = (uint32_t)(seconds * 1000.0);
    }
}

static int l_query(lua_State *L)
{
    db *d = check_db(L);
    han__sqlval params[PARAMS_MAX];
    han__query query = {.sql = luaL_checkstring(L, 2), .params = params};
    lua_settop(L, 4);
    query.param_count = read_params(L, params);
    read_limits(L, &query);
    lua_settop(L, 4);
    lua_newtable(L);
    lua_newtable(L);
    luaL_checkstack(L, 8, "query");
    cursor c = {.L = L, .rows = 5};
    han_error err = {0};
    if (han__store_query(d->store, &query, on_row, &c, &err) != HAN_OK) return han__fail(L, &err);
    return 2;
}

/* ---- contents ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void check_digest(lua_State *L, int idx, uint8_t out[HAN__SHA256_BYTES])
{
    size_t len;
    const char *text = luaL_checklstring(L, idx, &len);
    if (len == HAN__SHA256_BYTES) {
        memcpy(out, text, len);
        return;
    }
    luaL_argcheck(L, len == HAN__SHA256_HEX - 1, idx, "a digest is 32 bytes or 64 digits");
    for (size_t i = 0; i < HAN__SHA256_BYTES; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        luaL_argcheck(L, high >= 0 && low >= 0, idx, "a digest is 32 bytes or 64 digits");
        out[i] = (uint8_t)(high << 4 | low);
    }
}

static int get_content(lua_State *L, db *d, han__buf *out, han_error *err)
{
    uint8_t digest[HAN__SHA256_BYTES];
    check_digest(L, 2, digest);
    han__buf_init(out, d->mem, HAN__BLOB_BYTES_MAX);
    int rc = han__blob_get(d->store, digest, out, err);
    if (rc != HAN_OK) han__buf_release(out);
    return rc;
}

static int l_content(lua_State *L)
{
    db *d = check_db(L);
    han__buf buf;
    han_error err = {0};
    if (get_content(L, d, &buf, &err) != HAN_OK) return han__fail(L, &err);
    return han__push_text(L, &buf);
}

static int l_value(lua_State *L)
{
    db *d = check_db(L);
    han__buf buf;
    han_error err = {0};
    size_t used;
    if (get_content(L, d, &buf, &err) != HAN_OK) return han__fail(L, &err);
    int rc = han__value_decode(L, buf.data, buf.len, &used, &err);
    if (rc == HAN_OK && used != buf.len)
        rc = han__error_set(&err, HAN_CORRUPT, "a stored value has %zu bytes too many",
                            buf.len - used);
    han__buf_release(&buf);
    return rc == HAN_OK ? 1 : han__fail(L, &err);
}

int han__open_db(lua_State *L)
{
    static const luaL_Reg methods[] = {{"put_bench", l_put_bench},
                                       {"put_cell", l_put_cell},
                                       {"put_experiment", l_put_experiment},
                                       {"put_splits", l_put_splits},
                                       {"put_spend", l_put_spend},
                                       {"put_learnt", l_put_learnt},
                                       {"put_champion", l_put_champion},
                                       {"put_round", l_put_round},
                                       {"end_bench", l_end_bench},
                                       {"flush", l_flush},
                                       {"stats", l_stats},
                                       {"query", l_query},
                                       {"content", l_content},
                                       {"value", l_value},
                                       {"journal_begin", han__db_journal_begin},
                                       {"journal_put", han__db_journal_put},
                                       {"journal_rows", han__db_journal_rows},
                                       {"answer", han__db_answer},
                                       {"close", l_close},
                                       {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"open", l_open}, {"examine", han__db_examine}, {NULL, NULL}};
    luaL_newmetatable(L, DB_TYPE);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, l_close);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
