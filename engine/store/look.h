/* Private to the store: an SQLite VFS through which a file can be read and nothing can be written.
 * No lock is taken, nothing is made beside the file, a log that a killed process left is read and
 * stays. For examining a store of which nothing is known; not for one that somebody writes to. */
#ifndef HAN_STORE_LOOK_H
#define HAN_STORE_LOOK_H

#include <sqlite3.h>

#include "base/mem.h"

typedef struct han__look han__look;

/* Registers it in front of the VFS `under` (NULL: the default). HAN_OK, HAN_NOMEM. */
int han__look_open(han__mem *mem, const char *under, han__look **out);
/* After the last connection through it was closed; NULL is allowed. */
void han__look_close(han__look *look);
/* For sqlite3_open_v2. A connection must say PRAGMA locking_mode=EXCLUSIVE before it reads: then
 * the index of the log is kept in memory. */
const char *han__look_name(const han__look *look);

#endif
