/* model/secret: where keys come from, and that no way of writing one gets past. */
#include "base/config.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/secret.h"
#include "testing.h"

#define KEY "sk-test/Key+0123_~x"

static int load(const char *source, han_error *err)
{
    han__mem mem;
    han__secret *secret = NULL;
    char line[200];
    han__mem_init(&mem, NULL, NULL);
    memset(err, 0, sizeof *err);
    int rc = han__secret_load(&secret, &mem, source, err);
    assert_null(strstr(err->message, KEY));
    if (rc == HAN_OK) {
        assert_int_equal(han__secret_header(secret, "h", "Bearer ", line, sizeof line), 0);
        assert_string_equal(line, "h: Bearer " KEY);
        assert_int_equal(han__secret_header(secret, "h", "", line, 10), HAN_LIMIT);
    }
    han__secret_free(secret);
    assert_int_equal(mem.live, 0);
    return rc;
}

TEST(from_the_environment_and_then_not_there)
{
    han_error err;
    setenv("HAN_TEST_KEY", " " KEY " \nmore", 1);
    const char *stands = getenv("HAN_TEST_KEY");
    assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
    assert_int_equal(load("env:HAN_TEST_KEY", &err), HAN_OK);
    assert_int_equal(prctl(PR_GET_DUMPABLE), 0); /* from now on there is no core */
    assert_null(strstr(stands, "sk-"));          /* overwritten in place */
    assert_int_equal(load("env:HAN_TEST_KEY", &err), HAN_UNKNOWN);
    assert_string_equal(err.message, "no key: set the environment variable HAN_TEST_KEY");
    unsetenv("HAN_TEST_KEY");
    assert_int_equal(load("env:HAN_TEST_KEY", &err), HAN_UNKNOWN);
}

TEST(from_a_file_that_is_ours_alone)
{
    han_error err;
    char path[] = "/tmp/han-test-key-XXXXXX", source[64];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, KEY "\n", sizeof KEY), sizeof KEY);
    close(fd);
    snprintf(source, sizeof source, "file:%s", path);
    assert_int_equal(load(source, &err), HAN_OK);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(load(source, &err), HAN_ENVIRONMENT);
    assert_non_null(strstr(err.message, "chmod 600"));
    unlink(path);
    assert_int_equal(load(source, &err), HAN_UNKNOWN);
    assert_int_equal(load("file:/", &err), HAN_ENVIRONMENT);
}

TEST(from_a_command)
{
    han_error err;
    assert_int_equal(load("command:echo '" KEY "'; echo more", &err), HAN_OK);
    assert_int_equal(load("command:echo '" KEY "'; exit 3", &err), HAN_ENVIRONMENT);
    assert_int_equal(load("command:true", &err), HAN_INVALID);
    assert_int_equal(load("nowhere", &err), HAN_INVALID);
    assert_int_equal(load("command:echo short", &err), HAN_INVALID);
    assert_int_equal(load("command:printf 'sk-with\\001control'", &err), HAN_INVALID);
}

/* How often it is found, and that nothing but stars is left in its place. */
static void gone(const char *text, size_t times, const char *after)
{
    han__mem mem;
    han__secret *secret = NULL;
    char copy[1000];
    han__mem_init(&mem, NULL, NULL);
    assert_int_equal(han__secret_make(&secret, &mem, "sk-Key/7", 8, NULL), 0);
    snprintf(copy, sizeof copy, "%s", text);
    size_t found = han__secret_redact(secret, (uint8_t *)copy, strlen(copy));
    assert_string_equal(copy, after);
    assert_int_equal(found, times);
    han__secret_free(secret);
}

TEST(every_way_to_write_it)
{
    gone("a sk-Key/7 b sk-Key/7", 2, "a ******** b ********");
    gone("sk-Key/", 0, "sk-Key/");
    gone("sk%2DKey%2f7!", 1, "************!");
    gone("%73%6B-%4b\\u0065y\\/7", 1, "********************");
    gone("\\\\u0073k-Key/7.", 1, "**************.");
    gone("&#115;&#x6b;-Key&#47;7;", 1, "**********************;");
    gone("736b2D4b65792f37 x", 1, "**************** x");
    gone("c2stS2V5Lzc= c2stS2V5Lzc=", 2,
         "**********c= **********c="); /* base64, 0 other bytes before it */
    gone("eHNrLUtleS83 eHNrLUtleS83", 2,
         "eH********** eH**********"); /* base64, 1 other bytes before it */
    gone("eHlzay1LZXkvNw== eHlzay1LZXkvNw==", 2,
         "eHl**********w== eHl**********w=="); /* base64, 2 other bytes before it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_the_environment_and_then_not_there),
        cmocka_unit_test(from_a_file_that_is_ours_alone),
        cmocka_unit_test(from_a_command),
        cmocka_unit_test(every_way_to_write_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
