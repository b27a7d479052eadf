-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "the first distance found is kept", kind = "logic", fn = "M.distances",
    find = "      if not known or through < known or (through == known and before[node] and at < before[node]) then",
    replace = "      if not known or (through == known and before[node] and at < before[node]) then" },
  { title = "nodes are joined, not their groups", kind = "state", fn = "M.spanning",
    find = "      leader[b] = a",
    replace = "      leader[edges[i][2]] = edges[i][1]" },
}
