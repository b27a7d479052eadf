// expect: pass
// landlock: not there
// collect: *
// skipped: out=kind
#include "hostile.h"
int main(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "out"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return bind(fd, (struct sockaddr *)&a, sizeof a) != 0;
}
