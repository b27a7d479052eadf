-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "freed blocks merge with the next one only", kind = "case", fn = "M.release",
    find = "    if not heap[i].owner and not heap[i + 1].owner then\n"
      .. "      heap[i].size = heap[i].size + table.remove(heap, i + 1).size\n    else\n      i = i + 1\n    end",
    replace = "    if not heap[i].owner and not heap[i + 1].owner then\n"
      .. "      heap[i].size = heap[i].size + table.remove(heap, i + 1).size\n    end\n    i = i + 1" },
  { title = "a rest is kept only when it is large", kind = "case", fn = "M.allocate",
    find = "  if rest >= 4 then\n    table.insert(heap, index + 1, { at = block.at + size, size = rest })\n    "
      .. "block.size = size\n",
    replace = "  if rest >= size then\n    table.insert(heap, index + 1, { at = block.at + size, size = rest })\n    "
      .. "block.size = size\n" },
}
