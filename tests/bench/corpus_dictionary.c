/* Does a trained zstd dictionary earn its place? Reads the contents of real stores, trains
 * dictionaries on the first half of them in the order in which they came (what a running store
 * would know by then) and packs the second half with and without. Usage: corpus_dictionary STORE...
 */
#include "base/config.h"

#include <sqlite3.h>
#include <zdict.h>
#include <zstd.h>

#include "store/blob.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES_MAX 200000
#define ROUNDS      3

typedef struct contents {
    han__mem *mem;
    char *bytes;
    size_t len, cap, count, sizes[SAMPLES_MAX];
} contents;

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "corpus_dictionary: %s: %s\n", what, why);
    _exit(1);
}

static void add(contents *c, const void *bytes, size_t packed, size_t size, bool is_packed)
{
    if (c->count == SAMPLES_MAX) return;
    void *grown = c->bytes;
    if (han__mem_grow(c->mem, &grown, &c->cap, c->len + size, 1, (size_t)1 << 34))
        die("memory", "none");
    c->bytes = grown;
    if (!is_packed)
        memcpy(c->bytes + c->len, bytes, size);
    else if (ZSTD_isError(ZSTD_decompress(c->bytes + c->len, size, bytes, packed)))
        die("a content", "damaged");
    c->sizes[c->count++] = size;
    c->len += size;
}

static void read_store(const char *path, contents *c)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *rows = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) ||
        sqlite3_prepare_v2(db, "SELECT codec, size, bytes FROM blob ORDER BY rowid", -1, &rows,
                           NULL))
        die(path, sqlite3_errmsg(db));
    while (sqlite3_step(rows) == SQLITE_ROW)
        add(c, sqlite3_column_blob(rows, 2), (size_t)sqlite3_column_bytes(rows, 2),
            (size_t)sqlite3_column_int64(rows, 1), sqlite3_column_int(rows, 0) == HAN__BLOB_ZSTD);
    sqlite3_finalize(rows);
    sqlite3_close(db);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Packs the contents from `first` on as the store does; gives the bytes that would be stored. */
static size_t pack(const contents *c, size_t first, const ZSTD_CDict *dict, double *seconds)
{
    size_t at = 0, stored = 0, cap = ZSTD_compressBound(c->len);
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    char *out = han__mem_alloc(c->mem, cap);
    if (!zstd || !out) die("memory", "none");
    for (size_t i = 0; i < first; i++) at += c->sizes[i];
    double from = now();
    for (size_t i = first; i < c->count; at += c->sizes[i++]) {
        size_t n = c->sizes[i];
        if (n >= HAN__BLOB_PACK_MIN) {
            size_t m = dict ? ZSTD_compress_usingCDict(zstd, out, cap, c->bytes + at, n, dict)
                            : ZSTD_compressCCtx(zstd, out, cap, c->bytes + at, n, HAN__BLOB_LEVEL);
            if (!ZSTD_isError(m) && m < n) n = m;
        }
        stored += n;
    }
    *seconds = now() - from;
    han__mem_free(c->mem, out, cap);
    ZSTD_freeCCtx(zstd);
    return stored;
}

static size_t pack_best(const contents *c, size_t first, const ZSTD_CDict *dict, double *seconds)
{
    size_t stored = 0;
    *seconds = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double took;
        stored = pack(c, first, dict, &took);
        if (took < *seconds) *seconds = took;
    }
    return stored;
}

static void with_dictionary(const contents *c, size_t first, size_t whole, size_t plain,
                            size_t size)
{
    double seconds, from = now();
    void *bytes = han__mem_alloc(c->mem, size);
    if (!bytes) die("memory", "none");
    size_t trained = ZDICT_trainFromBuffer(bytes, size, c->bytes, c->sizes, (unsigned)first);
    if (ZDICT_isError(trained)) {
        printf("  dictionary %3zu kB: cannot be trained (%s)\n", size >> 10,
               ZDICT_getErrorName(trained));
        han__mem_free(c->mem, bytes, size);
        return;
    }
    double training = now() - from;
    ZSTD_CDict *dict = ZSTD_createCDict(bytes, trained, HAN__BLOB_LEVEL);
    size_t stored = pack_best(c, first, dict, &seconds);
    printf(
        "  dictionary %3zu kB: %9zu bytes (%.3f of plain, the dictionary not counted), %.0f MB/s,"
        " trained in %.1f s\n",
        size >> 10, stored, (double)stored / (double)plain, (double)whole / seconds / 1e6,
        training);
    ZSTD_freeCDict(dict);
    han__mem_free(c->mem, bytes, size);
}

static void measure(han__mem *mem, const char *path)
{
    static contents c;
    double seconds;
    c = (contents){.mem = mem, .bytes = c.bytes, .cap = c.cap};
    read_store(path, &c);
    size_t first = c.count / 2, whole = 0, small = 0;
    if (first == 0) die(path, "it has no contents");
    for (size_t i = first; i < c.count; i++) {
        whole += c.sizes[i];
        small += c.sizes[i] < HAN__BLOB_PACK_MIN;
    }
    size_t plain = pack_best(&c, first, NULL, &seconds);
    printf("%s: %zu contents, the second half %zu bytes (%zu below %u bytes)\n", path, c.count,
           whole, small, HAN__BLOB_PACK_MIN);
    printf("  level %d           : %9zu bytes (%.2f of what they are), %.0f MB/s\n",
           HAN__BLOB_LEVEL, plain, (double)plain / (double)whole, (double)whole / seconds / 1e6);
    for (size_t size = 16; size <= 112; size += 48)
        with_dictionary(&c, first, whole, plain, size << 10);
}

int main(int argc, char **argv)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    if (argc < 2) {
        fprintf(stderr, "usage: corpus_dictionary STORE...\n");
        return 2;
    }
    for (int i = 1; i < argc; i++) measure(&mem, argv[i]);
    return 0;
}
