--- han.worker.fixes: what the built-in worker knows of patches, as data: for each class of failure templates of fixes
-- (worker/template.lua: @k is the k-th name of what stands there, $k another visible name, ` a text of the program;
-- with `insert` they go before the statement) and the weights of its operators. `other` is the weight of those that are
-- not named: what a class does not allow is refused by han.patch in any case, and weights only save the trying.
return {
  RUNTIME = {
    templates = {
      { kind = "name", text = "(@1 or 0)", weight = 4 },
      { kind = "name", text = "(@1 or {})", weight = 2 },
      { kind = "name", text = "(@1 or \"\")", weight = 2 },
      { kind = "name", text = "(@1 or $1)", weight = 1 },
      { kind = "local", insert = true, text = "if @1 == nil then return nil end", weight = 2 },
      { kind = "local", insert = true, text = "if $1 == nil then return nil end", weight = 2 },
      { kind = "return", insert = true, text = "if @1 == nil then return nil end", weight = 2 },
      { kind = "return", insert = true, text = "if @1 == nil then return $1 end", weight = 2 },
      { kind = "return", insert = true, text = "if not @1 then return false end", weight = 1 },
      { kind = "assign", insert = true, text = "if @1 == nil then @1 = 0 end", weight = 2 },
      { kind = "assign", insert = true, text = "if @1 == nil then @1 = {} end", weight = 2 },
      { kind = "if", insert = true, text = "if @1 == nil then return nil end", weight = 2 },
      { kind = "while", insert = true, text = "if @1 == nil then return nil end", weight = 1 },
      { kind = "fornum", insert = true, text = "if @1 == nil then return nil end", weight = 1 },
    },
    weights = { template = 6, default_value = 5, guard_return = 6, guard_wrap = 6, guard_break = 3, guard_error = 2,
      guard_assign = 3, clause_add = 8, other = 0.01 },
  },
  CONTRACT = {
    templates = {
      { kind = "return", insert = true, text = "if @1 == nil then error(`, 0) end", weight = 2 },
      { kind = "return", insert = true, text = "if type(@1) ~= \"number\" then error(`, 0) end", weight = 1 },
      { kind = "return", insert = true, text = "if type(@1) ~= \"string\" then error(`, 0) end", weight = 1 },
      { kind = "local", insert = true, text = "if $1 == nil then error(`, 0) end", weight = 2 },
      { kind = "local", insert = true, text = "if type($1) ~= \"number\" then error(`, 0) end", weight = 1 },
      { kind = "local", insert = true, text = "if type($1) ~= \"string\" then error(`, 0) end", weight = 1 },
      { kind = "if", insert = true, text = "if $1 == nil then error(`, 0) end", weight = 1 },
    },
    weights = { template = 3, guard_error = 10, clause_add = 6, boundary = 6, number_step = 3, condition_replace = 4,
      literal_swap = 4, operator_swap = 3, name_swap = 4, negate = 2, statement_copy = 3, statement_delete = 1,
      operand_drop = 2, other = 0.01 },
  },
  LOGIC = { templates = {}, weights = nil, -- what the profile says
    -- under a tight constraint: of the operators those that change an expression, for no other is allowed
    tight = { number_step = 3, name_swap = 3, boundary = 3, operator_swap = 3, literal_swap = 2, clause_add = 4,
      condition_replace = 2, expression_copy = 2, expression_step = 2, operand_drop = 1, constant_flip = 1,
      argument_swap = 1, argument_change = 1, callee_swap = 1, clamp = 1, negate = 1, default_value = 1, other = 0 } },
}
