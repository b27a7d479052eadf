/* model/sse: the same events however the stream is cut, and its maxima. */
#include "base/config.h"

#include "base/rng.h"
#include "model/sse.h"
#include "testing.h"

typedef struct taken {
    han__buf text;
    int refuse_at, count;
} taken;

static int take(void *ud, const char *name, const uint8_t *data, size_t len)
{
    taken *t = ud;
    if (++t->count == t->refuse_at) return HAN_CANCELLED;
    assert_int_equal(han__buf_printf(&t->text, "[%s|", name), 0);
    if (len) assert_int_equal(han__buf_append(&t->text, data, len), 0);
    assert_int_equal(han__buf_text(&t->text, "]"), 0);
    return HAN_OK;
}

static void open_taken(taken *t, han__mem *mem)
{
    memset(t, 0, sizeof *t);
    han__buf_init(&t->text, mem, 1u << 20);
}

/* Feeds text[0..len) in pieces: of `piece` bytes, or of random sizes when it is 0. */
static int feed(han__sse *sse, const char *text, size_t len, size_t piece, uint64_t seed)
{
    int rc = HAN_OK;
    for (size_t at = 0, n; at < len && rc == HAN_OK; at += n) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        n = piece ? piece : 1 + (size_t)(seed >> 33) % 17;
        if (n > len - at) n = len - at;
        rc = han__sse_feed(sse, (const uint8_t *)text + at, n);
    }
    return rc;
}

static void expect_events(const char *text, size_t len, const char *want)
{
    for (size_t piece = 0; piece < 40; piece++) {
        han__mem mem;
        han__sse sse;
        taken t;
        han__mem_init(&mem, NULL, NULL);
        open_taken(&t, &mem);
        han__sse_init(&sse, &mem, 1000, 1000, take, &t);
        assert_int_equal(feed(&sse, text, len, piece, piece), 0);
        assert_int_equal(han__buf_byte(&t.text, 0), 0);
        assert_string_equal((char *)t.text.data, want);
        han__sse_release(&sse);
        han__buf_release(&t.text);
        assert_int_equal(mem.live, 0);
    }
}
#define EXPECT(text, want) expect_events(text, sizeof(text) - 1, want)

TEST(events_however_they_are_cut)
{
    EXPECT("data: a\n\ndata:b\n\n", "[|a][|b]");
    EXPECT("event: ping\ndata: {}\n\n", "[ping|{}]");
    EXPECT("data: one\ndata: two\n\n", "[|one\ntwo]");
    EXPECT("data\n\n", "[|]");
    EXPECT("data:  two spaces\n\n", "[| two spaces]");
    EXPECT("id: 7\nretry: 10\nnonsense\n\n", "");
    EXPECT("event: lost\n\ndata: x\n\n", "[|x]");
    EXPECT("\xEF\xBB\xBF"
           "data: mark\n\n",
           "[|mark]");
    EXPECT(": \xEF\xBB\xBF\n\n\xEF\xBB\xBF"
           "data: no mark\n\n",
           "");
}

TEST(every_end_of_line)
{
    EXPECT("data: a\r\n\r\ndata: b\r\rdata: c\n\n", "[|a][|b][|c]");
    EXPECT("data: a\r\ndata: b\rdata: c\n\r\n", "[|a\nb\nc]");
    EXPECT("\r\n\r\n\rdata: x\n\r", "[|x]");
}

TEST(what_the_end_cuts_off_is_dropped)
{
    EXPECT("data: a\n\ndata: b\n", "[|a]");
    EXPECT("data: a\n\ndata: b", "[|a]");
    EXPECT("", "");
}

TEST(a_long_name_is_cut)
{
    char text[200], want[100];
    memset(text, 'n', sizeof text);
    memcpy(text, "event:", 6);
    memcpy(text + 150, "\ndata:x\n\n", 9);
    memset(want, 'n', sizeof want);
    want[0] = '[';
    memcpy(want + 1 + HAN__SSE_NAME_MAX, "|x]", 4);
    expect_events(text, 159, want);
}

static int status_of(const char *text, size_t len, size_t piece, size_t bytes_max, uint64_t events)
{
    han__mem mem;
    han__sse sse;
    taken t;
    han__mem_init(&mem, NULL, NULL);
    open_taken(&t, &mem);
    t.refuse_at = 5;
    han__sse_init(&sse, &mem, bytes_max, events, take, &t);
    int rc = feed(&sse, text, len, piece, 1);
    if (rc != HAN_OK) assert_int_equal(han__sse_feed(&sse, (const uint8_t *)"\n", 1), rc);
    han__sse_release(&sse);
    han__buf_release(&t.text);
    return rc;
}

TEST(maxima_hold_in_any_piece)
{
    static const char line[] = "data: 0123456789\n\n",
                      lines[] = "data: 01234567\ndata: 01234567\n\n";
    static const char events[] = "data:1\n\ndata:2\n\ndata:3\n\n",
                      five[] = "data\n\ndata\n\ndata\n\ndata\n\ndata\n\n";
    for (size_t piece = 0; piece < 20; piece++) {
        assert_int_equal(status_of(line, sizeof line - 1, piece, 15, 9), HAN_LIMIT);
        assert_int_equal(status_of(line, sizeof line - 1, piece, 16, 9), HAN_OK);
        assert_int_equal(status_of(lines, sizeof lines - 1, piece, 16, 9), HAN_LIMIT);
        assert_int_equal(status_of(lines, sizeof lines - 1, piece, 17, 9), HAN_OK);
        assert_int_equal(status_of(events, sizeof events - 1, piece, 99, 2), HAN_LIMIT);
        assert_int_equal(status_of(events, sizeof events - 1, piece, 99, 3), HAN_OK);
        assert_int_equal(status_of(five, sizeof five - 1, piece, 99, 9), HAN_CANCELLED);
    }
}

static bool one_stream(han__mem *mem)
{
    static const char text[] = "event: e\ndata: a\ndata: b\n\ndata: c\n\n";
    han__sse sse;
    taken t;
    han__mem other;
    han__mem_init(&other, NULL, NULL);
    open_taken(&t, &other);
    han__sse_init(&sse, mem, 1000, 1000, take, &t);
    int rc = feed(&sse, text, sizeof text - 1, 3, 0);
    assert_true(rc == HAN_OK || rc == HAN_NOMEM);
    han__sse_release(&sse);
    han__buf_release(&t.text);
    return rc == HAN_OK;
}

TEST(memory_runs_out)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    SWEEP_ALLOCATIONS(&mem, one_stream(&mem));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_however_they_are_cut),      cmocka_unit_test(every_end_of_line),
        cmocka_unit_test(what_the_end_cuts_off_is_dropped), cmocka_unit_test(a_long_name_is_cut),
        cmocka_unit_test(maxima_hold_in_any_piece),         cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
