/* What tree.c and scope.c share: the inside of a tree. Only these two files include it. */
#ifndef HAN_TREE_TREE_H
#define HAN_TREE_TREE_H

#include "base/slab.h"
#include "tree/key.h"
#include "tree/scope.h"

enum phase {
    PHASE_QUEUED,   /* its turn stands in the agenda */
    PHASE_RUNNING,  /* it has the turn */
    PHASE_APART,    /* between han__node_depart and its next pause */
    PHASE_WAITING,  /* in han__node_wait */
    PHASE_ASKING,   /* in han__node_ask */
    PHASE_FINISHED, /* settled, on its way to its parent */
    PHASE_ARRIVED,  /* settled, in its parent's inbox */
    PHASE_DELIVERED,
};

/* What keep-best compares; its ordinal is its place in the list, from 1. */
typedef struct submission {
    double primary;
    int64_t evals, tokens;
} submission;

/* A label. Agents of one name often come one after the other and share it. */
typedef struct han__label {
    uint32_t holders; /* nodes, and the tree for the last one given */
    uint32_t len;
    char text[];
} han__label;

/* One run. */
struct han__tree {
    han__mem *mem;
    han__slab slab; /* of the nodes */
    void *owner;
    han__agenda agenda;
    han__agenda apart; /* nodes that are apart, by the time before which they cannot come back */
    han__keys keys;
    han__hooks hooks;
    han__journal journal;
    han__node *root;
    han__node *running;
    han__node *held;   /* the running node, when it waits for the journal; else NULL */
    han__label *label; /* the last one given, or NULL */
    han__node *found;  /* by the last search below its parent, or NULL */
    uint32_t *slots;   /* given back, the next one last; room for all that are out */
    size_t slots_free, slots_made, slots_cap;
    submission *submissions;
    size_t submitted, submissions_cap;
    uint64_t seed;
    uint64_t serials;
    uint32_t live;
    uint32_t max_depth, max_live;
    uint64_t present; /* time of what was done last */
    bool is_live;
};

/* A node with its number, clock and slot, not yet linked below its parent (NULL: the root), with
 * `work_size` bytes beside it when work is NULL. NULL: out of memory. */
han__node *han__node_create(han__tree *tree, han__node *parent, const han__backend *backend,
                            void *work, size_t work_size);
/* Gives the node a label; false when out of memory. Discarding the node takes it back. */
bool han__node_label(han__node *node, const char *text);
/* Undoes it, for a node that never began. */
void han__node_discard(han__node *node);
/* Releases its letters, texts and the backend's work, and frees it. */
void han__node_release(han__node *node);
/* Puts the node's one entry into the agenda, in place of the one that stands there. */
void han__tree_queue(han__node *node, int kind, uint64_t time);
/* Takes it out again, wherever it stands. */
void han__tree_unqueue(han__node *node);
/* Is there a node that is apart and may come back before this time? */
bool han__tree_awaits(const han__tree *tree, uint64_t time);
/* Tells journal and hooks one row about a node. */
void han__tree_tell_node(han__node *node, int kind, int code, const char *text, const void *bytes,
                         size_t len);
/* Moves a finished node into its parent's inbox and wakes the parent if it waits for that. */
void han__node_arrive(han__node *node);
/* Is there something of the kinds it wants that is not durable yet? */
bool han__node_held(const han__node *node);
/* Takes and delivers what a woken node waited for; NULL when it is gone. */
han__event *han__node_take(han__node *node);
/* Ends the wait of a node: its turn comes at this time, for this reason (enum han__turn). */
void han__node_wake(han__node *node, int turn, uint64_t time);
/* Which of two submissions counts: 0 is none. */
int han__tree_better(const han__tree *tree, int a, int b);

#endif
