// expect: pass
// out: all refused
#include "hostile.h"
#include <sys/sysmacros.h>
int main(void)
{
    REFUSED(mknod("d", S_IFCHR | 0666, makedev(1, 1)));
    REFUSED(mknod("d", S_IFBLK | 0666, makedev(8, 0)));
    REFUSED(mknod("d", S_IFBLK | 0666, makedev(254, 0)));
    REFUSED(open("/dev/mem", O_RDONLY));
    REFUSED(open("/dev/kmsg", O_RDONLY));
    REFUSED(open("/dev/kvm", O_RDWR));
    REFUSED(open("/dev/fuse", O_RDWR));
    REFUSED(open("/dev/vda", O_RDONLY));
    DONE();
}
