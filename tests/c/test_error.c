/* base/error: the first failure wins, messages are one safe line, statuses have names. */
#include "base/config.h"

#include <errno.h>

#include "base/error.h"
#include "testing.h"

TEST(names_and_texts)
{
    assert_string_equal(han_status_name(0), "OK");
    assert_string_equal(han_status_name(HAN_BUDGET_EXHAUSTED), "BUDGET_EXHAUSTED");
    assert_string_equal(han_status_name(12345), "UNKNOWN_STATUS");
    assert_string_equal(han_status_text(HAN_NOMEM), "out of memory");
    assert_string_equal(han_status_text(12345), "unknown status");
    assert_string_equal(han_version(), HAN_VERSION_STRING);
}

TEST(version_parts_make_the_string)
{
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", HAN_VERSION_MAJOR, HAN_VERSION_MINOR,
             HAN_VERSION_PATCH);
    assert_string_equal(text, HAN_VERSION_STRING);
}

TEST(first_failure_wins)
{
    han_error err;
    han__error_clear(&err);
    assert_int_equal(err.code, 0);
    assert_int_equal(han__error_set(&err, HAN_IO, "open %s", "a"), HAN_IO);
    assert_int_equal(han__error_at(&err, HAN_SCRIPT, "x.lua:1", "second"), HAN_SCRIPT);
    assert_int_equal(han__error_sys(&err, HAN_LIMIT, ENOENT, "third"), HAN_LIMIT);
    assert_int_equal(err.code, HAN_IO);
    assert_string_equal(err.message, "open a");
    assert_string_equal(err.where, "");
    han__error_clear(&err);
    assert_int_equal(han__error_at(&err, HAN_SCRIPT, "x.lua:1", "bad %d", 7), HAN_SCRIPT);
    assert_string_equal(err.message, "bad 7");
    assert_string_equal(err.where, "x.lua:1");
}

TEST(null_is_allowed)
{
    han__error_clear(NULL);
    assert_int_equal(han__error_set(NULL, HAN_IO, "x"), HAN_IO);
    assert_int_equal(han__error_sys(NULL, HAN_IO, ENOENT, "x"), HAN_IO);
    assert_int_equal(han__error_at(NULL, HAN_IO, NULL, "x"), HAN_IO);
}

TEST(one_safe_line)
{
    han_error err;
    han__error_clear(&err);
    han__error_at(&err, HAN_SCRIPT, "a\nb:1", "one\ntwo\x1b[31m \xff \xc2\x9b \xc3\xa9");
    assert_string_equal(err.message, "one?two?[31m ? ?? \xc3\xa9");
    assert_string_equal(err.where, "a?b:1");
}

TEST(cut_at_a_character_border)
{
    han_error err;
    char longer[600];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(longer, 'a', shift);
        for (size_t i = shift; i + 3 <= 597; i += 3) memcpy(longer + i, "\xe2\x82\xac", 3);
        longer[597] = '\0';
        han__error_clear(&err);
        han__error_set(&err, HAN_SYNTAX, "%s", longer);
        size_t len = strlen(err.message);
        assert_int_equal((len - shift) % 3, 0);
        assert_in_range(len, 397, 399);
        assert_null(strchr(err.message, '?'));
    }
}

TEST(system_errors_keep_their_reason)
{
    han_error err;
    char longer[600];
    han__error_clear(&err);
    han__error_sys(&err, HAN_IO, ENOENT, "open \"%s\"", "a.lua");
    assert_string_equal(err.message, "open \"a.lua\": No such file or directory");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    han__error_clear(&err);
    han__error_sys(&err, HAN_IO, ENOENT, "%s", longer);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_non_null(strstr(err.message, "x: No such file or directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_texts),
        cmocka_unit_test(version_parts_make_the_string),
        cmocka_unit_test(first_failure_wins),
        cmocka_unit_test(null_is_allowed),
        cmocka_unit_test(one_safe_line),
        cmocka_unit_test(cut_at_a_character_border),
        cmocka_unit_test(system_errors_keep_their_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
