/* Owns the codec of stored contents and the check that what is read is what its digest says. */
#include "base/config.h"

#include <sqlite3.h>
#include <zstd.h>

#include "store/blob.h"

size_t han__blob_pack_bound(size_t len)
{
    return len < HAN__BLOB_PACK_MIN || len > HAN__BLOB_BYTES_MAX ? 0 : len;
}

size_t han__blob_pack(void *zstd, void *out, size_t cap, const void *bytes, size_t len)
{
    if (len < HAN__BLOB_PACK_MIN || cap == 0) return 0;
    /* a buffer of one byte less than the content: zstd itself finds that it would not be smaller */
    size_t n = ZSTD_compressCCtx(zstd, out, cap < len ? cap : len - 1, bytes, len, HAN__BLOB_LEVEL);
    return ZSTD_isError(n) ? 0 : n;
}

static int damaged(han_error *err, const uint8_t digest[HAN__SHA256_BYTES], const char *why)
{
    char hex[HAN__SHA256_HEX];
    han__sha256_hex(digest, hex);
    return han__error_set(err, HAN_CORRUPT, "the stored content %s is damaged: %s", hex, why);
}

int han__blob_inflate(void *out, size_t size, const void *frame, size_t len)
{
    if (ZSTD_getFrameContentSize(frame, len) != size) return HAN_CORRUPT;
    size_t n = ZSTD_decompress(out, size, frame, len);
    return ZSTD_isError(n) || n != size ? HAN_CORRUPT : HAN_OK;
}

int han__blob_expand(const void *frame, size_t len, size_t most, han__buf *out)
{
    unsigned long long size = ZSTD_getFrameContentSize(frame, len);
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) return HAN_CORRUPT;
    if (size > most) return HAN_LIMIT;
    int status = han__buf_reserve(out, (size_t)size + 1);
    if (status == HAN_OK)
        status = han__blob_inflate(out->data + out->len, (size_t)size, frame, len);
    if (status == HAN_OK) out->len += (size_t)size;
    return status;
}

/* Puts the content behind out->data + out->len, without counting it in yet. */
static int unpack_into(int64_t codec, size_t size, const void *bytes, size_t len, uint8_t *out)
{
    if (codec == HAN__BLOB_RAW) {
        if (len != size) return HAN_CORRUPT;
        if (size > 0) memcpy(out, bytes, size);
        return HAN_OK;
    }
    return codec == HAN__BLOB_ZSTD ? han__blob_inflate(out, size, bytes, len) : HAN_CORRUPT;
}

int han__blob_unpack(int64_t codec, int64_t size, const void *bytes, size_t len,
                     const uint8_t digest[HAN__SHA256_BYTES], han__buf *out, han_error *err)
{
    uint8_t got[HAN__SHA256_BYTES];
    if (size < 0 || size > (int64_t)HAN__BLOB_BYTES_MAX)
        return damaged(err, digest, "its size is out of bounds");
    /* one byte more, so that an empty content has a place, too */
    int status = han__buf_reserve(out, (size_t)size + 1);
    if (status != HAN_OK)
        return han__error_set(err, status, "no room for a stored content of %lld bytes",
                              (long long)size);
    uint8_t *place = out->data + out->len;
    if (unpack_into(codec, (size_t)size, bytes, len, place) != HAN_OK)
        return damaged(err, digest, "it does not unpack to its size");
    han__sha256_of(place, (size_t)size, got);
    if (memcmp(got, digest, sizeof got) != 0)
        return damaged(err, digest, "its bytes have another digest");
    out->len += (size_t)size;
    return HAN_OK;
}
