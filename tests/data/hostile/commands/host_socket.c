// expect: pass
// out: all refused
// The test listens there, outside.
#include "hostile.h"
int main(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    memcpy(a.sun_path + 1, "han-hostile-test", 16);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    REFUSED(connect(fd, (struct sockaddr *)&a, sizeof(sa_family_t) + 17));
    DONE();
}
