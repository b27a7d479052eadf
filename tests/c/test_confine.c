/* runner/confine: in a confined process memory works and everything else ends it. Each case is a
 * child of this test that tries one thing. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/confine.h"
#include "base/mem.h"
#include "testing.h"

#ifdef HAN__SANITIZED
#define SANITIZED true /* sanitizers make calls of their own: there is no filter then */
#else
#define SANITIZED false
#endif

#define ADDRESS_BYTES ((uint64_t)1 << 32)

static void try_open(void)
{
    open("/etc/passwd", O_RDONLY);
}
static void try_socket(void)
{
    socket(AF_UNIX, SOCK_STREAM, 0);
}
static void try_fork(void)
{
    fork();
}
static void try_exec(void)
{
    execl("/bin/true", "true", (char *)NULL);
}
static void try_kill(void)
{
    kill(1, 0);
}
static void try_write(void)
{
    ssize_t n = write(2, "x", 1);
    HAN__UNUSED(n);
}
static void try_code(void)
{
    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static void try_protect(void)
{
    static char page[8192];
    mprotect((void *)(((uintptr_t)page + 4095) & ~(uintptr_t)4095), 4096, PROT_READ | PROT_EXEC);
}
static void try_trace(void)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

/* The wait status of a confined child that runs fn and then ends with 7. */
static int status_of(void (*fn)(void))
{
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (!han__confine(1000, ADDRESS_BYTES)) _exit(9);
        fn();
        _exit(7);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

TEST(system_calls_end_it)
{
    if (SANITIZED) skip();
    static void (*const tries[])(void) = {try_open,  try_socket, try_fork,    try_exec, try_kill,
                                          try_write, try_code,   try_protect, try_trace};
    for (size_t i = 0; i < HAN__COUNT(tries); i++) {
        int status = status_of(tries[i]);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
            fail_msg("attempt %zu ended with status %x", i, (unsigned)status);
    }
}

static void use_memory(void)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    for (size_t size = 16; size <= (64u << 20); size *= 4) {
        uint8_t *block = han__mem_zalloc(&mem, 1, size);
        if (!block) _exit(1);
        block[size - 1] = 1;
        uint8_t *larger = han__mem_resize(&mem, block, size, 2 * size);
        if (!larger || larger[size - 1] != 1) _exit(2);
        han__mem_free(&mem, larger, 2 * size);
    }
}

TEST(memory_works)
{
    int status = status_of(use_memory);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

static void use_too_much(void)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    void *block = han__mem_alloc(&mem, (size_t)ADDRESS_BYTES);
    _exit(block ? 1 : 7);
}

TEST(address_space_is_limited)
{
    if (SANITIZED) skip();
    int status = status_of(use_too_much);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

/* A kernel that takes no filters: here one that a filter keeps from taking another. */
TEST(a_missing_filter_is_told)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SYS_prctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {HAN__COUNT(rules), rules};
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
            _exit(8);
        _exit(han__confine(1000, ADDRESS_BYTES) ? 1 : 7);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 8) skip();
    assert_int_equal(WEXITSTATUS(status), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(system_calls_end_it),
        cmocka_unit_test(memory_works),
        cmocka_unit_test(address_space_is_limited),
        cmocka_unit_test(a_missing_filter_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
