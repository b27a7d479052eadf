/* Script files: where they are looked for, and what may be loaded. */
#ifndef HAN_SCRIPT_SCRIPTS_H
#define HAN_SCRIPT_SCRIPTS_H

#include "base/buf.h"
#include "script/state.h"

#define HAN__SCRIPT_BYTES_MAX (4u << 20)

/* Finds NAME.lua or NAME/init.lua in folder `kind` ("strategies") of the host's script folders; the
 * first match wins. Names are letters, digits, _ and -. HAN_UNKNOWN when there is none. */
int han__script_find(const han__host *host, const char *kind, const char *name, char *path,
                     size_t cap, han_error *err);
/* Reads a script: a regular file of at most 4 MiB that others than its owner cannot write. */
int han__script_read(const char *path, han__buf *out, han_error *err);

#endif
