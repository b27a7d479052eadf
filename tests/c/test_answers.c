/* The store of answers, and the bytes in which rows of a journal cross to another process. */
#include "base/config.h"
#include "store/answers.h"

#include "script/journal_wire.h"
#include "store_fixture.h"
#include "tree/bus.h"

typedef struct seen {
    char kind[20], said[20], output[20];
    bool has_trace;
    int times;
} seen;

static void on_answer(void *ud, const han__answer *answer)
{
    seen *s = ud;
    s->times++;
    snprintf(s->kind, sizeof s->kind, "%.*s", (int)answer->kind.len,
             (const char *)answer->kind.data);
    snprintf(s->said, sizeof s->said, "%.*s", (int)answer->said.len,
             (const char *)answer->said.data);
    snprintf(s->output, sizeof s->output, "%.*s", (int)answer->output.len,
             (const char *)answer->output.data);
    s->has_trace = answer->trace.data != NULL;
}

static int put_answer(fixture *f, const uint8_t digest[32], const char *said)
{
    han__batch *batch = NULL;
    const han__answer answer = {.digest = {digest, 32},
                                .kind = text("shot"),
                                .said = text(said),
                                .output = text("the artifact")};
    assert_int_equal(han__batch_new(f->store, &batch, &f->err), HAN_OK);
    int rc = han__answers_add(batch, &answer, &f->err);
    if (rc == HAN_OK) rc = han__store_put(f->store, batch, NULL, NULL, &f->err);
    if (rc != HAN_OK) han__batch_free(batch);
    return rc;
}

TEST(an_answer_is_found_by_its_request)
{
    fixture f;
    seen s = {0};
    uint8_t digest[32] = {1, 2, 3}, other[32] = {9};
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(put_answer(&f, digest, "first"), HAN_OK);
    assert_int_equal(put_answer(&f, digest, "second"), HAN_OK); /* the first one stays */
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(han__answers_find(f.store, digest, on_answer, &s, &f.err), HAN_OK);
    assert_int_equal(s.times, 1);
    assert_string_equal(s.kind, "shot");
    assert_string_equal(s.said, "first");
    assert_string_equal(s.output, "the artifact");
    assert_false(s.has_trace);
    assert_int_equal(han__answers_find(f.store, other, on_answer, &s, &f.err), HAN_UNKNOWN);
    assert_int_equal(s.times, 1);
    raw(f.path, "DELETE FROM blob");
    han__error_clear(&f.err);
    assert_int_equal(han__answers_find(f.store, digest, on_answer, &s, &f.err), HAN_CORRUPT);
    fixture_close(&f);
}

TEST(an_answer_without_a_digest_is_refused)
{
    fixture f;
    han__batch *batch = NULL;
    const han__answer answer = {.kind = text("shot"), .said = text("x")};
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(han__batch_new(f.store, &batch, &f.err), HAN_OK);
    assert_int_equal(han__answers_add(batch, &answer, &f.err),
                     HAN_OK); /* digest: the writer sees */
    assert_int_equal(han__store_put(f.store, batch, NULL, NULL, &f.err), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM answer"), 0);
    fixture_close(&f);
}

static han__journal_row sample(int kind)
{
    const char *name = han__row_name(kind);
    return (han__journal_row){.kind = text(name),
                              .node = text("root/1"),
                              .clock = 7,
                              .flags = {true, 3},
                              .text = text("a label"),
                              .value = text("")};
}

TEST(rows_cross_as_they_are)
{
    han__mem mem;
    han__buf buf;
    size_t at = 0;
    han__journal_row row;
    han__mem_init(&mem, NULL, NULL);
    han__buf_init(&buf, &mem, 1u << 16);
    for (int kind = 0; kind < HAN__ROW_KINDS; kind++) {
        row = sample(kind);
        assert_int_equal(han__journal_pack(&buf, &row), HAN_OK);
    }
    for (int kind = 0; kind < HAN__ROW_KINDS; kind++) {
        assert_int_equal(han__journal_unpack(buf.data, buf.len, &at, &row), 1);
        assert_string_equal(row.kind.data, han__row_name(kind));
        assert_int_equal(row.clock, 7);
        assert_true(row.flags.known && row.flags.value == 3);
        assert_memory_equal(row.node.data, "root/1", 6);
        assert_memory_equal(row.text.data, "a label", 7);
        assert_null(row.code.data);
        assert_null(row.amount.data);
        assert_true(row.value.data && row.value.len == 0); /* empty is not absent */
    }
    assert_int_equal(han__journal_unpack(buf.data, buf.len, &at, &row), 0);
    row = sample(0);
    row.kind = text("nonsense");
    assert_int_equal(han__journal_pack(&buf, &row), HAN_INVALID);
    han__buf_release(&buf);
    assert_int_equal(mem.live, 0);
}

/* Cut anywhere, and with any one byte changed, it is read to its end or refused. */
TEST(rows_that_are_none)
{
    han__mem mem;
    han__buf buf;
    size_t at;
    han__journal_row row = sample(HAN__ROW_FINISHED);
    han__mem_init(&mem, NULL, NULL);
    han__buf_init(&buf, &mem, 1u << 16);
    assert_int_equal(han__journal_pack(&buf, &row), HAN_OK);
    for (size_t len = 1; len < buf.len; len++) {
        at = 0;
        assert_int_equal(han__journal_unpack(buf.data, len, &at, &row), HAN_CORRUPT);
    }
    for (size_t i = 0; i < buf.len; i++)
        for (unsigned v = 0; v < 256; v++) {
            uint8_t before = buf.data[i];
            int found = 1;
            buf.data[i] = (uint8_t)v;
            for (at = 0; found == 1;) found = han__journal_unpack(buf.data, buf.len, &at, &row);
            assert_true(found == 0 || found == HAN_CORRUPT);
            assert_true(at <= buf.len);
            buf.data[i] = before;
        }
    han__buf_release(&buf);
    assert_int_equal(mem.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_found_by_its_request),
        cmocka_unit_test(an_answer_without_a_digest_is_refused),
        cmocka_unit_test(rows_cross_as_they_are),
        cmocka_unit_test(rows_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
