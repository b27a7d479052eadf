/* Runners that lie. This program is their runner as well: started with a mode, it answers programs
 * and evaluations with what the name of each asks for, down to random frames. Whatever comes, the
 * run or the call ends, with a class, and the engine goes on and holds nothing. */
#include "base/config.h"

#include <errno.h>
#include <lualib.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/rng.h"

#include "eval_world.h"
#include "exec/eval_wire.h"
#include "exec/program_wire.h"
#include "exec/programs.h"
#include "script/run.h"
#include "value/value.h"
#include "wire/frame.h"

#define CHANNEL  3
#define WALL_MS  120000
#define SHORT_MS 200 /* of those that may say nothing at all */

static char self[300]; /* the path of this program */

/* ---- the liar ---- */

typedef struct liar {
    int fd;
    lua_State *L; /* to encode values */
    han__mem mem;
    han__buf out;
    char lie[32];
    uint64_t seed;
    uint32_t turns;
    han__rng rng;
} liar;

/* Every reply is for the engine to make sense of; that it is gone is a good end. */
static void flush(liar *l)
{
    size_t at = 0;
    while (at < l->out.len) {
        ssize_t n = send(l->fd, l->out.data + at, l->out.len - at, MSG_NOSIGNAL);
        if (n <= 0 && errno != EINTR) _exit(0);
        if (n > 0) at += (size_t)n;
    }
    han__buf_reset(&l->out);
}

static void need(int status)
{
    if (status != HAN_OK) _exit(9);
}

static void put_value(liar *l, const char *expression)
{
    char text[400];
    snprintf(text, sizeof text, "return %s", expression);
    if (luaL_dostring(l->L, text) != LUA_OK) _exit(8);
    need(han__value_encode(l->L, -1, "lie", &l->out, NULL));
    lua_settop(l->L, 0);
}

/* VERB with one argument. */
static void ask_verb(liar *l, uint32_t id, const char *verb, const char *argument)
{
    size_t start;
    need(han__frame_begin(&l->out, HAN__PROGRAM_VERB, id, &start));
    need(han__buf_u64(&l->out, 0)); /* it took no instruction at all */
    put_value(l, verb);
    need(han__buf_u32(&l->out, argument ? 1 : 0));
    if (argument) put_value(l, argument);
    need(han__frame_end(&l->out, start));
    flush(l);
}

static void give(liar *l, uint32_t id, const char *expression)
{
    size_t start;
    need(han__frame_begin(&l->out, HAN__PROGRAM_RETURN, id, &start));
    need(han__buf_u64(&l->out, 0));
    need(han__buf_u32(&l->out, 1));
    put_value(l, expression);
    need(han__frame_end(&l->out, start));
    flush(l);
}

static void tell(liar *l, uint8_t type, uint32_t id, const void *bytes, size_t len)
{
    need(han__frame_append(&l->out, type, id, bytes, len));
    flush(l);
}

static void fail_with(liar *l, uint32_t id, uint8_t class, const char *text)
{
    uint8_t bytes[300] = {[8] = class};
    size_t len = strlen(text);
    memcpy(bytes + 10, text, len);
    tell(l, HAN__PROGRAM_FAIL, id, bytes, 10 + len);
}

/* ---- lies about a program, one function each ---- */

static void lie_prints(liar *l, uint32_t id)
{
    static char line[60000];
    for (;;) tell(l, HAN__PROGRAM_PRINT, id, line, sizeof line);
}
static void lie_empty_prints(liar *l, uint32_t id)
{
    for (;;) {
        for (int i = 0; i < 1000; i++)
            need(han__frame_append(&l->out, HAN__PROGRAM_PRINT, id, "", 0));
        flush(l);
    }
}
static void lie_calls(liar *l, uint32_t id)
{
    ask_verb(l, id, "'clock'", NULL);
}
static void lie_places(liar *l, uint32_t id)
{
    if (l->turns % 2)
        ask_verb(l, id, "'spawn'", "{['han.remote.fn'] = 99}");
    else
        ask_verb(l, id, "'next'", NULL);
}
static void lie_unknown_verb(liar *l, uint32_t id)
{
    ask_verb(l, id, "'__gc'", "1");
}
static void lie_verb_is_a_table(liar *l, uint32_t id)
{
    ask_verb(l, id, "{}", "1");
}
static void lie_require_firewall(liar *l, uint32_t id)
{
    ask_verb(l, id, "'require'", "'han.db'");
}
static void lie_many_arguments(liar *l, uint32_t id)
{
    size_t start;
    need(han__frame_begin(&l->out, HAN__PROGRAM_VERB, id, &start));
    need(han__buf_u64(&l->out, UINT64_MAX));
    put_value(l, "'view'");
    need(han__buf_u32(&l->out, UINT32_MAX));
    need(han__frame_end(&l->out, start));
    flush(l);
}
static void lie_no_value(liar *l, uint32_t id)
{
    tell(l, HAN__PROGRAM_VERB, id, "\0\0\0\0\0\0\0\0t\xff\xff\xff\xff\x0f", 14);
}
static void lie_short(liar *l, uint32_t id)
{
    tell(l, HAN__PROGRAM_RETURN, id, "\0\0\0\0\0\0\0\0\1", 9);
}
static void lie_other_agent(liar *l, uint32_t id)
{
    give(l, id + 1, "1");
}
static void lie_twice(liar *l, uint32_t id)
{
    give(l, id, "1");
    give(l, id, "2");
}
static void lie_memory_words(liar *l, uint32_t id)
{
    fail_with(l, id, HAN__CLASS_RUNTIME, "not enough memory");
}
static void lie_place(liar *l, uint32_t id)
{
    tell(l, HAN__PROGRAM_FAIL, id, "\0\0\0\0\0\0\0\0\2\xffplace", 15);
}
static void lie_floods(liar *l, uint32_t id)
{
    ask_verb(l, id, "'spawn'", "{act = 1, big = ('x'):rep(4000000)}");
}
static void lie_class(liar *l, uint32_t id)
{
    fail_with(l, id, 255, "no such class");
}
static void lie_many_instructions(liar *l, uint32_t id)
{
    uint8_t bytes[12];
    memset(bytes, 0xff, sizeof bytes);
    tell(l, HAN__PROGRAM_RETURN, id, bytes, sizeof bytes);
}
static void lie_ended(liar *l, uint32_t id)
{
    HAN__UNUSED(id);
    tell(l, HAN__PROGRAM_ENDED, 0, &(uint32_t){SIGXCPU}, 4);
}
static void lie_ended_twice(liar *l, uint32_t id)
{
    HAN__UNUSED(id);
    tell(l, HAN__PROGRAM_ENDED, 7, "", 0);
    tell(l, HAN__PROGRAM_ENDED, 7, "\xff\xff\xff\xff\xff", 5);
}
static void lie_half_a_frame(liar *l, uint32_t id)
{
    HAN__UNUSED(id);
    if (send(l->fd, "\x50\0\0\0\x25", 5, MSG_NOSIGNAL) == 5) _exit(0);
}
static void lie_huge_frame(liar *l, uint32_t id)
{
    HAN__UNUSED(id);
    if (send(l->fd, "\xff\xff\xff\xff\x25\1\0\0\0", 9, MSG_NOSIGNAL) == 9) pause();
}
static void lie_dies(liar *l, uint32_t id)
{
    HAN__UNUSED(l);
    HAN__UNUSED(id);
    kill(getpid(), SIGKILL);
}
static void lie_is_honest(liar *l, uint32_t id)
{
    give(l, id, "7");
}

/* Frames of every type with payloads of every shape. */
static void lie_random(liar *l, uint32_t id)
{
    static const char *const values[] = {"1",       "'next'",        "'spawn'", "'require'",
                                         "{1,{2}}", "{['act'] = 1}", "nil",     "'choose'"};
    for (int frames = (int)han__rng_below(&l->rng, 4); frames >= 0; frames--) {
        size_t start;
        uint8_t type = (uint8_t)(HAN__PROGRAM_VERB + han__rng_below(&l->rng, 6));
        uint32_t to = han__rng_below(&l->rng, 8) ? id : (uint32_t)han__rng_u64(&l->rng);
        need(han__frame_begin(&l->out, type, to, &start));
        need(han__buf_u64(&l->out, han__rng_below(&l->rng, 3) ? 0 : han__rng_u64(&l->rng)));
        for (uint64_t parts = han__rng_below(&l->rng, 5); parts > 0; parts--)
            switch (han__rng_below(&l->rng, 3)) {
            case 0:
                put_value(l, values[han__rng_below(&l->rng, HAN__COUNT(values))]);
                break;
            case 1:
                need(han__buf_u32(&l->out, (uint32_t)han__rng_below(&l->rng, 4)));
                break;
            default:
                need(han__buf_u8(&l->out, (uint8_t)han__rng_u64(&l->rng)));
            }
        size_t flips = (size_t)han__rng_below(&l->rng, 3);
        for (size_t i = 0; i < flips && l->out.len > start + HAN__FRAME_HEADER; i++) {
            size_t payload = l->out.len - start - HAN__FRAME_HEADER;
            size_t at = start + HAN__FRAME_HEADER + (size_t)han__rng_below(&l->rng, payload);
            l->out.data[at] ^= (uint8_t)(1u << han__rng_below(&l->rng, 8));
        }
        need(han__frame_end(&l->out, start));
    }
    flush(l);
}

static const struct {
    const char *name;
    void (*tell)(liar *l, uint32_t id);
    const char *wanted; /* how the run ends: alternatives */
    const char *words;  /* in its reason */
} lies[] = {
    {"prints", lie_prints, "SCRIPT", "nonsense"},
    {"empty_prints", lie_empty_prints, "SCRIPT", "nonsense"},
    {"calls", lie_calls, "LIMIT", "limit:calls"},
    {"places", lie_places, "LIMIT", "limit:calls"},
    {"unknown_verb", lie_unknown_verb, "LIMIT", "limit:calls"}, /* answered, each time */
    {"verb_is_a_table", lie_verb_is_a_table, "SCRIPT", "nonsense"},
    {"require_firewall", lie_require_firewall, "LIMIT", "limit:calls"},
    {"many_arguments", lie_many_arguments, "SCRIPT|LIMIT", ""},
    {"no_value", lie_no_value, "SCRIPT", "nonsense"},
    {"short", lie_short, "SCRIPT", "nonsense"},
    {"other_agent", lie_other_agent, "SCRIPT", "nonsense"},
    {"twice", lie_twice, "done|SCRIPT", ""},
    {"memory_words", lie_memory_words, "SCRIPT", "not enough memory"},
    {"place", lie_place, "SCRIPT", "nonsense"},
    {"floods", lie_floods, "LIMIT", "limit:output"},
    {"class", lie_class, "SCRIPT", "no such class"},
    {"many_instructions", lie_many_instructions, "SCRIPT|LIMIT", ""},
    {"ended", lie_ended, "LIMIT", "limit:cpu"},
    {"ended_twice", lie_ended_twice, "SCRIPT", "signal 0"},
    {"half_a_frame", lie_half_a_frame, "SCRIPT", "ended"},
    {"huge_frame", lie_huge_frame, "SCRIPT", "nonsense"},
    {"dies", lie_dies, "SCRIPT", "ended"},
    {"is_honest", lie_is_honest, "done", ""},
    {"random", lie_random, "", ""},
};

static void take_program_frame(liar *l, const han__frame *frame)
{
    static const char mark[] = "lie:";
    if (frame->type == HAN__PROGRAM_START) {
        const char *at = memmem(frame->bytes, frame->len, mark, sizeof mark - 1);
        unsigned long long seed = 0;
        if (!at || sscanf(at, "lie:%31[a-z_]:%llu;", l->lie, &seed) != 2) _exit(7);
        han__rng_init(&l->rng, seed, 1);
        return;
    }
    if (frame->type == HAN__PROGRAM_DROP) return;
    l->turns++;
    for (size_t i = 0; i < HAN__COUNT(lies); i++)
        if (strcmp(lies[i].name, l->lie) == 0) lies[i].tell(l, frame->id);
}

static void open_liar(liar *l, int fd)
{
    memset(l, 0, sizeof *l);
    l->fd = fd;
    l->L = luaL_newstate();
    luaL_requiref(l->L, "string", luaopen_string, 0);
    han__mem_init(&l->mem, NULL, NULL);
    han__buf_init(&l->out, &l->mem, HAN__FRAME_BYTES_MAX);
}

static _Noreturn void lie_for_a_program(int fd)
{
    static liar l;
    static uint8_t bytes[65536];
    han__frame_reader reader;
    han__frame frame;
    open_liar(&l, fd);
    han__frame_reader_init(&reader, &l.mem);
    for (;;) {
        ssize_t n = read(fd, bytes, sizeof bytes);
        const uint8_t *at = bytes;
        size_t left = n > 0 ? (size_t)n : 0;
        if (n <= 0) _exit(0);
        while (han__frame_next(&reader, &at, &left, &frame) == 1) take_program_frame(&l, &frame);
    }
}

/* Takes the channels of programs, one for each frame OPEN. */
static int serve_programs(void)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    char bytes[HAN__FRAME_HEADER];
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int fd = -1;
        struct iovec part = {bytes, sizeof bytes};
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof control};
        if (recvmsg(CHANNEL, &message, MSG_CMSG_CLOEXEC) <= 0) return 0;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        if (c) memcpy(&fd, CMSG_DATA(c), sizeof fd);
        if (fd < 0) continue;
        if (fork() == 0) {
            close(CHANNEL);
            lie_for_a_program(fd);
        }
        close(fd);
    }
}

/* ---- lies about an evaluation ---- */

static void put_random(liar *l, uint64_t most)
{
    for (uint64_t n = han__rng_below(&l->rng, most + 1); n > 0; n--)
        need(han__buf_u8(&l->out, (uint8_t)han__rng_u64(&l->rng)));
}

static void put_text(liar *l)
{
    uint32_t len = (uint32_t)han__rng_below(&l->rng, 20);
    need(han__buf_u32(&l->out, han__rng_below(&l->rng, 9) ? len : UINT32_MAX - len));
    for (uint32_t i = 0; i < len; i++) need(han__buf_u8(&l->out, (uint8_t)han__rng_u64(&l->rng)));
}

static void put_trace(liar *l)
{
    uint64_t n = han__rng_below(&l->rng, 3);
    need(han__buf_u8(&l->out, (uint8_t)(han__rng_below(&l->rng, 9) ? n : 255)));
    need(han__buf_u8(&l->out, 0));
    for (; n > 0; n--) {
        need(han__buf_u32(&l->out, (uint32_t)han__rng_u64(&l->rng)));
        put_text(l);
    }
}

/* A record that is right but for a detail. */
static void put_record(liar *l)
{
    size_t head = l->out.len;
    bool is_call = han__rng_below(&l->rng, 4) != 0;
    need(han__buf_u8(&l->out, is_call ? HAN__EVAL_RECORD_CALL : HAN__EVAL_RECORD_LOAD));
    need(han__buf_u32(&l->out, 0));
    need(han__buf_u8(&l->out, (uint8_t)han__rng_below(&l->rng, HAN__CLASSES + 1)));
    if (is_call) need(han__buf_u8(&l->out, (uint8_t)han__rng_below(&l->rng, 4)));
    if (is_call) need(han__buf_u64(&l->out, han__rng_u64(&l->rng)));
    need(han__buf_u32(&l->out, (uint32_t)han__rng_u64(&l->rng)));
    put_text(l);
    put_trace(l);
    if (is_call) {
        put_text(l);
        uint32_t n = (uint32_t)han__rng_below(&l->rng, 3);
        need(han__buf_u32(&l->out, han__rng_below(&l->rng, 9) ? n : UINT32_MAX));
        for (; n > 0; n--) put_value(l, "{1, {a = 'b'}, 2.5}");
    }
    put_random(l, han__rng_below(&l->rng, 5) ? 0 : 20);
    uint64_t body = l->out.len - head - 5 + (han__rng_below(&l->rng, 9) ? 0 : 1);
    for (int i = 0; i < 4; i++) l->out.data[head + 1 + (size_t)i] = (uint8_t)(body >> (8 * i));
}

static int serve_evaluations(void)
{
    static liar l;
    static uint8_t bytes[65536];
    han__frame_reader reader;
    han__frame frame;
    open_liar(&l, CHANNEL);
    han__frame_reader_init(&reader, &l.mem);
    for (;;) {
        ssize_t n = read(CHANNEL, bytes, sizeof bytes);
        const uint8_t *at = bytes;
        size_t start, left = n > 0 ? (size_t)n : 0;
        if (n <= 0) return 0;
        while (han__frame_next(&reader, &at, &left, &frame) == 1) {
            const char *mark = memmem(frame.bytes, frame.len, "lie:", 4);
            unsigned long long seed = 0;
            if (!mark || sscanf(mark, "lie:%llu;", &seed) != 1) return 7;
            han__rng_init(&l.rng, seed, 2);
            need(han__frame_begin(&l.out, HAN__EVAL_REPLY, frame.id, &start));
            need(han__buf_u8(&l.out, (uint8_t)han__rng_below(&l.rng, HAN__CLASSES + 1)));
            for (uint64_t records = han__rng_below(&l.rng, 4); records > 0; records--)
                put_record(&l);
            put_random(&l, han__rng_below(&l.rng, 5) ? 0 : 20);
            need(han__frame_end(&l.out, start));
            flush(&l);
        }
    }
}

/* ---- the tests ---- */

static bool is_one_of(const char *alternatives, const char *word)
{
    size_t len = strlen(word);
    while (*alternatives) {
        size_t n = strcspn(alternatives, "|");
        if (n == len && memcmp(alternatives, word, n) == 0) return true;
        alternatives += n + (alternatives[n] == '|');
    }
    return false;
}

static bool not_ended(void *ud)
{
    return !((han__run *)ud)->told_end;
}

static void run_lie(world *w, const char *lie, unsigned seed, unsigned wall_ms, char *how,
                    size_t cap, char *why, size_t room)
{
    char source[100];
    han_error err = {0};
    han__run *run = NULL;
    snprintf(source, sizeof source, "-- lie:%s:%u;", lie, seed);
    han__run_options options = {.source = source,
                                .source_len = strlen(source),
                                .name = "lie.lua",
                                .undeclared = 0xff,
                                .services = LUA_NOREF,
                                .wall_ns = (uint64_t)wall_ms * 1000000u,
                                .max_steps = 100000,
                                .untrusted = true};
    if (han__run_open(&w->host, &options, &run, &err) != HAN_OK) fail_msg("%s", err.message);
    han__host_drive(&w->host, not_ended, run);
    const han__node *root = han__tree_root(run->tree);
    snprintf(how, cap, "%s", root->outcome == HAN__DOWN ? han_status_name(root->code) : "done");
    snprintf(why, room, "%.200s", root->reason ? root->reason : "");
    han__run_close(run);
}

static void open_lies(world *w)
{
    open_world(w, self);
    assert_int_equal(
        han__programs_open(&w->host.programs, w->host.loop, &w->mem, w->host.launcher, NULL),
        HAN_OK);
}

static void close_lies(world *w)
{
    han__programs_close(w->host.programs);
    close_world(w);
}

TEST(a_program_that_lies_ends)
{
    world w;
    char how[64], why[300];
    open_lies(&w);
    for (size_t i = 0; lies[i].wanted[0]; i++) {
        run_lie(&w, lies[i].name, 1, WALL_MS, how, sizeof how, why, sizeof why);
        if (!is_one_of(lies[i].wanted, how) || !strstr(why, lies[i].words))
            fail_msg("%s: %s (%s), not %s (%s)", lies[i].name, how, why, lies[i].wanted,
                     lies[i].words);
        run_lie(&w, "is_honest", 1, WALL_MS, how, sizeof how, why, sizeof why);
        if (strcmp(how, "done") != 0) fail_msg("behind %s: %s (%s)", lies[i].name, how, why);
    }
    assert_int_equal(han__programs_starts(w.host.programs), 1);
    close_lies(&w);
}

TEST(random_frames_of_a_program)
{
    world w;
    char how[64], why[300];
    unsigned most = getenv("HAN_FULL") ? 5000 : 200;
    open_lies(&w);
    for (unsigned seed = 1; seed <= most; seed++) {
        run_lie(&w, "random", seed, SHORT_MS, how, sizeof how, why, sizeof why);
        if (!is_one_of("done|SCRIPT|LIMIT", how)) fail_msg("seed %u: %s (%s)", seed, how, why);
    }
    close_lies(&w);
}

/* Nothing that a reply says may raise anything but PEER, or be other than what a result is. */
TEST(random_replies_of_an_evaluation)
{
    world w;
    char code[1200];
    open_world(&w, self);
    snprintf(code, sizeof code,
             "for seed = 1, %d do\n"
             "  local r, why, code = eval.lua{ code = '-- lie:' .. seed .. ';', "
             "calls = {{ fn = 'a' }, { fn = 'b', want = {1} }} }\n"
             "  assert(r or code == 'PEER', why)\n"
             "  if r then\n"
             "    assert(type(r.class) == 'string' and #r.calls <= 2, seed)\n"
             "    for _, c in ipairs(r.calls) do\n"
             "      if c.ok then assert(type(c.values) == 'table' and c.n >= 0, seed)\n"
             "      else assert(type(c.class) == 'string' and type(c.message) == 'string', seed) "
             "end\n"
             "      assert(math.type(c.instructions) == 'integer', seed)\n"
             "    end\n"
             "  end\n"
             "end\n",
             getenv("HAN_FULL") ? 20000 : 1000);
    start(&w, prelude, code);
    finish(&w);
    close_world(&w);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_that_lies_ends),
        cmocka_unit_test(random_frames_of_a_program),
        cmocka_unit_test(random_replies_of_an_evaluation),
    };
    if (argc == 2 && strcmp(argv[1], "program") == 0) return serve_programs();
    if (argc == 2 && strcmp(argv[1], "eval") == 0) return serve_evaluations();
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) return 1;
    self[n] = '\0';
    return cmocka_run_group_tests(tests, NULL, NULL);
}
