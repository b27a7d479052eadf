// expect: pass
// out: all refused
#include "hostile.h"
#include <grp.h>
int main(void)
{
    gid_t group = 0;
    REFUSED(setuid(0));
    REFUSED(setgid(0));
    REFUSED(setresuid(0, 0, 0));
    REFUSED(setgroups(1, &group));
    REFUSED(chown("/box/work", 0, 0));
    REFUSED(nice(-5) == -1 ? -1 : 0);
    REFUSED(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0));
    REFUSED(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    REFUSED(sethostname("x", 1));
    REFUSED(syscall(SYS_reboot, 0xfee1dead, 672274793, 0x1234567, NULL));
    DONE();
}
