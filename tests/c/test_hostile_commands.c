/* Commands that mean harm (tests/data/hostile/commands), one after the other in one box: each has
 * the class and shows the facts that its first lines name, leaves no process behind, and nothing
 * that the next one could find; afterwards the machine has what it had. */
#include "base/config.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "exec_world.h"

#define FOLDER    HAN_TEST_SOURCE_DIR "/tests/data/hostile/commands"
#define COMMANDS  200
#define TEXT_MAX  65536
#define WORDS_MAX 8

/* What the first lines of a command say. */
typedef struct command {
    char name[64];
    char text[TEXT_MAX];
    size_t len;
    char expect[64], counted[64], plain[64], limits[64], out[128], not [4][64], collect[64],
        skipped[4][64];
    size_t not_len, skipped_len;
} command;

typedef struct suite {
    command *commands[COMMANDS];
    size_t len;
    uint8_t *program; /* all C commands */
    size_t program_len;
} suite;

static size_t read_text(const char *name, char *out, size_t cap)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", FOLDER, name);
    FILE *f = fopen(path, "r");
    size_t len = f ? fread(out, 1, cap - 1, f) : 0;
    if (f) fclose(f);
    out[len] = '\0';
    return len;
}

/* "# key: value" or with two slashes; false for other lines. */
static bool read_line(command *c, const char *line)
{
    char key[16], value[128] = "";
    if (sscanf(line, "%*[#/] %15[a-z]: %127[^\n]", key, value) != 2) return false;
    if (strcmp(key, "expect") == 0) snprintf(c->expect, sizeof c->expect, "%.60s", value);
    if (strcmp(key, "counted") == 0) snprintf(c->counted, sizeof c->counted, "%.60s", value);
    if (strcmp(key, "landlock") == 0) snprintf(c->plain, sizeof c->plain, "%.60s", value);
    if (strcmp(key, "limits") == 0) snprintf(c->limits, sizeof c->limits, "%.60s", value);
    if (strcmp(key, "out") == 0) snprintf(c->out, sizeof c->out, "%.120s", value);
    if (strcmp(key, "collect") == 0) snprintf(c->collect, sizeof c->collect, "%.60s", value);
    if (strcmp(key, "not") == 0 && c->not_len < 4)
        snprintf(c->not [c->not_len++], sizeof c->not [0], "%.60s", value);
    if (strcmp(key, "skipped") == 0 && c->skipped_len < 4)
        snprintf(c->skipped[c->skipped_len++], sizeof c->skipped[0], "%.60s", value);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(command *const *)a)->name, (*(command *const *)b)->name);
}

static void read_suite(exec_world *w, suite *s)
{
    DIR *dir = opendir(FOLDER);
    const struct dirent *entry;
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || (strcmp(dot, ".c") != 0 && strcmp(dot, ".sh") != 0)) continue;
        command *c = han__mem_zalloc(&w->mem, 1, sizeof *c);
        assert_non_null(c);
        assert_true(s->len < COMMANDS);
        snprintf(c->name, sizeof c->name, "%.60s", entry->d_name);
        c->len = read_text(c->name, c->text, sizeof c->text);
        for (const char *line = c->text; line && (*line == '#' || *line == '/');) {
            read_line(c, line);
            line = strchr(line, '\n');
            if (line) line++;
        }
        if (!c->expect[0]) fail_msg("%s says nothing of what is expected", c->name);
        s->commands[s->len++] = c;
    }
    closedir(dir);
    qsort(s->commands, s->len, sizeof s->commands[0], by_name);
}

static bool is_c(const command *c)
{
    return strcmp(strrchr(c->name, '.'), ".c") == 0;
}

/* One program of all C commands, which is told by its first argument which it is: written as a file
 * that includes them, and compiled in a box. */
static void compile_all(exec_world *w, suite *s)
{
    static const char *const collect[] = {"all", NULL};
    static char header[TEXT_MAX], all[TEXT_MAX];
    han__exec_file files[COMMANDS + 2];
    const char *const argv[] = {"cc", "-w", "-O0", "-pthread", "-o", "all", "all.c", NULL};
    han__exec_request request = {.argv = argv, .files = files, .collect = collect};
    size_t len = read_text("hostile.h", header, sizeof header), at = 0;
    files[request.files_len++] = (han__exec_file){"hostile.h", header, len, 0644};
    for (size_t i = 0; i < s->len; i++) {
        const command *c = s->commands[i];
        if (!is_c(c)) continue;
        files[request.files_len++] = (han__exec_file){c->name, c->text, c->len, 0644};
        at += (size_t)snprintf(all + at, sizeof all - at,
                               "#define main main_%zu\n#include \"%s\"\n#undef main\n", i, c->name);
    }
    at += (size_t)snprintf(all + at, sizeof all - at, "int main(int n, char **v)\n{\n");
    for (size_t i = 0; i < s->len; i++)
        if (is_c(s->commands[i]))
            at += (size_t)snprintf(all + at, sizeof all - at,
                                   "if (!strcmp(v[1], \"%s\")) return main_%zu();\n",
                                   s->commands[i]->name, i);
    at += (size_t)snprintf(all + at, sizeof all - at, "return 99;\n}\n");
    assert_true(at < sizeof all);
    files[request.files_len++] = (han__exec_file){"all.c", all, at, 0644};
    request.limits = (han__exec_limits){.wall_ms = 120000, .box = {.memory = 512u << 20}};
    const char *class = run_request(w, &request);
    if (strcmp(class, "pass") != 0)
        fail_msg("compiling: %s %s %s", class, w->verdict.message, han__buf_cstr(&w->err));
    assert_int_equal(w->verdict.outputs_len, 1);
    const han__exec_output *o = &w->verdict.outputs[0];
    assert_int_equal(o->skip, 0);
    s->program = han__mem_alloc(&w->mem, (size_t)o->size);
    assert_non_null(s->program);
    memcpy(s->program, o->bytes, (size_t)o->size);
    s->program_len = (size_t)o->size;
}

static void free_suite(exec_world *w, suite *s)
{
    for (size_t i = 0; i < s->len; i++)
        han__mem_free(&w->mem, s->commands[i], sizeof *s->commands[i]);
    han__mem_free(&w->mem, s->program, s->program_len);
}

static han__exec_file program_of(const suite *s, const command *c)
{
    if (!is_c(c)) return (han__exec_file){"command", c->text, c->len, 0644};
    return (han__exec_file){"command", s->program, s->program_len, 0755};
}

static han__exec_limits limits_of(const command *c)
{
    han__exec_limits l = {
        .wall_ms = 10000,
        .output = 65536,
        .box = {.memory = 64u << 20, .procs = 20, .disk = 8u << 20, .files = 200}};
    for (const char *at = c->limits; *at; at += strcspn(at, " "), at += *at == ' ') {
        double value = 0;
        if (sscanf(at, "time=%lf", &value) == 1) l.wall_ms = (uint64_t)(value * 1000);
        if (sscanf(at, "cpu=%lf", &value) == 1) l.cpu_ms = (uint64_t)(value * 1000);
        if (sscanf(at, "disk=%lfM", &value) == 1) l.box.disk = (uint64_t)value << 20;
    }
    return l;
}

/* Whether a list with bars between has the word. */
static bool is_listed(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (; *list; list += strcspn(list, "|"), list += *list == '|')
        if (strncmp(list, word, len) == 0 && (list[len] == '|' || list[len] == '\0')) return true;
    return false;
}

static bool is_skipped(const han__exec_verdict *v, const char *wanted)
{
    static const char *const why[] = {"", "kind", "size", "unreadable", "count"};
    for (size_t i = 0; i < v->outputs_len; i++) {
        char text[128];
        const han__exec_output *o = &v->outputs[i];
        snprintf(text, sizeof text, "%.60s=%s", o->path, why[o->skip]);
        if (strcmp(text, wanted) == 0 && o->have == 0) return true;
    }
    return false;
}

/* Prints what is wrong; how much. */
static int judge(exec_world *w, const command *c)
{
    const char *class = han__exec_class_name(w->verdict.class);
    const char *out = out_of(w);
    int wrong = 0;
    bool counting = strcmp(w->verdict.held, "counting") == 0;
    bool plain = w->verdict.level == HAN__LEVEL_LANDLOCK;
    const char *expect = counting && c->counted[0] ? c->counted : c->expect;
    if (plain && c->plain[0]) expect = c->plain;
    if (!is_listed(expect, class))
        wrong++, print_error("%s: class %s (%s), expected %s\n  stdout: %.300s\n  stderr: %.300s\n",
                             c->name, class, w->verdict.message, expect, out,
                             w->err.len ? han__buf_cstr(&w->err) : "");
    if (strstr(w->verdict.message, "in time")) /* it had to be ended from outside */
        wrong++, print_error("%s: %s\n", c->name, w->verdict.message);
    if (c->out[0] && !strstr(out, c->out))
        wrong++, print_error("%s: it did not say '%s' but: %.300s\n", c->name, c->out, out);
    for (size_t i = 0; i < c->not_len; i++)
        if (strstr(out, c->not [i]))
            wrong++, print_error("%s: it said '%s': %.300s\n", c->name, c->not [i], out);
    bool none = c->skipped_len == 1 && strcmp(c->skipped[0], "none") == 0;
    for (size_t i = 0; i < c->skipped_len && !none; i++)
        if (!is_skipped(&w->verdict, c->skipped[i]))
            wrong++, print_error("%s: not among the skipped: %s\n", c->name, c->skipped[i]);
    for (size_t i = 0; i < w->verdict.outputs_len; i++)
        if (c->skipped_len && w->verdict.outputs[i].have > 0 &&
            strcmp(w->verdict.outputs[i].path, "command") != 0)
            wrong++, print_error("%s: it was collected: %s\n", c->name, w->verdict.outputs[i].path);
    int wanted = plain ? IDLE_PLAIN : IDLE_PROCESSES;
    if (strstr(c->limits, "disk=")) { /* it had a box of its own */
        han__execs_drop(w->execs);
        wanted = 0;
    }
    int left = settle_beneath(w, wanted);
    /* memory that no process holds may cost the box its own: then nothing at all is left */
    if (left != wanted && !(left == 0 && w->verdict.class == HAN__EXEC_MEMORY))
        wrong++, print_error("%s: %d processes are left, not %d\n", c->name, left, wanted);
    return wrong;
}

static void split(char *text, const char *out[WORDS_MAX])
{
    size_t n = 0;
    for (char *at = text; *at && n < WORDS_MAX - 1;) {
        out[n++] = at;
        at += strcspn(at, " ");
        if (*at) *at++ = '\0';
    }
    out[n] = NULL;
}

static int run_one(exec_world *w, const suite *s, const command *c)
{
    const char *const shell[] = {"sh", "command", NULL};
    const char *const program[] = {"./command", c->name, NULL};
    char patterns[64];
    const char *collect[WORDS_MAX];
    han__exec_file file = program_of(s, c);
    snprintf(patterns, sizeof patterns, "%.60s", c->collect);
    split(patterns, collect);
    han__exec_request request = {.argv = is_c(c) ? program : shell,
                                 .files = &file,
                                 .files_len = 1,
                                 .collect = collect,
                                 .collect_bytes = 1u << 20,
                                 .limits = limits_of(c)};
    run_request(w, &request);
    if (getenv("HAN_SHOW"))
        print_message("%-28s %-14s %6.0f ms\n", c->name, han__exec_class_name(w->verdict.class),
                      (double)w->verdict.wall_us / 1e3);
    return judge(w, c);
}

/* ---- the machine, before and after ---- */

static int count_lines(const char *path)
{
    FILE *f = fopen(path, "r");
    int lines = 0, c;
    while (f && (c = fgetc(f)) != EOF) lines += c == '\n';
    if (f) fclose(f);
    return lines;
}

static int cgroups_seen; /* nftw hands nothing on */

static int see_cgroup(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    char own[64];
    HAN__UNUSED(st);
    HAN__UNUSED(kind);
    snprintf(own, sizeof own, "han-box-%d-", (int)getpid());
    cgroups_seen += strncmp(path + at->base, own, strlen(own)) == 0;
    return 0;
}

/* Of boxes of this process. */
static int count_cgroups(void)
{
    cgroups_seen = 0;
    (void)nftw("/sys/fs/cgroup", see_cgroup, 16, FTW_PHYS);
    return cgroups_seen;
}

/* A host socket that a box must not reach. */
static int listen_outside(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    memcpy(a.sun_path + 1, "han-hostile-test", 16);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(sa_family_t) + 17) == 0)
        (void)listen(fd, 4);
    return fd;
}

static void run_suite(int level, bool counted)
{
    exec_world w;
    static suite s;
    int wrong = 0;
    memset(&s, 0, sizeof s);
    setenv("HAN_TEST_SECRET", "hostile-test-secret", 1);
    open_exec_world(&w, HAN_BOX); /* libuv keeps two descriptors from its first loop on */
    close_exec_world(&w);
    int shm = count_lines("/proc/sysvipc/shm"), mounts = count_lines("/proc/self/mountinfo");
    int descriptors = count_descriptors();
    int outside = listen_outside();
    open_exec_world(&w, HAN_BOX);
    set_level(&w, level);
    han__execs_set_counted(w.execs, counted);
    read_suite(&w, &s);
    assert_true(s.len >= 40);
    compile_all(&w, &s);
    han__execs_drop(w.execs);
    for (size_t i = 0; i < s.len; i++)
        if (level == HAN__LEVEL_STRONG || strcmp(s.commands[i]->plain, "not there") != 0)
            wrong += run_one(&w, &s, s.commands[i]);
    print_message("%zu commands; what was over had ended within %.0f ms\n", s.len,
                  (double)w.longest_ns / 1e6);
    free_suite(&w, &s);
    close_exec_world(&w);
    close(outside);
    assert_int_equal(wrong, 0);
    assert_int_equal(count_beneath(), 0);
    assert_int_equal(count_cgroups(), 0);
    assert_int_equal(count_lines("/proc/sysvipc/shm"), shm);
    assert_int_equal(count_lines("/proc/self/mountinfo"), mounts);
    assert_int_equal(count_descriptors(), descriptors);
    assert_int_not_equal(access("/tmp/hostile-note", F_OK), 0);
    assert_int_not_equal(access("/dev/shm/hostile-note", F_OK), 0);
}

TEST(hostile_commands)
{
    NEEDS_BOXES();
    run_suite(HAN__LEVEL_STRONG, false);
}

/* The same without cgroups, where memory and processes are counted. */
TEST(hostile_commands_counted)
{
    NEEDS_BOXES();
    if (!getenv("HAN_FULL")) skip();
    run_suite(HAN__LEVEL_STRONG, true);
}

/* Without namespaces, at level landlock. */
TEST(hostile_commands_landlock)
{
    NEEDS_LEVEL(HAN__LEVEL_LANDLOCK);
    run_suite(HAN__LEVEL_LANDLOCK, false);
}

TEST(hostile_commands_landlock_counted)
{
    NEEDS_LEVEL(HAN__LEVEL_LANDLOCK);
    if (!getenv("HAN_FULL")) skip();
    run_suite(HAN__LEVEL_LANDLOCK, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_commands),
        cmocka_unit_test(hostile_commands_counted),
        cmocka_unit_test(hostile_commands_landlock),
        cmocka_unit_test(hostile_commands_landlock_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
