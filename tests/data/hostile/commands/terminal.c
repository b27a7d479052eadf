// expect: pass
// out: all refused
#include "hostile.h"
int main(void)
{
    for (int fd = 0; fd < 3; fd++) REFUSED(ioctl(fd, TIOCSTI, "x"));
    REFUSED(open("/dev/tty", O_RDWR));
    REFUSED(ioctl(0, 0x100000000ul | TIOCSTI, "x"));
    DONE();
}
