/* wire/frame: any chunking of the bytes gives the same frames; damage is found and stays found. */
#include "base/config.h"

#include "base/hash.h"
#include "base/rng.h"
#include "wire/frame.h"
#include "testing.h"

#define MANY 40

typedef struct fixture {
    han__mem mem;
    han__buf wire;
    han__frame_reader reader;
} fixture;

static void open_fixture(fixture *f)
{
    han__mem_init(&f->mem, NULL, NULL);
    han__buf_init(&f->wire, &f->mem, 64u << 20);
    han__frame_reader_init(&f->reader, &f->mem);
}

static void close_fixture(fixture *f)
{
    han__buf_release(&f->wire);
    han__frame_reader_release(&f->reader);
    assert_int_equal(f->mem.live, 0);
}

TEST(layout_on_the_wire)
{
    fixture f;
    open_fixture(&f);
    assert_int_equal(han__frame_append(&f.wire, 7, 0x01020304, "xyz", 3), 0);
    assert_int_equal(f.wire.len, 12);
    assert_memory_equal(f.wire.data, "\3\0\0\0\7\4\3\2\1xyz", 12);
    close_fixture(&f);
}

TEST(refusals_leave_the_buffer)
{
    fixture f;
    size_t start = 77;
    open_fixture(&f);
    assert_int_equal(han__frame_append(&f.wire, 0, 1, "x", 1), HAN_INVALID);
    assert_int_equal(han__frame_begin(&f.wire, 0, 1, &start), HAN_INVALID);
    assert_int_equal(han__frame_append(&f.wire, 1, 1, "x", HAN__FRAME_BYTES_MAX), HAN_LIMIT);
    assert_int_equal(f.wire.len, 0);
    assert_int_equal(start, 77);
    f.wire.max = 20;
    assert_int_equal(han__frame_append(&f.wire, 1, 1, "12345678", 8), 0);
    assert_int_equal(han__frame_append(&f.wire, 1, 1, "", 0), HAN_LIMIT);
    assert_int_equal(f.wire.len, 17);
    close_fixture(&f);
}

TEST(begin_and_end_around_a_payload)
{
    fixture f;
    size_t start = 0;
    han__frame frame;
    open_fixture(&f);
    assert_int_equal(han__frame_append(&f.wire, 1, 1, "a", 1), 0);
    assert_int_equal(han__frame_begin(&f.wire, 2, 9, &start), 0);
    assert_int_equal(han__buf_text(&f.wire, "payload"), 0);
    assert_int_equal(han__frame_end(&f.wire, start), 0);
    const uint8_t *at = f.wire.data;
    size_t len = f.wire.len;
    assert_int_equal(han__frame_next(&f.reader, &at, &len, &frame), 1);
    assert_int_equal(han__frame_next(&f.reader, &at, &len, &frame), 1);
    assert_int_equal(frame.type, 2);
    assert_int_equal(frame.id, 9);
    assert_int_equal(frame.len, 7);
    assert_memory_equal(frame.bytes, "payload", 7);
    assert_int_equal(han__frame_next(&f.reader, &at, &len, &frame), 0);
    close_fixture(&f);
}

TEST(end_takes_an_oversize_frame_out)
{
    fixture f;
    size_t start = 0;
    open_fixture(&f);
    assert_int_equal(han__buf_text(&f.wire, "before"), 0);
    assert_int_equal(han__frame_begin(&f.wire, 2, 9, &start), 0);
    assert_int_equal(han__buf_reserve(&f.wire, HAN__FRAME_PAYLOAD_MAX + 1), 0);
    f.wire.len += HAN__FRAME_PAYLOAD_MAX;
    assert_int_equal(han__frame_end(&f.wire, start), 0);
    f.wire.len++;
    assert_int_equal(han__frame_end(&f.wire, start), HAN_LIMIT);
    assert_int_equal(f.wire.len, 6);
    close_fixture(&f);
}

/* Payload sizes: mostly small, some empty, some larger than what a reader keeps. */
static size_t payload_size(han__rng *rng)
{
    uint64_t kind = han__rng_below(rng, 10);
    return (size_t)han__rng_below(rng, kind == 0 ? 300000 : kind < 4 ? 2 : 40);
}

static void write_many(fixture *f, han__rng *rng, uint64_t want[MANY])
{
    static uint8_t payload[300000];
    for (size_t i = 0; i < MANY; i++) {
        uint8_t type = (uint8_t)(1 + han__rng_below(rng, 255));
        uint32_t id = (uint32_t)han__rng_u64(rng);
        size_t len = payload_size(rng);
        for (size_t k = 0; k < len; k++) payload[k] = (uint8_t)(k * 31 + i);
        assert_int_equal(han__frame_append(&f->wire, type, id, payload, len), 0);
        want[i] = han__hash64(payload, len, ((uint64_t)id << 8) | type);
    }
}

/* Reads the wire in chunks of a random size up to `most`. */
static void read_many(fixture *f, han__rng *rng, size_t most, const uint64_t want[MANY])
{
    size_t seen = 0;
    for (size_t at = 0; at < f->wire.len;) {
        size_t len = 1 + (size_t)han__rng_below(rng, most);
        if (len > f->wire.len - at) len = f->wire.len - at;
        uint8_t *chunk =
            han__mem_alloc(&f->mem, len); /* exact, so that a sanitizer sees overruns */
        memcpy(chunk, f->wire.data + at, len);
        const uint8_t *bytes = chunk;
        size_t left = len;
        han__frame frame;
        int got;
        while ((got = han__frame_next(&f->reader, &bytes, &left, &frame)) == 1) {
            uint64_t hash =
                han__hash64(frame.bytes, frame.len, ((uint64_t)frame.id << 8) | frame.type);
            assert_true(seen < MANY && hash == want[seen]);
            seen++;
        }
        assert_int_equal(got, 0);
        assert_int_equal(left, 0);
        han__mem_free(&f->mem, chunk, len);
        at += len;
    }
    assert_int_equal(seen, MANY);
    assert_int_equal(han__frame_at_end(&f->reader), HAN_OK);
}

TEST(any_chunking_gives_the_same_frames)
{
    static const size_t most[] = {1, 2, 9, 10, 100, 5000, 300000, 10000000};
    for (uint64_t seed = 0; seed < 24; seed++) {
        fixture f;
        han__rng rng;
        uint64_t want[MANY];
        open_fixture(&f);
        han__rng_init(&rng, seed, 1);
        write_many(&f, &rng, want);
        read_many(&f, &rng, most[seed % HAN__COUNT(most)], want);
        close_fixture(&f);
    }
}

static int feed(fixture *f, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    han__frame frame;
    int got;
    while ((got = han__frame_next(&f->reader, &bytes, &len, &frame)) == 1) continue;
    return got;
}

static void check_corrupt(const char *header)
{
    for (size_t cut = 0; cut <= HAN__FRAME_HEADER; cut++) {
        fixture f;
        open_fixture(&f);
        int first = feed(&f, header, cut);
        assert_int_equal(first, cut == HAN__FRAME_HEADER ? HAN_CORRUPT : 0);
        assert_int_equal(feed(&f, header + cut, HAN__FRAME_HEADER - cut), HAN_CORRUPT);
        assert_int_equal(feed(&f, "\0\0\0\0\1\0\0\0\0", 9), HAN_CORRUPT);
        assert_int_equal(feed(&f, "", 0), HAN_CORRUPT);
        assert_int_equal(han__frame_at_end(&f.reader), HAN_CORRUPT);
        close_fixture(&f);
    }
}

TEST(damage_is_sticky)
{
    check_corrupt("\0\0\0\0\0\0\0\0\0");         /* type 0 */
    check_corrupt("\xf8\xff\xff\0\1\0\0\0\0");   /* one byte above the maximum */
    check_corrupt("\xff\xff\xff\xff\1\0\0\0\0"); /* far above */
}

TEST(largest_payload_is_taken)
{
    fixture f;
    open_fixture(&f);
    assert_int_equal(feed(&f, "\xf7\xff\xff\0\1\0\0\0\0", 9), 0);
    assert_int_equal(han__frame_at_end(&f.reader), HAN_CORRUPT);
    assert_true(f.mem.live < 1000); /* memory follows what arrived, not what was announced */
    close_fixture(&f);
}

TEST(memory_of_a_large_frame_is_given_back)
{
    fixture f;
    static uint8_t payload[300000];
    open_fixture(&f);
    assert_int_equal(feed(&f, "\xe0\x93\4\0\1\0\0\0\0", 9), 0);
    assert_int_equal(feed(&f, payload, sizeof payload), 0);
    assert_int_equal(feed(&f, "\1\0\0\0\1\0\0\0\0", 9), 0);
    assert_true(f.mem.peak > 300000);
    assert_true(f.mem.live < 1000);
    close_fixture(&f);
}

TEST(end_inside_a_frame)
{
    fixture f;
    open_fixture(&f);
    assert_int_equal(han__frame_at_end(&f.reader), HAN_OK);
    assert_int_equal(feed(&f, "\2\0\0\0\1\0\0\0\0x", 10), 0);
    assert_int_equal(han__frame_at_end(&f.reader), HAN_CORRUPT);
    assert_int_equal(feed(&f, "y", 1), 0);
    assert_int_equal(han__frame_at_end(&f.reader), HAN_OK);
    close_fixture(&f);
}

/* A refused allocation loses no byte: the repeated call goes on. */
TEST(reader_survives_allocation_failures)
{
    uint8_t payload[5000];
    memset(payload, 'p', sizeof payload);
    for (uint64_t nth = 1; nth < 6; nth++) {
        fixture f;
        open_fixture(&f);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(han__frame_append(&f.wire, 5, 6, payload, sizeof payload), 0);
        }
        int frames = 0, refusals = 0;
        f.mem.calls = 0;
        f.mem.fail_at = nth;
        f.mem.fail_once = true;
        for (size_t at = 0; at < f.wire.len;) {
            size_t step = f.wire.len - at < 700 ? f.wire.len - at : 700, left = step;
            const uint8_t *bytes = f.wire.data + at;
            han__frame frame;
            for (int got = 1; got != 0;) {
                got = han__frame_next(&f.reader, &bytes, &left, &frame);
                refusals += got == HAN_NOMEM;
                if (got == 1) assert_memory_equal(frame.bytes, payload, sizeof payload);
                frames += got == 1;
            }
            at += step;
        }
        assert_int_equal(frames, 3);
        assert_int_equal(refusals, f.mem.calls >= nth);
        close_fixture(&f);
    }
}

static bool append_one(fixture *f)
{
    bool ok = han__frame_append(&f->wire, 1, 2, "abc", 3) == HAN_OK;
    if (!ok) assert_int_equal(f->wire.len, 0);
    han__buf_release(&f->wire);
    return ok;
}

TEST(append_allocation_failures)
{
    fixture f;
    open_fixture(&f);
    SWEEP_ALLOCATIONS(&f.mem, append_one(&f));
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout_on_the_wire),
        cmocka_unit_test(refusals_leave_the_buffer),
        cmocka_unit_test(begin_and_end_around_a_payload),
        cmocka_unit_test(end_takes_an_oversize_frame_out),
        cmocka_unit_test(any_chunking_gives_the_same_frames),
        cmocka_unit_test(damage_is_sticky),
        cmocka_unit_test(largest_payload_is_taken),
        cmocka_unit_test(memory_of_a_large_frame_is_given_back),
        cmocka_unit_test(end_inside_a_frame),
        cmocka_unit_test(reader_survives_allocation_failures),
        cmocka_unit_test(append_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
