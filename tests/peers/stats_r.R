# Checks the cases on standard input (tests/peers/stats_cases.lua) against R, as TAP: exact methods to
# 1e-9, the bootstrap within six Monte Carlo errors of R's own resampling. Where R has no such
# method, it is written here in the slow way of its definition.
close_to <- function(got, want, tolerance = 1e-9) {
  length(got) == length(want) && all(abs(got - want) <= tolerance * pmax(1, abs(want)))
}

# Tango's score with the restricted likelihood maximized by a root of its derivative, and the ends by
# a second root-solve: nothing of the closed form is used.
tango_score <- function(d, b, c, n) {
  slope <- function(q) {
    (if (b > 0) b / (q + d) else 0) + (if (c > 0) c / q else 0) -
      (if (n > b + c) 2 * (n - b - c) / (1 - 2 * q - d) else 0)
  }
  low <- max(0, -d)
  high <- (1 - d) / 2
  step <- 1e-15
  q <- if (slope(low + step) <= 0) low
       else if (slope(high - step) >= 0) high
       else uniroot(slope, c(low + step, high - step), tol = 1e-16, maxiter = 10000)$root
  miss <- b - c - n * d
  variance <- n * (2 * q + d - d * d)
  if (abs(miss) < 1e-13 * n) 0 else if (variance <= 0) sign(miss) * Inf else miss / sqrt(variance)
}
tango_end <- function(b, c, n, alpha, side) {
  z <- qnorm(1 - alpha / 2)
  centre <- (b - c) / n
  if (abs(tango_score(side * (1 - 1e-12), b, c, n)) <= z || centre == side) return(side)
  f <- function(d) max(min(tango_score(d, b, c, n), 1e6), -1e6) + side * z
  uniroot(f, sort(c(centre, side * (1 - 1e-12))), tol = 1e-14, maxiter = 10000)$root
}

resampled <- function(said, draw_means) {
  ends <- sapply(1:3, function(seed) {
    set.seed(seed)
    means <- draw_means()
    c(quantile(means, c(0.025, 0.975), names = FALSE), sd(means))
  })
  spread <- pmax(apply(ends, 1, sd), said[3] * c(0.027, 0.027, 0.0071))
  all(abs(said - rowMeans(ends)) < 6 * spread)
}

# K+ and K- against a mean, and the largest they have been.
capital <- function(x, m, alpha) {
  up <- down <- top <- 1
  total <- squares <- 0
  for (i in seq_along(x)) {
    bet <- sqrt(2 * log(2 / alpha) / ((0.25 + squares) / i * i * log(1 + i)))
    up <- up * (1 + min(bet, 0.5 / m) * (x[i] - m))
    down <- down * (1 - min(bet, 0.5 / (1 - m)) * (x[i] - m))
    top <- max(top, up, down)
    total <- total + x[i]
    squares <- squares + (x[i] - (0.5 + total) / (i + 1))^2
  }
  c(up, down, top)
}
# The line is crossed at the end of the interval: out just beyond it, in just inside.
ends_hold <- function(x, alpha, low, high) {
  out <- function(m) capital(x, m, alpha)[3] >= 2 / alpha
  (low < 1e-6 || (out(low - 1e-7) && !out(low + 1e-7))) &&
    (high > 1 - 1e-6 || (out(high + 1e-7) && !out(high - 1e-7)))
}

# Fronts by peeling: what no other point dominates is the next front.
peel <- function(points) {
  rank <- integer(nrow(points))
  at <- 1
  while (any(rank == 0)) {
    left <- which(rank == 0)
    beaten <- sapply(left, function(i) any(sapply(left, function(j)
      all(points[j, ] >= points[i, ]) && any(points[j, ] > points[i, ]))))
    rank[left[!beaten]] <- at
    at <- at + 1
  }
  rank
}
# Crowding distance of one front; of points with equal values the first and the last by place are the ends.
crowd <- function(points) {
  n <- nrow(points)
  sum <- numeric(n)
  for (k in seq_len(ncol(points))) {
    order <- order(points[, k], seq_len(n))
    extent <- points[order[n], k] - points[order[1], k]
    if (extent > 0) {
      sum[order[c(1, n)]] <- Inf
      if (n > 2) for (i in 2:(n - 1))
        sum[order[i]] <- sum[order[i]] + (points[order[i + 1], k] - points[order[i - 1], k]) / extent
    }
  }
  sum
}
# The sequence of LORD, and its sum: half a million terms, and the rest as an integral (x = exp(u^2)).
lord_shape <- function(j) log(pmax(j, 2)) / (j * exp(sqrt(log(j))))
lord_sum <- sum(lord_shape(seq_len(500000))) + 12 * pgamma(sqrt(log(500000.5)), 4, lower.tail = FALSE)
exact_pairs <- function(n, only_a, only_b, alpha) {
  d <- 0:n
  sum(sapply(d, function(k) {
    if (k == 0) return(0)
    wins <- 0:k
    p <- pmin(1, 2 * pbinom(pmin(wins, k - wins), k, 0.5))
    dbinom(k, n, only_a + only_b) * sum(dbinom(wins, k, only_a / (only_a + only_b))[p <= alpha])
  }))
}

check <- list(
  sign = function(v) close_to(v[[1]], binom.test(v[[2]][1], sum(v[[2]]))$p.value),
  mcnemar = function(v) close_to(v[[1]], binom.test(v[[2]][1], v[[2]][1] + v[[2]][2])$p.value),
  tango = function(v) {
    w <- v[[2]]
    close_to(v[[1]], c(tango_end(w[1], w[2], w[3], w[4], -1), tango_end(w[1], w[2], w[3], w[4], 1)))
  },
  clopper = function(v) {
    w <- v[[2]]
    close_to(v[[1]], as.numeric(binom.test(w[1], w[2], conf.level = 1 - w[3])$conf.int))
  },
  wilson = function(v) {
    w <- v[[2]]
    test <- suppressWarnings(prop.test(w[1], w[2], conf.level = 1 - w[3], correct = FALSE))
    close_to(v[[1]], as.numeric(test$conf.int))
  },
  bh = function(v) close_to(v[[1]], p.adjust(v[[2]], "BH")),
  holm = function(v) close_to(v[[1]], p.adjust(v[[2]], "holm")),
  ebh = function(v) close_to(v[[1]], p.adjust(pmin(1, 1 / v[[2]]), "BH")), # BH of 1/e, capped
  permutation = function(v) {
    d <- v[[2]]
    signs <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(d))))
    close_to(v[[1]], mean(abs(signs %*% d) >= abs(sum(d)) - 1e-9))
  },
  boot = function(v) {
    x <- v[[2]]
    resampled(v[[1]], function() colMeans(matrix(sample(x, length(x) * 10000, replace = TRUE), nrow = length(x))))
  },
  groups = function(v) {
    sums <- tapply(v[[2]], v[[3]], sum)
    sizes <- tapply(v[[2]], v[[3]], length)
    n <- length(sums)
    resampled(v[[1]], function() {
      drawn <- matrix(sample(n, n * 10000, replace = TRUE), nrow = n)
      colSums(matrix(sums[drawn], nrow = n)) / colSums(matrix(sizes[drawn], nrow = n))
    })
  },
  beta = function(v) {
    w <- v[[2]]
    close_to(v[[1]], c(w[1] / (w[1] + w[2]), qbeta(c(w[3] / 2, 0.5, 1 - w[3] / 2), w[1], w[2])))
  },
  power = function(v) { # R's own noncentral t is good to about 1e-7
    w <- v[[2]]
    close_to(v[[1]], power.t.test(w[1], w[2], w[3], w[4], type = "paired", strict = TRUE)$power, 1e-6)
  },
  pairs = function(v) {
    w <- v[[2]]
    sum <- 0
    for (a in 0:w[1]) for (b in 0:(w[1] - a)) {
      p <- if (a + b == 0) 1 else min(1, 2 * pbinom(min(a, b), a + b, 0.5))
      if (p <= w[4]) sum <- sum + dmultinom(c(a, b, w[1] - a - b), prob = c(w[2], w[3], 1 - w[2] - w[3]))
    }
    close_to(v[[1]], sum)
  },
  cliff = function(v) {
    w <- suppressWarnings(wilcox.test(v[[2]], v[[3]])$statistic)
    close_to(v[[1]], as.numeric(2 * w / length(v[[2]]) / length(v[[3]]) - 1))
  },
  rank = function(v) {
    d <- v[[2]][v[[2]] != 0]
    positive <- as.numeric(suppressWarnings(wilcox.test(d, exact = FALSE)$statistic))
    total <- length(d) * (length(d) + 1) / 2
    close_to(v[[1]], (2 * positive - total) / total)
  },
  strata = function(v) {
    x <- v[[2]]
    parts <- split(x, v[[3]])
    resampled(v[[1]], function() {
      sums <- Reduce(`+`, lapply(parts, function(part)
        colSums(matrix(part[sample.int(length(part), length(part) * 10000, replace = TRUE)], nrow = length(part)))))
      sums / length(x)
    })
  },
  means = function(v) {
    means <- tapply(v[[2]], v[[3]], mean)
    n <- length(means)
    resampled(v[[1]], function() colMeans(matrix(means[sample(n, n * 10000, replace = TRUE)], nrow = n)))
  },
  clusters = function(v) {
    d <- tapply(v[[2]], v[[3]], sum)
    signs <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(d))))
    close_to(v[[1]], mean(abs(signs %*% d) >= abs(sum(d)) - 1e-9))
  },
  drawn = function(v) { # against the same test with R's own patterns, both within their Monte Carlo error
    d <- v[[2]]
    set.seed(1)
    sums <- abs(d %*% matrix(sample(c(-1, 1), length(d) * 40000, replace = TRUE), nrow = length(d)))
    p <- (sum(sums >= abs(sum(d)) - 1e-9) + 1) / 40001
    close_to(v[[1]][2], mean(d)) && abs(v[[1]][1] - p) <= 6 * sqrt(p * (1 - p) * (1 / 10000 + 1 / 40000)) + 2e-4
  },
  spend = function(v) close_to(v[[1]] * 1e6, v[[2]][2] * 6e6 / (pi^2 * v[[2]][1]^2)),
  lord = function(v) { # LORD++ written out: starting wealth alpha / 2, alpha - w0 for the first rejection, alpha later
    flags <- if (v[[2]][1] < 0) numeric(0) else v[[2]]
    alpha <- v[[3]]
    t <- length(flags) + 1
    gamma <- function(j) lord_shape(j) / lord_sum
    at <- which(flags == 1)
    level <- gamma(t) * alpha / 2
    if (length(at) > 0) level <- level + alpha / 2 * gamma(t - at[1])
    if (length(at) > 1) level <- level + alpha * sum(gamma(t - at[-1]))
    close_to(v[[1]], level, 1e-6)
  },
  pareto = function(v) close_to(v[[1]], peel(do.call(cbind, v[-1]))),
  crowding = function(v) {
    points <- do.call(cbind, v[-(1:2)])
    rank <- v[[2]]
    want <- numeric(length(rank))
    for (r in unique(rank)) {
      on <- which(rank == r)
      want[on] <- crowd(points[on, , drop = FALSE])
    }
    close_to(v[[1]], pmin(want, 1e9))
  },
  greater = function(v) {
    w <- v[[2]]
    f <- function(x) dbeta(x, w[1], w[2]) * pbeta(x, w[3], w[4])
    centre <- w[1] / (w[1] + w[2])
    p <- integrate(f, 0, centre, rel.tol = 1e-11, subdivisions = 2000)$value +
      integrate(f, centre, 1, rel.tol = 1e-11, subdivisions = 2000)$value
    close_to(v[[1]], p, 1e-7)
  },
  size = function(v) { # the first n that reaches it
    w <- v[[2]]
    reach <- function(n) power.t.test(n, w[1], w[2], w[3], type = "paired", strict = TRUE)$power
    n <- v[[1]]
    reach(n) >= w[4] - 1e-6 && (n <= 2 || reach(n - 1) < w[4] + 1e-6)
  },
  mde = function(v) {
    w <- v[[2]]
    abs(power.t.test(w[1], v[[1]], w[2], w[3], type = "paired", strict = TRUE)$power - w[4]) < 1e-5
  },
  few = function(v) { # reached at n; what lies below may reach it by luck, so only n itself is checked
    w <- v[[2]]
    exact_pairs(v[[1]], w[1], w[2], w[3]) >= w[4] - 1e-9 && exact_pairs(v[[1]] - 1, w[1], w[2], w[3]) < w[4] + 1e-9
  },
  dz = function(v) close_to(v[[1]], mean(v[[2]]) / sd(v[[2]])),
  eprocess = function(v) {
    w <- v[[3]]
    close_to(log(v[[1]][1:2]), log(capital(v[[2]], w[1], w[2])[1:2])) && ends_hold(v[[2]], w[2], v[[1]][3], v[[1]][4])
  }
)
not_here <- "bca" # no bootstrap package in r-base-core: scipy checks it
counts <- list()
bad <- list()
input <- file("stdin")
for (line in readLines(input)) {
  kind <- sub(" .*", "", line)
  if (kind %in% not_here) next
  lists <- lapply(strsplit(sub("^[a-z]+ ", "", line), " | ", fixed = TRUE)[[1]],
                  function(part) as.numeric(strsplit(part, " ", fixed = TRUE)[[1]]))
  counts[[kind]] <- (if (is.null(counts[[kind]])) 0 else counts[[kind]]) + 1
  if (!isTRUE(check[[kind]](lists)) && is.null(bad[[kind]])) bad[[kind]] <- line
}
close(input)
number <- 0
for (kind in sort(names(counts))) {
  number <- number + 1
  verdict <- if (is.null(bad[[kind]])) "ok" else "not ok"
  cat(sprintf("%s %d - %s: %d cases against R\n", verdict, number, kind, counts[[kind]]))
  if (!is.null(bad[[kind]])) cat("# first that differs:", bad[[kind]], "\n")
}
cat(sprintf("1..%d\n", number))
quit(status = if (number == length(check) && length(bad) == 0) 0 else 1)
