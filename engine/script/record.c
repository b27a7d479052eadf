/* A run's nodes and decisions, remembered by a hook. */
#include "base/config.h"
#include "script/record.h"

#include "value/value.h"

#include <lauxlib.h>
#include <stdio.h>

typedef struct node_note {
    char *id, *label, *reason;
    han__amount spend;
    uint64_t finish, delivered; /* delivered: number of the delivery in the run, 0: never */
    uint32_t depth;
    int code;
    uint8_t outcome;
    bool over, infra, again;
} node_note;

typedef struct decision_note {
    char *id;
    uint8_t *bytes;
    size_t len;
} decision_note;

struct han__record {
    han__run *run;
    han__hook hook;
    node_note *nodes;
    size_t count, cap;
    decision_note *decisions;
    size_t decided, decisions_cap;
    uint64_t dropped, deliveries;
};

static char *copy(han__mem *mem, const char *text)
{
    return text ? han__mem_strdup(mem, text) : NULL;
}

static void note_release(han__mem *mem, node_note *note)
{
    han__mem_strfree(mem, note->id);
    han__mem_strfree(mem, note->label);
    han__mem_strfree(mem, note->reason);
}

/* Room for one more note. The root comes last and must be there: it takes the place of another. */
static bool make_room(han__record *r, const han__node *node)
{
    han__mem *mem = r->run->host->mem;
    void *array = r->nodes;
    int rc =
        han__mem_grow(mem, &array, &r->cap, r->count + 1, sizeof(node_note), HAN__RECORD_NODES_MAX);
    r->nodes = array;
    if (rc == HAN_OK) return true;
    r->dropped++;
    if (node->parent || r->count == 0) return false;
    note_release(mem, &r->nodes[--r->count]);
    return true;
}

static void on_finished(han__record *r, const han__row *row)
{
    han__mem *mem = r->run->host->mem;
    han__node *node = (han__node *)(uintptr_t)row->node; /* only its mark is written */
    char id[512];
    if (!make_room(r, node)) return;
    han__node_id(node, id, sizeof(id));
    node_note *note = &r->nodes[r->count++];
    *note = (node_note){.id = copy(mem, id),
                        .label = copy(mem, node->label),
                        .reason = copy(mem, node->reason),
                        .spend = han__node_spend(node),
                        .finish = node->clock,
                        .depth = node->depth,
                        .code = node->code,
                        .outcome = node->outcome,
                        .over = node->over,
                        .infra = node->infra,
                        .again = node->again};
    node->mark = (uint32_t)r->count;
}

static void on_chosen(han__record *r, const han__row *row)
{
    han__mem *mem = r->run->host->mem;
    void *array = r->decisions;
    char id[512];
    if (han__mem_grow(mem, &array, &r->decisions_cap, r->decided + 1, sizeof(decision_note),
                      HAN__RECORD_DECISIONS_MAX))
        return;
    r->decisions = array;
    uint8_t *bytes = han__mem_alloc(mem, row->len);
    if (!bytes) return;
    memcpy(bytes, row->bytes, row->len);
    han__node_id(row->node, id, sizeof(id));
    r->decisions[r->decided++] = (decision_note){copy(mem, id), bytes, row->len};
}

static void on_row(void *ud, const han__row *row)
{
    han__record *r = ud;
    if (row->kind == HAN__ROW_FINISHED || row->kind == HAN__ROW_CANCELLED) on_finished(r, row);
    if (row->kind == HAN__ROW_CHOSEN) on_chosen(r, row);
    if (row->kind == HAN__ROW_DELIVERED) {
        r->deliveries++;
        if (row->node->mark) r->nodes[row->node->mark - 1].delivered = r->deliveries;
    }
}

int han__record_open(han__run *run, han__record **out)
{
    han__record *r = han__mem_zalloc(run->host->mem, 1, sizeof(*r));
    if (!r) return HAN_NOMEM;
    r->run = run;
    r->hook = (han__hook){NULL, on_row, r};
    han__hooks_add(han__tree_hooks(run->tree), &r->hook);
    *out = r;
    return HAN_OK;
}

void han__record_close(han__record *r)
{
    han__mem *mem = r->run->host->mem;
    han__hooks_remove(han__tree_hooks(r->run->tree), &r->hook);
    for (size_t i = 0; i < r->count; i++) note_release(mem, &r->nodes[i]);
    for (size_t i = 0; i < r->decided; i++) {
        han__mem_strfree(mem, r->decisions[i].id);
        han__mem_free(mem, r->decisions[i].bytes, r->decisions[i].len);
    }
    han__mem_free(mem, r->nodes, r->cap * sizeof(node_note));
    han__mem_free(mem, r->decisions, r->decisions_cap * sizeof(decision_note));
    han__mem_free(mem, r, sizeof(*r));
}

uint64_t han__record_dropped(const han__record *r)
{
    return r->dropped;
}

static void set_text(lua_State *L, const char *field, const char *text)
{
    if (!text) return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, field);
}

static void set_integer(lua_State *L, const char *field, lua_Integer n)
{
    lua_pushinteger(L, n);
    lua_setfield(L, -2, field);
}

static void set_flag(lua_State *L, const char *field, bool flag)
{
    if (!flag) return;
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, field);
}

static void push_note(lua_State *L, const han__record *r, const node_note *note)
{
    static const char *const status[] = {"live", "done", "down", "question"};
    lua_createtable(L, 0, 8);
    set_text(L, "id", note->id);
    set_text(L, "label", note->label);
    set_text(L, "status", status[note->outcome]);
    set_text(L, "reason", note->reason);
    if (note->code) set_text(L, "code", han_status_name(note->code));
    set_integer(L, "finish", (lua_Integer)note->finish);
    set_integer(L, "depth", note->depth);
    if (note->delivered) set_integer(L, "delivered", (lua_Integer)note->delivered);
    set_flag(L, "over", note->over);
    set_flag(L, "infra", note->infra);
    set_flag(L, "again", note->again);
    han__run_push_amount(r->run, L, &note->spend);
    lua_setfield(L, -2, "spend");
}

void han__record_push_nodes(const han__record *r, lua_State *L)
{
    lua_createtable(L, (int)r->count, 0);
    for (size_t i = 0; i < r->count; i++) {
        push_note(L, r, &r->nodes[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

void han__record_push_decisions(const han__record *r, lua_State *L)
{
    lua_createtable(L, (int)r->decided, 0);
    for (size_t i = 0; i < r->decided; i++) {
        han_error err = {0};
        size_t used;
        const decision_note *d = &r->decisions[i];
        if (han__value_decode(L, d->bytes, d->len, &used, &err)) luaL_error(L, "%s", err.message);
        set_text(L, "node", d->id);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}
