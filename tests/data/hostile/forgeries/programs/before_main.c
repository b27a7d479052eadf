// tries: to answer and end before it is asked
// class: fail
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void early(void)
{
    printf("3\n6\n");
    fflush(stdout);
    _exit(0);
}
int main(void) { return 0; }
