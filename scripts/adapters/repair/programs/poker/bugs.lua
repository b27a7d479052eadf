-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "the low ace makes a straight up to the ace", kind = "case", fn = "M.straight",
    find = "  elseif top == 14 and groups[2][2] == 5 then\n    return 5\n  end",
    replace = "  elseif top == 14 and groups[2][2] - bottom == 3 then\n    return top\n  end" },
  { title = "a flush is looked for before four and three of a kind, straights last", kind = "order", fn = "M.rate",
    find = "  if top then\n    return flush and \"straight flush\" or \"straight\", { top }\n  elseif",
    replace = "  if flush then\n    return \"flush\", ranks\n  elseif top then\n    return \"straight\", { top }\n  "
      .. "elseif" },
}
