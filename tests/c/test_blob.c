/* store/blob: contents come back byte for byte or not at all. */
#include "base/config.h"

#include <sqlite3.h>
#include <zstd.h>

#include "base/rng.h"
#include "store_fixture.h"

static void fill(uint8_t *bytes, size_t len, bool noisy)
{
    han__rng rng;
    han__rng_init(&rng, 1, 2);
    for (size_t i = 0; i < len; i++)
        bytes[i] =
            noisy ? (uint8_t)han__rng_u64(&rng) : (uint8_t) "line 12: attempt to add "[i % 24];
}

/* Stores one content and gives its digest. */
static void put_content(fixture *f, const void *bytes, size_t len, uint8_t digest[32])
{
    han__batch *batch = NULL;
    assert_int_equal(han__batch_new(f->store, &batch, &f->err), HAN_OK);
    assert_int_equal(han__corpus_add_content(batch, (han__bytes){bytes, len}, digest, &f->err),
                     HAN_OK);
    assert_int_equal(han__store_put(f->store, batch, NULL, NULL, &f->err), HAN_OK);
    assert_int_equal(flush(f), HAN_OK);
}

TEST(every_size_comes_back)
{
    static const size_t sizes[] = {0, 1, 255, 256, 257, 4096, 70000, 1u << 20};
    static uint8_t bytes[1u << 20];
    fixture f;
    han__buf out;
    uint8_t digest[32], want[32];
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    han__buf_init(&out, &f.mem, HAN__BLOB_BYTES_MAX);
    for (int noisy = 0; noisy < 2; noisy++) {
        fill(bytes, sizeof bytes, noisy);
        for (size_t i = 0; i < HAN__COUNT(sizes); i++) {
            put_content(&f, bytes, sizes[i], digest);
            han__sha256_of(bytes, sizes[i], want);
            assert_memory_equal(digest, want, 32);
            assert_int_equal(han__buf_text(&out, "before"), HAN_OK);
            assert_int_equal(han__blob_get(f.store, digest, &out, &f.err), HAN_OK);
            assert_int_equal(out.len, 6 + sizes[i]);
            assert_memory_equal(out.data, "before", 6);
            assert_memory_equal(out.data + 6, bytes, sizes[i]);
            han__buf_reset(&out);
        }
    }
    /* short and noisy ones are kept as they are, the others packed (0 bytes are in both rounds) */
    assert_int_equal(number(&f, "SELECT count(*) FROM blob"), 15);
    assert_int_equal(number(&f, "SELECT count(*) FROM blob WHERE codec = 1"), 5);
    assert_int_equal(number(&f, "SELECT count(*) FROM blob WHERE codec = 1 AND size < 256"), 0);
    assert_int_equal(
        number(&f, "SELECT count(*) FROM blob WHERE codec = 0 AND size <> length(bytes)"), 0);
    han__buf_release(&out);
    fixture_close(&f);
}

TEST(equal_contents_are_stored_once)
{
    fixture f;
    uint8_t digest[32];
    fixture_open(&f);
    for (int round = 0; round < 3; round++) { /* across batches and across openings */
        assert_int_equal(store_open(&f), HAN_OK);
        put_content(&f, "the same", 8, digest);
        put_content(&f, "the same", 8, digest);
        assert_int_equal(number(&f, "SELECT count(*) FROM blob"), 1);
        assert_int_equal(store_close(&f), HAN_OK);
    }
    fixture_close(&f);
}

TEST(refusals)
{
    fixture f;
    han__buf out;
    uint8_t digest[32] = {0xab};
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    han__buf_init(&out, &f.mem, 100);
    assert_int_equal(han__blob_get(f.store, digest, &out, &f.err), HAN_UNKNOWN);
    assert_non_null(strstr(f.err.message, "ab00000000"));
    uint8_t bytes[200] = {1};
    put_content(&f, bytes, sizeof bytes, digest);
    han__error_clear(&f.err);
    assert_int_equal(han__buf_text(&out, "kept"), HAN_OK);
    assert_int_equal(han__blob_get(f.store, digest, &out, &f.err), HAN_LIMIT);
    assert_int_equal(out.len, 4);
    han__buf_release(&out);

    han__batch *batch = NULL;
    han__error_clear(&f.err);
    assert_int_equal(han__batch_new(f.store, &batch, &f.err), HAN_OK);
    han__bytes huge = {bytes, (size_t)HAN__BLOB_BYTES_MAX + 1}; /* refused before it is read */
    assert_int_equal(han__corpus_add_content(batch, huge, NULL, &f.err), HAN_LIMIT);
    han__error_clear(&f.err);
    assert_int_equal(han__store_put(f.store, batch, NULL, NULL, &f.err), HAN_INVALID);
    han__batch_free(batch);
    fixture_close(&f);
}

/* Damages the one stored content by SQL and expects a CORRUPT that names its digest. */
static void expect_damaged(const char *sql)
{
    fixture f;
    han__buf out;
    uint8_t bytes[4096], digest[32];
    char hex[HAN__SHA256_HEX];
    fixture_open(&f);
    fill(bytes, sizeof bytes, false);
    assert_int_equal(store_open(&f), HAN_OK);
    put_content(&f, bytes, sizeof bytes, digest);
    han__sha256_hex(digest, hex);
    raw(f.path, sql);
    han__buf_init(&out, &f.mem, HAN__BLOB_BYTES_MAX);
    han__error_clear(&f.err);
    assert_int_equal(han__blob_get(f.store, digest, &out, &f.err), HAN_CORRUPT);
    assert_non_null(strstr(f.err.message, hex));
    assert_int_equal(out.len, 0);
    assert_int_equal(query(&f, "SELECT content(digest) FROM blob", first_integer, &(int64_t){0}),
                     HAN_CORRUPT);
    assert_non_null(strstr(f.err.message, hex));
    han__buf_release(&out);
    fixture_close(&f);
}

TEST(damage_is_found)
{
    expect_damaged("UPDATE blob SET size = size + 1");
    expect_damaged("UPDATE blob SET size = size - 1");
    expect_damaged("UPDATE blob SET size = -1");
    expect_damaged("UPDATE blob SET size = 1 << 40");
    expect_damaged("UPDATE blob SET codec = 2");
    expect_damaged("UPDATE blob SET codec = 0");
    expect_damaged("UPDATE blob SET codec = 0, size = 3, bytes = x'010203'");
    expect_damaged("UPDATE blob SET bytes = x''");
    expect_damaged("UPDATE blob SET bytes = substr(bytes, 1, length(bytes) - 3)");
}

TEST(a_bomb_is_not_unpacked)
{
    static uint8_t zeros[1u << 20];
    uint8_t frame[1024], digest[32] = {0};
    han__mem mem;
    han__buf out;
    han_error err = {0};
    han__mem_init(&mem, NULL, NULL);
    size_t n = ZSTD_compress(frame, sizeof frame, zeros, sizeof zeros, 3);
    assert_false(ZSTD_isError(n));
    han__buf_init(&out, &mem, HAN__BLOB_BYTES_MAX);
    /* the row says 100 bytes, the frame unpacks to a million */
    assert_int_equal(han__blob_unpack(HAN__BLOB_ZSTD, 100, frame, n, digest, &out, &err),
                     HAN_CORRUPT);
    assert_true(mem.peak < 4096);
    han__buf_release(&out);
}

TEST(content_function)
{
    fixture f;
    uint8_t digest[32];
    int64_t n = 0;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    put_content(&f, "12345", 5, digest);
    assert_int_equal(number(&f, "SELECT CAST(CAST(content(digest) AS TEXT) AS INTEGER) FROM blob"),
                     12345);
    assert_int_equal(number(&f, "SELECT content(NULL) IS NULL"), 1);
    assert_int_equal(query(&f, "SELECT content('x')", first_integer, &n), HAN_SYNTAX);
    assert_int_equal(query(&f, "SELECT content(zeroblob(32))", first_integer, &n), HAN_SYNTAX);
    assert_non_null(strstr(f.err.message, "holds no content"));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_comes_back),
        cmocka_unit_test(equal_contents_are_stored_once),
        cmocka_unit_test(refusals),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(a_bomb_is_not_unpacked),
        cmocka_unit_test(content_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
