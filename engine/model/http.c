/* Owns the multi handles, their sockets and timers, and the requests. Callbacks of libcurl only
 * note what happened; requests end when a socket action is over, so that whoever is told may start
 * and cancel others. */
#include "base/config.h"
#include "model/http.h"

#include "loop/poll.h"
#include "loop/timer.h"
#include "model/curl.h"
#include "model/line.h"

#include <stdio.h>

#define CONNECT_MS 10000u
#define TOTAL_MS   600000u
#define BODY_MAX   (8u << 20)
#define EXPECT_MIN (64u << 10) /* bytes of a body for which libcurl may wait for a word */
#define IDLE_MAX   1024        /* seats kept for the next requests */

typedef struct handle {
    han__http *http;
    CURLM *multi;
    han__timer timer;
    size_t running;
    bool blind; /* no memory to watch one of its sockets: what runs on it would never end */
} handle;

/* An easy handle, whose options that are the same for every request are set once. */
typedef struct seat {
    struct seat *next; /* of those that are idle */
    CURL *easy;
    han__line *line; /* whose URL is set; held */
    bool get, erase;
    han__http_call *call; /* NULL: idle */
    char error[CURL_ERROR_SIZE];
} seat;

struct han__http_call {
    han__http *http;
    han__http_call *next, *before; /* in the row, or among those that run */
    handle *at;                    /* NULL: waits in the row */
    seat *seat;                    /* ... then also NULL */
    han__line *line;               /* held */
    struct curl_slist *headers;    /* its own, and behind them those of the line */
    struct curl_slist own, expect;
    void *body; /* a copy, and behind it one of its own header */
    size_t body_size;
    han__http_request request;
    size_t head, got;
    int refused;  /* a status that ends it: from on_body, or a maximum */
    char why[96]; /* of a maximum */
};

/* Requests in the order in which they came. */
typedef struct calls {
    han__http_call *first, *last;
    size_t len;
} calls;

struct han__http {
    han__loop *loop;
    han__mem *mem;
    han__curl curl;
    handle *handles[HAN__HTTP_HANDLES];
    calls row, running;
    han__timer begin; /* the next turn in which requests of the row begin */
    seat *idle;
    size_t idle_len;
    bool closing;
};

/* ---- requests ---- */

static void free_seat(han__http *http, seat *s)
{
    if (!s) return;
    if (s->easy) http->curl.easy_cleanup(s->easy);
    han__line_drop(s->line);
    han__mem_free(http->mem, s, sizeof *s);
}

static void leave_seat(han__http *http, seat *s)
{
    s->call = NULL;
    if (http->idle_len == IDLE_MAX) {
        free_seat(http, s);
        return;
    }
    s->next = http->idle;
    http->idle = s;
    http->idle_len++;
}

static void free_call(han__http_call *call)
{
    han__http *http = call->http;
    if (call->seat) leave_seat(http, call->seat);
    han__line_drop(call->line);
    han__mem_free(http->mem, call->body, call->body_size);
    han__mem_free(http->mem, call, sizeof *call);
}

static void link_last(calls *list, han__http_call *call)
{
    call->before = list->last;
    call->next = NULL;
    if (list->last)
        list->last->next = call;
    else
        list->first = call;
    list->last = call;
    list->len++;
}

static void unlink_from(calls *list, han__http_call *call)
{
    if (call->before)
        call->before->next = call->next;
    else
        list->first = call->next;
    if (call->next)
        call->next->before = call->before;
    else
        list->last = call->before;
    list->len--;
}

/* Takes it out of its multi handle, or out of the row. */
static void leave(han__http_call *call)
{
    han__http *http = call->http;
    if (!call->at) {
        unlink_from(&http->row, call);
        return;
    }
    http->curl.multi_remove_handle(call->at->multi, call->seat->easy);
    call->at->running--;
    call->at = NULL;
    unlink_from(&http->running, call);
}

/* ---- callbacks of libcurl ---- */

static size_t on_write(char *bytes, size_t size, size_t count, void *ud)
{
    han__http_call *call = ((seat *)ud)->call;
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
    han__http_call *call = ((seat *)ud)->call;
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
    return code == CURLE_OK                   ? HAN_OK
           : code == CURLE_OPERATION_TIMEDOUT ? HAN_TIMEOUT
           : code == CURLE_OUT_OF_MEMORY      ? HAN_NOMEM
                                              : HAN_IO;
}

static void describe(han__http_call *call, CURLcode code, han__http_end *end)
{
    const han__curl *curl = &call->http->curl;
    long http = 0, sent = 0;
    curl_off_t first = 0, total = 0;
    curl->easy_getinfo(call->seat->easy, CURLINFO_RESPONSE_CODE, &http);
    curl->easy_getinfo(call->seat->easy, CURLINFO_REQUEST_SIZE, &sent);
    curl->easy_getinfo(call->seat->easy, CURLINFO_STARTTRANSFER_TIME_T, &first);
    curl->easy_getinfo(call->seat->easy, CURLINFO_TOTAL_TIME_T, &total);
    end->status = status_of(call, code);
    end->http = (int)http;
    end->sent = sent > 0 || http > 0;
    end->first_us = (uint64_t)first;
    end->total_us = (uint64_t)total;
    end->bytes = call->got;
    if (end->status != HAN_OK)
        end->message = call->why[0]           ? call->why
                       : call->seat->error[0] ? call->seat->error
                                              : curl->easy_strerror(code);
}

static void plan(han__http *http);

/* The last that is done with a request. */
static void tell(han__http_call *call, const han__http_end *end)
{
    call->request.on_end(call->request.ud, end);
    free_call(call);
}

static void end_running(han__http_call *call, CURLcode code)
{
    han__http_end end = {0};
    describe(call, code, &end);
    leave(call);
    tell(call, &end);
}

static han__http_call *running_on(const handle *h)
{
    han__http_call *call = h->http->running.first;
    while (call && call->at != h) call = call->next;
    return call;
}

/* Ends what runs on a handle: whoever is told may start and cancel others. */
static void end_blind(handle *h)
{
    han__http *http = h->http;
    han__http_call *call;
    h->blind = false;
    while (!http->closing && (call = running_on(h))) end_running(call, CURLE_OUT_OF_MEMORY);
}

/* Tells about every request of the handle that has ended. */
static void reap(handle *h)
{
    han__http *http = h->http;
    const han__curl *curl = &http->curl;
    CURLMsg *message;
    int left;
    while (!http->closing && (message = curl->multi_info_read(h->multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        seat *s = NULL;
        CURLcode code = message->data.result; /* gone with its handle */
        curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&s);
        end_running(s->call, code);
    }
    if (h->blind && !http->closing) end_blind(h);
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
    if (!w || han__poll_want(w->poll, in, out) != HAN_OK) h->blind = true; /* see reap */
    return 0; /* else the handle would be of no use for ever */
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
    return han__timer_start(&h->timer, HAN__MS((uint64_t)ms), 0) == HAN_OK ? 0 : -1; /* is kept */
}

/* ---- handles ---- */

static handle *new_handle(han__http *http)
{
    const han__curl *curl = &http->curl;
    handle *h = han__mem_zalloc(http->mem, 1, sizeof *h);
    if (!h) return NULL;
    h->http = http;
    han__timer_init(&h->timer, http->loop, on_timer, h);
    if (han__timer_keep(&h->timer) == HAN_OK) h->multi = curl->multi_init();
    if (!h->multi) {
        han__timer_let_go(&h->timer);
        han__mem_free(http->mem, h, sizeof *h);
        return NULL;
    }
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
    han__timer_let_go(&h->timer);
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

/* What is the same for every request. */
static void set_once(const han__curl *curl, seat *s)
{
    CURL *easy = s->easy;
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl->easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl->easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
    curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, s->error);
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, s);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, s);
    curl->easy_setopt(easy, CURLOPT_PRIVATE, s);
    curl->easy_setopt(easy, CURLOPT_POST, 1L);
}

static seat *take_seat(han__http *http)
{
    seat *s = http->idle;
    if (s) {
        http->idle = s->next;
        http->idle_len--;
        return s;
    }
    s = han__mem_zalloc(http->mem, 1, sizeof *s);
    if (!s) return NULL;
    s->easy = http->curl.easy_init();
    if (s->easy) {
        set_once(&http->curl, s);
        return s;
    }
    free_seat(http, s);
    return NULL;
}

/* What is this request's own. All that a seat points to is set anew before it is used again. */
static void sit_down(han__http_call *call, seat *s)
{
    const han__curl *curl = &call->http->curl;
    const han__http_request *r = &call->request;
    call->seat = s;
    s->call = call;
    s->error[0] = '\0';
    if (s->line != call->line) {
        han__line_drop(s->line);
        s->line = han__line_hold(call->line);
        curl->easy_setopt(s->easy, CURLOPT_CURLU, s->line->url);
        curl->easy_setopt(s->easy, CURLOPT_NOPROXY, s->line->here ? "*" : NULL);
    }
    curl->easy_setopt(s->easy, CURLOPT_HTTPHEADER, call->headers);
    curl->easy_setopt(s->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_ms);
    curl->easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, (long)r->total_ms);
    if (r->get != s->get) curl->easy_setopt(s->easy, r->get ? CURLOPT_HTTPGET : CURLOPT_POST, 1L);
    s->get = r->get;
    if (r->erase != s->erase)
        curl->easy_setopt(s->easy, CURLOPT_CUSTOMREQUEST, r->erase ? "DELETE" : NULL);
    s->erase = r->erase;
    if (r->get) return;
    curl->easy_setopt(s->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
    curl->easy_setopt(s->easy, CURLOPT_POSTFIELDS, call->body);
}

/* Tells that it could not even begin. */
static void fail(han__http_call *call, const char *message)
{
    han__http_end end = {.status = HAN_NOMEM, .message = message};
    tell(call, &end);
}

static void begin_one(han__http *http, handle *h, han__http_call *call)
{
    unlink_from(&http->row, call);
    seat *s = take_seat(http);
    if (!s) {
        fail(call, "no memory for a request");
        return;
    }
    sit_down(call, s);
    if (http->curl.multi_add_handle(h->multi, s->easy) != CURLM_OK) {
        fail(call, "the request could not be begun");
        return;
    }
    call->at = h;
    h->running++;
    link_last(&http->running, call);
}

static void begin_some(void *ud, han__timer *timer)
{
    han__http *http = ud;
    HAN__UNUSED(timer);
    for (int i = 0; i < HAN__HTTP_PER_TURN && http->row.first; i++) {
        handle *h = find_handle(http);
        if (!h) break;
        begin_one(http, h, http->row.first);
    }
    plan(http);
}

/* More of the row can begin: in the next turn of the loop. */
static void plan(han__http *http)
{
    if (http->closing || !http->row.first || han__timer_active(&http->begin)) return;
    if (http->running.len >= (size_t)HAN__HTTP_HANDLES * HAN__HTTP_PER_HANDLE) return;
    han__loop_touch(http->loop);
    if (han__timer_start(&http->begin, 0, 0) != HAN_OK) return; /* never: its place is kept */
}

/* ---- the client ---- */

static void put_header(han__http_call *call, struct curl_slist *at, char *text)
{
    *at = (struct curl_slist){text, call->headers};
    call->headers = at;
}

/* The body, and behind it the header, whose memory libcurl does not copy. */
static bool copy_texts(han__http_call *call)
{
    static char expect[] = "Expect:"; /* is only read */
    const han__http_request *r = &call->request;
    size_t header = r->header ? strlen(r->header) + 1 : 0;
    if (r->body_len > SIZE_MAX - header) return false;
    call->body = han__mem_alloc(call->http->mem, r->body_len + header);
    if (!call->body) return false;
    call->body_size = r->body_len + header;
    if (r->body_len) memcpy(call->body, r->body, r->body_len);
    call->headers = call->line->headers;
    if (header) memcpy((char *)call->body + r->body_len, r->header, header);
    if (header) put_header(call, &call->own, (char *)call->body + r->body_len);
    /* for long bodies libcurl would wait for a "100 Continue" */
    if (r->body_len >= EXPECT_MIN) put_header(call, &call->expect, expect);
    return true;
}

int han__http_start(han__http_call **out, han__http *http, const han__http_request *request,
                    han_error *err)
{
    han__http_call *call = han__mem_zalloc(http->mem, 1, sizeof *call);
    if (!call) return han__error_set(err, HAN_NOMEM, "no memory for a request");
    call->http = http;
    call->request = *request;
    call->line = han__line_hold(request->line);
    if (!request->connect_ms) call->request.connect_ms = CONNECT_MS;
    if (!request->total_ms) call->request.total_ms = TOTAL_MS;
    if (!request->body_max) call->request.body_max = BODY_MAX;
    if (!copy_texts(call)) {
        free_call(call);
        return han__error_set(err, HAN_NOMEM, "no memory for a request");
    }
    link_last(&http->row, call);
    plan(http);
    *out = call;
    return HAN_OK;
}

void han__http_cancel(han__http_call *call)
{
    han__http *http = call->http;
    leave(call);
    free_call(call);
    plan(http);
}

const han__curl *han__http_curl(const han__http *http)
{
    return &http->curl;
}

size_t han__http_running(const han__http *http)
{
    return http->running.len;
}

size_t han__http_waiting(const han__http *http)
{
    return http->row.len;
}

int han__http_open(han__http **out, han__loop *loop, han__mem *mem, han_error *err)
{
    han__http *http = han__mem_zalloc(mem, 1, sizeof *http);
    if (!http) return han__error_set(err, HAN_NOMEM, "no memory for requests");
    http->loop = loop;
    http->mem = mem;
    han__timer_init(&http->begin, loop, begin_some, http);
    int rc = han__timer_keep(&http->begin);
    if (rc == HAN_OK)
        rc = han__curl_load(&http->curl, err);
    else
        han__error_set(err, rc, "no memory for requests");
    if (rc != HAN_OK) {
        han__timer_let_go(&http->begin);
        han__mem_free(mem, http, sizeof *http);
        return rc;
    }
    *out = http;
    return HAN_OK;
}

/* The end of a request whose client ends. */
static void cut_off(han__http_call *call)
{
    han__http_end end = {.status = HAN_CANCELLED, .message = "the engine ended"};
    leave(call);
    tell(call, &end);
}

void han__http_close(han__http *http)
{
    if (!http) return;
    http->closing = true;
    han__timer_stop(&http->begin);
    han__timer_let_go(&http->begin);
    while (http->running.first) cut_off(http->running.first);
    while (http->row.first) cut_off(http->row.first);
    for (int i = 0; i < HAN__HTTP_HANDLES; i++)
        if (http->handles[i]) free_handle(http->handles[i]);
    for (seat *s; (s = http->idle); free_seat(http, s)) http->idle = s->next;
    han__curl_unload(&http->curl);
    han__mem_free(http->mem, http, sizeof *http);
}
