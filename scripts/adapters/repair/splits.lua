-- Which base program and which kind of fault belongs to which split. A group is a base program; gate and
-- final hold programs and fault kinds that train and dev never show, so that what was learnt about the
-- injector cannot pass for what was learnt about repair. New programs: append, never move one.
return {
  groups = {
    train = { "calendar", "codec", "csv", "expression", "intervals", "ledger", "matrix", "scheduler", "bigint",
      "checksums", "ini", "json", "loan", "vending", "minesweeper", "statistics" },
    dev = { "bank_queue", "elevator", "graph", "lru", "roman", "textwrap", "options", "spreadsheet" },
    gate = { "brackets", "polynomial", "cron", "duration", "glob", "life", "semver", "voting", "lz", "matching",
      "maze", "music", "allocator", "disk", "huffman", "recipe", "sudoku", "units" },
    final = { "knapsack", "trie", "cipher", "fraction", "morse", "poker", "payroll", "phonetic", "primes", "diff",
      "geometry", "modules", "template", "url", "vm", "inventory", "league", "lisp", "markdown", "regex" },
  },
  kinds = {
    train = { "missing_and_clause", "missing_assign_expression", "missing_call", "missing_if", "missing_part",
      "wrong_condition", "wrong_value", "wrong_variable" },
    gate = { "missing_assign_value", "missing_if_around", "swapped_arguments", "wrong_arithmetic" },
    final = { "missing_else", "missing_init", "missing_or_clause", "wrong_order" },
  },
  -- dev shares the kinds of train: authors validate on what they may learn from, with other programs.
  kinds_of = { train = "train", dev = "train", gate = "gate", final = "final" },
}
