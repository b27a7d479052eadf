/* Reading of gzip files (RFC 1952), as data sets come: all of it in memory, never more of it than
 * the caller allows. Inflating is zlib's. */
#ifndef HAN_STORE_GZIP_H
#define HAN_STORE_GZIP_H

#include "base/buf.h"
#include "base/error.h"

/* Appends what a gzip file holds, of all its members one behind the other. out's maximum bounds it,
 * so a small file that inflates to a large one ends early. HAN_CORRUPT: no gzip, cut off, damaged,
 * or followed by something else; HAN_LIMIT: above the maximum; HAN_NOMEM. out is as before on
 * failure. */
int han__gzip_expand(const void *bytes, size_t len, han__buf *out, han_error *err) HAN__MUST_USE;

#endif
