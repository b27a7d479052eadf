// expect: limit:memory
// Each of eight is far below the limit, together they are not.
#include "hostile.h"
int main(void)
{
    for (int i = 0; i < 8; i++)
        if (fork() == 0) {
            memset(malloc(20 << 20), 1, 20 << 20);
            for (;;) pause();
        }
    while (wait(NULL) > 0) continue;
    for (;;) pause();
}
