/* Owns the memory of a batch. Everything is copied into chunks that are freed together. */
#include "base/config.h"

#include "store/batch.h"
#include "store/blob.h"

#define CHUNK_BYTES (32u << 10)

struct han__batch_chunk {
    han__batch_chunk *next;
    size_t size; /* of the whole block */
    size_t used; /* of data */
    _Alignas(max_align_t) uint8_t data[];
};

static size_t aligned(size_t size)
{
    const size_t unit = _Alignof(max_align_t);
    return (size + unit - 1) / unit * unit;
}

/* A large piece gets a chunk of its own behind the current one, so that the rest is not wasted. */
static han__batch_chunk *add_chunk(han__batch *batch, size_t size)
{
    const size_t head = sizeof(han__batch_chunk);
    size_t whole = head + size > CHUNK_BYTES ? head + size : CHUNK_BYTES;
    han__batch_chunk *chunk = han__mem_alloc(batch->mem, whole);
    if (!chunk) return NULL;
    *chunk = (han__batch_chunk){.size = whole};
    if (batch->chunks && whole > CHUNK_BYTES) {
        chunk->next = batch->chunks->next;
        batch->chunks->next = chunk;
    } else {
        chunk->next = batch->chunks;
        batch->chunks = chunk;
    }
    batch->bytes += whole;
    return chunk;
}

void *han__batch_take(han__batch *batch, size_t size, int *status)
{
    han__batch_chunk *chunk = batch->chunks;
    if (size > HAN__STORE_BATCH_MAX || batch->bytes > HAN__STORE_BATCH_MAX - size) {
        *status = HAN_LIMIT;
        return NULL;
    }
    size_t need = aligned(size ? size : 1);
    if (!chunk || need > chunk->size - sizeof *chunk - chunk->used) chunk = add_chunk(batch, need);
    if (!chunk) {
        *status = HAN_NOMEM;
        return NULL;
    }
    void *place = chunk->data + chunk->used;
    chunk->used += need;
    return place;
}

static int refuse(han__batch *batch, int status, han_error *err)
{
    batch->broken = true;
    if (status == HAN_LIMIT)
        return han__error_set(err, status, "a batch for the store is larger than %u MiB",
                              HAN__STORE_BATCH_MAX >> 20);
    return han__error_set(err, status, "no memory for rows of the store");
}

int han__batch_copy(han__batch *batch, han__bytes bytes, const void **out, han_error *err)
{
    int status = HAN_OK;
    void *copy = han__batch_take(batch, bytes.len, &status);
    if (!copy) return refuse(batch, status, err);
    if (bytes.len > 0) memcpy(copy, bytes.data, bytes.len);
    *out = copy;
    return HAN_OK;
}

int han__batch_op_add(han__batch *batch, int stmt, size_t count, han__batch_op **out,
                      han_error *err)
{
    int status = HAN_OK;
    han__batch_value *values; /* behind the operation, in one piece */
    han__batch_op *op =
        han__batch_take(batch, aligned(sizeof *op) + count * sizeof *values, &status);
    if (!op) return refuse(batch, status, err);
    values = (han__batch_value *)((uint8_t *)op + aligned(sizeof *op));
    memset(values, 0, count * sizeof *values); /* HAN__BIND_NULL */
    *op = (han__batch_op){.stmt = stmt, .count = count, .values = values};
    *batch->ops_end = op;
    batch->ops_end = &op->next;
    *out = op;
    return HAN_OK;
}

int han__batch_blob_add(han__batch *batch, han__bytes bytes, han__batch_blob **out, han_error *err)
{
    int status = HAN_OK;
    if (bytes.len > HAN__BLOB_BYTES_MAX) {
        batch->broken = true;
        return han__error_set(err, HAN_LIMIT,
                              "a content of %zu bytes is more than the store takes (%u)", bytes.len,
                              HAN__BLOB_BYTES_MAX);
    }
    han__batch_blob *blob = han__batch_take(batch, sizeof *blob, &status);
    if (!blob) return refuse(batch, status, err);
    *blob = (han__batch_blob){.len = bytes.len};
    status = han__batch_copy(batch, bytes, &blob->bytes, err);
    if (status != HAN_OK) return status;
    size_t need = han__blob_pack_bound(bytes.len);
    if (need > batch->scratch_need) batch->scratch_need = need;
    *batch->blobs_end = blob;
    batch->blobs_end = &blob->next;
    *out = blob;
    return HAN_OK;
}

int han__batch_seal(han__batch *batch, han_error *err)
{
    if (batch->broken)
        return han__error_set(err, HAN_INVALID, "a batch that lacks rows cannot be stored");
    if (batch->scratch || batch->scratch_need == 0) return HAN_OK;
    han__batch_chunk *chunk = add_chunk(batch, aligned(batch->scratch_need));
    /* not broken: it can be put again when there is memory */
    if (!chunk) return han__error_set(err, HAN_NOMEM, "no memory for packing a batch");
    chunk->used = aligned(batch->scratch_need);
    batch->scratch = chunk->data;
    return HAN_OK;
}

int han__batch_make(han__mem *mem, han__batch **out, han_error *err)
{
    han__batch *batch = han__mem_zalloc(mem, 1, sizeof *batch);
    if (!batch) return han__error_set(err, HAN_NOMEM, "no memory for rows of the store");
    batch->mem = mem;
    batch->blobs_end = &batch->blobs;
    batch->ops_end = &batch->ops;
    *out = batch;
    return HAN_OK;
}

void han__batch_free(han__batch *batch)
{
    if (!batch) return;
    for (han__batch_chunk *chunk = batch->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        han__mem_free(batch->mem, chunk, chunk->size);
    }
    han__mem_free(batch->mem, batch, sizeof *batch);
}
