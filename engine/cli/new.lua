--- han new: writes a commented template that works as it is.

local han = require "han"
local problem = require "han.cli.problem"
local shape = require "han.shape"
local sys = require "han.sys"
local templates = require "han.cli.templates"

local M = {
  name = "new",
  summary = "Write a working template of a strategy, a controller in parts, an adapter or a check.",
  examples = { "han new strategy mine", "han new controller parts", "han new adapter toy" },
}

local kinds = { "adapter", "check", "controller", "strategy" }

local after = {
  strategy = "han script %s --adapter repair --n 5",
  adapter = "han bench ./%s --arms sample,refine --n 6",
  check = "han lint %s",
  controller = "han bench repair --n 10 --arms ./%s,./%s+steer=none",
}

function M.options(parser)
  parser:argument("kind", "strategy, controller (a strategy in parts that can be replaced), adapter or check.")
    :argname("KIND")
  parser:argument("name", "Its name; the file is NAME.lua here."):argname("NAME")
end

function M.run(options, ui)
  local template = templates[options.kind]
  if not template then
    problem.usage("there is no template for '%s'%s", options.kind, shape.hint(options.kind, kinds))
  end
  local name = options.name:gsub("%.lua$", "")
  local why = shape.is_name(name)
  if why then problem.usage("the name %s", why) end
  local path = name .. ".lua"
  if sys.stat(path) then problem.usage("%s is there already and is left as it is; take another name", path) end
  problem.check(sys.write_file(path, (template:gsub("NAME", name)), { new = true }))
  ui:out("wrote %s", path)
  ui:out("next: " .. after[options.kind]:gsub("%%s", path))
  ui:object { schema = 1, kind = options.kind, path = path, version = han.version }
  return 0
end

return M
