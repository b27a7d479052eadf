/* For tests that prepare or look at files of the machine: a command of ours to its exit status. */
#ifndef HAN_TESTS_SHELL_H
#define HAN_TESTS_SHELL_H

#include <sys/wait.h>
#include <unistd.h>

#include "testing.h"

/* -1 when it did not end by itself. */
static inline int shell(const char *command)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
