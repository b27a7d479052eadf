/* Owns the way from a record (a Lua table) to the rows of the corpus. Reading may raise, so it runs
 * in one protected call; encoded values lie in pieces that are freed whatever happens. */
#include "base/config.h"

#include <lauxlib.h>

#include "script/bind_json.h"
#include "script/bind_store.h"
#include "value/value.h"

/* Bytes made for a row: an encoded value or a JSON text. */
typedef struct piece {
    struct piece *next;
    han__buf buf;
} piece;

typedef struct filler {
    han__mem *mem;
    han__batch *batch;
    const char *run;
    han_error *err;
    piece *pieces;
    han__attempt_row *attempts;
    size_t attempt_count;
    int status;
} filler;

/* ---- one field of the table on top of the stack ---- */

static int field(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    return lua_rawget(L, -2);
}

static void wrong(lua_State *L, const char *name, const char *want)
{
    luaL_error(L, "the field '%s' of a record must be %s, it is %s", name, want,
               luaL_typename(L, -1));
}

/* The string stays in its table, so its bytes outlive the pop. */
static han__bytes text_field(lua_State *L, const char *name)
{
    han__bytes out = {0};
    int type = field(L, name);
    if (type == LUA_TSTRING)
        out.data = lua_tolstring(L, -1, &out.len);
    else if (type != LUA_TNIL)
        wrong(L, name, "a string");
    lua_pop(L, 1);
    return out;
}

static han__opt_int int_field(lua_State *L, const char *name)
{
    han__opt_int out = {0};
    int type = field(L, name), whole = 0;
    out.value = lua_tointegerx(L, -1, &whole);
    if (type != LUA_TNIL && (type != LUA_TNUMBER || !whole)) wrong(L, name, "an integer");
    out.known = type != LUA_TNIL;
    lua_pop(L, 1);
    return out;
}

static han__opt_real real_field(lua_State *L, const char *name)
{
    han__opt_real out = {0};
    int type = field(L, name);
    if (type != LUA_TNIL && type != LUA_TNUMBER) wrong(L, name, "a number");
    out.known = type != LUA_TNIL;
    if (out.known) out.value = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return out;
}

static bool flag_field(lua_State *L, const char *name)
{
    int type = field(L, name);
    bool set = lua_toboolean(L, -1);
    if (type != LUA_TNIL && type != LUA_TBOOLEAN) wrong(L, name, "true or false");
    lua_pop(L, 1);
    return set;
}

/* Pushes the table of that name, or pushes nothing and is false. */
static bool open_field(lua_State *L, const char *name)
{
    int type = field(L, name);
    if (type == LUA_TTABLE) return true;
    if (type != LUA_TNIL) wrong(L, name, "a table");
    lua_pop(L, 1);
    return false;
}

/* ---- values that are encoded ---- */

static int fail(lua_State *L, filler *f, int status)
{
    f->status = status;
    return luaL_error(L, "see err");
}

static int no_memory(lua_State *L, filler *f)
{
    return fail(L, f, han__error_set(f->err, HAN_NOMEM, "out of memory for a record"));
}

static piece *new_piece(lua_State *L, filler *f)
{
    piece *p = han__mem_zalloc(f->mem, 1, sizeof *p);
    if (!p) no_memory(L, f);
    han__buf_init(&p->buf, f->mem, HAN__FRAME_BYTES_MAX);
    p->next = f->pieces;
    f->pieces = p;
    return p;
}

static han__bytes bytes_of(const piece *p)
{
    return (han__bytes){.data = p->buf.data ? (const void *)p->buf.data : "", .len = p->buf.len};
}

/* The value on top, encoded. */
static han__bytes encode_top(lua_State *L, filler *f, const char *name)
{
    piece *p = new_piece(L, f);
    int rc = han__value_encode(L, -1, name, &p->buf, f->err);
    if (rc != HAN_OK) fail(L, f, rc);
    return bytes_of(p);
}

static han__bytes value_field(lua_State *L, filler *f, const char *name)
{
    han__bytes out = {0};
    if (field(L, name) != LUA_TNIL) out = encode_top(L, f, name);
    lua_pop(L, 1);
    return out;
}

/* A list of the record: a table, or the encoding of one (han.pack), which is taken as it is. */
static han__bytes list_field(lua_State *L, filler *f, const char *name)
{
    han__bytes out = {0};
    int type = field(L, name);
    if (type == LUA_TSTRING)
        out.data = lua_tolstring(L, -1, &out.len); /* the record keeps it alive */
    else if (type != LUA_TNIL)
        out = encode_top(L, f, name);
    lua_pop(L, 1);
    return out;
}

static han__bytes json_top(lua_State *L, filler *f)
{
    piece *p = new_piece(L, f);
    int rc = han__json_encode(L, -1, &p->buf, f->err);
    if (rc != HAN_OK) fail(L, f, rc);
    return bytes_of(p);
}

static han__bytes json_field(lua_State *L, filler *f, const char *name)
{
    han__bytes out = {0};
    if (field(L, name) != LUA_TNIL) out = json_top(L, f);
    lua_pop(L, 1);
    return out;
}

/* ---- groups of fields ---- */

static bool is_fixed(const char *name)
{
    static const char *const fixed[] = {"tokens", "nano_usd", "shots", "turns", "evals"};
    for (size_t i = 0; i < HAN__COUNT(fixed); i++)
        if (strcmp(name, fixed[i]) == 0) return true;
    return false;
}

/* The named resources of the amount on top, as a JSON object; absent when there are none. */
static han__bytes named_amounts(lua_State *L, filler *f)
{
    han__bytes out = {0};
    bool any = false;
    int amount = lua_gettop(L);
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, amount)) {
        bool named = lua_type(L, -2) == LUA_TSTRING && !is_fixed(lua_tostring(L, -2));
        any |= named;
        if (named) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, amount + 1);
        } else {
            lua_pop(L, 1);
        }
    }
    if (any) out = json_top(L, f);
    lua_pop(L, 1);
    return out;
}

static han__amounts amounts_field(lua_State *L, filler *f, const char *name)
{
    han__amounts out = {0};
    if (!open_field(L, name)) return out;
    out.tokens = int_field(L, "tokens");
    out.nano_usd = int_field(L, "nano_usd");
    out.shots = int_field(L, "shots");
    out.turns = int_field(L, "turns");
    out.evals = int_field(L, "evals");
    out.named = named_amounts(L, f);
    lua_pop(L, 1);
    return out;
}

static han__measure measure_field(lua_State *L, filler *f, const char *name)
{
    han__measure out = {0};
    if (!open_field(L, name)) return out;
    out.pass.value = flag_field(L, "pass");
    out.pass.known = true;
    out.correct = real_field(L, "correct");
    out.fast = real_field(L, "fast");
    out.secure = real_field(L, "secure");
    out.cheap = real_field(L, "cheap");
    out.value = encode_top(L, f, name);
    lua_pop(L, 1);
    return out;
}

static void timing_fields(lua_State *L, han__opt_real *wall, han__opt_real *cpu)
{
    if (!open_field(L, "timing")) return;
    *wall = real_field(L, "wall_ms");
    *cpu = real_field(L, "cpu_ms");
    lua_pop(L, 1);
}

/* ---- attempts ---- */

static void fill_attempt(lua_State *L, filler *f, han__attempt_row *row, int64_t position)
{
    han__opt_int ordinal = int_field(L, "ordinal");
    row->ordinal = ordinal.known ? ordinal.value : position;
    row->node = text_field(L, "node");
    row->from = text_field(L, "from");
    row->steer = value_field(L, f, "steer");
    row->spans = list_field(L, f, "spans");
    row->output = text_field(L, "output");
    row->status = text_field(L, "status");
    row->reason = text_field(L, "reason");
    row->infra = flag_field(L, "infra");
    row->over = flag_field(L, "over");
    row->verdict = measure_field(L, f, "verdict");
    row->spend = amounts_field(L, f, "spend");
    timing_fields(L, &row->wall_ms, &row->cpu_ms);
}

static void fill_attempts(lua_State *L, filler *f)
{
    if (!open_field(L, "attempts")) return;
    size_t n = (size_t)lua_rawlen(L, -1);
    if (n > HAN__CORPUS_ATTEMPTS_MAX) luaL_error(L, "a record has too many attempts");
    f->attempts = han__mem_zalloc(f->mem, n + 1, sizeof *f->attempts);
    if (!f->attempts) no_memory(L, f);
    f->attempt_count = n;
    for (size_t i = 0; i < n; i++) {
        if (lua_rawgeti(L, -1, (lua_Integer)i + 1) != LUA_TTABLE)
            wrong(L, "attempts", "a list of tables");
        fill_attempt(L, f, &f->attempts[i], (int64_t)i + 1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* ---- the cell ---- */

static void fill_digests(lua_State *L, han__cell_row *row)
{
    if (!open_field(L, "digests")) return;
    row->program = text_field(L, "program");
    row->profile = text_field(L, "profile");
    row->checks = text_field(L, "checks");
    row->engine = text_field(L, "engine");
    lua_pop(L, 1);
}

static void fill_names(lua_State *L, han__cell_row *row)
{
    row->cell = text_field(L, "cell");
    row->adapter = text_field(L, "adapter");
    row->task = text_field(L, "task");
    row->group = text_field(L, "group");
    row->arm = text_field(L, "arm");
    row->strategy = text_field(L, "strategy");
    row->split = text_field(L, "split");
    row->status = text_field(L, "status");
    row->reason = text_field(L, "reason");
    row->where = text_field(L, "where");
    row->trust = text_field(L, "trust");
    row->sandbox = text_field(L, "sandbox");
    row->output = text_field(L, "output");
    row->source = text_field(L, "source");
    row->imported = text_field(L, "imported");
}

static void fill_rest(lua_State *L, filler *f, han__cell_row *row)
{
    row->try_number = int_field(L, "try").value;
    row->seed = int_field(L, "seed").value;
    row->replicate = int_field(L, "replicate").value;
    row->infra = flag_field(L, "infra");
    row->over = flag_field(L, "over");
    row->score = measure_field(L, f, "score");
    row->verdict = measure_field(L, f, "verdict");
    row->kept = int_field(L, "kept");
    row->spend = amounts_field(L, f, "spend");
    row->budget = amounts_field(L, f, "budget");
    row->meta = json_field(L, f, "meta");
    row->nodes = list_field(L, f, "nodes");
    row->decisions = list_field(L, f, "decisions");
    timing_fields(L, &row->wall_ms, &row->cpu_ms);
    fill_digests(L, row);
    if (!open_field(L, "meta")) return;
    row->difficulty = real_field(L, "difficulty");
    lua_pop(L, 1);
}

static int fill_cell(lua_State *L)
{
    filler *f = lua_touserdata(L, 1);
    han__cell_row row = {.bench_id = {.data = f->run, .len = strlen(f->run)}};
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checkstack(L, 16, "record");
    lua_settop(L, 2);
    fill_names(L, &row);
    fill_rest(L, f, &row);
    fill_attempts(L, f);
    row.attempts = f->attempts;
    row.attempt_count = f->attempt_count;
    int rc = han__corpus_add_cell(f->batch, &row, f->err);
    return rc == HAN_OK ? 0 : fail(L, f, rc);
}

static int fill_bench(lua_State *L)
{
    filler *f = lua_touserdata(L, 1);
    han__bench_row row = {0};
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    row.id = text_field(L, "id");
    row.kind = text_field(L, "kind");
    row.adapter = text_field(L, "adapter");
    row.seed = int_field(L, "seed").value;
    row.split = text_field(L, "split");
    row.config = value_field(L, f, "config");
    row.arms = value_field(L, f, "arms");
    row.started_ms = int_field(L, "started_ms").value;
    row.digest = text_field(L, "digest");
    row.source = text_field(L, "source");
    row.experiment = text_field(L, "experiment");
    row.parent = text_field(L, "parent");
    int rc = han__corpus_add_bench(f->batch, &row, f->err);
    return rc == HAN_OK ? 0 : fail(L, f, rc);
}

/* ---- the ledger ---- */

static int fill_experiment(lua_State *L)
{
    filler *f = lua_touserdata(L, 1);
    han__experiment_row row = {0};
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    row.id = text_field(L, "id");
    row.adapter = text_field(L, "adapter");
    row.line = text_field(L, "line");
    row.primary = text_field(L, "primary");
    row.arms = json_field(L, f, "arms");
    row.family = int_field(L, "family").value;
    row.control = text_field(L, "control");
    row.alpha = real_field(L, "alpha");
    row.n = int_field(L, "n").value;
    row.holdout = text_field(L, "holdout");
    row.rule = text_field(L, "rule");
    row.digest = text_field(L, "digest");
    row.registered_ms = int_field(L, "registered_ms").value;
    int rc = han__ledger_add_experiment(f->batch, &row, f->err);
    return rc == HAN_OK ? 0 : fail(L, f, rc);
}

/* The list of names in the field 'groups', as an array that Lua owns and leaves on the stack. */
static han__bytes *group_names(lua_State *L, size_t *count)
{
    if (!open_field(L, "groups")) luaL_error(L, "a record without 'groups' cannot be stored");
    *count = (size_t)lua_rawlen(L, -1);
    if (*count > HAN__LEDGER_GROUPS_MAX) luaL_error(L, "a record has too many groups");
    han__bytes *names = lua_newuserdatauv(L, (*count + 1) * sizeof *names, 0);
    for (size_t i = 0; i < *count; i++) {
        if (lua_rawgeti(L, -2, (lua_Integer)i + 1) != LUA_TSTRING)
            wrong(L, "groups", "a list of strings");
        names[i].data = lua_tolstring(L, -1, &names[i].len);
        lua_pop(L, 1);
    }
    return names;
}

static int fill_splits(lua_State *L)
{
    filler *f = lua_touserdata(L, 1);
    han__split_row row = {0};
    size_t count;
    int rc = HAN_OK;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    row.adapter = text_field(L, "adapter");
    row.split = text_field(L, "split");
    row.assigned_ms = int_field(L, "assigned_ms").value;
    const han__bytes *names = group_names(L, &count);
    for (size_t i = 0; rc == HAN_OK && i < count; i++) {
        row.group = names[i];
        rc = han__ledger_add_split(f->batch, &row, f->err);
    }
    return rc == HAN_OK ? 0 : fail(L, f, rc);
}

static int fill_spend(lua_State *L)
{
    filler *f = lua_touserdata(L, 1);
    han__spend_row row = {0};
    size_t count;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    row.line = text_field(L, "line");
    row.adapter = text_field(L, "adapter");
    row.slice = text_field(L, "slice");
    row.split = text_field(L, "split");
    row.digest = text_field(L, "digest");
    row.experiment = text_field(L, "experiment");
    row.bench_id = text_field(L, "bench");
    row.kind = text_field(L, "kind");
    row.spent_ms = int_field(L, "spent_ms").value;
    const han__bytes *names = group_names(L, &count);
    int rc = han__ledger_add_spend(f->batch, &row, names, count, f->err);
    return rc == HAN_OK ? 0 : fail(L, f, rc);
}

/* ---- what was learnt ---- */

static int fill_learnt(lua_State *L)
{
    filler *f = lua_touserdata(L, 1);
    han__learnt_row row = {0};
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    row.bench_id = text_field(L, "bench");
    row.line = text_field(L, "line");
    row.learner = text_field(L, "learner");
    row.text = text_field(L, "text");
    row.kind = text_field(L, "kind");
    row.round = int_field(L, "round").value;
    row.author = text_field(L, "author");
    row.operator= text_field(L, "operator");
    row.parents = json_field(L, f, "parents");
    row.shape = text_field(L, "shape");
    row.novel = int_field(L, "novel");
    row.status = text_field(L, "status");
    row.reason = text_field(L, "reason");
    row.scores = json_field(L, f, "scores");
    row.created_ms = int_field(L, "created_ms").value;
    int rc = han__learnt_add(f->batch, &row, f->err);
    return rc == HAN_OK ? 0 : fail(L, f, rc);
}

static int fill_champion(lua_State *L)
{
    filler *f = lua_touserdata(L, 1);
    han__champion_row row = {0};
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    row.line = text_field(L, "line");
    row.kind = text_field(L, "kind");
    row.text = text_field(L, "text");
    row.how = text_field(L, "how");
    row.reason = text_field(L, "reason");
    row.bench_id = text_field(L, "bench");
    row.set_ms = int_field(L, "set_ms").value;
    int rc = han__learnt_add_champion(f->batch, &row, f->err);
    return rc == HAN_OK ? 0 : fail(L, f, rc);
}

static int fill_round(lua_State *L)
{
    filler *f = lua_touserdata(L, 1);
    han__round_row row = {0};
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    row.bench_id = text_field(L, "bench");
    row.round = int_field(L, "round").value;
    row.result = text_field(L, "result");
    row.ended_ms = int_field(L, "ended_ms").value;
    int rc = han__learnt_add_round(f->batch, &row, f->err);
    return rc == HAN_OK ? 0 : fail(L, f, rc);
}

static void filler_release(filler *f)
{
    while (f->pieces) {
        piece *p = f->pieces;
        f->pieces = p->next;
        han__buf_release(&p->buf);
        han__mem_free(f->mem, p, sizeof *p);
    }
    if (f->attempts)
        han__mem_free(f->mem, f->attempts, (f->attempt_count + 1) * sizeof *f->attempts);
}

static int run_filler(lua_State *L, int idx, lua_CFunction fill, filler *f)
{
    idx = lua_absindex(L, idx);
    if (!lua_checkstack(L, 8))
        return han__error_set(f->err, HAN_NOMEM, "out of memory for a record");
    lua_pushcfunction(L, fill);
    lua_pushlightuserdata(L, f);
    lua_pushvalue(L, idx);
    int rc = HAN_OK, status = lua_pcall(L, 2, 0, 0);
    if (status != LUA_OK) {
        bool memory = status == LUA_ERRMEM;
        const char *text = lua_tostring(L, -1);
        rc = f->status ? f->status : memory ? HAN_NOMEM : HAN_INVALID;
        if (f->status == 0)
            han__error_set(f->err, rc, "%s", text ? text : "a record cannot be read");
        lua_pop(L, 1);
    }
    filler_release(f);
    return rc;
}

int han__db_add_cell(lua_State *L, int idx, const char *run, han__mem *mem, han__batch *batch,
                     han_error *err)
{
    filler f = {.mem = mem, .batch = batch, .run = run, .err = err};
    return run_filler(L, idx, fill_cell, &f);
}

int han__db_add_bench(lua_State *L, int idx, han__mem *mem, han__batch *batch, han_error *err)
{
    filler f = {.mem = mem, .batch = batch, .err = err};
    return run_filler(L, idx, fill_bench, &f);
}

int han__db_add_ledger(lua_State *L, int idx, int kind, han__mem *mem, han__batch *batch,
                       han_error *err)
{
    static const lua_CFunction fill[] = {
        [HAN__DB_EXPERIMENT] = fill_experiment, [HAN__DB_SPLITS] = fill_splits,
        [HAN__DB_SPEND] = fill_spend,           [HAN__DB_LEARNT] = fill_learnt,
        [HAN__DB_CHAMPION] = fill_champion,     [HAN__DB_ROUND] = fill_round};
    filler f = {.mem = mem, .batch = batch, .err = err};
    return run_filler(L, idx, fill[kind], &f);
}
