/* Journaled runs: what is written, a kill at every row, and programs that are not the same. */
#include "base/config.h"
#include "scribe_world.h"

#include <sys/wait.h>

/* Runs `source` as the run `id`; the status of the scribe's opening. */
static int carry_out(world *w, const char *source, const char *id, bool resume)
{
    han__run_options options = {.source = source,
                                .source_len = strlen(source),
                                .name = "t.lua",
                                .services = LUA_NOREF,
                                .ceiling = {{[HAN__EVALS] = 100}},
                                .undeclared = (uint8_t) ~(1u << HAN__EVALS),
                                .wall_ns = w->late_at ? WALL_NS : 0,
                                .seed = 5};
    han__scribe_options journal = {.store = w->store.store,
                                   .bench = id,
                                   .cell = "c",
                                   .resume = resume,
                                   .begin = "\1",
                                   .begin_len = 1};
    han__error_clear(&w->err);
    w->rows = 0;
    han__buf_reset(&w->stream);
    if (!resume) assert_int_equal(put_bench(&w->store, id, NULL), HAN_OK);
    assert_int_equal(han__run_open(&w->host, &options, &w->run, &w->err), HAN_OK);
    int rc = han__scribe_open(w->run, &journal, &w->err);
    if (rc != HAN_OK) return rc;
    w->hook = (han__hook){NULL, on_hook, w};
    han__hooks_add(han__tree_hooks(w->run->tree), &w->hook);
    han__host_drive(&w->host, going, w->run);
    return HAN_OK;
}

/* A process of its own that is killed at row k; false: it has ended before. */
static bool killed_at(world *w, uint64_t k, bool flush, bool resume)
{
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        open_process(w);
        w->kill_at = k;
        w->flush = flush;
        carry_out(w, program, "r", resume);
        _exit(han__scribe_failure(w->run->scribe) ? 1 : 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_in_range(WEXITSTATUS(status), w->late_at ? 2 : 9, 9);
    return WEXITSTATUS(status) == 9;
}

/* The whole journal of a run as text. */
static int add_row(void *ud, const han__journal_row *row)
{
    const han__bytes fields[] = {row->kind, row->node,  row->code,
                                 row->text, row->place, row->amount};
    for (size_t i = 0; i < HAN__COUNT(fields); i++)
        if (han__buf_printf(ud, "%.*s|", (int)fields[i].len,
                            fields[i].data ? (const char *)fields[i].data : "-"))
            return HAN_NOMEM;
    return han__buf_printf(ud, "%lld|%lld|%zu\n", (long long)row->clock,
                           (long long)row->flags.value, row->value.len);
}

static void read_journal(world *w, const char *id, han__buf *out)
{
    int64_t n = 0;
    assert_int_equal(han__journal_find(w->store.store, id, "c", &n, &w->err), HAN_OK);
    assert_int_equal(han__journal_read(w->store.store, n, 0, add_row, out, &w->err), HAN_OK);
}

typedef struct reference {
    char result[400], journal[64000];
    uint64_t rows;
} reference;

static void keep(const world *w, const han__buf *journal, reference *r)
{
    assert_int_equal(han__tree_root(w->run->tree)->outcome, w->late_at ? HAN__DOWN : HAN__DONE);
    assert_true(w->run->result.len < sizeof r->result && journal->len < sizeof r->journal);
    memset(r, 0, sizeof *r);
    if (w->run->result.len) memcpy(r->result, w->run->result.data, w->run->result.len);
    memcpy(r->journal, journal->data, journal->len);
    r->rows = w->rows;
}

static reference last_life;

/* The run goes to its end and has the journal and the result of `wanted`, if that has any. */
static void ends_like(world *w, const reference *wanted, bool resume)
{
    reference *got = &last_life;
    han__buf journal;
    open_process(w);
    assert_int_equal(carry_out(w, program, "r", resume), HAN_OK);
    han__buf_init(&journal, &w->store.mem, 1u << 20);
    read_journal(w, "r", &journal);
    keep(w, &journal, got);
    han__buf_release(&journal);
    if (wanted->rows) {
        assert_string_equal(got->journal, wanted->journal);
        assert_memory_equal(got->result, wanted->result, sizeof got->result);
        assert_int_equal(got->rows, wanted->rows);
    }
    close_process(w);
}

/* A resumed run is cut by its wall limit: what was journaled stands, and a further life, which
 * meets the cut itself, has the same journal. How far the first one came before it was cut depends
 * on when the disk had its rows. */
static void ends_cut(world *w)
{
    static reference had, cut;
    han__buf journal;
    open_process(w);
    han__buf_init(&journal, &w->store.mem, 1u << 20);
    read_journal(w, "r", &journal);
    memset(&had, 0, sizeof had);
    assert_true(journal.len < sizeof had.journal);
    memcpy(had.journal, journal.data, journal.len);
    han__buf_release(&journal);
    close_process(w);
    memset(&cut, 0, sizeof cut);
    ends_like(w, &cut, true);
    cut = last_life;
    assert_memory_equal(cut.journal, had.journal, strlen(had.journal));
    assert_non_null(strstr(cut.journal, "woken|root|LIMIT|limit:wall: its time is up"));
    assert_non_null(strstr(cut.journal, "ended|root|LIMIT|"));
    ends_like(w, &cut, true);
}

static void make_reference(world *w, reference *r)
{
    han__buf journal;
    fixture_open(&w->store);
    open_process(w);
    assert_int_equal(carry_out(w, program, "r", false), HAN_OK);
    han__buf_init(&journal, &w->store.mem, 1u << 20);
    read_journal(w, "r", &journal);
    keep(w, &journal, r);
    if (!w->late_at) {
        assert_int_equal(number(&w->store, "SELECT count(*) FROM journal WHERE flags = 8"), 1);
        assert_non_null(strstr(r->result, " down 9 9nil KEY_CONFLICT"));
    }
    han__buf_release(&journal);
    close_process(w);
    fixture_close(&w->store);
}

TEST(hooks_and_journal_are_equal)
{
    static world w;
    han__buf journal;
    memset(&w, 0, sizeof w);
    fixture_open(&w.store);
    open_process(&w);
    assert_int_equal(carry_out(&w, program, "r", false), HAN_OK);
    han__buf_init(&journal, &w.store.mem, 1u << 20);
    read_journal(&w, "r", &journal);
    const char *at = (const char *)journal.data;
    at = strchr(at, '\n') + 1; /* `begin` is nobody's doing, no hook sees it */
    han__buf lines;
    han__buf_init(&lines, &w.store.mem, 1u << 20);
    for (const char *end;
         (end = memchr(at, '\n', (size_t)((const char *)journal.data + journal.len - at)));
         at = end + 1) {
        const char *bar = strchr(at, '|'), *second = strchr(bar + 1, '|');
        assert_int_equal(han__buf_printf(&lines, "%.*s %.*s\n", (int)(bar - at), at,
                                         (int)(second - bar - 1), bar + 1),
                         HAN_OK);
    }
    assert_int_equal(lines.len, w.stream.len);
    assert_memory_equal(lines.data, w.stream.data, lines.len);
    static const char *const told[] = {"spawned",  "refused",   "chosen",   "woken",
                                       "sent",     "asked",     "answered", "cancelled",
                                       "finished", "delivered", "ended"};
    for (size_t i = 0; i < HAN__COUNT(told); i++)
        assert_non_null(strstr(han__buf_cstr(&w.stream), told[i]));
    han__buf_release(&lines);
    han__buf_release(&journal);
    close_process(&w);
    fixture_close(&w.store);
}

TEST(a_journal_changes_nothing_of_the_run)
{
    static world w;
    static reference wanted;
    memset(&w, 0, sizeof w);
    make_reference(&w, &wanted);
    fixture_open(&w.store);
    open_process(&w);
    han__run_options options = {.source = program,
                                .source_len = strlen(program),
                                .name = "t.lua",
                                .services = LUA_NOREF,
                                .ceiling = {{[HAN__EVALS] = 100}},
                                .undeclared = (uint8_t) ~(1u << HAN__EVALS),
                                .seed = 5};
    assert_int_equal(han__run_open(&w.host, &options, &w.run, &w.err), HAN_OK);
    han__host_drive(&w.host, going, w.run);
    assert_memory_equal(w.run->result.data, wanted.result, w.run->result.len);
    close_process(&w);
    fixture_close(&w.store);
}

TEST(killed_at_every_row)
{
    static world w;
    static reference wanted;
    memset(&w, 0, sizeof w);
    make_reference(&w, &wanted);
    assert_true(wanted.rows > 40);
    for (uint64_t k = 1; k <= wanted.rows; k++) {
        fixture_open(&w.store);
        killed_at(&w, k, true, false);
        if (k % 4 == 0) killed_at(&w, k < wanted.rows ? k + 1 : k, true, true); /* twice */
        ends_like(&w, &wanted, true);
        fixture_close(&w.store);
    }
}

/* Its time is up in the middle: wherever it is killed, it is cut when it is resumed, and replaying
 * uses nothing of the limit. */
TEST(cut_by_its_wall_limit_and_killed_at_every_row)
{
    static world w;
    static reference wanted;
    for (uint64_t late = 1; late < 60; late += getenv("HAN_FULL") ? 7 : 29) {
        memset(&w, 0, sizeof w);
        w.late_at = late;
        make_reference(&w, &wanted);
        assert_non_null(strstr(wanted.journal, "woken|root|LIMIT|limit:wall: its time is up"));
        for (uint64_t k = 1; k < wanted.rows; k++) {
            fixture_open(&w.store);
            if (killed_at(&w, k, true, false)) {
                if (k % 4 == 0) killed_at(&w, k + 1, true, true);
                ends_cut(&w);
            } else /* it was cut a row or two earlier than the reference */
                assert_true(k + 5 > wanted.rows);
            fixture_close(&w.store);
        }
    }
}

/* An interrupt leaves the run as it is; so does a life that is too slow for its own past. */
TEST(left_off_and_gone_on_with)
{
    static world w;
    static reference wanted;
    memset(&w, 0, sizeof w);
    make_reference(&w, &wanted);
    for (uint64_t k = 1; k + 9 < wanted.rows; k += 9) {
        fixture_open(&w.store);
        w.cancel_at = k;
        open_process(&w);
        assert_int_equal(carry_out(&w, program, "r", false), HAN_OK);
        const han_error *failure = han__scribe_failure(w.run->scribe);
        assert_non_null(failure);
        assert_int_equal(failure->code, HAN_CANCELLED);
        end_run(&w);
        assert_int_equal(flush(&w.store), HAN_OK);
        assert_int_equal(number(&w.store, "SELECT count(*) FROM journal WHERE code = 'CANCELLED' "
                                          "AND kind IN ('ended', 'woken')"),
                         0);
        close_process(&w);
        w.cancel_at = 0;
        ends_like(&w, &wanted, true);
        fixture_close(&w.store);
    }
}

TEST(killed_with_rows_under_way)
{
    static world w;
    static reference wanted;
    memset(&w, 0, sizeof w);
    make_reference(&w, &wanted);
    for (uint64_t k = 2; k <= wanted.rows; k += 7) {
        int64_t n = 0;
        fixture_open(&w.store);
        killed_at(&w, k, false, false);
        open_process(&w);
        bool begun = han__journal_find(w.store.store, "r", "c", &n, &w.err) == HAN_OK;
        close_process(&w);
        assert_true(begun);
        ends_like(&w, &wanted, true);
        fixture_close(&w.store);
    }
}

TEST(an_ended_run_is_met_whole)
{
    static world w;
    static reference wanted;
    memset(&w, 0, sizeof w);
    make_reference(&w, &wanted);
    fixture_open(&w.store);
    ends_like(&w, &wanted, false);
    ends_like(&w, &wanted, true);
    fixture_close(&w.store);
}

/* Resumes `before`, killed after its rows up to k, as the program `after`. */
static void expect_divergence(const char *after, const char *expected, const char *got)
{
    static world w;
    int64_t rows = 0, still = 0;
    memset(&w, 0, sizeof w);
    fixture_open(&w.store);
    killed_at(&w, 5, true, false);
    open_process(&w);
    rows = number(&w.store, "SELECT count(*) FROM journal");
    assert_int_equal(carry_out(&w, after, "r", true), HAN_OK);
    const han_error *failure = han__scribe_failure(w.run->scribe);
    assert_non_null(failure);
    assert_int_equal(failure->code, HAN_NONDETERMINISM);
    if (!strstr(failure->message, expected) || !strstr(failure->message, got))
        fail_msg("%s", failure->message);
    end_run(&w);
    still = number(&w.store, "SELECT count(*) FROM journal");
    assert_int_equal(rows, still);
    close_process(&w);
    ends_like(&w, &(reference){.rows = 0}, true); /* the right one still goes on */
    fixture_close(&w.store);
}

TEST(another_program_is_noticed)
{
    expect_divergence("local t, s = ... s:spawn(print, { n = 1 }, { label = 'other' }) s:next()",
                      "spawn at root/1 'm1'", "spawn at root/1 'other'");
    expect_divergence("return 1", "spawn at root/1 'm1'", "the program did return at root");
    expect_divergence("local t, s = ... s:choose('p', {1})", "spawn at root/1",
                      "choose at root 'p'");
    expect_divergence(
        "local t, s = ...\n"
        "s:spawn(print, { n = 8 }, { label = 'm1', budget = { evals = 1 } }) s:next()",
        "row 2", "with another value, spend or time");
}

TEST(nothing_to_resume_and_twice_the_same)
{
    static world w;
    memset(&w, 0, sizeof w);
    fixture_open(&w.store);
    open_process(&w);
    assert_int_equal(carry_out(&w, "return 1", "none", true), HAN_UNKNOWN);
    end_run(&w);
    assert_int_equal(carry_out(&w, "return 1", "r", false), HAN_OK);
    end_run(&w);
    han__run_options options = {
        .source = "return 1", .source_len = 8, .name = "t", .services = LUA_NOREF};
    han__scribe_options journal = {
        .store = w.store.store, .bench = "r", .cell = "c", .begin = "\1", .begin_len = 1};
    assert_int_equal(han__run_open(&w.host, &options, &w.run, &w.err), HAN_OK);
    assert_int_equal(han__scribe_open(w.run, &journal, &w.err), HAN_INVALID);
    close_process(&w);
    fixture_close(&w.store);
}

/* Another process took the run over: this one stops with a word, and nothing is mixed. */
TEST(a_second_process_stops_the_first)
{
    static world w;
    static const char other[] =
        "INSERT INTO journal (id, kind, node, clock) SELECT (number << 32) + 2, 'x', 'root', 0 "
        "FROM journal_run";
    memset(&w, 0, sizeof w);
    fixture_open(&w.store);
    killed_at(&w, 1, false, false);
    raw(w.store.path, "DELETE FROM journal WHERE id & 4294967295 > 1");
    open_process(&w);
    han__run_options options = {.source = program,
                                .source_len = strlen(program),
                                .name = "t.lua",
                                .services = LUA_NOREF,
                                .undeclared = 0xff,
                                .seed = 5};
    int64_t begun = number(&w.store, "SELECT count(*) FROM journal");
    han__scribe_options journal = {.store = w.store.store,
                                   .bench = "r",
                                   .cell = "c",
                                   .resume = true,
                                   .begin = "\1",
                                   .begin_len = 1};
    assert_int_equal(han__run_open(&w.host, &options, &w.run, &w.err), HAN_OK);
    assert_int_equal(han__scribe_open(w.run, &journal, &w.err), HAN_OK);
    raw(w.store.path, "PRAGMA foreign_keys = OFF");
    raw(w.store.path, other);
    han__host_drive(&w.host, going, w.run);
    const han_error *failure = han__scribe_failure(w.run->scribe);
    assert_non_null(failure);
    assert_non_null(strstr(failure->message, "another process goes on with this run"));
    assert_int_equal(number(&w.store, "SELECT count(*) FROM journal"), begun + 1);
    close_process(&w);
    fixture_close(&w.store);
}

/* Wherever memory runs out, the run ends, nothing leaks, and what is stored can be read. */
TEST(allocations_that_fail)
{
    static world w;
    memset(&w, 0, sizeof w);
    for (uint64_t n = 1; n < 600; n += n < 60 ? 1 : 23) {
        han__buf journal;
        int64_t number = 0;
        fixture_open(&w.store);
        open_process(&w);
        assert_int_equal(put_bench(&w.store, "r", NULL), HAN_OK);
        assert_int_equal(flush(&w.store), HAN_OK);
        han__run_options options = {.source = program,
                                    .source_len = strlen(program),
                                    .name = "t.lua",
                                    .services = LUA_NOREF,
                                    .undeclared = 0xff,
                                    .seed = 5};
        han__scribe_options how = {
            .store = w.store.store, .bench = "r", .cell = "c", .begin = "\1", .begin_len = 1};
        assert_int_equal(han__run_open(&w.host, &options, &w.run, &w.err), HAN_OK);
        w.store.mem.fail_at = w.store.mem.calls + n;
        if (han__scribe_open(w.run, &how, &w.err) == HAN_OK) han__host_drive(&w.host, going, w.run);
        w.store.mem.fail_at = 0;
        end_run(&w);
        assert_int_equal(flush(&w.store), HAN_OK);
        han__buf_init(&journal, &w.store.mem, 1u << 20);
        han__error_clear(&w.err);
        if (han__journal_find(w.store.store, "r", "c", &number, &w.err) == HAN_OK)
            assert_int_equal(han__journal_read(w.store.store, number, 0, add_row, &journal, &w.err),
                             HAN_OK);
        han__buf_release(&journal);
        close_process(&w);
        fixture_close(&w.store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hooks_and_journal_are_equal),
        cmocka_unit_test(a_journal_changes_nothing_of_the_run),
        cmocka_unit_test(killed_at_every_row),
        cmocka_unit_test(cut_by_its_wall_limit_and_killed_at_every_row),
        cmocka_unit_test(left_off_and_gone_on_with),
        cmocka_unit_test(killed_with_rows_under_way),
        cmocka_unit_test(an_ended_run_is_met_whole),
        cmocka_unit_test(another_program_is_noticed),
        cmocka_unit_test(nothing_to_resume_and_twice_the_same),
        cmocka_unit_test(a_second_process_stops_the_first),
        cmocka_unit_test(allocations_that_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
