-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "the first team turns with the others", kind = "offset", fn = "M.fixtures",
    find = "    table.insert(ring, 2, table.remove(ring))",
    replace = "    table.insert(ring, 1, table.remove(ring, n - 1))" },
  { title = "the difference decides before the matches between equals", kind = "order", fn = "M.standings",
    find = "{ x.points - y.points, level[a] - level[b], (x.own - x.other) - (y.own - y.other), x.own - y.own }",
    replace = "{ x.points - y.points, (x.own - x.other) - (y.own - y.other), x.own - y.own, level[a] - level[b] }" },
}
