/* Owns non-dominated sorting and crowding. Points are taken in lexicographic order, best first, so
 * that a point can only be dominated by earlier ones and, with two objectives, by the last of a
 * front. */
#include "base/config.h"
#include "stats/pareto.h"
#include "stats/order.h"

#include <math.h>

#define NOBODY SIZE_MAX

static double better_by(const han__points *p, size_t a, size_t b, size_t k)
{
    double d = p->values[a * p->m + k] - p->values[b * p->m + k];
    return p->minimize && p->minimize[k] ? -d : d;
}

/* Comes a after b, best first? */
static bool worse(const void *ud, size_t a, size_t b)
{
    const han__points *p = ud;
    for (size_t k = 0; k < p->m; k++) {
        double d = better_by(p, a, b, k);
        if (d != 0.0) return d < 0.0;
    }
    return a > b;
}

static bool dominates(const han__points *p, size_t a, size_t b)
{
    bool better = false;
    for (size_t k = 0; k < p->m; k++) {
        double d = better_by(p, a, b, k);
        if (d < 0.0) return false;
        better = better || d > 0.0;
    }
    return better;
}

static int check_points(const han__points *p, han_error *err)
{
    if (p->n == 0 || p->m == 0)
        return han__error_set(err, HAN_INVALID,
                              "there are no points; give at least one with one objective");
    if (p->m > HAN__PARETO_OBJECTIVES_MAX)
        return han__error_set(err, HAN_INVALID, "%zu objectives are above the limit of %d", p->m,
                              HAN__PARETO_OBJECTIVES_MAX);
    size_t most = p->m > 2 ? HAN__PARETO_MANY_MAX : HAN__PARETO_POINTS_MAX;
    if (p->n > most)
        return han__error_set(err, HAN_LIMIT,
                              "%zu points with %zu objectives are above the limit of %zu", p->n,
                              p->m, most);
    for (size_t i = 0; i < p->n * p->m; i++)
        if (!isfinite(p->values[i]))
            return han__error_set(err, HAN_INVALID,
                                  "point %zu: objective %zu is not a finite number", i / p->m + 1,
                                  i % p->m + 1);
    return HAN_OK;
}

/* Fronts as lists of points, the latest first. */
typedef struct fronts {
    const han__points *points;
    size_t *head; /* head[f]: latest point of front f */
    size_t *next; /* next[i]: the point before i on its front */
    size_t count;
} fronts;

static bool front_dominates(const fronts *f, size_t front, size_t point)
{
    for (size_t i = f->head[front]; i != NOBODY; i = f->next[i]) {
        if (dominates(f->points, i, point)) return true;
        if (f->points->m <= 2) return false;
    }
    return false;
}

/* The first front that does not dominate the point; the fronts before it all do. */
static size_t find_front(const fronts *f, size_t point)
{
    size_t low = 0, high = f->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (front_dominates(f, middle, point))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int han__pareto_rank(han__mem *mem, const han__points *points, uint32_t *rank, han_error *err)
{
    int rc = check_points(points, err);
    if (rc) return rc;
    size_t n = points->n;
    size_t *index = han__mem_zalloc(mem, n, 3 * sizeof *index);
    if (!index) return han__error_set(err, HAN_NOMEM, "no memory for %zu points", n);
    fronts f = {points, index + n, index + 2 * n, 0};
    han__order_by(worse, points, index, n);
    for (size_t i = 0; i < n; i++) {
        size_t point = index[i], front = find_front(&f, point);
        if (front == f.count) f.head[f.count++] = NOBODY;
        f.next[point] = f.head[front];
        f.head[front] = point;
        rank[point] = (uint32_t)front + 1;
    }
    han__mem_free(mem, index, 3 * n * sizeof *index);
    return HAN_OK;
}

/* One objective, sorted within the front. */
typedef struct column {
    const han__points *points;
    const uint32_t *rank;
    size_t objective;
} column;

static double cell(const column *c, size_t i)
{
    return c->points->values[i * c->points->m + c->objective];
}

static bool column_after(const void *ud, size_t a, size_t b)
{
    const column *c = ud;
    if (c->rank[a] != c->rank[b]) return c->rank[a] > c->rank[b];
    double x = cell(c, a), y = cell(c, b);
    return x > y || (x == y && a > b);
}

/* Adds one objective's distances on the front index[from..to). */
static void add_distances(const column *c, const size_t *index, size_t from, size_t to,
                          double *crowding)
{
    double extent = cell(c, index[to - 1]) - cell(c, index[from]);
    if (!(extent > 0.0)) return;
    crowding[index[from]] = crowding[index[to - 1]] = INFINITY;
    for (size_t i = from + 1; i + 1 < to; i++)
        crowding[index[i]] += (cell(c, index[i + 1]) - cell(c, index[i - 1])) / extent;
}

int han__pareto_crowding(han__mem *mem, const han__points *points, const uint32_t *rank,
                         double *crowding, han_error *err)
{
    int rc = check_points(points, err);
    if (rc) return rc;
    size_t n = points->n;
    size_t *index = han__mem_zalloc(mem, n, sizeof *index);
    if (!index) return han__error_set(err, HAN_NOMEM, "no memory for %zu points", n);
    for (size_t i = 0; i < n; i++) crowding[i] = 0.0;
    for (size_t k = 0; k < points->m; k++) {
        column c = {points, rank, k};
        han__order_by(column_after, &c, index, n);
        for (size_t from = 0, to; from < n; from = to) {
            for (to = from + 1; to < n && rank[index[to]] == rank[index[from]];) to++;
            add_distances(&c, index, from, to, crowding);
        }
    }
    han__mem_free(mem, index, n * sizeof *index);
    return HAN_OK;
}
