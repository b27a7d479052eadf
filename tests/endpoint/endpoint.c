/* A model endpoint for tests: speaks chat completions, Responses and Messages on 127.0.0.1, counts
 * its requests, and misbehaves on order. What it does is said by the model's name, "HOW" or
 * "HOW-NUMBER"; `usage:` of README.md beside this file lists them.
 *
 *   fake_endpoint [--delay MS] [--hold N] [--key KEY] [--replies FOLDER]
 *
 * prints "PORT\n" and serves until its stdin ends.
 */
#define _GNU_SOURCE
#include "endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

/* ---- texts ---- */

void text_add(text *t, const void *bytes, size_t len)
{
    if (t->len + len + 1 > t->cap) {
        t->cap = (t->len + len + 1) * 2;
        t->data = realloc(t->data, t->cap);
        if (!t->data) abort();
    }
    memcpy(t->data + t->len, bytes, len);
    t->len += len;
    t->data[t->len] = '\0';
}

void text_printf(text *t, const char *format, ...)
{
    char *line = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&line, format, args);
    va_end(args);
    if (len < 0) abort();
    text_add(t, line, (size_t)len);
    free(line);
}

/* ---- counting by id ---- */

typedef struct count {
    struct count *next;
    char id[80];
    int n;
} count;

static count *counts[4096];

static int *count_of(const char *id)
{
    unsigned h = 5381;
    for (const char *c = id; *c; c++) h = h * 33 + (unsigned char)*c;
    count **at = &counts[h % 4096];
    for (; *at; at = &(*at)->next)
        if (strcmp((*at)->id, id) == 0) return &(*at)->n;
    *at = calloc(1, sizeof **at);
    if (!*at) abort();
    snprintf((*at)->id, sizeof(*at)->id, "%s", id);
    return &(*at)->n;
}

/* ---- connections ---- */

typedef struct connection {
    int fd;
    text in, out;
    size_t sent;
    uint64_t due; /* when the answer may go; 0: no answer waits */
    struct connection *next_due, *before_due;
    size_t drip; /* bytes at a time; 0: all */
    unsigned drip_ms;
    size_t endless; /* where the part begins that repeats; 0: none does */
    bool close_after, counted;
    bool held; /* until so many requests are open at once; then after delay */
    unsigned delay;
} connection;

static struct {
    int epoll, listener;
    unsigned delay;
    long hold; /* requests that must be open at once before the first is answered; 0: none */
    const char *key, *replies;
    connection *due_first, *due_last;
    long total, live, peak;
} server;

static void watch(connection *c, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = c};
    epoll_ctl(server.epoll, EPOLL_CTL_MOD, c->fd, &e);
}

static void unlink_due(connection *c)
{
    if (!c->due) return;
    if (c->before_due)
        c->before_due->next_due = c->next_due;
    else
        server.due_first = c->next_due;
    if (c->next_due)
        c->next_due->before_due = c->before_due;
    else
        server.due_last = c->before_due;
    c->due = 0;
}

/* Sorted; nearly always at the end, since most delays are the same. */
static void link_due(connection *c, uint64_t due)
{
    connection *after = server.due_last;
    c->due = due ? due : 1;
    while (after && after->due > c->due) after = after->before_due;
    c->before_due = after;
    c->next_due = after ? after->next_due : server.due_first;
    if (c->next_due)
        c->next_due->before_due = c;
    else
        server.due_last = c;
    if (after)
        after->next_due = c;
    else
        server.due_first = c;
}

static void drop(connection *c)
{
    unlink_due(c);
    if (c->counted) server.live--;
    close(c->fd);
    free(c->in.data);
    free(c->out.data);
    free(c);
}

static bool take_request(connection *c);

/* Sends what is due; false: the connection is gone. */
static bool flush(connection *c)
{
    while (c->sent < c->out.len) {
        size_t len = c->out.len - c->sent;
        if (c->drip && len > c->drip) len = c->drip;
        ssize_t n = send(c->fd, c->out.data + c->sent, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            watch(c, EPOLLIN | EPOLLOUT);
            return true;
        }
        if (n <= 0) {
            drop(c);
            return false;
        }
        c->sent += (size_t)n;
        if (c->drip && c->sent < c->out.len) {
            link_due(c, now_ms() + c->drip_ms);
            return true;
        }
        if (c->endless && c->sent == c->out.len) c->sent = c->endless;
    }
    if (c->counted) server.live--;
    c->counted = false;
    if (c->close_after) {
        drop(c);
        return false;
    }
    c->out.len = c->sent = 0;
    watch(c, EPOLLIN);
    return take_request(c);
}

/* ---- requests ---- */

static void header_of(const char *head, const char *name, char *out, size_t cap)
{
    size_t len = strlen(name);
    out[0] = '\0';
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, len) != 0 || line[2 + len] != ':') continue;
        const char *value = line + 3 + len, *end = strstr(value, "\r\n");
        while (*value == ' ') value++;
        size_t n = end ? (size_t)(end - value) : strlen(value);
        snprintf(out, cap, "%.*s", (int)n, value);
        return;
    }
}

static void answer_plain(text *out, const char *body)
{
    text_printf(
        out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        strlen(body), body);
}

static bool refuse_key(const request *r, text *out)
{
    char bearer[600];
    if (!server.key) return false;
    snprintf(bearer, sizeof bearer, "Bearer %s", server.key);
    if (strcmp(r->authorization, bearer) == 0 || strcmp(r->api_key, server.key) == 0) return false;
    static const char body[] = "{\"error\":{\"message\":\"Incorrect API key provided\",\"type\":"
                               "\"invalid_request_error\",\"code\":\"invalid_api_key\"}}";
    text_printf(out,
                "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: "
                "%zu\r\n\r\n%s",
                sizeof body - 1, body);
    return true;
}

static void answer_get(const char *target, text *out)
{
    char body[200];
    const char *id = strstr(target, "id=");
    if (id)
        snprintf(body, sizeof body, "%d\n", *count_of(id + 3));
    else
        snprintf(body, sizeof body, "{\"total\":%ld,\"peak\":%ld,\"live\":%ld}\n", server.total,
                 server.peak, server.live);
    answer_plain(out, body);
}

/* Fills the request from head and body; the body is NUL-terminated by the caller. */
static void read_request(request *r, const char *head, const char *body)
{
    memset(r, 0, sizeof *r);
    r->body = body;
    r->replies = server.replies;
    header_of(head, "authorization", r->authorization, sizeof r->authorization);
    header_of(head, "x-api-key", r->api_key, sizeof r->api_key);
    header_of(head, "x-client-request-id", r->id, sizeof r->id);
    r->stream = strstr(body, "\"stream\":true") != NULL;
    const char *model = strstr(body, "\"model\":\"");
    if (model) sscanf(model + 9, "%79[^\"]", r->model);
    r->dialect = strstr(head, "/messages ")    ? MESSAGES
                 : strstr(head, "/responses ") ? RESPONSES
                                               : CHAT;
    const char *max = strstr(body, "max_completion_tokens\":");
    if (!max) max = strstr(body, "max_output_tokens\":");
    if (!max) max = strstr(body, "max_tokens\":");
    r->max_tokens = max ? atol(strchr(max, ':') + 1) : 1000;
}

/* So many are open: what was held goes, and nothing is held any more. */
static void let_go(void)
{
    server.hold = 0;
    for (connection *c = server.due_first, *next; c; c = next) {
        next = c->next_due;
        if (!c->held) continue;
        c->held = false;
        unlink_due(c);
        link_due(c, now_ms() + c->delay);
    }
}

static void answer(connection *c, const char *head, const char *body)
{
    request r;
    char method[8] = "", target[200] = "";
    sscanf(head, "%7s %199s", method, target);
    read_request(&r, head, body);
    if (strcmp(method, "GET") == 0) {
        answer_get(target, &c->out);
        link_due(c, 0);
        return;
    }
    server.total++;
    server.live++;
    c->counted = true;
    if (server.live > server.peak) server.peak = server.live;
    r.turn = ++*count_of(r.id);
    manner how = {.delay = server.delay};
    if (!refuse_key(&r, &c->out)) behave(&r, &c->out, &how);
    c->close_after = how.close_after;
    c->drip = how.drip;
    c->drip_ms = how.drip_ms;
    c->endless = how.endless;
    c->delay = how.delay;
    c->held = server.hold > 0 && !how.never;
    link_due(c, how.never || c->held ? UINT64_MAX : now_ms() + how.delay);
    if (server.hold > 0 && server.live >= server.hold) let_go();
}

/* Begins the answer to a request that is there whole; false: the connection is gone. */
static bool take_request(connection *c)
{
    char *end = c->in.len ? strstr(c->in.data, "\r\n\r\n") : NULL;
    char length[32];
    if (!end) return true;
    end[2] = '\0';
    header_of(c->in.data, "content-length", length, sizeof length);
    size_t head = (size_t)(end + 4 - c->in.data), len = strtoul(length, NULL, 10);
    end[2] = '\r';
    if (c->in.len < head + len) return true;
    char *body = strndup(c->in.data + head, len), *copy = strndup(c->in.data, head);
    if (!body || !copy) abort();
    memmove(c->in.data, c->in.data + head + len, c->in.len - head - len);
    c->in.len -= head + len;
    c->in.data[c->in.len] = '\0';
    answer(c, copy, body);
    free(body);
    free(copy);
    return true;
}

static void on_input(connection *c)
{
    char bytes[65536];
    for (;;) {
        ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
        if (n < 0 && errno == EAGAIN) break;
        if (n <= 0) {
            drop(c);
            return;
        }
        text_add(&c->in, bytes, (size_t)n);
    }
    if (c->out.len == 0 && !c->due) take_request(c);
}

static void on_connect(void)
{
    int fd;
    while ((fd = accept4(server.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int one = 1;
        connection *c = calloc(1, sizeof *c);
        if (!c) abort();
        c->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(server.epoll, EPOLL_CTL_ADD, fd, &e);
    }
}

static void send_due(void)
{
    uint64_t now = now_ms();
    while (server.due_first && server.due_first->due <= now) {
        connection *c = server.due_first;
        unlink_due(c);
        flush(c);
    }
}

static int wait_ms(void)
{
    if (!server.due_first || server.due_first->due == UINT64_MAX) return -1;
    uint64_t now = now_ms(), due = server.due_first->due;
    return due <= now ? 0 : (int)(due - now);
}

static int port_of_listener(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(server.listener, (struct sockaddr *)&address, len) || listen(server.listener, 4096))
        return -1;
    getsockname(server.listener, (struct sockaddr *)&address, &len);
    return ntohs(address.sin_port);
}

static void read_options(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--delay") == 0) server.delay = (unsigned)atoi(argv[i + 1]);
        if (strcmp(argv[i], "--hold") == 0) server.hold = atol(argv[i + 1]);
        if (strcmp(argv[i], "--key") == 0) server.key = argv[i + 1];
        if (strcmp(argv[i], "--replies") == 0) server.replies = argv[i + 1];
    }
}

/* 0 once stdin has ended. */
static int serve(void)
{
    static char mark_listener, mark_stdin;
    struct epoll_event events[256];
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &mark_listener};
    epoll_ctl(server.epoll, EPOLL_CTL_ADD, server.listener, &e);
    e.data.ptr = &mark_stdin;
    if (epoll_ctl(server.epoll, EPOLL_CTL_ADD, 0, &e)) return 1;
    for (;;) {
        int n = epoll_wait(server.epoll, events, 256, wait_ms());
        for (int i = 0; i < n; i++) {
            char byte;
            connection *c = events[i].data.ptr;
            if (events[i].data.ptr == &mark_listener) {
                on_connect();
            } else if (events[i].data.ptr == &mark_stdin) {
                if (read(0, &byte, 1) <= 0) return 0;
            } else if (events[i].events & EPOLLOUT) {
                watch(c, EPOLLIN);
                flush(c);
            } else {
                on_input(c);
            }
        }
        send_due();
    }
}

int main(int argc, char **argv)
{
    struct rlimit files;
    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    read_options(argc, argv);
    int port = port_of_listener();
    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (port < 0 || server.epoll < 0) {
        perror("fake_endpoint");
        return 1;
    }
    printf("%d\n", port);
    fflush(stdout);
    return serve();
}
