/* exec/needs: which files a program needs, told by the program; and files that are not what they
 * say. */
#include "base/config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/rng.h"
#include "exec/needs.h"
#include "testing.h"

#define RUNNER HAN_TEST_BINARY_DIR "/libexec/han-runner"

TEST(a_runner_tells_its_files)
{
    han__needs needs;
    int fd = open(RUNNER, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    han__needs_read(fd, &needs);
    close(fd);
#ifdef HAN__SANITIZED
    assert_false(needs.known);
#else
    if (!needs.known) { /* libraries in places of their own, as some systems have them */
        print_message("NOT TESTED: what the runner needs is not in a usual place here\n");
        skip();
    }
    assert_true(needs.len != 1); /* none, or a loader and a library */
    for (size_t i = 0; i < needs.len; i++) {
        assert_int_equal(needs.files[i][0], '/');
        assert_int_equal(access(needs.files[i], R_OK), 0);
    }
#endif
}

static void read_bytes(const void *bytes, size_t len, han__needs *needs)
{
    char path[] = "/tmp/han-needs-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    han__needs_read(fd, needs);
    close(fd);
}

TEST(what_is_no_program_is_not_known)
{
    han__needs needs;
    read_bytes("", 0, &needs);
    assert_false(needs.known);
    read_bytes("#!/bin/sh\nexit\n", 15, &needs);
    assert_false(needs.known);
    read_bytes("\177ELF\2\1\1", 7, &needs);
    assert_false(needs.known);
}

/* Damaged heads of a program: whatever they say, only whole texts are taken. */
TEST(damaged_programs)
{
    static uint8_t bytes[65536], damaged[65536];
    han__rng rng;
    int fd = open(RUNNER, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, bytes, sizeof bytes) : 0;
    assert_true(n > 4096);
    close(fd);
    han__rng_init(&rng, 1, 1);
    for (int i = 0; i < 500; i++) {
        han__needs needs;
        memcpy(damaged, bytes, (size_t)n);
        for (int flips = 0; flips < 4; flips++)
            damaged[han__rng_below(&rng, 1024)] = (uint8_t)han__rng_u64(&rng);
        size_t len = han__rng_below(&rng, 4) ? (size_t)n : (size_t)han__rng_below(&rng, 4096);
        read_bytes(damaged, len, &needs);
        assert_true(needs.len <= HAN__NEEDS_MAX);
        for (size_t k = 0; k < needs.len; k++) assert_true(strlen(needs.files[k]) < 4096);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_runner_tells_its_files),
        cmocka_unit_test(what_is_no_program_is_not_known),
        cmocka_unit_test(damaged_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
