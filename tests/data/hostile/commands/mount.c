// expect: pass
// out: all refused
#include "hostile.h"
int main(void)
{
    mkdir("m", 0700);
    REFUSED(mount("tmpfs", "m", "tmpfs", 0, NULL));
    REFUSED(mount("/usr", "m", NULL, MS_BIND, NULL));
    REFUSED(mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL));
    REFUSED(mount("proc", "/proc", "proc", 0, NULL));
    REFUSED(umount2("/proc", MNT_DETACH));
    REFUSED(umount2("/box", MNT_DETACH));
    REFUSED(chroot("m"));
    REFUSED(syscall(SYS_pivot_root, "m", "m"));
    REFUSED(syscall(428, -100, "/usr", 1)); /* open_tree */
    REFUSED(syscall(430, "tmpfs", 0));      /* fsopen */
    REFUSED(syscall(457, NULL, NULL, 0, 0)); /* statmount */
    DONE();
}
