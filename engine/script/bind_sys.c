/* Owns the part of han.sys that is about the process: time, terminal, environment, digests, and
 * waiting. The part about files is bind_sys_files.c. */
#include "base/config.h"

#include <lauxlib.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/hash.h"
#include "loop/timer.h"
#include "script/bind_sys.h"
#include "script/fiber.h"
#include "script/push.h"

#define WAIT_SECONDS_MAX 31536000.0 /* a year */

static han__host *host_of(lua_State *L)
{
    return han__state_of(L)->host;
}

static int l_mono(lua_State *L)
{
    lua_pushnumber(L, (double)han__clock_mono_ns(host_of(L)->clock) / 1e9);
    return 1;
}

static int l_wall(lua_State *L)
{
    lua_pushnumber(L, (double)han__clock_wall_ms(host_of(L)->clock) / 1e3);
    return 1;
}

static int l_pid(lua_State *L)
{
    lua_pushinteger(L, getpid());
    return 1;
}

static int l_cores(lua_State *L)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    lua_pushinteger(L, n > 0 ? n : 1);
    return 1;
}

static int l_isatty(lua_State *L)
{
    lua_Integer fd = luaL_checkinteger(L, 1);
    lua_pushboolean(L, fd >= 0 && fd <= INT32_MAX && isatty((int)fd));
    return 1;
}

static int l_width(lua_State *L)
{
    struct winsize size = {0};
    for (int fd = 2; fd > 0; fd--)
        if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
            lua_pushinteger(L, size.ws_col);
            return 1;
        }
    lua_pushnil(L);
    return 1;
}

static int l_env(lua_State *L)
{
    lua_pushstring(L, getenv(luaL_checkstring(L, 1))); /* NULL pushes nil */
    return 1;
}

static int l_host(lua_State *L)
{
    struct utsname name;
    if (uname(&name) != 0) memset(&name, 0, sizeof name);
    lua_newtable(L);
    lua_pushstring(L, name.sysname);
    lua_setfield(L, -2, "system");
    lua_pushstring(L, name.release);
    lua_setfield(L, -2, "release");
    lua_pushstring(L, name.machine);
    lua_setfield(L, -2, "machine");
    return 1;
}

static int l_escape(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    luaL_argcheck(L, len <= HAN__FRAME_BYTES_MAX, 1, "too long to be shown");
    size_t cap = len * 4 + 1; /* a byte becomes at most \xNN */
    han__buf buf;
    han__buf_init(&buf, host_of(L)->mem, cap);
    if (han__buf_reserve(&buf, cap) != HAN_OK) return luaL_error(L, "out of memory");
    buf.len = han__log_escape((char *)buf.data, cap, text, len);
    return han__push_text(L, &buf);
}

static int l_sha256(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    uint8_t digest[HAN__SHA256_BYTES];
    char hex[HAN__SHA256_HEX];
    han__sha256_of(text, len, digest);
    han__sha256_hex(digest, hex);
    lua_pushstring(L, hex);
    return 1;
}

/* 128 bits that nobody can know before, as 32 hexadecimal digits. */
static int l_nonce(lua_State *L)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[16];
    char text[2 * sizeof bytes];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return luaL_error(L, "the system gives no random numbers");
    for (size_t i = 0; i < sizeof bytes; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    lua_pushlstring(L, text, sizeof text);
    return 1;
}

/* ---- waiting ---- */

typedef struct nap {
    han__wait wait;
    han__timer timer;
    han__mem *mem;
} nap;

static void nap_free(nap *n)
{
    han__timer_stop(&n->timer);
    han__mem_free(n->mem, n, sizeof *n);
}

static void nap_cancel(han__wait *wait)
{
    nap_free(wait->ud);
}

static int push_true(lua_State *L, void *ud)
{
    HAN__UNUSED(ud);
    lua_pushboolean(L, true);
    return 1;
}

static void nap_over(void *ud, han__timer *timer)
{
    HAN__UNUSED(timer);
    nap *n = ud;
    han__wait_finish(&n->wait, push_true, NULL);
    nap_free(n);
}

static int l_wait(lua_State *L)
{
    lua_Number seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds >= 0 && seconds <= WAIT_SECONDS_MAX, 1, "seconds from 0 to a year");
    han__host *host = host_of(L);
    if (!host->loop) return luaL_error(L, "this process has no event loop to wait on");
    nap *n = han__mem_zalloc(host->mem, 1, sizeof *n);
    if (!n) return luaL_error(L, "out of memory");
    n->mem = host->mem;
    n->wait = (han__wait){.on_cancel = nap_cancel, .ud = n};
    han__timer_init(&n->timer, host->loop, nap_over, n);
    if (han__timer_start(&n->timer, (uint64_t)(seconds * 1e9), 0) != HAN_OK) {
        nap_free(n);
        return luaL_error(L, "out of memory");
    }
    han__fiber_wait(L, &n->wait);
    return lua_yield(L, 0);
}

int han__open_sys(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"mono", l_mono},     {"wall", l_wall},     {"pid", l_pid},     {"cores", l_cores},
        {"isatty", l_isatty}, {"width", l_width},   {"env", l_env},     {"host", l_host},
        {"escape", l_escape}, {"sha256", l_sha256}, {"nonce", l_nonce}, {"wait", l_wait},
        {NULL, NULL}};
    luaL_newlib(L, functions);
    han__sys_add_files(L);
    return 1;
}
