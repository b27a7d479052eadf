# Checks the cases on standard input (tests/peers/stats_cases.lua) against R, as TAP: exact methods to
# 1e-9, the bootstrap within six Monte Carlo errors of R's own resampling.
close_to <- function(got, want, tolerance = 1e-9) all(abs(got - want) <= tolerance * pmax(1, abs(want)))
split_at_bar <- function(words) {
  bar <- which(words == "|")
  list(as.numeric(words[seq_len(bar - 1)]), as.numeric(words[seq.int(bar + 1, length(words))]))
}
check <- list(
  sign = function(words) {
    v <- as.numeric(words)
    close_to(v[3], binom.test(v[1], v[1] + v[2])$p.value)
  },
  clopper = function(words) {
    v <- as.numeric(words)
    close_to(v[4:5], as.numeric(binom.test(v[1], v[2], conf.level = 1 - v[3])$conf.int))
  },
  wilson = function(words) {
    v <- as.numeric(words)
    test <- suppressWarnings(prop.test(v[1], v[2], conf.level = 1 - v[3], correct = FALSE))
    close_to(v[4:5], as.numeric(test$conf.int))
  },
  bh = function(words) {
    s <- split_at_bar(words)
    close_to(s[[2]], p.adjust(s[[1]], "BH"))
  },
  holm = function(words) {
    s <- split_at_bar(words)
    close_to(s[[2]], p.adjust(s[[1]], "holm"))
  },
  boot = function(words) {
    s <- split_at_bar(words)
    x <- s[[2]]
    ends <- sapply(1:4, function(seed) {
      set.seed(seed)
      means <- colMeans(matrix(sample(x, length(x) * 20000, replace = TRUE), nrow = length(x)))
      c(quantile(means, c(0.025, 0.975), names = FALSE), sd(means))
    })
    spread <- pmax(apply(ends, 1, sd), s[[1]][3] * c(0.019, 0.019, 0.005))
    all(abs(s[[1]] - rowMeans(ends)) < 6 * spread)
  }
)
counts <- list()
bad <- list()
input <- file("stdin")
for (line in readLines(input)) {
  words <- strsplit(line, " ", fixed = TRUE)[[1]]
  kind <- words[1]
  counts[[kind]] <- (if (is.null(counts[[kind]])) 0 else counts[[kind]]) + 1
  if (!isTRUE(check[[kind]](words[-1])) && is.null(bad[[kind]])) bad[[kind]] <- line
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
