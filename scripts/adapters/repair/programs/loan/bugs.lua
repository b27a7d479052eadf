-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "interest is taken on what is left after the payment", kind = "order", fn = "M.remaining",
    find = "    balance = balance + M.interest(balance, rate) - payment\n",
    replace = "    balance = balance - payment\n    balance = balance + M.interest(balance, rate)\n" },
  { title = "the cap on the fee is forgotten, what is saved stays above nothing", kind = "case", fn = "M.settle",
    find = "  if charge > to_come then\n    charge = to_come\n  end\n  return row.balance + charge, to_come - charge",
    replace = "  return row.balance + charge, math.max(0, to_come - charge)" },
}
