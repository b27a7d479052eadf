// expect: pass
// out: all that was said
// Our end of the pipe, in a socket that is on its way through itself: nobody has it, and nobody closes it.
#include "hostile.h"
int main(void)
{
    int pair[2];
    union {
        char bytes[CMSG_SPACE(3 * sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    char byte = 0;
    struct iovec part = {&byte, 1};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
                       .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0) return 1;
    int fds[3] = {1, pair[0], pair[1]};
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fds);
    memcpy(CMSG_DATA(c), fds, sizeof fds);
    for (int i = 0; i < 4; i++)
        if (sendmsg(pair[i & 1], &m, 0) != 1) return 2;
    puts("all that was said");
    return 0;
}
