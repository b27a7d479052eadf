/* model/post: messages that come back for one that is posted, from an endpoint that misbehaves on
 * order. What it says is no JSON-RPC, which is nobody's business here. */
#include "base/config.h"

#include "http_world.h"
#include "model/line.h"
#include "model/post.h"

#define KEY "sk-canary-5b0d8e1f2a"

/* What came of one post. */
typedef struct outcome {
    int ends, status, http, messages;
    int stop_at; /* this message is refused; 0: none */
    size_t bytes;
    char first[512], raw[HAN__POST_RAW_MAX + 1], session[64];
} outcome;

static int on_message(void *ud, const uint8_t *bytes, size_t len)
{
    outcome *o = ud;
    if (o->messages++ == 0) snprintf(o->first, sizeof o->first, "%.*s", (int)len, bytes);
    o->bytes += len;
    assert_null(memchr(bytes, '\n', len));
    return o->messages == o->stop_at ? HAN_MISUSE : HAN_OK;
}

static void on_end(void *ud, const han__post_end *end)
{
    outcome *o = ud;
    o->ends++;
    o->status = end->http->status;
    o->http = end->http->http;
    snprintf(o->raw, sizeof o->raw, "%.*s", (int)end->raw->len,
             end->raw->data ? (const char *)end->raw->data : "");
    snprintf(o->session, sizeof o->session, "%s", end->session);
}

/* HAN_OK and *out, or why it could not begin. */
static int try_post(fixture *f, const char *model, bool stream, const han__secret *secret,
                    outcome *o, han__post **out)
{
    char url[128], body[256];
    han_error err = {0};
    han__line *line = NULL;
    snprintf(url, sizeof url, "%s/v1/chat/completions", f->endpoint.base);
    han__line_options options = {
        .url = url, .secret = secret, .secret_header = "Authorization", .secret_prefix = "Bearer "};
    int rc = han__line_open(&line, f->http, &f->mem, &options, &err);
    if (rc != HAN_OK) return rc;
    snprintf(body, sizeof body, "{\"model\":\"%s\"%s}", model, stream ? ",\"stream\":true" : "");
    han__post_request request = {
        .http = {.line = line, .body = body, .body_len = strlen(body), .total_ms = 60000},
        .secret = secret,
        .on_message = on_message,
        .on_end = on_end,
        .ud = o};
    rc = han__post_start(out, f->http, &f->mem, &request, &err);
    han__line_drop(line); /* the post holds it */
    return rc;
}

static void ask(fixture *f, const char *model, bool stream, const han__secret *secret, outcome *o)
{
    han__post *post = NULL;
    int stop_at = o->stop_at;
    *o = (outcome){.stop_at = stop_at};
    assert_int_equal(try_post(f, model, stream, secret, o, &post), HAN_OK);
    TURN_UNTIL(f->loop, o->ends > 0);
    assert_int_equal(o->ends, 1);
}

TEST(a_body_is_a_message_and_so_is_each_event)
{
    fixture f;
    outcome o = {0};
    open_with(&f, NULL, NULL);
    ask(&f, "ok", false, NULL, &o);
    assert_int_equal(o.status, HAN_OK);
    assert_int_equal(o.http, 200);
    assert_int_equal(o.messages, 1);
    assert_non_null(strstr(o.first, "{\"id\":\"chatcmpl-1\""));
    ask(&f, "ok", true, NULL, &o);
    assert_int_equal(o.status, HAN_OK);
    assert_int_equal(o.messages, 6);   /* three words, the end, the usage, [DONE] */
    ask(&f, "drip-1", true, NULL, &o); /* in pieces of 7 bytes */
    assert_int_equal(o.messages, 6);
    close_all(&f);
}

TEST(what_is_no_message_is_shown_and_bounded)
{
    fixture f;
    outcome o = {0};
    open_with(&f, NULL, NULL);
    ask(&f, "r503", false, NULL, &o);
    assert_int_equal(o.http, 503);
    assert_int_equal(o.messages, 0);
    assert_string_equal(o.raw, "<html>busy</html>");
    ask(&f, "redirect", false, NULL, &o);
    assert_int_equal(o.http, 302);
    assert_int_equal(o.messages, 0);
    ask(&f, "endless", true, NULL, &o);
    assert_int_equal(o.status, HAN_LIMIT);
    assert_true(o.bytes <= HAN__POST_BODY_MAX);
    ask(&f, "gzip", true, NULL, &o);
    assert_int_equal(o.status, HAN_LIMIT);
    ask(&f, "cut", true, NULL, &o);
    assert_int_equal(o.status, HAN_IO);
    o.stop_at = 2;
    ask(&f, "ok", true, NULL, &o);
    assert_int_equal(o.status, HAN_MISUSE);
    assert_int_equal(o.messages, 2);
    close_all(&f);
}

TEST(an_echoed_key_is_taken_out)
{
    fixture f;
    outcome o = {0};
    han_error err = {0};
    han__secret *secret = NULL;
    open_with(&f, NULL, NULL);
    assert_int_equal(han__secret_make(&secret, &f.mem, KEY, strlen(KEY), &err), HAN_OK);
    ask(&f, "echo", false, secret, &o);
    assert_int_equal(o.http, 400);
    assert_non_null(strstr(o.raw, "your key ********************"));
    assert_null(strstr(o.raw, "canary"));
    han__secret_free(secret);
    close_all(&f);
}

TEST(a_post_ends_when_it_is_cancelled_or_the_client_is)
{
    fixture f;
    outcome o = {0};
    han__post *post = NULL;
    open_with(&f, NULL, NULL);
    assert_int_equal(try_post(&f, "never", true, NULL, &o, &post), HAN_OK);
    for (int i = 0; i < 5; i++) assert_true(han__loop_run_once(f.loop, 10) >= 0);
    assert_string_equal(han__post_session(post), "");
    han__post_cancel(post);
    assert_int_equal(try_post(&f, "never", true, NULL, &o, &post), HAN_OK);
    close_all(&f);
    assert_int_equal(o.ends, 1);
    assert_int_equal(o.status, HAN_CANCELLED);
}

/* Each allocation in turn: it could not begin, it tells so, or it did without. */
TEST(every_allocation_may_fail)
{
    fixture f;
    open_with(&f, NULL, NULL);
    bool whole = false;
    for (uint64_t n = 1; !whole; n++) {
        outcome o = {0};
        han__post *post = NULL;
        assert_true(n < 500);
        f.mem.calls = 0;
        f.mem.fail_once = true;
        f.mem.fail_at = n;
        int rc = try_post(&f, "ok", true, NULL, &o, &post);
        if (rc == HAN_OK) TURN_UNTIL(f.loop, o.ends > 0);
        whole = f.mem.calls < n;
        f.mem.fail_at = 0;
        if (rc == HAN_OK && o.status == HAN_OK) assert_int_equal(o.messages, 6);
        if (whole) assert_int_equal(o.status, HAN_OK);
    }
    close_all(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_a_message_and_so_is_each_event),
        cmocka_unit_test(what_is_no_message_is_shown_and_bounded),
        cmocka_unit_test(an_echoed_key_is_taken_out),
        cmocka_unit_test(a_post_ends_when_it_is_cancelled_or_the_client_is),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
