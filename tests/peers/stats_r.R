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
