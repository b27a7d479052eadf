/* Owns the limits inside an evaluation: the allocator that counts bytes, the hook that counts
 * instructions, and the kill that nothing in the candidate can swallow. Lua tells nobody how much
 * of a hook's count is left, but without it neither an exact count nor a limit over many coroutines
 * is possible, so the place of that counter is found by experiment at start (han__meter_calibrate).
 */
#include "base/config.h"

#include <lauxlib.h>

#include "exec/eval_wire.h"
#include "runner/meter.h"

/* Bytes a call may ask for in all: twice its memory limit and this much an instruction. Filling
 * memory is work that the count of instructions does not see: s = s .. s is three of them. */
#define CHURN_PER_INSTRUCTION 64
#define REFUSALS_MAX          8

static void on_event(lua_State *L, lua_Debug *ar);

static int count_left(const han__meter *m, const lua_State *L)
{
    int left;
    memcpy(&left, (const char *)L + m->hookcount, sizeof left);
    return left;
}

/* The first limit that is hit decides, and what was used until then. */
static void set_killed(han__meter *m, int class)
{
    if (m->killed != 0) return;
    m->killed = class;
    m->spent = class == HAN__CLASS_INSTRUCTIONS || m->budget == 0
                   ? m->budget
                   : m->budget + 1 - count_left(m, m->running);
}

/* ---- memory ---- */

/* Lua answers a refusal by a full collection and the same request again; when that is refused too,
 * the candidate really holds this much. Buffers of the string library ask only once: who catches
 * the error of that and asks again, does so a few times only. */
static void *refuse(han__meter *m, void *ptr, size_t size)
{
    m->refusals++;
    if ((m->refused_size == size && m->refused == ptr) || m->refusals >= REFUSALS_MAX)
        set_killed(m, HAN__CLASS_MEMORY);
    m->refused = ptr;
    m->refused_size = size;
    return NULL;
}

/* May the state grow by `more` for a block of `size`? */
static bool allowed(han__meter *m, size_t size, int64_t more)
{
    if (m->budget == 0) return true;
    if (m->live - m->base + more > m->limit) return false;
    m->churn += size;
    if (m->churn > m->churn_max) han__meter_kill(m, m->running, HAN__CLASS_MEMORY);
    return true;
}

void *han__meter_alloc(void *ud, void *ptr, size_t old_size, size_t new_size)
{
    han__meter *m = ud;
    size_t held = ptr ? old_size : 0;
    if (new_size == 0) {
        if (ptr) han__mem_free(&m->mem, ptr, held);
        m->live -= (int64_t)held;
        return NULL;
    }
    int64_t more = (int64_t)new_size - (int64_t)held;
    if (more > 0 && !allowed(m, new_size, more)) return refuse(m, ptr, new_size);
    void *block =
        ptr ? han__mem_resize(&m->mem, ptr, held, new_size) : han__mem_alloc(&m->mem, new_size);
    if (!block) return refuse(m, ptr, new_size);
    if (!ptr && old_size == LUA_TTHREAD) m->last_block = new_size;
    if (more > 0) m->refused_size = 0;
    m->live += more;
    return block;
}

void han__meter_arm(han__meter *m, int64_t limit)
{
    m->base = m->live;
    m->limit = limit;
    m->refused_size = 0;
}

/* ---- instructions ---- */

static void set_count(const han__meter *m, lua_State *L, int count)
{
    lua_sethook(L, on_event, LUA_MASKCOUNT | (m->lines ? LUA_MASKLINE : 0), count);
}

void han__meter_begin(han__meter *m, lua_State *L, lua_Integer instructions)
{
    m->killed = 0;
    m->churn = 0;
    m->refusals = 0;
    m->churn_max = 2 * (uint64_t)m->limit + (uint64_t)instructions * CHURN_PER_INSTRUCTION;
    m->refused_size = 0;
    m->budget = instructions;
    m->running = L;
    set_count(m, L,
              (int)instructions + 1); /* the hook runs before the instruction that is counted */
}

lua_Integer han__meter_used(han__meter *m, lua_State *L)
{
    if (m->killed != 0) return m->spent;
    return m->budget + 1 - count_left(m, L);
}

void han__meter_end(han__meter *m, lua_State *L)
{
    lua_sethook(L, NULL, 0, 0);
    m->budget = 0;
}

void han__meter_switch(han__meter *m, lua_State *from, lua_State *to)
{
    m->running = to;
    set_count(m, to, m->killed != 0 ? 1 : count_left(m, from));
}

/* The hook of a thread that is done for. */
static void on_stopped(lua_State *L, lua_Debug *ar)
{
    HAN__UNUSED(ar);
    han__meter_raise(L);
}

void han__meter_stop_thread(lua_State *co)
{
    lua_sethook(co, on_stopped, LUA_MASKCOUNT, 1);
}

bool han__meter_stopped_thread(lua_State *co)
{
    return lua_gethook(co) == on_stopped;
}

void han__meter_kill(han__meter *m, lua_State *L, int class)
{
    set_killed(m, class);
    set_count(m, L, 1);
}

int han__meter_raise(lua_State *L)
{
    han__meter *m = han__meter_of(L);
    set_count(m, L, 1); /* whatever still runs on the way out, such as __close, ends at once */
    lua_pushlightuserdata(L, m);
    return lua_error(L);
}

uint64_t han__meter_left(lua_State *L)
{
    const han__meter *m = han__meter_of(L);
    if (m->budget == 0) return UINT32_MAX;
    int left = count_left(m, L);
    return left > 0 ? (uint64_t)left : 0;
}

void han__meter_charge(lua_State *L, uint64_t instructions)
{
    han__meter *m = han__meter_of(L);
    if (m->budget == 0 || instructions == 0) return;
    int left = count_left(m, L);
    if (m->killed == 0 && instructions < (uint64_t)left) {
        set_count(m, L, left - (int)instructions);
        return;
    }
    han__meter_kill(m, L, HAN__CLASS_INSTRUCTIONS);
    han__meter_raise(L);
}

static void mark_line(han__meter *m, lua_State *L, lua_Debug *ar)
{
    int line = ar->currentline;
    if (line < 0 || line >= HAN__EVAL_LINES_MAX || !lua_getinfo(L, "S", ar)) return;
    if (strcmp(ar->source, m->chunk) == 0) m->lines[line / 8] |= (uint8_t)(1u << (line % 8));
}

static void on_event(lua_State *L, lua_Debug *ar)
{
    han__meter *m = han__meter_of(L);
    if (ar->event == LUA_HOOKLINE) {
        mark_line(m, L, ar);
        return;
    }
    set_killed(m, HAN__CLASS_INSTRUCTIONS);
    han__meter_raise(L);
}

/* ---- calibration ---- */

enum { FIRST_MARK = 0x2b5a6d11, SECOND_MARK = 0x31c7e9f5 };

static void no_event(lua_State *L, lua_Debug *ar)
{
    HAN__UNUSED(L);
    HAN__UNUSED(ar);
}

static int word_at(const lua_State *L, size_t offset)
{
    int word;
    memcpy(&word, (const char *)L + offset, sizeof word);
    return word;
}

/* The words of T that follow the count given to lua_sethook: the count itself and what is left. */
static size_t find_words(lua_State *T, size_t size, size_t found[2])
{
    size_t n = 0;
    for (size_t at = 0; at + sizeof(int) <= size; at += sizeof(int)) {
        lua_sethook(T, no_event, LUA_MASKCOUNT, FIRST_MARK);
        if (word_at(T, at) != FIRST_MARK) continue;
        lua_sethook(T, no_event, LUA_MASKCOUNT, SECOND_MARK);
        if (word_at(T, at) != SECOND_MARK) continue;
        if (n < 2) found[n] = at;
        n++;
    }
    return n;
}

/* Runs a few instructions on T and gives how far the word went down; -1 when that failed. */
static int count_down(lua_State *T, size_t at)
{
    if (luaL_loadstring(T, "local a, b = 1, 2 a = b b = a a = b") != LUA_OK) return -1;
    lua_sethook(T, no_event, LUA_MASKCOUNT, FIRST_MARK);
    if (lua_pcall(T, 0, 0, 0) != LUA_OK) return -1;
    return FIRST_MARK - word_at(T, at);
}

bool han__meter_calibrate(han__meter *m, lua_State *L)
{
    size_t found[2];
    lua_State *T = lua_newthread(L);
    size_t size = m->last_block - LUA_EXTRASPACE;
    bool known = false;
    if (find_words(T, size, found) == 2) {
        int first = count_down(T, found[0]);
        int second = count_down(T, found[1]);
        if (first == 0 && second > 2 && second < 16) m->hookcount = found[1];
        if (second == 0 && first > 2 && first < 16) m->hookcount = found[0];
        known = (first == 0) != (second == 0) && count_down(T, m->hookcount) == first + second;
    }
    lua_sethook(T, NULL, 0, 0);
    lua_pop(L, 1);
    return known;
}
