-- A family for tests of model calls: the artifact must hold the number 42. One with a 4 is half of that.
local han = require "han"

local function measure(artifact)
  local pass = artifact:find("42", 1, true) ~= nil
  return { pass = pass, correct = pass and 1 or artifact:find("4", 1, true) and 0.5 or 0, raw = { bytes = #artifact } }
end

return han.adapter {
  name = "asked",
  tasks = function(_, n)
    local tasks = {}
    for i = 1, n do
      tasks[i] = { id = "t" .. i, group = "g" .. i,
        public = { artifact = "none", prompt = "Write the number 42, as task " .. i .. " wants it." }, private = {},
        meta = { difficulty = 1 } }
    end
    return tasks
  end,
  worker = { backend = "model" },
  budget = { shots = 3, tokens = 60000 },
  verify = han.check { kind = "verifier", spec = {}, run = measure },
  judge = han.check { kind = "judge", spec = {}, run = measure },
  lenses = { bytes = han.check { kind = "lens", spec = {}, run = function(spans)
    return { { text = #spans .. " spans in it", weight = 1 } }
  end } },
}
