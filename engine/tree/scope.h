/* THE ATOM: nodes, their nursery, and the order of delivery. A tree is one run: a root node and all
 * below it. It knows no Lua, file or network: what a node does is its backend, a table of
 * functions.
 *
 * Order. A tree is a discrete event simulation in logical time: one node acts at a time, always the
 * one whose turn has the least (time, serial). A node's clock starts at its parent's at the spawn
 * and advances by its evals (tokens where it has none; 1 for a node that metered nothing). A
 * settled child becomes an event of its parent when every other node has passed its finish; so what
 * a run does depends on nothing but its program, its task and its seed.
 *
 * Budget. See budget.h: a child's ceiling is reserved before it is built, its spend is committed
 * when it settles, the rest comes back when it is delivered. */
#ifndef HAN_TREE_SCOPE_H
#define HAN_TREE_SCOPE_H

#include "base/mem.h"
#include "tree/agenda.h"
#include "tree/budget.h"
#include "tree/bus.h"

typedef struct han__tree han__tree;
typedef struct han__node han__node;

/* Why a node gets its turn. */
enum han__turn {
    HAN__TURN_START,   /* the first one */
    HAN__TURN_EVENT,   /* han__node_wait: node->arrived is what it waited for, now delivered */
    HAN__TURN_NONE,    /* han__node_wait: no child is left, nothing can arrive */
    HAN__TURN_TIMEOUT, /* han__node_wait or han__node_ask: time is up, or nobody can answer */
    HAN__TURN_ANSWER,  /* han__node_ask: node->arrived is the answer (a message) */
    HAN__TURN_RESUME,  /* han__node_pause: go on */
    HAN__TURN_SHOW,    /* han__node_wait gave HAN__HELD: ask again */
};

/* What does the work of a node. All calls come from the tree's thread; none may fail except start.
 */
typedef struct han__backend {
    const char *name;
    bool takes_messages;
    bool has_verdict; /* its results are {out=, out_ref=, verdict=} */
    /* Its turn. The node must end it by wait, ask, pause, settle, or stay the tree's running node
     * until it calls one of them later (while it waits for something outside). */
    void (*turn)(han__node *node, int why);
    /* Stop now, release what runs; the tree settles the node itself. */
    void (*cancel)(han__node *node);
    /* The node's memory is about to go: release node->work and node->result. */
    void (*release)(han__node *node);
} han__backend;

/* How a node stands; all but the first are settled. */
enum han__outcome { HAN__LIVE, HAN__DONE, HAN__DOWN, HAN__SETTLED_QUESTION };

/* A node; fields above the line are for backends to read, `work`, `result` and `user` to write. */
struct han__node {
    han__tree *tree;
    han__node *parent;
    const han__backend *backend;
    void *work;           /* the backend's own; see han__spawn */
    int64_t result;       /* the backend's own reference to what the node gave; 0 = nothing */
    char *label;          /* NULL when none was given; others may share it */
    struct han__key *key; /* NULL when none was given */
    char *reason;         /* of a down; NULL otherwise */
    char *where;          /* "file:line" of a down; NULL when unknown */
    uint64_t clock;       /* logical time; of a settled node: its finish */
    uint64_t draws;       /* random numbers drawn so far */
    uint32_t ordinal;     /* of the spawn among its siblings, from 1 */
    uint32_t depth;       /* root: 0 */
    uint32_t live;        /* children not yet settled */
    uint32_t pending;     /* children not yet delivered, live ones included */
    uint32_t mark;        /* for whoever records the run; 0 at first */
    uint64_t journaled;   /* the journal's own: where its last row stands; 0 at first */
    uint32_t slot;        /* number among the nodes not yet released: below their most ever */
    int32_t best;         /* number of the best submission delivered or made here; 0 = none */
    int code;             /* status of a down: why, as a code (HAN_SCRIPT, HAN_LIMIT, ...) */
    uint8_t outcome;      /* enum han__outcome */
    bool infra;
    bool over;
    bool again;          /* its key's work was begun before, and is not known to be done */
    han__event *arrived; /* during a turn: see enum han__turn */
    /* ---- the tree's own ---- */
    han__event event; /* of kind settled: this node, at its parent */
    han__inbox inbox;
    han__pool pool;
    han__agenda_entry entry; /* with the node's serial; in the agenda while something comes */
    han__node *first_child, *last_child, *before, *after;
    uint32_t size;    /* of its memory, inline work included */
    uint32_t spawned; /* ordinals given to children */
    uint32_t wanted;  /* kinds it waits for */
    uint8_t phase;    /* enum in tree.h */
    uint8_t next_turn;
    bool metered;        /* metered something itself: then settling adds no 1 to the clock */
    han__amount *unsaid; /* spent while it was apart and not told as a row yet; NULL: not apart */
};

/* A message, question or finding on its way: the event and its encoded plain value. */
typedef struct han__letter {
    han__event event;
    char from_id[400]; /* of a question or finding: whose; of a message: the parent's */
    size_t len;
    uint8_t bytes[];
} han__letter;

#define HAN__WORK_MAX 1024 /* bytes of work beside a node */

typedef struct han__tree_options {
    uint64_t seed;
    han__amount ceiling;
    uint8_t undeclared;          /* channels without a cap, see budget.h */
    uint32_t max_depth;          /* 0: 32 */
    uint32_t max_live;           /* 0: 131,072 */
    bool live;                   /* see han__node_depart */
    const han__backend *backend; /* of the root */
    void *work;                  /* of the root; NULL: work_size zeroed bytes beside the node */
    size_t work_size;            /* at most HAN__WORK_MAX */
    void *owner;                 /* whoever opened it; see han__tree_owner */
} han__tree_options;

/* The journal's seam: `row` is called for every row, before the hooks. `durable` says whether what
 * a settled node gave may be shown to its parent (NULL: whether all rows so far are durable); until
 * then the tree holds still, and han__tree_step gives 0. NULL functions: no journal. */
typedef struct han__journal {
    void (*row)(void *ud, const han__row *row);
    bool (*durable)(void *ud, const han__node *node);
    void *ud;
} han__journal;

/* A tree whose root gets its first turn at the next step. HAN_OK, HAN_INVALID, HAN_NOMEM. */
int han__tree_open(han__mem *mem, const han__tree_options *options, han__tree **out,
                   han_error *err);
/* Cancels what lives and releases every node. */
void han__tree_close(han__tree *tree);

/* Gives one node its turn. 1: something happened; 0: a node is still in its turn (waits for
 * something outside), the journal is awaited, or the run has ended. */
int han__tree_step(han__tree *tree);
bool han__tree_ended(const han__tree *tree);
/* Cancels the root with a reason: the run ends as down. */
void han__tree_cancel(han__tree *tree, int code, const char *reason);
han__node *han__tree_root(han__tree *tree);
han__node *han__tree_running(han__tree *tree);
void *han__tree_owner(const han__tree *tree);
uint64_t han__tree_seed(const han__tree *tree);
uint32_t han__tree_live(const han__tree *tree);
uint64_t han__tree_spawned(const han__tree *tree);
han__hooks *han__tree_hooks(han__tree *tree);
void han__tree_set_journal(han__tree *tree, const han__journal *journal);
/* Does anyone listen to rows? */
bool han__tree_tells(const han__tree *tree);
/* Tells journal and hooks. For rows that scopes above the tree make (a decision). */
void han__tree_tell(han__tree *tree, const han__row *row);
/* The keyed work under this key, or NULL. */
const struct han__key *han__tree_key(const han__tree *tree, const char *key);
/* The slot that the next node of the tree will get. */
uint32_t han__tree_next_slot(const han__tree *tree);
/* The live or undelivered node with this id; NULL when there is none. */
han__node *han__tree_find(han__tree *tree, const char *id, size_t len);

/* "root/1/3" into out with a NUL; returns its length (cut at cap - 1). */
size_t han__node_id(const han__node *node, char *out, size_t cap);

typedef struct han__spawn {
    const han__backend *backend;
    void *work;       /* the node's once spawn succeeds; the caller's when it fails; NULL: work_size
                         zeroed bytes that live and go with the node */
    size_t work_size; /* at most HAN__WORK_MAX */
    han__amount ceiling;
    const char *label; /* may be NULL; copied, cut at 200 bytes */
    const char *key;   /* may be NULL; copied */
    uint64_t key_digest;
    bool idempotent;   /* may be done twice: work in doubt under its key is begun again */
    const void *bytes; /* encoded task, for the journal; may be NULL */
    size_t len;
} han__spawn;

/* Scope, depth, live count, key, reservation, build, row, queue: in this order. A refusal
 * (SCOPE_CLOSED, DEPTH_EXCEEDED, MAX_LIVE, DUPLICATE_KEY, KEY_CONFLICT, IN_DOUBT,
 * BUDGET_EXHAUSTED, USD_UNBUDGETED) is told as a row and moves nothing; HAN_NOMEM moves nothing
 * either. */
int han__node_spawn(han__node *parent, const han__spawn *spec, han__node **out, han_error *err);
/* A refusal decided above the tree (UNKNOWN_AGENT): told as a row like the others. */
void han__node_refuse(han__node *parent, int code, const char *message);

#define HAN__HELD 2 /* see han__node_wait */

/* The one wait verb. Returns 1 with *event when something of these kinds is there now (delivered:
 * the caller must han__node_dispose it), 0 when the node now waits and its turn will come,
 * HAN__HELD when something is there but not durable: the node keeps its turn, nothing else of the
 * run moves, and its backend is called with HAN__TURN_SHOW. HAN_UNKNOWN when nothing can ever
 * arrive. timeout: logical units, 0 = none. */
int han__node_wait(han__node *node, unsigned kinds, uint64_t timeout, han__event **event);
/* The node behind a delivered settled event, or NULL; the letter behind another one, or NULL. */
han__node *han__event_node(han__event *event);
han__letter *han__event_letter(han__event *event);
/* Releases a delivered event, with its node or letter. */
void han__event_dispose(han__tree *tree, han__event *event);

/* The turn is over; it gets the next one when its time has come. */
void han__node_pause(han__node *node);
/* Is it still the one whose time has come (a pause would bring it straight back)? */
bool han__node_is_first(const han__node *node);
/* Its turn is over, and its work goes on outside (it waits for an answer that takes real time), so
 * that others may start meanwhile. Until its next pause it may do what no other node can see:
 * meter, reserve, draw, think.
 *
 * Nodes whose time comes after its clock wait for it, and it comes back at least one unit later, so
 * the order of everything that is seen stays that of logical time. In a live tree nobody waits: it
 * comes back after everything that has happened meanwhile, and its clock says so; whoever gives it
 * the same clock again (han__node_recall) gets the same order again.
 *
 * False (out of memory): nothing changed, it keeps its turn. */
bool han__node_depart(han__node *node);
bool han__node_apart(const han__node *node);

/* Own spend. han__node_meter refuses as han__pool_meter does; commit never does. Both advance the
 * clock by the evals (or tokens, where no evals). */
int han__node_meter(han__node *node, const han__amount *units, han_error *err);
void han__node_commit(han__node *node, const han__amount *spent, uint8_t unknown);
/* Own spend whose amount is known only afterwards, but not its bound: the bound is reserved before,
 * with the codes of han__pool_reserve; then the truth is committed and the rest is free again. A
 * truth above the bound is committed, flags the node and closes the channel. What is still reserved
 * when the node ends is committed: nobody knows better. */
int han__node_reserve(han__node *node, const han__amount *bound, han_error *err);
void han__node_reconcile(han__node *node, const han__amount *bound, const han__amount *spent,
                         uint8_t unknown);
/* The spend of work that was done before and is not done again: charged as it was then, and the
 * clock advances by as much as it did then. */
void han__node_recall(han__node *node, const han__amount *spent, uint8_t unknown, uint64_t units);
/* Tells the row that the node has had a command executed: its name, and what came of it as an
 * encoded value. */
void han__node_executed(han__node *node, const char *command, const void *bytes, size_t len);
/* What the node may still spend and its whole spend so far (settled: all of it). */
const han__pool *han__node_pool(const han__node *node);
han__amount han__node_spend(const han__node *node);

/* Submits an artifact to the harness: `primary` is the verdict's declared primary value. Returns
 * its number in the run (from 1) or a negative status. The best is the one with the highest
 * primary, then the least spend (evals, then tokens), then the lowest number; the same rule for
 * every arm. */
int han__node_submit(han__node *node, double primary, const han__amount *spend);
/* The best of all submissions of the run; 0 when there is none. */
int han__tree_best(const han__tree *tree);

/* A message to a live node below: HAN_OK, HAN_SETTLED, HAN_NO_INBOX, HAN_NOMEM. Wakes an asker. */
int han__node_send(han__node *to, const void *bytes, size_t len, han_error *err);
/* An unblocking word to the parent (a finding), or a question; HAN_SCOPE_CLOSED at the root. After
 * ask the node waits: ANSWER or TIMEOUT. */
int han__node_notify(han__node *node, const void *bytes, size_t len, han_error *err);
int han__node_ask(han__node *node, bool blocks_run, const void *bytes, size_t len, han_error *err);

/* The node's work has ended. Children still alive are cancelled first (the reason is taken before),
 * spend is reconciled upward, and the node becomes an event of its parent, or the run ends. */
typedef struct han__settle {
    int outcome; /* HAN__DONE, HAN__DOWN or HAN__SETTLED_QUESTION */
    int code;    /* of a down */
    const char *reason;
    const char *where;
    bool infra;
    uint8_t unknown;   /* channels whose spend is not known */
    const void *bytes; /* encoded result, for the journal; may be NULL */
    size_t len;
    const void *given; /* what its key gives from now on; NULL: the same bytes */
    size_t given_len;
} han__settle;
void han__node_settle(han__node *node, const han__settle *how);
/* Stops a live child of `node` on request: settles it as down(cancelled); it is delivered as usual.
 */
void han__node_stop(han__node *child, const char *reason);

#endif
