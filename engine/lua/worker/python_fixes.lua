--- han.worker.python_fixes: what the built-in worker knows of mistakes in Python, as data. In texts $P is a parameter
-- or a name that is read, $E an exception, $M a message; `to` lists what a sign may become, the likeliest first.

local M = {}

M.COMPARE = {
  Lt = { text = "<", to = { "LtE", "Gt", "GtE", "NotEq" } }, LtE = { text = "<=", to = { "Lt", "GtE", "Gt", "Eq" } },
  Gt = { text = ">", to = { "GtE", "Lt", "LtE", "NotEq" } }, GtE = { text = ">=", to = { "Gt", "LtE", "Lt", "Eq" } },
  Eq = { text = "==", to = { "NotEq", "LtE", "GtE" } }, NotEq = { text = "!=", to = { "Eq", "Lt", "Gt" } },
  In = { text = "in", to = { "NotIn" } }, NotIn = { text = "not in", to = { "In" } },
  Is = { text = "is", to = { "IsNot", "Eq" } }, IsNot = { text = "is not", to = { "Is", "NotEq" } },
}

M.BINARY = {
  Add = { text = "+", to = { "-", "*" } }, Sub = { text = "-", to = { "+", "//" } },
  Mult = { text = "*", to = { "+", "/", "**", "//" } }, Div = { text = "/", to = { "//", "*", "%" } },
  FloorDiv = { text = "//", to = { "/", "%", "*" } }, Mod = { text = "%", to = { "//", "/" } },
  Pow = { text = "**", to = { "*" } }, BitAnd = { text = "&", to = { "|", "^" } },
  BitOr = { text = "|", to = { "&", "^" } }, BitXor = { text = "^", to = { "&", "|" } },
  LShift = { text = "<<", to = { ">>" } }, RShift = { text = ">>", to = { "<<" } },
}
M.ORDERED = { Sub = true, Div = true, FloorDiv = true, Mod = true, Pow = true } -- a op b is not b op a

-- Names that are taken for each other.
M.SIBLINGS = {}
for pair in ([[min/max any/all append/extend lower/upper floor/ceil sorted/reversed keys/values keys/items values/items
  int/float int/round add/update startswith/endswith lstrip/rstrip strip/rstrip strip/lstrip find/rfind index/rindex
  split/rsplit union/intersection sum/len sum/max first/last left/right start/end start/stop]]):gmatch "%S+" do
  local a, b = pair:match "^(.-)/(.*)$"
  for from, to in pairs { [a] = b, [b] = a } do
    M.SIBLINGS[from] = M.SIBLINGS[from] or {}
    table.insert(M.SIBLINGS[from], to)
  end
end
for _, list in pairs(M.SIBLINGS) do table.sort(list) end

M.CONVERSIONS = { "int", "str", "float", "list", "tuple", "bool", "sorted", "set", "dict" }
M.ERRORS = { "ValueError", "TypeError", "KeyError", "IndexError" }

-- Before a statement; `loop`: in a loop only.
M.GUARDS = {
  { weight = 2, text = "if $P is None:\n    return None" }, { weight = 1, text = "if not $P:\n    return None" },
  { weight = 2, text = "if not $P:\n    return 0" }, { weight = 1, text = "if not $P:\n    return []" },
  { weight = 1, text = "if not $P:\n    return \"\"" }, { weight = 1, text = "if not $P:\n    return False" },
  { weight = 1, text = "if not $P:\n    return $P" },
  { weight = 2, text = "if $P is None:\n    continue", loop = true },
  { weight = 2, text = "if not $P:\n    continue", loop = true },
}

local function ways_out(op, conditions, values)
  local list = {}
  for condition in conditions:gmatch "[^;]+" do
    for given in values:gmatch "[^;]+" do
      list[#list + 1] = { op = op, weight = 0.5, text = ("if %s:\n    return %s"):format(condition, given) }
    end
  end
  return list
end

-- At the top of a function: an early way out; of one that calls itself, where that ends.
M.EARLY = ways_out("early_return", "not $P;$P is None;$P <= 0", "None;0;[];\"\";False;$P")
M.BASES = ways_out("base_case", "$P <= 1;$P <= 0;$P == 0;not $P;len($P) <= 1;$P is None",
  "1;0;$P;[];None;\"\";True;False")

M.VALIDATION = {}
for condition in ([[$P is None;not $P;$P < 0;$P <= 0;not isinstance($P, int);not isinstance($P, (int, float));
not isinstance($P, str);not isinstance($P, list);not isinstance($P, dict)]]):gmatch "[^;\n]+" do
  table.insert(M.VALIDATION, { op = "validation", weight = 1, text = "if " .. condition .. ":\n    raise $E($M)" })
end

return M
