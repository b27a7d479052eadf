// expect: pass
// out: all refused
#include "hostile.h"
int main(void)
{
    static char zero[256];
    REFUSED(syscall(SYS_bpf, 0, zero, sizeof zero));
    REFUSED(syscall(425, 8, zero)); /* io_uring_setup */
    REFUSED(syscall(SYS_perf_event_open, zero, 0, -1, -1, 0));
    REFUSED(syscall(SYS_userfaultfd, 0));
    REFUSED(syscall(SYS_keyctl, 0, -3, 1));
    REFUSED(syscall(SYS_add_key, "user", "x", "y", 1, -3));
    REFUSED(syscall(SYS_request_key, "user", "x", NULL, -3));
    REFUSED(syscall(SYS_init_module, zero, 1, ""));
    REFUSED(syscall(SYS_kexec_load, 0, 0, NULL, 0));
    REFUSED(syscall(SYS_syslog, 3, zero, sizeof zero));
    REFUSED(syscall(SYS_open_by_handle_at, 0, zero, 0));
    REFUSED(syscall(SYS_fanotify_init, 0, 0));
    REFUSED(syscall(447, 0)); /* memfd_secret */
    REFUSED(syscall(100000, 0));
    DONE();
}
