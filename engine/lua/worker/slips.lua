--- han.worker.slips: weights of the operators of the built-in worker, as data, where every trial is a run of all tests
-- (worker/trials.lua): the small slips of a person first, and of each class what it allows.
return {
  LOGIC = { boundary = 6, number_step = 6, operator_swap = 8, name_swap = 5, argument_swap = 6, negate = 2,
    expression_step = 4, constant_flip = 4, operand_drop = 2, callee_swap = 3, clause_add = 2, initialize = 3,
    condition_replace = 1, expression_copy = 1, literal_swap = 1, other = 0.5 },
  RUNTIME = { default_value = 16, template = 6, guard_return = 5, guard_wrap = 5, clause_add = 5, guard_break = 2,
    guard_assign = 2, guard_error = 1, other = 0.01 },
  CONTRACT = { literal_swap = 16, guard_error = 10, template = 3, clause_add = 4, boundary = 5, operator_swap = 4,
    number_step = 3, name_swap = 3, callee_swap = 3, negate = 2, operand_drop = 2, other = 0.01 },
}
