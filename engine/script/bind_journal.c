/* The journal of cells as methods of a store's handle: what jobs send is put, and read back for the
 * job that goes on. */
#include "base/config.h"

#include <lauxlib.h>

#include "base/hash.h"
#include "script/bind_store.h"
#include "script/fiber.h"
#include "script/journal_wire.h"
#include "script/push.h"
#include "value/value.h"
#include "store/answers.h"
#include "store/journal.h"

#define ANSWERS_MAX 10000 /* of one put */
#define CELLS_MAX   1000000
#define PACKED_MAX  ((size_t)HAN__FRAME_BYTES_MAX - (1u << 20)) /* so that it fits a message */

static han__store *store_of(lua_State *L)
{
    int *users;
    return han__db_lend(L, 1, &users);
}

static int succeed(lua_State *L)
{
    lua_pushboolean(L, 1);
    return 1;
}

/* ---- begin ---- */

int han__db_journal_begin(lua_State *L)
{
    han_error err = {0};
    han__store *store = store_of(L);
    const char *run = luaL_checkstring(L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_Unsigned count = lua_rawlen(L, 3);
    if (count == 0) return succeed(L);
    luaL_argcheck(L, count <= CELLS_MAX, 3, "too many cells");
    const char **cells = lua_newuserdatauv(L, (size_t)count * sizeof(*cells), 0);
    for (lua_Unsigned i = 0; i < count; i++) {
        lua_rawgeti(L, 3, (lua_Integer)i + 1);
        cells[i] = luaL_checkstring(L, -1); /* the list keeps it alive */
        lua_pop(L, 1);
    }
    int rc = han__journal_begin_all(store, run, cells, (size_t)count, &err);
    return rc == HAN_OK ? succeed(L) : han__fail(L, &err);
}

/* ---- put ---- */

typedef struct put {
    han__wait wait;
    han__mem *mem;
    han__batch *batch;
    han_error *err; /* while it is filled */
    han__buf said;
    int status;
    han_error failed;
} put;

static void put_free(put *p)
{
    han__buf_release(&p->said);
    han__batch_free(p->batch);
    han__mem_free(p->mem, p, sizeof(*p));
}

static int push_outcome(lua_State *L, void *ud)
{
    put *p = ud;
    return p->status == HAN_OK ? succeed(L) : han__fail(L, &p->failed);
}

/* Also when nobody waits any more. */
static void on_put(void *ud, int status, const han_error *err)
{
    put *p = ud;
    p->status = status;
    if (status != HAN_OK) p->failed = *err;
    han__wait_finish(&p->wait, push_outcome, p);
    put_free(p);
}

static int add_rows(put *p, int64_t number, uint64_t after, const uint8_t *bytes, size_t len)
{
    size_t at = 0;
    han__journal_row row;
    int rc;
    bool first = true;
    while ((rc = han__journal_unpack(bytes, len, &at, &row)) == 1) {
        row.first = first;
        first = false;
        rc = han__journal_add(p->batch, number, ++after, &row, p->err);
        if (rc != HAN_OK) return rc;
    }
    return rc == HAN_OK ? HAN_OK : han__error_set(p->err, rc, "a job sent rows that are none");
}

static han__bytes bytes_field(lua_State *L, const char *name)
{
    han__bytes out = {0};
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    if (lua_type(L, -1) == LUA_TSTRING) out.data = lua_tolstring(L, -1, &out.len);
    lua_pop(L, 1); /* its table keeps it alive */
    return out;
}

/* The answer on top of the stack. */
static int add_answer(lua_State *L, put *p)
{
    han__answer answer = {.digest = bytes_field(L, "digest"),
                          .kind = bytes_field(L, "kind"),
                          .output = bytes_field(L, "output"),
                          .trace = bytes_field(L, "trace")};
    han__buf_reset(&p->said);
    lua_pushliteral(L, "said");
    lua_rawget(L, -2);
    int rc = han__value_encode(L, -1, "said", &p->said, p->err);
    lua_pop(L, 1);
    answer.said = (han__bytes){p->said.data, p->said.len};
    return rc == HAN_OK ? han__answers_add(p->batch, &answer, p->err) : rc;
}

static int add_answers(lua_State *L, put *p, int list)
{
    int rc = HAN_OK;
    lua_Unsigned count = lua_istable(L, list) ? lua_rawlen(L, list) : 0;
    for (lua_Unsigned i = 1; rc == HAN_OK && i <= count && i <= ANSWERS_MAX; i++) {
        if (lua_rawgeti(L, list, (lua_Integer)i) == LUA_TTABLE)
            rc = add_answer(L, p);
        else
            rc = han__error_set(p->err, HAN_INVALID, "an answer must be a table");
        lua_pop(L, 1);
    }
    return rc;
}

static int fill(lua_State *L, han__store *store, put *p)
{
    size_t len;
    int64_t number = luaL_checkinteger(L, 2);
    lua_Integer after = luaL_checkinteger(L, 3);
    const char *rows = luaL_checklstring(L, 4, &len);
    int rc = han__batch_new(store, &p->batch, p->err);
    if (rc == HAN_OK) rc = add_answers(L, p, 5);
    if (rc == HAN_OK) rc = add_rows(p, number, (uint64_t)after, (const uint8_t *)rows, len);
    if (rc == HAN_OK && lua_isinteger(L, 6))
        rc = han__journal_used(p->batch, number, lua_tointeger(L, 6), p->err);
    if (rc == HAN_OK) rc = han__store_put(store, p->batch, on_put, p, p->err);
    if (rc == HAN_LIMIT && han__store_flush(store, HAN__STORE_FLUSH_DEFAULT, p->err) == HAN_OK)
        rc = han__store_put(store, p->batch, on_put, p, p->err);
    if (rc == HAN_OK) p->batch = NULL;
    return rc;
}

int han__db_journal_put(lua_State *L)
{
    han_error err = {0};
    han__store *store = store_of(L);
    han__mem *mem = han__state_of(L)->host->mem;
    luaL_checkinteger(L, 2);
    luaL_argcheck(L, luaL_checkinteger(L, 3) >= 0, 3, "a place is not negative");
    luaL_checkstring(L, 4);
    put *p = han__mem_zalloc(mem, 1, sizeof(*p));
    if (!p) return luaL_error(L, "no memory for the journal");
    p->mem = mem;
    p->err = &err;
    han__buf_init(&p->said, mem, HAN__VALUE_BYTES_MAX);
    if (fill(L, store, p) != HAN_OK) {
        put_free(p);
        return han__fail(L, &err);
    }
    han__fiber_wait(L, &p->wait);
    return lua_yield(L, 0);
}

/* ---- reading ---- */

static int pack_row(void *ud, const han__journal_row *row)
{
    return han__journal_pack(ud, row);
}

int han__db_journal_rows(lua_State *L)
{
    han_error err = {0};
    han__buf rows;
    han__store *store = store_of(L);
    int64_t number = luaL_checkinteger(L, 2);
    uint64_t count = 0;
    han__journal_row row;
    size_t at = 0;
    han__buf_init(&rows, han__state_of(L)->host->mem, PACKED_MAX);
    int rc = han__journal_read(store, number, 0, pack_row, &rows, &err);
    if (rc != HAN_OK) {
        han__buf_release(&rows);
        han__error_set(&err, rc, "the journal %d cannot be read", (int)number);
        return han__fail(L, &err);
    }
    while (han__journal_unpack(rows.data, rows.len, &at, &row) == 1) count++;
    int pushed = han__push_text(L, &rows);
    lua_pushinteger(L, (lua_Integer)count);
    return pushed + 1;
}

/* The copy that outlives the callback of the store, in which nothing may raise. */
typedef struct found {
    han__buf bytes[4];
    bool there[4];
    int status;
} found;

static void on_answer(void *ud, const han__answer *answer)
{
    found *f = ud;
    const han__bytes fields[] = {answer->kind, answer->said, answer->output, answer->trace};
    for (size_t i = 0; i < HAN__COUNT(fields); i++) {
        f->there[i] = fields[i].data != NULL;
        if (f->there[i] && f->status == HAN_OK)
            f->status = han__buf_append(&f->bytes[i], fields[i].data, fields[i].len);
    }
}

static int push_answer(lua_State *L)
{
    found *f = lua_touserdata(L, 1);
    static const char *const names[] = {"kind", "said", "output", "trace"};
    han_error err = {0};
    size_t used;
    lua_createtable(L, 0, 4);
    for (size_t i = 0; i < HAN__COUNT(names); i++) {
        if (!f->there[i]) continue;
        if (i != 1)
            lua_pushlstring(L, (const char *)f->bytes[i].data, f->bytes[i].len);
        else if (han__value_decode(L, f->bytes[i].data, f->bytes[i].len, &used, &err))
            return luaL_error(L, "%s", err.message);
        lua_setfield(L, -2, names[i]);
    }
    return 1;
}

int han__db_answer(lua_State *L)
{
    found f = {.status = HAN_OK};
    han_error err = {0};
    size_t len;
    han__store *store = store_of(L);
    const char *digest = luaL_checklstring(L, 2, &len);
    luaL_argcheck(L, len == HAN__SHA256_BYTES, 2, "a digest is 32 bytes");
    for (size_t i = 0; i < 4; i++)
        han__buf_init(&f.bytes[i], han__state_of(L)->host->mem, HAN__FRAME_BYTES_MAX);
    int rc = han__answers_find(store, (const uint8_t *)digest, on_answer, &f, &err);
    if (rc == HAN_OK) rc = f.status;
    int pushed = LUA_OK;
    lua_pushcfunction(L, push_answer);
    lua_pushlightuserdata(L, &f);
    if (rc == HAN_OK) pushed = lua_pcall(L, 1, 1, 0);
    for (size_t i = 0; i < 4; i++) han__buf_release(&f.bytes[i]);
    if (pushed != LUA_OK) return lua_error(L);
    if (rc == HAN_OK) return 1;
    han__error_set(&err, rc, "no memory for an answer");
    return han__fail(L, &err);
}
