/* Owns what lies between a response's bytes and its messages: is it a stream, which session is it,
 * and that each message is one line without the key. */
#include "base/config.h"
#include "model/post.h"

#include "model/head.h"
#include "model/json.h"
#include "model/sse.h"

struct han__post {
    han__mem *mem;
    han__http_call *http;
    han__post_request request;
    han__sse sse;
    han__buf body; /* what came and is no stream; while a message is told, that one */
    char session[HAN__POST_SESSION_MAX + 1];
    int status; /* HTTP, as the head says */
    bool stream;
};

static void free_post(han__post *post)
{
    han__sse_release(&post->sse);
    han__buf_release(&post->body);
    han__mem_free(post->mem, post, sizeof *post);
}

static void redact(const han__post *post)
{
    if (post->request.secret && post->body.len)
        han__secret_redact(post->request.secret, post->body.data, post->body.len);
}

/* Tells what is in the body as a message. An end of line stands in JSON between values only. */
static int tell(han__post *post)
{
    for (size_t i = 0; i < post->body.len; i++)
        if (post->body.data[i] == '\n' || post->body.data[i] == '\r') post->body.data[i] = ' ';
    redact(post);
    int status = post->request.on_message(post->request.ud, post->body.data, post->body.len);
    han__buf_reset(&post->body);
    return status;
}

static int on_event(void *ud, const char *name, const uint8_t *data, size_t len)
{
    han__post *post = ud;
    if (len == 0 || (name[0] && strcmp(name, "message") != 0)) return HAN_OK;
    int status = han__buf_append(&post->body, data, len);
    return status == HAN_OK ? tell(post) : status;
}

static void on_head(void *ud, const char *line, size_t len)
{
    static const char session[] = "mcp-session-id:";
    han__post *post = ud;
    if (han__head_begins(line, len, "HTTP/")) { /* a new head: behind a provisional one */
        post->status = han__head_status(line, len);
        post->stream = false;
        post->session[0] = '\0';
    }
    post->stream = post->stream || (post->status == 200 && han__head_is_stream(line, len));
    if (!han__head_begins(line, len, session)) return;
    size_t left;
    const char *value = han__head_value(line, len, sizeof session - 1, &left);
    for (size_t i = 0; i < left; i++)
        if (value[i] <= 0x20 || value[i] > 0x7e) return;
    if (left > HAN__POST_SESSION_MAX) return;
    memcpy(post->session, value, left);
    post->session[left] = '\0';
}

static int on_body(void *ud, const uint8_t *bytes, size_t len)
{
    han__post *post = ud;
    return post->stream ? han__sse_feed(&post->sse, bytes, len)
                        : han__buf_append(&post->body, bytes, len);
}

static void on_end(void *ud, const han__http_end *http)
{
    han__post *post = ud;
    han__http_end told = *http;
    han__post_end end = {&told, post->session, &post->body};
    if (told.status == HAN_OK && post->status / 100 == 2 && post->body.len)
        told.status = tell(post);
    redact(post); /* before it is cut, so that no half of a key is left */
    if (post->body.len > HAN__POST_RAW_MAX) post->body.len = HAN__POST_RAW_MAX;
    if (post->body.len) post->body.len = han__text_mend(post->body.data, post->body.len);
    post->request.on_end(post->request.ud, &end);
    free_post(post);
}

int han__post_start(han__post **out, han__http *http, han__mem *mem,
                    const han__post_request *request, han_error *err)
{
    han__post *post = han__mem_zalloc(mem, 1, sizeof *post);
    if (!post) return han__error_set(err, HAN_NOMEM, "no memory for a request");
    post->mem = mem;
    post->request = *request;
    han__sse_init(&post->sse, mem, HAN__POST_MESSAGE_MAX, HAN__POST_BODY_MAX, on_event, post);
    han__buf_init(&post->body, mem, HAN__POST_MESSAGE_MAX);
    han__http_request inner = request->http;
    inner.body_max = HAN__POST_BODY_MAX;
    inner.on_head = on_head;
    inner.on_body = on_body;
    inner.on_end = on_end;
    inner.ud = post;
    int rc = han__http_start(&post->http, http, &inner, err);
    if (rc != HAN_OK) {
        free_post(post);
        return rc;
    }
    *out = post;
    return HAN_OK;
}

const char *han__post_session(const han__post *post)
{
    return post->session;
}

void han__post_cancel(han__post *post)
{
    han__http_cancel(post->http);
    free_post(post);
}
