--- han.failure.shown: values as test tools print them (Python's repr, busted's dumps, Lua literals), reduced to what
-- they are made of. kind(text) -> "n", "s", "b", "-" (nil, None), "[n s]", "(n)", "{s:n}" ... or nil when it is no
-- value. Of a container the kinds of its items are told once each, in order; `same` takes an empty one for one of
-- anything.

local lpeg = require "lpeg"

local P, R, S, V, C, Ct, Cc = lpeg.P, lpeg.R, lpeg.S, lpeg.V, lpeg.C, lpeg.Ct, lpeg.Cc

local M = {}

local LONGEST = 20000 -- bytes of a value

local space = S " \t\r\n*" ^ 0 -- busted marks what differs with *
local function quoted(mark) return P(mark) * ((P "\\" * 1) + (1 - S("\n" .. mark))) ^ 0 * mark end
local text = S "bBrRuUfF" ^ -2 * (quoted '"' + quoted "'")
local digits = R "09" ^ 1
local number = S "+-" ^ -1 * (P "0x" * R("09", "af", "AF") ^ 1 + (digits * (P "." * R "09" ^ 0) ^ -1 + P "." * digits)
  * (S "eE" * S "+-" ^ -1 * digits) ^ -1 + P "inf" + P "nan")
local name = (R("az", "AZ") + "_") * (R("az", "AZ", "09") + S "_.") ^ 0
local ending = -(R("az", "AZ", "09") + S "_.")

local function container(open, close)
  return Cc(open .. close) * P(open) * space * Ct((V "item" * space * (S ",;" * space) ^ -1) ^ 0) * P(close)
end

-- What an item of a container is: the kinds of key and value, for a list that of the value. A key in brackets was read
-- as a list, so that nothing is read twice.
local function item_of(key, value)
  if not value then return key end
  return (key:match "^%[(.*)%]$" or key) .. ":" .. value
end

local function container_of(brackets, items)
  local seen, list = {}, {}
  for _, item in ipairs(items) do
    if not seen[item] then
      seen[item] = true
      list[#list + 1] = item
    end
  end
  table.sort(list)
  return brackets:sub(1, 1) .. table.concat(list, " ") .. brackets:sub(2)
end

local grammar = P {
  space * V "value" * space * -1,
  value = Cc "n" * number * ending + Cc "s" * text + Cc "b" * (P "true" + "True" + "false" + "False") * ending
    + Cc "-" * (P "nil" + "None") * ending
    + (container("[", "]") + container("(", ")") + container("{", "}")) / container_of
    + C(name) * P "(" * (1 - P ")") ^ 0 * P ")",
  item = (V "value" + Cc "s" * name * #(space * S "=:")) * (space * S "=:" * space * V "value") ^ -1 / item_of
    + Cc "..." * P "..." * P " more" ^ -1,
}

--- What a shown value is made of, or nil.
function M.kind(shown)
  if #shown > LONGEST then return nil end
  local ok, kind = pcall(lpeg.match, grammar, shown) -- it raises where brackets are nested too deep
  return ok and kind or nil
end

--- Whether two kinds could be those of one function's results.
function M.same(a, b)
  if a == b then return true end
  local brackets = a:sub(1, 1) .. a:sub(-1)
  if not brackets:find "^[%[({][%])}]$" or brackets ~= b:sub(1, 1) .. b:sub(-1) then return false end
  return #a == 2 or #b == 2 or a:find("...", 1, true) ~= nil or b:find("...", 1, true) ~= nil
end

return M
