/* What a node may do: spawn, wait, spend, send, ask, settle. The order of the steps in each is the
 * contract (see scope.h), so they are written out one under the other. */
#include "base/config.h"
#include "tree/tree.h"

/* Most runs have nobody who listens. */
static inline void tell(han__node *node, int kind, int code, const char *text, const void *bytes,
                        size_t len)
{
    const han__tree *tree = node->tree;
    if (tree->journal.row || tree->hooks.first)
        han__tree_tell_node(node, kind, code, text, bytes, len);
}

/* ---- spawn ---- */

static int refusal(han__node *parent, const han__spawn *spec, han__key **key, han_error *err)
{
    han__tree *tree = parent->tree;
    if (parent->outcome != HAN__LIVE)
        return han__error_set(err, HAN_SCOPE_CLOSED, "this scope has ended; it can spawn no more");
    if (parent->depth >= tree->max_depth)
        return han__error_set(err, HAN_DEPTH_EXCEEDED,
                              "depth %u is the limit; flatten the recursion or raise --max-depth",
                              (unsigned)tree->max_depth);
    if (tree->live >= tree->max_live)
        return han__error_set(
            err, HAN_MAX_LIVE,
            "%u nodes are alive, the limit; drain some with scope:next() or raise "
            "--max-live",
            (unsigned)tree->live);
    *key = NULL;
    if (!spec->key) return HAN_OK;
    int rc = han__keys_check(&tree->keys, spec->key, spec->key_digest, key, err);
    return rc == HAN_IN_DOUBT && spec->idempotent ? HAN_OK : rc;
}

static int build(han__node *parent, const han__spawn *spec, han__node **out, han_error *err)
{
    han__node *node =
        han__node_create(parent->tree, parent, spec->backend, spec->work, spec->work_size);
    bool built = node && (!spec->label || han__node_label(node, spec->label));
    if (built && spec->key)
        node->key = han__keys_add(&parent->tree->keys, spec->key, spec->key_digest);
    if (!built || (spec->key && !node->key)) {
        if (node) han__node_discard(node);
        return han__error_set(err, HAN_NOMEM, "no memory for a node");
    }
    if (!han__amount_is_zero(&spec->ceiling)) /* a new node's pool is that of nothing */
        han__pool_init(&node->pool, &spec->ceiling, 0, NULL); /* reserve has checked the domain */
    *out = node;
    return HAN_OK;
}

static void link_child(han__node *parent, han__node *node)
{
    node->ordinal = ++parent->spawned;
    node->before = parent->last_child;
    if (parent->last_child)
        parent->last_child->after = node;
    else
        parent->first_child = node;
    parent->last_child = node;
    parent->live++;
    parent->pending++;
    parent->tree->live++;
}

static void unlink_child(han__node *node)
{
    han__node *parent = node->parent;
    if (node->before)
        node->before->after = node->after;
    else
        parent->first_child = node->after;
    if (node->after)
        node->after->before = node->before;
    else
        parent->last_child = node->before;
    node->before = node->after = NULL;
    if (node->tree->found == node) node->tree->found = NULL;
    parent->pending--;
}

void han__node_refuse(han__node *parent, int code, const char *message)
{
    tell(parent, HAN__ROW_REFUSED, code, message, NULL, 0);
}

int han__node_spawn(han__node *parent, const han__spawn *spec, han__node **out, han_error *err)
{
    han_error local;
    han__key *key = NULL;
    han__node *node = NULL;
    han_error *why = err ? err : &local;
    han__error_clear(&local);
    int rc = refusal(parent, spec, &key, why);
    if (rc == HAN_OK) rc = han__pool_reserve(&parent->pool, &spec->ceiling, why);
    if (rc == HAN_OK) {
        rc = build(parent, spec, &node, why);
        if (rc != HAN_OK) han__pool_return(&parent->pool, &spec->ceiling, &(han__amount){{0}});
    }
    if (rc != HAN_OK) {
        if (rc != HAN_SETTLED) han__node_refuse(parent, rc, why->message);
        return rc;
    }
    node->again = key != NULL; /* one that is done or live was refused above */
    if (node->key) node->key->state = HAN__KEY_LIVE;
    link_child(parent, node);
    tell(node, HAN__ROW_SPAWNED, 0, node->label, spec->bytes, spec->len);
    node->next_turn = HAN__TURN_START;
    han__tree_queue(node, HAN__AGENDA_TURN, node->clock);
    *out = node;
    return HAN_OK;
}

/* ---- turns ---- */

static void end_turn(han__node *node)
{
    if (node->tree->held == node) node->tree->held = NULL;
    if (node->tree->running == node) node->tree->running = NULL;
}

/* Back among the others: what it spent is told now, in the order of the run. */
static void rejoin(han__node *node)
{
    han__amount *unsaid = node->unsaid;
    han__tree_unqueue(node);
    node->phase = PHASE_QUEUED;
    node->unsaid = NULL;
    if (node->tree->is_live && node->clock < node->tree->present) node->clock = node->tree->present;
    node->clock++; /* those with its time have not waited for it */
    if (!han__amount_is_zero(unsaid))
        tell(node, HAN__ROW_METERED, 0, NULL, unsaid, sizeof(*unsaid));
    han__slab_free(&node->tree->slab, unsaid, sizeof(*unsaid));
}

bool han__node_depart(han__node *node)
{
    han__tree *tree = node->tree;
    if (node->phase == PHASE_APART) return true;
    node->unsaid = han__slab_alloc(&tree->slab, sizeof(*node->unsaid));
    if (!node->unsaid) return false;
    memset(node->unsaid, 0, sizeof(*node->unsaid));
    end_turn(node);
    node->phase = PHASE_APART;
    node->entry.time = node->clock;
    node->entry.kind = HAN__AGENDA_TURN;
    han__agenda_add(&tree->apart, &node->entry);
    return true;
}

bool han__node_apart(const han__node *node)
{
    return node->phase == PHASE_APART;
}

void han__node_pause(han__node *node)
{
    if (node->phase == PHASE_APART) rejoin(node);
    end_turn(node);
    node->phase = PHASE_QUEUED;
    node->next_turn = HAN__TURN_RESUME;
    han__tree_queue(node, HAN__AGENDA_TURN, node->clock);
}

bool han__node_is_first(const han__node *node)
{
    const han__agenda_entry *first = han__agenda_first(&node->tree->agenda);
    if (node->phase == PHASE_APART || han__tree_awaits(node->tree, node->clock)) return false;
    if (!first) return true;
    if (node->clock != first->time) return node->clock < first->time;
    return node->entry.serial < first->serial;
}

void han__node_wake(han__node *node, int turn, uint64_t time)
{
    if (turn == HAN__TURN_TIMEOUT && node->outcome != HAN__LIVE) return;
    node->phase = PHASE_QUEUED;
    node->next_turn = (uint8_t)turn;
    han__tree_queue(node, HAN__AGENDA_TURN, time > node->clock ? time : node->clock);
}

/* ---- events ---- */

han__node *han__event_node(han__event *event)
{
    if (event->kind != HAN__EVENT_SETTLED) return NULL;
    return (han__node *)((char *)event - offsetof(han__node, event));
}

han__letter *han__event_letter(han__event *event)
{
    if (event->kind == HAN__EVENT_SETTLED) return NULL;
    return (han__letter *)((char *)event - offsetof(han__letter, event));
}

void han__event_dispose(han__tree *tree, han__event *event)
{
    han__node *node = han__event_node(event);
    if (node) {
        han__node_release(node);
        return;
    }
    han__letter *letter = han__event_letter(event);
    han__mem_free(tree->mem, letter, sizeof(*letter) + letter->len);
}

/* The one place where a child becomes visible to its parent. */
static void deliver(han__node *parent, han__event *event)
{
    han__node *node = han__event_node(event);
    if (!node) return;
    if (parent->clock < node->clock) parent->clock = node->clock;
    han__pool_return(&parent->pool, &node->pool.total, &node->pool.committed);
    parent->best = han__tree_better(parent->tree, parent->best, node->best);
    unlink_child(node);
    node->phase = PHASE_DELIVERED;
    tell(node, HAN__ROW_DELIVERED, 0, NULL, NULL, 0);
}

/* Could anything of these kinds still come? */
static bool may_arrive(const han__node *node, unsigned kinds)
{
    if (node->pending > 0 && (kinds & HAN__EVENT_SETTLED)) return true;
    if (node->live > 0 && (kinds & (HAN__EVENT_QUESTION | HAN__EVENT_FINDING))) return true;
    return node->parent && (kinds & HAN__EVENT_MESSAGE);
}

/* A child that finishes before anything else happens, and not before the node's own time, would
 * wake it in the next steps and find it first in line: it arrives here and now, without them. */
static void hurry(han__node *node, unsigned kinds, uint64_t timeout)
{
    han__agenda_entry *first = han__agenda_first(&node->tree->agenda);
    if (!first || first->kind != HAN__AGENDA_FINISH || !(kinds & HAN__EVENT_SETTLED)) return;
    han__node *child = (han__node *)((char *)first - offsetof(han__node, entry));
    if (child->parent != node || first->time < node->clock) return;
    if (han__tree_awaits(node->tree, first->time)) return;
    if (timeout > 0 && first->time - node->clock >= timeout) return;
    han__agenda_remove(&node->tree->agenda, first);
    if (node->tree->present < child->clock) node->tree->present = child->clock;
    han__node_arrive(child);
}

bool han__node_held(const han__node *node)
{
    const han__journal *journal = &node->tree->journal;
    han__event *event = han__inbox_peek(&node->inbox, node->wanted);
    return event && journal->durable && !journal->durable(journal->ud, han__event_node(event));
}

/* Delivers nothing before its rows are durable: the node keeps its turn meanwhile. */
static bool hold(han__node *node, unsigned kinds)
{
    if (!node->tree->journal.durable) return false;
    node->wanted = kinds;
    if (!han__node_held(node)) return false;
    node->tree->held = node;
    return true;
}

int han__node_wait(han__node *node, unsigned kinds, uint64_t timeout, han__event **event)
{
    *event = NULL;
    if (!han__inbox_peek(&node->inbox, kinds)) hurry(node, kinds, timeout);
    if (hold(node, kinds)) return HAN__HELD;
    *event = han__inbox_pull(&node->inbox, kinds);
    if (*event) {
        deliver(node, *event);
        return 1;
    }
    if (!may_arrive(node, kinds)) return HAN_UNKNOWN;
    end_turn(node);
    node->wanted = kinds;
    node->phase = PHASE_WAITING;
    if (timeout > 0 && timeout < UINT64_MAX - node->clock)
        han__tree_queue(node, HAN__AGENDA_TIMEOUT, node->clock + timeout);
    return 0;
}

han__event *han__node_take(han__node *node)
{
    han__event *event = han__inbox_pull(&node->inbox, node->wanted);
    if (event) deliver(node, event);
    return event;
}

static void publish(han__node *to, han__event *event, uint64_t time)
{
    han__inbox_push(&to->inbox, event);
    if (to->phase == PHASE_WAITING && (to->wanted & event->kind))
        han__node_wake(to, HAN__TURN_EVENT, time);
}

void han__node_arrive(han__node *node)
{
    node->phase = PHASE_ARRIVED;
    publish(node->parent, &node->event, node->clock);
}

/* ---- spend ---- */

static void advance(han__node *node, const han__amount *spent)
{
    int64_t units = spent->v[HAN__EVALS] > 0 ? spent->v[HAN__EVALS] : spent->v[HAN__TOKENS];
    node->metered = true;
    if (units <= 0) return;
    node->clock += (uint64_t)units;
    if (node->phase != PHASE_APART) return;
    han__tree_unqueue(node); /* it cannot come back before its clock */
    node->entry.time = node->clock;
    han__agenda_add(&node->tree->apart, &node->entry);
}

/* A row about spend; of a node that is apart once it is back. */
static void tell_spent(han__node *node, const han__amount *spent)
{
    if (!node->unsaid) {
        tell(node, HAN__ROW_METERED, 0, NULL, spent, sizeof(*spent));
        return;
    }
    for (int i = 0; i < HAN__CHANNELS; i++) node->unsaid->v[i] += spent->v[i];
}

int han__node_reserve(han__node *node, const han__amount *bound, han_error *err)
{
    return han__pool_reserve(&node->pool, bound, err);
}

void han__node_reconcile(han__node *node, const han__amount *bound, const han__amount *spent,
                         uint8_t unknown)
{
    han__pool_settle(&node->pool, bound, spent, unknown);
    han__pool_return(&node->pool, bound, spent);
    advance(node, spent);
    tell_spent(node, spent);
}

int han__node_meter(han__node *node, const han__amount *units, han_error *err)
{
    int rc = han__pool_meter(&node->pool, units, err);
    if (rc != HAN_OK) return rc;
    advance(node, units);
    tell_spent(node, units);
    return HAN_OK;
}

void han__node_commit(han__node *node, const han__amount *spent, uint8_t unknown)
{
    han__pool_commit(&node->pool, spent, unknown);
    advance(node, spent);
    tell_spent(node, spent);
}

void han__node_recall(han__node *node, const han__amount *spent, uint8_t unknown, uint64_t units)
{
    han__pool_commit(&node->pool, spent, unknown);
    node->metered = true;
    node->clock += units;
    tell(node, HAN__ROW_METERED, 0, NULL, spent, sizeof(*spent));
}

void han__node_executed(han__node *node, const char *command, const void *bytes, size_t len)
{
    tell(node, HAN__ROW_EXECUTED, 0, command, bytes, len);
}

const han__pool *han__node_pool(const han__node *node)
{
    return &node->pool;
}

han__amount han__node_spend(const han__node *node)
{
    return node->pool.committed;
}

/* ---- letters ---- */

static han__letter *write_letter(han__node *from, int kind, int priority, const void *bytes,
                                 size_t len)
{
    han__letter *letter = han__mem_zalloc(from->tree->mem, 1, sizeof(*letter) + len);
    if (!letter) return NULL;
    letter->event.kind = (uint8_t)kind;
    letter->event.priority = (uint8_t)priority;
    han__node_id(from, letter->from_id, sizeof(letter->from_id));
    letter->len = len;
    if (len) memcpy(letter->bytes, bytes, len);
    return letter;
}

static uint64_t now(const han__node *node)
{
    return node->tree->running ? node->tree->running->clock : node->clock;
}

int han__node_send(han__node *to, const void *bytes, size_t len, han_error *err)
{
    if (to->outcome != HAN__LIVE)
        return han__error_set(err, HAN_SETTLED, "the node has settled; nobody reads this message");
    if (!to->backend->takes_messages && to->phase != PHASE_ASKING)
        return han__error_set(err, HAN_NO_INBOX, "a %s node takes no messages", to->backend->name);
    han__letter *letter =
        write_letter(to->parent ? to->parent : to, HAN__EVENT_MESSAGE, HAN__NORMAL, bytes, len);
    if (!letter) return han__error_set(err, HAN_NOMEM, "no memory for a message");
    bool answers = to->phase == PHASE_ASKING;
    tell(to, answers ? HAN__ROW_ANSWERED : HAN__ROW_SENT, 0, NULL, bytes, len);
    if (!answers) {
        publish(to, &letter->event, now(to));
        return HAN_OK;
    }
    to->arrived = &letter->event;
    han__node_wake(to, HAN__TURN_ANSWER, now(to));
    return HAN_OK;
}

static int tell_parent(han__node *node, int kind, int priority, const void *bytes, size_t len,
                       han_error *err)
{
    if (!node->parent || node->parent->outcome != HAN__LIVE)
        return han__error_set(err, HAN_SCOPE_CLOSED, "nobody is above this node");
    han__letter *letter = write_letter(node, kind, priority, bytes, len);
    if (!letter) return han__error_set(err, HAN_NOMEM, "no memory for an event");
    publish(node->parent, &letter->event, node->clock);
    return HAN_OK;
}

int han__node_notify(han__node *node, const void *bytes, size_t len, han_error *err)
{
    int rc = tell_parent(node, HAN__EVENT_FINDING, HAN__NORMAL, bytes, len, err);
    if (rc == HAN_OK) tell(node, HAN__ROW_SENT, 0, "finding", bytes, len);
    return rc;
}

int han__node_ask(han__node *node, bool blocks_run, const void *bytes, size_t len, han_error *err)
{
    int priority = blocks_run ? HAN__BLOCKS_RUN : HAN__BLOCKS_STEP;
    int rc = tell_parent(node, HAN__EVENT_QUESTION, priority, bytes, len, err);
    if (rc != HAN_OK) return rc;
    tell(node, HAN__ROW_ASKED, 0, NULL, bytes, len);
    end_turn(node);
    node->phase = PHASE_ASKING;
    return HAN_OK;
}

/* ---- settling ---- */

static char *copy_text(han__mem *mem, const char *text)
{
    return text ? han__mem_strdup(mem, text) : NULL;
}

static void settle_key(han__node *node, const han__settle *how)
{
    if (!node->key) return;
    node->key->has_verdict = node->backend->has_verdict;
    if (how->outcome == HAN__DONE)
        han__key_done(&node->tree->keys, node->key, how->given ? how->given : how->bytes,
                      how->given ? how->given_len : how->len);
    else
        node->key->state = how->code == HAN_IN_DOUBT ? HAN__KEY_IN_DOUBT : HAN__KEY_DOWN;
}

/* What was reserved for something that never reported back, and never will, counts as spent. */
static void give_up_reserved(han__node *node)
{
    han__amount open = node->pool.reserved;
    if (!han__amount_is_zero(&open)) han__node_reconcile(node, &open, &open, 0);
}

/* Closes the books of one node that has no children left. */
static void close_node(han__node *node, const han__settle *how)
{
    han__tree *tree = node->tree;
    give_up_reserved(node);
    if (node->phase == PHASE_APART) rejoin(node);
    end_turn(node);
    if (!node->metered) node->clock++;
    node->outcome = (uint8_t)how->outcome;
    node->code = how->code;
    node->infra = how->infra;
    node->reason = copy_text(tree->mem, how->reason);
    node->where = copy_text(tree->mem, how->where);
    node->over = node->pool.over != 0;
    node->phase = PHASE_FINISHED;
    han__tree_unqueue(node);
    tree->live--;
    settle_key(node, how);
    tell(node, how->code == HAN_CANCELLED ? HAN__ROW_CANCELLED : HAN__ROW_FINISHED, how->code,
         how->reason, how->bytes, how->len);
    if (!node->parent) return;
    node->parent->live--;
    han__pool_settle(&node->parent->pool, &node->pool.total, &node->pool.committed,
                     (uint8_t)(node->pool.unknown | how->unknown));
}

/* A child that its parent will never see: closed if it lives, its rest returned, forgotten. */
static void drop_child(han__node *node)
{
    static const han__settle cancelled = {
        .outcome = HAN__DOWN, .code = HAN_CANCELLED, .reason = "its parent ended"};
    if (node->outcome == HAN__LIVE) {
        if (node->backend->cancel) node->backend->cancel(node);
        close_node(node, &cancelled);
    }
    if (node->phase == PHASE_ARRIVED) han__inbox_remove(&node->parent->inbox, &node->event);
    han__pool_return(&node->parent->pool, &node->pool.total, &node->pool.committed);
    unlink_child(node);
    han__node_release(node);
}

/* The join barrier: every child below goes, deepest first, without recursion. */
static void drain(han__node *node)
{
    while (node->first_child) {
        han__node *child = node->last_child;
        while (child->last_child) child = child->last_child;
        drop_child(child);
    }
}

void han__node_settle(han__node *node, const han__settle *how)
{
    if (node->outcome != HAN__LIVE) return;
    drain(node);
    close_node(node, how);
    if (!node->parent) {
        tell(node, HAN__ROW_ENDED, how->code, how->reason, NULL, 0);
        return;
    }
    han__tree_queue(node, HAN__AGENDA_FINISH, node->clock);
}

void han__node_stop(han__node *child, const char *reason)
{
    han__settle how = {.outcome = HAN__DOWN, .code = HAN_CANCELLED, .reason = reason};
    uint64_t time = now(child);
    if (child->outcome != HAN__LIVE) return;
    if (child->backend->cancel) child->backend->cancel(child);
    if (child->clock < time) child->clock = time;
    han__node_settle(child, &how);
}
