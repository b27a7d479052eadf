-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "cells change while others are still counted", kind = "state", fn = "M.step",
    find = "      after[place] = fate[count + 1] or nil\n    end\n  end\n  return { alive = after,",
    replace = "      after[place] = fate[count + 1] or nil\n      board.alive[place] = after[place]\n    end\n  end\n"
      .. "  return { alive = after," },
  { title = "only the turn before is compared", kind = "state", fn = "M.fate",
    find = "    seen[key] = turn\n",
    replace = "    seen = { [key] = turn }\n" },
}
