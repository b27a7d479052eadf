/* Owns the multi handles, their sockets and timers, and the requests. Callbacks of libcurl only
 * note what happened; requests end when a socket action is over, so that whoever is told may start
 * and cancel others. */
#include "base/config.h"
#include "model/http.h"

#include "loop/poll.h"
#include "loop/timer.h"
#include "model/curl.h"

#include <stdio.h>

#define CONNECT_MS    10000u
#define TOTAL_MS      600000u
#define BODY_MAX      (8u << 20)
#define IDLE_EASY_MAX 256 /* easy handles kept for the next requests */

typedef struct handle {
    han__http *http;
    CURLM *multi;
    han__timer timer;
    size_t running;
} handle;

struct han__http_call {
    han__http *http;
    han__http_call *next, *before; /* in the row, or among those that run */
    handle *at;                    /* NULL: waits in the row */
    CURL *easy;
    struct curl_slist *headers;
    char *url;
    void *body;
    size_t body_len;
    han__http_request request;
    size_t head, got;
    int refused;  /* a status that ends it: from on_body, or a maximum */
    char why[96]; /* of a maximum */
    char error[CURL_ERROR_SIZE];
};

struct han__http {
    han__loop *loop;
    han__mem *mem;
    han__curl curl;
    handle *handles[HAN__HTTP_HANDLES];
    han__http_call *row_first, *row_last, *running;
    size_t row_len, running_len;
    han__timer begin; /* the next turn in which requests of the row begin */
    CURL *idle[IDLE_EASY_MAX];
    size_t idle_len;
    bool closing;
    char allowed[512]; /* the URL that was checked last, and is allowed */
};

/* ---- requests ---- */

static void wipe(void *bytes, size_t len)
{
    if (len) explicit_bzero(bytes, len);
}

/* libcurl copies header lines; ours are overwritten before they are given back. */
static void free_headers(han__http *http, struct curl_slist *list)
{
    for (struct curl_slist *one = list; one; one = one->next) wipe(one->data, strlen(one->data));
    http->curl.slist_free_all(list);
}

static void free_call(han__http_call *call)
{
    han__http *http = call->http;
    if (call->easy) {
        http->curl.easy_reset(call->easy);
        if (http->idle_len < IDLE_EASY_MAX)
            http->idle[http->idle_len++] = call->easy;
        else
            http->curl.easy_cleanup(call->easy);
    }
    free_headers(http, call->headers);
    han__mem_strfree(http->mem, call->url);
    han__mem_free(http->mem, call->body, call->body_len);
    han__mem_free(http->mem, call, sizeof *call);
}

static void link_running(han__http *http, han__http_call *call)
{
    call->before = NULL;
    call->next = http->running;
    if (call->next) call->next->before = call;
    http->running = call;
    http->running_len++;
}

static void unlink_running(han__http *http, han__http_call *call)
{
    if (call->before)
        call->before->next = call->next;
    else
        http->running = call->next;
    if (call->next) call->next->before = call->before;
    http->running_len--;
}

static void link_row(han__http *http, han__http_call *call)
{
    call->before = http->row_last;
    call->next = NULL;
    if (http->row_last)
        http->row_last->next = call;
    else
        http->row_first = call;
    http->row_last = call;
    http->row_len++;
}

static void unlink_row(han__http *http, han__http_call *call)
{
    if (call->before)
        call->before->next = call->next;
    else
        http->row_first = call->next;
    if (call->next)
        call->next->before = call->before;
    else
        http->row_last = call->before;
    http->row_len--;
}

/* Takes it out of its multi handle. */
static void leave(han__http_call *call)
{
    han__http *http = call->http;
    if (!call->at) return;
    http->curl.multi_remove_handle(call->at->multi, call->easy);
    call->at->running--;
    call->at = NULL;
    unlink_running(http, call);
}

/* ---- callbacks of libcurl ---- */

static size_t on_write(char *bytes, size_t size, size_t count, void *ud)
{
    han__http_call *call = ud;
    size_t len = size * count;
    if (len > call->request.body_max - call->got) {
        call->refused = HAN_LIMIT;
        snprintf(call->why, sizeof call->why, "the response is longer than %zu bytes",
                 call->request.body_max);
        return 0;
    }
    call->got += len;
    if (len) call->refused = call->request.on_body(call->request.ud, (const uint8_t *)bytes, len);
    return call->refused == HAN_OK ? len : 0;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *ud)
{
    han__http_call *call = ud;
    size_t len = size * count, line = len;
    call->head += len;
    if (call->head > HAN__HTTP_HEAD_MAX) {
        call->refused = HAN_LIMIT;
        snprintf(call->why, sizeof call->why, "the response's headers are longer than %d bytes",
                 HAN__HTTP_HEAD_MAX);
        return 0;
    }
    while (line > 0 && (bytes[line - 1] == '\n' || bytes[line - 1] == '\r')) line--;
    if (call->request.on_head && line) call->request.on_head(call->request.ud, bytes, line);
    return len;
}

static int status_of(const han__http_call *call, CURLcode code)
{
    if (call->refused) return call->refused;
    switch (code) {
    case CURLE_OK:
        return HAN_OK;
    case CURLE_OPERATION_TIMEDOUT:
        return HAN_TIMEOUT;
    case CURLE_OUT_OF_MEMORY:
        return HAN_NOMEM;
    default:
        return HAN_IO;
    }
}

static void describe(han__http_call *call, CURLcode code, han__http_end *end)
{
    const han__curl *curl = &call->http->curl;
    long http = 0, sent = 0;
    curl_off_t first = 0, total = 0;
    curl->easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &http);
    curl->easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &sent);
    curl->easy_getinfo(call->easy, CURLINFO_STARTTRANSFER_TIME_T, &first);
    curl->easy_getinfo(call->easy, CURLINFO_TOTAL_TIME_T, &total);
    end->status = status_of(call, code);
    end->http = (int)http;
    end->sent = sent > 0 || http > 0;
    end->first_us = (uint64_t)first;
    end->total_us = (uint64_t)total;
    end->bytes = call->got;
    if (end->status != HAN_OK)
        end->message = call->why[0]     ? call->why
                       : call->error[0] ? call->error
                                        : curl->easy_strerror(code);
}

static void plan(han__http *http);

/* Tells about every request of the handle that has ended. */
static void reap(handle *h)
{
    han__http *http = h->http;
    const han__curl *curl = &http->curl;
    CURLMsg *message;
    int left;
    while (!http->closing && (message = curl->multi_info_read(h->multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        han__http_call *call = NULL;
        han__http_end end = {0};
        CURLcode code = message->data.result; /* gone with its handle */
        curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        describe(call, code, &end);
        leave(call);
        call->request.on_end(call->request.ud, &end);
        free_call(call);
    }
    plan(http);
}

static void act(handle *h, curl_socket_t fd, int mask)
{
    int running;
    h->http->curl.multi_socket_action(h->multi, fd, mask, &running);
    reap(h);
}

typedef struct watch {
    handle *at;
    curl_socket_t fd;
    han__poll *poll;
} watch;

static void on_ready(void *ud, bool readable, bool writable)
{
    const watch *w = ud;
    act(w->at, w->fd, (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0));
}

static void unwatch(handle *h, curl_socket_t fd, watch *w)
{
    if (!w) return;
    han__poll_close(w->poll);
    han__mem_free(h->http->mem, w, sizeof *w);
    h->http->curl.multi_assign(h->multi, fd, NULL);
}

static watch *new_watch(handle *h, curl_socket_t fd)
{
    watch *w = han__mem_zalloc(h->http->mem, 1, sizeof *w);
    if (!w) return NULL;
    w->at = h;
    w->fd = fd;
    if (han__poll_open(&w->poll, h->http->loop, fd, on_ready, w, NULL) == HAN_OK) {
        h->http->curl.multi_assign(h->multi, fd, w);
        return w;
    }
    han__mem_free(h->http->mem, w, sizeof *w);
    return NULL;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ud, void *socket_ud)
{
    handle *h = ud;
    watch *w = socket_ud;
    HAN__UNUSED(easy);
    if (what == CURL_POLL_REMOVE) {
        unwatch(h, fd, w);
        return 0;
    }
    if (!w) w = new_watch(h, fd);
    bool in = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
    bool out = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
    return w && han__poll_want(w->poll, in, out) == HAN_OK ? 0 : -1;
}

static void on_timer(void *ud, han__timer *timer)
{
    HAN__UNUSED(timer);
    act(ud, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timeout(CURLM *multi, long ms, void *ud)
{
    handle *h = ud;
    HAN__UNUSED(multi);
    han__loop_touch(h->http->loop);
    if (ms < 0) {
        han__timer_stop(&h->timer);
        return 0;
    }
    return han__timer_start(&h->timer, HAN__MS((uint64_t)ms), 0) == HAN_OK ? 0 : -1;
}

/* ---- handles ---- */

static handle *new_handle(han__http *http)
{
    const han__curl *curl = &http->curl;
    handle *h = han__mem_zalloc(http->mem, 1, sizeof *h);
    if (!h) return NULL;
    h->http = http;
    h->multi = curl->multi_init();
    if (!h->multi) {
        han__mem_free(http->mem, h, sizeof *h);
        return NULL;
    }
    han__timer_init(&h->timer, http->loop, on_timer, h);
    curl->multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl->multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl->multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl->multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    curl->multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)HAN__HTTP_PER_HANDLE);
    return h;
}

static void free_handle(handle *h)
{
    han__http *http = h->http;
    http->curl.multi_cleanup(h->multi);
    han__timer_stop(&h->timer);
    han__mem_free(http->mem, h, sizeof *h);
}

/* The first handle with a place, so that connections are used again; NULL: there is none. */
static handle *find_handle(han__http *http)
{
    for (int i = 0; i < HAN__HTTP_HANDLES; i++) {
        if (!http->handles[i]) http->handles[i] = new_handle(http);
        if (!http->handles[i]) return NULL;
        if (http->handles[i]->running < HAN__HTTP_PER_HANDLE) return http->handles[i];
    }
    return NULL;
}

/* ---- beginning ---- */

static void set_options(han__http_call *call)
{
    const han__curl *curl = &call->http->curl;
    const han__http_request *r = &call->request;
    CURL *easy = call->easy;
    curl->easy_setopt(easy, CURLOPT_URL, call->url);
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl->easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
    curl->easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl->easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
    curl->easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_ms);
    curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)r->total_ms);
    curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl->easy_setopt(easy, CURLOPT_PRIVATE, call);
    if (r->get) {
        curl->easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        return;
    }
    curl->easy_setopt(easy, CURLOPT_POST, 1L);
    curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
    curl->easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
}

/* Tells that it could not even begin. */
static void fail(han__http_call *call, const char *message)
{
    han__http_end end = {.status = HAN_NOMEM, .message = message};
    call->request.on_end(call->request.ud, &end);
    free_call(call);
}

static void begin_one(han__http *http, handle *h, han__http_call *call)
{
    unlink_row(http, call);
    call->easy = http->idle_len ? http->idle[--http->idle_len] : http->curl.easy_init();
    if (!call->easy) {
        fail(call, "no memory for a request");
        return;
    }
    set_options(call);
    if (http->curl.multi_add_handle(h->multi, call->easy) != CURLM_OK) {
        fail(call, "the request could not be begun");
        return;
    }
    call->at = h;
    h->running++;
    link_running(http, call);
}

static void begin_some(void *ud, han__timer *timer)
{
    han__http *http = ud;
    HAN__UNUSED(timer);
    for (int i = 0; i < HAN__HTTP_PER_TURN && http->row_first; i++) {
        handle *h = find_handle(http);
        if (!h) break;
        begin_one(http, h, http->row_first);
    }
    plan(http);
}

/* More of the row can begin: in the next turn of the loop. */
static void plan(han__http *http)
{
    if (http->closing || !http->row_first || han__timer_active(&http->begin)) return;
    if (http->running_len >= (size_t)HAN__HTTP_HANDLES * HAN__HTTP_PER_HANDLE) return;
    han__loop_touch(http->loop);
    /* out of memory: the next request that ends plans again */
    if (han__timer_start(&http->begin, 0, 0) != HAN_OK) return;
}

/* ---- checks ---- */

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
           strcmp(host, "[::1]") == 0 || strcmp(host, "::1") == 0;
}

static bool url_part(const han__curl *curl, CURLU *url, CURLUPart part, char *out, size_t cap)
{
    char *text = NULL;
    bool there = curl->url_get(url, part, &text, 0) == CURLUE_OK && text;
    snprintf(out, cap, "%s", there ? text : "");
    (curl->free)(text); /* in brackets: not the macro of mem.h */
    return there;
}

/* https to anywhere, http to this machine, no user and password inside. */
static int read_url(const han__http *http, const char *text, han_error *err)
{
    const han__curl *curl = &http->curl;
    char scheme[16], host[256], user[8];
    CURLU *url = curl->url();
    if (!url) return han__error_set(err, HAN_NOMEM, "no memory for a request");
    bool good = curl->url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                url_part(curl, url, CURLUPART_SCHEME, scheme, sizeof scheme) &&
                url_part(curl, url, CURLUPART_HOST, host, sizeof host);
    bool secret = good && url_part(curl, url, CURLUPART_USER, user, sizeof user);
    curl->url_cleanup(url);
    if (!good) return han__error_set(err, HAN_INVALID, "not a URL: %.200s", text);
    if (secret) return han__error_set(err, HAN_INVALID, "a URL must not hold a user or password");
    if (strcmp(scheme, "https") == 0) return HAN_OK;
    if (strcmp(scheme, "http") == 0 && is_loopback(host)) return HAN_OK;
    return han__error_set(err, HAN_INVALID,
                          "%.200s: only https, and http to this machine (127.0.0.1), is allowed",
                          text);
}

static int check_url(han__http *http, const char *text, han_error *err)
{
    if (http->allowed[0] && strcmp(http->allowed, text) == 0) return HAN_OK;
    int rc = read_url(http, text, err);
    if (rc == HAN_OK && strlen(text) < sizeof http->allowed)
        memcpy(http->allowed, text, strlen(text) + 1);
    return rc;
}

static bool copy_headers(han__http *http, han__http_call *call, const char *const *lines)
{
    for (; lines && *lines; lines++) {
        struct curl_slist *list = http->curl.slist_append(call->headers, *lines);
        if (!list) return false;
        call->headers = list;
    }
    struct curl_slist *list = http->curl.slist_append(call->headers, "Expect:");
    if (list) call->headers = list; /* no waiting for a "100 Continue" */
    return list != NULL;
}

int han__http_start(han__http_call **out, han__http *http, const han__http_request *request,
                    han_error *err)
{
    int rc = check_url(http, request->url, err);
    if (rc != HAN_OK) return rc;
    han__http_call *call = han__mem_zalloc(http->mem, 1, sizeof *call);
    if (!call) return han__error_set(err, HAN_NOMEM, "no memory for a request");
    call->http = http;
    call->request = *request;
    if (!request->connect_ms) call->request.connect_ms = CONNECT_MS;
    if (!request->total_ms) call->request.total_ms = TOTAL_MS;
    if (!request->body_max) call->request.body_max = BODY_MAX;
    call->url = han__mem_strdup(http->mem, request->url);
    call->body = han__mem_alloc(http->mem, request->body_len);
    if (call->body) call->body_len = request->body_len;
    if (!call->url || !call->body || !copy_headers(http, call, request->headers)) {
        free_call(call);
        return han__error_set(err, HAN_NOMEM, "no memory for a request");
    }
    if (request->body_len) memcpy(call->body, request->body, request->body_len);
    link_row(http, call);
    plan(http);
    *out = call;
    return HAN_OK;
}

void han__http_cancel(han__http_call *call)
{
    han__http *http = call->http;
    if (call->at)
        leave(call);
    else
        unlink_row(http, call);
    free_call(call);
    plan(http);
}

size_t han__http_running(const han__http *http)
{
    return http->running_len;
}

size_t han__http_waiting(const han__http *http)
{
    return http->row_len;
}

int han__http_open(han__http **out, han__loop *loop, han__mem *mem, han_error *err)
{
    han__http *http = han__mem_zalloc(mem, 1, sizeof *http);
    if (!http) return han__error_set(err, HAN_NOMEM, "no memory for requests");
    http->loop = loop;
    http->mem = mem;
    int rc = han__curl_load(&http->curl, err);
    if (rc != HAN_OK) {
        han__mem_free(mem, http, sizeof *http);
        return rc;
    }
    han__timer_init(&http->begin, loop, begin_some, http);
    *out = http;
    return HAN_OK;
}

/* The end of a request whose client ends. */
static void cut_off(han__http_call *call)
{
    han__http_end end = {.status = HAN_CANCELLED, .message = "the engine ended"};
    if (call->at)
        leave(call);
    else
        unlink_row(call->http, call);
    call->request.on_end(call->request.ud, &end);
    free_call(call);
}

void han__http_close(han__http *http)
{
    if (!http) return;
    http->closing = true;
    han__timer_stop(&http->begin);
    while (http->running) cut_off(http->running);
    while (http->row_first) cut_off(http->row_first);
    for (int i = 0; i < HAN__HTTP_HANDLES; i++)
        if (http->handles[i]) free_handle(http->handles[i]);
    while (http->idle_len) http->curl.easy_cleanup(http->idle[--http->idle_len]);
    han__curl_unload(&http->curl);
    han__mem_free(http->mem, http, sizeof *http);
}
