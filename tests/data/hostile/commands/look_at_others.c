// expect: pass
// out: alone
#include "hostile.h"
#include <dirent.h>
int main(void)
{
    int others = 0;
    DIR *dir = opendir("/proc");
    for (struct dirent *e; dir && (e = readdir(dir));) {
        int pid = atoi(e->d_name);
        others += pid > 1 && pid != getpid();
    }
    puts(others ? "OTHERS" : "alone");
    return 0;
}
