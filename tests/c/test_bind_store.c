/* han.db: a record goes in whole and comes out as it was; what cannot be stored is named, and no
 * failed allocation leaks or raises. */
#include "base/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "script/bind_json.h"
#include "script/bind_store.h"
#include "script/state.h"

typedef struct world {
    han__mem mem;
    han__host host;
    han__state state;
    lua_State *L;
    char folder[256];
} world;

static const char *const prelude =
    "digest = ('ab'):rep(32) "
    "function record(cell) return { cell = cell, task = 't', group = 'g', arm = 'a', strategy = "
    "'s', seed = 7, "
    "  replicate = 1, split = 'dev', adapter = 'toy', status = 'done', infra = false, over = true, "
    "  score = {pass = true, correct = 1, raw = {passed = 3}}, verdict = {pass = false, correct = "
    "0.5}, kept = 2, "
    "  output = 'final text', spend = {tokens = 5, evals = 6, cubes = 7}, budget = {evals = 10}, "
    "  timing = {wall_ms = 12, cpu_ms = 1.5}, digests = {program = digest}, trust = 'split', "
    "sandbox = 'none', "
    "  meta = {difficulty = 2, source = 'x'}, nodes = {{id = 'root', depth = 0}}, decisions = {}, "
    "  attempts = { {node = 'root/1', ordinal = 1, from = digest, steer = {{text = 'look'}}, spans "
    "= {{kind = 'edit'}}, "
    "      output = 'first', verdict = {pass = false}, spend = {evals = 3}, status = 'done'}, "
    "    {node = 'root/2', output = '', infra = true, status = 'down', reason = 'host'} } } end "
    "function open() local h = assert(db.open { path = path }) "
    "  assert(h:put_bench { id = 'r1', kind = 'bench', seed = 7, config = {n = 2}, arms = {'a'}, "
    "started_ms = 5, "
    "    digest = digest, source = 'han bench toy' }) return h end "
    "function no(want, part, got, why, code) "
    "  assert(got == nil and code == want and why:find(part, 1, true), tostring(code) .. ': ' .. "
    "tostring(why)) end ";

static int setup(void **state)
{
    static world w;
    memset(&w, 0, sizeof w);
    han__mem_init(&w.mem, NULL, NULL);
    w.host.mem = &w.mem;
    w.state.host = &w.host;
    w.L = w.state.L = luaL_newstate();
    *(han__state **)lua_getextraspace(w.L) = &w.state;
    luaL_openlibs(w.L);
    luaL_requiref(w.L, "han.db", han__open_db, 0);
    lua_setglobal(w.L, "db");
    luaL_requiref(w.L, "han.json", han__open_json, 0);
    lua_setglobal(w.L, "json");
    snprintf(w.folder, sizeof w.folder, "%s/db-XXXXXX", HAN_TEST_BINARY_DIR);
    if (!mkdtemp(w.folder)) return -1;
    lua_pushfstring(w.L, "%s/han.db", w.folder);
    lua_setglobal(w.L, "path");
    *state = &w;
    return luaL_dostring(w.L, prelude) ? -1 : 0;
}

static int teardown(void **state)
{
    world *w = *state;
    int rc = luaL_dostring(
        w->L, "for _, suffix in ipairs { '', '-wal', '-shm' } do os.remove(path .. suffix) end");
    lua_close(w->L);
    rmdir(w->folder);
    return rc == LUA_OK && w->mem.live == 0 ? 0 : -1;
}

/* Runs a chunk that asserts. */
static void run(world *w, const char *chunk)
{
    if (luaL_dostring(w->L, chunk) != LUA_OK) fail_msg("%s", lua_tostring(w->L, -1));
    lua_settop(w->L, 0);
}

static void a_record_comes_back_whole(void **state)
{
    run(*state,
        "local h = open() assert(h:put_cell('r1', record 'c1')) assert(h:end_bench('r1', 9, "
        "'result')) assert(h:flush()) "
        "assert(h:stats().committed == 3 and h:stats().failed == 0) "
        "local rows, columns = assert(h:query('SELECT cell, seed, replicate, infra, over, "
        "score_pass, score_correct, "
        "  verdict_pass, verdict_correct, kept, spend_tokens, spend_nano_usd, spend_evals, "
        "spend_named, budget_evals, "
        "  budget_tokens, wall_ms, cpu_ms, hex(program) AS program, difficulty, meta, output, "
        "nodes FROM cell')) "
        "assert(#rows == 1 and #columns == 23 and columns[1] == 'cell') local c = rows[1] "
        "assert(c.cell == 'c1' and c.seed == 7 and c.replicate == 1 and c.infra == 0 and c.over == "
        "1) "
        "assert(c.score_pass == 1 and c.score_correct == 1.0 and c.verdict_pass == 0 and "
        "c.verdict_correct == 0.5) "
        "assert(c.kept == 2 and c.spend_tokens == 5 and c.spend_nano_usd == nil and c.spend_evals "
        "== 6) "
        "assert(c.spend_named == '{\"cubes\":7}' and c.budget_evals == 10 and c.budget_tokens == "
        "nil) "
        "assert(c.wall_ms == 12 and c.cpu_ms == 1.5 and c.program:lower() == digest and "
        "c.difficulty == 2) "
        "assert(c.meta == '{\"difficulty\":2,\"source\":\"x\"}' and h:content(c.output) == 'final "
        "text') "
        "assert(h:value(c.nodes)[1].id == 'root') "
        "rows = assert(h:query('SELECT * FROM attempt ORDER BY ordinal')) assert(#rows == 2) "
        "assert(h:value(rows[1].steer)[1].text == 'look' and h:value(rows[1].spans)[1].kind == "
        "'edit') "
        "assert(h:content(rows[1].output) == 'first' and rows[1].spend_evals == 3 and "
        "#rows[1].from_ == 32) "
        "assert(rows[2].ordinal == 2 and h:content(rows[2].output) == '' and rows[2].infra == 1 "
        "and rows[2].steer == nil) "
        "rows = assert(h:query('SELECT ended_ms, result, source FROM bench')) "
        "assert(rows[1].ended_ms == 9 and h:content(rows[1].result) == 'result' and rows[1].source "
        "== 'han bench toy') "
        "assert(h:close() and not pcall(h.flush, h) and h:close())");
}

static void wrong_records_are_named(void **state)
{
    run(*state, "local h = open() local function bad(field, value, part) local r = record 'c' "
                "r[field] = value "
                "  no('INVALID', part, h:put_cell('r1', r)) end "
                "bad('cell', nil, 'cell') bad('seed', 'x', \"the field 'seed' of a record must be "
                "an integer, it is string\") "
                "bad('infra', 1, \"'infra' of a record must be true or false\") bad('spend', 7, "
                "\"'spend' of a record must be a table\") "
                "bad('score', {correct = 'x'}, \"'correct' of a record must be a number\") "
                "bad('nodes', {print}, 'a function') "
                "bad('attempts', {1}, \"'attempts' of a record must be a list of tables\") "
                "bad('digests', {program = 'zz'}, 'digest') "
                "bad('score', {correct = 0/0}, 'score') bad('meta', {x = print}, 'function') "
                "no('INVALID', 'id', h:put_bench { kind = 'bench', seed = 1, started_ms = 1 }) "
                "assert(h:flush() and h:query('SELECT * FROM cell')[1] == nil) h:close()");
}

static void a_row_that_breaks_a_rule_is_told_at_the_flush(void **state)
{
    run(*state, "local h = open() assert(h:put_cell('r1', record 'c1')) assert(h:flush()) "
                "assert(h:put_cell('r1', record 'c1')) no('INVALID', 'c', h:flush()) "
                "no('INVALID', 'c', h:put_cell('r1', record 'c2')) h:close()");
}

/* A rule, splits and a spend, as tables; `change` sets one field. */
static const char *const ledger =
    "function rule() return { id = 'e1', adapter = 'toy', line = 'main', primary = 'correct', arms "
    "= {'a', 'b'}, family = 1, control = 'spend', alpha = 0.05, n = 2, holdout = 'gate', rule = "
    "'{}', digest = digest, registered_ms = 1 } end "
    "function splits() return { adapter = 'toy', split = 'gate', groups = {'g1', 'g2'}, "
    "assigned_ms = 2 } end "
    "function spend() return { line = 'main', adapter = 'toy', slice = 's1', split = 'gate', "
    "groups "
    "= {'g1', 'g2'}, digest = digest, experiment = 'e1', bench = 'r1', kind = 'bench', spent_ms = "
    "3 } end "
    "function with(row, name, value) row[name] = value return row end ";

static void the_ledger_is_written_and_kept(void **state)
{
    run(*state, ledger);
    run(*state,
        "local h = open() assert(h:put_experiment(rule())) assert(h:put_splits(splits())) "
        "assert(h:put_spend(spend())) assert(h:flush()) "
        "local row = h:query('SELECT e.arms, e.alpha, s.size, s.slice, g.grp FROM experiment e "
        "JOIN holdout_spend s ON s.experiment = e.id JOIN holdout_group g ON g.spend_id = s.id "
        "ORDER BY g.grp')[2] "
        "assert(row.arms == '[\"a\",\"b\"]' and row.alpha == 0.05 and row.size == 2 and row.grp == "
        "'g2') "
        "assert(h:put_spend(spend())) no('INVALID', 'holdout_spend.slice', h:flush()) h:close()");
    run(*state, "local h = assert(db.open { path = path }) "
                "assert(h:put_splits(with(splits(), 'split', 'dev'))) "
                "no('INVALID', 'a_group_is_in_one_split', h:flush()) h:close()");
    run(*state, "local h = assert(db.open { path = path }) "
                "no('INVALID', 'groups', h:put_spend(with(spend(), 'groups', nil))) "
                "no('INVALID', 'groups', h:put_spend(with(spend(), 'groups', {}))) "
                "no('INVALID', 'groups', h:put_splits(with(splits(), 'groups', {1}))) "
                "no('INVALID', 'digest', h:put_spend(with(spend(), 'digest', nil))) "
                "no('INVALID', 'family', h:put_experiment(with(rule(), 'family', 'x'))) "
                "no('INVALID', 'primary_', h:put_experiment(with(rule(), 'primary', nil))) "
                "assert(h:flush()) h:close()");
}

static void queries_take_parameters_and_limits(void **state)
{
    run(*state, "local h = open() assert(h:flush()) "
                "local rows = assert(h:query('SELECT ?1 AS a, ?2 AS b, ?3 AS c, ?4 AS d, ?5 AS e', "
                "{1, 2.5, 'x', json.null, true})) "
                "assert(rows[1].a == 1 and rows[1].b == 2.5 and rows[1].c == 'x' and rows[1].d == "
                "nil and rows[1].e == 1) "
                "no('SYNTAX', 'syntax error', h:query 'SELEC 1') no('INVALID', '', h:query 'DELETE "
                "FROM cell') "
                "no('INVALID', '', h:query('SELECT ?1', {})) "
                "no('LIMIT', '', h:query('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                "FROM n) SELECT i FROM n', {}, {max_rows = 10})) "
                "no('LIMIT', '', h:query('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                "FROM n) SELECT count(*) FROM n', {}, {timeout = 0.05})) "
                "no('UNKNOWN', '', h:content(digest)) assert(not pcall(h.content, h, 'short')) "
                "assert(not pcall(h.query, h, 'SELECT ?1', {{}})) assert(not pcall(h.content, h, "
                "('zz'):rep(32))) h:close()");
}

static void a_store_that_cannot_be_opened_says_why(void **state)
{
    run(*state, "no('UNKNOWN', '', db.open { path = path, readonly = true }) "
                "no('IO', '', db.open { path = '/none/han.db' }) local f = io.open(path, 'w') "
                "f:write(('x'):rep(5000)) f:close() "
                "no('CORRUPT', 'han.db', db.open { path = path }) "
                "f = io.open(path) assert(f:read('a') == ('x'):rep(5000)) f:close()");
}

static void a_store_that_was_forgotten_is_written(void **state)
{
    run(*state, "local h = open() assert(h:put_cell('r1', record 'c1')) h = nil collectgarbage() "
                "collectgarbage() "
                "h = assert(db.open { path = path, readonly = true }) "
                "assert(#h:query 'SELECT * FROM attempt' == 2) no('MISUSE', '', h:put_cell('r1', "
                "record 'c2')) h:close()");
}

static void every_failed_allocation_is_reported(void **state)
{
    world *w = *state;
    run(w, "handle = open() assert(handle:flush()) rec = record 'c1'");
    uint64_t failures = 0;
    for (bool done = false; !done; failures++) {
        lua_settop(w->L, 0);
        w->mem.fail_at = w->mem.calls + 1 + failures;
        w->mem.fail_once = true;
        int rc = luaL_dostring(w->L, "local ok, why, code = handle:put_cell('r1', rec) "
                                     "assert(ok or code == 'NOMEM', tostring(why)) return ok");
        w->mem.fail_at = 0;
        if (rc != LUA_OK) fail_msg("%s", lua_tostring(w->L, -1));
        done = lua_toboolean(w->L, -1);
    }
    assert_true(failures > 10);
    run(w, ledger);
    run(w, "rec = splits()");
    for (bool done = (failures = 0) != 0; !done; failures++) {
        lua_settop(w->L, 0);
        w->mem.fail_at = w->mem.calls + 1 + failures;
        w->mem.fail_once = true;
        int rc =
            luaL_dostring(w->L, "local ok, why, code = handle:put_splits(rec) assert(ok or code "
                                "== 'NOMEM', tostring(why)) return ok");
        w->mem.fail_at = 0;
        if (rc != LUA_OK) fail_msg("%s", lua_tostring(w->L, -1));
        done = lua_toboolean(w->L, -1);
    }
    run(w, "assert(handle:flush() and #handle:query 'SELECT * FROM cell' == 1) handle:close()");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_record_comes_back_whole),
        TEST(wrong_records_are_named),
        TEST(a_row_that_breaks_a_rule_is_told_at_the_flush),
        TEST(the_ledger_is_written_and_kept),
        TEST(queries_take_parameters_and_limits),
        TEST(a_store_that_cannot_be_opened_says_why),
        TEST(a_store_that_was_forgotten_is_written),
        TEST(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
