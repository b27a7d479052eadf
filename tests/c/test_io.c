/* base/io: all of the bytes, or an error that says which. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "testing.h"

/* More than a pipe holds, so that the writer meets short writes while the reader is slow. */
TEST(short_writes_are_gone_on_with)
{
    enum { BYTES = 300000 };
    static char sent[BYTES], got[BYTES + 1];
    for (int i = 0; i < BYTES; i++) sent[i] = (char)(i * 7 + i / 251);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        _exit(han__write_all(ends[1], sent, BYTES) ? 0 : 1);
    }
    close(ends[1]);
    size_t len = 0;
    for (ssize_t n = 1; n > 0 && len <= BYTES; len += n > 0 ? (size_t)n : 0)
        n = read(ends[0], got + len, len + 999 < BYTES ? 999 : BYTES + 1 - len);
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(len, BYTES);
    assert_memory_equal(sent, got, BYTES);
}

TEST(an_error_is_kept)
{
    assert_false(han__write_all(-1, "x", 1));
    assert_int_equal(errno, EBADF);
    assert_true(han__write_all(-1, "x", 0));
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    assert_false(han__write_all(full, "x", 1));
    assert_int_equal(errno, ENOSPC);
    close(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_writes_are_gone_on_with),
        cmocka_unit_test(an_error_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
