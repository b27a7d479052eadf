// expect: pass
// out: all refused
// It may not make itself the last one to be ended.
#include "hostile.h"
int main(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY);
    REFUSED(fd < 0 ? -1 : write(fd, "-1000", 5));
    DONE();
}
