/* base/log and base/utf8: what reaches a sink or a terminal is safe. */
#include "base/config.h"

#include "base/log.h"
#include "base/utf8.h"
#include "testing.h"

typedef struct sink {
    int calls, level;
    char text[1100];
} sink;

static void keep(void *ud, int level, const char *text)
{
    sink *s = ud;
    s->calls++;
    s->level = level;
    snprintf(s->text, sizeof s->text, "%s", text);
}

TEST(levels_and_lines)
{
    sink s = {0, 0, ""};
    han__log log;
    han__log_init(&log, keep, &s, HAN__LOG_WARN);
    han__log_write(&log, HAN__LOG_INFO, "dropped");
    assert_int_equal(s.calls, 0);
    han__log_write(&log, HAN__LOG_WARN, "kept %d\nline", 1);
    assert_int_equal(s.calls, 1);
    assert_int_equal(s.level, HAN__LOG_WARN);
    assert_string_equal(s.text, "kept 1?line");
    han__log_write(&log, HAN__LOG_ERROR, "%0998d\xe2\x82\xac", 1);
    assert_int_equal(strlen(s.text), 998);
    han__log_init(&log, NULL, NULL, HAN__LOG_DEBUG);
    han__log_write(&log, HAN__LOG_ERROR, "silent");
    han__log_write(NULL, HAN__LOG_ERROR, "silent");
    assert_int_equal(s.calls, 2);
}

static void check_escape(const char *in, size_t len, const char *want)
{
    char out[200];
    size_t n = han__log_escape(out, sizeof out, in, len);
    assert_string_equal(out, want);
    assert_int_equal(n, strlen(want));
}

TEST(escapes_what_steers_a_terminal)
{
    check_escape("plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\n\t", 19,
                 "plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\n\t");
    check_escape("a\x1b[2Jb\rc\0d\x7f", 11, "a\\x1b[2Jb\\x0dc\\x00d\\x7f");
    check_escape("\xc2\x9b", 2, "\\xc2\\x9b");                   /* C1 as UTF-8 */
    check_escape("\x9b", 1, "\\x9b");                            /* C1 as a bare byte */
    check_escape("\xe2\x80\xae", 3, "\\xe2\\x80\\xae");          /* U+202E */
    check_escape("\xe2\x81\xa6", 3, "\\xe2\\x81\\xa6");          /* U+2066 */
    check_escape("\xc0\x9b\xe2\x80", 4, "\\xc0\\x9b\\xe2\\x80"); /* overlong, cut off */
}

TEST(escape_cuts_whole_characters)
{
    char out[8];
    assert_int_equal(han__log_escape(out, sizeof out, "abcdef\xe2\x82\xac", 9), 6);
    assert_string_equal(out, "abcdef");
    assert_int_equal(han__log_escape(out, sizeof out, "abcd\x1bz", 6), 4);
    assert_string_equal(out, "abcd");
    assert_int_equal(han__log_escape(out, 0, "abc", 3), 0);
    assert_int_equal(han__log_escape(out, 1, "abc", 3), 0);
    assert_string_equal(out, "");
}

/* Every code point that may be written is stepped over whole; every other is refused. */
TEST(utf8_steps_over_exactly_the_scalar_values)
{
    for (uint32_t rune = 0; rune < 0x110400; rune++) {
        char text[4];
        size_t n = rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
        for (size_t i = n; i-- > 1;) text[i] = (char)(0x80 | (rune >> (6 * (n - 1 - i)) & 0x3f));
        static const unsigned lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
        text[0] = (char)(lead[n] | rune >> (6 * (n - 1)));
        uint32_t got = UINT32_MAX;
        size_t step = han__utf8_step(text, n, &got);
        bool scalar = rune <= 0x10ffff && (rune < 0xd800 || rune > 0xdfff);
        if (step != (scalar ? n : 0) || (scalar && got != rune)) fail_msg("at U+%X", rune);
        if (n > 1 && han__utf8_step(text, n - 1, NULL) != 0) fail_msg("cut at U+%X", rune);
        if (scalar && han__utf8_cut(text, n) != n) fail_msg("cut whole U+%X", rune);
        if (scalar && n > 1 && han__utf8_cut(text, n - 1) != 0) fail_msg("cut part U+%X", rune);
    }
}

TEST(utf8_refuses_malformed)
{
    assert_int_equal(han__utf8_step("", 0, NULL), 0);
    assert_int_equal(han__utf8_step("\x80", 1, NULL), 0);
    assert_int_equal(han__utf8_step("\xc1\x81", 2, NULL), 0);
    assert_int_equal(han__utf8_step("\xe0\x80\x80", 3, NULL), 0);
    assert_int_equal(han__utf8_step("\xf0\x80\x80\x80", 4, NULL), 0);
    assert_int_equal(han__utf8_step("\xe2\x28\xa1", 3, NULL), 0);
    assert_int_equal(han__utf8_step("\xff", 1, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_and_lines),
        cmocka_unit_test(escapes_what_steers_a_terminal),
        cmocka_unit_test(escape_cuts_whole_characters),
        cmocka_unit_test(utf8_steps_over_exactly_the_scalar_values),
        cmocka_unit_test(utf8_refuses_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
