/* model/http, model/call: many requests at once against an endpoint that misbehaves on order. */
#include "base/config.h"

#include <stdlib.h>

#include "http_world.h"
#include "model/call.h"
#include "model/line.h"
#include "reply_text.h"

/* What came of one call. */
typedef struct outcome {
    int ends, status, http, streamed;
    bool sent;
    char message[256];
    char text[8192], told[1024], raw[512];
    char only[256]; /* the reply's text alone */
} outcome;

static void copy(char *out, size_t cap, const han__buf *from)
{
    snprintf(out, cap, "%.*s", (int)from->len, from->data ? (const char *)from->data : "");
}

static void on_end(void *ud, const han__call_end *end)
{
    outcome *o = ud;
    han__mem mem;
    han__buf text;
    han__mem_init(&mem, NULL, NULL);
    han__buf_init(&text, &mem, 1u << 20);
    o->ends++;
    o->status = end->http->status;
    o->http = end->http->http;
    o->sent = end->http->sent;
    o->streamed = end->streamed;
    snprintf(o->message, sizeof o->message, "%s", end->http->message ? end->http->message : "");
    reply_text(end->reply, end->http->status, &text);
    copy(o->text, sizeof o->text, &text);
    copy(o->told, sizeof o->told, end->told);
    copy(o->raw, sizeof o->raw, end->raw);
    copy(o->only, sizeof o->only, &end->reply->text);
    han__buf_release(&text);
}

static const char *const paths[] = {"/v1/chat/completions", "/v1/responses", "/v1/messages"};

static int try_call(fixture *f, int dialect, const char *model, bool stream,
                    const han__secret *secret, uint32_t total_ms, outcome *o, han__call **out,
                    han_error *err)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    char url[128], body[256];
    snprintf(url, sizeof url, "%s%s", f->endpoint.base, paths[dialect]);
    han__line_options options = {
        .url = url,
        .headers = headers,
        .secret = secret,
        .secret_header = dialect == HAN__DIALECT_MESSAGES ? "x-api-key" : "Authorization",
        .secret_prefix = dialect == HAN__DIALECT_MESSAGES ? "" : "Bearer "};
    han__line *line = NULL;
    memset(o, 0, sizeof *o);
    int status = han__line_open(&line, f->http, &f->mem, &options, err);
    if (status != HAN_OK) return status;
    snprintf(body, sizeof body, "{\"model\":\"%s\",\"max_tokens\":50%s}", model,
             stream ? ",\"stream\":true" : "");
    han__call_request request = {.http = {.line = line,
                                          .body = body,
                                          .body_len = strlen(body),
                                          .total_ms = total_ms ? total_ms : 60000,
                                          .body_max = 1u << 20},
                                 .id = "one",
                                 .dialect = dialect,
                                 .secret = secret,
                                 .on_end = on_end,
                                 .ud = o};
    status = han__call_start(out, f->http, &f->mem, &request, err);
    han__line_drop(line); /* the call holds it */
    return status;
}

static han__call *start_call(fixture *f, int dialect, const char *model, bool stream,
                             const han__secret *secret, uint32_t total_ms, outcome *o)
{
    han_error err = {0};
    han__call *call = NULL;
    if (try_call(f, dialect, model, stream, secret, total_ms, o, &call, &err))
        fail_msg("%s", err.message);
    return call;
}

static void ask(fixture *f, int dialect, const char *model, bool stream, outcome *o)
{
    start_call(f, dialect, model, stream, NULL, 0, o);
    TURN_UNTIL(f->loop, o->ends > 0);
    assert_int_equal(o->ends, 1);
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("'%s' is not in:\n%s", part, text);
}

TEST(every_dialect_streamed_and_whole)
{
    fixture f;
    outcome o;
    open_with(&f, NULL, NULL);
    for (int dialect = 0; dialect < HAN__DIALECTS; dialect++) {
        for (int stream = 0; stream < 2; stream++) {
            ask(&f, dialect, "ok", stream, &o);
            assert_int_equal(o.status, HAN_OK);
            assert_int_equal(o.http, 200);
            assert_int_equal(o.streamed, stream);
            has(o.text, "done=1 failed=0");
            has(o.text, "usage={");
            has(o.told, "request-id: req_1\n");
            if (dialect != HAN__DIALECT_MESSAGES || stream)
                assert_string_equal(o.only, "H\xC3\xA9llo from ok");
        }
    }
    close_all(&f);
}

TEST(dripped_bytes_give_the_same_reply)
{
    fixture f;
    outcome o, dripped;
    open_with(&f, NULL, NULL);
    for (int dialect = 0; dialect < HAN__DIALECTS; dialect++) {
        ask(&f, dialect, "okay", true, &o);
        ask(&f, dialect, "drip-1", true, &dripped);
        assert_string_equal(o.only, "H\xC3\xA9llo from okay");
        assert_string_equal(dripped.only, "H\xC3\xA9llo from drip-1");
        assert_int_equal(dripped.status, HAN_OK);
    }
    close_all(&f);
}

TEST(misbehaviour_is_told_as_what_it_is)
{
    static const struct {
        const char *model;
        int status, http;
        const char *part, *told;
    } cases[] = {
        {"cut", HAN_IO, 200, "done=0 failed=0", ""},
        {"half", HAN_IO, 200, "done=0 failed=0", ""},
        {"wrong", HAN_SYNTAX, 200, "fault=", ""},
        {"twice", HAN_SYNTAX, 200, "fault=a member stands there twice", ""},
        {"huge", HAN_OK, 200, "1e400", ""},
        {"errevent", HAN_OK, 200, "error_type=overloaded_error\nerror_message=Overloaded", ""},
        {"nousage", HAN_OK, 200, "done=1 failed=0", ""},
        {"gzip", HAN_LIMIT, 200, "done=0", ""},
        {"flood", HAN_LIMIT, 200, "done=0", ""},
        {"r429", HAN_OK, 429, "error_type=rate_limit_exceeded\nerror_message=slow down\n",
         "retry-after-ms: 20\n"},
        {"r503", HAN_OK, 503, "done=0", ""},
        {"r529", HAN_OK, 529, "error_type=overloaded_error", "x-should-retry: true\n"},
        {"redirect", HAN_OK, 302, "done=0", ""},
        {"hangup", HAN_IO, 0, "done=0", ""},
    };
    fixture f;
    outcome o;
    open_with(&f, NULL, NULL);
    for (size_t i = 0; i < HAN__COUNT(cases); i++) {
        ask(&f, HAN__DIALECT_CHAT, cases[i].model, true, &o);
        if (o.status != cases[i].status || o.http != cases[i].http)
            fail_msg("%s: status %d (%s), http %d", cases[i].model, o.status, o.message, o.http);
        has(o.text, cases[i].part);
        has(o.told, cases[i].told);
        assert_int_equal(o.sent, true);
        assert_int_equal(o.status != HAN_OK, o.message[0] != '\0');
    }
    ask(&f, HAN__DIALECT_CHAT, "r503", true, &o);
    has(o.raw, "<html>busy</html>");
    close_all(&f);
}

TEST(deadlines_hold)
{
    fixture f;
    outcome never, endless;
    open_with(&f, NULL, NULL);
    start_call(&f, HAN__DIALECT_CHAT, "never", true, NULL, 300, &never);
    start_call(&f, HAN__DIALECT_CHAT, "drip-1000", true, NULL, 300, &endless);
    TURN_UNTIL(f.loop, never.ends && endless.ends);
    assert_int_equal(never.status, HAN_TIMEOUT);
    assert_int_equal(never.http, 0);
    assert_true(never.sent);
    assert_int_equal(endless.status, HAN_TIMEOUT);
    close_all(&f);
}

TEST(a_stream_without_end_is_cut)
{
    fixture f;
    outcome o;
    open_with(&f, NULL, NULL);
    start_call(&f, HAN__DIALECT_CHAT, "endless", true, NULL, 60000, &o);
    TURN_UNTIL(f.loop, o.ends > 0);
    assert_int_equal(o.status, HAN_LIMIT);
    assert_string_equal(o.message, "the response is longer than 1048576 bytes");
    close_all(&f);
}

TEST(nobody_listens)
{
    fixture f;
    outcome o;
    open_with(&f, NULL, NULL);
    snprintf(f.endpoint.base, sizeof f.endpoint.base, "http://127.0.0.1:1"); /* tcpmux: closed */
    ask(&f, HAN__DIALECT_CHAT, "ok", true, &o);
    assert_int_equal(o.status, HAN_IO);
    assert_false(o.sent);
    close_all(&f);
}

static int open_url(fixture *f, const char *url, han_error *err)
{
    han__line *line = NULL;
    memset(err, 0, sizeof *err);
    int rc = han__line_open(&line, f->http, &f->mem, &(han__line_options){.url = url}, err);
    han__line_drop(line);
    return rc;
}

TEST(only_https_and_this_machine)
{
    static const char *const bad[] = {"http://example.org/v1",
                                      "ftp://127.0.0.1/",
                                      "file:///etc/passwd",
                                      "http://127.0.0.1.example.org/",
                                      "https://user:pw@example.org/",
                                      "nonsense",
                                      ""};
    static const char *const good[] = {"https://example.org/v1", "http://127.0.0.1:80/",
                                       "http://localhost/", "http://[::1]:8080/"};
    fixture f;
    han_error err;
    open_with(&f, NULL, NULL);
    for (size_t i = 0; i < HAN__COUNT(bad); i++)
        assert_int_equal(open_url(&f, bad[i], &err), HAN_INVALID);
    for (size_t i = 0; i < HAN__COUNT(good); i++)
        assert_int_equal(open_url(&f, good[i], &err), HAN_OK);
    close_all(&f);
}

TEST(cancelled_calls_are_never_told)
{
    fixture f;
    outcome o[4];
    open_with(&f, NULL, NULL);
    han__call *row = start_call(&f, HAN__DIALECT_CHAT, "ok", true, NULL, 0, &o[0]);
    han__call_cancel(row); /* before it began */
    han__call *never = start_call(&f, HAN__DIALECT_CHAT, "never", true, NULL, 0, &o[1]);
    start_call(&f, HAN__DIALECT_CHAT, "ok", true, NULL, 0, &o[2]);
    TURN_UNTIL(f.loop, o[2].ends);
    han__call_cancel(never); /* while it waits */
    start_call(&f, HAN__DIALECT_CHAT, "never", true, NULL, 0, &o[3]);
    assert_true(han__loop_run_once(f.loop, 0) >= 0);
    close_all(&f); /* and what lives at the end */
    assert_int_equal(o[0].ends + o[1].ends, 0);
    assert_int_equal(o[3].ends, 1);
    assert_int_equal(o[3].status, HAN_CANCELLED);
}

#define MANY 600

TEST(many_at_once)
{
    static outcome o[MANY];
    fixture f;
    int ended = 0;
    open_with(&f, "--delay", "700");
    for (int i = 0; i < MANY; i++) start_call(&f, i % HAN__DIALECTS, "ok", true, NULL, 0, &o[i]);
    size_t most = 0;
    while (ended < MANY) {
        assert_true(han__loop_run_once(f.loop, 1000) >= 0);
        if (han__http_running(f.http) > most) most = han__http_running(f.http);
        ended = 0;
        for (int i = 0; i < MANY; i++) ended += o[i].ends;
    }
    assert_true(most > 2 * HAN__HTTP_PER_HANDLE); /* over more than one handle */
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(o[i].ends, 1);
        assert_int_equal(o[i].status, HAN_OK);
        assert_string_equal(o[i].only, "H\xC3\xA9llo from ok");
    }
    assert_int_equal(han__http_running(f.http) + han__http_waiting(f.http), 0);
    close_all(&f);
}

/* ---- keys ---- */

#define KEY "sk-canary-0123456789abcdefXYZ"

static han__secret *canary(fixture *f)
{
    han__secret *secret = NULL;
    assert_int_equal(han__secret_make(&secret, &f->mem, KEY, strlen(KEY), NULL), 0);
    return secret;
}

TEST(the_key_goes_where_the_dialect_wants_it)
{
    fixture f;
    outcome o;
    open_with(&f, "--key", KEY);
    han__secret *secret = canary(&f);
    for (int dialect = 0; dialect < HAN__DIALECTS; dialect++) {
        start_call(&f, dialect, "ok", true, secret, 0, &o);
        TURN_UNTIL(f.loop, o.ends);
        assert_int_equal(o.http, 200);
        ask(&f, dialect, "ok", true, &o);
        assert_int_equal(o.http, 401);
        has(o.text, "error_type=invalid_api_key");
    }
    han__secret_free(secret);
    close_all(&f);
}

TEST(an_echoed_key_is_taken_out)
{
    fixture f;
    outcome o;
    open_with(&f, NULL, NULL);
    han__secret *secret = canary(&f);
    start_call(&f, HAN__DIALECT_CHAT, "echo", true, secret, 0, &o);
    TURN_UNTIL(f.loop, o.ends);
    assert_int_equal(o.http, 400);
    has(o.text, "your key *****************************");
    assert_null(strstr(o.text, "canary"));
    assert_null(strstr(o.told, "canary"));
    assert_null(strstr(o.text, "63616e617279")); /* canary in hexadecimal */
    assert_null(strstr(o.text, "Y2FuYXJ5"));     /* in base64, at its three alignments */
    assert_null(strstr(o.text, "NhbmFye"));
    assert_null(strstr(o.text, "jYW5hcn"));
    assert_null(strstr(o.text, "%63%61"));
    assert_null(strstr(o.text, "u0063"));
    han__secret_free(secret);
    close_all(&f);
}

static bool start_and_cancel(fixture *f)
{
    static const char *const headers[] = {"a: b", NULL};
    han__line_options options = {.url = "http://127.0.0.1:1/", .headers = headers};
    han__line *line = NULL;
    han__call *call = NULL;
    han__mem *mem = &f->mem;
    size_t live = mem->live;
    int rc = han__line_open(&line, f->http, mem, &options, NULL);
    han__call_request request = {.http = {.line = line, .body = "{}", .body_len = 2}};
    if (rc == HAN_OK) rc = han__call_start(&call, f->http, mem, &request, NULL);
    assert_true(rc == HAN_OK || rc == HAN_NOMEM);
    han__line_drop(line);
    if (rc == HAN_OK) han__call_cancel(call);
    assert_true(mem->live <= live + 4096); /* the heap of timers may have grown */
    return rc == HAN_OK;
}

TEST(memory_runs_out)
{
    fixture f;
    bool done = false;
    open_with(&f, NULL, NULL);
    for (uint64_t nth = 1; !done; nth++) {
        assert_true(nth < 100);
        f.mem.calls = 0;
        f.mem.fail_at = nth;
        done = start_and_cancel(&f) && f.mem.calls < nth;
    }
    f.mem.fail_at = 0;
    close_all(&f);
}

/* The n-th allocation of a client's first request fails, and no other: it is refused, or ends once.
 */
TEST(memory_runs_out_on_the_way)
{
    fixture f;
    outcome o;
    int ended = 0;
    bool done = false;
    open_with(&f, NULL, NULL);
    f.mem.fail_once = true;
    for (uint64_t nth = 1; !done; nth++) {
        han__call *call = NULL;
        han_error err = {0};
        assert_true(nth < 1000);
        han__http_close(f.http);
        TURN_UNTIL(f.loop, !han__loop_alive(f.loop));
        assert_int_equal(han__http_open(&f.http, f.loop, &f.mem, NULL), HAN_OK);
        f.mem.calls = 0;
        f.mem.fail_at = nth;
        int status = try_call(&f, HAN__DIALECT_CHAT, "ok", true, NULL, 0, &o, &call, &err);
        if (status == HAN_OK) TURN_UNTIL(f.loop, o.ends > 0);
        f.mem.fail_at = 0;
        assert_int_equal(o.ends, status == HAN_OK);
        ended += o.status == HAN_NOMEM;
        done = f.mem.calls < nth;
        assert_true(!done || o.status == HAN_OK);
    }
    assert_true(ended > 2);
    close_all(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_dialect_streamed_and_whole),
        cmocka_unit_test(dripped_bytes_give_the_same_reply),
        cmocka_unit_test(misbehaviour_is_told_as_what_it_is),
        cmocka_unit_test(deadlines_hold),
        cmocka_unit_test(a_stream_without_end_is_cut),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(only_https_and_this_machine),
        cmocka_unit_test(cancelled_calls_are_never_told),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(the_key_goes_where_the_dialect_wants_it),
        cmocka_unit_test(an_echoed_key_is_taken_out),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(memory_runs_out_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
