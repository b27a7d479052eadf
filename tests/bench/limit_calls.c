/* The limit for model calls: libcurl's multi handles over epoll (curl_multi_socket_action), at most
 * 250 connections each, the body thrown away; no Lua, no JSON, no limits of ours. WIDTH at once
 * until CALLS are done. Prints "calls seconds". Usage: limit_calls PORT MODEL WIDTH CALLS */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

enum { PER_HANDLE = 250, HANDLES = 16 };

typedef struct handle {
    CURLM *multi;
    double due; /* when its timeout is over; 0: none */
} handle;

static handle handles[HANDLES];
static int epoll, used;
static long left, done;
static char url[128], body[512];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t drop(char *bytes, size_t size, size_t n, void *ud)
{
    (void)bytes;
    (void)ud;
    return size * n;
}

/* The descriptor, and its handle in the bits above. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ud, void *known)
{
    handle *h = ud;
    struct epoll_event e = {.data.u64 = (uint64_t)(h - handles) << 32 | (uint32_t)fd};
    (void)easy;
    if (what == CURL_POLL_REMOVE) return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL), 0;
    e.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e);
    curl_multi_assign(h->multi, fd, h);
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *ud)
{
    (void)multi;
    ((handle *)ud)->due = ms < 0 ? 0 : now() + (double)ms / 1000;
    return 0;
}

static void ask(handle *h, CURL *easy)
{
    if (left-- <= 0) return;
    curl_multi_add_handle(h->multi, easy);
}

static void act(handle *h, curl_socket_t fd, int mask)
{
    int running, queued;
    CURLMsg *m;
    curl_multi_socket_action(h->multi, fd, mask, &running);
    while ((m = curl_multi_info_read(h->multi, &queued))) {
        CURL *easy = m->easy_handle;
        done += m->data.result == CURLE_OK;
        curl_multi_remove_handle(h->multi, easy);
        ask(h, easy);
    }
}

static int wait_ms(void)
{
    double next = 0, t = now();
    for (int i = 0; i < used; i++)
        if (handles[i].due > 0 && (next == 0 || handles[i].due < next)) next = handles[i].due;
    if (next == 0) return 1000;
    return next <= t ? 0 : (int)((next - t) * 1000) + 1;
}

static void begin(int width, struct curl_slist *headers)
{
    for (int i = 0; i < width; i++) {
        handle *h = &handles[i / PER_HANDLE];
        if (!h->multi) {
            h->multi = curl_multi_init();
            used++;
            curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
            curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
            curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
            curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
            curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)PER_HANDLE);
        }
        CURL *easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        ask(h, easy);
    }
}

int main(int argc, char **argv)
{
    struct epoll_event events[256];
    if (argc != 5) return 2;
    long calls = strtol(argv[4], NULL, 10);
    left = calls;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    snprintf(url, sizeof url, "http://127.0.0.1:%s/v1/chat/completions", argv[1]);
    snprintf(body, sizeof body,
             "{\"max_tokens\":100,\"messages\":[{\"content\":\"Say hello, in a few words, to "
             "whoever reads this.\","
             "\"role\":\"user\"}],\"model\":\"%s\",\"stream\":true}",
             argv[2]);
    double from = now();
    begin((int)strtol(argv[3], NULL, 10),
          curl_slist_append(NULL, "Content-Type: application/json"));
    while (done < calls) {
        int n = epoll_wait(epoll, events, 256, wait_ms());
        for (int i = 0; i < n; i++)
            act(&handles[events[i].data.u64 >> 32],
                (curl_socket_t)(events[i].data.u64 & 0xffffffffu),
                (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                    (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0));
        for (int i = 0; i < used; i++) {
            if (handles[i].due == 0 || handles[i].due > now()) continue;
            handles[i].due = 0;
            act(&handles[i], CURL_SOCKET_TIMEOUT, 0);
        }
    }
    printf("%ld %.3f\n", done, now() - from);
    return 0;
}
