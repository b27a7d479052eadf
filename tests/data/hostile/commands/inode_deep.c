// expect: limit:disk
// Folder in folder, deeper than a path can tell, and none of them can be read.
#include "hostile.h"
int main(void)
{
    for (int n = 0; n < 3000; n++) {
        if (mkdir("deeper", 0700) != 0 || chdir("deeper") != 0) return 0;
        chmod(".", 0300);
    }
    return 0;
}
