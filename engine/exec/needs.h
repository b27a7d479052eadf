/* Which files a program needs beside itself to run: its dynamic loader and libraries. With them a
 * box can hold exactly these, and no folder of the machine. */
#ifndef HAN_EXEC_NEEDS_H
#define HAN_EXEC_NEEDS_H

#include "base/config.h"

#define HAN__NEEDS_MAX 6u

typedef struct han__needs {
    bool known;                      /* false: it cannot be told, or needs /proc as well */
    size_t len;                      /* 0: it needs nothing */
    char files[HAN__NEEDS_MAX][128]; /* absolute; the same paths serve inside and outside; the
                                        first is the loader */
} han__needs;

/* Reads an open ELF file. A library is known when this process has loaded one of that name, or it
 * lies beside the C library of this process, and that is where every loader looks without being
 * told. */
void han__needs_read(int fd, han__needs *out);

#endif
