/* The atom without Lua: trees whose nodes are driven by small C scripts, their order, their rows.
 */
#include "base/config.h"
#include "tree/agenda.h"
#include "tree/key.h"
#include "tree/scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

/* A node of the tests: spends `evals` in steps of one, then settles; a parent spawns and drains. */
enum { LOG_BYTES = 256 }; /* of the log that parts write into */

typedef struct part {
    int64_t evals; /* to spend, one per turn */
    int children;  /* to spawn at the start */
    int64_t child_evals[8];
    int64_t overspend; /* committed at the end, beyond the ceiling */
    char *log;
} part;

static void act(han__node *node, int why);
static void forget(han__node *node)
{
    (void)node;
}
static const han__backend backend = {"test", true, false, act, NULL, forget};

static part parts[64];
static int used_parts;

static part *new_part(int64_t evals, char *log)
{
    parts[used_parts] = (part){.evals = evals, .log = log};
    return &parts[used_parts++];
}

static void spawn_children(han__node *node, part *p)
{
    for (int i = 0; i < p->children; i++) {
        han__node *child;
        han__spawn spec = {.backend = &backend, .work = new_part(p->child_evals[i], p->log)};
        spec.ceiling.v[HAN__EVALS] = p->child_evals[i];
        assert_int_equal(han__node_spawn(node, &spec, &child, NULL), HAN_OK);
    }
}

static void note(part *p, han__event *event)
{
    han__node *child = han__event_node(event);
    char text[64];
    snprintf(text, sizeof(text), "%u@%llu ", child->ordinal, (unsigned long long)child->clock);
    size_t len = strlen(p->log);
    snprintf(p->log + len, LOG_BYTES - len, "%s", text);
}

static void drain(han__node *node, part *p)
{
    han__event *event;
    if (node->arrived) {
        note(p, node->arrived);
        han__event_dispose(node->tree, node->arrived);
        node->arrived = NULL;
    }
    for (;;) {
        int rc = han__node_wait(node, HAN__EVENT_SETTLED, 0, &event);
        if (rc == 0) return;
        if (rc < 0) break;
        note(p, event);
        han__event_dispose(node->tree, event);
    }
    han__node_settle(node, &(han__settle){.outcome = HAN__DONE});
}

static void act(han__node *node, int why)
{
    part *p = node->work;
    han__amount one = {{[HAN__EVALS] = 1}};
    if (why == HAN__TURN_START && p->children) spawn_children(node, p);
    if (p->children) {
        drain(node, p);
        return;
    }
    if (p->evals > 0) {
        p->evals--;
        assert_int_equal(han__node_meter(node, &one, NULL), HAN_OK);
        han__node_pause(node);
        return;
    }
    if (p->overspend) han__node_commit(node, &(han__amount){{[HAN__EVALS] = p->overspend}}, 0);
    han__node_settle(node, &(han__settle){.outcome = HAN__DONE});
}

static han__tree *open_tree(han__mem *mem, part *root, int64_t evals)
{
    han__tree *tree;
    han__tree_options options = {
        .seed = 1, .backend = &backend, .work = root, .undeclared = (uint8_t) ~(1u << HAN__EVALS)};
    options.ceiling.v[HAN__EVALS] = evals;
    han__mem_init(mem, NULL, NULL);
    assert_int_equal(han__tree_open(mem, &options, &tree, NULL), HAN_OK);
    return tree;
}

static void delivers_by_finish_then_id(void **state)
{
    han__mem mem;
    char log[LOG_BYTES] = "";
    (void)state;
    used_parts = 0;
    part *root = new_part(0, log);
    root->children = 5;
    memcpy(root->child_evals, (int64_t[]){5, 2, 9, 2, 1}, 5 * sizeof(int64_t));
    han__tree *tree = open_tree(&mem, root, 100);
    while (han__tree_step(tree)) {
    }
    assert_true(han__tree_ended(tree));
    assert_string_equal(log, "5@1 2@2 4@2 1@5 3@9 ");
    assert_int_equal(han__tree_root(tree)->clock,
                     10); /* the last finish, and 1: it metered nothing */
    assert_int_equal(han__node_spend(han__tree_root(tree)).v[HAN__EVALS], 19);
    han__tree_close(tree);
    assert_int_equal(mem.live, 0);
}

struct count {
    int rows[HAN__ROW_KINDS];
    char order[400];
};

static void count_row(void *ud, const han__row *row)
{
    struct count *c = ud;
    c->rows[row->kind]++;
    if (row->kind == HAN__ROW_METERED) return;
    size_t len = strlen(c->order);
    snprintf(c->order + len, sizeof(c->order) - len, "%.4s ", han__row_name(row->kind));
}

static void journal_and_hooks_see_the_same(void **state)
{
    han__mem mem;
    char log[LOG_BYTES] = "";
    struct count from_journal = {{0}, ""}, from_hooks = {{0}, ""};
    han__journal journal = {.row = count_row, .ud = &from_journal};
    han__hook hook = {NULL, count_row, &from_hooks};
    (void)state;
    used_parts = 0;
    part *root = new_part(0, log);
    root->children = 2;
    root->child_evals[0] = root->child_evals[1] = 3;
    han__tree *tree = open_tree(&mem, root, 100);
    han__tree_set_journal(tree, &journal);
    han__hooks_add(han__tree_hooks(tree), &hook);
    while (han__tree_step(tree)) {
    }
    assert_memory_equal(&from_journal, &from_hooks, sizeof(from_hooks));
    assert_string_equal(from_hooks.order, "spaw spaw fini deli fini deli fini ende ");
    assert_int_equal(from_hooks.rows[HAN__ROW_METERED], 6);
    han__tree_close(tree);
}

static void an_opaque_overspend_is_flagged_upward(void **state)
{
    han__mem mem;
    char log[LOG_BYTES] = "";
    (void)state;
    used_parts = 0;
    part *root = new_part(0, log);
    root->children = 1;
    root->child_evals[0] = 4;
    han__tree *tree = open_tree(&mem, root, 10);
    han__tree_step(tree);
    parts[1].overspend = 20;
    while (han__tree_step(tree)) {
    }
    const han__node *top = han__tree_root(tree);
    assert_true(top->over);
    assert_int_equal(han__node_spend(top).v[HAN__EVALS], 24);
    assert_int_equal(han__node_pool(top)->free.v[HAN__EVALS], -14);
    assert_true(han__pool_conserved(han__node_pool(top)));
    han__tree_close(tree);
    assert_int_equal(mem.live, 0);
}

static void cancelling_reconciles(void **state)
{
    han__mem mem;
    char log[LOG_BYTES] = "";
    (void)state;
    used_parts = 0;
    part *root = new_part(0, log);
    root->children = 3;
    root->child_evals[0] = root->child_evals[1] = root->child_evals[2] = 10;
    han__tree *tree = open_tree(&mem, root, 100);
    for (int i = 0; i < 8; i++) han__tree_step(tree);
    han__tree_cancel(tree, HAN_CANCELLED, "enough");
    const han__pool *pool = han__node_pool(han__tree_root(tree));
    assert_int_equal(pool->reserved.v[HAN__EVALS], 0);
    assert_int_equal(pool->committed.v[HAN__EVALS], 7);
    assert_int_equal(pool->free.v[HAN__EVALS], 93);
    assert_int_equal(han__tree_live(tree), 0);
    assert_int_equal(han__tree_root(tree)->outcome, HAN__DOWN);
    assert_string_equal(han__tree_root(tree)->reason, "enough");
    han__tree_close(tree);
    assert_int_equal(mem.live, 0);
}

static void keep_best_is_one_rule(void **state)
{
    han__mem mem;
    char log[8] = "";
    (void)state;
    used_parts = 0;
    han__tree *tree = open_tree(&mem, new_part(0, log), 10);
    han__node *root = han__tree_root(tree);
    han__amount dear = {{[HAN__EVALS] = 9}}, cheap = {{[HAN__EVALS] = 2}};
    assert_int_equal(han__tree_best(tree), 0);
    assert_int_equal(han__node_submit(root, 0.5, &dear), 1);
    assert_int_equal(han__node_submit(root, 0.5, &cheap), 2);
    assert_int_equal(han__node_submit(root, 0.5, &cheap), 3);
    assert_int_equal(han__tree_best(tree), 2); /* least spend, then lowest number */
    assert_int_equal(han__node_submit(root, 0.0 / 0.0, &cheap), 4);
    assert_int_equal(han__tree_best(tree), 2);
    assert_int_equal(han__node_submit(root, 0.9, &dear), 5);
    assert_int_equal(han__tree_best(tree), 5); /* primary first */
    assert_int_equal(root->best, 5);
    han__tree_close(tree);
}

static void ids_are_paths(void **state)
{
    han__mem mem;
    char log[64] = "", id[64];
    (void)state;
    used_parts = 0;
    part *root = new_part(0, log);
    root->children = 2;
    root->child_evals[0] = root->child_evals[1] = 1;
    han__tree *tree = open_tree(&mem, root, 10);
    han__tree_step(tree);
    han__node *second = han__tree_find(tree, "root/2", 6);
    assert_non_null(second);
    assert_int_equal(han__node_id(second, id, sizeof(id)), 6);
    assert_string_equal(id, "root/2");
    assert_ptr_equal(han__tree_find(tree, "root", 4), han__tree_root(tree));
    static const char *const wrong[] = {"",         "roo",   "root/",           "root/3",
                                        "root/1/1", "root2", "root/99999999999"};
    for (size_t i = 0; i < HAN__COUNT(wrong); i++)
        assert_null(han__tree_find(tree, wrong[i], strlen(wrong[i])));
    han__tree_close(tree);
}

static void inbox_orders_by_priority(void **state)
{
    han__inbox inbox = {0};
    han__event a = {NULL, HAN__EVENT_FINDING, HAN__NORMAL},
               b = {NULL, HAN__EVENT_QUESTION, HAN__BLOCKS_STEP},
               c = {NULL, HAN__EVENT_QUESTION, HAN__BLOCKS_RUN},
               d = {NULL, HAN__EVENT_SETTLED, HAN__NORMAL};
    (void)state;
    han__inbox_push(&inbox, &a);
    han__inbox_push(&inbox, &b);
    han__inbox_push(&inbox, &c);
    han__inbox_push(&inbox, &d);
    assert_ptr_equal(han__inbox_pull(&inbox, HAN__EVENT_SETTLED), &d);
    assert_ptr_equal(han__inbox_pull(&inbox, ~0u), &c);
    assert_ptr_equal(han__inbox_pull(&inbox, ~0u), &b);
    assert_true(han__inbox_remove(&inbox, &a));
    assert_false(han__inbox_remove(&inbox, &a));
    assert_null(han__inbox_pull(&inbox, ~0u));
}

static void agenda_is_sorted(void **state)
{
    static han__agenda_entry entries[1000];
    han__agenda agenda = {0};
    uint64_t seed = 12345, last = 0;
    int left = 1000;
    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        entries[i] = (han__agenda_entry){.time = seed >> 55, .serial = i + 1};
        entries[i].kind = i % 7 ? HAN__AGENDA_TURN : HAN__AGENDA_TIMEOUT;
        han__agenda_add(&agenda, &entries[i]);
    }
    for (int i = 0; i < 1000; i += 3, left--) { /* void ones go, wherever they stand */
        han__agenda_remove(&agenda, &entries[i]);
        han__agenda_remove(&agenda, &entries[i]);
        assert_int_equal(entries[i].place, HAN__AGENDA_OUT);
    }
    for (; left > 0; left--) {
        han__agenda_entry *first = han__agenda_first(&agenda);
        uint64_t key = first->time << 20 | first->serial;
        assert_true(key > last);
        assert_int_not_equal((first->serial - 1) % 3, 0);
        last = key;
        han__agenda_remove(&agenda, first);
    }
    assert_null(han__agenda_first(&agenda));
    assert_null(agenda.first);
    assert_null(agenda.last);
}

/* What was done under a key gives its result again; what was not is begun again and marked; what
 * may have been done is refused, unless it may be done twice. */
static void keyed_work(void **state)
{
    han__mem mem;
    han_error err = {0};
    han__node *a, *b, *c;
    part *root = new_part(0, NULL);
    (void)state;
    han__tree *tree = open_tree(&mem, root, 100);
    han__node *top = han__tree_root(tree);
    han__spawn spec = {.backend = &backend, .work = root, .key = "k", .key_digest = 7};
    assert_int_equal(han__node_spawn(top, &spec, &a, &err), HAN_OK);
    assert_false(a->again);
    assert_int_equal(han__node_spawn(top, &spec, &b, &err), HAN_DUPLICATE_KEY);
    han__node_settle(a, &(han__settle){.outcome = HAN__DOWN, .code = HAN_SCRIPT});
    assert_int_equal(han__node_spawn(top, &spec, &b, &err), HAN_OK);
    assert_true(b->again);
    han__node_settle(b, &(han__settle){.outcome = HAN__DOWN, .code = HAN_IN_DOUBT});
    han__error_clear(&err);
    assert_int_equal(han__node_spawn(top, &spec, &c, &err), HAN_IN_DOUBT);
    assert_non_null(strstr(err.message, "idempotent=true"));
    spec.idempotent = true;
    assert_int_equal(han__node_spawn(top, &spec, &c, &err), HAN_OK);
    assert_true(c->again);
    han__node_settle(
        c, &(han__settle){
               .outcome = HAN__DONE, .bytes = "x", .len = 1, .given = "yz", .given_len = 2});
    assert_int_equal(han__node_spawn(top, &spec, &c, &err), HAN_SETTLED);
    assert_memory_equal(han__tree_key(tree, "k")->result, "yz", 2);
    spec.key_digest = 8;
    assert_int_equal(han__node_spawn(top, &spec, &c, &err), HAN_KEY_CONFLICT);
    han__tree_close(tree);
    assert_int_equal(mem.live, 0);
}

/* ---- apart: work that goes on outside ---- */

typedef struct outside {
    int64_t spends; /* when it is back */
    char *log;
    char name;
    han__node *node;
} outside;

static void go_outside(han__node *node, int why)
{
    outside *o = node->work;
    size_t len = strlen(o->log);
    o->node = node;
    if (why == HAN__TURN_START) {
        snprintf(o->log + len, LOG_BYTES - len, "%c ", o->name);
        assert_true(han__node_depart(node));
        return;
    }
    snprintf(o->log + len, LOG_BYTES - len, "%c@%llu ", o->name, (unsigned long long)node->clock);
    han__node_settle(node, &(han__settle){.outcome = HAN__DONE});
}

static const han__backend outside_backend = {"outside", true, false, go_outside, NULL, forget};

static void stay(han__node *node, int why)
{
    (void)why;
    han__event *event;
    int rc = HAN_OK;
    if (node->arrived) han__event_dispose(node->tree, node->arrived);
    node->arrived = NULL;
    while ((rc = han__node_wait(node, HAN__EVENT_SETTLED, 0, &event)) == 1)
        han__event_dispose(node->tree, event);
    if (rc == HAN_UNKNOWN) han__node_settle(node, &(han__settle){.outcome = HAN__DONE});
}

static const han__backend stay_backend = {"stay", true, false, stay, NULL, forget};

static han__tree *open_outside(han__mem *mem, outside *three, char *log, bool live)
{
    han__tree *tree;
    han__node *node;
    han__tree_options options = {.seed = 1, .backend = &stay_backend, .live = live};
    options.ceiling.v[HAN__TOKENS] = 1000;
    han__mem_init(mem, NULL, NULL);
    assert_int_equal(han__tree_open(mem, &options, &tree, NULL), HAN_OK);
    for (int i = 0; i < 3; i++) {
        three[i] = (outside){.log = log, .name = (char)('a' + i)};
        han__spawn spec = {.backend = &outside_backend, .work = &three[i]};
        spec.ceiling.v[HAN__TOKENS] = 100;
        assert_int_equal(han__node_spawn(han__tree_root(tree), &spec, &node, NULL), HAN_OK);
    }
    while (han__tree_step(tree)) continue; /* all three are out at once */
    assert_string_equal(log, "a b c ");
    return tree;
}

/* Asks for 100, spends `tokens` of them, and is back. */
static void come_back(han__tree *tree, outside *o, int64_t tokens)
{
    han__amount bound = {{[HAN__TOKENS] = 100}}, spent = {{[HAN__TOKENS] = tokens}};
    assert_int_equal(han__node_reserve(o->node, &bound, NULL), HAN_OK);
    assert_int_equal(han__node_reserve(o->node, &bound, NULL), HAN_BUDGET_EXHAUSTED);
    han__node_reconcile(o->node, &bound, &spent, 0);
    assert_true(han__node_apart(o->node));
    assert_false(han__node_is_first(o->node));
    han__node_pause(o->node);
    while (han__tree_step(tree)) continue;
}

static void apart_ends_in_logical_time(void **state)
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const int64_t tokens[3] = {50, 7, 20};
    (void)state;
    for (int i = 0; i < 6; i++) {
        han__mem mem;
        outside three[3];
        char log[LOG_BYTES] = "";
        han__tree *tree = open_outside(&mem, three, log, false);
        for (int k = 0; k < 3; k++) come_back(tree, &three[orders[i][k]], tokens[orders[i][k]]);
        assert_string_equal(log, "a b c b@8 c@21 a@51 "); /* however the answers came */
        assert_true(han__tree_ended(tree));
        assert_int_equal(han__node_spend(han__tree_root(tree)).v[HAN__TOKENS], 77);
        han__tree_close(tree);
        assert_int_equal(mem.live, 0);
    }
}

static void live_ends_as_answers_come(void **state)
{
    han__mem mem;
    outside three[3];
    char log[LOG_BYTES] = "";
    (void)state;
    han__tree *tree = open_outside(&mem, three, log, true);
    come_back(tree, &three[0], 50);
    assert_string_equal(log, "a b c a@51 ");
    come_back(tree, &three[1], 7); /* after what has happened, not before */
    come_back(tree, &three[2], 20);
    assert_string_equal(log, "a b c a@51 b@52 c@53 ");
    han__tree_close(tree);
    assert_int_equal(mem.live, 0);
}

static void what_was_reserved_and_never_told_is_spent(void **state)
{
    han__mem mem;
    outside three[3];
    char log[LOG_BYTES] = "";
    han__amount bound = {{[HAN__TOKENS] = 60}};
    (void)state;
    han__tree *tree = open_outside(&mem, three, log, true);
    assert_int_equal(han__node_reserve(three[1].node, &bound, NULL), HAN_OK);
    han__node_stop(three[1].node, "no longer wanted");
    han__tree_cancel(tree, HAN_CANCELLED, "enough");
    assert_int_equal(han__node_spend(han__tree_root(tree)).v[HAN__TOKENS], 60);
    assert_true(han__pool_conserved(han__node_pool(han__tree_root(tree))));
    han__tree_close(tree);
    assert_int_equal(mem.live, 0);
}

static void more_than_the_bound_is_over(void **state)
{
    han__mem mem;
    outside three[3];
    char log[LOG_BYTES] = "";
    han__amount bound = {{[HAN__TOKENS] = 60}}, spent = {{[HAN__TOKENS] = 130}};
    (void)state;
    han__tree *tree = open_outside(&mem, three, log, true);
    assert_int_equal(han__node_reserve(three[0].node, &bound, NULL), HAN_OK);
    han__node_reconcile(three[0].node, &bound, &spent, 0);
    assert_true(han__pool_conserved(han__node_pool(three[0].node)));
    assert_int_equal(han__node_pool(three[0].node)->free.v[HAN__TOKENS], -30);
    assert_true(han__node_pool(three[0].node)->over);
    assert_int_equal(han__node_reserve(three[0].node, &(han__amount){{[HAN__TOKENS] = 1}}, NULL),
                     HAN_BUDGET_EXHAUSTED);
    han__tree_close(tree);
    assert_int_equal(mem.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apart_ends_in_logical_time),
        cmocka_unit_test(live_ends_as_answers_come),
        cmocka_unit_test(what_was_reserved_and_never_told_is_spent),
        cmocka_unit_test(more_than_the_bound_is_over),
        cmocka_unit_test(delivers_by_finish_then_id),
        cmocka_unit_test(journal_and_hooks_see_the_same),
        cmocka_unit_test(an_opaque_overspend_is_flagged_upward),
        cmocka_unit_test(cancelling_reconciles),
        cmocka_unit_test(keep_best_is_one_rule),
        cmocka_unit_test(ids_are_paths),
        cmocka_unit_test(inbox_orders_by_priority),
        cmocka_unit_test(agenda_is_sorted),
        cmocka_unit_test(keyed_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
