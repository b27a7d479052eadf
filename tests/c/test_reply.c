/* model/reply: every stream and body of tests/data/streams gives what its .want file says, however
 * it is cut; and the grammar and its mending. HAN_WRITE_WANT=1 writes the .want files anew. */
#include "base/config.h"

#include <dirent.h>
#include <stdlib.h>

#include "reply_text.h"
#include "testing.h"

#define FOLDER HAN_TEST_SOURCE_DIR "/tests/data/streams/"

static size_t read_file(const char *path, uint8_t *out, size_t cap)
{
    FILE *file = fopen(path, "rb");
    if (!file) return SIZE_MAX;
    size_t len = fread(out, 1, cap, file);
    fclose(file);
    return len;
}

static int dialect_of(const char *name)
{
    if (strstr(name, ".chat.")) return HAN__DIALECT_CHAT;
    return strstr(name, ".responses.") ? HAN__DIALECT_RESPONSES : HAN__DIALECT_MESSAGES;
}

static int feed(han__reply *reply, han__mem *mem, const uint8_t *bytes, size_t len, size_t piece,
                uint64_t seed)
{
    han__sse sse;
    int rc = HAN_OK;
    han__sse_init(&sse, mem, 1u << 20, 100000, reply_take_event, reply);
    for (size_t at = 0, n; at < len && rc == HAN_OK; at += n) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        n = piece ? piece : 1 + (size_t)(seed >> 33) % 97;
        if (n > len - at) n = len - at;
        rc = han__sse_feed(&sse, bytes + at, n);
    }
    han__sse_release(&sse);
    return rc;
}

/* The reply as text, NUL-terminated. */
static int told(han__mem *mem, const char *name, const uint8_t *bytes, size_t len, size_t piece,
                uint64_t seed, han__buf *out)
{
    han__reply reply;
    han__reply_init(&reply, mem, dialect_of(name), 1u << 20);
    int rc = strstr(name, ".json") ? han__reply_body(&reply, bytes, len)
                                   : feed(&reply, mem, bytes, len, piece, seed);
    han__reply_mend(&reply);
    han__buf_reset(out);
    reply_text(&reply, rc, out);
    assert_int_equal(han__buf_byte(out, 0), 0);
    han__reply_release(&reply);
    return rc;
}

static void check_file(const char *name)
{
    static uint8_t bytes[65536], want[65536];
    char path[600];
    han__mem mem;
    han__buf text;
    han__mem_init(&mem, NULL, NULL);
    han__buf_init(&text, &mem, 1u << 20);
    snprintf(path, sizeof path, FOLDER "%s", name);
    size_t len = read_file(path, bytes, sizeof bytes);
    snprintf(path, sizeof path, FOLDER "%s.want", name);
    told(&mem, name, bytes, len, len, 0, &text);
    if (getenv("HAN_WRITE_WANT")) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fwrite(text.data, 1, text.len - 1, file);
        fclose(file);
    }
    size_t want_len = read_file(path, want, sizeof want - 1);
    if (want_len == SIZE_MAX) fail_msg("%s is missing", path);
    want[want_len] = '\0';
    for (size_t turn = 0; turn < 60; turn++) {
        size_t piece = turn < 30 ? turn + 1 : 0;
        told(&mem, name, bytes, len, piece, turn, &text);
        if (strcmp((char *)text.data, (char *)want) != 0)
            fail_msg("%s in pieces of %zu (turn %zu):\n%s\nwanted:\n%s", name, piece, turn,
                     (char *)text.data, (char *)want);
    }
    han__buf_release(&text);
    assert_int_equal(mem.live, 0);
}

TEST(every_stream_and_body)
{
    int count = 0;
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        const char *name = entry->d_name, *end = strrchr(name, '.');
        if (!end || (strcmp(end, ".sse") != 0 && strcmp(end, ".json") != 0)) continue;
        check_file(name);
        count++;
    }
    closedir(folder);
    assert_true(count >= 36);
}

static bool one_reply(han__mem *mem, const char *name)
{
    static uint8_t bytes[65536];
    char path[600];
    han__reply reply;
    snprintf(path, sizeof path, FOLDER "%s", name);
    size_t len = read_file(path, bytes, sizeof bytes);
    han__reply_init(&reply, mem, dialect_of(name), 1u << 20);
    int rc = feed(&reply, mem, bytes, len, 50, 0);
    assert_true(rc == HAN_OK || rc == HAN_NOMEM || (rc == HAN_SYNTAX && reply.fault));
    han__reply_release(&reply);
    return rc == HAN_OK;
}

TEST(memory_runs_out)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    SWEEP_ALLOCATIONS(&mem, one_reply(&mem, "tools.chat.sse"));
    SWEEP_ALLOCATIONS(&mem, one_reply(&mem, "tools.responses.sse"));
    SWEEP_ALLOCATIONS(&mem, one_reply(&mem, "tools.messages.sse"));
}

TEST(fields_have_a_maximum)
{
    static const char event[] =
        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"0123456789\"}}]}";
    han__mem mem;
    han__reply reply;
    han__mem_init(&mem, NULL, NULL);
    han__reply_init(&reply, &mem, HAN__DIALECT_CHAT, 25);
    assert_int_equal(han__reply_event(&reply, "", (const uint8_t *)event, sizeof event - 1), 0);
    assert_int_equal(han__reply_event(&reply, "", (const uint8_t *)event, sizeof event - 1), 0);
    assert_int_equal(han__reply_event(&reply, "", (const uint8_t *)event, sizeof event - 1),
                     HAN_SYNTAX);
    assert_string_equal(reply.fault, "the reply is too long");
    han__reply_release(&reply);
    assert_int_equal(mem.live, 0);
}

TEST(tool_calls_have_a_maximum)
{
    han__mem mem;
    han__reply reply;
    char event[200];
    int rc = HAN_OK;
    han__mem_init(&mem, NULL, NULL);
    han__reply_init(&reply, &mem, HAN__DIALECT_CHAT, 1000);
    for (int i = 0; i <= HAN__REPLY_CALLS_MAX; i++) {
        assert_int_equal(rc, 0);
        snprintf(event, sizeof event,
                 "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":%d}]}}]}", i);
        rc = han__reply_event(&reply, "", (const uint8_t *)event, strlen(event));
    }
    assert_int_equal(rc, HAN_SYNTAX);
    assert_string_equal(reply.fault, "too many tool calls");
    han__reply_release(&reply);
}

/* ---- the grammar ---- */

static bool is_json(const char *text)
{
    han__json json;
    han__json_init(&json, text, strlen(text));
    return han__json_skip(&json, NULL) && han__json_done(&json);
}

TEST(what_is_json_and_what_is_not)
{
    static const char *const good[] = {"0",
                                       "-0",
                                       "-1.5e+10",
                                       "1E2",
                                       "\"\"",
                                       "\"\\u00e9\\n\\/\"",
                                       "[]",
                                       "{}",
                                       "[1,[2,{}],{\"a\":[]}]",
                                       " { \"a\" : 1 , \"b\" : null } ",
                                       "true"};
    static const char *const bad[] = {
        "",        "01",         "-",           "1.",       ".5",        "1e",   "+1",
        "\"",      "\"\\x\"",    "\"\\u12g4\"", "\"a\nb\"", "[1,]",      "[,1]", "[1 2]",
        "{\"a\"}", "{\"a\":1,}", "{a:1}",       "[1}",      "{\"a\":1]", "nul",  "tru",
        "[",       "{",          "{\"a\":",     "1 2",      "NaN",       "\"\\"};
    for (size_t i = 0; i < HAN__COUNT(good); i++)
        if (!is_json(good[i])) fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < HAN__COUNT(bad); i++)
        if (is_json(bad[i])) fail_msg("taken: %s", bad[i]);
}

static void mends(const char *from, const char *to)
{
    uint8_t text[64];
    size_t len = strlen(from);
    memcpy(text, from, len);
    size_t got = han__text_mend(text, len);
    assert_int_equal(got, strlen(to));
    assert_memory_equal(text, to, got);
}

TEST(texts_are_mended)
{
    mends("plain \xC3\xA9 \xF0\x9F\x98\x80", "plain \xC3\xA9 \xF0\x9F\x98\x80");
    mends("\xED\xA0\xBD\xED\xB8\x80", "\xF0\x9F\x98\x80"); /* two halves by escapes */
    mends("a\xED\xA0\xBD", "a?");
    mends("\xED\xB8\x80 b", "? b");
    mends("\xED\xA0\xBDx\xED\xB8\x80", "?x?");
    mends("\xF0\x9F", "??");
    mends("\xC0\x80\xFF", "???");
}

static int64_t count_of(const char *text)
{
    han__json json;
    int64_t n = 0;
    han__json_init(&json, text, strlen(text));
    return han__json_count(&json, &n) ? n : -1;
}

TEST(counts)
{
    assert_int_equal(count_of("0"), 0);
    assert_int_equal(count_of("123456789012345678"), 123456789012345678);
    assert_int_equal(count_of("99999999999999999999"), -1);
    assert_int_equal(count_of("-1"), -1);
    assert_int_equal(count_of("1.5"), -1);
    assert_int_equal(count_of("1e3"), -1);
    assert_int_equal(count_of("\"1\""), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stream_and_body),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(fields_have_a_maximum),
        cmocka_unit_test(tool_calls_have_a_maximum),
        cmocka_unit_test(what_is_json_and_what_is_not),
        cmocka_unit_test(texts_are_mended),
        cmocka_unit_test(counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
