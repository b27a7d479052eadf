/* One run's tree: its life, the agenda that says whose turn it is, and the rows it tells. What
 * nodes may do lies in scope.c. */
#include "base/config.h"
#include "tree/tree.h"

#include <stdio.h>

#define DEFAULT_MAX_DEPTH 32
#define DEFAULT_MAX_LIVE  131072
#define MAX_SLOTS         ((size_t)1 << 28)
#define MAX_SUBMISSIONS   ((size_t)1 << 24)
#define LABEL_MAX         200

/* ---- nodes ---- */

uint32_t han__tree_next_slot(const han__tree *tree)
{
    return tree->slots_free ? tree->slots[tree->slots_free - 1] : (uint32_t)tree->slots_made;
}

/* Takes the next slot. Room to give it back is made here, so that releasing cannot fail. */
static bool take_slot(han__tree *tree, uint32_t *slot)
{
    void *slots = tree->slots;
    *slot = han__tree_next_slot(tree);
    if (tree->slots_free) {
        tree->slots_free--;
        return true;
    }
    if (han__mem_grow(tree->mem, &slots, &tree->slots_cap, tree->slots_made + 1, sizeof(uint32_t),
                      MAX_SLOTS))
        return false;
    tree->slots = slots;
    tree->slots_made++;
    return true;
}

han__node *han__node_create(han__tree *tree, han__node *parent, const han__backend *backend,
                            void *work, size_t work_size)
{
    size_t size = sizeof(han__node) + (work ? 0 : work_size);
    uint32_t slot;
    if (!work && work_size > HAN__WORK_MAX) return NULL;
    han__node *node = han__slab_alloc(&tree->slab, size);
    if (!node) return NULL;
    if (!take_slot(tree, &slot)) {
        han__slab_free(&tree->slab, node, size);
        return NULL;
    }
    memset(node, 0, size);
    node->tree = tree;
    node->parent = parent;
    node->backend = backend;
    node->work = work || work_size == 0 ? work : node + 1;
    node->slot = slot;
    node->size = (uint32_t)size;
    node->entry.serial = ++tree->serials;
    node->event.kind = HAN__EVENT_SETTLED;
    node->event.priority = HAN__NORMAL;
    node->depth = parent ? parent->depth + 1 : 0;
    node->clock = parent ? parent->clock : 0;
    return node;
}

static void drop_label(han__mem *mem, han__label *label)
{
    if (label && --label->holders == 0) han__mem_free(mem, label, sizeof(*label) + label->len + 1);
}

static han__label *new_label(han__mem *mem, const char *text)
{
    size_t len = strnlen(text, LABEL_MAX);
    han__label *label = han__mem_alloc(mem, sizeof(*label) + len + 1);
    if (!label) return NULL;
    *label = (han__label){.holders = 1, .len = (uint32_t)len};
    memcpy(label->text, text, len);
    label->text[len] = '\0';
    return label;
}

bool han__node_label(han__node *node, const char *text)
{
    han__tree *tree = node->tree;
    if (!tree->label || strncmp(tree->label->text, text, LABEL_MAX) != 0) {
        han__label *label = new_label(tree->mem, text);
        if (!label) return false;
        drop_label(tree->mem, tree->label);
        tree->label = label;
    }
    tree->label->holders++;
    node->label = tree->label->text;
    return true;
}

void han__node_discard(han__node *node)
{
    han__tree *tree = node->tree;
    if (tree->found == node) tree->found = NULL;
    tree->slots[tree->slots_free++] = node->slot;
    if (node->label)
        drop_label(tree->mem, (han__label *)(node->label - offsetof(han__label, text)));
    han__slab_free(&tree->slab, node, node->size);
}

static void drop_letters(han__node *node)
{
    for (han__event *event; (event = han__inbox_pull(&node->inbox, ~(unsigned)HAN__EVENT_SETTLED));)
        han__event_dispose(node->tree, event);
}

void han__node_release(han__node *node)
{
    han__mem *mem = node->tree->mem;
    if (node->arrived) han__event_dispose(node->tree, node->arrived); /* it ended before its turn */
    node->arrived = NULL;
    drop_letters(node);
    if (node->backend->release) node->backend->release(node);
    han__mem_strfree(mem, node->reason);
    han__mem_strfree(mem, node->where);
    han__tree_unqueue(node);
    if (node->unsaid) han__slab_free(&node->tree->slab, node->unsaid, sizeof(*node->unsaid));
    han__node_discard(node);
}

bool han__tree_tells(const han__tree *tree)
{
    return tree->journal.row || tree->hooks.first;
}

void han__tree_tell(han__tree *tree, const han__row *row)
{
    if (tree->journal.row) tree->journal.row(tree->journal.ud, row);
    han__hooks_call(&tree->hooks, row);
}

void han__tree_tell_node(han__node *node, int kind, int code, const char *text, const void *bytes,
                         size_t len)
{
    han__row row = {kind, node, code, text, bytes, len};
    if (han__tree_tells(node->tree)) han__tree_tell(node->tree, &row);
}

void han__tree_unqueue(han__node *node)
{
    han__tree *tree = node->tree;
    bool apart = node->phase == PHASE_APART;
    han__agenda_remove(apart ? &tree->apart : &tree->agenda, &node->entry);
}

bool han__tree_awaits(const han__tree *tree, uint64_t time)
{
    const han__agenda_entry *first = han__agenda_first(&tree->apart);
    return !tree->is_live && first && first->time < time;
}

void han__tree_queue(han__node *node, int kind, uint64_t time)
{
    han__agenda_remove(&node->tree->agenda, &node->entry);
    node->entry.time = time;
    node->entry.kind = (uint8_t)kind;
    han__agenda_add(&node->tree->agenda, &node->entry);
}

static void free_tree(han__tree *tree)
{
    han__mem *mem = tree->mem;
    han__keys_release(&tree->keys);
    drop_label(mem, tree->label);
    han__mem_free(mem, tree->slots, tree->slots_cap * sizeof(uint32_t));
    han__mem_free(mem, tree->submissions, tree->submissions_cap * sizeof(submission));
    han__slab_release(&tree->slab);
    han__mem_free(mem, tree, sizeof(*tree));
}

int han__tree_open(han__mem *mem, const han__tree_options *options, han__tree **out, han_error *err)
{
    han__tree *tree = han__mem_zalloc(mem, 1, sizeof(*tree));
    int rc = HAN_NOMEM;
    if (!tree) return han__error_set(err, HAN_NOMEM, "no memory for a run");
    tree->mem = mem;
    tree->owner = options->owner;
    tree->seed = options->seed;
    tree->max_depth = options->max_depth ? options->max_depth : DEFAULT_MAX_DEPTH;
    tree->is_live = options->live;
    tree->max_live = options->max_live ? options->max_live : DEFAULT_MAX_LIVE;
    han__slab_init(&tree->slab, mem, 0);
    han__keys_init(&tree->keys, mem);
    han__node *root =
        han__node_create(tree, NULL, options->backend, options->work, options->work_size);
    if (!root) {
        han__error_set(err, HAN_NOMEM, "no memory for a run");
        goto fail;
    }
    rc = han__pool_init(&root->pool, &options->ceiling, options->undeclared, err);
    if (rc != HAN_OK) goto fail;
    tree->root = root;
    tree->live = 1;
    root->next_turn = HAN__TURN_START;
    han__tree_queue(root, HAN__AGENDA_TURN, 0);
    *out = tree;
    return HAN_OK;
fail:
    if (root) han__node_discard(root);
    free_tree(tree);
    return rc;
}

void han__tree_close(han__tree *tree)
{
    memset(&tree->journal, 0, sizeof(tree->journal));
    tree->hooks.first = NULL;
    han__tree_cancel(tree, HAN_CANCELLED, "the run was closed");
    han__node_release(tree->root);
    free_tree(tree);
}

bool han__tree_ended(const han__tree *tree)
{
    return tree->root->outcome != HAN__LIVE;
}

void han__tree_cancel(han__tree *tree, int code, const char *reason)
{
    han__settle how = {.outcome = HAN__DOWN, .code = code, .reason = reason};
    if (han__tree_ended(tree)) return;
    if (code == HAN_LIMIT) /* so that a run that is resumed is cut at the same place */
        han__tree_tell_node(tree->root, HAN__ROW_WOKEN, code, reason, NULL, 0);
    if (tree->root->backend->cancel) tree->root->backend->cancel(tree->root);
    han__node_settle(tree->root, &how);
}

han__node *han__tree_root(han__tree *tree)
{
    return tree->root;
}
han__node *han__tree_running(han__tree *tree)
{
    return tree->running;
}
void *han__tree_owner(const han__tree *tree)
{
    return tree->owner;
}
uint64_t han__tree_seed(const han__tree *tree)
{
    return tree->seed;
}
uint32_t han__tree_live(const han__tree *tree)
{
    return tree->live;
}
uint64_t han__tree_spawned(const han__tree *tree)
{
    return tree->serials;
}
han__hooks *han__tree_hooks(han__tree *tree)
{
    return &tree->hooks;
}

void han__tree_set_journal(han__tree *tree, const han__journal *journal)
{
    tree->journal = *journal;
}

/* The blocked node made first, below `node`: what a run that cannot go on wakes. */
static han__node *first_blocked(han__node *node)
{
    han__node *best = NULL;
    for (han__node *n = node; n;) {
        bool blocked = n->phase == PHASE_WAITING || n->phase == PHASE_ASKING;
        if (n->outcome == HAN__LIVE && blocked && (!best || n->entry.serial < best->entry.serial) &&
            (n->phase == PHASE_ASKING || n->live == 0))
            best = n;
        if (n->first_child) {
            n = n->first_child;
            continue;
        }
        while (n != node && !n->after) n = n->parent;
        n = n == node ? NULL : n->after;
    }
    return best;
}

/* Nothing is on the agenda and the run has not ended: somebody waits for what nobody will send. */
static int unblock(han__tree *tree)
{
    han__node *node = first_blocked(tree->root);
    if (!node) node = tree->root;
    han__node_wake(node, HAN__TURN_TIMEOUT, node->clock);
    return 1;
}

static void give_turn(han__node *node, uint64_t time)
{
    int why = node->next_turn;
    if (node->clock < time) node->clock = time;
    node->phase = PHASE_RUNNING;
    node->tree->running = node;
    if (why == HAN__TURN_EVENT) {
        node->arrived = han__node_take(node);
        if (!node->arrived) why = HAN__TURN_NONE;
    }
    if (why == HAN__TURN_TIMEOUT) /* an answer that no other row tells */
        han__tree_tell_node(node, HAN__ROW_WOKEN, HAN_TIMEOUT, NULL, NULL, 0);
    node->backend->turn(node, why);
}

static void act(han__node *node, const han__agenda_entry *entry)
{
    if (entry->kind == HAN__AGENDA_FINISH)
        han__node_arrive(node);
    else if (entry->kind == HAN__AGENDA_TIMEOUT)
        han__node_wake(node, HAN__TURN_TIMEOUT, entry->time);
    else
        give_turn(node, entry->time);
}

/* Would this entry show its node something that is not durable? */
static bool must_wait(const han__tree *tree, const han__node *node, const han__agenda_entry *entry)
{
    if (!tree->journal.durable || entry->kind != HAN__AGENDA_TURN) return false;
    if (node->next_turn == HAN__TURN_ANSWER) return !tree->journal.durable(tree->journal.ud, NULL);
    return node->next_turn == HAN__TURN_EVENT && han__node_held(node);
}

/* The node that keeps its turn until the journal has its rows. */
static int show(han__tree *tree)
{
    han__node *node = tree->held;
    if (!node || han__node_held(node)) return 0;
    tree->held = NULL;
    node->backend->turn(node, HAN__TURN_SHOW);
    return 1;
}

int han__tree_step(han__tree *tree)
{
    if (han__tree_ended(tree)) return 0;
    if (tree->running) return show(tree);
    han__agenda_entry *entry = han__agenda_first(&tree->agenda);
    if (!entry) return han__agenda_first(&tree->apart) ? 0 : unblock(tree);
    if (han__tree_awaits(tree, entry->time)) return 0;
    han__node *node = (han__node *)((char *)entry - offsetof(han__node, entry));
    if (must_wait(tree, node, entry)) return 0;
    han__agenda_remove(&tree->agenda, entry);
    if (tree->present < entry->time) tree->present = entry->time;
    act(node, entry);
    return 1;
}

const han__key *han__tree_key(const han__tree *tree, const char *key)
{
    han__key *found = NULL;
    han__keys_check(&tree->keys, key, 0, &found, NULL);
    return found;
}

/* ---- submissions and keep-best ---- */

int han__tree_better(const han__tree *tree, int a, int b)
{
    if (a == 0 || b == 0) return a ? a : b;
    const submission *x = &tree->submissions[a - 1], *y = &tree->submissions[b - 1];
    if (x->primary != y->primary) return x->primary > y->primary ? a : b;
    if (x->evals != y->evals) return x->evals < y->evals ? a : b;
    if (x->tokens != y->tokens) return x->tokens < y->tokens ? a : b;
    return a < b ? a : b;
}

int han__node_submit(han__node *node, double primary, const han__amount *spend)
{
    han__tree *tree = node->tree;
    void *array = tree->submissions;
    int rc = han__mem_grow(tree->mem, &array, &tree->submissions_cap, tree->submitted + 1,
                           sizeof(submission), MAX_SUBMISSIONS);
    if (rc != HAN_OK) return rc;
    tree->submissions = array;
    submission *s = &tree->submissions[tree->submitted++];
    s->primary = primary == primary ? primary : -1.0; /* NaN counts as worse than all */
    s->evals = spend->v[HAN__EVALS];
    s->tokens = spend->v[HAN__TOKENS];
    node->best = han__tree_better(tree, node->best, (int)tree->submitted);
    han__tree_tell_node(node, HAN__ROW_SUBMITTED, (int)tree->submitted, NULL, NULL, 0);
    return (int)tree->submitted;
}

int han__tree_best(const han__tree *tree)
{
    int best = 0;
    for (size_t i = 1; i <= tree->submitted; i++) best = han__tree_better(tree, best, (int)i);
    return best;
}

/* ---- ids ---- */

/* Writes "/n" so that it ends before `end`; gives its first character. */
static char *write_ordinal(char *end, uint32_t n)
{
    do *--end = (char)('0' + n % 10);
    while (n /= 10);
    *--end = '/';
    return end;
}

size_t han__node_id(const han__node *node, char *out, size_t cap)
{
    char text[512], *at = text + sizeof(text);
    for (; node->parent && at > text + 16 + 4; node = node->parent)
        at = write_ordinal(at, node->ordinal);
    at -= 4;
    memcpy(at, node->parent ? "/..." : "root", 4);
    size_t len = (size_t)(text + sizeof(text) - at);
    if (len >= cap) len = cap - 1;
    memcpy(out, at, len);
    out[len] = '\0';
    return len;
}

/* From the child found last time, when it was one of these, else from the nearer end: asking for
 * many children in order takes one step each. */
static han__node *child_of(han__node *node, uint32_t ordinal)
{
    han__tree *tree = node->tree;
    han__node *child = tree->found && tree->found->parent == node ? tree->found : NULL;
    if (!child) child = ordinal > node->spawned / 2 ? node->last_child : node->first_child;
    while (child && child->ordinal < ordinal) child = child->after;
    while (child && child->ordinal > ordinal) child = child->before;
    if (child && child->ordinal != ordinal) child = NULL;
    if (child) tree->found = child;
    return child;
}

han__node *han__tree_find(han__tree *tree, const char *id, size_t len)
{
    const char *end = id + len;
    han__node *node = tree->root;
    if (len < 4 || memcmp(id, "root", 4) != 0) return NULL;
    for (id += 4; node && id < end;) {
        uint64_t ordinal = 0;
        if (*id++ != '/') return NULL;
        for (; id < end && *id >= '0' && *id <= '9' && ordinal <= UINT32_MAX; id++)
            ordinal = ordinal * 10 + (uint64_t)(*id - '0');
        node = ordinal && ordinal <= UINT32_MAX ? child_of(node, (uint32_t)ordinal) : NULL;
    }
    return node;
}
