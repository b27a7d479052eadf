/* Contents addressed by their SHA-256, stored once, as a zstd frame where that is smaller. They are
 * written as parts of batches (corpus.h); this is how one is read, and the codec. */
#ifndef HAN_STORE_BLOB_H
#define HAN_STORE_BLOB_H

#include "base/buf.h"
#include "base/hash.h"
#include "store/store.h"

#define HAN__BLOB_BYTES_MAX HAN__FRAME_BYTES_MAX /* of one content */
#define HAN__BLOB_PACK_MIN  256u                 /* shorter ones are stored as they are */
#define HAN__BLOB_LEVEL     3

enum { HAN__BLOB_RAW = 0, HAN__BLOB_ZSTD = 1 };

/* Appends the content to out. HAN_UNKNOWN: no such digest; HAN_CORRUPT, naming the digest: it does
 * not unpack to its declared size, or to other bytes than its digest says; HAN_LIMIT above out's
 * maximum; HAN_NOMEM. out is as before on failure. */
int han__blob_get(han__store *store, const uint8_t digest[HAN__SHA256_BYTES], han__buf *out,
                  han_error *err);

/* Packs into out (cap bytes) with a ZSTD_CCtx; returns the packed size, or 0 when it should be
 * stored as it is: too short, not smaller, or zstd failed. Called on the writer thread: allocates
 * nothing of ours. */
size_t han__blob_pack(void *zstd, void *out, size_t cap, const void *bytes, size_t len);
/* Bytes that han__blob_pack needs in `out` for a content of len bytes; 0 when it would not pack. */
size_t han__blob_pack_bound(size_t len);

/* Unpacks a frame into exactly size bytes at out: HAN_OK or HAN_CORRUPT. */
int han__blob_inflate(void *out, size_t size, const void *frame, size_t len);
/* Appends what a frame from a file holds, at most `most` bytes: HAN_CORRUPT, HAN_LIMIT, HAN_NOMEM.
 */
int han__blob_expand(const void *frame, size_t len, size_t most, han__buf *out);
/* Unpacks a stored content to out and verifies size and digest; errors as han__blob_get. */
int han__blob_unpack(int64_t codec, int64_t size, const void *bytes, size_t len,
                     const uint8_t digest[HAN__SHA256_BYTES], han__buf *out, han_error *err);

#endif
