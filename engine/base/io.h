/* Writing to a descriptor until all of it is there. */
#ifndef HAN_BASE_IO_H
#define HAN_BASE_IO_H

#include "base/config.h"

/* Whether all bytes were written, through interruptions and short writes; false leaves errno (EIO
   where the system wrote nothing and said nothing), with some of the bytes written. */
bool han__write_all(int fd, const void *bytes, size_t len);

#endif
