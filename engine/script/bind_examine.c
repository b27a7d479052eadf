/* Carries an examination of a store to Lua. */
#include "base/config.h"

#include <lauxlib.h>

#include "script/bind_examine.h"
#include "script/state.h"
#include "store/examine.h"

static void set_integer(lua_State *L, const char *name, int64_t value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *text)
{
    if (!text[0]) return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void set_kind(lua_State *L, const char *name, const han__examined_kind *kind)
{
    lua_createtable(L, 0, 2);
    set_integer(L, "count", kind->count);
    set_integer(L, "whole", kind->whole);
    lua_setfield(L, -2, name);
}

static void push_tables(lua_State *L, const han__examination *found)
{
    lua_createtable(L, found->table_count, 0);
    for (int i = 0; i < found->table_count; i++) {
        const han__examined_table *t = &found->tables[i];
        lua_createtable(L, 0, 4);
        set_text(L, "name", t->name);
        set_integer(L, "rows", t->rows);
        set_integer(L, "refused", t->refused);
        set_text(L, "failed", t->failed);
        lua_rawseti(L, -2, i + 1);
    }
}

static int push_found(lua_State *L, const han__examination *found)
{
    lua_createtable(L, 0, 16);
    set_text(L, "problem", found->problem);
    if (found->status != HAN_OK) set_text(L, "code", han_status_name(found->status));
    set_integer(L, "bytes", found->bytes);
    set_integer(L, "log_bytes", found->log_bytes);
    set_integer(L, "pages", found->pages);
    set_integer(L, "page_bytes", found->page_bytes);
    set_integer(L, "schema", found->schema);
    set_integer(L, "application", found->application);
    lua_pushboolean(L, found->newer);
    lua_setfield(L, -2, "newer");
    lua_pushboolean(L, found->in_use);
    lua_setfield(L, -2, "in_use");
    lua_createtable(L, found->complained, 0);
    for (int i = 0; i < found->complained; i++) {
        lua_pushstring(L, found->complaints[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "complaints");
    push_tables(L, found);
    lua_setfield(L, -2, "tables");
    set_kind(L, "contents", &found->contents);
    set_kind(L, "runs", &found->runs);
    set_kind(L, "cells", &found->cells);
    set_kind(L, "journals", &found->journals);
    set_integer(L, "orphans", found->orphans);
    return 1;
}

int han__db_examine(lua_State *L)
{
    han_error err = {0};
    han__examine_options options = {.path = NULL};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_getfield(L, 1, "path");
    options.path = luaL_checkstring(L, 2);
    lua_getfield(L, 1, "save");
    options.save = luaL_optstring(L, 3, NULL);
    lua_getfield(L, 1, "timeout");
    lua_Number timeout = luaL_optnumber(L, 4, 600);
    luaL_argcheck(L, timeout > 0 && timeout <= 86400, 1, "timeout is out of range");
    options.timeout_ms = (uint32_t)(timeout * 1000);
    han__examination *found = lua_newuserdatauv(L, sizeof *found, 0);
    if (han__store_examine(han__state_of(L)->host->mem, &options, found, &err) != HAN_OK)
        return han__fail(L, &err);
    return push_found(L, found);
}
