/* Rows on their way to the store, and rows of an earlier life that are to be met again. A row is
 * compared by a hash of all it says, so that a resumed run needs little memory for its past. */
#include "base/config.h"
#include "script/scribe.h"

#include "base/hash.h"
#include "script/journal_wire.h"

#include <inttypes.h>
#include <stdio.h>

#define ROWS_A_BATCH 512 /* put at once when there are so many */
#define SAID_MAX     100 /* what a message tells of a row */
#define PAST_MAX     ((size_t)1 << 30)
#define AMOUNT_TEXT  (HAN__CHANNELS * 64)
#define TAKEN_MAX    ((size_t)HAN__FRAME_BYTES_MAX / 2)

/* A row that was journaled before. */
typedef struct past {
    uint64_t hash;
    uint64_t node;     /* hash of its id when the row says how the node ended, else 0 */
    uint8_t *executed; /* what came of a command, when it says that, else NULL */
    size_t executed_len;
    char said[SAID_MAX];
} past;

/* A batch at the writer: its last row. */
typedef struct ticket {
    struct ticket *next;
    han__scribe *scribe; /* NULL: closed meanwhile */
    han__mem *mem;
    uint64_t place;
} ticket;

struct han__scribe {
    han__run *run;
    han__store *store; /* NULL: rows are packed, and taken */
    han__buf packed;
    void (*wanted)(void *ud);
    void *ud;
    han__wait *barrier; /* waits for everything to be durable; NULL: nobody does */
    int64_t number;
    han__batch *batch;            /* rows not put yet, or NULL */
    uint64_t place, put, durable; /* the last row that was made, put, is durable */
    past *past;
    size_t replay, past_cap; /* rows of the past */
    uint64_t cut;            /* the row that says that its time was up; 0: there is none */
    ticket *tickets;
    han_error failed;
};

static void fail(han__scribe *s, const han_error *err)
{
    if (s->failed.code == HAN_OK) s->failed = *err;
}

/* ---- what a row says ---- */

/* The verb behind a kind of row, for messages. */
static const char *verb_of(han__bytes kind)
{
    static const char *const verbs[][2] = {{"spawned", "spawn"},
                                           {"refused", "spawn (refused)"},
                                           {"metered", "meter"},
                                           {"submitted", "submit"},
                                           {"executed", "exec"},
                                           {"chosen", "choose"},
                                           {"sent", "send"},
                                           {"asked", "ask"},
                                           {"answered", "send (an answer)"},
                                           {"waited", "next"},
                                           {"woken", "next (woken)"},
                                           {"cancelled", "stop"},
                                           {"finished", "return"},
                                           {"delivered", "next"},
                                           {"ended", "end"}};
    for (size_t i = 0; i < HAN__COUNT(verbs); i++)
        if (strlen(verbs[i][0]) == kind.len && memcmp(verbs[i][0], kind.data, kind.len) == 0)
            return verbs[i][1];
    return "begin";
}

static void say(const han__journal_row *row, char out[SAID_MAX])
{
    int n = snprintf(out, SAID_MAX, "%s at %.*s", verb_of(row->kind),
                     (int)(row->node.len < 40 ? row->node.len : 40), (const char *)row->node.data);
    if (row->text.data && n > 0 && n < SAID_MAX)
        snprintf(out + n, SAID_MAX - (size_t)n, " '%.*s'",
                 (int)(row->text.len < 40 ? row->text.len : 40), (const char *)row->text.data);
}

static uint64_t mix(uint64_t hash, han__bytes bytes)
{
    return bytes.data ? han__hash64(bytes.data, bytes.len, hash + 1) : hash * 3 + 1;
}

static uint64_t hash_of(const han__journal_row *row)
{
    const int64_t numbers[] = {row->clock, row->flags.known ? row->flags.value : -1};
    uint64_t hash = han__hash64(numbers, sizeof(numbers), 0);
    const han__bytes fields[] = {row->kind,  row->node,   row->code, row->text,
                                 row->place, row->amount, row->value};
    for (size_t i = 0; i < HAN__COUNT(fields); i++) hash = mix(hash, fields[i]);
    return hash;
}

/* ---- from the tree's row to the store's ---- */

/* A row with the texts that are made for it. */
typedef struct draft {
    han__journal_row row;
    char id[512], amount[AMOUNT_TEXT], number[16];
} draft;

static han__bytes text_of(const char *text)
{
    return (han__bytes){text, text ? strlen(text) : 0};
}

/* {"evals":3}; absent when it is zero. Names of resources are the script's own words. */
static han__bytes amount_text(const han__run *run, const han__amount *amount, char out[AMOUNT_TEXT])
{
    size_t n = 0;
    if (han__amount_is_zero(amount)) return (han__bytes){0};
    for (int i = 0; i < HAN__CHANNELS; i++) {
        const char *name = han__channel_name(i);
        if (amount->v[i] == 0) continue;
        if (!name) name = run->named[i - HAN__NAMED_0];
        n += (size_t)snprintf(out + n, AMOUNT_TEXT - n, "%c\"%.31s\":%" PRId64, n ? ',' : '{', name,
                              amount->v[i]);
    }
    out[n++] = '}';
    return (han__bytes){out, n};
}

static int64_t flags_of(const han__node *node)
{
    return (node->over ? HAN__JOURNAL_OVER : 0) | (node->infra ? HAN__JOURNAL_INFRA : 0) |
           (node->outcome == HAN__SETTLED_QUESTION ? HAN__JOURNAL_QUESTION : 0);
}

static void draft_amount(const han__run *run, const han__row *row, draft *d)
{
    const han__amount *amount = NULL;
    han__amount spend;
    if (row->kind == HAN__ROW_METERED) amount = row->bytes;
    if (row->kind == HAN__ROW_SPAWNED) amount = &han__node_pool(row->node)->total;
    if (row->kind == HAN__ROW_FINISHED || row->kind == HAN__ROW_CANCELLED) {
        spend = han__node_spend(row->node);
        amount = &spend;
    }
    if (amount) d->row.amount = amount_text(run, amount, d->amount);
}

static void draft_row(const han__run *run, const han__row *row, draft *d)
{
    bool settled = row->kind == HAN__ROW_FINISHED || row->kind == HAN__ROW_CANCELLED;
    int64_t flags = settled ? flags_of(row->node) : 0;
    if (row->kind == HAN__ROW_SPAWNED && row->node->again) flags = HAN__JOURNAL_AGAIN;
    d->row = (han__journal_row){.kind = text_of(han__row_name(row->kind)),
                                .node = {d->id, han__node_id(row->node, d->id, sizeof(d->id))},
                                .clock = (int64_t)row->node->clock,
                                .text = text_of(row->text),
                                .flags = {flags != 0, flags}};
    if (settled && row->node->where && row->node->where[0])
        d->row.place = text_of(row->node->where);
    if (row->kind == HAN__ROW_SUBMITTED) { /* its code is a number */
        snprintf(d->number, sizeof(d->number), "%d", row->code);
        d->row.text = text_of(d->number);
    } else if (row->code) {
        d->row.code = text_of(han_status_name(row->code));
    }
    if (row->len > 0) d->row.value = (han__bytes){row->bytes, row->len};
    draft_amount(run, row, d);
}

/* ---- what is durable ---- */

static int push_nothing(lua_State *L, void *ud)
{
    HAN__UNUSED(L);
    HAN__UNUSED(ud);
    return 0;
}

/* A fault ends the wait too: the run is about to be stopped. */
static void lift_barrier(han__scribe *s)
{
    han__wait *wait = s->barrier;
    if (!wait || (s->durable < s->place && !s->failed.code)) return;
    s->barrier = NULL;
    han__wait_finish(wait, push_nothing, NULL);
}

void han__scribe_durable(han__scribe *s, uint64_t place)
{
    if (place > s->durable && place <= s->place) s->durable = place;
    lift_barrier(s);
}

bool han__scribe_barrier(han__scribe *s, han__wait *wait)
{
    if (s->durable >= s->place || s->failed.code) return true;
    s->barrier = wait;
    han__scribe_put(s);
    return false;
}

void han__scribe_leave(han__scribe *s, const han__wait *wait)
{
    if (s->barrier == wait) s->barrier = NULL;
}

/* ---- writing ---- */

/* A broken constraint has one cause: the rows were not there to be written any more. */
static void not_written(han__scribe *s, int status, const han_error *err)
{
    han_error other = {0};
    if (status == HAN_INVALID) {
        han__error_set(&other, HAN_INVALID,
                       "another process goes on with this run; what it writes counts, this one "
                       "stops (%.200s)",
                       err->message);
        err = &other;
    }
    fail(s, err);
}

static void on_written(void *ud, int status, const han_error *err)
{
    ticket *t = ud;
    han__scribe *s = t->scribe;
    if (s) {
        for (ticket **link = &s->tickets; *link; link = &(*link)->next)
            if (*link == t) {
                *link = t->next;
                break;
            }
        if (status == HAN_OK)
            han__scribe_durable(s, t->place);
        else
            not_written(s, status, err);
        lift_barrier(s);
    }
    han__mem_free(t->mem, t, sizeof(*t));
}

/* Waits once when the writer's queue is full. */
static int put_batch(han__scribe *s, ticket *t, han_error *err)
{
    han_error full = {0};
    int rc = han__store_put(s->store, s->batch, on_written, t, &full);
    if (rc == HAN_LIMIT) {
        rc = han__store_flush(s->store, HAN__STORE_FLUSH_DEFAULT, err);
        if (rc == HAN_OK) rc = han__store_put(s->store, s->batch, on_written, t, err);
    } else if (rc != HAN_OK) {
        *err = full;
    }
    return rc;
}

/* Only a run with a wall limit is asked how much of it was used. */
static int note_used(han__scribe *s, han_error *err)
{
    if (!s->run->wall_ns) return HAN_OK;
    return han__journal_used(s->batch, s->number, (int64_t)han__run_used_ms(s->run), err);
}

void han__scribe_put(han__scribe *s)
{
    han_error err = {0};
    han__mem *mem = s->run->host->mem;
    if (s->packed.len > 0 && !s->failed.code) s->wanted(s->ud);
    if (!s->batch || s->failed.code) return;
    ticket *t = han__mem_zalloc(mem, 1, sizeof(*t));
    int rc = t ? note_used(s, &err) : han__error_set(&err, HAN_NOMEM, "no memory for the journal");
    if (rc == HAN_OK) {
        *t = (ticket){s->tickets, s, mem, s->place};
        s->tickets = t;
        rc = put_batch(s, t, &err);
    }
    if (rc == HAN_OK) {
        s->batch = NULL;
        s->put = s->place;
        return;
    }
    if (t && s->tickets == t) s->tickets = t->next;
    han__mem_free(mem, t, sizeof(*t));
    fail(s, &err);
}

uint64_t han__scribe_take(han__scribe *s, han__buf *out)
{
    if (s->packed.len == 0) return 0;
    *out = s->packed;
    han__buf_init(&s->packed, s->run->host->mem, TAKEN_MAX);
    s->put = s->place;
    return s->place;
}

/* A job's rows that nobody takes: the run holds still at its next delivery, so there are few. */
static void pack_row(han__scribe *s, const han__journal_row *row)
{
    han_error err = {0};
    int rc = han__journal_pack(&s->packed, row);
    if (rc == HAN_OK) return;
    han__error_set(&err, rc, "the journal's rows of one turn are too many or too large");
    fail(s, &err);
}

static void write_row(han__scribe *s, han__journal_row *row)
{
    han_error err = {0};
    if (!s->store) {
        pack_row(s, row);
        return;
    }
    row->first = s->batch == NULL;
    int rc = s->batch ? HAN_OK : han__batch_new(s->store, &s->batch, &err);
    if (rc == HAN_OK) rc = han__journal_add(s->batch, s->number, s->place, row, &err);
    if (rc != HAN_OK)
        fail(s, &err);
    else if (s->place - s->put >= ROWS_A_BATCH)
        han__scribe_put(s);
}

/* ---- meeting the past ---- */

static void compare(han__scribe *s, const han__journal_row *row)
{
    char got[SAID_MAX];
    han_error err = {0};
    const past *p = &s->past[s->place - 1];
    if (p->hash == hash_of(row)) return;
    say(row, got);
    /* what a job's node had spent when its time was up stands in no row before that */
    if (!s->store && s->cut && s->place > s->cut && strcmp(p->said, got) == 0) return;
    han__error_set(&err, HAN_NONDETERMINISM,
                   "%.*s did something else than its journal says: row %" PRIu64
                   " is %s, the program did %s%s",
                   (int)(row->node.len < 60 ? row->node.len : 60), (const char *)row->node.data,
                   s->place, p->said, got,
                   strcmp(p->said, got) == 0 ? " with another value, spend or time" : "");
    fail(s, &err);
}

static void take_row(han__scribe *s, han__journal_row *row)
{
    if (s->failed.code) return;
    s->place++;
    if (s->place <= s->replay)
        compare(s, row);
    else
        write_row(s, row);
}

static void on_row(void *ud, const han__row *row)
{
    han__scribe *s = ud;
    draft d;
    /* of a shot in a job there may be thousands, and the node's last row has the sum */
    if (row->kind == HAN__ROW_METERED && !s->store) return;
    draft_row(s->run, row, &d);
    take_row(s, &d.row);
    ((han__node *)(uintptr_t)row->node)->journaled = s->place; /* only this is written */
}

static bool is_durable(void *ud, const han__node *node)
{
    han__scribe *s = ud;
    uint64_t place = node ? node->journaled : s->place;
    /* the run was cut here, maybe while this was held: it is held again until it is cut again */
    if (han__scribe_meets_cut(s) && s->run->wall_ns && !s->failed.code) return false;
    if (place <= s->durable || s->failed.code) return true;
    if (place > s->put) han__scribe_put(s);
    if (s->store) han__store_poll(s->store);
    return place <= s->durable || s->failed.code;
}

bool han__scribe_done(han__scribe *s)
{
    return is_durable(s, NULL);
}

static bool says(han__bytes field, const char *word)
{
    return strlen(word) == field.len && memcmp(word, field.data, field.len) == 0;
}

static bool ends_node(const han__journal_row *row)
{
    return says(row->kind, "finished") || says(row->kind, "cancelled");
}

/* A command is not executed again, so what came of it is needed. */
static int keep_executed(han__mem *mem, past *p, const han__journal_row *row)
{
    p->executed = NULL;
    p->executed_len = 0;
    if (!says(row->kind, "executed") || row->value.len == 0) return HAN_OK;
    p->executed = han__mem_alloc(mem, row->value.len);
    if (!p->executed) return HAN_NOMEM;
    memcpy(p->executed, row->value.data, row->value.len);
    p->executed_len = row->value.len;
    return HAN_OK;
}

static int remember(void *ud, const han__journal_row *row)
{
    han__scribe *s = ud;
    void *array = s->past;
    int rc = han__mem_grow(s->run->host->mem, &array, &s->past_cap, s->replay + 1, sizeof(past),
                           PAST_MAX);
    s->past = array;
    if (rc != HAN_OK) return rc;
    past *p = &s->past[s->replay++];
    p->hash = hash_of(row);
    p->node = ends_node(row) ? han__hash64(row->node.data, row->node.len, 0) : 0;
    say(row, p->said);
    if (says(row->kind, "woken") && row->code.data && says(row->code, han_status_name(HAN_LIMIT)))
        s->cut = s->replay;
    return keep_executed(s->run->host->mem, p, row);
}

bool han__scribe_executed(const han__scribe *s, han__bytes *value)
{
    const past *p = s->place < s->replay ? &s->past[s->place] : NULL;
    if (!p || !p->executed || s->failed.code) return false;
    *value = (han__bytes){p->executed, p->executed_len};
    return true;
}

bool han__scribe_behind(const han__scribe *s)
{
    return s->place < s->replay && !s->failed.code;
}

bool han__scribe_in_doubt(const han__scribe *s, const han__node *node)
{
    char id[512];
    if (node->journaled == 0 || node->journaled > s->replay) return false;
    uint64_t hash = han__hash64(id, han__node_id(node, id, sizeof(id)), 0);
    for (uint64_t i = node->journaled; i < s->replay; i++)
        if (s->past[i].node == hash) return false;
    return true;
}

/* ---- life ---- */

/* Says why when nobody below has. */
static int cannot_read(const han__scribe *s, int rc, han_error *err)
{
    if (rc == HAN_NOMEM)
        return han__error_set(err, rc, "no memory to read the journal (%zu rows of it were read)",
                              s->replay);
    return han__error_set(err, rc, "the journal cannot be read");
}

static int read_packed(han__scribe *s, const han__scribe_options *o, han_error *err)
{
    size_t at = 0;
    han__journal_row row;
    int rc = 1;
    while (rc == 1 && (rc = han__journal_unpack(o->past, o->past_len, &at, &row)) == 1)
        if (remember(s, &row) != HAN_OK) rc = HAN_NOMEM;
    return rc == HAN_OK ? HAN_OK : cannot_read(s, rc, err);
}

static int open_journal(han__scribe *s, const han__scribe_options *o, han_error *err)
{
    if (!s->store) {
        int read = o->past ? read_packed(s, o, err) : HAN_OK;
        s->run->used_ns = o->used_ms * 1000000u;
        s->durable = s->put = s->replay;
        return read;
    }
    if (!o->resume) return han__journal_begin(s->store, o->bench, o->cell, &s->number, err);
    int64_t used_ms = 0;
    int rc = han__journal_find(s->store, o->bench, o->cell, &s->number, err);
    if (rc == HAN_OK) rc = han__journal_read(s->store, s->number, 0, remember, s, err);
    if (rc == HAN_OK) rc = han__journal_read_used(s->store, s->number, &used_ms, err);
    if (rc != HAN_OK) return cannot_read(s, rc, err);
    s->run->used_ns = (uint64_t)used_ms * 1000000u;
    s->durable = s->put = s->replay;
    return HAN_OK;
}

int han__scribe_open(han__run *run, const han__scribe_options *options, han_error *err)
{
    han__scribe *s = han__mem_zalloc(run->host->mem, 1, sizeof(*s));
    if (!s) return han__error_set(err, HAN_NOMEM, "no memory for a journal");
    s->run = run;
    s->store = options->store;
    s->wanted = options->wanted;
    s->ud = options->ud;
    han__buf_init(&s->packed, run->host->mem, TAKEN_MAX);
    run->scribe = s;
    int rc = open_journal(s, options, err);
    if (rc != HAN_OK) {
        run->scribe = NULL;
        han__scribe_close(s);
        return rc;
    }
    han__journal_row begin = {
        .kind = {"begin", 5}, .node = {"root", 4}, .value = {options->begin, options->begin_len}};
    take_row(s, &begin);
    han__tree_set_journal(run->tree, &(han__journal){on_row, is_durable, s});
    return HAN_OK;
}

void han__scribe_close(han__scribe *s)
{
    han__mem *mem = s->run->host->mem;
    for (ticket *t = s->tickets; t; t = t->next) t->scribe = NULL;
    if (s->run->tree) han__tree_set_journal(s->run->tree, &(han__journal){0});
    han__batch_free(s->batch);
    han__buf_release(&s->packed);
    for (size_t i = 0; i < s->replay; i++)
        han__mem_free(mem, s->past[i].executed, s->past[i].executed_len);
    han__mem_free(mem, s->past, s->past_cap * sizeof(past));
    han__mem_free(mem, s, sizeof(*s));
}

const han_error *han__scribe_failure(const han__scribe *s)
{
    return s->failed.code ? &s->failed : NULL;
}

uint64_t han__scribe_replayed(const han__scribe *s)
{
    return s->replay;
}

bool han__scribe_replays(const han__scribe *s)
{
    return s->place < s->replay;
}

bool han__scribe_meets_cut(const han__scribe *s)
{
    return s->cut > 0 && s->place + 1 == s->cut;
}

void han__scribe_leave_off(han__scribe *s, int code, const char *why)
{
    han_error err = {0};
    han__scribe_put(s);
    han__error_set(&err, code, "%s", why);
    fail(s, &err);
}
