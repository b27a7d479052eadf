// expect: pass
// out: 100
// limits: time=60
// Each leaves an orphan that ends: they are waited for, so they never fill the table.
#include "hostile.h"
int main(void)
{
    volatile pid_t *orphan =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int n = 0;
    for (; n < 100; n++) {
        pid_t pid = fork();
        if (pid < 0) break;
        if (pid == 0) {
            pid_t grandchild = fork();
            if (grandchild > 0) *orphan = grandchild;
            _exit(0);
        }
        waitpid(pid, NULL, 0);
        while (kill(*orphan, 0) == 0) usleep(100);
    }
    printf("%d\n", n);
    return 0;
}
